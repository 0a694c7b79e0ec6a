package pipelines

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"

	story "merit/connectors/sandbox/company"
	"merit/models"
	"merit/pipelines/calendar"
	"merit/pipelines/plan"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

var (
	auditCompanies = flag.Int("audit-companies", 2, "invented companies that the flag rules are tried on, with cheats and without")
	auditSeed      = flag.Uint64("audit-seed", 1, "the first company's seed")
)

// The bench's plan is its own: a rule's number must not move because the starter
// plan does.
const auditPlan = `versions:
  - version: "1"
    effective_from: 2024-01-01
    roles:
      ae: {metrics: {stage_advances: {weight: 60, floor: 5, target: 20}, qualified_touch_rate: {weight: 40, floor: 0.2, target: 0.6}}}
      sdr: {metrics: {calls_logged: {weight: 50, target: 2000}, qualified_touch_rate: {weight: 50, floor: 0.1, target: 0.4}}}
      csm: {metrics: {qualified_touch_rate: {weight: 50, floor: 0.2, target: 0.6}, stage_advances: {weight: 50, target: 40}}}
      partner: {metrics: {stage_advances: {weight: 100, target: 15}}}
    tiers: [{tier: bronze, from: 80, multiplier: 0.5}]
`

// A tally counts what a rule did with people who gave cause to it and with those who
// only looked like it.
type tally struct {
	planted, found   int // cheats
	alike, suspected int // honest look-alikes
	falsely          int // others who cheated in nothing and were flagged by the rule
	reps, high       int
}

// The rules find what is planted in invented companies, and leave alone who only
// looks like it. Run with -audit-companies 200 for rates that mean something; with a
// few companies what is asked for is that nothing is missed by much.
func TestFlagRulesFindWhatIsPlanted(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	tallies := map[string]*tally{}
	for _, rule := range story.Rules() {
		tallies[rule] = &tally{}
	}
	all := &tally{}
	stories := map[string]*tally{}
	for i := range *auditCompanies {
		seed := *auditSeed + uint64(i)
		flagged := auditCompany(t, graph, seed, "all")
		flagged.count(t, tallies, stories)
		auditCompany(t, graph, seed, "none").countHigh(all)
	}
	printTallies(t, tallies, stories, all)
	writeTable(t, tallies, all)
	for _, rule := range story.Rules() {
		n := tallies[rule]
		if n.planted == 0 {
			t.Errorf("%s was never planted", rule)
			continue
		}
		if n.recall() < 0.95 && n.planted-n.found > 1 {
			t.Errorf("%s finds %d of %d", rule, n.found, n.planted)
		}
		if n.falseDiscoveries() > 0.10 && n.falsely+n.suspected > 1 {
			t.Errorf("%s flags %d who gave no cause, %d of them look-alikes, beside %d who did", rule, n.falsely+n.suspected, n.suspected, n.found)
		}
	}
	if all.high > 1 && float64(all.high) > 0.01*float64(all.reps) {
		t.Errorf("without cheats %d of %d people have a flag of severity high", all.high, all.reps)
	}
}

func (n *tally) recall() float64 { return float64(n.found) / float64(n.planted) }

// falseDiscoveries is the share of the flagged who gave no cause.
func (n *tally) falseDiscoveries() float64 {
	return float64(n.suspected+n.falsely) / float64(max(1, n.found+n.suspected+n.falsely))
}

func printTallies(t *testing.T, tallies, stories map[string]*tally, all *tally) {
	t.Helper()
	t.Logf("%d companies with cheats, and the same without", *auditCompanies)
	t.Logf("%-24s %7s %7s %7s %8s %10s %7s %16s", "rule", "planted", "found", "recall", "alike", "suspected", "others", "false discoveries")
	for _, rule := range story.Rules() {
		n := tallies[rule]
		t.Logf("%-24s %7d %7d %6.1f%% %8d %10d %7d %15.1f%%", rule, n.planted, n.found, 100*n.recall(), n.alike, n.suspected, n.falsely, 100*n.falseDiscoveries())
	}
	for _, name := range slices.Sorted(maps.Keys(stories)) {
		t.Logf("  %-70s %4d, flagged %4d", name, stories[name].alike, stories[name].suspected)
	}
	t.Logf("without cheats: %d of %d people have a flag of severity high (%.2f%%)", all.high, all.reps, 100*float64(all.high)/float64(max(1, all.reps)))
}

// An audit is what the rules said of one company.
type audit struct {
	story *story.Company
	seed  uint64
	flags map[[2]string]bool // rule, rep: in any quarter
	high  map[string]string  // by rep, a rule
	why   map[[2]string]string
}

func auditCompany(t *testing.T, graph *model.Graph, seed uint64, cheats string) audit {
	t.Helper()
	c := story.AcmeInFull(story.Plot{Seed: seed, Size: 3600, Cheats: []string{cheats}})[0]
	return judge(t, graph, c, seed)
}

func judge(t *testing.T, graph *model.Graph, c *story.Company, seed uint64) audit {
	t.Helper()
	// Every other company has a CRM that does not say by what a change was made.
	s := stage(c, seed%2 == 0)
	job := &Job{Graph: graph, Contract: graph.Contract(), seen: func(Event) {}}
	p, err := plan.Parse("plan.yml", []byte(auditPlan), job.Known())
	if err != nil {
		t.Fatal(err)
	}
	wh, err := duckdb.Open("", "2GB")
	if err != nil {
		t.Fatal(err)
	}
	defer wh.Close()
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	in := plan.Inputs{
		Plan: p, Calendar: calendar.Calendar{Zone: zone, StartMonth: time.January}, Currency: "USD", Sources: []string{stagedSource}, AsOf: c.Now,
		Rules: settingsOf(graph.Rules()), Settable: settingsOf(graph.Settable()), Roster: rosterOf(c),
	}
	if in.First, err = in.Calendar.Parse("2025-Q4"); err != nil {
		t.Fatal(err)
	}
	for _, r := range job.Contract {
		if r.Schema == "staging" {
			in.Streams = append(in.Streams, plan.Stream{Source: stagedSource, Name: r.Name, State: plan.Fresh})
		}
	}
	tables := in.Tables()
	for _, r := range job.Contract {
		rows := tables[r.Name]
		if r.Schema != "plan" {
			rows = s.of(r)
		}
		if err := wh.Put(t.Context(), r, slices.Values(rows)); err != nil {
			t.Fatalf("%s: %v", r, err)
		}
	}
	if err := graph.Build(t.Context(), wh, upTo(t, graph, wh, "audits.flagged", []string{"stage_advances", "qualified_touch_rate", "calls_logged"}), nil); err != nil {
		t.Fatal(err)
	}
	return readAudit(t, wh, c, seed)
}

// readAudit reads what the rules said.
func readAudit(t *testing.T, wh warehouse.Warehouse, c *story.Company, seed uint64) audit {
	t.Helper()
	a := audit{story: c, seed: seed, flags: map[[2]string]bool{}, high: map[string]string{}, why: map[[2]string]string{}}
	for row, err := range wh.Query(t.Context(), "select flagged.rule, flagged.rep_id, flagged.severity, flagged.suspects, flagged.looked_at, flagged.measure, flagged.usual, flagged.threshold, "+
		"(select max(c.detail) from audits.flag_candidates as c where c.rule = flagged.rule and c.rep_id = flagged.rep_id and c.is_suspect) as detail from audits.flagged") {
		if err != nil {
			t.Fatal(err)
		}
		key := [2]string{row.Text("rule"), row.Text("rep_id")}
		a.flags[key] = true
		a.why[key] = fmt.Sprintf("%s of %s, %s where %s is usual, threshold %s: %s", row.Text("suspects"), row.Text("looked_at"), row.Text("measure"), row.Text("usual"), row.Text("threshold"), row.Text("detail"))
		if row.Text("severity") == "high" {
			a.high[row.Text("rep_id")] = row.Text("rule")
		}
	}
	return a
}

// upTo are the models that one stands on and itself, in their order. Metrics that the
// plan does not score are none of them: they stay empty.
func upTo(t *testing.T, graph *model.Graph, wh warehouse.Warehouse, last string, scored []string) []string {
	t.Helper()
	wanted := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		m := graph.Model(name)
		if m == nil || wanted[name] {
			return
		}
		if m.Header.Metric != nil && !slices.Contains(scored, m.Short()) {
			r := m.Relation()
			r.IsView = false
			if err := wh.Put(t.Context(), r, slices.Values([][]any(nil))); err != nil {
				t.Fatal(err)
			}
			return
		}
		wanted[name] = true
		for _, need := range m.Needs {
			visit(need)
		}
	}
	visit(last)
	var names []string
	for _, m := range graph.Models() {
		if wanted[m.Name] {
			names = append(names, m.Name)
		}
	}
	return names
}

func repOf(user int) string { return fmt.Sprintf("r%d", user) }

func rosterOf(c *story.Company) []plan.Rep {
	var roster []plan.Rep
	for i, u := range c.Users {
		if !slices.Contains([]string{"ae", "sdr", "csm", "partner"}, u.Role) {
			continue
		}
		rep := plan.Rep{
			ID: repOf(i), Name: u.Name, Email: u.Email, Role: u.Role, Team: u.Team, Region: u.Region, Shift: c.Roster[i].Shift, ValidFrom: dayOf(u.CreatedAt),
			BonusTarget: apd.New(1000, 0), Currency: "USD", Users: []plan.UserKey{{Source: stagedSource, Key: fmt.Sprintf("u%d", i)}},
		}
		if u.LeftAt != 0 {
			left := dayOf(u.LeftAt)
			rep.ValidTo = &left
		}
		for _, days := range c.Roster[i].Leave {
			from, to, _ := strings.Cut(days, "..")
			first, err := time.Parse(time.DateOnly, from)
			if err != nil {
				panic(err) // the story writes dates
			}
			last, err := time.Parse(time.DateOnly, to)
			if err != nil {
				panic(err)
			}
			rep.Leave = append(rep.Leave, plan.DateRange{From: first, To: last})
		}
		roster = append(roster, rep)
	}
	return roster
}

// count says of each person whom the truth names, and of all others, what the rule of
// that truth did.
func (a audit) count(t *testing.T, tallies, stories map[string]*tally) {
	named := map[[2]string]bool{}
	for _, truth := range a.story.Truth {
		n, key := tallies[truth.Rule], [2]string{truth.Rule, repOf(truth.User)}
		named[key] = true
		if truth.IsCheat {
			n.planted++
			if a.flags[key] {
				n.found++
			} else {
				t.Logf("seed %d: %s misses %s (%s, %d records)", a.seed, truth.Rule, key[1], truth.Story, len(truth.Deals)+len(truth.Calls))
			}
			continue
		}
		name := truth.Rule + ": " + truth.Story
		if stories[name] == nil {
			stories[name] = &tally{}
		}
		n.alike++
		stories[name].alike++
		if a.flags[key] {
			n.suspected++
			t.Logf("seed %d: %s suspects %s, who %s: %s", a.seed, truth.Rule, key[1], truth.Story, a.why[key])
			stories[name].suspected++
		}
	}
	// What a cheat's doing shows by another rule, too, is no false discovery.
	cheats := map[string]bool{}
	for _, truth := range a.story.Truth {
		cheats[repOf(truth.User)] = cheats[repOf(truth.User)] || truth.IsCheat
	}
	for key := range a.flags {
		if n := tallies[key[0]]; n != nil && !named[key] && !cheats[key[1]] {
			n.falsely++
			t.Logf("seed %d: %s of %s, who cheated in nothing: %s", a.seed, key[0], key[1], a.why[key])
		}
	}
}

// countHigh counts the people of a company without cheats who have a flag that holds
// their pay.
func (a audit) countHigh(all *tally) {
	for _, u := range a.story.Users {
		if slices.Contains([]string{"ae", "sdr", "csm", "partner"}, u.Role) {
			all.reps++
		}
	}
	all.high += len(a.high)
}

package pipelines

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"

	"merit/models"
	"merit/pipelines/calendar"
	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

var (
	moreWorkCompanies = flag.Int("companies", 6, "companies of the property that more work never scores less")
	moreWorkRows      = flag.Int("rows", 8, "favourable records that each of their reps gets, one after the other")
	moreWorkSeed      = flag.Uint64("seed", 1, "the first company's seed")
)

// More work never scores less: whatever the plan, the records so far and what is
// unknown about them, one more record in somebody's favour lowers neither the score
// nor the tier nor what is paid. A rate may fall where it is scored for the first
// time: then the score moves to what is measured. The scores are the models', and
// payouts computes them again in exact decimals.
func TestAFavourableRecordNeverLowersAScore(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	for i := range *moreWorkCompanies {
		seed := *moreWorkSeed + uint64(i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			c := inventCompany(t, graph, seed)
			before := c.results(t)
			for range *moreWorkRows {
				added := c.addFavourable()
				after := c.results(t)
				for rep, metric := range added {
					if why := lowered(before[rep], after[rep], metric, c.known[metric].Kind); why != "" {
						t.Fatalf("seed %d: a favourable record of %s lowers %s: %s\nplan:\n%s", seed, metric, rep, why, c.text)
					}
				}
				before = after
			}
		})
	}
}

// Who does nothing reaches no tier, in every role of the plan that a new project
// begins with, and is not paid.
func TestNothingDoneReachesNoTierInAnyRoleOfTheStarterPlan(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../cmd/merit/starter/plan.yml")
	if err != nil {
		t.Fatal(err)
	}
	c := newCompany(graph)
	c.text = string(text)
	c.build(t, func(in *plan.Inputs) {
		for _, r := range c.job.Contract {
			if r.Schema == "staging" {
				in.Streams = append(in.Streams, plan.Stream{Source: "crm", Name: r.Name, State: plan.Fresh})
			}
		}
		for _, role := range c.version.RoleNames() {
			c.roles[role] = role
			in.Roster = append(in.Roster, plan.Rep{ID: role, Name: role, Role: role, ValidFrom: in.First.StartsOn, BonusTarget: apd.New(1000, 0), Currency: "USD", Users: []plan.UserKey{{Source: "crm", Key: role}}})
			in.Quotas = append(in.Quotas, plan.Quota{RepID: role, Period: "2026-Q1", Potential: apd.New(1000, 0)})
		}
	})
	results := c.results(t)
	if len(results) < 4 {
		t.Fatalf("%d roles", len(results))
	}
	for role, r := range results {
		if r.Tier != "" || r.line.State != payouts.NotEligible || !r.line.Amount.IsZero() {
			t.Errorf("%s: score %s, tier %q, %s %s: %s", role, r.Score, r.Tier, r.line.State, r.line.Amount.Text(), r.line.Reason)
		}
	}
}

// A company is a random plan, twenty people and their random records.
type company struct {
	*rand.Rand
	known    plan.Known
	text     string
	version  plan.Version
	job      *Job
	evidence warehouse.Relation
	rows     [][]any
	roles    map[string]string // of the people
	names    []string          // of the models that are built from the records
}

func inventCompany(t *testing.T, graph *model.Graph, seed uint64) *company {
	t.Helper()
	c := newCompany(graph)
	c.Rand = rand.New(rand.NewPCG(seed, 16))
	c.text = c.inventPlan()
	c.build(t, c.invent)
	return c
}

func newCompany(graph *model.Graph) *company {
	c := &company{roles: map[string]string{}, job: &Job{Graph: graph, Contract: graph.Contract(), seen: func(Event) {}}}
	c.known = c.job.Known()
	return c
}

// build puts the plan and the people into a warehouse.
func (c *company) build(t *testing.T, people func(*plan.Inputs)) {
	t.Helper()
	p, err := plan.Parse("plan.yml", []byte(c.text), c.known)
	if err != nil {
		t.Fatalf("%v\n%s", err, c.text)
	}
	if c.job.Warehouse, err = duckdb.Open("", "1GB"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.job.Warehouse.Close() })
	c.version = p.Versions[0]
	in := plan.Inputs{Plan: p, Calendar: calendar.Calendar{Zone: time.UTC, StartMonth: time.January}, Currency: "USD", Sources: []string{"crm"}}
	if in.First, err = in.Calendar.Parse("2026-Q1"); err != nil {
		t.Fatal(err)
	}
	in.AsOf = in.First.EndsOn
	people(&in)
	tables := in.Tables()
	for _, r := range c.job.Contract {
		rows := tables[r.Name]
		if r.Schema != "plan" {
			rows = nil
		}
		if r.String() == "staging.users" {
			rows = c.users(r)
		}
		if err := c.job.Warehouse.Put(t.Context(), r, slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
	}
	c.names = scoring(c.job.Graph)
	c.evidence = c.job.Graph.Model("scores.metric_evidence").Relation()
	c.evidence.IsView, c.evidence.Columns = false, slices.Clone(c.evidence.Columns)
	for i := range c.evidence.Columns {
		c.evidence.Columns[i].Nullable = true
	}
}

// scoring are the models from the records on to the scores, in their order.
func scoring(graph *model.Graph) []string {
	wanted := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if m := graph.Model(name); m != nil && name != "scores.metric_evidence" && !wanted[name] {
			wanted[name] = true
			for _, need := range m.Needs {
				visit(need)
			}
		}
	}
	visit("scores.rep_scores")
	var names []string
	for _, m := range graph.Models() {
		if wanted[m.Name] {
			names = append(names, m.Name)
		}
	}
	return names
}

func (c *company) inventPlan() string {
	var b strings.Builder
	fmt.Fprintf(&b, "versions:\n  - version: \"1\"\n    effective_from: 2026-01-01\n    minimum_weight: %d\n    below_minimum_weight: %s\n    roles:\n",
		c.IntN(10)*10, c.oneOf("unpaid", "hold"))
	var metrics []string
	for name := range c.known {
		metrics = append(metrics, name)
	}
	slices.Sort(metrics)
	for role := range 4 {
		fmt.Fprintf(&b, "      role%d:\n        metrics:\n", role)
		left, mix := 100, 2+c.IntN(4)
		for i, at := range c.Perm(len(metrics))[:mix] {
			weight := left
			if i < mix-1 {
				weight = c.IntN(left + 1)
			}
			left -= weight
			fmt.Fprintf(&b, "          %s: {weight: %d, %s, when_missing: %s}\n", metrics[at], weight, c.inventRule(metrics[at]), c.oneOf("redistribute", "zero", "hold"))
		}
	}
	b.WriteString("    parameters:\n      qualified_opportunities: {lead_source: Web}\n    tiers:\n      - {tier: bronze, from: 40, multiplier: 0.5}\n      - {tier: silver, from: 70, multiplier: 0.8}\n      - {tier: gold, from: 100, multiplier: 1}\n")
	return b.String()
}

// inventRule is a floor and a target in the metric's own direction.
func (c *company) inventRule(metric string) string {
	low, high := c.IntN(4), 5+c.IntN(10)
	if c.isLess(metric) {
		low, high = high, low
	}
	rule := fmt.Sprintf("floor: %d, target: %d, cap: %d", low, high, 100+c.IntN(3)*10)
	switch {
	case c.known[metric].Kind != "sum":
		rule += fmt.Sprintf(", min_samples: %d", c.IntN(5))
	case c.IntN(3) == 0:
		rule += ", normalise: potential"
	}
	return rule
}

func (c *company) isLess(metric string) bool {
	return c.job.Graph.Model("metrics."+metric).Header.Metric.Better == "lower"
}

func (c *company) oneOf(words ...string) string { return words[c.IntN(len(words))] }

// invent are people with their records so far, some of them of unknown worth, and
// streams of which some were not read.
func (c *company) invent(in *plan.Inputs) {
	states := map[string]plan.StreamState{}
	for _, r := range c.job.Contract {
		if r.Schema != "staging" {
			continue
		}
		states[r.Name] = plan.Fresh
		if c.IntN(12) == 0 {
			states[r.Name] = plan.LeftOut
		}
		in.Streams = append(in.Streams, plan.Stream{Source: "crm", Name: r.Name, State: states[r.Name]})
	}
	for i := range 20 {
		rep := fmt.Sprintf("rep%02d", i)
		c.roles[rep] = fmt.Sprintf("role%d", i%4)
		in.Roster = append(in.Roster, plan.Rep{ID: rep, Name: rep, Role: c.roles[rep], ValidFrom: in.First.StartsOn, BonusTarget: apd.New(1000, 0), Currency: "USD", Users: []plan.UserKey{{Source: "crm", Key: rep}}})
		if c.IntN(4) > 0 {
			in.Quotas = append(in.Quotas, plan.Quota{RepID: rep, Period: "2026-Q1", Potential: apd.New(int64(100+c.IntN(900)), 0)})
		}
		for _, metric := range c.version.Roles[c.roles[rep]].MetricNames() {
			for range c.IntN(5) {
				var unknown any
				if c.IntN(20) == 0 {
					unknown = "value unknown"
				}
				c.add(rep, metric, c.IntN(12), unknown)
			}
		}
	}
}

// users are everybody's, so that what the CRM does not have did not happen.
func (c *company) users(r warehouse.Relation) [][]any {
	var rows [][]any
	for rep := range c.roles {
		values := map[string]any{"source": "crm", "user_id": rep, "is_active": true}
		var row []any
		for _, column := range r.Columns {
			row = append(row, values[column.Name])
		}
		rows = append(rows, row)
	}
	return rows
}

// addFavourable gives everybody one more record in the own favour, of a metric of
// the own mix, and says of which.
func (c *company) addFavourable() map[string]string {
	added := map[string]string{}
	for _, rep := range slices.Sorted(func(yield func(string) bool) {
		for rep := range c.roles {
			if !yield(rep) {
				return
			}
		}
	}) {
		names := c.version.Roles[c.roles[rep]].MetricNames()
		metric := names[c.IntN(len(names))]
		best := 1000 // above every other record
		switch {
		case c.isLess(metric):
			best = 0
		case c.known[metric].Kind == "sum":
			best = 1 + c.IntN(5)
		}
		c.add(rep, metric, best, nil)
		added[rep] = metric
	}
	return added
}

func (c *company) add(rep, metric string, numerator int, unknown any) {
	at := time.Date(2026, 1, 1+c.IntN(89), c.IntN(24), 0, 0, 0, time.UTC)
	values := map[string]any{
		"metric": metric, "source": "crm", "rep_id": rep, "occurred_at": at, "record_type": "deal", "record_id": fmt.Sprint(len(c.rows)),
		"numerator": fmt.Sprint(numerator), "denominator": "1", "is_truncated": false, "detail": "a record", "unknown_reason": unknown, "is_excluded": false,
	}
	var row []any
	for _, column := range c.job.Graph.Model("scores.metric_evidence").Columns {
		row = append(row, values[column.Name])
	}
	c.rows = append(c.rows, row)
}

// A result is somebody's score, with which of the metrics are scored and the line
// that comes of it.
type result struct {
	payouts.Standing
	line   payouts.Line
	scored map[string]bool
}

func (c *company) results(t *testing.T) map[string]result {
	t.Helper()
	if err := c.job.Warehouse.Put(t.Context(), c.evidence, slices.Values(c.rows)); err != nil {
		t.Fatal(err)
	}
	if err := c.job.Graph.Build(t.Context(), c.job.Warehouse, c.names, nil); err != nil {
		t.Fatal(err)
	}
	standings, _, err := c.job.results().Standings(t.Context(), "2026-Q1")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := payouts.Lines(standings, ledger.PayRules(c.version)) // which computes the scores again
	if err != nil {
		t.Fatalf("%v\n%s", err, c.text)
	}
	results := map[string]result{}
	for i, s := range standings {
		results[s.RepID] = result{s, lines[i], map[string]bool{}}
	}
	for row, err := range c.job.Warehouse.Query(context.Background(), "select rep_id, metric from scores.metric_values where is_scored") {
		if err != nil {
			t.Fatal(err)
		}
		results[row.Text("rep_id")].scored[row.Text("metric")] = true
	}
	return results
}

// lowered says what one more favourable record of a metric has taken from
// somebody, "" when nothing.
func lowered(before, after result, metric, kind string) string {
	if kind != "sum" && !before.scored[metric] && after.scored[metric] {
		return ""
	}
	score := func(r result) float64 {
		d, _, err := apd.NewFromString(r.Score)
		if err != nil {
			return -1
		}
		f, _ := d.Float64()
		return f
	}
	amount := func(r result) *apd.Decimal { d, _, _ := apd.NewFromString(r.line.Amount.Text()); return d }
	switch {
	case score(after) < score(before):
		return fmt.Sprintf("score %s, was %s", after.Score, before.Score)
	case amount(after).Cmp(amount(before)) < 0:
		return fmt.Sprintf("amount %s, was %s", after.line.Amount.Text(), before.line.Amount.Text())
	case after.IsHeld && !before.IsHeld:
		return "held, was not"
	}
	return ""
}

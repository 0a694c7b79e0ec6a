package reference_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"merit/models"
	"merit/transform/model"
	"merit/transform/model/reference"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

// make reference asks for 1,000 of them.
var (
	seeds = flag.Int("seeds", 20, "how many invented companies of each kind of story")
	after = flag.Int("after", 0, "the seeds begin after this one")
	// What is kept is built again by another engine (transform/warehouse/bigquery/verify).
	keep = flag.String("keep", "", "a folder for the databases that were built; none keeps nothing")
)

// together is how many companies one build has: more take more memory than a
// small machine has.
const together = 200

// Companies that no CRM would allow: stages that nobody set up, ties, history that
// was forgotten or is older than the deal, fields cleared, owners whom nobody
// knows, pipelines set up anew, merges, copies. All that have a calendar and a plan
// in common are sources of one build.
func TestTheModelsSayWhatTheWordsSay(t *testing.T) {
	all := kinds()
	for i, k := range all {
		t.Run(k.name, func(t *testing.T) {
			agreeAll(t, i, len(all), func(seed int) *reference.Facts { return chaos(k, seed) })
		})
	}
}

// Companies as they are, with their two years of history.
func TestTheModelsSayWhatTheWordsSayOfAcme(t *testing.T) {
	agreeAll(t, 0, 1, func(seed int) *reference.Facts { return acme(kinds()[0], seed) })
}

// agreeAll takes every so-manyth seed, as many at once as fit.
func agreeAll(t *testing.T, first, every int, invent func(seed int) *reference.Facts) {
	var companies []*reference.Facts
	seen := map[string]int{}
	for seed := *after + first + 1; seed <= *after+*seeds; seed += every {
		if companies = append(companies, invent(seed)); len(companies) == together || seed+every > *after+*seeds {
			agree(t, companies, seen)
			companies = nil
		}
	}
	t.Logf("records by metric: %v", seen)
}

func agree(t *testing.T, companies []*reference.Facts, seen map[string]int) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	wh := build(t, graph, companies)
	defer wh.Close()
	t.Run("stays", func(t *testing.T) { compare(t, visitsOf(companies), answer(t, wh, visitsQuestion)) })
	t.Run("owners", func(t *testing.T) { ownersAgree(t, companies, wh) })
	t.Run("quotas", func(t *testing.T) { quotasAgree(t, companies, wh) })
	evidence := make([][]reference.Evidence, len(companies))
	var lines []string
	for i, f := range companies {
		evidence[i] = f.All()
		lines = append(lines, evidenceOf(f, evidence[i])...)
		for _, e := range evidence[i] {
			seen[e.Metric]++
		}
	}
	t.Run("evidence", func(t *testing.T) { compare(t, lines, answer(t, wh, evidenceQuestion)) })
	t.Run("values", func(t *testing.T) { valuesAgree(t, companies, evidence, wh) })
	t.Run("normalised values", func(t *testing.T) { normalisedAgree(t, companies, wh) })
}

func build(t *testing.T, graph *model.Graph, companies []*reference.Facts) warehouse.Warehouse {
	t.Helper()
	path := ""
	if *keep != "" {
		path = filepath.Join(*keep, strings.ReplaceAll(t.Name(), "/", "_")+".duckdb")
	}
	wh, err := duckdb.Open(path, "2GB")
	if err != nil {
		t.Fatal(err)
	}
	tables := tablesOf(companies, graph.Metrics())
	for _, relation := range graph.Contract() {
		rows, err := inOrder(relation, tables[relation.String()])
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.Put(context.Background(), relation, slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := graph.Select("+scores.metric_values")
	if err != nil {
		t.Fatal(err)
	}
	if err := graph.Build(context.Background(), wh, names, nil); err != nil {
		t.Fatal(err)
	}
	return wh
}

// inOrder gives the rows the columns' order; what a row doesn't name is null.
func inOrder(r warehouse.Relation, rows []row) ([][]any, error) {
	var ordered [][]any
	for _, one := range rows {
		values := make([]any, len(r.Columns))
		used := 0
		for i, column := range r.Columns {
			if value, there := one[column.Name]; there {
				values[i] = value
				used++
			}
		}
		if used != len(one) {
			return nil, fmt.Errorf("%s has not all the columns of %v", r, one)
		}
		ordered = append(ordered, values)
	}
	return ordered, nil
}

// answer is a question's rows, each as one line.
func answer(t *testing.T, wh warehouse.Warehouse, question string) []string {
	t.Helper()
	var lines []string
	for row, err := range wh.Query(context.Background(), question) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range row.Columns() {
			cell := row.At(i)
			if cell.IsNull {
				cell.Text = "null"
			}
			cells = append(cells, cell.Text)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return lines
}

// compare takes two lists as bags.
func compare(t *testing.T, want, got []string) {
	t.Helper()
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 {
		t.Error("the companies have nothing to compare")
	}
	differ := 0
	told := map[string]int{} // by the line's first word, a metric's name or a source
	report := func(what, line string) {
		differ++
		first, _, _ := strings.Cut(line, " ")
		if told[first]++; told[first] <= 10 && len(told) <= 12 {
			t.Errorf("%s %s", what, line)
		}
	}
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case j == len(got) || i < len(want) && want[i] < got[j]:
			report("only by the words:", want[i])
			i++
		case i == len(want) || got[j] < want[i]:
			report("only by the SQL:  ", got[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d rows differ", differ, len(want))
	}
}

const visitsQuestion = `select source, deal_id, visit_number, stage_id, entered_at, exited_at, direction, skipped,
	is_new_furthest, is_reentry, is_reopening, is_tied, is_truncated from core.stage_visits`

func visitsOf(companies []*reference.Facts) []string {
	var lines []string
	for _, f := range companies {
		for _, d := range f.Deals {
			for _, v := range f.Visits(d) {
				exited := "null"
				if v.ExitedAt != nil {
					exited = instant(*v.ExitedAt)
				}
				lines = append(lines, strings.Join([]string{
					d.Source, d.ID, fmt.Sprint(v.Number), v.Stage, instant(v.EnteredAt), exited, v.Direction, fmt.Sprint(v.Skipped),
					fmt.Sprint(v.IsFurthest), fmt.Sprint(v.IsReentry), fmt.Sprint(v.IsReopening), fmt.Sprint(v.IsTied), fmt.Sprint(v.IsTruncated),
				}, " | "))
			}
		}
	}
	return lines
}

func instant(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// ownersAgree asks at both ends of each span, and whether spans leave a gap.
func ownersAgree(t *testing.T, companies []*reference.Facts, wh warehouse.Warehouse) {
	deals := map[reference.Ref]reference.Deal{}
	facts := map[string]*reference.Facts{}
	for _, f := range companies {
		for _, d := range f.Deals {
			deals[d.Ref], facts[d.Source] = d, f
		}
	}
	last := map[reference.Ref]string{}
	differ := 0
	question := `select source, deal_id, owner_id, starts_at, ends_at from core.deal_owner_spans order by source, deal_id, starts_at`
	for row, err := range wh.Query(context.Background(), question) {
		if err != nil {
			t.Fatal(err)
		}
		ref := reference.Ref{Source: row.Text("source"), ID: row.Text("deal_id")}
		if before, there := last[ref]; there && before != row.Text("starts_at") {
			t.Errorf("%v: a span begins at %s, the one before ended at %q", ref, row.Text("starts_at"), before)
		}
		last[ref] = row.Text("ends_at")
		instants := []time.Time{row.Time("starts_at")}
		if !row.IsNull("ends_at") {
			instants = append(instants, row.Time("ends_at").Add(-time.Microsecond))
		}
		for _, at := range instants {
			owner := facts[ref.Source].OwnerAt(deals[ref], at)
			if (owner == nil) != row.IsNull("owner_id") || owner != nil && *owner != row.Text("owner_id") {
				if differ++; differ < 10 {
					t.Errorf("%v at %s: the words say %v, the SQL %q", ref, instant(at), text(owner), row.Text("owner_id"))
				}
			}
		}
	}
	if len(last) != len(deals) {
		t.Errorf("%d of %d deals have owners", len(last), len(deals))
	}
	for ref, end := range last {
		if end != "" {
			t.Errorf("%v has nobody after %s", ref, end)
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "nobody"
	}
	return *s
}

var evidenceQuestion = `select metric, source, rep_id, occurred_at, record_type, record_id,
	cast(numerator as numeric(38, 6)) as numerator, cast(denominator as numeric(38, 6)) as denominator, is_truncated, unknown_reason is not null as is_unknown,
	coalesce(exclusion_reason, 'counts') as counts from scores.metric_evidence where metric in ` + known

// known are the metrics that are computed here, as SQL.
var known = "('" + strings.Join(reference.Known, "', '") + "')"

// Each metric that is not computed a second time is named, as a skipped test.
func TestEachMetricIsComputedASecondTime(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range graph.Metrics() {
		all = append(all, m.Short())
		t.Run(m.Short(), func(t *testing.T) {
			if !slices.Contains(reference.Known, m.Short()) {
				t.Skipf("%s has no second computation in transform/model/reference; it needs one when a plan of ours pays on it", m.Short())
			}
		})
	}
	for _, name := range reference.Known {
		if !slices.Contains(all, name) {
			t.Errorf("known.go names %s, which is no metric", name)
		}
	}
}

func evidenceOf(f *reference.Facts, evidence []reference.Evidence) []string {
	lines := make([]string, len(evidence))
	for i, e := range evidence {
		counts := "counts"
		if reason, excluded := f.Exclusions[record(e)]; excluded {
			counts = reason
		}
		lines[i] = strings.Join([]string{
			e.Metric, e.Source, e.Rep, instant(e.At), e.RecordType, e.RecordID, plain(e.Numerator), plain(e.Denominator), fmt.Sprint(e.IsTruncated), fmt.Sprint(e.IsUnknown), counts,
		}, " | ")
	}
	return lines
}

func record(e reference.Evidence) reference.Record {
	return reference.Record{Source: e.Source, Kind: e.RecordType, ID: e.RecordID}
}

func plain(r *big.Rat) string { return r.FloatString(6) }

// valuesAgree computes every rep's value of every metric, period by period, from
// the reference's own evidence.
func valuesAgree(t *testing.T, companies []*reference.Facts, evidence [][]reference.Evidence, wh warehouse.Warehouse) {
	rows := map[[4]string][]reference.Evidence{}
	for i, f := range companies {
		for _, e := range evidence[i] {
			if _, excluded := f.Exclusions[record(e)]; excluded {
				continue
			}
			for _, p := range f.Periods {
				if !e.At.Before(p.StartsAt) && e.At.Before(p.EndsAt) {
					key := [4]string{e.Rep, p.Name, f.RoleAt(e.Rep, e.At), e.Metric}
					rows[key] = append(rows[key], e)
				}
			}
		}
	}
	compared := 0
	for row, err := range wh.Query(context.Background(), `select metric_values.rep_id, metric_values.period, metric_values.role, metric_values.metric,
			metric_values.value, metric_values.samples, measures.missing_reason, metric_definitions.value as kind from scores.metric_values
			join scores.metric_definitions on metric_definitions.metric = metric_values.metric
			join scores.measures on measures.rep_id = metric_values.rep_id and measures.period = metric_values.period
				and measures.role = metric_values.role and measures.metric = metric_values.metric
			where metric_values.metric in `+known) {
		if err != nil {
			t.Fatal(err)
		}
		key := [4]string{row.Text("rep_id"), row.Text("period"), row.Text("role"), row.Text("metric")}
		mine := rows[key]
		delete(rows, key)
		value, why := reference.Value(mine, row.Text("kind"))
		if slices.ContainsFunc(companies, func(f *reference.Facts) bool { return f.NamesNothing(key[3], key[0]) }) {
			value, why = nil, reference.Unknown
		}
		if value == nil {
			if !row.IsNull("value") {
				t.Errorf("%v: %s by the words, %s by the SQL", key, why, row.Text("value"))
			}
			if isNothing := row.Text("missing_reason") == "no activity"; isNothing != (why == reference.Nothing) {
				t.Errorf("%v: %s by the words, %s by the SQL", key, why, row.Text("missing_reason"))
			}
			continue
		}
		want, _ := value.Float64()
		if got := row.Float("value"); math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) || row.Int("samples") != int64(len(mine)) {
			t.Errorf("%v: %v of %d records by the words, %v of %d by the SQL", key, want, len(mine), got, row.Int("samples"))
		}
		compared++
	}
	for key := range rows {
		t.Errorf("%v has records by the words, and no value by the SQL", key)
	}
	if compared == 0 {
		t.Error("there was no value to compare")
	}
	t.Logf("%d values", compared)
}

package model

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"merit/models"
)

// file is a model with a complete header and the given query.
func file(name, query string) string {
	return "-- " + name + `: one sentence
-- grain: one row a deal
-- key: deal_id
-- signal: what it tells
-- owner: revenue operations
-- not_null: deal_id
-- changed: 2026-01-01 first version
` + query
}

func folderOf(files map[string]string) fstest.MapFS {
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}

func chain(t *testing.T) *Graph {
	t.Helper()
	const column = "select deal_id -- the deal\nfrom "
	g, err := Load(folderOf(map[string]string{
		"core/deals.sql":    file("deals", column+"staging.deals"),
		"core/wins.sql":     file("wins", column+"core.deals"),
		"core/losses.sql":   file("losses", column+"core.deals"),
		"marts/results.sql": file("results", column+"core.wins\nunion all\n"+column+"core.losses"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestOrderAndSelection(t *testing.T) {
	g := chain(t)
	for pattern, want := range map[string][]string{
		"":                        {"core.deals", "core.losses", "core.wins", "marts.results", "scores.metric_definitions", "scores.metric_evidence", "scores.metric_names", "scores.metric_spans", "scores.metric_streams"},
		"core.wins":               {"core.wins"},
		"wins":                    {"core.wins"},
		"+wins":                   {"core.deals", "core.wins"},
		"wins+":                   {"core.wins", "marts.results"},
		"+core.wins+":             {"core.deals", "core.wins", "marts.results"},
		"core.*":                  {"core.deals", "core.losses", "core.wins"},
		"losses, metric_evidence": {"core.losses", "scores.metric_evidence"},
		"+results":                {"core.deals", "core.losses", "core.wins", "marts.results"},
	} {
		got, err := g.Select(pattern)
		if err != nil {
			t.Errorf("%q: %v", pattern, err)
			continue
		}
		if len(got) != len(want) || !sameSet(got, want) {
			t.Errorf("%q means %q, not %q", pattern, got, want)
		}
		for i, name := range got {
			for _, need := range g.Model(name).Needs {
				if at := slices.Index(got, need); at > i {
					t.Errorf("%q builds %s before %s, which it reads", pattern, name, need)
				}
			}
		}
	}
	if _, err := g.Select("+nothing"); err == nil || !strings.Contains(err.Error(), `"nothing"`) {
		t.Errorf("an unknown name: %v", err)
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestTheShippedModelsStandInOrder(t *testing.T) {
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	built := map[string]bool{}
	for _, m := range g.Models() {
		for _, need := range m.Needs {
			if !built[need] && g.contractTable(need) == nil {
				t.Errorf("%s comes before %s, which it reads", m.Name, need)
			}
		}
		built[m.Name] = true
	}
	if len(built) != len(maps.Collect(maps.All(g.models))) {
		t.Errorf("%d models of %d are built", len(built), len(g.models))
	}
}

func TestLoadRefuses(t *testing.T) {
	const good = "select deal_id -- the deal\nfrom staging.deals"
	metric := strings.Replace(file("m", good), "-- grain", "-- value: most\n-- unit: deals\n-- better: higher\n-- control: own\n-- spans: week quarter\n-- streams: deals\n-- kpi: k\n-- okr: o\n-- gaming: g\n-- grain", 1)
	for name, story := range map[string]struct {
		file, text string
		want       string
	}{
		"a table that nobody makes": {"core/a.sql", file("a", "select deal_id -- the deal\nfrom core.b"),
			"core/a.sql:9: core.b is neither a model nor a table of the contract"},
		"a name that is no table": {"core/a.sql", file("a", "select deal_id -- the deal\nfrom b"),
			`"b" is neither schema.table nor named by a with`},
		"itself":                                {"core/a.sql", file("a", "select deal_id -- the deal\nfrom core.a"), "core.a → core.a"},
		"a first line that names another model": {"core/a.sql", file("b", good), "core/a.sql:1: the first line reads: -- a: one plain sentence"},
		"a header without an owner":             {"core/a.sql", strings.Replace(file("a", good), "-- owner: revenue operations\n", "", 1), "says nothing of owner"},
		"a header line that nobody knows":       {"core/a.sql", strings.Replace(file("a", good), "-- owner", "-- boss: x\n-- owner", 1), `core/a.sql:5: no model says "boss"`},
		"a key that is no column":               {"core/a.sql", strings.Replace(file("a", good), "key: deal_id", "key: rep_id", 1), "a column rep_id, the query has none"},
		"a column without a description":        {"core/a.sql", file("a", "select deal_id\nfrom staging.deals"), "core/a.sql:8: column deal_id: a comment behind it says what it is"},
		"a column without a name":               {"core/a.sql", file("a", "select deal_id, -- the deal\n    1 + 1 -- two\nfrom staging.deals"), "core/a.sql:9: a column without a name"},
		"no file for examples":                  {"core/b_test.md", "## x", "core/b_test.md:1: no model is called core.b"},
		"a metric of another value":             {"metrics/m.sql", metric, `value is one of sum, ratio, mean, median, not "most"`},
		"a metric of other columns":             {"metrics/m.sql", metric, "a metric gives exactly (source, rep_id, occurred_at"},
		"a metric without a kpi":                {"metrics/m.sql", strings.Replace(metric, "-- kpi: k\n", "", 1), "says nothing of kpi"},
		"a parenthesis that stays open":         {"core/a.sql", file("a", "select (deal_id as deal_id -- the deal\nfrom staging.deals"), "a ( that is not closed"},
		"a text that stays open":                {"core/a.sql", file("a", "select 'deal_id as deal_id -- the deal\nfrom staging.deals"), "line 8: a ' that is not closed"},
		"a file for what headers give":          {"scores/metric_evidence.sql", file("metric_evidence", good), "is made from the models' headers"},
	} {
		_, err := Load(folderOf(map[string]string{story.file: story.text}))
		if err == nil || !strings.Contains(err.Error(), story.want) {
			t.Errorf("%s: want %q in\n%v", name, story.want, err)
		}
	}
}

func TestACircleIsShown(t *testing.T) {
	_, err := Load(folderOf(map[string]string{
		"core/a.sql": file("a", "select deal_id -- the deal\nfrom core.b"),
		"core/b.sql": file("b", "select deal_id -- the deal\nfrom core.c"),
		"core/c.sql": file("c", "select deal_id -- the deal\nfrom core.a"),
	}))
	if err == nil || !strings.Contains(err.Error(), "core.a → core.b → core.c → core.a") {
		t.Error(err)
	}
}

func TestAHeaderIsReadWhole(t *testing.T) {
	h, findings := parseHeader("velocity", true, `-- velocity: days from one stage
--    to another
-- grain: one row a deal
-- key: source, deal_id
-- signal: s
-- owner: o
-- not_null: source,
--    deal_id
-- checks: time_goes_forward: days >= 0
--    known: outcome in ('won', 'lost')
--        or outcome is null
-- value: median
-- unit: days
-- better: lower
-- control: own
-- spans: week quarter
-- streams: deals, deal_changes
-- kpi: k
-- okr: o
-- gaming: g
-- parameters: from_stage:
--    within_days: 2
--    fields: amount, close_on
-- changed: 2026-01-01 first version
-- changed: 2026-02-01 second
select 1`)
	if len(findings) > 0 {
		t.Error(findings)
	}
	want := Header{
		Title: "days from one stage to another", Grain: "one row a deal", Key: []string{"source", "deal_id"},
		Signal: "s", Owner: "o", NotNull: []string{"source", "deal_id"}, Gaming: "g",
		Checks: []Condition{
			{"time_goes_forward", "days >= 0", 9},
			{"known", "outcome in ('won', 'lost') or outcome is null", 10},
		},
		Changed:    []string{"2026-01-01 first version", "2026-02-01 second"},
		Metric:     &Metric{Value: "median", Unit: "days", Better: "lower", Control: "own", Spans: []string{"week", "quarter"}, Streams: []string{"deals", "deal_changes"}, KPI: "k", OKR: "o"},
		Parameters: map[string][]string{"from_stage": {}, "within_days": {"2"}, "fields": {"amount", "close_on"}},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
}

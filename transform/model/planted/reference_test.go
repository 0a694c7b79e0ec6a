package planted

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
)

// A referenceCase is a statistic as scipy, statsmodels or fairlearn computes it.
type referenceCase struct {
	Statistic, Case string
	Input           json.RawMessage
	Output          json.RawMessage
}

func referenceCases(t *testing.T, statistic string) []referenceCase {
	t.Helper()
	text, err := os.ReadFile("../testdata/statistics/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []referenceCase }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	var found []referenceCase
	for _, c := range all.Cases {
		if c.Statistic == statistic {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		t.Fatalf("there is no case of %s", statistic)
	}
	return found
}

func (r referenceCase) read(t *testing.T, input, output any) {
	t.Helper()
	if err := json.Unmarshal(r.Input, input); err != nil {
		t.Fatal(r.Case, err)
	}
	if err := json.Unmarshal(r.Output, output); err != nil {
		t.Fatal(r.Case, err)
	}
}

// near holds a text of a table against a reference; null against null.
func near(t *testing.T, what, got string, want *float64, within float64) {
	t.Helper()
	if want == nil || got == "" {
		if (want == nil) != (got == "") {
			t.Errorf("%s is %q, not %v", what, got, want)
		}
		return
	}
	g, err := strconv.ParseFloat(got, 64)
	if err != nil || math.Abs(g-*want) > within*max(1, math.Abs(*want)) {
		t.Errorf("%s is %s, not %.12g", what, got, *want)
	}
}

func TestStatisticsAreTheReferences(t *testing.T) {
	c := newCompany(t, "2026-06-30T00:00:00Z")
	c.give("plan.periods", "period, starts_on, ends_on, starts_at, ends_at, days, plan_version, plan_hash", [][]any{
		{"2026-Q1", "2026-01-01", "2026-03-31", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", 90, "v", "h"}})
	t.Run("evenness", func(t *testing.T) { evenness(t, c) })
	t.Run("groups", func(t *testing.T) { groups(t, c) })
	t.Run("rank correlation", func(t *testing.T) { correlations(t, c) })
	t.Run("functions", func(t *testing.T) { functions(t, c) })
	t.Run("change of a score", func(t *testing.T) { scoreChange(t, c) })
}

// evenness repeats the people of small cases: the Gini coefficient stays, and of
// fewer than five nothing is told.
func evenness(t *testing.T, c *company) {
	for _, r := range referenceCases(t, "gini") {
		var in struct{ Values []float64 }
		var out struct{ Gini *float64 }
		r.read(t, &in, &out)
		var rows [][]any
		for i := range 5 {
			for k, v := range in.Values {
				rows = append(rows, []any{fmt.Sprintf("r%d-%d", i, k), "2026-Q1", "ae", v, 0})
			}
		}
		c.give("scores.rep_scores", "rep_id, period, role, score, multiplier", rows)
		c.build("marts.fairness")
		got := c.ask("select value from marts.fairness where measure = 'score_evenness'")
		near(t, "gini of "+r.Case, got[0][0], out.Gini, 1e-9)
	}
}

func groups(t *testing.T, c *company) {
	for _, r := range referenceCases(t, "four_fifths") {
		in := map[string][2]int{}
		var out struct {
			Rates  map[string]float64
			Ratio  float64   `json:"ratio_min_to_max"`
			Within []float64 `json:"newcombe_95_difference"`
		}
		r.read(t, &in, &out)
		var scores, segments [][]any
		for segment, of := range in {
			for i := range of[1] {
				rep, tier := fmt.Sprintf("%s-%d", segment, i), any("gold")
				if i >= of[0] {
					tier = nil
				}
				scores = append(scores, []any{rep, "2026-Q1", "ae", 80, tier, 1})
				segments = append(segments, []any{rep, "2026-Q1", "ae", "region", segment, true})
			}
		}
		c.give("scores.rep_scores", "rep_id, period, role, score, tier, multiplier", scores)
		c.give("programme.segments", "rep_id, period, role, segment_kind, segment, is_shown", segments)
		c.build("marts.fairness")
		smallest := ""
		for _, row := range c.ask("select segment, value, ratio, low, high, verdict from marts.fairness where measure = 'share_with_tier' order by ratio desc") {
			rate := out.Rates[row[0]]
			near(t, r.Case+": share of "+row[0], row[1], &rate, 1e-9)
			if row[3] != "" && out.Within != nil {
				near(t, r.Case+": low", row[3], &out.Within[0], 1e-9)
				near(t, r.Case+": high", row[4], &out.Within[1], 1e-9)
				if want := map[bool]string{true: "look", false: "too few to say"}[out.Within[0] > 0]; out.Ratio < 0.8 && row[5] != want {
					t.Errorf("%s: the verdict is %s, not %s", r.Case, row[5], want)
				}
			}
			smallest = row[2]
		}
		near(t, r.Case+": ratio", smallest, &out.Ratio, 1e-9)
	}
	c.give("programme.segments", "rep_id", nil)
}

func correlations(t *testing.T, c *company) {
	for _, r := range referenceCases(t, "rank_correlation") {
		var in struct{ A, B []float64 }
		var out struct{ Spearman *float64 }
		r.read(t, &in, &out)
		var rows [][]any
		for i := range in.A {
			rows = append(rows, []any{fmt.Sprint(i), "2026-Q1", "ae", "score_with_territory", in.A[i], in.B[i]})
		}
		c.give("programme.rank_pairs", "rep_id, period, role, measure, x, y", rows)
		c.build("marts.fairness")
		near(t, r.Case, c.ask("select value from marts.fairness where measure = 'score_with_territory'")[0][0], out.Spearman, 1e-9)
	}
}

func functions(t *testing.T, c *company) {
	for _, r := range referenceCases(t, "wilson_interval") {
		var in struct{ Count, Nobs int }
		var out struct{ Low, High float64 }
		r.read(t, &in, &out)
		got := c.ask(fmt.Sprintf("select fn.wilson_low(%[1]d, %[2]d), fn.wilson_high(%[1]d, %[2]d)", in.Count, in.Nobs))[0]
		near(t, r.Case+" low", got[0], &out.Low, 1e-9)
		near(t, r.Case+" high", got[1], &out.High, 1e-9)
	}
	for _, r := range referenceCases(t, "two_sided_p") {
		var in struct{ Z []float64 }
		var out struct{ P []float64 }
		r.read(t, &in, &out)
		for i, z := range in.Z {
			near(t, fmt.Sprintf("p of %v", z), c.ask(fmt.Sprintf("select 2 * fn.normal_tail(%.12f)", z))[0][0], &out.P[i], 1e-6)
		}
	}
	for _, r := range referenceCases(t, "two_groups") {
		var out struct {
			T  float64   `json:"welch_t"`
			P  float64   `json:"welch_p"`
			DF float64   `json:"welch_df"`
			CI []float64 `json:"ci95"`
		}
		r.read(t, &struct{}{}, &out)
		near(t, "tails of t", c.ask(fmt.Sprintf("select fn.t_tails(%.12f, %.12f)", out.T, out.DF))[0][0], &out.P, 1e-6)
		half := (out.CI[1] - out.CI[0]) / 2 / ((out.CI[0] + out.CI[1]) / 2 / out.T)
		near(t, "t beyond which 2.5 % lie", c.ask(fmt.Sprintf("select fn.t_975(%.12f)", out.DF))[0][0], &half, 1e-9)
	}
}

func scoreChange(t *testing.T, c *company) {
	for _, r := range referenceCases(t, "score_change") {
		var in struct{ Before, After map[string][2]*float64 }
		var out struct {
			Before, After float64
			Parts         map[string]float64
		}
		r.read(t, &in, &out)
		c.give("plan.periods", "period, starts_on, ends_on, starts_at, ends_at, days, plan_version, plan_hash", [][]any{
			{"2026-Q1", "2026-01-01", "2026-03-31", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", 90, "v", "h"},
			{"2026-Q2", "2026-04-01", "2026-06-30", "2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z", 91, "v", "h"}})
		var rows [][]any
		for period, side := range map[string]map[string][2]*float64{"2026-Q1": in.Before, "2026-Q2": in.After} {
			for metric, of := range side {
				var value, used any = nil, 0
				if of[1] != nil {
					value, used = *of[1], *of[0]
				}
				rows = append(rows, []any{"ann", period, "ae", metric, value, 0, 100, 120, value, *of[0], used, 5, false})
			}
		}
		c.give("scores.attainments", "rep_id, period, role, metric, value, floor_value, target_value, cap, attainment, weight, weight_used, samples, is_held", rows)
		c.give("scores.rep_scores", "rep_id, period, role, score", [][]any{{"ann", "2026-Q1", "ae", out.Before}, {"ann", "2026-Q2", "ae", out.After}})
		c.build("programme.score_changes")
		for _, row := range c.ask("select metric, points from programme.score_changes") {
			want := out.Parts[row[0]]
			near(t, r.Case+": part of "+row[0], row[1], &want, 1e-9)
		}
	}
}

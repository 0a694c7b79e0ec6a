package planted

import (
	"fmt"
	"testing"
)

// Pilots of twenty beside twenty others. People differ, and hang together over time;
// the noise of a change has a standard deviation of one.
func TestPilots(t *testing.T) {
	c := newCompany(t, "2026-07-01T00:00:00Z")
	pilots := max(40, *companies)
	t.Run("without an effect the interval covers 0, and the placebo is silent", func(t *testing.T) {
		covered, found := c.pilots(t, pilots, 0)
		// Of each pilot two: that of the effect, and that of the placebo.
		intervals := 2 * pilots
		t.Logf("%d of %d intervals cover 0 (%.1f %%), %d verdicts of an effect in %d pilots; seeds from %d", covered, intervals, 100*share(covered, intervals), found, pilots, *firstSeed)
		if p := share(covered, intervals); p < 0.95-max(0.02, slack(intervals, 0.95)) || p > 0.95+max(0.02, slack(intervals, 0.95)) {
			t.Errorf("%.3f of the intervals cover 0", p)
		}
	})
	t.Run("an effect of one standard deviation is found", func(t *testing.T) {
		_, found := c.pilots(t, pilots, 1)
		t.Logf("%d of %d effects found (%.1f %%)", found, pilots, 100*share(found, pilots))
		if share(found, pilots) < 0.8-slack(pilots, 0.8)*map[bool]float64{true: 0, false: 1}[pilots >= 200] {
			t.Errorf("%d of %d effects are found", found, pilots)
		}
	})
	t.Run("who was on the way up anyway is no effect", func(t *testing.T) {
		c.seeded(0)
		c.givePilots(1, func(pilot bool, window int) float64 {
			if pilot {
				return 2 * float64(window)
			}
			return 0
		})
		if got := c.ask("select verdict from marts.pilot"); got[0][0] != "cannot be told" {
			t.Errorf("a way up before and after is %s", got[0][0])
		}
	})
}

// pilots invents so many with an effect in the last window, and counts the intervals
// that cover 0 and the verdicts that tell of a change for the better or worse.
func (c *company) pilots(t *testing.T, n int, effect float64) (covered, found int) {
	t.Helper()
	c.seeded(int(1000 * effect))
	c.givePilots(n, func(pilot bool, window int) float64 {
		if pilot && window == 2 {
			return effect
		}
		return 0
	})
	covered = int(c.number("select count(*) from programme.differences where low <= 0 and high >= 0"))
	found = int(c.number("select count(*) from marts.pilot where verdict in ('better', 'worse')"))
	return covered, found
}

func (c *company) givePilots(n int, shift func(pilot bool, window int) float64) {
	var comparisons, members, values, definitions [][]any
	for i := range n {
		name := fmt.Sprintf("p%03d", i)
		comparisons = append(comparisons, []any{name + ":calls", name, "calls", "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-04-01"})
		for r := range 40 {
			rep, pilot := fmt.Sprintf("r%02d", r), r < 20
			members = append(members, []any{name + ":calls", rep, "ae", pilot})
			// The sum of two windows' noise has a variance of one.
			own := 30 + 8*c.NormFloat64()
			for window, side := range []string{"placebo", "before", "after"} {
				values = append(values, []any{name + ":calls:" + side, rep, "calls", own + 3*float64(window) + shift(pilot, window) + 0.7071067811865476*c.NormFloat64()})
			}
		}
	}
	definitions = append(definitions, []any{"calls", "calls made", "sum", "calls", "higher"})
	c.give("programme.comparisons", "comparison, pilot, metric, placebo_on, before_on, starts_on, ends_on, planned_ends_on", comparisons)
	c.give("programme.comparison_people", "comparison, rep_id, cell, is_pilot", members)
	c.give("programme.window_values", "window_id, rep_id, metric, value", values)
	c.give("scores.metric_definitions", "metric, title, value, unit, better", definitions)
	c.build("programme.person_changes", "programme.differences", "marts.pilot")
}

func TestDifferencesAreTheReferences(t *testing.T) {
	c := newCompany(t, "2026-07-01T00:00:00Z")
	for _, r := range referenceCases(t, "difference_in_differences") {
		var in struct{ Rows [][]any }
		var out struct {
			Estimate float64
			Welch    struct {
				DF float64
				CI []float64 `json:"ci95"`
			} `json:"welch_on_changes"`
			P float64 `json:"permutation_p"`
		}
		r.read(t, &in, &out)
		type person struct {
			pilot  bool
			before [2]float64
			after  [2]float64
		}
		people := map[string]*person{}
		for _, row := range in.Rows {
			id, quarter, y := row[0].(string), int(row[2].(float64)), row[4].(float64)
			if people[id] == nil {
				people[id] = &person{pilot: row[1].(float64) == 1}
			}
			if quarter < 2 {
				people[id].before[quarter] = y
			} else {
				people[id].after[quarter-2] = y
			}
		}
		var changes [][]any
		for id, p := range people {
			before, after := (p.before[0]+p.before[1])/2, (p.after[0]+p.after[1])/2
			changes = append(changes, []any{"x", "effect", id, p.pilot, before, after, after - before},
				[]any{"x", "placebo", id, p.pilot, p.before[0], p.before[1], p.before[1] - p.before[0]})
		}
		c.give("programme.person_changes", "comparison, kind, rep_id, is_pilot, before, after, change", changes)
		c.build("programme.differences")
		got := c.ask("select difference, df, low, high, p_value from programme.differences where kind = 'effect'")[0]
		near(t, "estimate", got[0], &out.Estimate, 1e-9)
		near(t, "degrees of freedom", got[1], &out.Welch.DF, 1e-9)
		near(t, "low", got[2], &out.Welch.CI[0], 1e-9)
		near(t, "high", got[3], &out.Welch.CI[1], 1e-9)
		// 999 draws stand for all 924 divisions.
		near(t, "p of the permutation", got[4], &out.P, 0.004)
		placebo := struct {
			Estimate float64 `json:"placebo_estimate"`
		}{}
		referenceCases(t, "pre_trend")[0].read(t, &struct{}{}, &placebo)
		near(t, "placebo", c.ask("select difference from programme.differences where kind = 'placebo'")[0][0], &placebo.Estimate, 1e-9)
	}
}

package planted

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// Whatever happened to values, weights, targets and what is missing, the parts of an
// explanation sum to the change of the score.
func TestThePartsOfAnExplanationSumToTheChange(t *testing.T) {
	c := newCompany(t, "2026-12-31T00:00:00Z")
	explained, exact := 0, 0
	for i := range *companies {
		seed := c.seeded(i)
		c.inventScores()
		c.build("scores.rep_scores", "programme.score_changes", "programme.common_changes", "marts.explanations")
		for _, r := range c.ask(`with shown as (select rep_id, period, role, sum(points) as points from marts.explanations where place > 0 group by all),
				raw as (select rep_id, period, role, sum(points) as points from programme.score_changes group by all)
			select count(*), coalesce(sum(case when abs(score.points - shown.points) < 0.005 then 1 else 0 end), 0),
				coalesce(sum(case when abs(score.points - raw.points) < 0.0100001 then 1 else 0 end), 0)
			from marts.explanations as score
			left join shown using (rep_id, period, role)
			left join raw using (rep_id, period, role)
			where score.kind = 'score'`) {
			of, summed, raw := whole(t, r[0]), whole(t, r[1]), whole(t, r[2])
			if of == 0 || summed != of || raw != of {
				t.Errorf("seed %d: of %d changes %d sum to the cent and %d before rounding", seed, of, summed, raw)
			}
			explained, exact = explained+of, exact+summed
		}
		// Every score with one before it in the same role is explained.
		if n := c.number(`select count(*) from scores.rep_scores as a join scores.rep_scores as b using (rep_id, role)
				where a.score is not null and b.score is not null and b.period = '2026-Q' || (cast(right(a.period, 1) as int) - 1)
				and not exists (select 1 from marts.explanations as e where e.rep_id = a.rep_id and e.period = a.period and e.role = a.role and e.kind = 'score')`); n != 0 {
			t.Errorf("seed %d: %v changes are not explained", seed, n)
		}
	}
	t.Logf("%d of %d changes of scores sum to the cent (seeds from %d)", exact, explained, *firstSeed)
}

// inventScores gives twenty people four quarters of two to nine metrics, of which
// some come and go, are missing, or change weight and target.
func (c *company) inventScores() {
	var periods, attainments, people, tiers [][]any
	for q := range 4 {
		first := time.Date(2026, time.Month(1+3*q), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 3, -1)
		name := fmt.Sprintf("2026-Q%d", q+1)
		periods = append(periods, []any{name, day(first), day(last), first, last.AddDate(0, 0, 1), 90, "v", "h"})
		tiers = append(tiers, []any{name, "ae", "gold", 100, 1})
		weights, targets := map[int]float64{}, map[int]float64{}
		for m := range 2 + c.IntN(8) {
			weights[m], targets[m] = float64(1+c.IntN(40)), float64(5+c.IntN(20))
		}
		for p := range 20 {
			rep := fmt.Sprintf("r%02d", p)
			people = append(people, []any{rep, name, "ae", day(first), day(last), 90, 0, rep, "USD"})
			for m, weight := range weights {
				value := math.Round(c.Float64()*3000) / 100
				attainment := min(120, math.Round(100*value/targets[m]*1e9)/1e9)
				row := []any{rep, name, "ae", fmt.Sprintf("m%d", m), value, 0, targets[m], 120, attainment, weight, weight, 5, false}
				if c.IntN(6) == 0 {
					row[8], row[10] = nil, 0
				}
				attainments = append(attainments, row)
			}
		}
	}
	c.give("plan.periods", "period, starts_on, ends_on, starts_at, ends_at, days, plan_version, plan_hash", periods)
	c.give("plan.tiers", "period, role, tier, from_score, multiplier", tiers)
	c.give("core.rep_periods", "rep_id, period, role, starts_on, ends_on, days, leave_days, name, currency", people)
	c.give("scores.attainments", "rep_id, period, role, metric, value, floor_value, target_value, cap, attainment, weight, weight_used, samples, is_held", attainments)
}

// A market that falls for everybody is one sentence of the role.
func TestAFallOfEverybodyIsToldAsSuch(t *testing.T) {
	c := newCompany(t, "2026-12-31T00:00:00Z")
	for i := range *companies {
		seed := c.seeded(i)
		c.inventScores()
		var rows [][]any
		for _, q := range []string{"2026-Q1", "2026-Q2"} {
			for p := range 20 {
				fall := 0.0
				if q == "2026-Q2" {
					fall = 25 + 5*c.NormFloat64()
				}
				attainment := math.Round((90+10*c.NormFloat64()-fall)*100) / 100
				rows = append(rows, []any{fmt.Sprintf("r%02d", p), q, "ae", "stage_advances", attainment, 0, 100, 120, attainment, 100, 100, 5, false})
			}
		}
		c.give("scores.attainments", "rep_id, period, role, metric, value, floor_value, target_value, cap, attainment, weight, weight_used, samples, is_held", rows)
		c.build("scores.rep_scores", "programme.score_changes", "programme.common_changes", "marts.explanations", "marts.common_changes")
		if n := c.number("select count(*) from marts.common_changes where is_common and metric = 'stage_advances' and middle_change < 0"); n != 1 {
			t.Errorf("seed %d: %v sentences tell of the fall, not one", seed, n)
		}
		if n := c.number("select count(*) from marts.explanations where metric = 'stage_advances' and points < 0 and not is_common"); n != 0 {
			t.Errorf("seed %d: %v people are told that the fall is theirs", seed, n)
		}
	}
}

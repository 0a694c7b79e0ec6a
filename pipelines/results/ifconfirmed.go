package results

import (
	"context"

	"merit/pipelines/payouts"
	"merit/transform/warehouse"
)

// ifConfirmedSchemas hold the scores without one flag of each rep and period, by
// audits.flag_places.place.
var ifConfirmedSchemas = [...]string{"if_first_confirmed", "if_second_confirmed", "if_third_confirmed"}

// StandingsIfConfirmed are everybody's standings as they would be if a flag were
// confirmed: those of its rep are the ones that the last build worked out without the
// flag's evidence. None: nothing was worked out for it.
func (t Tables) StandingsIfConfirmed(ctx context.Context, flagID, repID, period string) ([]payouts.Standing, error) {
	rows, err := t.Rows(ctx, "select flag_places.place from audits.flag_places where flag_places.flag_id = ?", flagID)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	if len(rows) == 0 || rows[0].Int("place") > int64(len(ifConfirmedSchemas)) {
		return nil, nil
	}
	schema := ifConfirmedSchemas[rows[0].Int("place")-1]
	standings, _, err := t.Standings(ctx, period)
	if err != nil {
		return nil, err
	}
	scores, err := t.Rows(ctx, `select rep_id, role, score, tier, multiplier, is_held, weight_used, coverage_percent, coverage_reason
		from `+schema+`.rep_scores where period = ? and rep_id = ?`, period, repID)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	err = each(scores, standings, func(s *payouts.Standing, row warehouse.Row) error {
		s.Score, s.Tier, s.Multiplier, s.IsHeld = ofTwoDigits(row.Text("score")), row.Text("tier"), row.Text("multiplier"), row.Bool("is_held")
		s.WeightUsed, s.CoveragePercent, s.CoverageReason = trimmed(row.Text("weight_used")), trimmed(row.Text("coverage_percent")), row.Text("coverage_reason")
		s.Measures = nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	measures, err := t.Rows(ctx, `select measures.rep_id, measures.role, measures.metric, metric_definitions.value as kind,
			measures.value, measures.numerator, measures.denominator, measures.samples, measures.missing_reason
		from `+schema+`.measures
		join scores.metric_definitions using (metric)
		where measures.period = ? and measures.rep_id = ?
		order by measures.role, measures.metric`, period, repID)
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	return standings, each(measures, standings, addMeasure)
}

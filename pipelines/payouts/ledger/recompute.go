package ledger

import (
	"context"

	"merit/connectors/fault"
	"merit/pipelines/plan"
	"merit/pipelines/results"
)

// RecomputeScores computes every score of every period again, in exact decimals
// by the plan itself, and gives how many there are; they must be those that the
// models computed.
func RecomputeScores(ctx context.Context, in plan.Inputs, tables results.Tables) (int, error) {
	periods, err := tables.Rows(ctx, "select distinct rep_scores.period from scores.rep_scores order by rep_scores.period")
	if err != nil {
		return 0, results.NotBuilt(err)
	}
	count := 0
	for _, row := range periods {
		quarter, err := in.Calendar.Parse(row.Text("period"))
		if err != nil {
			return count, err
		}
		standings, _, err := tables.Standings(ctx, row.Text("period"))
		if err != nil {
			return count, err
		}
		version, inForce := in.Plan.For(quarter)
		if !inForce || standings[0].PlanHash != version.Hash() {
			return count, fault.Errorf(fault.You, "the plan has changed since the last build; `merit build` or `merit run` first")
		}
		if err := PayRules(version).SameScores(standings); err != nil {
			return count, err
		}
		count += len(standings)
	}
	return count, nil
}

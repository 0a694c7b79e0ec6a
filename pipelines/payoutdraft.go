package pipelines

import (
	"context"
	"fmt"
	"path/filepath"

	"merit/connectors"
	"merit/pipelines/payouts"
)

// A Draft is what a payout draft came to.
type Draft struct {
	Folder string
	Lines  []payouts.Line
	IsOver bool // the period is over as of the last build
}

// DraftPayout computes every line of a period from the tables of the last build
// and writes the draft's files. It can be made again until the period is locked.
func (j *Job) DraftPayout(ctx context.Context, period string) (Draft, error) {
	var d Draft
	if err := j.openWarehouse(); err != nil {
		return d, err
	}
	in, err := j.Inputs()
	if err != nil {
		return d, err
	}
	quarter, err := in.Calendar.Parse(period)
	if err != nil {
		return d, connectors.Fault{Who: connectors.You, Err: err}
	}
	version, ok := in.Plan.For(quarter)
	if !ok {
		return d, connectors.Faultf(connectors.You, "no version of the plan is in force in %s", period)
	}
	standings, isOver, err := j.standings(ctx, period)
	if err != nil {
		return d, err
	}
	for _, s := range standings {
		if s.PlanHash != version.Hash() {
			return d, connectors.Faultf(connectors.You, "the plan has changed since the last build; `merit build` or `merit run` first")
		}
	}
	if d.Lines, err = payouts.Lines(standings, payRules(version)); err != nil {
		return d, err
	}
	controls, err := j.controls(ctx, period, d.Lines)
	if err != nil {
		return d, err
	}
	d.Folder, d.IsOver = filepath.Join(j.Project.Path(j.Project.Settings.Files.Payouts), period, "draft"), isOver
	return d, payouts.Write(d.Folder, map[string][]byte{
		"payout.csv":         payouts.LinesCSV(d.Lines),
		"control_totals.csv": payouts.ControlsCSV(controls),
	})
}

// controls are the totals by which finance can see that nothing fell out between
// the CRM and the file: deals and their amounts by source and stage, won deals
// that the metric counted and those that it could not give to anybody, and what
// the file sums to.
func (j *Job) controls(ctx context.Context, period string, lines []payouts.Line) ([]payouts.Control, error) {
	queries := []struct{ name, query string }{
		{"deals not deleted, by stage", `select source, stage_id as item, coalesce(currency, '') as currency, count(*) as records, sum(amount) as amount
			from staging.deals where not is_deleted group by source, stage_id, currency order by source, item, currency`},
		{"won in the period, by what became of it", `select deals.source,
				case when metric_evidence.record_id is null then 'counted for nobody on the roster' when metric_evidence.is_excluded then 'excluded by a decision' else 'counted for a rep' end as item,
				deals.currency, count(*) as records, sum(deals.amount) as amount
			from core.closed_deals as deals
			join plan.periods on deals.closed_at >= periods.starts_at and deals.closed_at < periods.ends_at
			left join scores.metric_evidence on metric_evidence.metric = 'closed_won_arr' and metric_evidence.source = deals.source and metric_evidence.record_id = deals.deal_id
			where deals.is_won and periods.period = ?
			group by deals.source, item, deals.currency order by deals.source, item, deals.currency`},
	}
	var controls []payouts.Control
	for i, q := range queries {
		var args []any
		if i == 1 {
			args = append(args, period)
		}
		rows, err := j.rows(ctx, q.query, args...)
		if err != nil {
			return nil, fmt.Errorf("control total %q: %w", q.name, err)
		}
		for _, row := range rows {
			controls = append(controls, payouts.Control{
				Name: q.name, Source: row.Text("source"), Item: row.Text("item"), Count: row.Int("records"), Amount: row.Text("amount"), Currency: row.Text("currency"),
			})
		}
	}
	return append(controls, fileTotals(lines)...), nil
}

func fileTotals(lines []payouts.Line) []payouts.Control {
	var controls []payouts.Control
	for _, t := range payouts.Totals(lines) {
		controls = append(controls, payouts.Control{Name: "lines of the payout file, by state", Source: "payout.csv", Item: string(t.State), Count: t.Lines, Amount: t.Amount.Text(), Currency: t.Amount.Currency})
	}
	return controls
}

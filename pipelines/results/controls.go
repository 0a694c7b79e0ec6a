package results

import (
	"context"
	"fmt"

	"merit/pipelines/payouts"
)

// Controls are the totals by which finance can see that nothing fell out between
// staging and the scores: staging against the tables that are computed with, and won
// deals against what the metric made of them. Where two sides are compared, the
// difference stands beside them; anything but 0 refuses the lock.
func (t Tables) Controls(ctx context.Context, period string) ([]payouts.Control, error) {
	var controls []payouts.Control
	for _, q := range []struct {
		name, query string
		args        []any
	}{
		{"deals computed with against deals as the CRM gave them, by stage", `select source, coalesce(stage_id, '') as item, currency, sum(deals) as records, sum(amount) as amount,
				case when sum(staged_deals) <> sum(deals) then sum(staged_deals) - sum(deals) else sum(staged_amount) - sum(amount) end as difference
			from audits.control_totals where not is_deleted group by source, stage_id, currency order by source, item, currency`, nil},
		{"deals deleted, archived or merged away", `select source, '' as item, currency, sum(deals) as records, sum(amount) as amount, sum(staged_deals) - sum(deals) as difference
			from audits.control_totals where is_deleted group by source, currency order by source, currency`, nil},
		{"won in the period, by what became of it", wonQuery, []any{period, period}},
	} {
		rows, err := t.Rows(ctx, q.query, q.args...)
		if err != nil {
			return nil, fmt.Errorf("control total %q: %w", q.name, err)
		}
		for _, row := range rows {
			controls = append(controls, payouts.Control{
				Name: q.name, Source: row.Text("source"), Item: row.Text("item"), Count: row.Int("records"), Amount: row.Text("amount"),
				Currency: row.Text("currency"), Difference: row.Text("difference"),
			})
		}
	}
	return controls, nil
}

// wonQuery puts each won deal of the period in one class, and holds the classes
// together against all won deals.
const wonQuery = `with won as (
		select
			deals.source, deals.deal_id, coalesce(deals.currency, '') as currency, deals.amount,
			case
				when count(metric_evidence.record_id) = 0 then 'counted for nobody on the roster'
				when min(case when metric_evidence.is_excluded then 1 else 0 end) = 1 then 'excluded by a decision'
				else 'counted for a rep'
			end as item
		from core.closed_deals as deals
		join plan.periods on deals.closed_at >= periods.starts_at and deals.closed_at < periods.ends_at
		left join scores.metric_evidence on metric_evidence.metric = 'closed_won_arr' and metric_evidence.source = deals.source and metric_evidence.record_id = deals.deal_id
		where deals.is_won and periods.period = ?
		group by deals.source, deals.deal_id, deals.currency, deals.amount
	),
	every as (
		select deals.source, coalesce(deals.currency, '') as currency, count(*) as records
		from core.closed_deals as deals
		join plan.periods on deals.closed_at >= periods.starts_at and deals.closed_at < periods.ends_at
		where deals.is_won and periods.period = ?
		group by deals.source, deals.currency
	),
	classed as (select source, currency, count(*) as records from won group by source, currency)
	select won.source, won.item, won.currency, count(*) as records, sum(won.amount) as amount, max(every.records) - max(classed.records) as difference
	from won
	join every on every.source = won.source and every.currency = won.currency
	join classed on classed.source = won.source and classed.currency = won.currency
	group by won.source, won.item, won.currency
	order by won.source, won.item, won.currency`

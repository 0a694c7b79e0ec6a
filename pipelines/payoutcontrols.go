package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"merit/pipelines/payouts"
	"merit/pipelines/project"
	"merit/transform/lake"
	"merit/transform/model"
	"merit/transform/sqltext"
)

// controls are the totals by which finance can see that nothing fell out on the
// way from the CRM to the file: records as the lake has them against staging,
// staging against the tables that are computed with, won deals against what the
// metric made of them, and what the file sums to. Where two sides are compared,
// the difference stands beside them; anything but 0 refuses the lock.
func (j *Job) controls(ctx context.Context, period string, entries []payouts.Entry) ([]payouts.Control, error) {
	var controls []payouts.Control
	checkpoints, err := j.checkpoints(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	pinned := pinnedTables(checkpoints)
	for _, source := range j.Sources {
		fromLake, err := j.lakeControls(ctx, source, pinned[source.Name])
		if err != nil {
			return nil, err
		}
		controls = append(controls, fromLake...)
	}
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
		rows, err := j.rows(ctx, q.query, q.args...)
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
	return append(controls, fileTotals(entries)...), nil
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

// lakeControls count the records of the lake, one for each key, against staging. Each
// view says which table its rows are the records of, so no control is absent.
func (j *Job) lakeControls(ctx context.Context, s project.Source, tables []lake.Pinned) ([]payouts.Control, error) {
	var controls []payouts.Control
	views := availableViews{s.Connector.Views, map[string]bool{}}
	for _, table := range tables {
		views.raw[table.Table] = true
	}
	for _, table := range []string{"deals", "accounts", "contacts", "users"} {
		text, err := views.ReadFile(table + ".sql")
		if errors.Is(err, fs.ErrNotExist) { // this source has none
			continue
		}
		if err != nil {
			return nil, err
		}
		view, err := sqltext.ReadView(string(text))
		if err != nil {
			return nil, fmt.Errorf("the view %s of %s: %w", table, s.Name, err)
		}
		control, err := j.lakeControl(ctx, s.Name, table, view)
		if err != nil {
			return nil, err
		}
		controls = append(controls, control)
	}
	return controls, nil
}

func (j *Job) lakeControl(ctx context.Context, source, table string, view sqltext.View) (payouts.Control, error) {
	control := payouts.Control{Name: "records in the lake against staging", Source: source, Item: table}
	if view.Without != "" {
		control.Name += ", not compared: " + view.Without
		return control, nil
	}
	if view.Main == "" {
		return control, fmt.Errorf("the view %s of %s does not state its main table: write `-- main: raw.TABLE`, or `-- main: none: WHY`", table, source)
	}
	query, err := model.OfSource(view.CountMain(), rawSchema(source))
	if err != nil {
		return control, err
	}
	if control.Count, err = j.count(ctx, query); err != nil {
		return control, fmt.Errorf("count the lake's %s of %s: %w", table, source, err)
	}
	staged := "select count(*) as records from staging." + table + " where source = ?"
	if view.Others != "" {
		staged += " and not (" + view.Others + ")"
	}
	inStaging, err := j.count(ctx, staged, source)
	control.Difference = strconv.FormatInt(control.Count-inStaging, 10)
	return control, err
}

func (j *Job) count(ctx context.Context, query string, args ...any) (int64, error) {
	rows, err := j.rows(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return rows[0].Int("records"), nil
}

func fileTotals(entries []payouts.Entry) []payouts.Control {
	var controls []payouts.Control
	for _, t := range payouts.Sums(entries) {
		controls = append(controls, payouts.Control{Name: "lines of the payout file, by state", Source: "payout.csv", Item: string(t.State), Count: t.Lines, Amount: t.Amount.Text(), Currency: t.Amount.Currency})
	}
	return controls
}

package pipelines

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"merit/pipelines/payouts"
	"merit/pipelines/project"
)

// controls are the totals by which finance can see that nothing fell out on the
// way from the CRM to the file: records as the lake has them against staging,
// staging against the tables that are computed with, won deals against what the
// metric made of them, and what the file sums to. Where two sides are compared,
// the difference stands beside them; anything but 0 refuses the lock.
func (j *Job) controls(ctx context.Context, period string, entries []payouts.Entry) ([]payouts.Control, error) {
	var controls []payouts.Control
	for _, source := range j.Sources {
		fromLake, err := j.lakeControls(ctx, source)
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

// The main table of a view is the one that its last select begins with; what the
// view leaves out is what its last condition says, when that speaks of the main
// table alone.
var (
	mainTable = regexp.MustCompile(`(?m)^from raw\.(\w+)(?: as (\w+))?[ \t]*(?:--.*)?$`)
	lastWhere = regexp.MustCompile(`(?ms)^where (.*)\z`)
	qualified = regexp.MustCompile(`\b([A-Za-z_]\w*)\.\w+`)
	comment   = regexp.MustCompile(`--[^\n]*`)
)

// lakeControls count the records of the lake, one for each key, against staging.
func (j *Job) lakeControls(ctx context.Context, s project.Source) ([]payouts.Control, error) {
	var controls []payouts.Control
	for _, table := range []string{"deals", "accounts", "contacts", "users"} {
		view, err := fs.ReadFile(s.Connector.Views, table+".sql")
		if err != nil { // this CRM has none
			continue
		}
		query, told := countOf(comment.ReplaceAllString(string(view), ""), rawSchema(s.Name))
		if !told {
			continue
		}
		lake, err := j.count(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("count the lake's %s of %s: %w", table, s.Name, err)
		}
		staged, err := j.count(ctx, "select count(*) as records from staging."+table+" where source = ?", s.Name)
		if err != nil {
			return nil, err
		}
		controls = append(controls, payouts.Control{
			Name: "records in the lake against staging", Source: s.Name, Item: table, Count: lake, Difference: strconv.FormatInt(lake-staged, 10),
		})
	}
	return controls, nil
}

func countOf(view, schema string) (query string, told bool) {
	mains := mainTable.FindAllStringSubmatch(view, -1)
	if len(mains) == 0 || strings.Contains(view, "\nunion all") {
		return "", false
	}
	main := mains[len(mains)-1]
	name := main[2]
	if name == "" {
		name = main[1]
	}
	query = fmt.Sprintf("select count(*) as records from %s.%s as %s", schema, main[1], name)
	condition := lastWhere.FindStringSubmatch(view[strings.LastIndex(view, main[0]):])
	if condition == nil {
		return query, true
	}
	for _, column := range qualified.FindAllStringSubmatch(condition[1], -1) {
		if column[1] != name {
			return "", false
		}
	}
	return query + " where " + condition[1], true
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

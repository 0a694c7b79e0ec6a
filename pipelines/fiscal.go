package pipelines

import (
	"context"
	"fmt"
	"slices"

	"merit/connectors/fault"
	"merit/pipelines/calendar"
	"merit/pipelines/plan"
)

// fiscalQuarters lets the fiscal calendar that a CRM keeps win over merit.yml's:
// that of the source named first which has one. It tells whether there is any.
func (j *Job) fiscalQuarters(ctx context.Context, in *plan.Inputs) (bool, error) {
	rows, err := j.rows(ctx, `select fiscal_periods.source, fiscal_periods.fiscal_year, fiscal_periods.number,
			cast(fiscal_periods.starts_on as string) as starts_on, cast(fiscal_periods.ends_on as string) as ends_on
		from staging.fiscal_periods
		where fiscal_periods.kind = 'quarter'
		order by fiscal_periods.starts_on, fiscal_periods.ends_on, fiscal_periods.period_id`)
	if err != nil {
		return false, err
	}
	chosen, place := "", len(in.Sources)
	for _, row := range rows {
		if at := slices.Index(in.Sources, row.Text("source")); at >= 0 && at < place {
			chosen, place = row.Text("source"), at
		}
	}
	var given []calendar.Days
	for _, row := range rows {
		if row.Text("source") == chosen {
			given = append(given, calendar.Days{Year: int(row.Int("fiscal_year")), Number: int(row.Int("number")), First: row.Text("starts_on"), LastOn: row.Text("ends_on")})
		}
	}
	if err := j.Project.KeepQuarters(given); err != nil {
		return false, fault.Errorf(fault.You, "the fiscal calendar of %s: %w", chosen, err)
	}
	in.Calendar = j.Project.Calendar
	if !in.Calendar.IsOfMonths() {
		j.seen(Event{Notice: fmt.Sprintf("the fiscal quarters are those of %s", chosen)})
	}
	return len(given) > 0, nil
}

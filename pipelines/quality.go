package pipelines

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"merit/pipelines/payouts"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// qualityLimits are the kinds of marts.data_quality of which there are more rows than
// the plan bears, by the version in force at the as-of.
func (j *Job) qualityLimits(ctx context.Context) ([]model.Violation, error) {
	in, err := j.Inputs()
	if err != nil {
		return nil, err
	}
	asOf, err := j.rows(ctx, "select as_of_at from plan.as_of")
	if err != nil || len(asOf) == 0 {
		return nil, err
	}
	version, covers := in.Plan.For(j.Project.Calendar.Quarter(asOf[0].Time("as_of_at")))
	if !covers || len(version.DataQuality) == 0 {
		return nil, nil
	}
	counts, err := j.qualityCounts(ctx)
	if err != nil {
		return nil, err
	}
	var over []model.Violation
	for _, kind := range slices.Sorted(maps.Keys(version.DataQuality)) {
		most := int64(version.DataQuality[kind])
		if counts[kind] <= most {
			continue
		}
		samples, err := j.rows(ctx, "select source, table_name, record_id, column_name, reason from marts.data_quality where kind = ? order by records desc, source, table_name, record_id, column_name, reason limit 3", kind)
		if err != nil {
			return nil, err
		}
		v := model.Violation{Table: "marts.data_quality", Check: kind, Rows: counts[kind], Rule: fmt.Sprintf("at most %d of it, as data_quality in the plan says", most)}
		for _, row := range samples {
			v.Samples = append(v.Samples, fmt.Sprintf("%s %s %s %s (%s)", row.Text("source"), row.Text("table_name"), row.Text("record_id"), row.Text("column_name"), row.Text("reason")))
		}
		over = append(over, v)
	}
	return over, nil
}

// qualityControls are the rows of marts.data_quality as control totals: who signs a
// payout sees how much of the data was not believed or not known.
func (j *Job) qualityControls(ctx context.Context) ([]payouts.Control, error) {
	if inventory, lists := j.Warehouse.(warehouse.Inventory); lists {
		// Before the first build there is none; the draft says that nothing was built.
		if there, err := inventory.Tables(ctx); err != nil || !there["marts.data_quality"] {
			return nil, err
		}
	}
	rows, err := j.rows(ctx, "select source, kind, sum(records) as records from marts.data_quality group by source, kind order by source, kind")
	if err != nil {
		return nil, err
	}
	var controls []payouts.Control
	for _, row := range rows {
		controls = append(controls, payouts.Control{Name: "not believed or not known", Source: row.Text("source"), Item: row.Text("kind"), Count: row.Int("records")})
	}
	return controls, nil
}

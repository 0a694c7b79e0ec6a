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

// controls count the records of every source in the lake against staging.
func (j *Job) controls(ctx context.Context) ([]payouts.Control, error) {
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
	return controls, nil
}

// lakeControls count the records of the lake, one for each key, against staging. Each
// view says which table its rows are the records of, so no control is absent.
func (j *Job) lakeControls(ctx context.Context, s project.Source, tables []lake.Pinned) ([]payouts.Control, error) {
	var controls []payouts.Control
	views := availableViews{s.Connector.Views, map[string]string{}}
	for _, table := range tables {
		views.raw[table.Table] = table.Contents()
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
	if control.Count, err = j.results().Count(ctx, query); err != nil {
		return control, fmt.Errorf("count the lake's %s of %s: %w", table, source, err)
	}
	staged := "select count(*) as records from staging." + table + " where source = ?"
	if view.Others != "" {
		staged += " and not (" + view.Others + ")"
	}
	inStaging, err := j.results().Count(ctx, staged, source)
	control.Difference = strconv.FormatInt(control.Count-inStaging, 10)
	return control, err
}

package pipelines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/plandiff"
	"merit/pipelines/project"
	"merit/transform/warehouse"
)

// StandingsUnder are the period's standings under a version whose metrics take other
// parameters: every table is rebuilt from the lake, in a scratch database that
// is thrown away. The project's own tables stay as they are.
func (j *Job) StandingsUnder(ctx context.Context, v plan.Version, period string) (standings []payouts.Standing, err error) {
	if err := os.MkdirAll(j.Project.State(), 0o700); err != nil {
		return nil, fault.Errorf(fault.You, "make the scratch folder: %w", err)
	}
	folder, err := os.MkdirTemp(j.Project.State(), "plan-diff-")
	if err != nil {
		return nil, fault.Errorf(fault.You, "make the scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	own := *j.Project
	own.Settings.Warehouse = project.WarehouseSettings{DuckDB: filepath.Join(folder, "scratch.duckdb"), Memory: j.Project.Settings.Warehouse.Memory}
	scratch, err := Open(&own, j.parts, func(Event) {})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	in, err := scratch.Inputs()
	if err != nil {
		return nil, err
	}
	in.Plan = in.Plan.Only(v)
	asOf, err := scratch.Build(ctx, in, BuildOptions{})
	if err != nil {
		return nil, fmt.Errorf("build under version %s: %w", v.Name, err)
	}
	rows, err := j.rows(ctx, "select as_of_at from plan.as_of")
	if err != nil {
		return nil, warehouse.NotBuilt(err)
	}
	if built := rows[0].Time("as_of_at"); !built.Equal(asOf) {
		return nil, fault.Errorf(fault.You, "the lake speaks of %s, the last build of %s; `merit build` first, so that both sides rest on the same records", asOf.UTC().Format("2006-01-02T15:04:05Z"), built.UTC().Format("2006-01-02T15:04:05Z"))
	}
	standings, _, err = scratch.results().Standings(ctx, period)
	return standings, err
}

// PlanDiffer compares versions of the plan on this project's tables.
func (j *Job) PlanDiffer() (plandiff.Differ, error) {
	tables, err := j.Results()
	return plandiff.Differ{File: j.Project.Path(j.Project.Settings.Files.Plan), Known: j.Known(), Inputs: j.Inputs, Results: tables, Rebuilt: j.StandingsUnder}, err
}

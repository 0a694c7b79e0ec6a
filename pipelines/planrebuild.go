package pipelines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/results"
)

// rebuilt are the period's standings under a version whose metrics take other
// parameters: every table is built anew from the lake, in a scratch database that
// is thrown away. The project's own tables stay as they are.
func (j *Job) rebuilt(ctx context.Context, v plan.Version, period string) (standings []payouts.Standing, err error) {
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
		return nil, results.NotBuilt(err)
	}
	if built := rows[0].Time("as_of_at"); !built.Equal(asOf) {
		return nil, fault.Errorf(fault.You, "the lake speaks of %s, the last build of %s; `merit build` first, so that both sides rest on the same records", asOf.UTC().Format("2006-01-02T15:04:05Z"), built.UTC().Format("2006-01-02T15:04:05Z"))
	}
	standings, _, err = scratch.results().Standings(ctx, period)
	return standings, err
}

// differingParameters are the metrics whose parameters are not those that the
// last build was made with.
func differingParameters(v, built plan.Version) []string {
	var metrics []string
	for metric, settings := range v.Parameters {
		isUsed := slices.ContainsFunc(v.RoleNames(), func(role string) bool { _, used := v.Roles[role].Metrics[metric]; return used })
		if isUsed && !reflect.DeepEqual(sorted(settings), sorted(built.Parameters[metric])) {
			metrics = append(metrics, metric)
		}
	}
	slices.Sort(metrics)
	return metrics
}

// sorted is a metric's settings with lists in one order: their order says nothing.
func sorted(settings plan.Settings) map[string][]string {
	inOrder := map[string][]string{}
	for name, values := range settings {
		inOrder[name] = slices.Compact(slices.Sorted(slices.Values(values)))
	}
	return inOrder
}

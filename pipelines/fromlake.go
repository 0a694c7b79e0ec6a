package pipelines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// FromLake rebuilds every table that a period was drafted from, in a scratch database
// that is thrown away: from the snapshots of the lake that the period pins, its frozen
// plan, roster, quotas and decisions, and as of its as-of.
func (j *Job) FromLake(ctx context.Context, f payouts.Frozen, decidedBefore int64) (r ledger.Rebuilt, err error) {
	if err := os.MkdirAll(j.Project.State(), 0o700); err != nil {
		return r, fault.Errorf(fault.You, "make the scratch folder: %w", err)
	}
	folder, err := os.MkdirTemp(j.Project.State(), "from-lake-")
	if err != nil {
		return r, fault.Errorf(fault.You, "make the scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	own, err := j.frozenProject(f, folder)
	if err != nil {
		return r, err
	}
	scratch, err := Open(own, j.parts, func(Event) {})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	scratch.decidedBefore, scratch.pins = decidedBefore, map[string]map[string]int64{}
	for _, s := range f.Snapshots {
		if scratch.pins[s.Source] == nil {
			scratch.pins[s.Source] = map[string]int64{}
		}
		scratch.pins[s.Source][s.Table] = s.Snapshot
	}
	asOf, err := time.Parse(time.RFC3339, f.Heading.AsOf)
	if err != nil {
		return r, fmt.Errorf("the as-of of %s: %w", f.Heading.Period, err)
	}
	in, err := scratch.Inputs()
	if err != nil {
		return r, err
	}
	if _, err := scratch.Build(ctx, in, BuildOptions{AsOf: asOf}); err != nil {
		return r, fmt.Errorf("rebuild %s from the lake: %w", f.Heading.Period, err)
	}
	return scratch.rebuilt(ctx, f.Heading.Period)
}

func (j *Job) rebuilt(ctx context.Context, period string) (r ledger.Rebuilt, err error) {
	tables := j.results()
	r.Models = j.modelsHash()
	if r.Standings, _, err = tables.Standings(ctx, period); err != nil {
		return r, err
	}
	if r.Evidence, err = tables.Evidence(ctx, period); err != nil {
		return r, err
	}
	if r.Measures, err = tables.Measures(ctx, period); err != nil {
		return r, err
	}
	if r.Flags, err = tables.OpenFlags(ctx, period); err != nil {
		return r, err
	}
	unsound, err := tables.Unsound(ctx, period)
	r.Flags = append(r.Flags, unsound...)
	return r, err
}

// frozenProject is this project with the files and the calendar that a period froze.
func (j *Job) frozenProject(f payouts.Frozen, folder string) (*project.Project, error) {
	calendar, err := ledger.FrozenCalendar(f, j.Project)
	if err != nil {
		return nil, err
	}
	own, err := j.Project.Under(calendar)
	if err != nil {
		return nil, err
	}
	for name, path := range map[string]*string{
		"plan.yml": &own.Settings.Files.Plan, "roster.csv": &own.Settings.Files.Roster, "quotas.csv": &own.Settings.Files.Quotas, "reviews.csv": &own.Settings.Files.Reviews,
	} {
		*path = filepath.Join(folder, name)
		if err := os.WriteFile(*path, f.Documents[name], 0o600); err != nil {
			return nil, fmt.Errorf("write the frozen %s: %w", name, err)
		}
	}
	own.Settings.Warehouse = project.WarehouseSettings{DuckDB: filepath.Join(folder, "scratch.duckdb"), Memory: j.Project.Settings.Warehouse.Memory}
	return own, nil
}

// pinnedCheckpoint is the checkpoint of a stream that the period pinned; a zero one
// of a stream that was not read yet then.
func (j *Job) pinnedCheckpoint(ctx context.Context, d *lake.Dataset, head lake.Checkpoint) (lake.Checkpoint, error) {
	pinned := j.pins[d.Source()]
	checkpoint, err := d.Pinned(ctx, pinned)
	if err != nil || !checkpoint.IsZero() {
		return checkpoint, err
	}
	for _, table := range head.Tables {
		if at, named := pinned[table.Table]; named {
			return checkpoint, fault.Errorf(fault.You, "the lake does not have the snapshot %d of %s.%s any more: it is older than history.keep in merit.yml, or somebody was erased since; restore it from a backup of the lake", at, d.Source(), table.Table)
		}
	}
	return lake.Checkpoint{}, nil
}

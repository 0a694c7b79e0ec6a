package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"merit/connectors"
	"merit/pipelines/plan"
	"merit/transform/lake"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// Build makes every table anew from the lake's pinned files, the plan and the
// as-of: the same three give the same tables. It gives the as-of that it used.
func (j *Job) Build(ctx context.Context, in plan.Inputs, opts BuildOptions) (time.Time, error) {
	if err := j.openWarehouse(); err != nil {
		return time.Time{}, err
	}
	newest, err := j.load(ctx, opts.AsOf)
	if err != nil {
		return time.Time{}, err
	}
	in.AsOf = opts.AsOf
	if in.AsOf.IsZero() {
		in.AsOf = newest
	}
	if err := j.stageAsOf(ctx, &in, opts.AsOf.IsZero()); err != nil {
		return in.AsOf, err
	}
	names, err := j.Graph.Select(opts.Select)
	if err != nil {
		return in.AsOf, connectors.Fault{Who: connectors.You, Err: err}
	}
	return in.AsOf, j.Graph.Build(ctx, j.Warehouse, names, func(step model.Step) {
		j.seen(Event{Step: "build", Name: step.Model, New: step.Rows, Done: true})
	})
}

func rawSchema(source string) string { return "raw_" + source }

// load shows each source's pinned files as raw tables and gives the newest
// change among them.
func (j *Job) load(ctx context.Context, asOf time.Time) (time.Time, error) {
	pinned, err := j.pinned(ctx, asOf)
	if err != nil {
		return time.Time{}, err
	}
	var newest time.Time
	for _, source := range j.Sources {
		tables := pinned[source.Name]
		if len(tables) == 0 {
			return newest, connectors.Faultf(connectors.You, "nothing of %s was read yet; run `merit read %s` or `merit run`", source.Name, source.Name)
		}
		if err := j.Warehouse.Load(ctx, rawSchema(source.Name), tables); err != nil {
			return newest, err
		}
		j.seen(Event{Step: "load", Name: source.Name, Done: true})
		for _, t := range tables {
			at, err := j.newestChange(ctx, rawSchema(source.Name), t)
			if err != nil {
				return newest, err
			}
			if at.After(newest) {
				newest = at
			}
		}
	}
	if newest.IsZero() {
		return newest, connectors.Faultf(connectors.You, "the sources have no record at all: there is nothing to score yet")
	}
	return newest, nil
}

// pinned are the tables of each source at the instant, or at the head.
func (j *Job) pinned(ctx context.Context, asOf time.Time) (map[string][]lake.Pinned, error) {
	datasets, err := j.Lake.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	pinned := map[string][]lake.Pinned{}
	for _, d := range datasets {
		checkpoint, err := d.Head(ctx)
		if err == nil && !asOf.IsZero() {
			checkpoint, err = j.checkpointAt(ctx, d, checkpoint, asOf)
		}
		if err != nil {
			return nil, err
		}
		pinned[d.Source()] = append(pinned[d.Source()], checkpoint.Tables...)
	}
	return pinned, nil
}

// checkpointAt is what was known at the instant; where nothing had been read by
// then, today's knowledge stands in, and it is said.
func (j *Job) checkpointAt(ctx context.Context, d *lake.Dataset, head lake.Checkpoint, asOf time.Time) (lake.Checkpoint, error) {
	then, err := d.At(ctx, asOf)
	if err != nil {
		return then, err
	}
	if len(then.Tables) > 0 {
		return then, nil
	}
	j.seen(Event{Notice: fmt.Sprintf("%s.%s was first read after %s: its history counts as it is known today", d.Source(), d.Stream(), asOf.UTC().Format(time.RFC3339))})
	return head, nil
}

func (j *Job) newestChange(ctx context.Context, schema string, t lake.Pinned) (time.Time, error) {
	if t.Version == "" {
		return time.Time{}, nil
	}
	return j.instant(ctx, fmt.Sprintf("select max(%s) as newest from %s.%s", t.Version, schema, t.Table))
}

func (j *Job) instant(ctx context.Context, query string) (time.Time, error) {
	for row, err := range j.Warehouse.Query(ctx, query) {
		if err != nil {
			return time.Time{}, err
		}
		return row.Time("newest"), nil
	}
	return time.Time{}, nil
}

// stageAsOf puts the plan's tables and fills staging. When the as-of is to be the
// newest change, history may turn out to be newer than the records it belongs to
// (imported data does that): then both are made again with the later instant.
func (j *Job) stageAsOf(ctx context.Context, in *plan.Inputs, settle bool) error {
	for range 2 {
		if err := j.firstQuarter(in); err != nil {
			return err
		}
		if err := j.putPlan(ctx, *in); err != nil {
			return err
		}
		if err := j.stage(ctx); err != nil {
			return err
		}
		if !settle {
			return nil
		}
		newest, err := j.instant(ctx, "select max(changed_at) as newest from staging.deal_changes")
		if err != nil {
			return err
		}
		if !newest.After(in.AsOf) {
			return nil
		}
		in.AsOf = newest
	}
	return nil
}

func (j *Job) putPlan(ctx context.Context, in plan.Inputs) error {
	tables := in.Tables()
	for _, r := range j.Contract {
		if r.Schema != "plan" {
			continue
		}
		rows, there := tables[r.Name]
		if !there {
			return fmt.Errorf("the plan gives no rows for %s", r)
		}
		if err := j.Warehouse.Put(ctx, r, slices.Values(rows)); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
	}
	return nil
}

func (j *Job) stage(ctx context.Context) error {
	var staged []model.Staged
	for _, s := range j.Sources {
		staged = append(staged, model.Staged{Source: s.Name, RawSchema: rawSchema(s.Name), Views: s.Connector.Views})
	}
	if err := model.Stage(ctx, j.Warehouse, j.Contract, staged); err != nil {
		return err
	}
	j.seen(Event{Step: "stage", Name: strings.Join(j.Project.SourceNames(), ", "), Done: true})
	return nil
}

// Check holds the models' promises against the tables.
func (j *Job) Check(ctx context.Context) error {
	if err := j.openWarehouse(); err != nil {
		return err
	}
	violations, err := j.Graph.Check(ctx, j.Warehouse)
	if err != nil {
		return err
	}
	if len(violations) > 0 {
		return CheckFailed{violations}
	}
	j.seen(Event{Step: "check", Name: "all promises hold", Done: true})
	return nil
}

// Publish hands the marts to their readers.
func (j *Job) Publish(ctx context.Context) error {
	var marts []warehouse.Relation
	for _, m := range j.Graph.Models() {
		if strings.HasPrefix(m.Name, "marts.") {
			marts = append(marts, m.Relation())
		}
	}
	if err := j.Warehouse.Publish(ctx, marts, j.Project.Path(j.Project.Settings.Publish)); err != nil {
		return err
	}
	j.seen(Event{Step: "publish", Name: fmt.Sprintf("%d tables", len(marts)), Done: true})
	return nil
}

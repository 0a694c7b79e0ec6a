package pipelines

import (
	"context"
	"fmt"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/plan"
	"merit/pipelines/reading"
	"merit/transform/lake"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// Build makes every table from the lake's pinned files, the plan and the as-of: the same
// three give the same tables, and what was made of the same before is left as it is. It
// gives the as-of that it used.
func (j *Job) Build(ctx context.Context, in plan.Inputs, opts BuildOptions) (time.Time, error) {
	if err := j.openWarehouse(); err != nil {
		return time.Time{}, err
	}
	if err := j.load(ctx, opts.AsOf); err != nil {
		return time.Time{}, err
	}
	memory, err := model.Recall(ctx, j.Warehouse)
	if err == nil && opts.Full {
		err = memory.Clear(ctx)
	}
	if err != nil {
		return time.Time{}, err
	}
	in.AsOf = opts.AsOf
	if err := j.stageAsOf(ctx, memory, &in); err != nil {
		return in.AsOf, err
	}
	if err := isCovered(in); err != nil {
		return in.AsOf, err
	}
	if err := j.checkUsers(ctx, in); err != nil {
		return in.AsOf, err
	}
	names, err := j.Graph.Select(opts.Select)
	if err != nil {
		return in.AsOf, fault.Error{Who: fault.You, Err: err}
	}
	j.built = 0
	return in.AsOf, j.Graph.BuildChanged(ctx, memory, names, func(step model.Step) {
		j.built = step.Done
		j.seen(Event{Step: "build", Name: step.Model, New: step.Rows, At: step.Done, Of: step.Of, Done: true})
	})
}

// CheckCalendar is what can be said of the fiscal quarters before anything is built:
// those of the CRM are as the last build found them.
func (j *Job) CheckCalendar(in plan.Inputs, now time.Time) error {
	in.AsOf = now
	if err := j.firstQuarter(&in); err != nil {
		return err
	}
	if err := in.Calendar.Doubled(in.First.StartsOn, now); err != nil {
		return fault.Errorf(fault.You, "the fiscal calendar: %w", err)
	}
	return nil
}

// isCovered refuses to score nothing, and two quarters of one name.
func isCovered(in plan.Inputs) error {
	if err := in.Calendar.Doubled(in.First.StartsOn, in.AsOf); err != nil {
		return fault.Errorf(fault.You, "the fiscal calendar: %w", err)
	}
	if len(in.Quarters()) > 0 {
		return nil
	}
	from := in.Plan.Versions[0].EffectiveFrom
	return fault.Errorf(fault.You, "the plan covers no period: its first version holds from %s, the first period is %s and the newest record is of %s. Set effective_from in the plan, or calendar.first_period in merit.yml, to where the data begins",
		from, in.First.Name(), in.AsOf.In(in.Calendar.Zone).Format(time.DateOnly))
}

func rawSchema(source string) string { return "raw_" + source }

// load shows each source's pinned files as raw tables.
func (j *Job) load(ctx context.Context, asOf time.Time) error {
	checkpoints, err := j.checkpoints(ctx, asOf)
	if err != nil {
		return err
	}
	pinned := pinnedTables(checkpoints)
	j.readAt, j.shortfalls = readTimes(checkpoints), nil
	if j.filled, err = reading.Fills(j.Sources, j.Contract, checkpoints); err != nil {
		return err
	}
	for _, source := range j.Sources {
		tables := pinned[source.Name]
		if len(tables) == 0 {
			return fault.Errorf(fault.You, "nothing of %s was read yet; run `merit read %s` or `merit run`", source.Name, source.Name)
		}
		if err := j.fetch(ctx, tables); err != nil {
			return err
		}
		if err := j.Warehouse.Load(ctx, rawSchema(source.Name), tables); err != nil {
			return err
		}
		j.raw[source.Name] = map[string]string{}
		for _, table := range tables {
			j.raw[source.Name][table.Table] = table.Contents()
		}
		if j.rejects[source.Name], err = j.rejectsOf(ctx, source, tables); err != nil {
			return err
		}
		if err := j.reconcile(ctx, source.Name, checkpoints[source.Name], source.Connector.Stands); err != nil {
			return err
		}
		j.seen(Event{Step: "load", Name: source.Name, Done: true})
	}
	return nil
}

// checkpoints are those of each source's streams at the instant, or at the head.
func (j *Job) checkpoints(ctx context.Context, asOf time.Time) (map[string][]lake.Checkpoint, error) {
	datasets, err := j.Lake.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	checkpoints := map[string][]lake.Checkpoint{}
	for _, d := range datasets {
		checkpoint, err := d.Head(ctx)
		switch {
		case err != nil:
		case j.pins != nil:
			checkpoint, err = j.pinnedCheckpoint(ctx, d, checkpoint)
		case !asOf.IsZero():
			checkpoint, err = j.checkpointAt(ctx, d, checkpoint, asOf)
		}
		if err != nil {
			return nil, err
		}
		if j.pins != nil && checkpoint.IsZero() {
			continue // a stream that was not read yet
		}
		checkpoints[d.Source()] = append(checkpoints[d.Source()], checkpoint)
	}
	return checkpoints, nil
}

// pinnedTables are the tables of each source.
func pinnedTables(checkpoints map[string][]lake.Checkpoint) map[string][]lake.Pinned {
	pinned := map[string][]lake.Pinned{}
	for source, streams := range checkpoints {
		for _, checkpoint := range streams {
			pinned[source] = append(pinned[source], checkpoint.Tables...)
		}
	}
	return pinned
}

// clocksDiffer is how far a CRM's clock may be ahead of this machine's.
const clocksDiffer = 5 * time.Minute

// readTimes are, by source, the instant up to which its stamps are believed: that of
// its last reading, and a little more.
func readTimes(checkpoints map[string][]lake.Checkpoint) map[string]time.Time {
	times := map[string]time.Time{}
	for source, streams := range checkpoints {
		for _, checkpoint := range streams {
			times[source] = reading.Later(times[source], checkpoint.At.Add(clocksDiffer))
		}
	}
	return times
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

// stageAsOf puts the plan's tables and fills staging. Without an as-of it is the
// newest change among the records, which only staging can tell; no view depends on
// it, so that staging is filled once. No clock is read, so the same records give the
// same tables whenever they are built.
func (j *Job) stageAsOf(ctx context.Context, memory *model.Memory, in *plan.Inputs) error {
	settled := !in.AsOf.IsZero()
	if !settled {
		var err error
		if in.AsOf, err = j.lastAsOf(ctx, memory); err != nil {
			return err
		}
	}
	if err := j.putPlan(ctx, memory, in); err != nil {
		return err
	}
	if err := j.stage(ctx, memory, j.Contract); err != nil {
		return err
	}
	given, err := j.fiscalQuarters(ctx, in)
	if err != nil {
		return err
	}
	if settled {
		if given { // the periods are others than those that were put
			return j.putPlan(ctx, memory, in)
		}
		return nil
	}
	if in.AsOf, err = j.newestChange(ctx); err != nil {
		return err
	}
	return j.putPlan(ctx, memory, in)
}

// lastAsOf is the as-of of the last build, so that a build of the same records finds the
// plan's tables as they shall be; any other does until the newest change is known.
func (j *Job) lastAsOf(ctx context.Context, memory *model.Memory) (time.Time, error) {
	if memory.Of("plan.as_of") == "" {
		return time.Unix(0, 0), nil
	}
	rows, err := j.rows(ctx, "select as_of_at from plan.as_of")
	if err != nil || len(rows) != 1 {
		return time.Unix(0, 0), err
	}
	return rows[0].Time("as_of_at"), nil
}

// newestChange is the newest instant of any kind that staging tells of what has
// happened, up to when its source was read: a stamp of later is believed by nobody.
func (j *Job) newestChange(ctx context.Context) (time.Time, error) {
	var parts []string
	for _, table := range j.Contract {
		for _, column := range model.PastInstants(table) {
			for _, s := range j.Sources {
				parts = append(parts, fmt.Sprintf("select max(%[1]s) as stamp from %[2]s where source = %[3]s and %[1]s <= cast('%[4]s' as timestamp with time zone)",
					column, table, sqlLiteral(s.Name), j.readAt[s.Name].UTC().Format("2006-01-02 15:04:05.999999+00:00")))
			}
		}
	}
	rows, err := j.rows(ctx, "select max(instants.stamp) as newest from (\n"+strings.Join(parts, "\nunion all\n")+") as instants")
	if err != nil {
		return time.Time{}, err
	}
	if rows[0].IsNull("newest") {
		return time.Time{}, fault.Errorf(fault.You, "the sources have no record with the time of its creation or of a change: there is nothing to score yet")
	}
	return rows[0].Time("newest"), nil
}

func (j *Job) putPlan(ctx context.Context, memory *model.Memory, in *plan.Inputs) error {
	if err := j.firstQuarter(in); err != nil {
		return err
	}
	in.Streams = j.filled
	tables := in.Tables()
	var relations []warehouse.Relation
	for _, r := range j.Contract {
		if r.Schema != "plan" {
			continue
		}
		if _, there := tables[r.Name]; !there {
			return fmt.Errorf("the plan gives no rows for %s", r)
		}
		relations = append(relations, r)
	}
	return memory.Put(ctx, relations, func(r warehouse.Relation) [][]any { return tables[r.Name] })
}

func (j *Job) stage(ctx context.Context, memory *model.Memory, contract []warehouse.Relation) error {
	var staged []model.Staged
	for _, s := range j.Sources {
		staged = append(staged, model.Staged{Source: s.Name, RawSchema: rawSchema(s.Name), Views: availableViews{s.Connector.Views, j.raw[s.Name]}, Contents: j.raw[s.Name], Rejects: j.rejects[s.Name], ReadAt: j.readAt[s.Name]})
	}
	if err := model.Stage(ctx, memory, contract, staged); err != nil {
		return err
	}
	j.seen(Event{Step: "stage", Name: strings.Join(j.Project.SourceNames(), ", "), Done: true})
	return nil
}

// Check holds the promises of the named models, or of all, against the tables.
func (j *Job) Check(ctx context.Context, names ...string) error {
	if err := j.openWarehouse(); err != nil {
		return err
	}
	violations, err := j.Graph.Check(ctx, j.Warehouse, names...)
	if err != nil {
		return warehouse.NotBuilt(err)
	}
	if len(names) == 0 {
		over, err := j.qualityLimits(ctx)
		if err != nil {
			return err
		}
		violations = append(violations, over...)
	}
	for _, s := range j.shortfalls {
		if s.IsPaidOn && len(names) == 0 {
			violations = append(violations, violation(s))
		}
	}
	if len(violations) > 0 {
		return CheckFailed{violations}
	}
	j.seen(Event{Step: "check", Name: "all promises hold", Done: true})
	return nil
}

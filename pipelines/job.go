// Package pipelines is the order of things: read, load, stage, build, check,
// publish. A Job does them on one project; what it does it tells through Seen.
package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/erasure"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/reading"
	"merit/pipelines/runlog"
	"merit/transform/lake"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// Parts are what a Job is put together from; only the command knows which
// connectors and engines there are.
type Parts struct {
	Connectors    []connectors.Connector
	Models        fs.FS
	OpenWarehouse func(*project.Project) (warehouse.Warehouse, error)
}

// A Job is one project opened for work.
type Job struct {
	Project    *project.Project
	Sources    []project.Source
	Lake       *lake.Lake
	Warehouse  warehouse.Warehouse
	Graph      *model.Graph
	Contract   []warehouse.Relation
	parts      Parts
	seen       func(Event)
	raw        map[string]map[string]string // by source, its tables that were loaded, and what says whether their rows changed
	rejects    map[string]string            // by source, the query for what fitted no column
	readAt     map[string]time.Time         // by source, up to when its stamps are believed
	erased     *lake.ErasureList            // who was erased, on demand; nil: nobody
	built      int                          // tables that the last build made
	filled     []plan.Stream                // what each source fills, as it was loaded
	shortfalls []runlog.Shortfall           // that the last load found
	documents  map[string][]byte            // the hand-kept files as Inputs read them
	excluded   []plan.Exclusion             // by them
	decided    []plan.FlagDecision          // on flags, by stewards in force
	ignored    []string                     // in words: decisions on flags that do not count

	// A rebuild of a period that was drafted before reads what was known then.
	decidedBefore int64                       // record of the evidence log; 0: all decisions
	pins          map[string]map[string]int64 // snapshots by source and table; nil: the newest
}

// An Event is a step's progress, for whoever watches.
type Event struct {
	Step   string // read, load, stage, build, check, publish
	Name   string // stream, table or model
	Read   int64  // rows that came
	New    int64  // rows that the lake did not have
	At, Of int    // models built so far and to be built
	Done   bool
	Notice string // a sentence for people; the rest is empty then
}

// Open gets everything ready; nothing is read or written yet but the lake's and
// the warehouse's own folders.
func Open(p *project.Project, parts Parts, seen func(Event)) (*Job, error) {
	j := &Job{Project: p, parts: parts, seen: seen, raw: map[string]map[string]string{}, rejects: map[string]string{}}
	var err error
	if j.Sources, err = p.Sources(parts.Connectors); err != nil {
		return nil, err
	}
	if j.Graph, err = Graph(parts.Models, p.Dir); err != nil {
		return nil, err
	}
	j.Contract = j.Graph.Contract()
	if j.Lake, err = openLake(p); err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	gone, err := erasure.List(p)
	if err != nil {
		return nil, err
	}
	j.erased = gone
	j.Lake.SetErasureList(gone)
	j.Lake.Knowing(people(j.Sources))
	j.Lake.SetIdled(idled(j.Sources))
	return j, nil
}

// people is what each source declares of where personal data lies.
func people(sources []project.Source) map[string]connectors.People {
	all := map[string]connectors.People{}
	for _, s := range sources {
		all[s.Name] = s.Connector.People
	}
	return all
}

// idled says of each source which moves of a cursor need not be kept.
func idled(sources []project.Source) map[string]func(before, after connectors.Cursor) bool {
	all := map[string]func(before, after connectors.Cursor) bool{}
	for _, s := range sources {
		all[s.Name] = s.Connector.Idled
	}
	return all
}

// openWarehouse is put off until something is to be computed, so that reading
// does not need it.
func (j *Job) openWarehouse() error {
	if j.Warehouse != nil {
		return nil
	}
	w, err := j.parts.OpenWarehouse(j.Project)
	if err != nil {
		return fault.Errorf(fault.You, "open the warehouse %s: %w", j.Project.WarehousePlace(), err)
	}
	j.Warehouse = w
	return nil
}

// Close lets go of the warehouse.
func (j *Job) Close() error {
	if j.Warehouse == nil {
		return nil
	}
	return j.Warehouse.Close()
}

// Reader reads this project's sources.
func (j *Job) Reader() reading.Reader {
	return reading.Reader{
		Project: j.Project, Sources: j.Sources, Lake: j.Lake, Lineage: j.lineage(), RemoveTables: tables{j}.RemoveAll,
		Progress: func(p reading.Progress) {
			j.seen(Event{Step: "read", Name: p.Name, Read: p.Read, New: p.New, Done: p.Done})
		},
		Notice: func(sentence string) { j.seen(Event{Notice: sentence}) },
	}
}

func (j *Job) lineage() reading.Lineage {
	return reading.Lineage{Sources: j.Sources, Graph: j.Graph, Contract: j.Contract, Plan: func() (*plan.Plan, error) {
		in, err := j.Inputs()
		return in.Plan, err
	}}
}

// Failures are sentences on the streams whose last reading failed.
func (j *Job) Failures() []string { return reading.Failures(j.Project, j.lineage()) }

// Status is what the lake knows of each stream.
func (j *Job) Status(ctx context.Context) ([]reading.StreamStatus, error) {
	return reading.Status(ctx, j.Lake, j.Sources)
}

// Inputs reads the plan and the hand-kept files; a mistake in them stops a run
// before anything is read from a CRM.
func (j *Job) Inputs() (plan.Inputs, error) {
	p := j.Project
	files := p.Settings.Files
	in := plan.Inputs{Calendar: p.Calendar, Currency: p.Settings.Calendar.Currency, Sources: p.SourceOrder(), Addresses: j.addresses()}
	for _, c := range p.DealClasses() {
		in.DealClasses = append(in.DealClasses, plan.DealClass(c))
	}
	documents, unread := ledger.Documents(p) // before they are parsed, so that what is remembered is what was seen
	var err error
	if in.Plan, err = plan.Open(p.Path(files.Plan), j.Known()); err != nil {
		return in, err
	}
	if in.Roster, err = in.Plan.Roster(p.Path(files.Roster), in.Currency); err != nil {
		return in, err
	}
	if in.Quotas, err = plan.Quotas(p.Path(files.Quotas), in.Roster); err != nil {
		return in, err
	}
	in.Roster = erasure.Roster(in.Roster, j.Sources, j.erased)
	if in.Exclusions, err = plan.Reviews(p.Path(files.Reviews)); err != nil {
		return in, err
	}
	in.Rules = j.rules()
	if err := in.Plan.CheckFlags(in.Rules); err != nil {
		return in, err
	}
	if err := managersAreNamed(in.Plan, p.Settings.Payouts.Managers); err != nil {
		return in, err
	}
	in.Settable = settingsOf(j.Graph.Settable())
	if err := in.Plan.CheckRecognition(in.Settable); err != nil {
		return in, err
	}
	if in.Decisions, j.ignored, err = j.flagDecisions(); err != nil {
		return in, err
	}
	if in.Shown, _, err = readShown(p); err != nil {
		return in, err
	}
	j.documents, j.excluded, j.decided = documents, in.Exclusions, in.Decisions
	return in, unread
}

// rules are the flag rules that the models have, with their defaults.
func (j *Job) rules() plan.Rules { return settingsOf(j.Graph.Rules()) }

// settingsOf are the models' parameters by model, with their defaults.
func settingsOf(models []*model.Model) plan.Rules {
	rules := plan.Rules{}
	for _, m := range models {
		settings := plan.Settings{}
		for name, values := range m.DefaultSettings() {
			settings[name] = values
		}
		rules[m.Short()] = settings
	}
	return rules
}

// addresses are the accounts' own, which stand before the paths of their records.
func (j *Job) addresses() map[string]string {
	all := map[string]string{}
	for source, settings := range j.Project.Settings.Sources {
		if endpoint := settings["endpoint"]; len(endpoint) == 1 && strings.HasPrefix(endpoint[0], "http") {
			all[source] = strings.TrimSuffix(endpoint[0], "/")
		}
	}
	return all
}

// Known are the metrics that the models have, with their parameters.
func (j *Job) Known() plan.Known {
	known := plan.Known{}
	for _, m := range j.Graph.Models() {
		if m.Header.Metric == nil {
			continue
		}
		settings := plan.Settings{}
		for name, values := range m.Header.Parameters {
			settings[name] = values
		}
		known[strings.TrimPrefix(m.Name, "metrics.")] = plan.Definition{
			Kind: m.Header.Metric.Value, Parameters: settings, Control: m.Header.Metric.Control, Spans: m.Header.Metric.Spans,
			Choices: asSettings(m.Header.Metric.Choices), NeedsOneOf: m.Header.Metric.NeedsOneOf,
		}
	}
	return known
}

func asSettings(all map[string][]string) plan.Settings {
	settings := plan.Settings{}
	for name, values := range all {
		settings[name] = values
	}
	return settings
}

// firstQuarter is the settings' first period, or that of eight quarters before
// the as-of.
func (j *Job) firstQuarter(in *plan.Inputs) error {
	if name := j.Project.Settings.Calendar.FirstPeriod; name != "" {
		q, err := in.Calendar.Parse(name)
		in.First = q
		return err
	}
	in.First = in.Calendar.Quarter(in.AsOf.AddDate(-2, 0, 0))
	return nil
}

// CheckFailed says which promises the data broke; nothing was published.
type CheckFailed struct{ Violations []model.Violation }

func (c CheckFailed) Error() string {
	text := fmt.Sprintf("%d checks failed, nothing was published:", len(c.Violations))
	for _, v := range c.Violations {
		text += "\n  " + v.String()
	}
	return text
}

// Run is the whole job, what a scheduler calls.
func (j *Job) Run(ctx context.Context, full bool) (runlog.Run, error) {
	record := runlog.Run{}
	in, err := j.Inputs()
	if err != nil {
		return record, err
	}
	var failed reading.StreamsFailed
	record.Streams, record.Budgets, err = j.Reader().Read(ctx, nil, full)
	if err != nil && (!errors.As(err, &failed) || !failed.HaveRows()) {
		return record, err
	}
	record.AsOf, err = j.Build(ctx, in, BuildOptions{Full: full})
	if err != nil {
		return record, err
	}
	record.Built = j.built
	if record.Quality, err = j.qualityCounts(ctx); err != nil {
		return record, err
	}
	if err := j.Check(ctx); err != nil {
		return record, err
	}
	if err := j.Publish(ctx); err != nil {
		return record, err
	}
	if err := j.rememberShown(ctx, record.AsOf); err != nil {
		return record, err
	}
	if err := j.MaintainDaily(ctx); err != nil || len(failed.Failed) == 0 {
		return record, err
	}
	return record, failed
}

// BuildOptions narrow a build.
type BuildOptions struct {
	Select string    // model pattern such as +scores.rep_scores; "" is all
	AsOf   time.Time // zero: the newest change that the lake holds
	Full   bool      // also what was made of the same before is made again
}

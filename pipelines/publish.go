package pipelines

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/privacy"
	"merit/pipelines/reading"
	"merit/pipelines/runlog"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// Publish hands the marts to their readers.
func (j *Job) Publish(ctx context.Context) error {
	marts := j.Marts()
	memory, err := model.Recall(ctx, j.Warehouse)
	if err != nil {
		return err
	}
	for i := range marts {
		marts[i].MadeOf = memory.Of(marts[i].String())
	}
	folder := j.Project.Path(j.Project.Settings.Publish)
	if err := j.Warehouse.Publish(ctx, marts, folder); err != nil {
		return err
	}
	if s, keepsVersions := j.Warehouse.(warehouse.Superseding); keepsVersions {
		if err := privacy.RemoveSuperseded(j.Project, s.RemoveSuperseded); err != nil {
			return err
		}
	}
	if err := j.openTo(folder); err != nil {
		return err
	}
	j.seen(Event{Step: "publish", Name: fmt.Sprintf("%d tables", len(marts)), Done: true})
	return nil
}

// Marts are the published tables, with what readers are told of them.
func (j *Job) Marts() []warehouse.Relation {
	var marts []warehouse.Relation
	for _, m := range j.Graph.Models() {
		if !strings.HasPrefix(m.Name, "marts.") {
			continue
		}
		r := m.Relation()
		r.Columns = slices.Clone(r.Columns)
		for i := range r.Columns {
			r.Columns[i].Nullable = !slices.Contains(m.Header.NotNull, r.Columns[i].Name)
		}
		marts = append(marts, r)
	}
	return marts
}

// openTo gives the published folder the mode that merit.yml asks for. Without a
// word of it the folder keeps the mode that it has.
func (j *Job) openTo(folder string) error {
	mode, said := map[string]fs.FileMode{"owner": 0o700, "group": 0o750, "everyone": 0o755}[j.Project.Settings.PublishTo]
	if !said || j.Project.Settings.Warehouse.UsesBigQuery() {
		return nil
	}
	if err := os.Chmod(folder, mode); err != nil {
		return fault.Errorf(fault.You, "publish_to: %w", err)
	}
	// Who may read a folder and not pass through the one above it reads nothing.
	passes := mode & 0o011
	for at := filepath.Dir(folder); passes != 0; at = filepath.Dir(at) {
		about, err := os.Stat(at)
		if err != nil {
			return fault.Errorf(fault.You, "publish_to: %w", err)
		}
		if about.Mode().Perm()&passes != passes {
			j.seen(Event{Notice: fmt.Sprintf("publish_to: %s may read %s, and %s (mode %#o) lets them not through; chmod it, or publish elsewhere",
				j.Project.Settings.PublishTo, folder, at, about.Mode().Perm())})
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return nil
}

// runsBeside is added to the published folder's name: what changes with each run
// stands beside the tables, so that one that finds nothing new changes no byte of them.
const runsBeside = "-runs"

// PublishRuns hands on how the runs ended and how fresh each stream is.
func (j *Job) PublishRuns(ctx context.Context) error {
	if j.Warehouse == nil { // the run ended before anything could be computed
		return nil
	}
	records, err := runlog.Read(j.Project)
	if err != nil {
		return err
	}
	runs := runlog.Relation()
	if err := j.Warehouse.Put(ctx, runs, slices.Values(runlog.Rows(records))); err != nil {
		return err
	}
	streams, err := j.Status(ctx)
	if err != nil {
		return err
	}
	fresh := freshnessTable()
	if err := j.Warehouse.Put(ctx, fresh, slices.Values(freshRows(streams, records))); err != nil {
		return err
	}
	folder := filepath.Clean(j.Project.Path(j.Project.Settings.Publish)) + runsBeside
	if err := j.Warehouse.Publish(ctx, []warehouse.Relation{fresh, runs}, folder); err != nil {
		return err
	}
	return j.openTo(folder)
}

func freshnessTable() warehouse.Relation {
	return warehouse.Relation{
		Schema: "plan", Name: "freshness", Comment: "how far each stream is read, and when it was looked at last", Grain: "one row a stream", Key: []string{"source", "stream"},
		Columns: []warehouse.Column{
			{Name: "source", Type: "varchar", Comment: "the source's name in merit.yml"},
			{Name: "stream", Type: "varchar", Comment: "what is read and resumed together"},
			{Name: "loaded_at", Type: "timestamp with time zone", Comment: "when a run last read it well, also where nothing was new; null: never since runs are remembered", Nullable: true},
			{Name: "read_until", Type: "timestamp with time zone", Comment: "everything that changed up to then is read; null: the source doesn't say", Nullable: true},
			{Name: "newest_record_at", Type: "timestamp with time zone", Comment: "last change of the records that came; null: the source doesn't say", Nullable: true},
			{Name: "committed_at", Type: "timestamp with time zone", Comment: "when the lake last got something of it; null: never", Nullable: true},
			{Name: "rows", Type: "bigint", Comment: "rows in the lake, every version of a record"},
		},
	}
}

func freshRows(streams []reading.StreamStatus, records []runlog.Run) [][]any {
	loaded := map[string]time.Time{}
	for _, r := range records {
		for _, s := range r.Streams {
			if s.Fault == "" {
				loaded[s.Source+"."+s.Stream] = reading.Later(loaded[s.Source+"."+s.Stream], r.EndedAt)
			}
		}
	}
	known := map[string]reading.StreamStatus{}
	for _, s := range streams {
		known[s.Source+"."+s.Stream] = s
	}
	var rows [][]any
	for _, name := range slices.Sorted(maps.Keys(known)) {
		s := known[name]
		rows = append(rows, []any{s.Source, s.Stream, instantOrNull(loaded[name]), instantOrNull(s.Until), instantOrNull(s.Newest), instantOrNull(s.ReadAt), s.Rows})
	}
	return rows
}

func instantOrNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at
}

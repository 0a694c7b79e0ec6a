package pipelines

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/sourcegraph/conc/pool"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// streamsAtOnce bounds how many streams of a source are read side by side: each
// holds row groups of its tables in memory while they are encoded.
const streamsAtOnce = 3

// Read pulls what changed since the last time from every source, or from those
// named as SOURCE or SOURCE.STREAM. With full it starts over from the beginning;
// what the lake has already is not written twice.
func (j *Job) Read(ctx context.Context, only []string, full bool) ([]StreamRecord, map[string]connectors.Usage, error) {
	var all []StreamRecord
	budgets := map[string]connectors.Usage{}
	var mu sync.Mutex
	readers := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	chosen, err := j.chosen(only)
	if err != nil {
		return nil, nil, err
	}
	for _, source := range chosen {
		readers.Go(func(ctx context.Context) error {
			records, usage, err := j.readSource(ctx, source, only, full)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, records...)
			if usage != nil {
				budgets[source.Name] = *usage
			}
			return err
		})
	}
	err = readers.Wait()
	if err == nil {
		err = j.tellStale(ctx)
	}
	slices.SortFunc(all, func(a, b StreamRecord) int {
		return strings.Compare(a.Source+"."+a.Stream, b.Source+"."+b.Stream)
	})
	return all, budgets, err
}

func (j *Job) chosen(only []string) ([]project.Source, error) {
	if len(only) == 0 {
		return j.Sources, nil
	}
	var chosen []project.Source
	for _, name := range only {
		wanted, _, _ := strings.Cut(name, ".")
		at := slices.IndexFunc(j.Sources, func(s project.Source) bool { return s.Name == wanted })
		if at < 0 {
			return nil, fault.Errorf(fault.You, "%s names no source called %q; there are %s", project.FileName, wanted, strings.Join(j.Project.SourceNames(), ", "))
		}
		if !slices.ContainsFunc(chosen, func(s project.Source) bool { return s.Name == wanted }) {
			chosen = append(chosen, j.Sources[at])
		}
	}
	return chosen, nil
}

func (j *Job) readSource(ctx context.Context, s project.Source, only []string, full bool) ([]StreamRecord, *connectors.Usage, error) {
	source, err := s.Open(ctx)
	if err != nil {
		return nil, nil, named(s, err)
	}
	streams, err := source.Streams(ctx)
	if err != nil {
		return nil, nil, named(s, err)
	}
	guard, err := j.guardOf(s.Name, streams)
	if err != nil {
		return nil, nil, err
	}
	if streams, err = narrow(s, streams, only); err != nil {
		return nil, nil, err
	}
	var records []StreamRecord
	var mu sync.Mutex
	readers := pool.New().WithMaxGoroutines(streamsAtOnce).WithContext(ctx).WithCancelOnError().WithFirstError()
	for _, stream := range streams {
		readers.Go(func(ctx context.Context) error {
			record, err := j.readStream(ctx, guardedSource{source, guard}, s.Name, stream, full)
			mu.Lock()
			defer mu.Unlock()
			records = append(records, record)
			if err != nil {
				return fmt.Errorf("%s.%s: %w", s.Name, stream.Name, err)
			}
			return nil
		})
	}
	err = readers.Wait()
	for _, remark := range remarks(source) {
		j.seen(Event{Notice: s.Name + ": " + remark})
	}
	return records, usage(source), err
}

// remarks are what a source noticed by the way.
func remarks(source connectors.Source) []string {
	if r, ok := source.(connectors.Remarking); ok {
		return r.Remarks()
	}
	return nil
}

// tellStale says what seems to stand still.
func (j *Job) tellStale(ctx context.Context) error {
	streams, err := j.Status(ctx)
	if err != nil {
		return err
	}
	for _, notice := range Stale(streams) {
		j.seen(Event{Notice: notice})
	}
	return nil
}

// named says of which source an error is, where the connector's own name does not
// say it already.
func named(s project.Source, err error) error {
	if s.Name == s.Connector.Name {
		return err
	}
	return fmt.Errorf("%s: %w", s.Name, err)
}

func usage(source connectors.Source) *connectors.Usage {
	metered, ok := source.(connectors.Metered)
	if !ok {
		return nil
	}
	u := metered.Usage()
	return &u
}

// narrow leaves the streams that merit.yml and the command line name.
func narrow(s project.Source, streams []connectors.Stream, only []string) ([]connectors.Stream, error) {
	var names []string
	for _, stream := range streams {
		names = append(names, stream.Name)
	}
	wanted := slices.Clone(s.Only)
	for _, name := range only {
		if source, stream, found := strings.Cut(name, "."); found && source == s.Name {
			wanted = append(wanted, stream)
		}
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return nil, fault.Errorf(fault.You, "%s has no stream %q for this account; there are %s", s.Name, name, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(streams, func(stream connectors.Stream) bool {
		return len(wanted) > 0 && !slices.Contains(wanted, stream.Name)
	}), nil
}

// A guardedSource is a source of which some columns are not wanted.
type guardedSource struct {
	connectors.Source
	guard *guard
}

// readStream is the heart of reading: what changed since the head's cursor goes
// into the lake, cursor and data in one act.
func (j *Job) readStream(ctx context.Context, source guardedSource, name string, stream connectors.Stream, full bool) (StreamRecord, error) {
	record := StreamRecord{Source: name, Stream: stream.Name}
	dataset := j.Lake.Dataset(name, stream.Name)
	head, err := dataset.Head(ctx)
	if err != nil {
		return record, err
	}
	since := head.Cursor
	if full {
		since = ""
	}
	for _, table := range stream.Tables {
		record.Tables = append(record.Tables, TableRecord{Table: table.Name})
	}
	pages := counted(source.guard.pages(source.Read(ctx, stream, since)), record.Tables)
	event := Event{Step: "read", Name: name + "." + stream.Name}
	_, err = dataset.Append(ctx, stream, pages, func(p lake.Progress) {
		event.Read, event.New = 0, 0
		for i := range record.Tables {
			t := &record.Tables[i]
			if t.Table == p.Table {
				t.Read, t.New = p.Read, p.New
			}
			event.Read, event.New = event.Read+t.Read, event.New+t.New
		}
		j.seen(event)
	})
	event.Done = err == nil
	j.seen(event)
	return record, err
}

// counted passes pages on and counts their rejects.
func counted(pages iter.Seq2[connectors.Page, error], tables []TableRecord) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		for page, err := range pages {
			for _, reject := range page.Rejects {
				for i := range tables {
					if tables[i].Table == reject.Table {
						tables[i].Rejects++
					}
				}
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

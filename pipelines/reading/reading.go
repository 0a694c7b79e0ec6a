// Package reading brings what changed from every source into the lake, and says what
// could not be read and what stands on it.
package reading

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sourcegraph/conc/pool"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/privacy"
	"merit/pipelines/project"
	"merit/pipelines/runlog"
	"merit/transform/lake"
)

// streamsAtOnce bounds how many streams of a source are read side by side: each
// holds row groups of its tables in memory while they are encoded.
const streamsAtOnce = 3

// A Reader reads the sources of one project.
type Reader struct {
	Project *project.Project
	Sources []project.Source
	Lake    *lake.Lake
	Lineage Lineage
	// RemoveTables removes what was built from rows that a policy takes out of the lake.
	RemoveTables func() error
	Progress     func(Progress)
	Notice       func(sentence string)
}

// Progress is how far a stream is read.
type Progress struct {
	Name      string // SOURCE.STREAM
	Read, New int64  // rows that came, and those that the lake did not have
	Done      bool
}

// Read pulls what changed since the last time from every source, or from those
// named as SOURCE or SOURCE.STREAM. With full it starts over from the beginning;
// what the lake has already is not written twice.
func (r Reader) Read(ctx context.Context, only []string, full bool) ([]runlog.Stream, map[string]connectors.Usage, error) {
	var all []runlog.Stream
	budgets, errs := map[string]connectors.Usage{}, map[string]error{}
	var mu sync.Mutex
	readers := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	chosen, err := r.chosen(only)
	if err != nil {
		return nil, nil, err
	}
	if _, err := r.Lake.Upgrade(ctx); err != nil {
		return nil, nil, err
	}
	opened, err := r.openSources(ctx, chosen, only)
	if err != nil {
		return nil, nil, err
	}
	for _, source := range opened {
		readers.Go(func(ctx context.Context) error {
			read, err := r.readSource(ctx, source, only, full)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, read.records...)
			maps.Copy(errs, read.errs)
			if read.usage != nil {
				budgets[source.Name] = *read.usage
			}
			return err
		})
	}
	err = readers.Wait()
	slices.SortFunc(all, func(a, b runlog.Stream) int {
		return strings.Compare(a.Source+"."+a.Stream, b.Source+"."+b.Stream)
	})
	if err == nil {
		err = errors.Join(r.nameFailures(all, errs, only), r.tellStale(ctx))
	}
	return all, budgets, err
}

func (r Reader) chosen(only []string) ([]project.Source, error) {
	if len(only) == 0 {
		return r.Sources, nil
	}
	var chosen []project.Source
	for _, name := range only {
		wanted, _, _ := strings.Cut(name, ".")
		at := slices.IndexFunc(r.Sources, func(s project.Source) bool { return s.Name == wanted })
		if at < 0 {
			return nil, fault.Errorf(fault.You, "%s names no source called %q%s", project.FileName, wanted, fault.Instead(wanted, r.Project.SourceNames()))
		}
		if !slices.ContainsFunc(chosen, func(s project.Source) bool { return s.Name == wanted }) {
			chosen = append(chosen, r.Sources[at])
		}
	}
	return chosen, nil
}

// A sourceRead is what the reading of one source came to.
type sourceRead struct {
	records []runlog.Stream
	errs    map[string]error // of the streams that failed, by SOURCE.STREAM
	usage   *connectors.Usage
}

// An openedSource is a source that is signed in to, with what it has and what of that is private.
type openedSource struct {
	project.Source
	source  connectors.Source
	streams []connectors.Stream
	guard   *privacy.Guard
}

// openSources signs in to sources, and takes out of the lake what merit.yml has made
// private since: before anything is read, as nothing else may write meanwhile.
func (r Reader) openSources(ctx context.Context, chosen []project.Source, only []string) ([]openedSource, error) {
	opened := make([]openedSource, len(chosen))
	openers := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	for i, s := range chosen {
		openers.Go(func(ctx context.Context) (err error) {
			opened[i], err = r.openSource(ctx, s, only)
			return err
		})
	}
	if err := openers.Wait(); err != nil {
		return nil, err
	}
	for _, s := range opened {
		values, err := s.guard.ApplyToOlder(ctx, r.Lake, r.RemoveTables)
		if err != nil {
			return nil, err
		}
		if values > 0 {
			r.Notice(fmt.Sprintf("%s: %d values in the lake were older than what %s says of privacy: they are taken out of every snapshot, and `merit run` rebuilds the tables; drafts of payouts that were made before are best made again", s.Name, values, project.FileName))
		}
	}
	return opened, nil
}

func (r Reader) openSource(ctx context.Context, s project.Source, only []string) (openedSource, error) {
	o := openedSource{Source: s}
	var err error
	if o.source, err = s.Open(ctx); err != nil {
		return o, named(s, err)
	}
	choose(r.Project, o.source, s, only)
	if o.streams, err = o.source.Streams(ctx); err != nil {
		return o, named(s, err)
	}
	o.guard, err = privacy.New(r.Project, s, o.streams)
	return o, err
}

// choose tells a source what will be read, so that it asks for nothing else. A policy of
// merit.yml may reach columns of any stream: then all are asked for.
func choose(p *project.Project, source connectors.Source, s project.Source, only []string) {
	if c, canChoose := source.(connectors.Chooser); canChoose && !p.Settings.Privacy.IsOf(s.Name) {
		c.Choose(wanted(s, only), s.Without)
	}
}

// wanted are the streams of a source that the command line names, or else merit.yml.
func wanted(s project.Source, only []string) []string {
	var named []string
	for _, name := range only {
		if source, stream, found := strings.Cut(name, "."); found && source == s.Name {
			named = append(named, stream)
		}
	}
	if len(named) > 0 && !slices.Contains(only, s.Name) {
		return named
	}
	return s.Only
}

// listMissing has a source list all ids of the streams that lack records.
func listMissing(name string, source connectors.Source, runs []runlog.Run) {
	lister, canList := source.(connectors.IDLister)
	for _, s := range runlog.LastShortfalls(runs) {
		if canList && s.Source == name {
			lister.ListIDs(s.Object)
		}
	}
}

// readSource reads a source's streams side by side. Its error is one that concerns
// all of them; that of a single stream stands in its record.
func (r Reader) readSource(ctx context.Context, s openedSource, only []string, full bool) (sourceRead, error) {
	read := sourceRead{errs: map[string]error{}}
	streams, err := narrow(s.Source, slices.Clone(s.streams), only)
	if err != nil {
		return read, err
	}
	log, err := runlog.Read(r.Project)
	if err != nil {
		return read, err
	}
	listMissing(s.Name, s.source, log)
	var mu sync.Mutex
	readers := pool.New().WithMaxGoroutines(streamsAtOnce).WithContext(ctx).WithCancelOnError().WithFirstError()
	for _, stream := range streams {
		readers.Go(func(ctx context.Context) error {
			record, err := r.readStream(ctx, guardedSource{s.source, s.guard}, s.Source, stream, full)
			if err != nil {
				err = fmt.Errorf("%s.%s: %w", s.Name, stream.Name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil && !concernsAll(ctx, err) {
				err = r.isolate(ctx, &record, stream, log, err, read.errs)
			}
			read.records = append(read.records, record)
			return err
		})
	}
	if err = readers.Wait(); err == nil {
		err = r.emptyUnread(ctx, s.Source, s.streams)
	}
	r.warn(s.Name, s.source, read.records)
	read.usage = usage(s.source)
	return read, err
}

// isolate turns a stream's error into its record's.
func (r Reader) isolate(ctx context.Context, record *runlog.Stream, stream connectors.Stream, log []runlog.Run, err error, errs map[string]error) error {
	name := record.Source + "." + record.Stream
	head, failed := r.Lake.Dataset(record.Source, record.Stream).Head(ctx)
	if failed != nil {
		return errors.Join(err, failed)
	}
	errs[name] = err
	record.Fault = strings.TrimPrefix(err.Error(), name+": ")
	record.IsWhole = r.isWhole(record.Source, record.Stream, head)
	record.LastGood = lastGood(log, record.Source, record.Stream, head)
	return r.makeEmpty(ctx, record.Source, stream, "this stream can't be read: "+record.Fault)
}

// emptyUnread makes the tables of streams that the settings leave out.
func (r Reader) emptyUnread(ctx context.Context, s project.Source, all []connectors.Stream) error {
	for _, stream := range all {
		if slices.Contains(s.Without, stream.Name) {
			if err := r.makeEmpty(ctx, s.Name, stream, project.FileName+" leaves it out"); err != nil {
				return err
			}
		}
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
	wanted := wanted(s, only)
	for _, name := range slices.Concat(wanted, s.Without) {
		if !slices.Contains(names, name) {
			return nil, fault.Errorf(fault.You, "%s has no stream %q for this account%s", s.Name, name, fault.Instead(name, names))
		}
	}
	for _, name := range s.Without {
		if slices.Contains(only, s.Name+"."+name) {
			return nil, fault.Errorf(fault.You, "%s leaves %s.%s out (without:), so that it can't be read", project.FileName, s.Name, name)
		}
	}
	return slices.DeleteFunc(slices.Clone(streams), func(stream connectors.Stream) bool {
		return len(wanted) > 0 && !slices.Contains(wanted, stream.Name) || slices.Contains(s.Without, stream.Name)
	}), nil
}

// A guardedSource is a source of which some columns are not wanted.
type guardedSource struct {
	connectors.Source
	guard *privacy.Guard
}

// readStream is the heart of reading: what changed since the head's cursor goes
// into the lake, cursor and data in one act.
func (r Reader) readStream(ctx context.Context, source guardedSource, of project.Source, stream connectors.Stream, full bool) (runlog.Stream, error) {
	record := runlog.Stream{Source: of.Name, Stream: stream.Name}
	for _, table := range stream.Tables {
		record.Tables = append(record.Tables, runlog.Table{Table: table.Name})
	}
	dataset := r.Lake.Dataset(of.Name, stream.Name)
	head, err := dataset.Head(ctx)
	if err != nil {
		return record, err
	}
	since := head.Cursor
	if full {
		since = ""
	}
	var leftOut error
	pages := believed(source.Read(ctx, stream, since), wasRead(stream.Name, head, of.Connector.Stands), &leftOut)
	pages = counted(source.guard.Pages(pages), record.Tables)
	progress := Progress{Name: of.Name + "." + stream.Name}
	_, err = dataset.Append(ctx, stream, pages, func(p lake.Progress) {
		progress.Read, progress.New = 0, 0
		for i := range record.Tables {
			t := &record.Tables[i]
			if t.Table == p.Table {
				t.Read, t.New = p.Read, p.New
			}
			progress.Read, progress.New = progress.Read+t.Read, progress.New+t.New
		}
		r.Progress(progress)
	})
	if leftOut != nil {
		record.LeftOut = leftOut.Error()
	}
	progress.Done = err == nil
	r.Progress(progress)
	return record, err
}

// counted passes pages on and counts their rejects.
func counted(pages iter.Seq2[connectors.Page, error], tables []runlog.Table) iter.Seq2[connectors.Page, error] {
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

package main

import (
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
	"merit/pipelines/project"
	"merit/pipelines/reading"
	"merit/pipelines/runlog"
)

type statusCommand struct{}

// Run is called by the command line. It asks no CRM and takes no lock.
func (statusCommand) Run(a *app) error {
	p, err := project.Open(a.project)
	if err != nil {
		return err
	}
	job, err := pipelines.Open(p, parts(), func(pipelines.Event) {})
	if err != nil {
		return err
	}
	streams, err := job.Status(a.ctx)
	if err != nil {
		return err
	}
	if len(streams) == 0 {
		a.printf("nothing was read yet; `merit run` does the whole job\n")
	} else if !a.quiet {
		t := a.table(table.Row{"stream", "rows in the lake", "read up to", "newest record", "formulas of", "last commit"})
		for _, s := range streams {
			t.AppendRow(table.Row{s.Source + "." + s.Stream, s.Rows, upTo(s), stamp(s.Newest), stamp(s.Whole), stamp(s.ReadAt)})
		}
		t.Render()
	}
	for _, notice := range append(reading.Stale(streams), job.Failures()...) {
		a.printf("note: %s\n", notice)
	}
	if err := a.printDisputes(p); err != nil {
		a.printf("note: %s\n", err)
	}
	return a.printRuns(p)
}

func (a *app) printRuns(p *project.Project) error {
	records, err := runlog.Read(p)
	if err != nil || len(records) == 0 {
		return err
	}
	for _, r := range records {
		for source, u := range r.Budgets {
			if r.EndedAt.Equal(records[len(records)-1].EndedAt) && u.Limit > 0 {
				a.printf("%s: %d of %d API calls of the day were used (%.1f %%)\n", source, u.Used, u.Limit, 100*float64(u.Used)/float64(u.Limit))
			}
		}
	}
	for _, r := range slices.Backward(records) {
		if r.Command == "run" && !r.AsOf.IsZero() {
			for _, kind := range slices.Sorted(maps.Keys(r.Quality)) {
				a.printf("data quality: %d %s\n", r.Quality[kind], kind)
			}
			break
		}
	}
	last := records[len(records)-1]
	outcome := "ended well"
	if last.Fault != "" {
		outcome = "failed: " + last.Fault
	}
	a.printf("last: merit %s, %s, took %s, %s\n", last.Command, last.StartedAt.Format(time.RFC3339), last.EndedAt.Sub(last.StartedAt).Round(time.Millisecond), outcome)
	return nil
}

// upTo is up to when a stream is read; where its connector doesn't say, its cursor.
func upTo(s reading.StreamStatus) string {
	if s.Until.IsZero() {
		return short(string(s.Cursor))
	}
	return stamp(s.Until)
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// short is the beginning of a long text.
func short(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}

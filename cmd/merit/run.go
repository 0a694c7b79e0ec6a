package main

import (
	"context"
	"fmt"
	"time"

	"merit/pipelines"
	"merit/pipelines/runlog"
)

type runCommand struct {
	Full bool `help:"Read everything from the beginning, and make every table again."`
}

// Help is what merit run --help adds.
func (runCommand) Help() string {
	return "Reads what changed, builds every table, holds every check, and only then publishes. A run that stops anywhere leaves the last good tables in place; the next run goes on from there."
}

// Run is called by the command line.
func (c runCommand) Run(a *app) error {
	record, job, closeAll, err := a.record("run", func(job *pipelines.Job) (runlog.Run, error) {
		return job.Run(a.ctx, c.Full)
	})
	if closeAll != nil {
		defer closeAll()
	}
	if err != nil {
		return err
	}
	a.printStreams(record.Streams)
	a.printf("built     %s in %s; every check holds\n", builtOf(record.Built, len(job.Graph.Models())), job.Project.WarehousePlace())
	if len(record.Quality) > 0 {
		a.printf("look at   marts.data_quality: %s\n", pipelines.QualityText(record.Quality))
	}
	a.printf("as of     %s\n", record.AsOf.UTC().Format(time.RFC3339))
	a.printf("published %s\n", job.Project.Path(job.Project.Settings.Publish))
	if settings := job.Project.Settings.Report; settings.AfterRun {
		return a.report(job, settings.Audiences)
	}
	return nil
}

// builtOf says how many tables were made, and that the others are as they were.
func builtOf(built, all int) string {
	if built == all {
		return fmt.Sprintf("%d tables", all)
	}
	return fmt.Sprintf("%d of %d tables, the others being made of the same as before,", built, all)
}

// record runs work on the locked project and remembers how it ended.
func (a *app) record(command string, work func(*pipelines.Job) (runlog.Run, error)) (runlog.Run, *pipelines.Job, func() error, error) {
	watch := a.progress()
	job, closeAll, err := a.open(watch.seen, true)
	if err != nil {
		return runlog.Run{}, nil, nil, err
	}
	started := time.Now()
	record, err := work(job)
	watch.end(a)
	record.Command, record.StartedAt, record.EndedAt = command, started.UTC(), time.Now().UTC()
	record.Shortfalls = job.Shortfalls()
	if err != nil {
		record.Fault = err.Error()
	}
	if kept := runlog.Append(job.Project, record); kept != nil && err == nil {
		err = kept
	}
	if command == "run" {
		if kept := job.PublishRuns(context.WithoutCancel(a.ctx)); kept != nil && err == nil {
			err = kept
		}
	}
	if command != "read" {
		if kept := job.LogRun(a.ctx, record); kept != nil && err == nil {
			err = kept
		}
	}
	return record, job, closeAll, err
}

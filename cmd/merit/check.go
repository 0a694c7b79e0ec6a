package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/reading"
)

type checkCommand struct{}

// Help is what merit check --help adds.
func (checkCommand) Help() string {
	return "Checks merit.yml, plan.yml and the hand-kept files, looks at the lake and at a warehouse in BigQuery, signs in to every source and asks which objects and fields the account may read. Names in the plan that no record of the last build has are told, with what there is. Nothing is read, nothing is written."
}

// Run is called by the command line. Everything is looked at before the first
// fault ends it, so that one run shows all there is to mend.
func (checkCommand) Run(a *app) error {
	watch := a.progress()
	job, closeAll, err := a.open(watch.seen, false)
	if err != nil {
		return err
	}
	defer closeAll()
	in, inputs := job.Inputs()
	if inputs == nil {
		var notes []string
		notes, inputs = job.People(a.ctx, in)
		notes = append(notes, job.Names(a.ctx)...)
		if inputs == nil {
			inputs = job.CheckCalendar(in, time.Now())
		}
		for _, note := range notes {
			a.printf("look at this: %s\n", note)
		}
	}
	if inputs == nil {
		a.printf("plan and hand-kept files: good\n")
	}
	kept := job.Lake.Check(a.ctx)
	if kept == nil {
		a.printf("the lake %s: good\n", job.Lake.Root())
	}
	seen, unfit := job.ExamineWarehouse(a.ctx)
	for _, finding := range seen {
		a.printf("warehouse: %s\n", finding)
	}
	findings, faults := reading.Preflight(a.ctx, job.Project, job.Sources)
	for _, f := range findings {
		if f.Err != nil {
			continue
		}
		var streams []string
		for _, s := range f.Streams {
			streams = append(streams, fmt.Sprintf("%s (%d columns)", s.Name, s.Tables[0].Schema.NumFields()))
		}
		a.printf("%s: signed in; readable: %s\n", f.Source, strings.Join(streams, ", "))
		for _, warning := range append(f.Privacy, f.Warnings...) {
			a.printf("%s: %s\n", f.Source, warning)
		}
		if f.Usage != nil && f.Usage.Limit > 0 {
			a.printf("%s: %d of %d API calls of today are used\n", f.Source, f.Usage.Used, f.Usage.Limit)
		}
	}
	if err := errors.Join(inputs, kept, unfit, faults); err != nil {
		return fault.Error{Who: fault.WhoMends(firstOf(inputs, kept, unfit, faults)), Err: err}
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"fmt"
	"time"

	"merit/connectors"
	"merit/pipelines"
)

type buildCommand struct {
	Select string `help:"Models to build: core.deals, +core.deals with what it needs, core.deals+ with what needs it." placeholder:"+x+"`
	AsOf   string `help:"Speak of this instant: 2026-03-31 (end of that day) or 2026-03-31T23:59:59Z." placeholder:"INSTANT"`
}

// Help is what merit build --help adds.
func (buildCommand) Help() string {
	return "Builds tables from what the lake has; reads no CRM and publishes nothing. The same lake, plan and --as-of give the same tables. Without --as-of the newest change in the lake is spoken of."
}

// Run is called by the command line.
func (c buildCommand) Run(a *app) error {
	record, _, closeAll, err := a.record("build", func(job *pipelines.Job) (pipelines.Record, error) {
		var r pipelines.Record
		in, err := job.Inputs()
		if err != nil {
			return r, err
		}
		opts := pipelines.BuildOptions{Select: c.Select}
		if opts.AsOf, err = instant(c.AsOf, job.Project.Calendar.Zone); err != nil {
			return r, err
		}
		r.AsOf, err = job.Build(a.ctx, in, opts)
		return r, err
	})
	if closeAll != nil {
		defer closeAll()
	}
	if err != nil {
		return err
	}
	a.printf("built as of %s\n", record.AsOf.UTC().Format(time.RFC3339))
	return nil
}

// instant reads a day, which means its end in the reporting zone, or an instant.
func instant(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, connectors.Fault{Who: connectors.You, Err: fmt.Errorf("--as-of %q is neither a day (2026-03-31) nor an instant with its zone (2026-03-31T23:59:59Z)", text)}
	}
	return at, nil
}

package main

import (
	"fmt"
	"time"

	"merit/connectors/fault"
	"merit/pipelines"
	"merit/pipelines/runlog"
)

type buildCommand struct {
	Select string `help:"Models to build: core.deals, +core.deals with what it needs, core.deals+ with what needs it." placeholder:"+x+"`
	AsOf   string `help:"Speak of this instant: 2026-03-31 (end of that day) or 2026-03-31T23:59:59Z." placeholder:"INSTANT"`
	Full   bool   `help:"Make also those tables again that would be made of the same as before."`
	DryRun bool   `help:"Only tell how many bytes BigQuery would read and bill for; nothing is built."`
}

// Help is what merit build --help adds.
func (buildCommand) Help() string {
	return "Builds tables from what the lake has; reads no CRM and publishes nothing. The same lake, plan and --as-of give the same tables. Without --as-of the newest change in the lake is spoken of."
}

// Run is called by the command line.
func (c buildCommand) Run(a *app) error {
	if c.DryRun {
		return c.estimate(a)
	}
	record, _, closeAll, err := a.record("build", func(job *pipelines.Job) (runlog.Run, error) {
		var r runlog.Run
		if _, err := job.Graph.Select(c.Select); err != nil { // before the work, not after it
			return r, err
		}
		in, err := job.Inputs()
		if err != nil {
			return r, err
		}
		opts := pipelines.BuildOptions{Select: c.Select, Full: c.Full}
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

// estimate prints a line a model and the sum.
func (c buildCommand) estimate(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	estimates, err := job.Estimate(a.ctx, c.Select)
	if err != nil {
		return err
	}
	var read, billed int64
	a.printf("%-34s %15s %15s\n", "bytes of each model", "read", "billed")
	unknown := 0
	for _, e := range estimates {
		if e.Err != nil {
			unknown++
			a.printf("%-34s unknown: %v\n", e.Model, e.Err)
			continue
		}
		read, billed = read+e.Read, billed+e.Billed
		a.printf("%-34s %15d %15d\n", e.Model, e.Read, e.Billed)
	}
	a.printf("%-34s %15d %15d, %.2f USD at 6.25 USD a TiB; checks and publishing come on top\n", "all", read, billed, float64(billed)/(1<<40)*6.25)
	if unknown > 0 {
		a.printf("%d models read tables that were never built, or are wrong; what they would read is not in the sum\n", unknown)
	}
	if most := job.Project.Settings.Warehouse.BigQuery.MaxBytesBilled; most > 0 {
		a.printf("%-34s %15d bytes, by max_bytes_billed; loads bill nothing\n", "most a query may bill", most)
	}
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
		return time.Time{}, fault.Error{Who: fault.You, Err: fmt.Errorf("--as-of %q is neither a day (2026-03-31) nor an instant with its zone (2026-03-31T23:59:59Z)", text)}
	}
	return at, nil
}

package main

import (
	"strings"

	"merit/connectors/fault"
	"merit/pipelines"
)

type reportCommand struct {
	Audience []string `help:"Whose pages: people, teams, finance, steward, programme, plan or public. May be given several times." placeholder:"AUDIENCE"`
	All      bool     `help:"Everybody's pages in one folder, which holds what each person is paid: only where access.csv guards it."`
}

// Help is what merit report --help adds.
func (reportCommand) Help() string {
	return "Makes static pages from the tables of the last build and the payouts that are drafted or locked: no script, nothing from elsewhere, a folder for each audience under report/, access.csv beside them. What somebody is paid stands under people/ and finance/ only, and nothing under public/ leads inward. The same tables give the same bytes, and only files whose bytes change are written."
}

// Run is called by the command line.
func (c reportCommand) Run(a *app) error {
	if len(c.Audience) == 0 && !c.All {
		return fault.Errorf(fault.You, "pages of all audiences in one folder show what everybody is paid to whoever reads the folder: "+
			"name whose pages to make with --audience, or say --all where access.csv guards the folder")
	}
	if len(c.Audience) > 0 && c.All {
		return fault.Errorf(fault.You, "--audience names some pages and --all means every page; say one of them")
	}
	watch := a.progress()
	job, closeAll, err := a.open(watch.seen, true)
	if err != nil {
		return err
	}
	defer closeAll()
	defer watch.end(a)
	return a.report(job, c.Audience)
}

// report makes the pages and says what became of them.
func (a *app) report(job *pipelines.Job, audiences []string) error {
	written, err := job.Report(a.ctx, audiences)
	if err != nil {
		return err
	}
	settings := job.Project.Settings.Report
	a.printf("pages     %d in %s, %d files written, %d removed\n", written.Pages, job.Project.Path(settings.Folder), written.Changed, written.Removed)
	if len(written.Unguarded) > 0 {
		a.printf("note: access.csv lets nobody read %s; report.readers and report.managers in merit.yml name people\n", strings.Join(written.Unguarded, ", "))
	}
	return nil
}

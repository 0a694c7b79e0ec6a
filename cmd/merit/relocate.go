package main

import "merit/pipelines"

type relocateCommand struct{}

// Help is what merit relocate --help adds.
func (relocateCommand) Help() string {
	return "Iceberg's metadata names files by their whole path. A lake in a folder opens wherever it lies, and the next run writes its new paths; this does it at once, for other engines. " +
		"A lake in a bucket has to be told: copy all its objects, name the new location in merit.yml, and run this. It refuses, and changes nothing of a table, when one of the table's files is not there."
}

// Run is called by the command line.
func (relocateCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	tables, err := job.Lake.Relocate(a.ctx)
	if err != nil {
		return err
	}
	a.printf("relocated %d tables to %s\n", tables, job.Lake.Root())
	return nil
}

package main

import (
	"merit/pipelines"
	"merit/pipelines/erasure"
)

type forgetCommand struct {
	Source string   `arg:"" help:"The source's name in merit.yml."`
	Who    []string `arg:"" help:"E-mail addresses, and records as KIND:ID, such as Contact:0035g00000AbCdEAAV or contacts:101."`
	DryRun bool     `help:"Say who would be erased, and change nothing."`
}

// Help is what merit forget --help adds.
func (forgetCommand) Help() string {
	return `Takes a person out of every snapshot of the lake. Ids, addresses and names become a tombstone that tells nothing; what was the person's counts as before, so no score and no amount changes. The tables are built and published anew, versions published before and drafts of payouts are removed, and everybody who was ever erased at the source is looked for in every value and byte of the project.

They stay erased when the CRM is read again: the project keeps keyed hashes (forgotten.txt, keys/forget.key). Locked payouts stay, and are named. Exit code 2: nobody was found.`
}

// Run is called by the command line.
func (c forgetCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	if c.DryRun {
		found, err := job.Eraser().LookFor(a.ctx, c.Source, c.Who)
		if err != nil {
			return err
		}
		a.printf("known by  %d records, addresses and names\nto erase  %d rows and %d cells; nothing was changed\n", found.Known, found.Erased.Rows, found.Erased.Cells)
		for _, path := range found.Proof.Found {
			a.printf("to be made anew  %s\n", path)
		}
		a.printLeft(found)
		return nil
	}
	done, err := job.Eraser().Forget(a.ctx, c.Source, c.Who)
	if err != nil {
		return err
	}
	a.printf("known by  %d records, addresses and names\nerased    %d rows and %d cells, in %d files rewritten\n", done.Known, done.Erased.Rows, done.Erased.Cells, done.Erased.Files)
	for _, draft := range done.Removed {
		a.printf("removed   %s; `merit payout draft` makes it again\n", draft)
	}
	if done.Rebuilt {
		a.printf("rebuilt   %s and what is published; versions before are removed\n", job.Project.WarehousePlace())
	}
	a.printf("proven    %d files and %d decoded values looked through: nothing is left of anybody who was erased\n", done.Proof.Files, done.Proof.Values)
	a.printLeft(done)
	a.printf("next      erase the person in %s itself, and in copies and backups of this project that were made before\n", c.Source)
	return nil
}

// printLeft names what still tells of the person, and why.
func (a *app) printLeft(done erasure.Erasure) {
	for _, place := range done.Kept {
		a.printf("kept      %s\n", place)
	}
	for _, place := range done.Yours {
		a.printf("yours     %s still names the person; Merit does not change what people keep by hand\n", place)
	}
}

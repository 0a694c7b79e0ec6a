package main

import "merit/pipelines"

type forgetCommand struct {
	Source string   `arg:"" help:"The source's name in merit.yml."`
	Who    []string `arg:"" help:"E-mail addresses, and records as STREAM:ID, such as Contact:0035g00000AbCdEAAV or contacts:101."`
}

// Help is what merit forget --help adds.
func (forgetCommand) Help() string {
	return "Takes a person out of every snapshot of the lake: their own records with history and links go, and cells of other records that mention an address or id of theirs become empty. Then it looks for them in every byte and every decoded value that is left. They stay gone when the CRM is read again: the project keeps keyed hashes (forgotten.txt, keys/forget.key). The warehouse is removed; run `merit run` to have it and the published tables anew."
}

// Run is called by the command line.
func (c forgetCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	done, err := job.Forget(a.ctx, c.Source, c.Who)
	if err != nil {
		return err
	}
	a.printf("known by  %d records and addresses\nerased    %d rows and %d cells, in %d files rewritten\nproven    %d files and %d decoded values looked through: nothing is left\n",
		done.Known, done.Erased.Rows, done.Erased.Cells, done.Erased.Files, done.Proof.Files, done.Proof.Values)
	return nil
}

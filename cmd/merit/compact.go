package main

import "merit/pipelines"

type compactCommand struct{}

// Help is what merit compact --help adds.
func (compactCommand) Help() string {
	return "A run does this once a day by itself. No row is lost or changed; checkpoints stay for --as-of as long as history: in merit.yml says."
}

// Run is called by the command line.
func (compactCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	done, err := job.Maintain(a.ctx)
	if err != nil {
		return err
	}
	a.printf("compacted %d small files into %d\nexpired   %d checkpoints\nremoved   %d files that nothing named, %d bytes\n",
		done.Before, done.After, done.Expired, done.Cleaned.Files, done.Cleaned.Bytes)
	return nil
}

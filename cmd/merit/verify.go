package main

import (
	"fmt"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines"
)

type verifyCommand struct{}

// Help is what merit verify --help adds.
func (verifyCommand) Help() string {
	return "Reads every file that any checkpoint of the lake names, with another Parquet library than the one that wrote it: presence, size, sum, number of rows, each row's hash, and the chain of commits. Names each file that is not as it was written and exits with 1 then. Nothing is changed."
}

// Run is called by the command line.
func (verifyCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true) // a writer's clean-up would look like damage
	if err != nil {
		return err
	}
	defer closeAll()
	v, err := job.Lake.Verify(a.ctx, nil)
	if err != nil {
		return err
	}
	a.printf("verified  %d tables, %d checkpoints' snapshots, %d files, %d rows, %d bytes of data\n", v.Tables, v.Snapshots, v.Files, v.Rows, v.Bytes)
	for _, table := range v.Shared {
		a.printf("shared    %s: another engine wrote files of it, of which there are no sums\n", table)
	}
	for _, table := range v.Outdated {
		a.printf("outdated  %s; the next `merit run` or `merit read` brings it up to date\n", table)
	}
	if len(v.Damages) == 0 {
		a.printf("every file is as it was written\n")
		return nil
	}
	var lines []string
	for _, d := range v.Damages {
		lines = append(lines, "  "+d.String())
	}
	return fault.Errorf(fault.Us, "%s", fmt.Sprintf("%d files of the lake are not as they were written:\n%s", len(v.Damages), strings.Join(lines, "\n")))
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"merit/connectors/fault"
	"merit/models"
	"merit/pipelines/project"
	"merit/transform/model"
	"merit/transform/warehouse/duckdb"
)

type testCommand struct{}

// Help is what merit test --help adds.
func (testCommand) Help() string {
	return "Runs the worked examples that stand beside the models in an empty database of its own and then, where a project was built, the checks of every model on its data, and computes every score again by other means."
}

// Run is called by the command line.
func (testCommand) Run(a *app) error {
	if err := a.examples(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(a.project, project.FileName)); errors.Is(err, fs.ErrNotExist) {
		a.printf("no project is in %s: only the examples were run\n", a.project)
		return nil
	}
	watch := a.progress()
	job, closeAll, err := a.open(watch.seen, true)
	if err != nil {
		return err
	}
	defer closeAll()
	if err := job.Check(a.ctx); err != nil {
		return err
	}
	a.printf("every check of every model holds on this project's data\n")
	scores, err := job.RecomputeScores(a.ctx)
	if err != nil {
		return err
	}
	a.printf("%s computed again in exact decimals: the same\n", plural(scores, "score"))
	return nil
}

func (a *app) examples() error {
	graph, err := model.Load(models.Files)
	if err != nil {
		return err
	}
	w, err := duckdb.Open("", "1GB")
	if err != nil {
		return err
	}
	defer w.Close()
	results, err := graph.RunExamples(a.ctx, w)
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range results {
		if r.Err != nil {
			failed++
			fmt.Fprintln(a.err, r.Err)
		}
	}
	a.printf("worked examples: %d passed, %d failed\n", len(results)-failed, failed)
	if failed > 0 {
		return fault.Errorf(fault.Us, "%d worked examples do not come out", failed)
	}
	return nil
}

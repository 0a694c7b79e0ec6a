package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/project"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

type testCommand struct {
	Select string `help:"Only these models: a name, folder.*, +NAME for all that it reads from, NAME+ for all that reads from it."`
}

// Help is what merit test --help adds.
func (testCommand) Help() string {
	return "Runs the worked examples that stand beside the models in an empty database of its own and then, where a project was built, the checks of every model on its data, and computes every score again by other means, when scores.rep_scores is among the models."
}

// Run is called by the command line.
func (c testCommand) Run(a *app) error {
	graph, err := a.graph()
	if err != nil {
		return err
	}
	var names []string // none: all
	if c.Select != "" {
		if names, err = graph.Select(c.Select); err != nil {
			return err
		}
	}
	if err := a.examples(graph, names); err != nil {
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
	err = job.Check(a.ctx, names...)
	if missing := (*warehouse.NoTable)(nil); len(names) > 0 && errors.As(err, &missing) {
		a.printf("not all of %s was built in this project yet: `merit build` does, and then its checks can be run on the data\n", strings.Join(names, ", "))
		return nil
	}
	if err != nil {
		return err
	}
	if len(names) > 0 {
		a.printf("every check of %s holds on this project's data\n", strings.Join(names, ", "))
	} else {
		a.printf("every check of every model holds on this project's data\n")
	}
	if len(names) > 0 && !slices.Contains(names, "scores.rep_scores") {
		return nil
	}
	in, err := job.Inputs()
	if err != nil {
		return err
	}
	tables, err := job.Results()
	if err != nil {
		return err
	}
	scores, err := ledger.RecomputeScores(a.ctx, in, tables)
	if err != nil {
		return err
	}
	a.printf("%s computed again in exact decimals: the same\n", plural(scores, "score"))
	return nil
}

func (a *app) examples(graph *model.Graph, names []string) error {
	var warehouses []warehouse.Warehouse
	for range runtime.GOMAXPROCS(0) {
		w, err := duckdb.OpenSmall()
		if err != nil {
			return err
		}
		defer w.Close()
		warehouses = append(warehouses, w)
	}
	results, err := graph.RunExamples(a.ctx, warehouses, names...)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(results, func(r model.Result) bool { return r.Example.Model == name }) && graph.Model(name).File != "" {
			a.printf("no worked example stands beside %s: models/%s wants some\n", name, strings.TrimSuffix(graph.Model(name).File, ".sql")+"_test.md")
		}
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

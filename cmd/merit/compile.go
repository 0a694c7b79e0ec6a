package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/warehouse/bigquery"
)

type compileCommand struct {
	Dialect string   `help:"duckdb or bigquery." enum:"duckdb,bigquery" default:"duckdb"`
	Models  []string `arg:"" name:"model" help:"Models, such as core.stage_visits or +core.deals."`
}

// Help is what merit compile --help adds.
func (compileCommand) Help() string {
	return "Prints the query of each model as the engine takes it; asks nothing of any engine. For BigQuery, schemas are datasets of the project's merit.yml, or merit_core and so on where there is none."
}

// Run is called by the command line.
func (c compileCommand) Run(a *app) error {
	graph, err := a.graph()
	if err != nil {
		return err
	}
	names, err := a.datasets()
	if err != nil {
		return err
	}
	for _, pattern := range c.Models {
		chosen, err := graph.Select(pattern)
		if err != nil {
			return fault.Error{Who: fault.You, Err: err}
		}
		for _, m := range graph.Models() {
			if !slices.Contains(chosen, m.Name) {
				continue
			}
			query, err := m.Compile(c.Dialect)
			if err == nil && c.Dialect == "bigquery" {
				query, err = names.Localise(query)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			fmt.Fprintf(a.out, "-- %s\n%s;\n\n", m.Name, query)
		}
	}
	return nil
}

// datasets are where the project's tables lie; where no project is, the names that
// merit.yml's own example has.
func (a *app) datasets() (bigquery.Names, error) {
	names := bigquery.Names{Dataset: "merit"}
	if _, err := os.Stat(filepath.Join(a.project, project.FileName)); errors.Is(err, fs.ErrNotExist) {
		return names, nil
	}
	p, err := project.Open(a.project)
	if err != nil {
		return names, err
	}
	if p.Settings.Warehouse.BigQuery.Dataset != "" {
		names.Dataset = p.Settings.Warehouse.BigQuery.Dataset
	}
	return names, nil
}

package main

import (
	"strings"

	"merit/pipelines/bi"
	"merit/pipelines/project"
)

type biCommand struct {
	Tool string `arg:"" help:"dbt, superset, evidence, contract (an Open Data Contract) or lookml."`
	Dir  string `arg:"" help:"Folder for the project: new, empty, or written by this command before." type:"path"`
}

// Help is what merit bi --help adds.
func (biCommand) Help() string {
	return "Writes a ready project over the published tables, all from one walk of their catalogue: descriptions, types, keys and how each metric adds up are Merit's own. Tableau, Power BI, Metabase and Looker Studio read merit.duckdb, the Parquet files or the BigQuery dataset as they are; that was not tried with them."
}

// Run is called by the command line.
func (c biCommand) Run(a *app) error {
	p, err := project.Open(a.project)
	if err != nil {
		return err
	}
	published := p.Path(p.Settings.Publish)
	catalogue, err := bi.Open(published)
	if err != nil {
		return err
	}
	graph, err := a.graph()
	if err != nil {
		return err
	}
	kit := bi.Project{Company: p.Settings.Company, Published: published, Catalogue: catalogue}
	for _, m := range graph.Metrics() {
		kit.Metrics = append(kit.Metrics, bi.Metric{Name: strings.TrimPrefix(m.Name, "metrics."), Title: m.Header.Title, Kind: m.Header.Metric.Value, Unit: m.Header.Metric.Unit})
	}
	files, err := kit.Write(c.Tool, c.Dir)
	if err != nil {
		return err
	}
	a.printf("written: %d files in %s\n", len(files), c.Dir)
	return nil
}

package main

import (
	"context"
	"strings"

	"merit/connectors"
	"merit/connectors/files"
	"merit/connectors/hubspot"
	"merit/connectors/salesforce"
	"merit/models"
	"merit/pipelines"
	"merit/pipelines/project"
	"merit/sql"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/bigquery"
	"merit/transform/warehouse/duckdb"
)

// parts are all connectors and engines there are; nothing else names them.
func parts() pipelines.Parts {
	return pipelines.Parts{
		Connectors:    []connectors.Connector{files.Connector(staging()), hubspot.Connector(), salesforce.Connector()},
		Models:        models.Files,
		OpenWarehouse: openWarehouse,
	}
}

// staging is the contract that every source fills, and files in every table. It is
// part of this binary: one that can't be read is a binary that no test has seen.
func staging() []files.Table {
	contract, err := model.Contract(sql.Files)
	if err != nil {
		panic(err)
	}
	var tables []files.Table
	for _, r := range contract {
		if r.Schema != "staging" {
			continue
		}
		table := files.Table{Name: r.Name, Key: r.Key}
		for _, c := range r.Columns {
			if c.Name != "source" {
				table.Columns = append(table.Columns, files.Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable})
			}
		}
		tables = append(tables, table)
	}
	return tables
}

// openWarehouse opens the engine that merit.yml names.
func openWarehouse(p *project.Project) (warehouse.Warehouse, error) {
	settings := p.Settings.Warehouse
	if !settings.UsesBigQuery() {
		return duckdb.Open(p.Path(settings.DuckDB), settings.Memory)
	}
	b := settings.BigQuery
	if b.Credentials != "" {
		b.Credentials = p.Path(strings.TrimPrefix(b.Credentials, "file:"))
	}
	return bigquery.Open(context.Background(), bigquery.Settings{
		Project: b.Project, Dataset: b.Dataset, Location: b.Location, Credentials: b.Credentials,
		Endpoint: b.Endpoint, MaxBytesBilled: b.MaxBytesBilled, JobsAtOnce: b.JobsAtOnce, KMSKey: b.KMSKey,
	})
}

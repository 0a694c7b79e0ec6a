package main

import (
	"context"
	"strings"

	"merit/connectors"
	"merit/connectors/hubspot"
	"merit/connectors/salesforce"
	"merit/models"
	"merit/pipelines"
	"merit/pipelines/project"
	"merit/transform/warehouse"
	"merit/transform/warehouse/bigquery"
	"merit/transform/warehouse/duckdb"
)

// parts are all connectors and engines there are; nothing else names them.
func parts() pipelines.Parts {
	return pipelines.Parts{
		Connectors:    []connectors.Connector{hubspot.Connector(), salesforce.Connector()},
		Models:        models.Files,
		OpenWarehouse: openWarehouse,
	}
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
		Endpoint: b.Endpoint, MaxBytesBilled: b.MaxBytesBilled,
	})
}

package main

import (
	"merit/connectors"
	"merit/connectors/hubspot"
	"merit/connectors/salesforce"
	"merit/models"
	"merit/pipelines"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

// parts are all connectors and engines there are; nothing else names them.
func parts() pipelines.Parts {
	return pipelines.Parts{
		Connectors: []connectors.Connector{hubspot.Connector(), salesforce.Connector()},
		Models:     models.Files,
		OpenWarehouse: func(path, memory string) (warehouse.Warehouse, error) {
			return duckdb.Open(path, memory)
		},
	}
}

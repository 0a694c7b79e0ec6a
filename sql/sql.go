// Package sql holds what every build declares before a model runs: the functions
// fn.* once for each dialect, the staging contract that every CRM fills, and the
// tables that a plan becomes.
package sql

import "embed"

// Files are duckdb.sql, bigquery.sql, staging/*.sql and plan/*.sql.
//
//go:embed duckdb.sql bigquery.sql staging/*.sql plan/*.sql
var Files embed.FS

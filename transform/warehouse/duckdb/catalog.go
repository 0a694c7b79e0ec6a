package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// catalogFile says in JSON what each published table is: for tools that make a
// project of it, and for people without a DuckDB at hand.
const catalogFile = "catalog.json"

// A published catalogue, as catalog.json has it.
type catalogue struct {
	Format int              `json:"format"` // 1
	Tables []catalogueTable `json:"tables"`
}

type catalogueTable struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Grain       string            `json:"grain,omitempty"`
	Key         []string          `json:"key"`
	Rows        int64             `json:"rows"`
	File        string            `json:"file"`
	Columns     []catalogueColumn `json:"columns"`
}

type catalogueColumn struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
	IsNullable  bool   `json:"is_nullable"`
}

// writeCatalogue describes the relations beside their files.
func (db *DB) writeCatalogue(ctx context.Context, relations []warehouse.Relation, folder string) error {
	c := catalogue{Format: 1}
	for _, r := range relations {
		t := catalogueTable{Name: r.Name, Description: r.Comment, Grain: r.Grain, Key: r.Key, File: r.Name + ".parquet"}
		if t.Key == nil {
			t.Key = []string{}
		}
		for row, err := range db.Query(ctx, fmt.Sprintf("select count(*) as rows from read_parquet(%s)", text(filepath.Join(folder, t.File)))) {
			if err != nil {
				return fmt.Errorf("%s: %w", r, err)
			}
			t.Rows = row.Int("rows")
		}
		for _, column := range r.Columns {
			t.Columns = append(t.Columns, catalogueColumn{column.Name, column.Type, column.Comment, column.Nullable})
		}
		c.Tables = append(c.Tables, t)
	}
	slices.SortFunc(c.Tables, func(a, b catalogueTable) int { return strings.Compare(a.Name, b.Name) })
	written, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, catalogFile), append(written, '\n'), 0o600)
}

// parquetMetadata is what a Parquet file says of itself beside its schema: its
// description, its key, and its columns' descriptions as a JSON object.
func parquetMetadata(r warehouse.Relation) (string, error) {
	columns := map[string]string{}
	for _, column := range r.Columns {
		if column.Comment != "" {
			columns[column.Name] = column.Comment
		}
	}
	described, err := json.Marshal(columns) // in the order of the names
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("kv_metadata {description: %s, grain: %s, key: %s, columns: %s}",
		text(r.Comment), text(r.Grain), text(strings.Join(r.Key, ", ")), text(string(described))), nil
}

// mostIndexed rows have a primary key that DuckDB holds: an index of more would
// weigh more than what it tells. The key of a larger table stands in catalog.json.
const mostIndexed = 20_000

// declared is a published table with its constraints.
func declared(table string, r warehouse.Relation, rows int64) string {
	var parts []string
	present := map[string]bool{}
	for _, column := range r.Columns {
		part := name(column.Name) + " " + column.Type
		if !column.Nullable {
			present[column.Name] = true
			part += " not null"
		}
		parts = append(parts, part)
	}
	isKeyed := len(r.Key) > 0 && rows <= mostIndexed && !slices.ContainsFunc(r.Key, func(column string) bool { return !present[column] })
	if isKeyed {
		parts = append(parts, "primary key ("+names(r.Key)+")")
	}
	return fmt.Sprintf("create table %s (%s)", table, strings.Join(parts, ", "))
}

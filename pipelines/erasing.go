package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/erasure"
	"merit/transform/lake"
	"merit/transform/warehouse"
)

// Eraser erases people of this project, and rebuilds the tables without them.
func (j *Job) Eraser() erasure.Eraser {
	return erasure.Eraser{Project: j.Project, Sources: j.Sources, Lake: j.Lake, Tables: tables{j}, Listed: func(list *lake.ErasureList) { j.erased = list }}
}

// tables are a job's, for who makes changes below them.
type tables struct{ job *Job }

// RemoveAll removes the warehouse. One in BigQuery is replaced by the next build.
func (t tables) RemoveAll() error {
	path := t.job.Project.Path(t.job.Project.Settings.Warehouse.DuckDB)
	for _, file := range []string{path, path + ".wal", path + ".spill"} {
		if err := os.RemoveAll(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Errorf(fault.You, "removing the warehouse: %w", err)
		}
	}
	return nil
}

// RebuildPublished rebuilds the tables from what is left in the lake, publishes them, and
// removes the versions before. Nothing is built where nothing was built yet.
func (t tables) RebuildPublished(ctx context.Context) (bool, error) {
	settings := t.job.Project.Settings
	published := t.job.Project.Path(settings.Publish)
	_, noPublished := os.Stat(published)
	_, noWarehouse := os.Stat(t.job.Project.Path(settings.Warehouse.DuckDB))
	if noPublished != nil && noWarehouse != nil && !settings.Warehouse.UsesBigQuery() {
		return false, nil
	}
	if err := t.RemoveAll(); err != nil {
		return false, err
	}
	in, err := t.job.Inputs()
	if err != nil {
		return false, err
	}
	if _, err := t.job.Build(ctx, in, BuildOptions{Full: true}); err != nil {
		return false, err
	}
	if noPublished != nil && !settings.Warehouse.UsesBigQuery() {
		return true, nil
	}
	if err := t.job.Check(ctx); err != nil {
		return true, err
	}
	if err := t.job.Publish(ctx); err != nil {
		return true, err
	}
	if s, keepsVersions := t.job.Warehouse.(warehouse.Superseding); keepsVersions {
		return true, s.RemoveSuperseded(published)
	}
	return true, nil
}

// Search looks through every text that any table holds which was made from the
// lake. The raw tables show the lake's own files, which were looked through.
func (t tables) Search(ctx context.Context, matches lake.Match, found *lake.Searched) error {
	tables, err := t.textColumns(ctx)
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		var parts []string
		for _, column := range tables[table] {
			parts = append(parts, fmt.Sprintf(`select distinct '%s' as place, "%s" as text from %s where "%s" is not null`, column, column, table, column))
		}
		for row, err := range t.job.Warehouse.Query(ctx, strings.Join(parts, " union all ")) {
			if err != nil {
				return err
			}
			if found.Values++; matches(row.Text("text")) {
				found.Found = append(found.Found, strings.ReplaceAll(table, `"`, "")+"."+row.Text("place")+" of the warehouse")
				break
			}
		}
	}
	return nil
}

// textColumns are the columns of texts, by table.
func (t tables) textColumns(ctx context.Context) (map[string][]string, error) {
	columns := map[string][]string{}
	if t.job.Warehouse.Dialect() != "duckdb" {
		return columns, nil // what BigQuery holds was put there from the same rows a moment ago
	}
	for row, err := range t.job.Warehouse.Query(ctx, `select '"' || table_schema || '"."' || table_name || '"' as place, column_name from information_schema.columns
		where data_type = 'VARCHAR' and table_schema not in ('information_schema', 'pg_catalog') and not starts_with(table_schema, 'raw_') order by all`) {
		if err != nil {
			return nil, err
		}
		columns[row.Text("place")] = append(columns[row.Text("place")], row.Text("column_name"))
	}
	return columns, nil
}

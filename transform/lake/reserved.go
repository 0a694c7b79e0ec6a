package lake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
)

// reservedColumns are names of columns that Iceberg keeps for itself (its
// specification, "Reserved Field IDs" and "Row Lineage"; MetadataColumns.java): Spark
// can't read a table that has one of them. A CRM's column of such a name, in whatever
// case, gets an underscore at its end: _file becomes _file_. So does one of the lake's
// own two.
var reservedColumns = []string{
	"_file", "_pos", "_deleted", "_spec_id", "_partition", "_row_id", "_last_updated_sequence_number",
	"_change_type", "_change_ordinal", "_commit_snapshot_id",
}

// formerDeletedColumn is what connectors.DeletedColumn was called before 2026-12.
const formerDeletedColumn = "_deleted"

func isReserved(column string) bool { return slices.Contains(reservedColumns, strings.ToLower(column)) }

// columnName is what a column of a CRM is called in the lake.
func columnName(column string) string {
	if isReserved(column) || column == OrderColumn || column == HashColumn {
		return column + "_"
	}
	return column
}

// currentName is what a column of a table is called from now on: earlier versions of
// Merit let columns have reserved names.
func currentName(column string) string {
	switch {
	case column == formerDeletedColumn:
		return connectors.DeletedColumn
	case isReserved(column):
		return columnName(column)
	}
	return column
}

// hashedName is the name by which a column's values go into the hashes of rows: the
// one that it had when they were first written.
func hashedName(column string) string {
	if column == connectors.DeletedColumn {
		return formerDeletedColumn
	}
	if former := strings.TrimSuffix(column, "_"); former != column && isReserved(former) && former != formerDeletedColumn {
		return former
	}
	return column
}

// formerNames are what columns of a table are called in files of earlier versions of
// Merit, where they are called otherwise.
func formerNames(t table.Metadata, columns []arrow.Field) map[string][]string {
	names := map[string][]string{}
	for _, column := range columns {
		former := hashedName(column.Name)
		for _, schema := range t.Schemas() {
			if _, had := schema.FindFieldByName(former); had && former != column.Name {
				names[column.Name] = []string{former}
			}
		}
	}
	return names
}

// withLakeNames is a connector's table with the names that its columns have in the lake.
func withLakeNames(t connectors.Table) connectors.Table {
	if !slices.ContainsFunc(t.Schema.Fields(), func(f arrow.Field) bool { return columnName(f.Name) != f.Name }) {
		return t
	}
	renamed := t
	renamed.Schema = renamedSchema(t.Schema)
	renamed.Version = columnName(t.Version)
	renamed.Key = make([]string, len(t.Key))
	for i, column := range t.Key {
		renamed.Key[i] = columnName(column)
	}
	return renamed
}

func renamedSchema(schema *arrow.Schema) *arrow.Schema {
	fields := slices.Clone(schema.Fields())
	for i := range fields {
		fields[i].Name = columnName(fields[i].Name)
	}
	return arrow.NewSchema(fields, nil)
}

// inLakeNames is a batch with the lake's names. It holds the same columns.
func inLakeNames(records arrow.RecordBatch, schema *arrow.Schema) arrow.RecordBatch {
	return array.NewRecordBatch(schema, records.Columns(), records.NumRows())
}

// renameReserved gives columns that have reserved names in the table the names that
// they have from now on. Columns keep their ids, by which Iceberg knows them in older
// files; nil when there is nothing to rename.
func renameReserved(ctx context.Context, t *table.Table) (*table.Table, error) {
	change := t.NewTransaction()
	update := change.UpdateSchema(true, false)
	properties := iceberg.Properties{}
	renames := 0
	for _, field := range t.Schema().Fields() {
		name := currentName(field.Name)
		if name == field.Name {
			continue
		}
		if _, taken := t.Schema().FindFieldByName(name); taken {
			return nil, fmt.Errorf("columns of %s: %s has to be called %s, and there is such a column", strings.Join(t.Identifier(), "."), field.Name, name)
		}
		update = update.RenameColumn([]string{field.Name}, name)
		if mode, set := t.Properties()[table.MetricsModeColumnConfPrefix+"."+field.Name]; set {
			properties[table.MetricsModeColumnConfPrefix+"."+name] = mode
		}
		renames++
	}
	if renames == 0 {
		return nil, nil
	}
	err := update.Commit()
	if err == nil && len(properties) > 0 {
		err = change.SetProperties(properties)
	}
	var renamed *table.Table
	if err == nil {
		renamed, err = change.Commit(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", strings.Join(t.Identifier(), "."), err)
	}
	return renamed, nil
}

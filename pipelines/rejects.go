package pipelines

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/pipelines/project"
	"merit/transform/lake"
)

// rejectsOf is a query for the values of a source that fit no column when they were
// read and that nothing has replaced since, as staging.rejects has them; "" when
// there is none.
func (j *Job) rejectsOf(ctx context.Context, s project.Source, tables []lake.Pinned) (string, error) {
	var parts []string
	for _, kept := range tables {
		if !strings.HasSuffix(kept.Table, lake.RejectsTable("")) || kept.Rows == 0 {
			continue
		}
		rows, err := j.rows(ctx, fmt.Sprintf("select distinct table_name, column_name from %s.%s order by table_name, column_name", quotedName(rawSchema(s.Name)), quotedName(kept.Table)))
		if err != nil {
			return "", err
		}
		for _, row := range rows {
			at := slices.IndexFunc(tables, func(t lake.Pinned) bool { return t.Table == row.Text("table_name") })
			if at < 0 || tables[at].Schema == nil || !tables[at].Schema.HasField(row.Text("column_name")) {
				continue // the column is not read any more
			}
			parts = append(parts, standingRejects(s, kept.Table, tables[at], row.Text("column_name")))
		}
	}
	return strings.Join(parts, "\nunion all\n"), nil
}

// standingRejects are the rejects of one column whose record still lacks a value there.
func standingRejects(s project.Source, rejects string, table lake.Pinned, column string) string {
	schema := quotedName(rawSchema(s.Name))
	counts := "1 = 1"
	if s.Connector.Counts != nil {
		counts = s.Connector.Counts(schema, table.Table)
	}
	standing := "1 = 1"
	if key := textKey(table); key != "" {
		standing = fmt.Sprintf("exists (select 1 from %s.%s as records where %s = rejected.record_key and records.%s is null and %s)",
			schema, quotedName(table.Table), key, quotedName(column), counts)
	}
	return fmt.Sprintf(`select %s as source, 'lake' as found_in, rejected.table_name, coalesce(rejected.record_key, '') as record_key, rejected.column_name,
	coalesce(rejected.value, '') as value, coalesce(rejected.reason, '') as reason, 'no value' as effect, counted.kept as values_kept
from %s.%s as rejected
cross join (select count(records.%s) as kept from %s.%s as records where %s) as counted
where rejected.table_name = %s and rejected.column_name = %s and %s`,
		sqlLiteral(s.Name), schema, quotedName(rejects), quotedName(column), schema, quotedName(table.Table), counts,
		sqlLiteral(table.Table), sqlLiteral(column), standing)
}

// textKey is the SQL of a record's key as rejects name it; "" where a part of it is
// no text, which may be written in several ways.
func textKey(table lake.Pinned) string {
	var parts []string
	for _, name := range table.Key {
		fields, _ := table.Schema.FieldsByName(name)
		if len(fields) == 0 || fields[0].Type.ID() != arrow.STRING && fields[0].Type.ID() != arrow.INT64 {
			return ""
		}
		parts = append(parts, fmt.Sprintf("coalesce(cast(records.%s as string), '')", quotedName(name)))
	}
	return strings.Join(parts, " || '/' || ")
}

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func sqlLiteral(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// qualityCounts are the rows of marts.data_quality by kind.
func (j *Job) qualityCounts(ctx context.Context) (map[string]int64, error) {
	rows, err := j.rows(ctx, "select data_quality.kind, count(*) as findings from marts.data_quality group by data_quality.kind")
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, row := range rows {
		counts[row.Text("kind")] = row.Int("findings")
	}
	return counts, nil
}

// QualityText is those counts as a line: 2 set aside, 1 future stamp.
func QualityText(counts map[string]int64) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	return strings.Join(parts, ", ")
}

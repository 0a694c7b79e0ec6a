package bi

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed dbt
var dbtFiles embed.FS

// dbt is a project with sources, their tests and freshness, and semantic models in
// which each metric adds up as Merit says. Tried with dbt-core 1.11, dbt-duckdb 1.11
// and dbt-metricflow 0.15.
func dbt(p Project) (map[string][]byte, error) {
	files, err := dbtProject()
	if err != nil {
		return nil, err
	}
	var tables []dict
	for _, t := range p.Catalogue.Tables {
		tables = append(tables, dbtSource(t))
		if len(t.Key) > 0 {
			files["tests/unique_"+t.Name+".sql"] = []byte(fmt.Sprintf("-- A row of %s is one %s.\nselect %s, count(*) as rows\nfrom {{ source('merit', '%s') }}\ngroup by all\nhaving count(*) > 1\n",
				t.Name, strings.Join(t.Key, ", "), strings.Join(t.Key, ", "), t.Name))
		}
	}
	sources, err := asYAML(dict{pair("version", 2), pair("sources", []dict{{
		pair("name", "merit"), pair("database", "merit"), pair("schema", "main"), pair("description", "What Merit publishes."),
		pair("config", dict{
			pair("loaded_at_query", "select min(loaded_at) from merit_runs.main.freshness"),
			pair("freshness", dict{pair("warn_after", dict{pair("count", 36), pair("period", "hour")})}),
		}),
		pair("tables", tables),
	}})})
	if err != nil {
		return nil, err
	}
	files["models/sources.yml"] = sources
	if err := p.semantic(files); err != nil {
		return nil, err
	}
	return files, nil
}

// dbtProject is what every project has, whatever is published.
func dbtProject() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(dbtFiles, "dbt", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := dbtFiles.ReadFile(path)
		files[strings.TrimPrefix(path, "dbt/")] = text
		return err
	})
	return files, err
}

// dbtSource is a table with its columns, and a test for each that is never empty.
func dbtSource(t Table) dict {
	var columns []dict
	for _, c := range t.Columns {
		column := dict{pair("name", c.Name), pair("description", sentence(c.Description)), pair("data_type", strings.ToLower(c.Type))}
		if !c.IsNullable {
			column = append(column, pair("data_tests", []string{"not_null"}))
		}
		columns = append(columns, column)
	}
	return dict{pair("name", t.Name), pair("description", sentence(t.Description)+" "+sentence(t.Grain)), pair("columns", columns)}
}

// semantic writes the semantic model of metric values: numerator and denominator of
// each metric, so that it may be grouped by anything and still adds up.
func (p Project) semantic(files map[string][]byte) error {
	_, hasValues := p.table("metric_values")
	_, hasPeriods := p.table("periods")
	_, hasReps := p.table("reps")
	if !hasValues || !hasPeriods || !hasReps {
		return nil
	}
	columns, measures, metrics := metricColumns(p.Metrics)
	files["models/metric_values_wide.sql"] = []byte(`{{ config(materialized='view') }}
-- A median has no numerator and denominator: it is left out of the semantic layer.
select
    v.rep_id || '|' || v.period || '|' || v.role || '|' || v.metric as metric_value_id,
    v.rep_id,
    v.role,
    v.period,
    r.name,
    r.team,
    r.region,
    q.period_starts_on` + columns + `
from {{ source('merit', 'metric_values') }} as v
join {{ source('merit', 'periods') }} as q on q.period = v.period
left join {{ source('merit', 'reps') }} as r on r.rep_id = v.rep_id
`)
	text, err := asYAML(semanticModel(measures, metrics))
	if err != nil {
		return err
	}
	files["models/semantic.yml"] = text
	return nil
}

// metricColumns are a numerator and a denominator for each metric that has them, the
// measures made of them and the metrics made of those.
func metricColumns(all []Metric) (columns string, measures, metrics []dict) {
	var sql strings.Builder
	for _, m := range all {
		fmt.Fprintf(&sql, ",\n    case when v.metric = '%s' then v.numerator end as %s_sum,\n    case when v.metric = '%s' then v.denominator end as %s_of", m.Name, m.Name, m.Name, m.Name)
		about := dict{pair("name", m.Name), pair("label", label(m.Name)), pair("description", sentence(m.Title))}
		switch m.Kind {
		case "sum":
			measures = append(measures, dict{pair("name", m.Name+"_sum"), pair("agg", "sum")})
			metrics = append(metrics, append(about, pair("type", "simple"), pair("type_params", dict{pair("measure", m.Name+"_sum")})))
		case "ratio", "mean":
			measures = append(measures, dict{pair("name", m.Name+"_sum"), pair("agg", "sum"), pair("create_metric", true)}, dict{pair("name", m.Name+"_of"), pair("agg", "sum"), pair("create_metric", true)})
			metrics = append(metrics, append(about, pair("type", "ratio"), pair("type_params", dict{pair("numerator", m.Name+"_sum"), pair("denominator", m.Name+"_of")})))
		}
	}
	return sql.String(), measures, metrics
}

// semanticModel names entity, dimensions and measures of metric_values_wide.
func semanticModel(measures, metrics []dict) dict {
	dimensions := []dict{{pair("name", "period_starts_on"), pair("type", "time"), pair("type_params", dict{pair("time_granularity", "day")})}}
	for _, name := range []string{"team", "region", "role", "period", "name"} {
		dimensions = append(dimensions, dict{pair("name", name), pair("type", "categorical")})
	}
	return dict{
		pair("version", 2),
		pair("models", []dict{
			{pair("name", "days"), pair("time_spine", dict{pair("standard_granularity_column", "day")}), pair("columns", []dict{{pair("name", "day"), pair("granularity", "day")}})},
			{pair("name", "metric_values_wide"), pair("description", "Each metric value with its numerator and denominator in columns of their own.")},
		}),
		pair("semantic_models", []dict{{
			pair("name", "metric_values"), pair("model", "ref('metric_values_wide')"), pair("defaults", dict{pair("agg_time_dimension", "period_starts_on")}),
			pair("entities", []dict{{pair("name", "metric_value"), pair("type", "primary"), pair("expr", "metric_value_id")}}),
			pair("dimensions", dimensions), pair("measures", measures),
		}}),
		pair("metrics", metrics),
		pair("exposures", []dict{{
			pair("name", "merit_report"), pair("type", "dashboard"), pair("label", "Merit's pages"), pair("maturity", "high"),
			pair("owner", dict{pair("name", "Revenue operations"), pair("email", "revops@example.com")}),
			pair("depends_on", []string{"ref('metric_values_wide')"}),
		}}),
	}
}

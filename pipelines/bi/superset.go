package bi

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"
)

// superset is a dashboard to import: a database, a dataset for each table, and
// charts of what people ask first. It is made as a folder and as merit.zip beside it.
// The shape was imported by Superset 6.1.
func superset(p Project) (map[string][]byte, error) {
	database := uuid("database")
	file, err := filepath.Abs(filepath.Join(p.Published, "merit.duckdb"))
	if err != nil {
		return nil, err
	}
	parts := map[string]any{
		"metadata.yaml": dict{pair("version", "1.0.0"), pair("type", "Dashboard"), pair("timestamp", "2026-01-01T00:00:00+00:00")},
		"databases/Merit.yaml": dict{
			pair("database_name", "Merit"), pair("sqlalchemy_uri", "duckdb:///"+file), pair("expose_in_sqllab", true), pair("allow_ctas", false), pair("allow_cvas", false),
			pair("allow_dml", false), pair("cache_timeout", nil), pair("extra", dict{pair("engine_params", dict{pair("connect_args", dict{pair("read_only", true)})})}),
			pair("uuid", database), pair("version", "1.0.0"),
		},
	}
	for _, t := range p.Catalogue.Tables {
		parts["datasets/Merit/"+t.Name+".yaml"] = supersetDataset(t, database)
	}
	position := dict{pair("DASHBOARD_VERSION_KEY", "v2"), pair("ROOT_ID", dict{pair("children", []string{"GRID_ID"}), pair("id", "ROOT_ID"), pair("type", "ROOT")}),
		pair("HEADER_ID", dict{pair("id", "HEADER_ID"), pair("meta", dict{pair("text", "Merit")}), pair("type", "HEADER")})}
	var rows []string
	for i, c := range supersetCharts {
		if _, there := p.table(c.table); !there {
			continue
		}
		id := uuid("chart " + c.name)
		parts[fmt.Sprintf("charts/%s.yaml", c.file)] = dict{
			pair("slice_name", c.name), pair("viz_type", c.viz), pair("params", c.params()), pair("cache_timeout", nil),
			pair("uuid", id), pair("version", "1.0.0"), pair("dataset_uuid", uuid("dataset "+c.table)),
		}
		row, chart := fmt.Sprintf("ROW-%d", i+1), fmt.Sprintf("CHART-%d", i+1)
		rows = append(rows, row)
		position = append(position,
			pair(row, dict{pair("children", []string{chart}), pair("id", row), pair("meta", dict{pair("background", "BACKGROUND_TRANSPARENT")}), pair("parents", []string{"ROOT_ID", "GRID_ID"}), pair("type", "ROW")}),
			pair(chart, dict{pair("children", []string{}), pair("id", chart), pair("meta", dict{pair("chartId", i+1), pair("height", 50), pair("sliceName", c.name), pair("uuid", id), pair("width", 12)}),
				pair("parents", []string{"ROOT_ID", "GRID_ID", row}), pair("type", "CHART")}))
	}
	position = append(position, pair("GRID_ID", dict{pair("children", rows), pair("id", "GRID_ID"), pair("parents", []string{"ROOT_ID"}), pair("type", "GRID")}))
	parts["dashboards/Merit.yaml"] = dict{pair("dashboard_title", "Merit"), pair("description", nil), pair("css", ""), pair("slug", "merit"), pair("uuid", uuid("dashboard")),
		pair("position", position), pair("metadata", dict{}), pair("version", "1.0.0")}
	files := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		text, err := asYAML(parts[name])
		if err != nil {
			return nil, err
		}
		files["merit/"+name] = text
	}
	files["merit.zip"], err = zipped(files)
	files["requirements.txt"] = []byte("apache-superset==6.1.0\nrich\ncachetools\nflask-caching==2.3.1\nduckdb-engine==0.17.0\nduckdb==1.5.5\n")
	return files, err
}

func supersetDataset(t Table, database string) dict {
	var columns []dict
	mainTime := any(nil)
	for _, c := range t.Columns {
		if c.isTime() && mainTime == nil {
			mainTime = c.Name
		}
		columns = append(columns, dict{pair("column_name", c.Name), pair("verbose_name", label(c.Name)), pair("is_dttm", c.isTime()), pair("is_active", true), pair("type", c.Type),
			pair("groupby", true), pair("filterable", true), pair("expression", nil), pair("description", sentence(c.Description)), pair("python_date_format", nil), pair("extra", nil)})
	}
	metrics := []dict{supersetMetric("rows", "COUNT(*)")}
	for _, m := range []struct{ column, name, expression string }{{"score", "mean_score", "AVG(score)"}, {"company_amount", "total_amount", "SUM(company_amount)"}, {"win_rate", "mean_win_rate", "AVG(win_rate)"}} {
		if slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == m.column }) {
			metrics = append(metrics, supersetMetric(m.name, m.expression))
		}
	}
	return dict{pair("table_name", t.Name), pair("main_dttm_col", mainTime), pair("description", sentence(t.Description)), pair("default_endpoint", nil), pair("offset", 0),
		pair("cache_timeout", nil), pair("schema", "main"), pair("sql", nil), pair("params", nil), pair("template_params", nil), pair("filter_select_enabled", true),
		pair("fetch_values_predicate", nil), pair("extra", nil), pair("uuid", uuid("dataset "+t.Name)), pair("metrics", metrics), pair("columns", columns),
		pair("version", "1.0.0"), pair("database_uuid", database)}
}

func supersetMetric(name, expression string) dict {
	return dict{pair("metric_name", name), pair("verbose_name", label(name)), pair("metric_type", nil), pair("expression", expression), pair("description", nil),
		pair("d3format", nil), pair("extra", nil), pair("warning_text", nil)}
}

type supersetChart struct{ file, name, table, viz, x, metric, by string }

var supersetCharts = []supersetChart{
	{"Mean_score", "Mean score by team", "rep_scorecards", "echarts_timeseries_bar", "period", "mean_score", "team"},
	{"Pipeline_created", "Deals created by week, in money", "deals", "echarts_timeseries_bar", "created_week", "total_amount", "team"},
	{"Win_rate", "Win rate by stage", "stage_funnel", "echarts_timeseries_bar", "stage", "mean_win_rate", "source"},
}

func (c supersetChart) params() dict {
	return dict{pair("viz_type", c.viz), pair("x_axis", c.x), pair("metrics", []string{c.metric}), pair("groupby", []string{c.by}), pair("adhoc_filters", []string{}), pair("row_limit", 1000)}
}

// uuid is made of a name, so that an import again replaces what it imported before.
func uuid(name string) string {
	sum := sha1.Sum([]byte("merit bi superset " + name))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func zipped(files map[string][]byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

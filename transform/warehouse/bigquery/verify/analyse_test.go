package verify

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"merit/transform/model"
)

// Every model is what GoogleSQL takes, given the tables before it; each column
// that the header names is there, and of a type that everybody can read.
func TestEveryModelIsAnalysed(t *testing.T) {
	c, graph, _ := everything(t)
	readable := regexp.MustCompile(`^(INT64|FLOAT64|NUMERIC|STRING|BOOL|DATE|TIMESTAMP)$`)
	for _, m := range graph.Models() {
		columns, err := analysed(c, t, m)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		schema, name, _ := strings.Cut(m.Name, ".")
		made := table{Dataset: "merit_" + schema, Name: name}
		for i, declared := range m.Columns {
			kind := "string"
			switch {
			case err != nil: // those after it still are
			case i >= len(columns) || columns[i].Name != declared.Name:
				t.Errorf("%s: column %d is %v, the file says %s", m.Name, i+1, columns, declared.Name)
			case !readable.MatchString(columns[i].Type):
				t.Errorf("%s.%s is %s, which not everybody can read", m.Name, declared.Name, columns[i].Type)
			default:
				kind = columns[i].Type
			}
			made.Columns = append(made.Columns, column{declared.Name, kind})
		}
		if err := c.addTable(made); err != nil {
			t.Fatal(err)
		}
		// What check and the examples ask.
		for _, check := range m.Header.Checks {
			if _, _, err := c.analyze(said(t, "select sum(case when ("+check.SQL+") is not true then 1 else 0 end) as n0 from "+m.Name)); err != nil {
				t.Errorf("%s: check %s: %v", m.Name, check.Name, err)
			}
		}
	}
}

func analysed(c *analyzer, t *testing.T, m *model.Model) ([]column, error) {
	t.Helper()
	query, err := m.Compile("bigquery")
	if err != nil {
		t.Fatal(err)
	}
	columns, _, err := c.analyze(said(t, query))
	return columns, err
}

// Both CRMs' views give the contract's columns from the columns that the CRM has.
func TestEveryStagingViewIsAnalysed(t *testing.T) {
	c, graph, all := everything(t)
	seen := 0
	for _, r := range graph.Contract() {
		if r.Schema != "staging" {
			continue
		}
		for _, s := range all {
			text, err := fs.ReadFile(s.views, r.Name+".sql")
			if err != nil {
				continue
			}
			seen++
			view := strings.ReplaceAll(string(text), "raw.", "raw_"+s.name+".")
			columns, _, err := c.analyze(said(t, view))
			if err != nil {
				t.Errorf("%s of %s: %v", r.Name, s.name, err)
				continue
			}
			var given, wanted []string
			for _, column := range columns {
				given = append(given, column.Name)
			}
			for _, column := range r.Columns[1:] {
				wanted = append(wanted, column.Name)
			}
			if strings.Join(given, " ") != strings.Join(wanted, " ") {
				t.Errorf("%s of %s gives (%s), wanted are (%s)", r.Name, s.name, strings.Join(given, " "), strings.Join(wanted, " "))
			}
		}
	}
	if seen < 14 {
		t.Errorf("only %d views were seen", seen)
	}
}

// The analyzer refuses what only DuckDB has, so that the tests above mean
// something.
func TestWhatOnlyDuckDBHasIsCaught(t *testing.T) {
	c, _, _ := everything(t)
	for _, query := range []string{
		"select list_aggregate([1, 2], 'sum') as n",
		"select epoch_us(deals.created_at) as n from staging.deals",
		"select strftime(deals.created_at, '%Y') as n from staging.deals",
		"select deals.amount::double as n from staging.deals",
		"select count(*) filter (where deals.is_deleted) as n from staging.deals",
		"select * exclude (name) from staging.deals",
		"select deals.name from staging.deals where deals.name ilike 'a%'",
		"select median(deals.amount) as n from staging.deals",
		"select try_cast(deals.name as date) as d from staging.deals",
		"select arg_max(deals.name, deals.amount) as n from staging.deals",
		"select timezone('UTC', deals.created_at) as n from staging.deals",
		"select deals.created_at - deals.name as n from staging.deals",
		"select fn.nothing(deals.created_at) as n from staging.deals",
		"select deals.no_such_column from staging.deals",
		"select 1 as n where 1 = 0",
	} {
		if _, _, err := c.analyze(said(t, query)); err == nil {
			t.Errorf("was taken: %s", query)
		}
	}
	for _, query := range []string{
		"select fn.day(deals.created_at) as d, fn.ratio(deals.amount, 3) as r, fn.larger(deals.close_on, fn.today()) as l from staging.deals",
		"select cast(deals.amount as numeric(38, 6)) as n, cast(null as varchar) as s, 'it''s' as t from staging.deals",
	} {
		if _, _, err := c.analyze(said(t, query)); err != nil {
			t.Errorf("%v: %s", err, query)
		}
	}
}

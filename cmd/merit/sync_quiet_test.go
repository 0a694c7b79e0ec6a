package main

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/sandbox/company"
	"merit/transform/lake"
)

// truth is what the sandbox's own model has now of a table, by key, as text in the
// words of rowText; of the columns of schema those that the model knows. Nothing of it
// comes through a protocol, a page or a connector.
func (c *crm) truth(t *testing.T, table string, schema *arrow.Schema) map[string]record {
	t.Helper()
	if c.connector.Name == "salesforce" {
		return c.salesforceTruth(table, schema)
	}
	return c.hubspotTruth(t, table, schema)
}

func (c *crm) salesforceTruth(table string, schema *arrow.Schema) map[string]record {
	org := c.box.Salesforce()
	if !slices.Contains(org.Objects(), table) {
		return nil
	}
	var names []string
	for _, column := range org.Columns(table) {
		if _, read := schema.FieldsByName(column); read || column == "IsDeleted" {
			names = append(names, column)
		}
	}
	rows := map[string]record{}
	at := slices.Index(names, "Id")
	for cells := range org.Rows(table, names...) {
		row := record{}
		for i, name := range names {
			if name == "IsDeleted" {
				if _, marked := schema.FieldsByName(connectors.DeletedColumn); !marked {
					continue
				}
				name = connectors.DeletedColumn
			}
			if text := asKept(schema, name, cells[i]); text != "" {
				row[name] = text
			}
		}
		rows[cells[at]] = row
	}
	return rows
}

func (c *crm) hubspotTruth(t *testing.T, table string, schema *arrow.Schema) map[string]record {
	portal := c.box.HubSpot()
	live, archived, err := portal.IDs(table)
	if err != nil {
		return nil // a table that is no kind of record
	}
	known, err := portal.Properties(table)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]record{}
	for i, id := range slices.Concat(live, archived) {
		row := record{connectors.DeletedColumn: "false"}
		if i >= len(live) {
			row[connectors.DeletedColumn] = "true"
		}
		for _, f := range schema.Fields() {
			if !slices.Contains(known, f.Name) {
				continue
			}
			text, _, err := portal.Value(table, id, f.Name)
			if err != nil {
				t.Fatal(err)
			}
			if text = asKept(schema, f.Name, text); text != "" {
				row[f.Name] = text
			}
		}
		rows[id] = row
	}
	return rows
}

// asKept writes a CRM's text as rowText writes what the lake has of it.
func asKept(schema *arrow.Schema, column, text string) string {
	field, known := schema.FieldsByName(column)
	if !known || text == "" {
		return text
	}
	switch kind := field[0].Type.(type) {
	case *arrow.TimestampType:
		for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000Z0700", time.DateOnly} {
			if at, err := time.Parse(form, text); err == nil {
				return at.UTC().Format("2006-01-02T15:04:05.000000Z")
			}
		}
	case *arrow.Decimal128Type:
		if number, ok := new(big.Rat).SetString(text); ok {
			return number.FloatString(int(kind.Scale))
		}
	}
	return text
}

// isTrue holds a lake against the model: each row of the model is there with all its
// columns, and no row lives that the model does not have.
func (c *crm) isTrue(t *testing.T, l *lake.Lake, only ...string) (wrong []string, rows int) {
	t.Helper()
	got := contentOf(t, l, only...)
	datasets, err := l.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range datasets {
		head, err := d.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range head.Tables {
			want := c.truth(t, p.Table, p.Schema)
			if want == nil || got[p.Table] == nil || len(p.Key) != 1 {
				continue // no kind of record, or one that is kept day by day
			}
			rows += len(want)
			wrong = append(wrong, content{p.Table: got.tellable(p.Table, want)}.differences(content{p.Table: want})...)
		}
	}
	return wrong, rows
}

// tellable leaves of what a lake has the columns that the model knows, and not the rows
// that are told to be gone and of which the model knows nothing any more.
func (got content) tellable(table string, want map[string]record) map[string]record {
	columns := map[string]bool{}
	for _, row := range want {
		for column := range row {
			columns[column] = true
		}
	}
	kept := map[string]record{}
	for key, row := range got[table] {
		if _, there := want[key]; !there && got.isGone(table, key) {
			continue
		}
		kept[key] = record{}
		for column, text := range row {
			if columns[column] {
				kept[key][column] = text
			}
		}
	}
	return kept
}

// isGone tells whether a lake says that a record is gone: it is marked, or a complete
// list of all ids did not have it and it has not changed since.
func (got content) isGone(table, key string) bool {
	row := got[table][key]
	if row[connectors.DeletedColumn] == "true" {
		return true
	}
	one := strings.TrimSuffix(table, "s")
	if start, ies := strings.CutSuffix(table, "ies"); ies {
		one = start + "y"
	}
	listed := got[one+"_ids"]
	complete, changed := listed["*"]["listed_at"], max(row["hs_lastmodifieddate"], row["lastmodifieddate"])
	return complete != "" && listed[key]["listed_at"] < complete && changed < complete
}

// TestOnQuietDaysTheLakeEqualsTheCRM is what all tests of troubles stand on: read
// in peace the lake has exactly what the CRM's own model has, from the first day on.
func TestOnQuietDaysTheLakeEqualsTheCRM(t *testing.T) {
	for _, kind := range []string{"salesforce", "hubspot"} {
		t.Run(kind, func(t *testing.T) {
			c, l := newCRM(t, kind, company.Acme(31, 30)), newLake(t)
			for day := range 3 {
				c.mustSync(t, l)
				wrong, rows := c.isTrue(t, l)
				for _, w := range wrong[:min(len(wrong), 10)] {
					t.Errorf("day %d: %s", day, w)
				}
				if rows < 200 {
					t.Errorf("only %d rows were looked at", rows)
				}
				c.box.Clock().Advance(36 * time.Hour)
			}
		})
	}
}

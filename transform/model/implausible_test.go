package model

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"merit/transform/warehouse"
)

// extremes are values of each type that nobody can believe, as the lake may hold them.
var extremes = map[string][]string{
	"numeric":   {"1000000000000000::decimal(38,18)", "-10000000000000000::decimal(38,18)", "99999999999999999999.9::decimal(38,18)"},
	"bigint":    {"1000000000000000", "-9223372036854775807"},
	"date":      {"date '0001-01-01'", "date '1899-12-30'"},
	"timestamp": {"timestamptz '0001-01-01 00:00:00+00'", "timestamptz '9999-12-31 23:59:59+00'"},
}

// No value of one record stops the others, whatever column it stands in: it is
// named, and taken out alone, or with the record that can't do without it.
func TestNoExtremeValueStopsStaging(t *testing.T) {
	contract := contractOf(t)
	for _, table := range contract {
		if table.Schema != "staging" || table.Name == rejectsTable.Name {
			continue
		}
		t.Run(table.Name, func(t *testing.T) {
			wh := scratch(t)
			putAsOf(t, wh, contract)
			var rows []string
			tried := map[string]string{} // by record, its column
			for _, c := range table.Columns {
				kind, _, _ := strings.Cut(strings.Split(c.Type, "(")[0], " ")
				for i, value := range extremes[kind] {
					record := fmt.Sprintf("%s-%d", c.Name, i)
					tried[record] = c.Name
					rows = append(rows, rowWith(table, record, c.Name, value))
				}
			}
			rows = append(rows, rowWith(table, "sound", "", ""))
			view := strings.Join(rows, "\nunion all by name\n")
			source := Staged{Source: "crm", RawSchema: "raw_crm", Views: fstest.MapFS{table.Name + ".sql": {Data: []byte(view)}}}
			if err := Stage(context.Background(), Blank(wh), contract, []Staged{source}); err != nil {
				t.Fatal(err)
			}
			expect(t, wh, "select count(*) as n from "+table.String()+" where "+textKey(table)+" like '%sound%'", []string{"1"})
			for _, c := range table.Columns {
				if strings.HasPrefix(c.Type, "numeric") || c.Type == "bigint" && c.Name != "ordinal" {
					expect(t, wh, fmt.Sprintf("select count(*) as n from %s where abs(%s) >= 1e15", table, c.Name), []string{"0"})
				}
			}
		})
	}
}

// rowWith is a row of the table whose key says record, with a value in one column.
func rowWith(table warehouse.Relation, record, column, value string) string {
	var list []string
	named := false
	for _, c := range table.Columns {
		text := map[string]string{"varchar": "'x'", "boolean": "false", "bigint": "1", "date": "date '2026-01-01'", "timestamp with time zone": "timestamptz '2026-01-01 00:00:00+00'"}[c.Type]
		if text == "" {
			text = "1::decimal(38,18)"
		}
		if c.Type == "varchar" && c.Name != "source" && !named {
			text, named = "'"+record+"'", true
		}
		if c.Name == column {
			text = value
		}
		list = append(list, text+" as "+c.Name)
	}
	return "(select " + strings.Join(list, ", ") + ")"
}

func textKey(table warehouse.Relation) string {
	for _, c := range table.Columns {
		if c.Type == "varchar" && c.Name != "source" {
			return c.Name
		}
	}
	return "''"
}

func TestWhatNobodyBelievesIsNamed(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	putAsOf(t, wh, contract)
	views := fstest.MapFS{
		"rates.sql": {Data: []byte(`select 'EUR' as currency, date '2026-01-01' as valid_from, null as valid_to, 1 as units, 2 as worth
			union all select 'XXX', date '2026-01-01', date '9999-12-31', 10000000000000000::decimal(38,18), 2`)},
		"merges.sql": {Data: []byte(`select 'deal' as record_type, 'a' as record_id, 'b' as into_id, timestamptz '2027-02-01 00:00:00+00' as merged_at
			union all select 'deal', 'c', 'b', timestamptz '9999-12-31 00:00:00+00'`)},
	}
	read := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	sources := []Staged{{Source: "crm", RawSchema: "raw_crm", Views: views, ReadAt: read,
		Rejects: `select 'crm' as source, 'lake' as found_in, 'deals' as table_name, 'd1' as record_key, 'amount' as column_name, 'lots' as value, 'is not a number' as reason, 'no value' as effect, 7 as values_kept`}}
	if err := Stage(context.Background(), Blank(wh), contract, sources); err != nil {
		t.Fatal(err)
	}
	expect(t, wh, "select found_in, table_name, record_key, column_name, value, effect, values_kept from staging.rejects order by table_name, record_key",
		[]string{"lake", "deals", "d1", "amount", "lots", "no value", "7"},
		[]string{"staging", "merges", "deal/a", "merged_at", "2027-02-01 00:00:00+00", "none", "∅"},
		[]string{"staging", "merges", "deal/c", "merged_at", "9999-12-31 00:00:00+00", "no value", "∅"},
		[]string{"staging", "rates", "XXX/2026-01-01", "units", "10000000000000000.000000000", "no record", "∅"})
	expect(t, wh, "select currency from staging.rates", []string{"EUR"})
	expect(t, wh, "select record_id, merged_at from staging.merges order by record_id", []string{"a", "2027-02-01T00:00:00Z"}, []string{"c", "∅"})
}

// A record that would break a promise of a model is set aside by name: below nothing
// there is no contract and no rate. A credit note is a deal of less than nothing.
func TestWhatIsLessThanNothingIsSetAside(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	putAsOf(t, wh, contract)
	views := fstest.MapFS{}
	for _, table := range contract {
		if table.Schema != "staging" || table.Name == rejectsTable.Name {
			continue
		}
		rows := []string{rowWith(table, "sound", "", "")}
		if table.Name == "deals" {
			rows = []string{rowWith(table, "note", "amount", "-100")}
		}
		for _, l := range lowests {
			if l.table == table.Name {
				rows = append(rows, rowWith(table, l.column, l.column, "-1"))
			}
		}
		views[table.Name+".sql"] = &fstest.MapFile{Data: []byte(strings.Join(rows, "\nunion all by name\n"))}
	}
	views["deal_changes.sql"] = &fstest.MapFile{Data: []byte(`select '1' as change_id, 'd' as deal_id, 'close_on' as field, '2026-03-31T21:30:00-04:00' as new_value, timestamptz '2026-01-01 00:00:00+00' as changed_at, 1 as ordinal, null as changed_by, null as changed_through, false as is_truncated
		union all select '2', 'd', 'close_on', '2026-03-31', timestamptz '2026-01-02 00:00:00+00', 2, null, null, false`)}
	if err := Stage(context.Background(), Blank(wh), contract, []Staged{{Source: "crm", RawSchema: "raw_crm", Views: views}}); err != nil {
		t.Fatal(err)
	}
	for _, l := range lowests {
		expect(t, wh, fmt.Sprintf("select count(*) as n from staging.rejects where table_name = '%s' and column_name = '%s' and reason = '%s' and effect = '%s'", l.table, l.column, l.reason, l.effect), []string{"1"})
		expect(t, wh, fmt.Sprintf("select count(*) as n from staging.%s where %s %s", l.table, l.column, l.condition), []string{"0"})
	}
	expect(t, wh, "select amount from staging.deals", []string{"-100.000000000"})
	expect(t, wh, "select value, reason from staging.rejects where table_name = 'deal_changes'", []string{"2026-03-31T21:30:00-04:00", "is no date such as 2026-03-31"})
}

package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// rejectsTable is the staging table of what came and is not believed.
var rejectsTable = warehouse.Relation{Schema: "staging", Name: "rejects"}

// Bounds of what staging believes. Sums and products of numbers within them fit
// numeric(38, 9) on both engines, and every day of theirs has a midnight in every zone.
const (
	numberBound   = "1000000000000000" // 10^15: more than any deal is worth in any currency
	earliest      = "1900-01-01"       // 0001-01-01 and 1899-12-30 are how software writes "none"
	earliestStamp = "1900-01-01 00:00:00+00:00"
	latestStamp   = "2200-01-01 00:00:00+00:00"
)

// unbounded are columns that hold what no bound is for: an order, or the ends of
// a span, which many systems write as the first and the last day there is.
var unbounded = []string{"ordinal", "valid_from", "valid_to"}

// mayBeAhead are the instants that speak of what is planned. All others tell what
// has happened, and can't lie after the reading that brought them.
var mayBeAhead = []string{"occurred_at", "planned_at", "starts_at", "ends_at"}

// A lowest is what a column can't lie below, since models divide by it or share it out.
type lowest struct {
	table, column string
	condition     string // of what is not believed
	reason        string
	effect        string
}

const (
	belowNothing = "is less than 0"
	notMore      = "is not more than 0"
)

// lowests are those columns. Amounts of deals are none of them: a credit note is one.
var lowests = []lowest{
	{"renewals", "due_amount", "< 0", belowNothing, "no value"},
	{"renewals", "renewed_amount", "< 0", belowNothing, "no value"},
	{"quotas", "quota", "< 0", belowNothing, "no value"},
	{"quotas", "potential", "< 0", belowNothing, "no value"},
	{"activities", "duration_seconds", "< 0", belowNothing, "no value"},
	{"contributions", "quantity", "<= 0", notMore, "no record"},
	{"rates", "units", "<= 0", notMore, "no record"},
	{"rates", "worth", "<= 0", notMore, "no record"},
}

// An implausibility is a condition on one column of a staging table.
type implausibility struct {
	column    warehouse.Column
	condition string
	reason    string
	effect    string
}

// setAside names the values of the tables that nobody can believe, in
// staging.rejects, and takes them out: one record never stops the others.
func setAside(ctx context.Context, wh warehouse.Warehouse, tables []warehouse.Relation, sources []Staged) error {
	var parts, staged []string
	for _, table := range tables {
		if table.Schema != "staging" || table.Name == rejectsTable.Name {
			continue
		}
		staged = append(staged, sqlText(table.Name))
		for _, i := range implausibilities(table, sources) {
			parts = append(parts, i.rows(table))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	if err := wh.Exec(ctx, fmt.Sprintf("delete from %s where found_in = 'staging' and table_name in (%s)", rejectsTable, strings.Join(staged, ", "))); err != nil {
		return err
	}
	if err := wh.Exec(ctx, fmt.Sprintf("insert into %s (source, found_in, table_name, record_key, column_name, value, reason, effect)\n%s",
		rejectsTable, strings.Join(parts, "\nunion all\n"))); err != nil {
		return fmt.Errorf("naming what nobody can believe: %w", err)
	}
	found := map[string][]string{}
	for row, err := range wh.Query(ctx, fmt.Sprintf("select distinct table_name, column_name from %s where found_in = 'staging' and effect <> 'none' order by table_name, column_name", rejectsTable)) {
		if err != nil {
			return err
		}
		found[row.Text("table_name")] = append(found[row.Text("table_name")], row.Text("column_name"))
	}
	for _, table := range tables {
		if table.Schema != "staging" {
			continue
		}
		for _, i := range implausibilities(table, sources) {
			if i.effect == "none" || !slices.Contains(found[table.Name], i.column.Name) {
				continue
			}
			if err := wh.Exec(ctx, i.takeOut(table)); err != nil {
				return fmt.Errorf("setting aside what nobody can believe: %w", err)
			}
		}
	}
	return nil
}

// PastInstants are a staging table's columns that tell when something happened.
func PastInstants(table warehouse.Relation) []string {
	var names []string
	for _, c := range table.Columns {
		if table.Schema == "staging" && c.Type == "timestamp with time zone" && !slices.Contains(mayBeAhead, c.Name) && !slices.Contains(unbounded, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// implausibilities are all conditions on a table's columns, those that empty a
// value before those that leave a record out.
func implausibilities(table warehouse.Relation, sources []Staged) []implausibility {
	var all []implausibility
	for _, c := range table.Columns {
		if table.Name == "deal_changes" && c.Name == "new_value" {
			number := "fn.as_number(staged.new_value)"
			all = append(all, implausibility{c, fmt.Sprintf("staged.field = 'amount' and staged.new_value is not null and (%[1]s is null or %[1]s >= %[2]s or %[1]s <= -%[2]s)", number, numberBound),
				"is no amount, or larger than any is: 10^15 or more", "no value"})
		}
		if table.Name == "deal_changes" && c.Name == "new_value" {
			all = append(all, implausibility{c, "staged.field = 'close_on' and staged.new_value is not null and (fn.as_date(staged.new_value) is null or length(staged.new_value) <> 10 or fn.as_date(staged.new_value) < cast('" + earliest + "' as date))",
				"is no date such as 2026-03-31", "no value"})
		}
		if slices.Contains(unbounded, c.Name) || slices.Contains(table.Key, c.Name) && c.Name != "due_on" {
			continue
		}
		for _, l := range lowests {
			if l.table == table.Name && l.column == c.Name {
				all = append(all, implausibility{c, "staged." + c.Name + " " + l.condition, l.reason, l.effect})
			}
		}
		effect := "no value"
		if !c.Nullable {
			effect = "no record"
		}
		column := "staged." + c.Name
		switch {
		case strings.HasPrefix(c.Type, "numeric") || c.Type == "bigint":
			all = append(all, implausibility{c, fmt.Sprintf("(%[1]s >= %[2]s or %[1]s <= -%[2]s)", column, numberBound),
				"is larger than any amount is: 10^15 or more", effect})
		case c.Type == "date":
			all = append(all, implausibility{c, fmt.Sprintf("%s < cast('%s' as date)", column, earliest), "is a day before " + earliest, effect})
		case c.Type == "timestamp with time zone":
			all = append(all, implausibility{c, fmt.Sprintf("(%[1]s < cast('%[2]s' as timestamp with time zone) or %[1]s >= cast('%[3]s' as timestamp with time zone))", column, earliestStamp, latestStamp),
				"is before the year 1900 or after 2199", effect})
			if !slices.Contains(mayBeAhead, c.Name) {
				all = append(all, aheadOf(c, sources)...)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b implausibility) int { return strings.Compare(b.effect, a.effect) })
	return all
}

// aheadOf is, for each source that tells when it was read, what it says of later.
func aheadOf(c warehouse.Column, sources []Staged) []implausibility {
	var all []implausibility
	for _, s := range sources {
		if s.ReadAt.IsZero() {
			continue
		}
		at := s.ReadAt.UTC().Format("2006-01-02 15:04:05.999999+00:00")
		all = append(all, implausibility{c, fmt.Sprintf("staged.source = %[1]s and staged.%[2]s > cast('%[3]s' as timestamp with time zone) and staged.%[2]s < cast('%[4]s' as timestamp with time zone)",
			sqlText(s.Source), c.Name, at, latestStamp), "lies after the reading that brought it", "none"})
	}
	return all
}

func (i implausibility) rows(table warehouse.Relation) string {
	var key []string
	for _, column := range table.Key {
		if column != "source" {
			key = append(key, "cast(staged."+column+" as string)")
		}
	}
	return fmt.Sprintf("select staged.source, 'staging', %s, %s, %s, cast(staged.%s as string), %s, %s from %s as staged where %s",
		sqlText(table.Name), strings.Join(key, " || '/' || "), sqlText(i.column.Name), i.column.Name, sqlText(i.reason), sqlText(i.effect), table, i.condition)
}

func (i implausibility) takeOut(table warehouse.Relation) string {
	if i.effect == "no record" {
		return fmt.Sprintf("delete from %s as staged where %s", table, i.condition)
	}
	return fmt.Sprintf("update %s as staged set %s = null where %s", table, i.column.Name, i.condition)
}

package salesforce

import (
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"merit/connectors/connectortest"
)

// A viewTest holds what an example gives: raw tables as the connector fills them,
// and the functions that every build declares.
type viewTest struct {
	t  *testing.T
	db *sql.DB
}

// asOf is the instant of every example's build; its zone is New York's.
const asOf = "2026-04-01T00:00:00Z"

func newViewTest(t *testing.T) viewTest {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	v := viewTest{t, db}
	functions, err := os.ReadFile(filepath.Join("..", "..", "sql", "duckdb.sql"))
	if err != nil {
		t.Fatal(err)
	}
	v.exec(`set TimeZone = 'UTC'; create schema plan; create schema raw;
		create table plan.as_of as select cast('` + asOf + `' as timestamptz) as as_of_at, date '2026-03-31' as today_on, 'America/New_York' as time_zone, 'USD' as currency`)
	v.exec(string(functions))
	for _, o := range objects() {
		for table, kept := range columnsOf(o) {
			var columns []string
			for _, name := range kept {
				columns = append(columns, `"`+name+`" `+sqlType(kindOf(name)))
			}
			v.exec(fmt.Sprintf(`create table raw."%s" (%s)`, table, strings.Join(columns, ", ")))
		}
	}
	return v
}

// columnsOf are the tables that an object's stream gives, with their columns.
func columnsOf(o object) map[string][]string {
	kept := slices.DeleteFunc(strings.Fields(o.keeps+" "+o.optional), func(name string) bool { return name == "IsDeleted" })
	switch o.kind {
	case changing:
		return map[string][]string{o.name: append(kept, "merit_deleted"), o.name + "_ids": {"record_id", "listed_at"}}
	case snapshot:
		return map[string][]string{o.name: append(kept, "taken_on", "taken_at")}
	}
	return map[string][]string{o.name: kept}
}

func sqlType(kind string) string {
	switch kind {
	case "currency", "percent", "rate":
		return "numeric(38, 18)"
	case "int":
		return "bigint"
	case "date":
		return "date"
	case "datetime":
		return "timestamptz"
	case "boolean":
		return "boolean"
	}
	return "varchar"
}

func (v viewTest) exec(text string) {
	v.t.Helper()
	if _, err := v.db.Exec(text); err != nil {
		v.t.Fatalf("%s: %v", text, err)
	}
}

// given puts rows into a raw table; the first line names columns, an empty cell is
// null.
func (v viewTest) given(table, text string) {
	v.t.Helper()
	rows := cells(text)
	for _, r := range rows[1:] {
		var values []string
		for _, c := range r {
			if c == "" {
				values = append(values, "null")
				continue
			}
			values = append(values, "'"+strings.ReplaceAll(c, "'", "''")+"'")
		}
		v.exec(fmt.Sprintf(`insert into raw."%s" ("%s") values (%s)`, table, strings.Join(rows[0], `", "`), strings.Join(values, ", ")))
	}
}

// gives holds a view's rows against those of text, in any order; only the columns
// of its first line are compared.
func (v viewTest) gives(view, text string) {
	v.t.Helper()
	v.givesOf(view, v.view(view), text)
}

// givesChanges is gives for the changes of fields, without the rows that core takes
// out since they keep the value.
func (v viewTest) givesChanges(text string) {
	v.t.Helper()
	changes, err := os.ReadFile("../../models/core/field_changes.sql")
	if err != nil {
		v.t.Fatal(err)
	}
	told := "from (select 'sf' as source, changes.* from (\n" + v.view("deal_changes") + "\n) as changes) as deal_changes"
	v.givesOf("deal_changes", strings.Replace(string(changes), "from staging.deal_changes", told, 1), text)
}

// view is a view's query.
func (v viewTest) view(name string) string {
	v.t.Helper()
	query, err := fs.ReadFile(Connector().Views, name+".sql")
	if err != nil {
		v.t.Fatal(err)
	}
	return string(query)
}

// givesOf is gives for a query on a view.
func (v viewTest) givesOf(view, query, text string) {
	v.t.Helper()
	want := cells(text)
	var columns []string
	for _, name := range want[0] {
		columns = append(columns, fmt.Sprintf("coalesce(cast(view_rows.%s as varchar), '')", name))
	}
	rows, err := v.db.Query(fmt.Sprintf("select %s from (\n%s\n) as view_rows", strings.Join(columns, ", "), query))
	if err != nil {
		v.t.Fatalf("%s: %v", view, err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		texts := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range texts {
			into[i] = &texts[i]
		}
		if err := rows.Scan(into...); err != nil {
			v.t.Fatal(err)
		}
		got = append(got, strings.Join(texts, " | "))
	}
	if err := rows.Err(); err != nil {
		v.t.Fatal(err)
	}
	var expected []string
	for _, r := range want[1:] {
		expected = append(expected, strings.Join(r, " | "))
	}
	slices.Sort(got)
	slices.Sort(expected)
	if d := cmp.Diff(connectortest.PlainRows(expected), connectortest.PlainRows(got)); d != "" {
		v.t.Errorf("%s (%s), expected −, came +:\n%s", view, strings.Join(want[0], " | "), d)
	}
}

func cells(text string) [][]string {
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var row []string
		for _, c := range strings.Split(line, "|") {
			row = append(row, strings.TrimSpace(c))
		}
		rows = append(rows, row)
	}
	return rows
}

var (
	fromRaw   = regexp.MustCompile(`raw\.(\w+) as (\w+)`)
	reference = regexp.MustCompile(`\b(\w+)\.(\w+)\b`)
)

// Every column that a view reads is one that Streams insists on or fills with null.
func TestViewsReadOnlyWhatIsKept(t *testing.T) {
	read, kept := map[string]bool{}, map[string][]string{}
	for _, o := range objects() {
		maps.Copy(kept, columnsOf(o))
	}
	files, err := fs.Glob(Connector().Views, "*.sql")
	if err != nil || len(files) < 9 {
		t.Fatalf("views %v, %v", files, err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(Connector().Views, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range regexp.MustCompile(`(?m)^\)|^union all|union all$`).Split(string(text), -1) {
			tables := map[string]string{}
			for _, m := range fromRaw.FindAllStringSubmatch(part, -1) {
				tables[m[2]] = m[1]
			}
			for _, m := range reference.FindAllStringSubmatch(part, -1) {
				table, isRaw := tables[m[1]]
				if !isRaw {
					continue
				}
				if !slices.Contains(kept[table], m[2]) {
					t.Errorf("%s reads %s.%s, which is not kept", file, table, m[2])
				}
				read[table+"."+m[2]] = true
			}
		}
	}
	for _, o := range core() { // of the others, what no view reads yet can be queried
		for _, name := range strings.Fields(o.keeps) {
			isOurs := name == o.cursor || name == "IsDeleted" || name == "Id"
			if !isOurs && !read[o.name+"."+name] {
				t.Errorf("%s.%s is asked for, and no view reads it", o.name, name)
			}
		}
	}
}

// notAtSalesforce are the staging tables that no view fills, each with the reason. A
// files source fills them.
func notAtSalesforce() map[string]string {
	return map[string]string{
		"calendar_events":  "an Event is the CRM's own record of a meeting: what stands in a calendar and not in the CRM only the calendar knows",
		"coaching":         "Salesforce has no object for sessions",
		"coaching_actions": "Salesforce has no object for what was agreed in them",
		"contributions":    "posts, content and talks are outside of the CRM",
		"deal_fields":      "they are the company's own, and a view can't name what only merit.yml does",
		"employees":        "a User says neither when somebody was hired nor what the role was before",
		"external_ids":     "which custom field has another system's id only the company knows",
		"rejects":          "the lake keeps them, and staging finds more",
		"holidays":         "the Holiday object is of support hours and knows no region",
		"kudos":            "thanks between colleagues are given in tools for that",
		"learning":         "Trailhead and learning systems keep it outside of the org",
		"surveys":          "answers come by feedback products",
	}
}

// contractTables names all staging tables.
func contractTables(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "sql", "staging", "*.sql"))
	if err != nil || len(paths) == 0 {
		t.Fatal("the contract is not there")
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".sql"))
	}
	return names
}

// Each staging table has a view with exactly its columns in that order, or a reason why
// Salesforce can't fill it, and not both.
func TestViewsFillTheContract(t *testing.T) {
	column := regexp.MustCompile(`(?m)^    (\w+) `)
	v, missing := newViewTest(t), notAtSalesforce()
	for _, name := range contractTables(t) {
		contract, err := os.ReadFile(filepath.Join("..", "..", "sql", "staging", name+".sql"))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, m := range column.FindAllStringSubmatch(string(contract), -1) {
			if m[1] != "source" {
				want = append(want, m[1])
			}
		}
		query, err := fs.ReadFile(Connector().Views, name+".sql")
		_, isExcused := missing[name]
		delete(missing, name)
		switch {
		case err != nil && !isExcused:
			t.Errorf("no view fills %s, and no reason says why", name)
		case err == nil && isExcused:
			t.Errorf("there is a view of %s, and a reason why there is none", name)
		case err == nil:
			v.has(name, string(query), want)
		}
	}
	for name := range missing {
		t.Errorf("%s is no staging table", name)
	}
	views, err := fs.Glob(Connector().Views, "*.sql")
	for _, file := range views {
		if name := strings.TrimSuffix(file, ".sql"); err != nil || !slices.Contains(contractTables(t), name) {
			t.Errorf("the view %s fills no staging table, %v", name, err)
		}
	}
}

// has holds a query's columns against a staging table's.
func (v viewTest) has(name, query string, want []string) {
	v.t.Helper()
	rows, err := v.db.Query(query)
	if err != nil {
		v.t.Errorf("%s: %v", name, err)
		return
	}
	defer rows.Close()
	if got, err := rows.Columns(); err != nil || !slices.Equal(got, want) {
		v.t.Errorf("%s gives %v, and the contract is %v (%v)", name, got, want, err)
	}
	for rows.Next() {
		v.t.Errorf("%s gives a row of an empty org", name)
	}
}

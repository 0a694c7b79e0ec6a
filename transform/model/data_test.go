package model

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"merit/connectors/fault"
	contractsql "merit/sql"
	"merit/transform/warehouse"
)

func TestTheContractSaysWhatItsFilesSay(t *testing.T) {
	contract, err := Contract(contractsql.Files)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(contract, func(r warehouse.Relation) bool { return r.String() == "plan.quotas" })
	want := warehouse.Relation{
		Schema: "plan", Name: "quotas", Comment: "quota and territory potential by rep and period", Key: []string{"rep_id", "period"},
		Columns: []warehouse.Column{
			{Name: "rep_id", Type: "varchar", Comment: "the company's own id of the person"},
			{Name: "period", Type: "varchar", Comment: "plan.periods.period"},
			{Name: "quota", Type: "numeric(18, 2)", Comment: "in the company's currency", Nullable: true},
			{Name: "potential", Type: "numeric(18, 2)", Comment: "what the territory could give; null: quota stands in", Nullable: true},
		},
	}
	if diff := cmp.Diff(want, contract[at]); diff != "" {
		t.Error(diff)
	}
	// DuckDB reads the same files by itself: names, types and nulls agree.
	wh := scratch(t)
	for _, r := range contract {
		text, err := contractsql.Files.ReadFile(r.Schema + "/" + r.Name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.Exec(context.Background(), "create schema if not exists "+r.Schema+";"+string(text)); err != nil {
			t.Fatal(err)
		}
		var columns [][]string
		for _, c := range r.Columns {
			kind := strings.ToUpper(strings.ReplaceAll(strings.Replace(c.Type, "numeric", "decimal", 1), ", ", ","))
			columns = append(columns, []string{c.Name, kind, fmt.Sprint(c.Nullable)})
		}
		expect(t, wh, fmt.Sprintf("select column_name, data_type, is_nullable from duckdb_columns() where schema_name = '%s' and table_name = '%s' order by column_index", r.Schema, r.Name), columns...)
	}
}

func TestStagingIsTheUnionOfAllSources(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	exec(t, wh, `create schema raw_one; create schema "raw two";
		create table raw_one.Account as select 'a' as Id, 'raw.x' as Name, '12' as Size;
		create table "raw two".companies as select 7 as id`)
	putAsOf(t, wh, contract)
	one := fstest.MapFS{"accounts.sql": {Data: []byte(`-- from raw.Nothing
select Id as account_id, Name || ' of raw.y' as name, null as owner_id, null as industry,
    fn.as_of() as created_at, false as is_deleted
from raw.Account; -- the end`)}}
	two := fstest.MapFS{"accounts.sql": {Data: []byte(`select id as account_id, null as name, null as owner_id, null as industry, null as created_at, true as is_deleted from raw.companies`)}}
	sources := []Staged{{Source: "sales", RawSchema: "raw_one", Views: one}, {Source: "o'hub", RawSchema: "raw two", Views: two}}
	if err := Stage(context.Background(), Blank(wh), contract, sources); err != nil {
		t.Fatal(err)
	}
	expect(t, wh, "select source, account_id, name, created_at, is_deleted from staging.accounts order by account_id",
		[]string{"o'hub", "7", "∅", "∅", "true"},
		[]string{"sales", "a", "raw.x of raw.y", "2026-04-01T00:00:00Z", "false"})
	expect(t, wh, "select count(*) as n from staging.deals", []string{"0"})

	one["accounts.sql"].Data = []byte("select Id as account_id from raw.Account")
	err := Stage(context.Background(), Blank(wh), contract, sources)
	if err == nil || !strings.Contains(err.Error(), "staging.accounts") {
		t.Errorf("a view without the contract's columns: %v", err)
	}
	if fault.WhoMends(err) != fault.Us {
		t.Errorf("who mends a view without the contract's columns: %v", err)
	}
	one["accounts.sql"].Data = []byte("select Id as account_id, Region as name, null as owner_id, null as industry, null as created_at, false as is_deleted from raw.Account")
	err = Stage(context.Background(), Blank(wh), contract, sources)
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "no column Region") || !strings.Contains(err.Error(), "merit run") {
		t.Errorf("a lake that is older than the view: %v", err)
	}
}

func TestChecksFindWhatIsBroken(t *testing.T) {
	wh := scratch(t)
	text := strings.Replace(file("deals", `select
    deals.deal_id, -- the deal
    deals.amount -- how much
from staging.deals`), "-- changed", "-- checks: positive: amount > 0\n-- changed", 1)
	g, err := Load(folderOf(map[string]string{"core/deals.sql": text}))
	if err != nil {
		t.Fatal(err)
	}
	emptyContract(t, wh, g)
	all, err := g.Select("")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range g.Contract() { // as Stage makes it: nothing is refused yet
		if table.Schema == "staging" {
			if err := wh.Build(context.Background(), table, noRows(table)); err != nil {
				t.Fatal(err)
			}
		}
	}
	exec(t, wh, `insert into staging.deals (source, deal_id, amount, pipeline_id, created_at, is_deleted) values
		('crm', 'a', 1, 'p', '2026-01-01T00:00:00Z', false), ('crm', 'b', -1, 'p', '2026-01-01T00:00:00Z', false),
		('crm', 'b', 2, null, '2026-01-01T00:00:00Z', false), ('crm', null, null, 'p', '2026-01-01T00:00:00Z', false)`)
	if err := g.Build(context.Background(), wh, all, nil); err != nil {
		t.Fatal(err)
	}
	broken, err := g.Check(context.Background(), wh)
	if err != nil {
		t.Fatal(err)
	}
	want := []Violation{
		{"staging.deals", "key", "source, deal_id is of one row only", 1, []string{"source crm, deal_id b, rows_of_it 2"}},
		{"staging.deals", "not_null: deal_id", "deal_id is not null", 1, []string{"source crm"}},
		{"staging.deals", "not_null: pipeline_id", "pipeline_id is not null", 1, []string{"source crm, deal_id b"}},
		{"core.deals", "key", "deal_id is of one row only", 1, []string{"deal_id b, rows_of_it 2"}},
		{"core.deals", "not_null: deal_id", "deal_id is not null", 1, nil},
		{"core.deals", "positive", "amount > 0", 2, []string{"deal_id b", "deal_id "}},
	}
	if diff := cmp.Diff(want, broken); diff != "" {
		t.Error(diff)
	}
}

const evidenceSQL = `select
    deals.source, -- s
    deals.owner_id as rep_id, -- r
    deals.closed_at as occurred_at, -- o
    'deal' as record_type, -- t
    deals.deal_id as record_id, -- i
    deals.amount as numerator, -- n
    1 as denominator, -- d
    false as is_truncated, -- f
    deals.name as detail -- x
from staging.deals`

func TestEvidenceIsTheUnionOfTheMetrics(t *testing.T) {
	metric := func(name string) string {
		return strings.NewReplacer("-- grain", "-- value: sum\n-- unit: money\n-- better: higher\n-- control: own\n-- spans: week quarter\n-- streams: deals\n-- kpi: k\n-- okr: it's one\n-- gaming: g\n-- grain",
			"key: deal_id", "key: source, record_id", "not_null: deal_id", "not_null: record_id").Replace(file(name, evidenceSQL))
	}
	roster := strings.ReplaceAll(file("rep_assignments", `select reps.rep_id, -- r
    '2026-Q1' as period, -- p
    reps.role, -- o
    fn.midnight(reps.valid_from) as starts_at, -- s
    fn.midnight(fn.date_after(reps.valid_to, 1)) as ends_at -- e
from plan.reps`), "deal_id", "rep_id")
	g, err := Load(folderOf(map[string]string{"core/rep_assignments.sql": roster, "metrics/won.sql": metric("won"), "metrics/lost.sql": metric("lost")}))
	if err != nil {
		t.Fatal(err)
	}
	wh := scratch(t)
	emptyContract(t, wh, g)
	exec(t, wh, `insert into staging.deals (source, deal_id, owner_id, amount, closed_at, pipeline_id, created_at, is_deleted) values
		('crm', 'a', 'ann', 0.1, '2026-01-01T00:00:00Z', 'p', '2026-01-01T00:00:00Z', false), ('crm', 'b', 'ann', 2, '2026-01-01T00:00:00Z', 'p', '2026-01-01T00:00:00Z', false);
		insert into staging.deals (source, deal_id, owner_id, amount, closed_at, pipeline_id, created_at, is_deleted) values
		('crm', 'c', 'ann', 4, '2026-02-01T00:00:00Z', 'p', '2026-01-01T00:00:00Z', false), ('crm', 'd', 'bob', 8, '2026-01-01T00:00:00Z', 'p', '2026-01-01T00:00:00Z', false);
		insert into plan.reps (rep_id, name, role, valid_from, valid_to, leave_days, currency) values ('ann', 'Ann', 'ae', '2025-12-01', '2026-01-30', 0, 'EUR');
		insert into plan.exclusions values ('crm', 'deal', 'b', 'a test deal'), ('other', 'deal', 'a', 'not ours'), ('crm', 'activity', 'a', 'no deal')`)
	var steps []string
	if err := g.Build(context.Background(), wh, []string{"core.rep_assignments", "scores.metric_evidence", "metrics.won", "metrics.lost", "scores.metric_definitions", "scores.metric_names", "scores.metric_spans", "scores.metric_streams"}, func(s Step) {
		steps = append(steps, fmt.Sprintf("%d/%d %s %d", s.Done, s.Of, s.Model, s.Rows))
	}); err != nil {
		t.Fatal(err)
	}
	expect(t, wh, "select metric, record_id, numerator, denominator, is_excluded, exclusion_reason from scores.metric_evidence order by metric, record_id",
		[]string{"lost", "a", "0.100000000", "1.000000000", "false", "∅"}, []string{"lost", "b", "2.000000000", "1.000000000", "true", "a test deal"},
		[]string{"won", "a", "0.100000000", "1.000000000", "false", "∅"}, []string{"won", "b", "2.000000000", "1.000000000", "true", "a test deal"})
	expect(t, wh, "select metric, title, value, better, okr from scores.metric_definitions order by metric",
		[]string{"lost", "one sentence", "sum", "higher", "it's one"}, []string{"won", "one sentence", "sum", "higher", "it's one"})
	if diff := cmp.Diff([]string{"1/8 core.rep_assignments 1", "2/8 metrics.lost 4", "3/8 metrics.won 4", "4/8 scores.metric_definitions 2", "5/8 scores.metric_evidence 0", "6/8 scores.metric_names 0", "7/8 scores.metric_spans 4", "8/8 scores.metric_streams 2"}, steps); diff != "" {
		t.Error(diff)
	}
	if broken, err := g.Check(context.Background(), wh); err != nil || len(broken) > 0 {
		t.Error(broken, err)
	}
}

// The functions, held against Go's own calendar and fractions.
func TestFunctionsAgreeWithGo(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	zones := []string{"UTC", "America/Phoenix", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Berlin"}
	micros := rapid.Int64Range(time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(), time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	rapid.Check(t, func(draw *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(draw, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			draw.Fatal(err)
		}
		a, b := time.UnixMicro(micros.Draw(draw, "a")).UTC(), time.UnixMicro(micros.Draw(draw, "b")).UTC()
		day := a.In(zone)
		midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
		put(t, wh, contract, "plan.as_of", []any{a, midnight.Format(time.DateOnly), name, "EUR"})
		if _, err := declare(context.Background(), wh); err != nil {
			draw.Fatal(err)
		}
		instant := func(t time.Time) string {
			return "cast('" + t.Format(time.RFC3339Nano) + "' as timestamp with time zone)"
		}
		n := rapid.Int64Range(-1000, 1000).Draw(draw, "n")
		question := fmt.Sprintf(`select fn.as_of(), fn.today(), fn.zone(), fn.currency(), fn.day(%[1]s), fn.month(%[1]s), fn.weekday(fn.day(%[1]s)),
			fn.days(%[1]s, %[2]s), fn.minutes(%[1]s, %[2]s), fn.whole_days(fn.today(), fn.date_after(fn.today(), %[3]d)), fn.add_days(%[1]s, %[3]d), fn.add_minutes(%[1]s, %[3]d)`, instant(a), instant(b), n)
		want := []string{
			a.Format(time.RFC3339Nano), midnight.Format(time.DateOnly), name, "EUR", day.Format(time.DateOnly), day.Format("2006-01") + "-01",
			fmt.Sprint((int(day.Weekday())+6)%7 + 1),
			sixDigits(b.Sub(a), 24*time.Hour), sixDigits(b.Sub(a), time.Minute), fmt.Sprint(n),
			a.Add(time.Duration(n) * 24 * time.Hour).Format(time.RFC3339Nano), a.Add(time.Duration(n) * time.Minute).Format(time.RFC3339Nano),
		}
		if diff := cmp.Diff([][]string{want}, answer(t, wh, question)); diff != "" {
			draw.Fatalf("%s\n%s", question, diff)
		}
	})
	expect(t, wh, `select fn.ratio(1, 4), fn.ratio(1, 0), fn.ratio(null, 2), fn.larger(1, null), fn.larger(2, 1), fn.smaller(2, 1), fn.smaller(null, 1),
		fn.as_number('12.5'), fn.as_number('twelve'), fn.as_date('2026-02-03'), fn.as_date('2026-02-30'), fn.as_instant('2026-02-03T01:00:00+02:00'), fn.as_instant('soon'),
		fn.days(null, fn.as_of()), typeof(fn.days(fn.as_of(), fn.as_of())), typeof(fn.whole_days(fn.today(), fn.today()))`,
		[]string{"0.25", "∅", "∅", "∅", "2", "1", "∅", "12.500000000", "∅", "2026-02-03", "∅", "2026-02-02T23:00:00Z", "∅", "∅", "DECIMAL(18,6)", "BIGINT"})
	// In an outer join's condition no engine takes a subquery: the functions have none.
	expect(t, wh, `select count(*) as n from (select fn.as_of() as t) as x left join (select fn.today() as d, 1 as i) as y
		on fn.day(x.t) between y.d and coalesce(y.d, fn.today()) and y.i = 1`, []string{"1"})
}

// sixDigits divides exactly and rounds half away from zero; zero has no sign.
func sixDigits(d, by time.Duration) string {
	digits := big.NewRat(d.Microseconds(), by.Microseconds()).FloatString(6)
	if digits == "-0.000000" {
		return "0.000000"
	}
	return digits
}

func TestMidnightIsThatOfTheZone(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	put(t, wh, contract, "plan.as_of", []any{"2026-04-01T00:00:00Z", "2026-03-31", "America/New_York", "USD"})
	if _, err := declare(context.Background(), wh); err != nil {
		t.Fatal(err)
	}
	expect(t, wh, "select fn.midnight(date '2026-03-08'), fn.midnight(date '2026-03-09'), fn.midnight(date '2026-11-02')",
		[]string{"2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-11-02T05:00:00Z"})
}

func contractOf(t testing.TB) []warehouse.Relation {
	t.Helper()
	contract, err := Contract(contractsql.Files)
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

func put(t testing.TB, wh warehouse.Warehouse, contract []warehouse.Relation, table string, rows ...[]any) {
	t.Helper()
	for _, r := range contract {
		if r.String() == table {
			if err := wh.Put(context.Background(), r, slices.Values(rows)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func putAsOf(t testing.TB, wh warehouse.Warehouse, contract []warehouse.Relation) {
	t.Helper()
	put(t, wh, contract, "plan.as_of", []any{"2026-04-01T00:00:00Z", "2026-04-01", "UTC", "USD"})
}

func exec(t testing.TB, wh warehouse.Warehouse, statements string) {
	t.Helper()
	if err := wh.Exec(context.Background(), statements); err != nil {
		t.Fatal(err)
	}
}

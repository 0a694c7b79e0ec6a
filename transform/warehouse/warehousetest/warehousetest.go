// Package warehousetest is the contract of a warehouse: what every engine must
// do alike, whoever runs it.
package warehousetest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"merit/transform/warehouse"
)

// Run holds an engine to the contract. Open gives an empty warehouse, which Run
// closes.
func Run(t *testing.T, open func(t *testing.T) warehouse.Warehouse) {
	for _, promise := range []struct {
		name string
		test func(*testing.T, warehouse.Warehouse)
	}{
		{"a table gives back what was put, to the last digit", givesBack},
		{"a put never rounds, and names the column", neverRounds},
		{"a put without a value for a column that must have one changes nothing", needsValues},
		{"a put replaces, it does not add", putReplaces},
		{"a build replaces a table by what the query gives", buildReplaces},
		{"a build that breaks leaves the table as it was", buildIsWhole},
		{"a build casts what has a type", buildCasts},
		{"a build refuses other columns than declared", buildHoldsColumns},
		{"a view and a table take each other's place", buildsViews},
		{"a question takes its arguments apart from its text", bindsArguments},
		{"a question that is left early blocks nothing", leftEarly},
		{"a question stops at its first error", stopsAtError},
		{"a load shows each key's latest row, whatever the history", latestRows},
		{"a load shows a cleared value as cleared", clearedValues},
		{"a load shows columns that came later, null before", laterColumns},
		{"a load of a table without files is there, and empty", emptyTable},
		{"a load of a table without a key keeps every row", keylessTable},
		{"a load again shows the newly pinned files, and only those", loadAgain},
	} {
		t.Run(promise.name, func(t *testing.T) {
			wh := open(t)
			defer func() {
				if err := wh.Close(); err != nil {
					t.Error(err)
				}
			}()
			promise.test(t, wh)
		})
	}
}

var payouts = warehouse.Relation{
	Schema: "plan", Name: "payouts", Comment: "what is paid",
	Columns: []warehouse.Column{
		{Name: "rep_id", Type: "varchar", Comment: "who"},
		{Name: "amount", Type: "numeric(18, 2)", Comment: "how much", Nullable: true},
		{Name: "share", Type: "double", Nullable: true},
		{Name: "deals", Type: "bigint", Nullable: true},
		{Name: "is_held", Type: "boolean", Nullable: true},
		{Name: "paid_on", Type: "date", Nullable: true},
		{Name: "computed_at", Type: "timestamp with time zone", Nullable: true},
	},
	Key: []string{"rep_id"},
}

var noon = time.Date(2026, 3, 31, 12, 0, 0, 123456000, time.FixedZone("Arizona", -7*3600))

func givesBack(t *testing.T, wh warehouse.Warehouse) {
	put(t, wh, payouts,
		[]any{"ann", "9007199254740993.07", 0.1, int64(9007199254740993), true, "2026-03-31", noon},
		[]any{"bob", "-0.05", 1e-9, 3, false, noon, "2026-03-31T23:59:59.999999-07:00"},
		[]any{"O'Hara \"x\"\n", nil, nil, nil, nil, nil, nil},
	)
	want := [][]string{
		{"ann", "9007199254740993.07", "0.1", "9007199254740993", "true", "2026-03-31", "2026-03-31T19:00:00.123456Z"},
		{"bob", "-0.05", "0.000000001", "3", "false", "2026-03-31", "2026-04-01T06:59:59.999999Z"},
		{"O'Hara \"x\"\n", "∅", "∅", "∅", "∅", "∅", "∅"},
	}
	expect(t, wh, "select rep_id, amount, share, deals, is_held, paid_on, computed_at from plan.payouts order by deals desc nulls last", want)
}

func neverRounds(t *testing.T, wh warehouse.Warehouse) {
	for _, amount := range []string{"1.005", "1e2", "12345678901234567.00", "a lot"} {
		err := wh.Put(context.Background(), payouts, rows([]any{"ann", amount, nil, nil, nil, nil, nil}))
		if err == nil {
			t.Errorf("%q became an amount", amount)
		}
	}
	put(t, wh, payouts, []any{"ann", "1.5000", nil, nil, nil, nil, nil})
	expect(t, wh, "select amount from plan.payouts", [][]string{{"1.50"}})
}

func needsValues(t *testing.T, wh warehouse.Warehouse) {
	put(t, wh, payouts, []any{"ann", "1.00", nil, nil, nil, nil, nil})
	err := wh.Put(context.Background(), payouts, rows([]any{"bob", nil, nil, nil, nil, nil, nil}, []any{nil, nil, nil, nil, nil, nil, nil}))
	if err == nil {
		t.Error("a row without rep_id was put")
	}
	expect(t, wh, "select rep_id from plan.payouts", [][]string{{"ann"}})
}

func putReplaces(t *testing.T, wh warehouse.Warehouse) {
	put(t, wh, payouts, []any{"ann", "1.00", nil, nil, nil, nil, nil})
	put(t, wh, payouts, []any{"bob", "2.00", nil, nil, nil, nil, nil})
	expect(t, wh, "select rep_id from plan.payouts", [][]string{{"bob"}})
	put(t, wh, payouts)
	expect(t, wh, "select rep_id from plan.payouts", nil)
}

var totals = warehouse.Relation{Schema: "marts", Name: "totals"}

func buildReplaces(t *testing.T, wh warehouse.Warehouse) {
	build(t, wh, totals, "select 1 as n")
	build(t, wh, totals, "-- a query may begin with a comment\nselect 2 as n, 'x' as s -- and end with one")
	expect(t, wh, "select n, s from marts.totals", [][]string{{"2", "x"}})
}

func buildIsWhole(t *testing.T, wh warehouse.Warehouse) {
	build(t, wh, totals, "select 1 as n")
	if err := wh.Build(context.Background(), totals, "select cast(s as bigint) as n from (select '1' as s union all select 'one' as s) as given"); err == nil {
		t.Error("'one' became a number")
	}
	expect(t, wh, "select n from marts.totals", [][]string{{"1"}})
	ended, end := context.WithCancel(context.Background())
	end()
	if err := wh.Build(ended, totals, "select 3 as n"); err == nil {
		t.Error("built after the context had ended")
	}
	expect(t, wh, "select n from marts.totals", [][]string{{"1"}})
}

func buildCasts(t *testing.T, wh warehouse.Warehouse) {
	r := totals
	r.Columns = []warehouse.Column{{Name: "n", Type: "numeric(18, 2)"}, {Name: "s"}}
	build(t, wh, r, "with one as (select 1 as n) select n, 'x' as s from one")
	expect(t, wh, "select n, s from marts.totals", [][]string{{"1.00", "x"}})
}

func buildsViews(t *testing.T, wh warehouse.Warehouse) {
	figures := warehouse.Relation{Schema: "marts", Name: "figures"}
	build(t, wh, figures, "select 1 as n")
	view := totals
	view.IsView = true
	view.Comment = "what it comes to"
	view.Columns = []warehouse.Column{{Name: "n", Type: "numeric(18, 2)", Comment: "how many"}}
	for _, form := range []warehouse.Relation{totals, view, view, totals} {
		build(t, wh, form, "select n from marts.figures")
		expect(t, wh, "select cast(n as bigint) as n from marts.totals", [][]string{{"1"}})
	}
	build(t, wh, view, "select n from marts.figures")
	if err := wh.Build(context.Background(), view, "select m from marts.figures"); err == nil {
		t.Error("a column that is not there was taken")
	}
	expect(t, wh, "select cast(n as bigint) as n from marts.totals", [][]string{{"1"}})
}

func buildHoldsColumns(t *testing.T, wh warehouse.Warehouse) {
	build(t, wh, totals, "select 1 as n")
	for _, query := range []string{"select 1 as n", "select 1 as n, 2 as m, 3 as o", "select 1 as m, 2 as n"} {
		r := totals
		r.Columns = []warehouse.Column{{Name: "n"}, {Name: "m"}}
		if err := wh.Build(context.Background(), r, query); err == nil {
			t.Errorf("%s was taken for (n, m)", query)
		}
	}
	expect(t, wh, "select n from marts.totals", [][]string{{"1"}})
}

func bindsArguments(t *testing.T, wh warehouse.Warehouse) {
	put(t, wh, payouts, []any{"O'Hara", "1.00", nil, nil, nil, nil, nil}, []any{"ann", "2.00", nil, nil, nil, nil, nil})
	got := answer(t, wh, "select amount from plan.payouts where rep_id = ?", "O'Hara")
	if diff := cmp.Diff([][]string{{"1"}}, got); diff != "" {
		t.Error(diff)
	}
}

func leftEarly(t *testing.T, wh warehouse.Warehouse) {
	put(t, wh, payouts, []any{"ann", "1.00", nil, nil, nil, nil, nil}, []any{"bob", "2.00", nil, nil, nil, nil, nil})
	for row, err := range wh.Query(context.Background(), "select rep_id from plan.payouts order by rep_id") {
		if err != nil || row.Text("rep_id") != "ann" {
			t.Fatal(row, err)
		}
		break
	}
	put(t, wh, payouts)
}

func stopsAtError(t *testing.T, wh warehouse.Warehouse) {
	var errors int
	for _, err := range wh.Query(context.Background(), "select n from marts.nowhere") {
		if err != nil {
			errors++
		}
	}
	if errors != 1 {
		t.Errorf("%d errors of a question about a table that is not there", errors)
	}
}

func rows(all ...[]any) func(func([]any) bool) { return slices.Values(all) }

func put(t *testing.T, wh warehouse.Warehouse, r warehouse.Relation, all ...[]any) {
	t.Helper()
	if err := wh.Put(context.Background(), r, rows(all...)); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, wh warehouse.Warehouse, r warehouse.Relation, query string) {
	t.Helper()
	if err := wh.Build(context.Background(), r, query); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, wh warehouse.Warehouse, question string, want [][]string) {
	t.Helper()
	for _, row := range want {
		for i := range row {
			row[i] = plain(row[i])
		}
	}
	if diff := cmp.Diff(want, answer(t, wh, question)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", question, diff)
	}
}

// answer is a question's rows as text, null as ∅.
func answer(t testing.TB, wh warehouse.Warehouse, question string, args ...any) [][]string {
	t.Helper()
	var got [][]string
	for row, err := range wh.Query(context.Background(), question, args...) {
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i := range row.Columns() {
			if row.At(i).IsNull {
				texts = append(texts, "∅")
				continue
			}
			texts = append(texts, plain(row.At(i).Text))
		}
		got = append(got, texts)
	}
	return got
}

var decimal = regexp.MustCompile(`^-?\d+\.\d+$`)

// plain is a decimal without zeros at its end, which some engines do not tell.
func plain(text string) string {
	if !decimal.MatchString(text) {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

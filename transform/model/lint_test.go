package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"merit/transform/sqltext"
)

func TestDescriptionsOfColumns(t *testing.T) {
	tokens, err := sqltext.Tokenize(`with t as (
    select a, -- not this one
        b from core.x
)
select distinct
    t.a, -- the first
    -- a remark of its own
    case
        when b = 1 then 'x' -- inside
        else 'y'
    end as "Kind", -- the second
    f(b, c) as third -- the third
    -- another remark
from t`)
	if err != nil {
		t.Fatal(err)
	}
	columns, findings := finalColumns(tokens)
	if len(findings) > 0 {
		t.Error(findings)
	}
	var got []string
	for _, column := range columns {
		got = append(got, column.Name+": "+column.Comment)
	}
	if diff := cmp.Diff([]string{"a: the first", "Kind: the second", "third: the third"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLint(t *testing.T) {
	for query, want := range map[string]string{
		"select * from core.x":                                 "the columns",
		"select x.* from core.x":                               "the columns",
		"select a, * from core.x":                              "the columns",
		"select now() from core.x":                             "fn.as_of()",
		"select current_date as d":                             "fn.today()",
		"select count(*) filter (where a) from core.x":         "sum(case when",
		"select median(a) from core.x":                         "row_number()",
		"select quantile_cont(a, 0.5) from core.x":             "row_number()",
		"select cast(a as numeric) from core.x":                "numeric(18, 2)",
		"select cast(a as timestamp) from core.x":              "timestamp with time zone",
		"select cast(a as integer) from core.x":                "bigint",
		"select a::date from core.x":                           "cast(a as type)",
		"select a / b from core.x":                             "fn.ratio(a, b)",
		"select countif(a) from core.x":                        "sum(case when",
		"select date_trunc('month', t) from core.x":            "fn.month(t)",
		"select date_diff('day', a, b) from core.x":            "fn.days(a, b)",
		"select a from core.x where t < '2026-03-31 23:59:59'": "Z' or its offset",
		"select greatest(a, b) from core.x":                    "fn.larger(a, b)",
		"select arg_max(a, t) from core.x":                     "cleared",
		"with groups as (select 1 as a) select a from core.x":  "BigQuery reserves it",
	} {
		tokens, err := sqltext.Tokenize("-- line 1\n" + query)
		if err != nil {
			t.Fatal(err)
		}
		findings := lint(tokens)
		if len(findings) == 0 || findings[0].line != 2 || !strings.Contains(findings[0].text, want) {
			t.Errorf("%s: want %q, got %v", query, want, findings)
		}
	}
	for _, query := range []string{
		"select count(*), a * b, (a) * c, 2 * a, sum(a * (b)) from core.x",
		"select fn.today() as today, x.median, t.now from core.x -- now() / 2 :: select *",
		"select cast(a as numeric(18, 2)), cast(b as timestamp with time zone), cast(c as bigint) from core.x",
		"select 'now()', '2026-03-31T23:59:59Z', '2026-03-31', '2026-03-31 23:59:59-07:00' from core.x",
		"select row_number() over (order by a) as filter, rank() over (order by b) as list from core.x",
	} {
		tokens, err := sqltext.Tokenize(query)
		if err != nil {
			t.Fatal(err)
		}
		if findings := lint(tokens); len(findings) > 0 {
			t.Errorf("%s: %v", query, findings)
		}
	}
}

func TestCompileKeepsEachLineWhereItIs(t *testing.T) {
	m := Model{Name: "core.x", SQL: "-- x: cast(a as varchar)\nselect cast(a as varchar) as s, cast(b as double) as d,\n    cast(c as timestamp with time zone) as t, 'as varchar' as u\nfrom core.y;\n"}
	for dialect, want := range map[string]string{
		"duckdb":   "-- x: cast(a as varchar)\nselect try_cast(a as varchar) as s, try_cast(b as double) as d,\n    try_cast(c as timestamp with time zone) as t, 'as varchar' as u\nfrom core.y",
		"bigquery": "-- x: cast(a as varchar)\nselect safe_cast(a as string) as s, safe_cast(b as float64) as d,\n    safe_cast(c as timestamp) as t, 'as varchar' as u\nfrom core.y",
	} {
		got, err := m.Compile(dialect)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", dialect, diff)
		}
	}
	if _, err := m.Compile("cobol"); err == nil || !slices.Contains(strings.Fields(err.Error()), `"cobol";`) {
		t.Error(err)
	}
}

func TestAColumnCalledLikeATableOfItsGroupBy(t *testing.T) {
	for sql, want := range map[string]int{
		"select deals.source, count(*) as deals from core.deals group by deals.source":                                        1,
		"select deals.source, count(*) as all_deals from core.deals group by deals.source":                                    0,
		"select deals.source, cast(1 as bigint) as n from core.deals group by deals.source order by deals.source":             0,
		"with a as (select x.k, count(*) as n from core.x group by x.k) select a.k, sum(a.n) as a from a group by a.k":        1,
		"select deals.source as deals from core.deals":                                                                        0,
		"select (select count(*) as deals from core.deals) as n, deals.source from core.deals group by deals.source":          0,
		"select deals.a, count(*) as Deals from core.deals group by deals.a union all select deals.a, 1 as n from core.deals": 1,
	} {
		tokens, err := sqltext.Tokenize(sql)
		if err != nil {
			t.Fatal(err)
		}
		if got := columnsCalledLikeTables(tokens); len(got) != want {
			t.Errorf("%s: %v", sql, got)
		}
	}
}

package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTablesOfAQuery(t *testing.T) {
	for query, want := range map[string]string{
		"select a from core.x": "core.x",
		"select a from core.x, core.y as z where a in (select b from core.w)":                          "core.x core.y core.w",
		"select a, b from core.x join core.y on f(x.a, y.a) order by a, b":                             "core.x core.y",
		"with t as (select a from core.x), u as (select b from t) select b from u":                     "core.x",
		"with t (a, b) as (select 1, 2 from core.x) select a from t join core.y using (a)":             "core.x core.y",
		"select 'from core.no' as a, \"from core.no\" from core.x -- from core.no\n/* join core.no */": "core.x",
		"select extract(year from t), trim(both ' ' from s) from core.x":                               "core.x",
		"select a is distinct from b, c is not distinct from d from core.x":                            "core.x",
		"select a from core.x union all select a from core.y":                                          "core.x core.y",
		"select a from core.x left join lateral (select b from core.y) as t on true":                   "core.x core.y",
		`select a from "core"."x"`:                                                               "core.x",
		"SELECT a FROM Core.X WHERE it = 'it''s from core.no'":                                   "core.x",
		"select row_number() over (partition by a, b order by c, d) from core.x":                 "core.x",
		"select a from core.x where exists (select 1 from core.y where y.a = x.a) group by a, b": "core.x core.y",
		"select a from core.x on_x, core.y":                                                      "core.x core.y",
	} {
		tokens, err := tokenize(query)
		if err != nil {
			t.Fatal(err)
		}
		tables, err := references(tokens)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		var got []string
		for _, table := range tables {
			got = append(got, table.name)
		}
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
			t.Errorf("%s\n%s", query, diff)
		}
	}
}

func TestTablesThatCantBeRead(t *testing.T) {
	for query, want := range map[string]string{
		"select a from t":                      `line 1: "t" is neither`,
		"select a\nfrom a.b.c":                 `line 2: "a.b.c" is neither`,
		"select a from unnest(b)":              "unnest(…) is no table",
		"select a from (core.x join core.y)":   "joins in parentheses",
		"select a from core.x where b = 1)":    "a ) too many",
		"with t as (select 1) select a from u": `"u" is neither`,
	} {
		tokens, err := tokenize(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := references(tokens); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// Tokens and the space between them are the text again, whatever it is.
func TestTokensKeepEveryByte(t *testing.T) {
	rapid.Check(t, func(draw *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"select", "é", " ", "\n", "'it''s'", `"a ""b"""`, "--x\n", "/* y\n */", "1.5", "::", "||", "(", ")", "<=", ".", "a_1", ";", "–"})).Draw(draw, "sql")
		sql := strings.Join(parts, " ")
		tokens, err := tokenize(sql)
		if err != nil {
			draw.Fatal(err)
		}
		var rebuilt strings.Builder
		from := 0
		for _, token := range tokens {
			if between := sql[from:token.start]; strings.TrimSpace(between) != "" {
				draw.Fatalf("%q was lost", between)
			}
			if line := 1 + strings.Count(sql[:token.start], "\n"); line != token.line {
				draw.Fatalf("%q is on line %d, not %d", token.text, line, token.line)
			}
			rebuilt.WriteString(sql[from:token.end])
			from = token.end
		}
		rebuilt.WriteString(sql[from:])
		if rebuilt.String() != sql {
			draw.Fatalf("%q became %q", sql, rebuilt.String())
		}
	})
}

func TestDescriptionsOfColumns(t *testing.T) {
	tokens, err := tokenize(`with t as (
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
		tokens, err := tokenize("-- line 1\n" + query)
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
		tokens, err := tokenize(query)
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
		"duckdb":   "-- x: cast(a as varchar)\nselect cast(a as varchar) as s, cast(b as double) as d,\n    cast(c as timestamp with time zone) as t, 'as varchar' as u\nfrom core.y",
		"bigquery": "-- x: cast(a as varchar)\nselect cast(a as string) as s, cast(b as float64) as d,\n    cast(c as timestamp) as t, 'as varchar' as u\nfrom core.y",
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

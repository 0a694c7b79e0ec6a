package sqltext

import (
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
		tokens, err := Tokenize(query)
		if err != nil {
			t.Fatal(err)
		}
		tables, err := References(tokens)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		var got []string
		for _, table := range tables {
			got = append(got, table.Name)
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
		tokens, err := Tokenize(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := References(tokens); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// Tokens and the space between them are the text again, whatever it is.
func TestTokensKeepEveryByte(t *testing.T) {
	rapid.Check(t, func(draw *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"select", "é", " ", "\n", "'it''s'", `"a ""b"""`, "--x\n", "/* y\n */", "1.5", "::", "||", "(", ")", "<=", ".", "a_1", ";", "–"})).Draw(draw, "sql")
		sql := strings.Join(parts, " ")
		tokens, err := Tokenize(sql)
		if err != nil {
			draw.Fatal(err)
		}
		var rebuilt strings.Builder
		from := 0
		for _, token := range tokens {
			if between := sql[from:token.Start]; strings.TrimSpace(between) != "" {
				draw.Fatalf("%q was lost", between)
			}
			if line := 1 + strings.Count(sql[:token.Start], "\n"); line != token.Line {
				draw.Fatalf("%q is on line %d, not %d", token.Text, line, token.Line)
			}
			rebuilt.WriteString(sql[from:token.End])
			from = token.End
		}
		rebuilt.WriteString(sql[from:])
		if rebuilt.String() != sql {
			draw.Fatalf("%q became %q", sql, rebuilt.String())
		}
	})
}

func TestWhatAViewSaysOfItself(t *testing.T) {
	v, err := ReadView(`-- deals: as they are now, never from raw.no
-- main: raw.Deals as deals where deals.createdate is not null
with a as (select fn.as_of() as t, 'raw.text' as u from raw.deal_history)
select x from raw."Deals" as deals, a where deals.raw.y = 1`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(v.Tables, " "); got != "deal_history Deals" {
		t.Errorf("reads %s", got)
	}
	if got := v.CountMain(); got != "select count(*) as records from raw.Deals as deals where deals.createdate is not null" {
		t.Error(got)
	}
	if !v.Calls("as_of") || v.Calls("today") {
		t.Error("it calls fn.as_of and nothing else")
	}
	for text, want := range map[string]string{
		"-- main: raw.deal\nselect a from raw.deals":                      "main: raw.deal is none of the tables that the view reads: raw.deals",
		"-- main: raw.deals\n-- main: raw.deals\nselect a from raw.deals": "line 2: main is stated twice",
		"-- main: deals\nselect a from raw.deals":                         "main: deals is none of the tables",
		"select 'a": "line 1: a ' that is not closed",
	} {
		if _, err := ReadView(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

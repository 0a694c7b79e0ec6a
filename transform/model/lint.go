package model

import (
	"fmt"
	"regexp"

	"merit/transform/sqltext"
)

// A rule is a way of writing that DuckDB and BigQuery do not mean the same by, or
// by which two builds of the same day would differ.
type rule struct {
	not     string
	say     string
	because string
}

// calls are functions that models leave alone.
var calls = []rule{
	{"now", "fn.as_of()", "the run sets the instant"},
	{"today", "fn.today()", "the run sets the date"},
	{"get_current_timestamp", "fn.as_of()", "the run sets the instant"},
	{"random", "an order by the key", "two builds must give the same"},
	{"rand", "an order by the key", "two builds must give the same"},
	{"uuid", "the key's columns", "two builds must give the same"},
	{"median", "row_number() and the middle rows", "no median is common to both engines"},
	{"quantile", "row_number() and the row wanted", "no quantile is common to both engines"},
	{"quantile_cont", "row_number() and the row wanted", "no quantile is common to both engines"},
	{"quantile_disc", "row_number() and the row wanted", "no quantile is common to both engines"},
	{"approx_quantile", "row_number() and the row wanted", "no quantile is common to both engines"},
	{"percentile_cont", "row_number() and the row wanted", "no percentile is common to both engines"},
	{"countif", "sum(case when … then 1 else 0 end)", "DuckDB has no countif"},
	{"count_if", "sum(case when … then 1 else 0 end)", "BigQuery has no count_if"},
	{"date_diff", "fn.days(a, b) or fn.whole_days(a, b)", "its arguments differ in order and kind"},
	{"datediff", "fn.days(a, b) or fn.whole_days(a, b)", "its arguments differ in order and kind"},
	{"date_trunc", "fn.month(t) or fn.day(t)", "a calendar date needs the reporting zone"},
	{"date_add", "fn.date_after(d, n) or fn.add_days(t, n)", "its arguments differ"},
	{"date_sub", "fn.date_after(d, -n) or fn.add_days(t, -n)", "its arguments differ"},
	{"date_part", "fn.day(t), fn.weekday(d)", "a calendar date needs the reporting zone"},
	{"strftime", "fn.day(t)", "formats differ"},
	{"epoch", "fn.days(a, b) or fn.minutes(a, b)", "it is a float"},
	{"arg_max", "row_number() … = 1", "it skips nulls: a cleared value would come back"},
	{"arg_min", "row_number() … = 1", "it skips nulls: a cleared value would come back"},
	{"max_by", "row_number() … = 1", "it skips nulls: a cleared value would come back"},
	{"min_by", "row_number() … = 1", "it skips nulls: a cleared value would come back"},
	{"any_value", "min() or max()", "which value it takes is not told"},
	{"greatest", "fn.larger(a, b)", "DuckDB ignores nulls, BigQuery gives null"},
	{"least", "fn.smaller(a, b)", "DuckDB ignores nulls, BigQuery gives null"},
	{"concat", "a || b", "DuckDB ignores nulls, BigQuery gives null"},
	{"bool_or", "max(case when … then 1 else 0 end) = 1", "BigQuery has no bool_or"},
	{"bool_and", "min(case when … then 1 else 0 end) = 1", "BigQuery has no bool_and"},
	{"list", "string_agg, or rows", "lists are not published"},
	{"try_cast", "fn.as_number(s), fn.as_date(s), fn.as_instant(s)", "BigQuery names it another way"},
	{"safe_cast", "fn.as_number(s), fn.as_date(s), fn.as_instant(s)", "DuckDB names it another way"},
}

// words stand anywhere outside of texts and comments.
var words = []rule{
	{"current_date", "fn.today()", "the run sets the date"},
	{"current_timestamp", "fn.as_of()", "the run sets the instant"},
	{"current_time", "fn.as_of()", "the run sets the instant"},
	{"localtimestamp", "fn.as_of()", "the run sets the instant"},
	{"ilike", "lower(a) like b", "BigQuery has no ilike"},
	{"asof", "a range join", "BigQuery has no asof join"},
	{"semi", "exists (…)", "BigQuery has no semi join"},
	{"anti", "not exists (…)", "BigQuery has no anti join"},
	{"positional", "a join by key", "rows have no order"},
	{"groups", "another name", "BigQuery reserves it"},
	{"hash", "another name", "BigQuery reserves it"},
	{"lookup", "another name", "BigQuery reserves it"},
	{"new", "another name", "BigQuery reserves it"},
	{"contains", "another name", "BigQuery reserves it"},
	{"define", "another name", "BigQuery reserves it"},
	{"treat", "another name", "BigQuery reserves it"},
	{"fetch", "limit", "BigQuery reserves it"},
}

var symbols = []rule{
	{"::", "cast(a as type)", "BigQuery has no ::"},
	{"/", "fn.ratio(a, b)", "it is null when b is 0 on neither engine"},
	{"//", "fn.ratio(a, b)", "BigQuery has no //"},
}

// zoneless is an instant that does not say its zone.
var zoneless = regexp.MustCompile(`^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$`)

// lint tells what two engines, or two days, would not agree on.
func lint(tokens []sqltext.Token) []finding {
	tokens = sqltext.WithoutComments(tokens)
	var findings []finding
	tell := func(t sqltext.Token, r rule) {
		findings = append(findings, finding{t.Line, fmt.Sprintf("say %s, not %s: %s", r.say, r.not, r.because)})
	}
	for i, t := range tokens {
		before, after := sqltext.At(tokens, i-1), sqltext.At(tokens, i+1)
		// A column may be called like a function, and fn.x is ours.
		isCall := t.Kind == sqltext.Word && after.Is("(") && !before.Is(".")
		isBare := t.Kind == sqltext.Word && !before.Is(".", "as") && !after.Is(".")
		switch {
		case t.Is("*") && (before.Is("select", "distinct", ".") || before.Is(",") && !isOperand(after)):
			tell(t, rule{"select *", "the columns", "a new column must not slip through"})
		case t.Is("filter") && after.Is("("):
			tell(t, rule{"filter (where …)", "sum(case when … then 1 else 0 end)", "BigQuery has no filter"})
		case t.Kind == sqltext.Literal && zoneless.MatchString(t.Text):
			tell(t, rule{"'" + t.Text + "'", "'" + t.Text + "Z' or its offset", "without one it is read in another zone elsewhere"})
		}
		findings = append(findings, bareType(tokens, i)...)
		for _, r := range calls {
			if isCall && t.Text == r.not {
				tell(t, rule{r.not + "()", r.say, r.because})
			}
		}
		for _, r := range words {
			if isBare && t.Text == r.not {
				tell(t, r)
			}
		}
		for _, r := range symbols {
			if t.Is(r.not) {
				tell(t, r)
			}
		}
	}
	return findings
}

// bareType finds casts to types that the engines do not share.
func bareType(tokens []sqltext.Token, i int) []finding {
	t, before, after := tokens[i], sqltext.At(tokens, i-1), sqltext.At(tokens, i+1)
	closes := after.Is(")")
	switch {
	case !before.Is("as") || t.Kind != sqltext.Word:
	case t.Is("numeric", "decimal") && closes:
		return []finding{{t.Line, "say numeric(18, 2) or numeric(38, 9), not numeric: bare, DuckDB keeps 3 decimals and BigQuery 9"}}
	case t.Is("timestamp") && closes:
		return []finding{{t.Line, "say timestamp with time zone, not timestamp: in DuckDB it has no zone, in BigQuery it has"}}
	case t.Is("int", "integer", "hugeint", "smallint", "text", "float", "real", "datetime") && closes:
		return []finding{{t.Line, fmt.Sprintf("say string, bigint, double, boolean, date, numeric(p, s) or timestamp with time zone, not %s: the engines do not mean the same by it", t.Text)}}
	}
	return nil
}

func isOperand(t sqltext.Token) bool {
	return t.IsName() && !t.Is("from") || t.Kind == sqltext.Number || t.Is("(")
}

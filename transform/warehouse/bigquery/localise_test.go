package bigquery

import "testing"

func TestCommonSQLInBigQuerysOwnWords(t *testing.T) {
	names := Names{Dataset: "merit"}
	for common, want := range map[string]string{
		"select deals.name from core.deals":                                                               "select deals.name from `merit_core`.deals",
		"create schema if not exists fn;\ncreate or replace function fn.zone() as ('UTC')":                "create schema if not exists `merit_fn`;\ncreate or replace function `merit_fn`.zone() as ('UTC')",
		"select metrics.metric from plan.metrics join core.x using (metric)":                              "select metrics.metric from `merit_plan`.metrics join `merit_core`.x using (metric)",
		`select "Id" from raw_crm."Deal"`:                                                                 "select `Id` from `merit_raw_crm`.`Deal`",
		`from "raw_o'x".Deal`:                                                                             "from `merit_raw_o'x`.Deal",
		`select 'it''s \ "so"' as s -- don't`:                                                             `select 'it\'s \\ "so"' as s -- don't`,
		"select a is not distinct from b.c, extract(day from b.c) from b":                                 "select a is not distinct from b.c, extract(day from b.c) from b",
		"select cast(a as varchar), cast(b as numeric(38, 6)), cast(c as timestamp with time zone) as at": "select cast(a as string), cast(b as numeric(35, 6)), cast(c as timestamp) as at",
		"select cast(null as numeric(38,2)), cast(d as double), cast(e as numeric(18, 2))":                "select cast(null as numeric(31, 2)), cast(d as float64), cast(e as numeric(18, 2))",
		"select 1 where a = ? and b = '?' and c = ?":                                                      "select 1 where a = @a1 and b = '?' and c = @a2",
		"insert into core.deals (deal_id) values (1)":                                                     "insert into `merit_core`.deals (deal_id) values (1)",
		"select fn.days(a.b, fn.as_of()) from (select 1) as a":                                            "select `merit_fn`.days(a.b, `merit_fn`.as_of()) from (select 1) as a",
		"select x from `merit`.y":                                                                         "select x from `merit`.y",
	} {
		got, err := names.Localise(common)
		if err != nil || got != want {
			t.Errorf("%v\n given %s\n  want %s\n   got %s", err, common, want, got)
		}
		if again, err := names.Localise(got); err == nil && common != got && again != got && !hasBackslash(got) {
			t.Errorf("not the same twice: %s, %s", got, again)
		}
	}
	for _, broken := range []string{"select 'a", `select "a`, "select /* a", "select `a"} {
		if got, err := names.Localise(broken); err == nil {
			t.Errorf("%s was taken: %s", broken, got)
		}
	}
}

func hasBackslash(s string) bool {
	for _, r := range s {
		if r == '\\' {
			return true
		}
	}
	return false
}

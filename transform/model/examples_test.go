package model

import (
	"context"
	"strings"
	"testing"

	"merit/transform/warehouse"
)

const ratesSQL = `with closed as (
    select
        deals.owner_id,
        fn.month(deals.closed_at) as month,
        case when stages.is_won then 1 else 0 end as won
    from staging.deals
    join staging.stages
        on stages.source = deals.source
        and stages.stage_id = deals.stage_id
    where stages.is_closed and deals.closed_at <= fn.as_of()
)
select
    closed.owner_id as deal_id, -- who
    closed.month, -- first day of the month
    cast(sum(closed.won) as bigint) as wins, -- how many were won
    fn.ratio(sum(closed.won), count(*)) as win_rate -- 0..1
from closed
group by closed.owner_id, closed.month`

const stagesGiven = `
staging.stages
| stage_id | is_closed | is_won |
|----------|-----------|--------|
| won      | true      | true   |
| lost     | true      | false  |
| open     | false     | false  |
`

const dealsGiven = `
staging.deals
| deal_id | owner_id | stage_id | closed_at            |
|---------|----------|----------|----------------------|
| 1       | ann      | won      | 2026-01-03T00:00:00Z |
| 2       | ann      | lost     | 2026-01-09T00:00:00Z |
| 3       | ann      | lost     | 2026-02-01T06:59:59Z |
| 4       | bob      | open     |                      |
| 5       | bob      | won      | 2026-04-02T00:00:00Z |
`

func examplesOf(t *testing.T, markdown string) ([]Result, error) {
	t.Helper()
	g, err := Load(folderOf(map[string]string{
		"core/rates.sql":     file("rates", ratesSQL),
		"core/rates_test.md": markdown,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return g.RunExamples(context.Background(), []warehouse.Warehouse{scratch(t)})
}

func TestExamplesThatComeOut(t *testing.T) {
	for name, text := range map[string]string{
		"only the columns shown count, in no order": stagesGiven + dealsGiven + `
gives
| win_rate | deal_id | wins |
|----------|---------|------|
| 0        | ann     | 0.00 |
| 0.5      | ann     | 1    |
`,
		"a month is one of the zone": "\nzone America/Phoenix\n" + stagesGiven + dealsGiven + `
Prose explains that 06:59:59Z is still January there.
gives
| deal_id | month      | win_rate |
|---------|------------|----------|
| ann     | 2026-01-01 | 0.333    |
`,
		"a later day sees more": "\nas of 2026-05-01T00:00:00Z\n" + stagesGiven + dealsGiven + `
gives
| deal_id | month      |
|---------|------------|
| ann     | 2026-01-01 |
| ann     | 2026-02-01 |
| bob     | 2026-04-01 |
`,
		"nothing gives nothing": "gives\n| deal_id |\n|---|\n",
	} {
		results, err := examplesOf(t, "# Rates\n\n## "+name+"\n"+text)
		if err != nil || len(results) != 1 || results[0].Err != nil {
			t.Errorf("%s: %v %v", name, results, err)
		}
	}
}

func TestExamplesThatDoNotComeOut(t *testing.T) {
	for name, rows := range map[string]string{
		"a row too many":      "| ann | 2026-01-01 | 1 |\n| ann | 2026-02-01 | 0 |\n| bob | 2026-01-01 | 1 |",
		"a row too few":       "| ann | 2026-01-01 | 1 |",
		"another value":       "| ann | 2026-01-01 | 1 |\n| ann | 2026-02-01 | 0.5 |",
		"a row twice":         "| ann | 2026-01-01 | 1 |\n| ann | 2026-01-01 | 1 |",
		"a value for nothing": "| ann | 2026-01-01 | 1 |\n| ann | 2026-02-01 | |",
		"another day":         "| ann | 2026-01-01 | 1 |\n| ann | 2026-02-02 | 0 |",
	} {
		text := "## " + name + stagesGiven + dealsGiven + "gives\n| deal_id | month | wins |\n|---|---|---|\n" + rows
		results, err := examplesOf(t, text)
		if err != nil || len(results) != 1 || results[0].Err == nil {
			t.Errorf("%s came out: %v", name, err)
		}
	}
	text := "## shown\n" + stagesGiven + dealsGiven + "gives\n| deal_id | wins |\n|---|---|\n| ann | 1 |\n| ann | 7 |"
	results, err := examplesOf(t, text)
	if err != nil {
		t.Fatal(err)
	}
	const want = `models/core/rates_test.md:1: shown
core.rates gives other rows (- line: expected, + given):
      deal_id  wins  
- 22  ann      7     
+     ann      0     
`
	if got := results[0].Err.Error(); got != want {
		t.Errorf("the difference reads\n%s", got)
	}
}

func TestExamplesThatCantBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"## a\nstaging.deals\n| deal_id |\n|---|\n| 1 |": "core/rates_test.md:1: the example \"a\" gives no table",
		"## a\n| deal_id |":                                         "core/rates_test.md:2: a table needs its name",
		"## a\n\ntraps: skip, jump\ngives\n| deal_id |":             "core/rates_test.md:3: no trap is called \"jump\", these are: same-stage rows, skip, ",
		"## a\ntraps: skip\ntraps: ties, skip\ngives\n| deal_id |":  "core/rates_test.md:3: skip is named twice",
		"## a\ngives\n| deal_id |\ntraps: skip":                     "core/rates_test.md:4: traps stand before gives",
		"# r\n\n- cannot meet jump: why\n## a\ngives\n| deal_id |":  "core/rates_test.md:3: no trap is called \"jump\"",
		"- cannot meet skip: a\n- cannot meet skip: b\n## a\ngives": "core/rates_test.md:2: skip is named twice",
		"## a\ngives\n| deal_id | wins |\n|---|---|\n| 1 |":         "core/rates_test.md:5: 1 cells under 2 columns",
		"## a\nas of yesterday\ngives\n| deal_id |":                 "core/rates_test.md:2: as of an instant with its zone",
		"## a\nzone Nowhere/Else\ngives\n| deal_id |":               "core/rates_test.md:2: unknown time zone",
		"## a\ngives\n| deal_id |\n|---|\n| 1 |\nstaging.deals":     "core/rates_test.md:6: what is given stands before gives",
		"## a\ncore.nothing\n| a |\n|---|\n| 1 |\ngives\n| wins |":  "core/rates_test.md:2: there is no table core.nothing",
		"## a\nstaging.deals\n| a |\n|---|\n| 1 |\ngives\n| wins |": "core/rates_test.md:2: staging.deals has no column a",
	} {
		results, err := examplesOf(t, text)
		if err == nil && len(results) == 1 {
			err = results[0].Err
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want %q, got %v", text, want, err)
		}
	}
}

// What an example before left behind must not help the next.
func TestExamplesDoNotSeeEachOther(t *testing.T) {
	full := "## full\n" + stagesGiven + dealsGiven + "gives\n| deal_id |\n|---|\n| ann |\n| ann |\n"
	empty := "## empty\n" + dealsGiven + "gives\n| deal_id |\n|---|\n"
	later := "## later\nas of 2026-01-05T00:00:00Z\n" + stagesGiven + dealsGiven + "gives\n| deal_id | win_rate |\n|---|---|\n| ann | 1 |\n"
	for _, order := range [][]string{{full, empty, later}, {empty, later, full}, {later, full, empty, full}} {
		results, err := examplesOf(t, strings.Join(order, ""))
		if err != nil || len(results) != len(order) {
			t.Fatal(results, err)
		}
		for _, r := range results {
			if r.Err != nil {
				t.Error(r.Err)
			}
		}
	}
}

// A model may be given instead of built.
func TestExamplesGiveUpstreamModels(t *testing.T) {
	g, err := Load(folderOf(map[string]string{
		"core/rates.sql": file("rates", ratesSQL),
		"core/best.sql":  file("best", "select rates.deal_id -- who\nfrom core.rates\nwhere rates.win_rate > 0.9"),
		"core/best_test.md": `## given
core.rates
| deal_id | win_rate |
|---------|----------|
| ann     | 0.95     |
| bob     | 0.5      |
gives
| deal_id |
|---------|
| ann     |
## built
` + stagesGiven + dealsGiven + `
gives
| deal_id |
|---------|
`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	results, err := g.RunExamples(context.Background(), []warehouse.Warehouse{scratch(t)}, "core.best")
	if err != nil || len(results) != 2 {
		t.Fatal(results, err)
	}
	for _, r := range results {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
}

package model

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"merit/connectors/fault"
	"merit/models"
)

const ownMart = `-- own_deals: one sentence
-- grain: one row a deal
-- key: deal_id
-- signal: what it tells
-- owner: revenue operations
-- not_null: deal_id
-- changed: 2026-01-01 first version
select
    deals.deal_id -- the CRM's id
from marts.deals
`

func TestAProjectsOwnModelsAreReadBesideMerits(t *testing.T) {
	g, err := LoadWithOwn(models.Files, fstest.MapFS{
		"marts/own_deals.sql":     {Data: []byte(ownMart)},
		"marts/own_deals_test.md": {Data: []byte("# Deals\n\n## One\nmarts.deals\n| deal_id |\n|---|\n| d1 |\n\ngives\n| deal_id |\n|---|\n| d1 |\n")},
		"README.md":               {Data: []byte("what these are for")},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := g.Model("marts.own_deals")
	if m == nil || !m.IsOwn() || g.Model("marts.deals").IsOwn() {
		t.Fatalf("%v", m)
	}
	if examples, err := g.Examples(m); err != nil || len(examples) != 1 {
		t.Errorf("%v %v", examples, err)
	}
	if _, err := LoadWithOwn(models.Files, nil); err != nil {
		t.Error(err)
	}
}

// What breaks a rule is refused by file and line, and is the project's to mend.
func TestAModelThatBreaksARuleIsRefusedInWords(t *testing.T) {
	with := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(ownMart) }
	large := strings.Repeat("-", largestOwnFile+1)
	for want, files := range map[string]fstest.MapFS{
		"models/marts/deals.sql: a model of your own is called own_":                {"marts/deals.sql": {Data: []byte(ownMart)}},
		`models/mart: no such kind of model, did you mean "marts"`:                  {"mart/own_deals.sql": {Data: []byte(ownMart)}},
		"models/own_deals.sql: a model lies in a folder of its kind":                {"own_deals.sql": {Data: []byte(ownMart)}},
		"models/marts/more: models lie in models/KIND/NAME.sql":                     {"marts/more/own_deals.sql": {Data: []byte(ownMart)}},
		"models/marts/own_deals.sql: a model is a regular file of at most 1 MiB":    {"marts/own_deals.sql": {Data: []byte(large)}},
		"models/marts/own_pipe.sql: a model is a regular file":                      {"marts/own_pipe.sql": {Mode: fs.ModeNamedPipe}},
		"models/marts/own_link.sql: a model is a regular file":                      {"marts/own_link.sql": {Mode: fs.ModeSymlink}},
		"models/marts/own_deals.sql:10: marts.dealz is neither a model nor a table": {"marts/own_deals.sql": {Data: []byte(with("marts.deals", "marts.dealz", "deals.deal_id", "dealz.deal_id"))}},
		"models/marts/own_deals.sql:1: the header names a column id":                {"marts/own_deals.sql": {Data: []byte(with("-- key: deal_id", "-- key: id"))}},
		"models/marts/own_deals.sql:9: say fn.ratio(a, b), not /":                   {"marts/own_deals.sql": {Data: []byte(with("    deals.deal_id -- the", "    deals.amount / 2 as deal_id -- the"))}},
		"models/marts/own_none_test.md:1: no model is called marts.own_none":        {"marts/own_none_test.md": {Data: []byte("# None")}},
		"in a circle: marts.own_deals → marts.own_deals":                            {"marts/own_deals.sql": {Data: []byte(with("from marts.deals", "from marts.own_deals as deals"))}},
		"models/metrics/own_calls.sql:1: the header says nothing of":                {"metrics/own_calls.sql": {Data: []byte(strings.ReplaceAll(ownMart, "own_deals", "own_calls"))}},
	} {
		_, err := LoadWithOwn(models.Files, files)
		if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

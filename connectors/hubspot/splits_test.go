package hubspot

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/fault"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// shares writes what the story says of who shares in a deal at an instant.
func (a *acme) shares(rows connectortest.Rows, deal int, at company.Instant) {
	var list []int
	for k, c := range a.story.Deals[deal].Credits {
		if c.Kind == company.Share && c.CreatedAt <= at && !company.DeletedBy(c.DeletedAt, at) {
			list = append(list, k)
		}
	}
	id := hsserver.DealID(a.story, deal)
	count := strconv.Itoa(len(list))
	if len(list) == 0 {
		rows[connectortest.Key(id, "0")] = connectortest.Row{"splits": count, "id": ""}
	}
	for ordinal, k := range list {
		c := &a.story.Deals[deal].Credits[k]
		rows[connectortest.Key(id, strconv.Itoa(ordinal))] = connectortest.Row{
			"splits": count, "id": hsserver.SplitID(deal, k), "hubspot_owner_id": hsserver.OwnerID(a.story, c.User),
			"updatedAt": c.ModifiedAt(at).Time().Format(time.RFC3339Nano),
		}
	}
}

// allShares are the splits that a reader knows who read when the story's present
// began, and reads again now what has changed since: a split moves no date of its
// deal.
func (a *acme) allShares(t *testing.T) connectortest.Rows {
	rows := connectortest.Rows{}
	began, now := company.At(a.story.Now), company.At(a.clock.now)
	live := a.ids(t, "deals")
	for i := range a.story.Deals {
		d := &a.story.Deals[i]
		if d.ExistsAt(began) && !company.DeletedBy(d.DeletedAt, began) {
			a.shares(rows, i, began)
		}
		lookback := company.Instant(time.Hour.Milliseconds())
		if _, isLive := slices.BinarySearch(live, hsserver.DealID(a.story, i)); now > began && isLive && d.At(now).ModifiedAt >= began-lookback {
			a.shares(rows, i, now)
		}
	}
	return rows
}

func TestWhoSharesInADealIsReadAndSeenAsItIs(t *testing.T) {
	a := newAcme(t, 600)
	m := newMemory(t, a.open(t, connectors.Values{"sweep": {"24h"}}))
	m.read("deal_splits")
	later := company.At(a.clock.now.Add(40 * 24 * time.Hour))
	a.clock.now = later.Time()
	m.read("deal_splits") // a sweep is due: splits move no date
	w := newWarehouse(t)
	w.keep(m.tables())
	want := map[string]bool{}
	for i := range a.story.Deals {
		d := &a.story.Deals[i]
		for k, c := range d.Credits {
			if c.Kind == company.Share && c.CreatedAt <= later && !company.DeletedBy(c.DeletedAt, later) && d.ExistsAt(later) && !company.DeletedBy(d.DeletedAt, later) {
				percent, err := strconv.ParseFloat(c.PercentAt(later), 64)
				if err != nil {
					t.Fatal(err)
				}
				want[hsserver.SplitID(i, k)+" | "+hsserver.DealID(a.story, i)+" | "+hsserver.OwnerID(a.story, c.User)+" | split | "+connectortest.Plain(strconv.FormatFloat(percent, 'f', 6, 64))] = true
			}
		}
	}
	archived := map[string]bool{}
	_, bin, err := a.portal.IDs("deals")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range bin {
		archived[id] = true
	}
	got := connectortest.PlainRows(w.rows("deal_credits", "credit_id, deal_id, user_id, kind, weight", "credit_id"))
	for _, row := range got {
		if !want[row] && !archived[strings.Split(row, " | ")[1]] {
			t.Errorf("%s is not so", row)
		}
		delete(want, row)
	}
	if len(want) > 0 || len(got) < 20 {
		t.Errorf("%d splits are seen, and %v are not", len(got), want)
	}
}

func TestSplitsAreReadAsTheyComeAndErrorsAreNotTakenForNone(t *testing.T) {
	reply := `{"results": [{"splits": [{"properties": {"hubspot_owner_id": 88, "hs_deal_split_percentage": "0.6"}, "id": "1", "updatedAt": "2026-01-02T00:00:00Z"},
		{"id": "2", "archived": true, "properties": {}}, {"id": "3", "properties": {"hs_deal_split_percentage": "0.4", "hubspot_owner_id": "89"}}], "id": "7"}]`
	f := &fake{routes: map[string]route{
		"GET /crm/objects/deals":       func(request) any { return records([]int64{7, 8}, "") },
		"POST /deal-splits/batch/read": func(request) any { return reply + "}" },
	}}
	got := read(t, f.open(t, nil), "deal_splits", "")
	if got.err != nil || len(got.tables["deal_splits"]) != 3 || len(got.rejects) > 0 {
		t.Fatalf("%v, rejects %v, error %v", got.tables["deal_splits"], got.rejects, got.err)
	}
	if row := got.tables["deal_splits"][1]; row["deal_id"] != "7" || row["id"] != "3" || row["splits"] != "2" || row["hs_deal_split_percentage"] != "0.4" || row["hubspot_owner_id"] != "89" {
		t.Errorf("the second split is %v", row)
	}
	if row := got.tables["deal_splits"][2]; row["deal_id"] != "8" || row["splits"] != "0" || row["id"] != "" {
		t.Errorf("a deal without splits is %v", row)
	}
	reply += `, "errors": [{"category": "INTERNAL_ERROR", "message": "timed out"}]`
	if got := read(t, f.open(t, nil), "deal_splits", ""); fault.WhoMends(got.err) != fault.Them {
		t.Errorf("an error within the reply: %v", got.err)
	}
}

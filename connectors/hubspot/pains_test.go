package hubspot

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// What other connectors lose or count twice at HubSpot, by their own issue lists,
// one after the other. Each is done to the sandbox, and nothing of it may show.

func TestNothingThatHappensWhileWeReadIsLostOrDoubled(t *testing.T) {
	t.Run("1 what the search shows late", func(t *testing.T) {
		a := newAcme(t, 200, hsserver.IndexLag(55*time.Minute))
		m := newMemory(t, a.open(t, nil))
		m.read("deals")
		ids := a.ids(t, "deals")
		for i, id := range ids[:60] { // one a minute, read every ten
			a.clock.now = a.clock.now.Add(time.Minute)
			do(t, a.portal.Edit(id, company.NextStep, fmt.Sprint("call ", i)))
			if i%10 == 9 {
				m.read("deals")
			}
		}
		a.clock.now = a.clock.now.Add(56 * time.Minute) // now the search shows the last one
		m.read("deals")
		m.isTrue(a)
	})
	t.Run("2 and 3 more than 10,000 results, 25,000 of them in one millisecond", func(t *testing.T) {
		a := newAcme(t, 26_000)
		p := a.open(t, nil).(*portal)
		m := newMemory(t, p)
		o, _ := p.object("deals")
		m.next["deals"] = cursor{Version: cursorVersion, Read: o.fingerprint(), Until: a.clock.now.UnixMilli()}.text()
		a.clock.now = a.clock.now.Add(2 * time.Hour)
		ids := a.ids(t, "deals")
		do(t, a.portal.Touch("deals", ids[:25_000]...))
		m.read("deals")
		missing := 0
		for _, id := range ids[:25_000] {
			if m.rows["deals"][id] == nil {
				missing++
			}
		}
		if missing > 0 || m.last["deals"] > len(ids) {
			t.Errorf("%d of 25,000 are missing, %d rows came", missing, m.last["deals"])
		}
	})
	t.Run("4 pages that are short though more follow", func(t *testing.T) {
		a := newAcme(t, 400, hsserver.ShortPages(2))
		m := newMemory(t, a.open(t, nil))
		m.read("deals")
		m.isTrue(a)
		a.clock.now = a.clock.now.Add(2 * time.Hour)
		do(t, a.portal.Touch("deals", a.ids(t, "deals")...))
		m.read("deals")
		m.isTrue(a)
	})
	t.Run("5 records that change while they are searched", func(t *testing.T) {
		searches := 0
		var a *acme
		a = newAcme(t, 900, hsserver.Before(func(api *hsserver.API, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/search") {
				return
			}
			searches++
			a.clock.move(2 * time.Second) // what is edited now leaves the search's window
			live, _, _ := api.IDs("deals")
			for k := range 40 {
				_ = api.Edit(live[(searches*7+k*13)%len(live)], company.Amount, fmt.Sprintf("%d%02d", searches, k))
			}
		}))
		m := newMemory(t, a.open(t, nil))
		m.read("deals")
		a.clock.now = a.clock.now.Add(2 * time.Hour)
		do(t, a.portal.Touch("deals", a.ids(t, "deals")...))
		m.read("deals") // scanned while it changes
		if searches < 4 {
			t.Fatalf("only %d searches", searches)
		}
		a.clock.now = a.clock.now.Add(time.Minute)
		calm := searches
		m.read("deals")
		if searches == calm {
			t.Fatal("nothing was searched")
		}
		a.portal.Calm()
		m.read("deals")
		m.isTrue(a)
	})
	t.Run("6 what is archived, restored or purged", archivedRestoredPurged)
	t.Run("7 merges", func(t *testing.T) {
		a := newAcme(t, 200)
		m := newMemory(t, a.open(t, nil))
		m.read("deals")
		ids := a.ids(t, "deals")
		a.clock.now = a.clock.now.Add(2 * time.Hour)
		do(t, a.portal.Merge("deals", ids[0], ids[1]))
		do(t, a.portal.Merge("deals", ids[0], ids[2]))
		m.read("deals")
		m.isTrue(a)
		for id, want := range map[string]string{ids[0]: "false", ids[1]: "true", ids[2]: "true", ids[3]: "false"} {
			if got := m.viewed(a, "deals", "is_deleted", "deal_id", id); !slices.Equal(got, []string{want}) {
				t.Errorf("deal %s is deleted: %v, want %s", id, got, want)
			}
		}
	})
	t.Run("8 versions that HubSpot forgets", func(t *testing.T) {
		a := newAcme(t, 50)
		early := newMemory(t, a.open(t, nil))
		early.read("deals")
		id := a.ids(t, "deals")[0]
		before := early.versions(id, "hs_next_step")
		for i := range 60 {
			a.clock.now = a.clock.now.Add(2 * time.Hour)
			do(t, a.portal.Edit(id, company.NextStep, fmt.Sprint("step ", i)))
			if i%15 == 14 {
				early.read("deals")
			}
		}
		if got := early.versions(id, "hs_next_step"); got < before+60 {
			t.Errorf("%d versions are kept of %d", got, before+60)
		}
		late := newMemory(t, a.open(t, nil))
		late.read("deals")
		truncated := 0
		for _, row := range late.rows["deal_history"] {
			if row["object_id"] == id && row["property"] == "hs_next_step" && row["is_truncated"] == "true" {
				truncated++
			}
		}
		if got := late.versions(id, "hs_next_step"); got != versionsKept || truncated != 1 {
			t.Errorf("whoever comes late has %d versions, %d marked", got, truncated)
		}
	})
	t.Run("10 versions of one millisecond", func(t *testing.T) {
		a := newAcme(t, 50)
		m := newMemory(t, a.open(t, nil))
		id := a.ids(t, "deals")[0]
		a.clock.now = a.clock.now.Add(2 * time.Hour)
		for _, step := range []string{"one", "two", "three"} {
			do(t, a.portal.Edit(id, company.NextStep, step))
		}
		m.read("deals")
		if got := m.latest("hs_next_step")[id]; got != "three" {
			t.Errorf("the last of three is %q", got)
		}
		same := 0
		for _, row := range m.rows["deal_history"] {
			if row["object_id"] == id && row["timestamp"] == a.clock.now.UTC().Format(time.RFC3339Nano) {
				same++
			}
		}
		if same != 3 {
			t.Errorf("%d versions of three are kept", same)
		}
	})
	t.Run("13 associations that go on on another page", func(t *testing.T) {
		whole, paged := newMemory(t, newAcme(t, 300).open(t, nil)), newMemory(t, newAcme(t, 300, hsserver.AssociationPage(1)).open(t, nil))
		whole.read("deals")
		paged.read("deals")
		if len(whole.rows["deal_links"]) == 0 || fmt.Sprint(whole.rows["deal_links"]) != fmt.Sprint(paged.rows["deal_links"]) {
			t.Errorf("%d links on one page, %d on many", len(whole.rows["deal_links"]), len(paged.rows["deal_links"]))
		}
	})
	t.Run("15 a reading that is interrupted again and again", func(t *testing.T) {
		a := newAcme(t, 3000)
		m := newMemory(t, a.open(t, nil))
		tries := 0
		for ; tries < 20; tries++ {
			m.source = a.open(t, nil)
			if _, err := m.source.Streams(t.Context()); err != nil {
				t.Fatal(err)
			}
			a.gate.Break(60)
			err := m.try("deals")
			a.gate.Mend()
			if err == nil {
				break
			}
		}
		if tries == 0 || tries == 20 {
			t.Fatalf("it took %d tries", tries+1)
		}
		m.isTrue(a)
	})
}

// archivedRestoredPurged: the first two are in the recycle bin or were, the third
// is nowhere and only a full list tells.
func archivedRestoredPurged(t *testing.T) {
	a := newAcme(t, 200)
	m := newMemory(t, a.open(t, connectors.Values{"sweep": {"24h"}}))
	m.read("deals")
	ids := a.ids(t, "deals")
	a.clock.now = a.clock.now.Add(2 * time.Hour)
	do(t, a.portal.Archive("deals", ids[0], ids[1]))
	do(t, a.portal.Purge("deals", ids[2]))
	m.read("deals")
	m.isTrue(a)
	deleted := func(id string) string { return strings.Join(m.viewed(a, "deals", "is_deleted", "deal_id", id), " ") }
	if deleted(ids[0]) != "true" || deleted(ids[3]) != "false" {
		t.Errorf("archived: %s, untouched: %s", deleted(ids[0]), deleted(ids[3]))
	}
	a.clock.now = a.clock.now.Add(25 * time.Hour)
	do(t, a.portal.Restore("deals", ids[1]))
	m.read("deals") // a sweep is due
	m.isTrue(a)
	for id, want := range map[string]string{ids[0]: "true", ids[1]: "false", ids[2]: "true", ids[3]: "false"} {
		if deleted(id) != want {
			t.Errorf("deal %s is deleted: %s, want %s", id, deleted(id), want)
		}
	}
}

// versions counts what is kept of a property's history.
func (m *memory) versions(id, property string) int {
	seen := map[string]bool{} // a version that was once the oldest is there twice
	for _, row := range m.rows["deal_history"] {
		if row["object_id"] == id && row["property"] == property {
			seen[row["timestamp"]+row["source_id"]+row["ordinal"]] = true
		}
	}
	return len(seen)
}

// viewed is a column of a view of all that is kept, for one id.
func (m *memory) viewed(a *acme, view, column, idColumn, id string) []string {
	m.t.Helper()
	w := newWarehouse(m.t)
	w.exec(`update plan.as_of set as_of_at = '` + a.clock.now.Format(time.RFC3339) + `', time_zone = '` + a.story.TimeZone + `'`)
	w.keep(m.tables())
	return w.texts(fmt.Sprintf("select %s from (%s) as viewed where %s = '%s'", column, file(m.t, "views/"+view+".sql"), idColumn, id))
}

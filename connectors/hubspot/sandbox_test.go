package hubspot

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/sandbox/hsserver"
)

func (a *acme) open(t *testing.T, settings connectors.Values) connectors.Source {
	t.Helper()
	all := a.settings()
	for name, values := range settings {
		all[name] = values
	}
	source, err := Connector().Open(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// stale reads deals at the instants given, as a scheduler would, and counts those
// whose last reading is not what the portal says in the end.
func stale(t *testing.T, a *acme, lookback string, instants ...time.Duration) int {
	t.Helper()
	known := map[string]string{} // when each deal last changed, as read
	next := connectors.Cursor("")
	source := a.open(t, connectors.Values{"lookback": {lookback}})
	for _, at := range instants {
		a.clock.now = a.story.Now.Add(at)
		got := read(t, source, "deals", next)
		if got.err != nil {
			t.Fatal(got.err)
		}
		for _, row := range got.tables["deals"] {
			known[row[idColumn]] = row["hs_lastmodifieddate"]
		}
		next = got.next
	}
	wrong := 0
	for id := range a.known(t, "deals") {
		changed, _, err := a.portal.Value("deals", id, "hs_lastmodifieddate")
		if err != nil {
			t.Fatal(err)
		}
		if known[id] != asInstant(changed) {
			wrong++
		}
	}
	return wrong
}

func TestWhatTheSearchShowsLateIsNotLost(t *testing.T) {
	// Read in the middle of working days, when what just happened is not in the
	// search yet, and at last in the night, when everything is.
	day := []time.Duration{0, 10 * time.Hour, 34 * time.Hour, 58 * time.Hour, 72 * time.Hour}
	if lost := stale(t, newAcme(t, 1500, hsserver.IndexLag(55*time.Minute)), "60m", day...); lost > 0 {
		t.Errorf("%d deals are not as they should be", lost)
	}
	if stale(t, newAcme(t, 1500, hsserver.IndexLag(55*time.Minute)), "0", day...) == 0 {
		t.Error("nothing is lost without a lookback either, so this shows nothing")
	}
}

func TestABackfillAsksNoMoreThanItsArithmetic(t *testing.T) {
	a := newAcme(t, 1100)
	source := a.open(t, nil)
	streams, err := source.Streams(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	up := func(n, by int) int { return (n + by - 1) / by }
	for _, s := range streams[:3] {
		live, archived, err := a.portal.IDs(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		before := a.portal.Requests()
		for page, err := range source.Read(context.Background(), s, "") {
			if err != nil {
				t.Fatal(err)
			}
			release(page)
		}
		// The clock, the recycle bin, and for each deal a fiftieth of a call with its
		// history and two thousandths with its links.
		most := 1 + max(1, up(len(archived), listedAtOnce))
		if s.Name == "deals" {
			most += up(len(live), batchWithHistory) + up(len(archived), batchWithHistory) + 2*up(len(live), linkedAtOnce)
		} else {
			most += up(len(live), listedAtOnce) + up(len(archived), batchPlain)
		}
		if made := int(a.portal.Requests() - before); made > most {
			t.Errorf("%s: %d requests, %d would do", s.Name, made, most)
		}
	}
}

func TestBothDatedVersionsAreSpoken(t *testing.T) {
	a := newAcme(t, 100)
	for _, version := range versions() {
		got := read(t, a.open(t, connectors.Values{"api_version": {version}}), "deals", "")
		if live := a.portal.Counts()["deals"]; got.err != nil || len(got.tables["deals"]) < live || len(got.tables["deal_links"]) < live {
			t.Errorf("%s: %d of %d deals, error %v", version, len(got.tables["deals"]), live, got.err)
		}
	}
}

func TestAScopeThatIsMissingIsNamedAndNothingIsTakenForEmpty(t *testing.T) {
	a := newAcme(t, 50, hsserver.Without("crm.objects.owners.read"))
	got := read(t, a.open(t, nil), "owners", "")
	if got.pages > 0 || fault.WhoMends(got.err) != fault.You || !strings.Contains(fmt.Sprint(got.err), "crm.objects.owners.read") {
		t.Errorf("%d pages, error %v", got.pages, got.err)
	}
}

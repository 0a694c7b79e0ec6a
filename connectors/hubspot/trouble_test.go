package hubspot

import (
	"context"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// More of what others lose: bad days, limits, and the values themselves.

// simulated gives a portal of an invented company in simulated time.
func simulated(deals int, options ...hsserver.Option) (*acme, *wire) {
	story := company.Acme(7, deals)
	a := &acme{story: story, clock: &clock{now: story.Now}}
	a.portal = hsserver.New(story, a.clock, options...)
	return a, &wire{to: a.portal, latency: 20 * time.Millisecond}
}

func TestABadDayAtHubSpotLosesNothing(t *testing.T) {
	for name, option := range map[string]hsserver.Option{
		"9 histories that lack the newest version":          hsserver.LateHistory(3, 2),
		"batches that come back in part (207)":              hsserver.PartBatches(2),
		"locks, migrations and errors of all kinds (5xx …)": hsserver.Trouble(7, 423, 477, 500, 502, 503, 504, 521, 522, 524),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, w := simulated(700, option)
				m := newMemory(t, over(t, w, nil))
				m.read("deals")
				m.isTrue(a)
				if len(m.told) > 0 {
					t.Errorf("reported: %v", m.told)
				}
			})
		})
	}
}

func TestAHistoryThatNeverAgreesWithItsRecordIsReportedAndKept(t *testing.T) {
	a := newAcme(t, 100, hsserver.LateHistory(1, 1_000_000))
	m := newMemory(t, a.open(t, nil))
	m.read("deals")
	if len(m.told) < len(a.ids(t, "deals")) {
		t.Errorf("%d reports of %d deals", len(m.told), len(a.ids(t, "deals")))
	}
	if r := m.told[0]; r.Table != "deal_history" || r.Column != "value" || !strings.Contains(r.Reason, "the history ends with") {
		t.Errorf("reported as %+v", r)
	}
	if len(m.rows["deals"]) < len(a.ids(t, "deals")) {
		t.Errorf("only %d deals were kept", len(m.rows["deals"]))
	}
	// However often they were read, each row is given once.
	for _, table := range []string{"deals", "deal_history", "deal_fields"} {
		if m.last[table] != len(m.rows[table]) {
			t.Errorf("%d rows of %s came for %d", m.last[table], table, len(m.rows[table]))
		}
	}
}

func Test16TheDaysLimitStopsCleanlyAndTheNextDayGoesOn(t *testing.T) {
	for name, settings := range map[string]connectors.Values{
		"the share that is ours":  {"daily_share": {"50"}},
		"all there is to be used": {"daily_share": {"100"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, w := simulated(7000, hsserver.Limits(hsserver.Professional), hsserver.Daily(150))
				m := newMemory(t, over(t, w, settings))
				days := 0
				for ; days < 10; days++ {
					err := m.try("deals")
					if err == nil {
						break
					}
					if fault.WhoMends(err) != fault.Them || !strings.Contains(err.Error(), "goes on from there") {
						t.Fatalf("it stopped with %v", err)
					}
					a.clock.now = a.clock.now.Add(24 * time.Hour)
					m.source = over(t, w, settings)
				}
				if days == 0 || days == 10 {
					t.Fatalf("it took %d days", days+1)
				}
				if most := 150.0; name == "the share that is ours" && float64(w.calls) > most/2*float64(days+1)+24*float64(days+1) {
					t.Errorf("%d calls in %d days", w.calls, days+1)
				}
				// What changed in those days is the next reading's.
				a.clock.now = a.clock.now.Add(24 * time.Hour)
				m.source = over(t, w, settings)
				m.read("deals")
				m.isTrue(a)
			})
		})
	}
}

func Test17ATokenIsRenewedOnceBeforeItDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, w := simulated(1500)
		w.latency = 70 * time.Second // forty pages take longer than a token lives
		expired := 0
		inner := w.to
		w.to = http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
			watched := &statusWriter{ResponseWriter: answer}
			inner.ServeHTTP(watched, r)
			if watched.status == http.StatusUnauthorized {
				expired++
			}
		})
		m := newMemory(t, over(t, w, connectors.Values{
			"token": nil, "client_id": {hsserver.ClientID}, "client_secret": {hsserver.ClientSecret}, "refresh_token": {hsserver.RefreshToken},
			"tier": {"unlimited"},
		}))
		began := time.Now()
		m.read("deals")
		m.isTrue(a)
		lives := int64(time.Since(began) / (27 * time.Minute))
		if got := a.portal.SignIns(); got < 2 || got > lives+1 {
			t.Errorf("%d sign-ins in %s", got, time.Since(began))
		}
		if expired > 0 {
			t.Errorf("%d calls went out with a dead token", expired)
		}
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func Test17WhoIsNotLetInIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w := simulated(10)
		p := over(t, w, connectors.Values{
			"token": nil, "client_id": {hsserver.ClientID}, "client_secret": {"wrong-secret"}, "refresh_token": {hsserver.RefreshToken},
		})
		_, err := p.Streams(context.Background())
		if fault.WhoMends(err) != fault.You || !strings.Contains(fmt.Sprint(err), "client_secret") || strings.Contains(fmt.Sprint(err), "wrong-secret") {
			t.Errorf("error %v", err)
		}
	})
}

func Test11And12WhatMovesNoDateOfLastChangeIsFoundByTheNextFullList(t *testing.T) {
	a := newAcme(t, 200)
	m := newMemory(t, a.open(t, connectors.Values{"sweep": {"24h"}, "properties": {"deals.num_associated_contacts"}}))
	m.read("deals")
	deal, contact := a.ids(t, "deals")[0], a.ids(t, "contacts")[9]
	before := m.rows["deals"][deal]["num_associated_contacts"]
	links := func() (found int) {
		for _, row := range m.rows["deal_links"] {
			if row["from_id"] == deal && row["to_type"] == "contact" && row["to_id"] == contact {
				found++
			}
		}
		return found
	}
	do(t, a.portal.Associate("deals", deal, "contacts", contact))
	a.clock.now = a.clock.now.Add(25 * time.Hour)
	m.read("deals")
	if links() != 1 {
		t.Error("the late association is not found")
	}
	if after := m.rows["deals"][deal]["num_associated_contacts"]; after == before {
		t.Errorf("the calculated property is still %s", after)
	}
	do(t, a.portal.Dissociate("deals", deal, "contacts", contact))
	a.clock.now = a.clock.now.Add(25 * time.Hour)
	m.read("deals")
	delete(m.rows, "deals") // which has a column more than the view knows
	if got := m.viewed(a, "deal_contacts", "contact_id", "deal_id", deal); strings.Contains(strings.Join(got, " "), contact) {
		t.Error("an association that was taken away is still there")
	}
}

func Test14NoNumberOfPropertiesMakesAURLTooLong(t *testing.T) {
	a := newAcme(t, 300)
	var wide []string
	for i := range a.story.Stages {
		for _, what := range []string{"date_entered", "date_exited", "latest_time_in", "cumulative_time_in"} {
			wide = append(wide, "deals.hs_v2_"+what+"_"+hsserver.StageID(a.story, i))
		}
	}
	for len(strings.Join(wide, ",")) < 20_000 { // longer than any URL may be; HubSpot takes a name twice
		wide = append(wide, wide...)
	}
	p := a.open(t, nil).(*portal)
	for _, name := range wide {
		p.objects[0].extras = append(p.objects[0].extras, strings.TrimPrefix(name, "deals."))
	}
	body, err := p.readBatch(context.Background(), p.objects[0], []int64{90000000000, 90000000007}, false)
	if err != nil || !strings.Contains(body.String(), "hs_v2_cumulative_time_in_") {
		t.Errorf("a batch: %v", err)
	}
	asked := (&reading{portal: p, object: p.objects[0]}).listed(cursor{Step: listingStep})
	if asked.isWhole {
		t.Error("the names would go into a URL")
	}
}

func Test18AValueThatDoesNotFitIsSetAsideAndItsRowStays(t *testing.T) {
	a := newAcme(t, 500)
	m := newMemory(t, a.open(t, connectors.Values{"properties": {"deals.external_deal_ids"}}))
	p := m.source.(*portal)
	o, _ := p.object("deals")
	if o.extras[0] != "external_deal_ids" {
		t.Fatal("the property is not read")
	}
	m.read("deals")
	m.isTrue(a)
	odd := 0
	for i := range a.story.Deals {
		if i%97 == 0 && a.known(t, "deals")[hsserver.DealID(a.story, i)] {
			odd++
		}
	}
	if len(m.told) != odd || odd == 0 {
		t.Errorf("%d values were set aside, %d do not fit", len(m.told), odd)
	}
}

func Test20ADealClosedLateAtNightBelongsToThatDay(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.exec(`insert into raw.deals (hs_object_id, merit_deleted, createdate, closedate, dealstage) values
		('1', false, '2026-01-01T00:00:00Z', '2026-04-01T06:59:00Z', 'first'), ('2', false, '2026-01-01T00:00:00Z', '2026-04-01T07:00:00Z', 'first')`)
	// Phoenix is seven hours behind: the quarter ends at 07:00 in UTC.
	w.wants("deals", "deal_id, close_on", "deal_id", "1 | 2026-03-31", "2 | 2026-04-01")
	// New York: the clocks went forward on 8 March.
	w.exec(`update plan.as_of set time_zone = 'America/New_York';
		update raw.deals set closedate = '2026-03-08T04:59:00Z' where hs_object_id = '1';
		update raw.deals set closedate = '2026-03-09T03:59:00Z' where hs_object_id = '2'`)
	w.wants("deals", "deal_id, close_on", "deal_id", "1 | 2026-03-07", "2 | 2026-03-08")
}

// Our time in a stage, from the versions that were read, is HubSpot's own where
// no version was forgotten.
func TestTimeInStageIsHubSpotsOwn(t *testing.T) {
	a := newAcme(t, 1500)
	m := newMemory(t, a.open(t, nil))
	m.read("deals")
	ours := newWarehouse(t)
	ours.exec(`update plan.as_of set as_of_at = '` + a.clock.now.Format(time.RFC3339) + `', time_zone = '` + a.story.TimeZone + `'`)
	var rows []map[string]string
	truncated := map[string]bool{}
	for _, row := range m.rows["deal_history"] {
		rows = append(rows, row)
		if row["property"] == "dealstage" && row["is_truncated"] == "true" {
			truncated[row["object_id"]] = true
		}
	}
	ours.keep(map[string][]map[string]string{"deal_history": rows})
	// Milliseconds of finished stays, from the view that Merit's models build upon.
	lines := ours.texts(`with steps as (
			select deal_id, new_value as stage, changed_at, ordinal from (` + file(t, "views/deal_changes.sql") + `) as viewed where field = 'stage'),
		turns as (
			select deal_id, stage, changed_at, ordinal from steps
			qualify stage is distinct from lag(stage) over (partition by deal_id order by changed_at, ordinal)),
		stays as (
			select deal_id, stage, changed_at as entered, lead(changed_at) over (partition by deal_id order by changed_at, ordinal) as left_at from turns)
		select deal_id, stage, cast(sum(epoch_ms(left_at) - epoch_ms(entered)) as varchar) as ms
		from stays where left_at is not null and stage is not null group by deal_id, stage`)
	got := map[string]*big.Int{}
	for _, line := range lines {
		parts := strings.Split(line, " | ")
		n, _ := new(big.Int).SetString(parts[2], 10)
		got[parts[0]+" "+parts[1]] = n
	}
	compared := 0
	for id := range a.known(t, "deals") {
		for i := range a.story.Stages {
			stage := hsserver.StageID(a.story, i)
			text, there, err := a.portal.Value("deals", id, "hs_v2_cumulative_time_in_"+stage)
			if err != nil {
				t.Fatal(err)
			}
			if truncated[id] {
				continue
			}
			if ms, ok := got[id+" "+stage]; ok != there || ok && ms.String() != text {
				t.Fatalf("deal %s was in %s for %v ms, HubSpot says %q", id, stage, ms, text)
			}
			if there {
				compared++
			}
		}
	}
	t.Logf("%d stays of %d deals are the same; %d deals have forgotten versions", compared, len(a.known(t, "deals")), len(truncated))
	if compared < 1500 {
		t.Errorf("only %d were compared", compared)
	}
}

func TestMergesAndEarlierLaddersAreViewed(t *testing.T) {
	w := newWarehouse(t)
	w.exec(`insert into raw.deal_links (from_id, to_type, ordinal, links, to_id) values ('1', 'merged_deal', 0, 2, '7'), ('1', 'merged_deal', 1, 2, '8'), ('2', 'merged_deal', 0, 0, null);
		insert into raw.stage_versions (pipeline_id, stage_id, valid_from, label, displayOrder, probability, isClosed) values
		('default', 'a', '2025-01-01T00:00:00Z', 'Old', 3, 0.1, false), ('default', 'won', '2025-01-01T00:00:00Z', 'Won', 9, 1, true),
		('default', 'a', '2026-01-01T00:00:00Z', 'New', 3, 0.2, false)`)
	w.wants("merges", "record_type, record_id, into_id", "record_id", "deal | 7 | 1", "deal | 8 | 1")
	w.wants("stage_history", "stage_id, valid_to is null, label, position, probability, is_won", "stage_id, label",
		"a | true | New | 1 | 0.2000 | false", "a | false | Old | 1 | 0.1000 | false", "won | false | Won | 2 | 1.0000 | true")
}

package hubspot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// The tests of this file run in simulated time: the sandbox, which enforces
// HubSpot's limits, and the connector, which keeps them, see the same clock, and
// it moves only when both wait.

// A wire leads to a handler without a network, and takes its time each way.
type wire struct {
	to      http.Handler
	latency time.Duration // there and back

	mu      sync.Mutex
	calls   int // that are no searches
	finds   int
	refused int // 429s
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(w.latency / 2)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI = r.URL.RequestURI()
	answer := httptest.NewRecorder()
	answer.Body = new(bytes.Buffer)
	w.to.ServeHTTP(answer, r)
	time.Sleep(w.latency - w.latency/2)
	w.mu.Lock()
	defer w.mu.Unlock()
	if newPaceOf(r) == "search" {
		w.finds++
	} else {
		w.calls++
	}
	if answer.Code == http.StatusTooManyRequests {
		w.refused++
	}
	response := answer.Result()
	response.Request, response.Body = r, io.NopCloser(answer.Body)
	return response, nil
}

// newPaceOf names the limit that HubSpot counts a request under.
func newPaceOf(r *http.Request) string {
	if len(r.URL.Path) > 7 && r.URL.Path[len(r.URL.Path)-7:] == "/search" {
		return "search"
	}
	return "call"
}

// over opens a source over a wire, with settings besides.
func over(t testing.TB, w *wire, settings connectors.Values) *portal {
	t.Helper()
	all := connectors.Values{
		"token": {hsserver.Token}, "endpoint": {"https://api.hubapi.com"}, "api_version": {"2026-09"}, "tier": {"professional"},
		"lookback": {"60m"}, "daily_share": {"60%"}, "sweep": {"0"},
	}
	for name, values := range settings {
		all[name] = values
	}
	p, err := openOver(w, all)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A trip is what one reading took.
type trip struct {
	records, history, links int64
	calls, finds            int
	took                    time.Duration
}

func (w *wire) backfill(t testing.TB, p *portal) trip {
	return w.backfillOver(t, p, func() (int, int) { return w.calls, w.finds })
}

// backfillOver reads all deals; count tells the calls and searches made so far.
func (*wire) backfillOver(t testing.TB, p *portal, count func() (calls, finds int)) trip {
	t.Helper()
	streams, err := p.Streams(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	// What Streams asked for is not part of it: ten seconds later it counts no more.
	time.Sleep(callsLength + time.Second)
	var made trip
	callsBefore, findsBefore := count()
	began := time.Now()
	for page, err := range p.Read(context.Background(), streams[0], "") {
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Batches {
			switch b.Table {
			case "deals":
				made.records += b.Records.NumRows()
			case "deal_history":
				made.history += b.Records.NumRows()
			case "deal_links":
				made.links += b.Records.NumRows()
			}
		}
		release(page)
	}
	made.took = time.Since(began)
	calls, finds := count()
	made.calls, made.finds = calls-callsBefore, finds-findsBefore
	return made
}

// The arithmetic: 190 calls in 10 seconds of 50 deals with history each.
const ceiling = 950.0 // deals a second

// far are the distances that everything about limits is shown for: beside the
// server, on the same continent, another one, and a CRM that takes its time.
func far() []time.Duration {
	return []time.Duration{0, 10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond}
}

func TestDealsWithHistoryComeAtTheCeilingOfTheLimitsAndNeverAboveIt(t *testing.T) {
	for _, latency := range far() {
		t.Run(fmt.Sprintf("replies take %s", latency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api, w := enforcing(20_000, latency)
				p := over(t, w, nil)
				p.objects[0].linked = nil
				made := w.backfill(t, p)
				rate := float64(made.records) / made.took.Seconds()
				t.Logf("%s: %.0f a second, %.1f %% of the ceiling", w.sum(t, api, made, 0), rate, 100*rate/ceiling)
				if rate < 0.9*ceiling {
					t.Errorf("%.0f deals a second are less than 90 %% of %.0f", rate, ceiling)
				}
			})
		})
	}
}

func TestTwentyThousandDealsWithAssociationsTakeTwentyFiveSeconds(t *testing.T) {
	for _, latency := range far() {
		t.Run(fmt.Sprintf("replies take %s", latency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api, w := enforcing(20_500, latency) // some of which are archived or not there yet
				made := w.backfill(t, over(t, w, nil))
				t.Log(w.sum(t, api, made, 2))
				if made.records < 20_000 || made.took > 25*time.Second {
					t.Errorf("%d deals took %s", made.records, made.took)
				}
			})
		})
	}
}

// enforcing is a sandbox that enforces a Professional portal's limits, and the way
// there.
func enforcing(deals int, latency time.Duration) (*hsserver.API, *wire) {
	story := company.Acme(7, deals)
	api := hsserver.New(story, &clock{now: story.Now}, hsserver.Limits(hsserver.Professional))
	return api, &wire{to: api, latency: latency}
}

// sum holds a reading against the least that could do, and says so: nothing is
// missing, nothing was refused, and hardly a call was in vain. Searches, which
// HubSpot counts apart, are made where replies take long.
func (w *wire) sum(t *testing.T, api *hsserver.API, made trip, linked int) string {
	t.Helper()
	live, archived, err := api.IDs("deals")
	if err != nil {
		t.Fatal(err)
	}
	least := leastCalls(t, api, linked)
	if made.records < int64(len(live)+len(archived)) {
		t.Errorf("%d of %d deals came", made.records, len(live)+len(archived))
	}
	if w.refused > 0 {
		t.Errorf("%d calls were refused", w.refused)
	}
	if float64(made.calls) > 1.05*float64(least) || float64(made.finds) > 1.3*float64(len(live)/searchedAtOnce) {
		t.Errorf("%d calls, %d would do; %d searches", made.calls, least, made.finds)
	}
	return fmt.Sprintf("%d deals, %d versions, %d links in %.1f s; %d calls, %.3f of the least; %d searches; %d refused",
		made.records, made.history, made.links, made.took.Seconds(), made.calls, float64(made.calls)/float64(least), made.finds, w.refused)
}

// leastCalls is the arithmetic of a portal's deals: a fiftieth of a call for each
// with its history, a thousandth for each kind of associations, and the recycle bin.
func leastCalls(t testing.TB, api *hsserver.API, linked int) int {
	t.Helper()
	live, archived, err := api.IDs("deals")
	if err != nil {
		t.Fatal(err)
	}
	up := func(n, by int) int { return (n + by - 1) / by }
	return up(len(live), batchWithHistory) + linked*up(len(live), linkedAtOnce) +
		max(1, up(len(archived), listedAtOnce)) + up(len(archived), batchWithHistory)
}

package hubspot

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"merit/connectors"
	"merit/connectors/sandbox/company"
	sandbox "merit/connectors/sandbox/hubspot"
)

// BenchmarkUnderLimits reads 20,000 deals with history and links over the loopback
// in real time, from a sandbox that enforces a Professional portal's limits, and
// prints its calls and rates beside the arithmetic.
func BenchmarkUnderLimits(b *testing.B) {
	const deals = 20_000
	story := company.Acme(7, deals)
	for b.Loop() {
		api := sandbox.New(story, &clock{now: story.Now}, sandbox.Limits(sandbox.Professional))
		w := &counted{to: http.DefaultTransport}
		server := httptest.NewServer(api)
		p, err := openOver(w, connectors.Values{
			"token": {sandbox.Token}, "endpoint": {server.URL}, "api_version": {"2026-09"}, "tier": {"professional"},
			"lookback": {"60"}, "daily_share": {"60"}, "reconcile": {"0"},
		})
		if err != nil {
			b.Fatal(err)
		}
		live, archived, err := api.IDs("deals")
		if err != nil {
			b.Fatal(err)
		}
		least := (len(live)+batchWithHistory-1)/batchWithHistory + 2*((len(live)+linkedAtOnce-1)/linkedAtOnce) +
			max(1, (len(archived)+listedAtOnce-1)/listedAtOnce) + (len(archived)+batchWithHistory-1)/batchWithHistory
		made := (&wire{to: api}).backfillOver(b, p, func() (int, int) { return w.calls, w.finds })
		fmt.Printf("%d deals with history and links in %.1f s: %.0f deals/s, %.0f %% of the ceiling; %d calls, %.3f of the least; %d searches; %d refused\n",
			made.records, made.took.Seconds(), float64(made.records)/made.took.Seconds(), 100*float64(made.records)/made.took.Seconds()/ceiling,
			made.calls, float64(made.calls)/float64(least), made.finds, w.refused)
		server.Close()
	}
}

// counted counts what goes over a real network.
type counted struct {
	to http.RoundTripper
	wire
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.to.RoundTrip(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if newPaceOf(r) == "search" {
		c.finds++
	} else {
		c.calls++
	}
	if err == nil && response.StatusCode == http.StatusTooManyRequests {
		c.refused++
	}
	return response, err
}

// BenchmarkMemory reads more and more deals and prints the most that was held: it
// must not grow with them.
func BenchmarkMemory(b *testing.B) {
	for _, deals := range []int{10_000, 40_000} {
		b.Run(fmt.Sprint(deals), func(b *testing.B) {
			story := company.Acme(7, deals)
			api := sandbox.New(story, &clock{now: story.Now})
			p := over(b, &wire{to: api}, connectors.Values{"tier": {"unlimited"}})
			streams, err := p.Streams(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				runtime.GC()
				var before, now runtime.MemStats
				runtime.ReadMemStats(&before)
				most := uint64(0)
				for page, err := range p.Read(b.Context(), streams[0], "") {
					if err != nil {
						b.Fatal(err)
					}
					runtime.GC()
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
					release(page)
				}
				b.ReportMetric(float64(most)/(1<<20), "MiB")
			}
		})
	}
}

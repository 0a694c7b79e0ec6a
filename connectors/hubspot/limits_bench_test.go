package hubspot

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// BenchmarkUnderLimits reads 20,000 deals with their history, and with their
// associations besides, over the loopback in real time, from a sandbox that
// enforces a Professional portal's limits and takes its time, and prints its calls
// and rates beside the arithmetic.
func BenchmarkUnderLimits(b *testing.B) {
	const deals = 20_500 // some are archived or not there yet: 20,000 are left
	story := company.Acme(7, deals)
	for _, latency := range []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond} {
		for _, linked := range []int{0, 2} {
			b.Run(fmt.Sprintf("replies take %s, %d kinds of associations", latency, linked), func(b *testing.B) {
				for b.Loop() {
					underLimits(b, story, latency, linked)
				}
			})
		}
	}
}

func underLimits(b *testing.B, story *company.Company, latency time.Duration, linked int) {
	b.Helper()
	api := hsserver.New(story, &clock{now: story.Now}, hsserver.Limits(hsserver.Professional))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency / 2)
		api.ServeHTTP(w, r)
		time.Sleep(latency - latency/2)
	}))
	defer server.Close()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * callsAtOnce
	w := &counted{to: transport}
	p, err := openOver(w, connectors.Values{
		"token": {hsserver.Token}, "endpoint": {server.URL}, "api_version": {"2026-09"}, "tier": {"professional"},
		"lookback": {"60m"}, "daily_share": {"60%"}, "sweep": {"0"},
	})
	if err != nil {
		b.Fatal(err)
	}
	p.objects[0].linked = p.objects[0].linked[:linked]
	made := (&wire{to: api}).backfillOver(b, p, w.count)
	rate := float64(made.records) / made.took.Seconds()
	least := leastCalls(b, api, linked)
	fmt.Printf("%d deals, %d versions, %d links in %.1f s: %.0f deals/s, %.1f %% of the ceiling; %d calls, %.3f of the least; %d searches; %d refused\n",
		made.records, made.history, made.links, made.took.Seconds(), rate, 100*rate/ceiling,
		made.calls, float64(made.calls)/float64(least), made.finds, w.refused)
	b.ReportMetric(rate, "deals/s")
	b.ReportMetric(float64(w.refused), "refused")
}

// counted counts what goes over a real network.
type counted struct {
	to http.RoundTripper

	mu                    sync.Mutex
	calls, finds, refused int
}

func (c *counted) count() (calls, finds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls, c.finds
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

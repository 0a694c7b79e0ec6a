package hubspot

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"merit/connectors"
)

// most is how many calls a limiter lets through in any window, when somebody
// always wants one, over two minutes.
func most(limiter *rate.Limiter, window time.Duration) (busiest, all int) {
	start := time.Unix(1_775_000_000, 0)
	var through []time.Time
	for at := start; at.Before(start.Add(2 * time.Minute)); at = at.Add(time.Millisecond) {
		if !limiter.AllowN(at, 1) {
			continue
		}
		through = append(through, at)
		all++
		for len(through) > 0 && !through[0].After(at.Add(-window)) {
			through = through[1:]
		}
		busiest = max(busiest, len(through))
	}
	return busiest, all
}

func TestNoTierIsCalledMoreOftenThanItAllowsAndHardlyLess(t *testing.T) {
	for tier, calls := range map[string]int{"free": freeCalls, "professional": paidCalls, "enterprise": paidCalls} {
		p, err := paceOf(tier)
		if err != nil {
			t.Fatal(err)
		}
		busiest, all := most(p.calls, window*time.Second)
		if busiest > calls {
			t.Errorf("%s: %d calls within ten seconds, %d are allowed", tier, busiest, calls)
		}
		if share := float64(all) / float64(calls*12); share < 0.9 {
			t.Errorf("%s: only %.0f %% of the calls are used", tier, share*100)
		}
		if busiest, _ := most(p.searches, time.Second); busiest > searches {
			t.Errorf("%s: %d searches within a second, %d are allowed", tier, busiest, searches)
		}
	}
}

func TestSearchesHaveABucketOfTheirOwn(t *testing.T) {
	p, err := paceOf("professional")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]*rate.Limiter{
		"/crm/objects/2026-09/deals/search": p.searches, "/crm/objects/2026-09/deals": p.calls, "/crm/objects/2026-09/deals/batch/read": p.calls,
	} {
		if got := p.limit(&http.Request{URL: &url.URL{Path: path}}); got != want {
			t.Errorf("%s takes from the wrong bucket", path)
		}
	}
	free, _ := paceOf("unlimited")
	if free.limit(&http.Request{URL: &url.URL{Path: "/x"}}) != nil {
		t.Error("unlimited is limited")
	}
	if _, err := paceOf("platinum"); connectors.WhoMends(err) != connectors.You {
		t.Errorf("an unknown tier: %v", err)
	}
}

func TestWhatTheDayHasLeftIsReadFromTheHeaders(t *testing.T) {
	var s spent
	s.observe(http.Header{}) // a search tells nothing
	if got := s.usage(); got != (connectors.Usage{}) {
		t.Errorf("before any header: %v", got)
	}
	s.observe(http.Header{"X-Hubspot-Ratelimit-Daily": {"625000"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"600000"}})
	s.observe(http.Header{})
	if got := s.usage(); got != (connectors.Usage{Used: 25_000, Limit: 625_000}) {
		t.Errorf("got %v", got)
	}
}

package hubspot

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/time/rate"

	"merit/connectors"
)

// HubSpot counts an app's calls over the last 10 seconds: 100 for Free and Starter,
// 190 for Professional and Enterprise (changelog, "Increasing our API limits").
// Searches are counted apart, 5 in a second for the whole account.
const (
	window         = 10 // seconds
	freeCalls      = 100
	paidCalls      = 190
	searches       = 5
	leftToJitter   = 0.015 // of a window: calls sent within 10.1 s may arrive within 10
	burst          = 5
	searchesBurst  = 1
	searchesSecond = searches - searchesBurst // a full bucket and a second's refill are 5
)

// A pace is how fast one account may be asked, over all its streams.
type pace struct {
	calls, searches *rate.Limiter // nil: as fast as it answers
}

func paceOf(tier string) (pace, error) {
	calls := 0.0
	switch tier {
	case "free":
		calls = freeCalls
	case "professional", "enterprise":
		calls = paidCalls
	case "unlimited":
		return pace{}, nil
	default:
		return pace{}, connectors.Faultf(connectors.You, "hubspot: tier is %q, but must be free, professional, enterprise or unlimited", tier)
	}
	// A bucket lets through its burst and what flows in meanwhile: together they
	// must stay within any window of 10 seconds.
	perSecond := (calls*(1-leftToJitter) - burst) / window
	return pace{
		calls:    rate.NewLimiter(rate.Limit(perSecond), burst),
		searches: rate.NewLimiter(searchesSecond, searchesBurst),
	}, nil
}

func (p pace) limit(r *http.Request) *rate.Limiter {
	if strings.HasSuffix(r.URL.Path, "/search") {
		return p.searches
	}
	return p.calls
}

// spent is how much of the account's day is used, as the last reply told. Searches
// and OAuth apps are not told.
type spent struct {
	limit, left atomic.Int64
}

func (s *spent) observe(h http.Header) {
	limit, err := strconv.ParseInt(h.Get("X-HubSpot-RateLimit-Daily"), 10, 64)
	if err != nil {
		return
	}
	left, err := strconv.ParseInt(h.Get("X-HubSpot-RateLimit-Daily-Remaining"), 10, 64)
	if err != nil {
		return
	}
	s.limit.Store(limit)
	s.left.Store(left)
}

func (s *spent) usage() connectors.Usage {
	limit := s.limit.Load()
	return connectors.Usage{Used: limit - s.left.Load(), Limit: limit}
}

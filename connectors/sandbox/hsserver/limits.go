package hsserver

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Tier is a subscription, by which HubSpot limits how often it is called.
type Tier string

// The tiers; Unlimited exists only here.
const (
	Unlimited    Tier = "unlimited"
	Free         Tier = "free"
	Professional Tier = "professional"
	Enterprise   Tier = "enterprise"
)

// An allowance is how many calls a tier may make: HubSpot's changelog
// "Increasing our API limits" and its usage guidelines.
type allowance struct {
	burst int   // calls of one app in any window of 10 s; 0: any number
	daily int64 // calls of the account from midnight to midnight
}

func (t Tier) allowance() allowance {
	switch t {
	case Free:
		return allowance{100, 250_000}
	case Professional:
		return allowance{190, 625_000}
	case Enterprise:
		return allowance{190, 1_000_000}
	}
	return allowance{0, 1_000_000}
}

const (
	burstWindow    = 10 * time.Second
	searchWindow   = time.Second
	searchesWindow = 5 // searches of one account in any second
)

// A meter counts calls. Bursts are measured by the caller's own time and days by
// the sandbox's, which may move a week at once.
type meter struct {
	allowance
	wall func() time.Time

	mu       sync.Mutex
	calls    []time.Time // those let through within the last window
	searches []time.Time
	day      string
	used     int64
}

// take counts a call, or gives the reason why it is refused. The header tells
// what is left, except for searches, whose replies never say.
func (m *meter) take(search bool, day string, header http.Header) *fault {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.day != day {
		m.day, m.used = day, 0
	}
	if m.burst == 0 {
		if m.used >= m.daily {
			return tooMany("daily", "DAILY")
		}
		m.used++
		return nil
	}
	if search {
		return m.takeSearch()
	}
	return m.takeCall(header)
}

func (m *meter) takeSearch() *fault {
	now := m.wall()
	m.searches = within(m.searches, now.Add(-searchWindow))
	if len(m.searches) >= searchesWindow {
		return tooMany("secondly", "SECONDLY")
	}
	if m.used >= m.daily {
		return tooMany("daily", "DAILY")
	}
	m.searches = append(m.searches, now)
	m.used++
	return nil
}

func (m *meter) takeCall(header http.Header) *fault {
	now := m.wall()
	m.calls = within(m.calls, now.Add(-burstWindow))
	var refusal *fault
	switch {
	case m.used >= m.daily:
		refusal = tooMany("daily", "DAILY")
	case len(m.calls) >= m.burst:
		refusal = tooMany("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")
	default:
		m.calls = append(m.calls, now)
		m.used++
	}
	set := func(name string, n int64) { header.Set("X-HubSpot-RateLimit-"+name, strconv.FormatInt(n, 10)) }
	left := int64(m.burst - len(m.calls))
	set("Max", int64(m.burst))
	set("Remaining", left)
	set("Interval-Milliseconds", burstWindow.Milliseconds())
	set("Daily", m.daily)
	set("Daily-Remaining", m.daily-m.used)
	set("Secondly", int64(m.burst/10))
	set("Secondly-Remaining", min(left, int64(m.burst/10)))
	return refusal
}

// usage is how many calls of the day were made, and how many may be.
func (m *meter) usage() (used, limit int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used, m.daily
}

// within drops the instants up to since from an ascending list.
func within(instants []time.Time, since time.Time) []time.Time {
	first := 0
	for first < len(instants) && !instants[first].After(since) {
		first++
	}
	return append(instants[:0], instants[first:]...)
}

// tooMany carries no Retry-After: HubSpot often leaves it out, so a client must
// know the policies.
func tooMany(limit, policy string) *fault {
	return &fault{
		code:       http.StatusTooManyRequests,
		Message:    "You have reached your " + limit + " limit.",
		Category:   "RATE_LIMITS",
		ErrorType:  "RATE_LIMIT",
		PolicyName: policy,
	}
}

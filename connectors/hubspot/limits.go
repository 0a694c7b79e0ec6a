package hubspot

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"merit/connectors/fault"
)

// HubSpot counts an app's calls over the last 10 seconds: 100 for Free and Starter,
// 190 for Professional and Enterprise (changelog, "Increasing our API limits").
// Searches are counted apart, 5 in a second for the whole account.
const (
	callsLength    = 10 * time.Second
	freeCalls      = 100
	paidCalls      = 190
	searchesLength = time.Second
	searchesMost   = 5
)

// A pace is how fast one account may be asked, over all its streams. It stands
// between package rest and the wire, so that each attempt counts.
type pace struct {
	calls, searches *window // nil: as fast as it answers
	day             *day
	wire            http.RoundTripper
	quickest        atomic.Int64 // reply so far, in nanoseconds; 0: there was none
}

func paceOf(tier string, d *day, wire http.RoundTripper) (*pace, error) {
	p := &pace{day: d, wire: wire}
	most := paidCalls
	switch tier {
	case "free":
		most = freeCalls
	case "professional", "enterprise":
	case "unlimited":
		return p, nil
	default:
		return nil, fault.Errorf(fault.You, "hubspot: tier is %q, but must be free, professional, enterprise or unlimited", tier)
	}
	p.calls, p.searches = newWindow(callsLength, most), newWindow(searchesLength, searchesMost)
	p.searches.quickest = &p.quickest
	return p, nil
}

// RoundTrip sends a request when its turn has come.
func (p *pace) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := p.day.over(); err != nil {
		return nil, err
	}
	w := p.window(r)
	if w == nil {
		return p.wire.RoundTrip(r)
	}
	if err := w.take(r.Context()); err != nil {
		return nil, err
	}
	sent := time.Now()
	response, err := p.wire.RoundTrip(r)
	if err != nil {
		w.done(sent, nil)
		return nil, err
	}
	took := max(1, int64(time.Since(sent)))
	if before := p.quickest.Load(); before == 0 || took < before {
		p.quickest.Store(took)
	}
	w.done(sent, response.Header)
	return response, nil
}

// window is what counts a request. Signing in is counted nowhere.
func (p *pace) window(r *http.Request) *window {
	switch {
	case strings.HasSuffix(r.URL.Path, "/search"):
		return p.searches
	case strings.HasPrefix(r.URL.Path, "/oauth/"):
		return nil
	}
	return p.calls
}

// jitter is by how much the quickest reply so far may have been slower than one can
// be.
const jitter = 30 * time.Millisecond

// A window keeps calls from being more than a number in any stretch of its
// length, as the other side counts them. A call takes a place, and the place is
// free again a whole length after its reply. The other side counted the call
// before it replied, and counts the place's next call after that was sent: so no
// place is ever counted twice within one length, however long calls travel, and
// yet all places may be used at once.
//
// For searches that would be too much: half a second on the way would cost a third
// of them. What every reply takes at least passes before the next call is counted,
// too; only by what a call took longer than that may it have been counted late.
type window struct {
	length time.Duration
	turn   chan struct{} // held by the one who waits for a place
	back   chan struct{} // a place may have become free

	quickest *atomic.Int64 // reply so far, which passes in any case; nil: it does not count

	mu      sync.Mutex
	most    int
	out     int         // calls without a reply yet
	replied []time.Time // of the calls since, ascending
}

func newWindow(length time.Duration, most int) *window {
	return &window{length: length, most: most, turn: make(chan struct{}, 1), back: make(chan struct{}, 1)}
}

// take waits for a place; whoever came first has it first.
func (w *window) take(ctx context.Context) error {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-w.turn }()
	for {
		wait := w.try()
		if wait == 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-w.back:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		timer.Stop()
	}
}

// try takes a place, or says after how long another try is worth it.
func (w *window) try() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forget()
	if w.out+len(w.replied) < w.most {
		w.out++
		return 0
	}
	if len(w.replied) == 0 {
		return w.length
	}
	return time.Until(w.replied[0]) + w.length + time.Nanosecond
}

// forget drops the calls that no window has any more.
func (w *window) forget() {
	old := 0
	for old < len(w.replied) && time.Since(w.replied[old]) > w.length {
		old++
	}
	w.replied = append(w.replied[:0], w.replied[old:]...)
}

// done counts a call that was replied to, and learns from the reply: how many the
// account may make (packs raise the tier's number), and how many are left, which
// are fewer than ours when the same token is at work elsewhere. A search's reply
// says nothing.
func (w *window) done(sent time.Time, h http.Header) {
	now := time.Now()
	if w.quickest != nil {
		least := time.Duration(w.quickest.Load())
		now = now.Add(-max(0, min(least-jitter-least/10, now.Sub(sent))))
	}
	w.mu.Lock()
	if most, ok := numberIn(h, "X-HubSpot-RateLimit-Max"); ok && most > 0 && w.isMine(h) {
		w.most = int(most)
	}
	if left, ok := numberIn(h, "X-HubSpot-RateLimit-Remaining"); ok && w.isMine(h) {
		w.forget()
		for range w.most - w.out - len(w.replied) - int(left) {
			w.replied = append(w.replied, now) // somebody else's
		}
	}
	w.out--
	at, _ := slices.BinarySearchFunc(w.replied, now, time.Time.Compare)
	w.replied = slices.Insert(w.replied, at, now)
	w.mu.Unlock()
	select {
	case w.back <- struct{}{}:
	default:
	}
}

// isMine tells whether a reply speaks of windows of this length.
func (w *window) isMine(h http.Header) bool {
	ms, ok := numberIn(h, "X-HubSpot-RateLimit-Interval-Milliseconds")
	return ok && time.Duration(ms)*time.Millisecond == w.length
}

func numberIn(h http.Header, name string) (int64, bool) {
	n, err := strconv.ParseInt(h.Get(name), 10, 64)
	return n, err == nil
}

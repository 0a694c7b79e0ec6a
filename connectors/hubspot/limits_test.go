package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestSearchesHaveALimitOfTheirOwnAndSigningInHasNone(t *testing.T) {
	p, err := paceOf("professional", &day{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]*window{
		"/crm/objects/2026-09/deals/search": p.searches, "/crm/objects/2026-09/deals": p.calls,
		"/crm/objects/2026-09/deals/batch/read": p.calls, oauthPath: nil,
	} {
		if got := p.window(&http.Request{URL: &url.URL{Path: path}}); got != want {
			t.Errorf("%s is counted wrongly", path)
		}
	}
	free, _ := paceOf("unlimited", &day{}, nil)
	if free.window(&http.Request{URL: &url.URL{Path: "/x"}}) != nil {
		t.Error("unlimited is limited")
	}
	if _, err := paceOf("platinum", &day{}, nil); fault.WhoMends(err) != fault.You {
		t.Errorf("an unknown tier: %v", err)
	}
}

// busiest makes calls side by side for a minute and gives the most that arrived in
// any stretch of the window's length, wherever on their way they were counted.
func busiest(w *window, travel func(i int) time.Duration, header http.Header) (most, all int) {
	arrivals := make(chan time.Time, 100_000)
	end := time.Now().Add(time.Minute)
	done := make(chan struct{})
	const side = 40
	for k := range side {
		go func() {
			for i := k; time.Now().Before(end); i += side {
				if w.take(context.Background()) != nil {
					break
				}
				time.Sleep(travel(i))
				arrivals <- time.Now()
				time.Sleep(travel(i + 1))
				w.done(time.Now(), header)
			}
			done <- struct{}{}
		}()
	}
	for range side {
		<-done
	}
	close(arrivals)
	var within []time.Time
	for at := range arrivals {
		all++
		within = append(within, at)
		for within[0].Before(at.Add(-w.length)) {
			within = within[1:]
		}
		most = max(most, len(within))
	}
	return most, all
}

func TestNoStretchOfTenSecondsSeesMoreCallsThanAllowedHoweverLongTheyTravel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Some calls arrive at once and some after seconds: what was sent in one window
		// arrives in another.
		travel := func(i int) time.Duration { return time.Duration(i*7919%900) * time.Millisecond }
		most, all := busiest(newWindow(callsLength, paidCalls), travel, nil)
		if most > paidCalls {
			t.Errorf("%d calls within ten seconds", most)
		}
		if share := float64(all) / (paidCalls * 6); share < 0.9 {
			t.Errorf("only %.0f %% of the calls are used", share*100)
		}
	})
}

func TestTheHeadersOverruleTheTier(t *testing.T) {
	said := func(most, left string) http.Header {
		return http.Header{"X-Hubspot-Ratelimit-Max": {most}, "X-Hubspot-Ratelimit-Remaining": {left}, "X-Hubspot-Ratelimit-Interval-Milliseconds": {"10000"}}
	}
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		w := newWindow(callsLength, paidCalls)
		began := time.Now()
		w.take(ctx)
		w.done(time.Now(), said("250", "249")) // a pack was bought
		for range 249 {
			w.take(ctx)
		}
		if time.Since(began) > 0 {
			t.Error("250 calls may be made at once")
		}
		for range 249 {
			w.done(time.Now(), nil)
		}
		w.take(ctx)
		if waited := time.Since(began); waited < callsLength {
			t.Errorf("the 251st came after %s", waited)
		}
		w.done(time.Now(), said("250", "40")) // the same token is at work elsewhere
		for range 40 {
			w.take(ctx)
		}
		again := time.Now()
		w.take(ctx)
		if waited := time.Since(again); waited < callsLength {
			t.Errorf("with 40 left, the 41st came after %s", waited)
		}
	})
}

func TestWhoeverWaitsForATurnCanLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(callsLength, 1)
		w.take(context.Background())
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := w.take(ctx); err == nil {
			t.Error("a second call went through")
		}
	})
}

func TestWhatTheDayHasLeftIsReadFromTheHeaders(t *testing.T) {
	d := &day{share: 60}
	d.observe(http.Header{}) // a search tells nothing
	if got := d.usage(); got != (connectors.Usage{}) {
		t.Errorf("before any header: %v", got)
	}
	d.observe(http.Header{"X-Hubspot-Ratelimit-Daily": {"625000"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"600000"}})
	d.observe(http.Header{})
	if got := d.usage(); got != (connectors.Usage{Used: 25_001, Limit: 625_000}) {
		t.Errorf("got %v", got)
	}
	if err := d.over(); err != nil {
		t.Errorf("over after 4 %%: %v", err)
	}
	d.observe(http.Header{"X-Hubspot-Ratelimit-Daily": {"625000"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"250000"}})
	if err := d.over(); fault.WhoMends(err) != fault.Them {
		t.Errorf("after 60 %%: %v", err)
	}
}

package rest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const firstWait = 500 * time.Millisecond

// backoff is full jitter: anything between nothing and twice the last bound, so
// that calls that failed together do not come back together.
func backoff(attempt int, longest time.Duration) time.Duration {
	bound := longest
	if attempt < 20 {
		bound = min(firstWait<<attempt, longest)
	}
	return rand.N(bound + 1)
}

// retryAfter reads the header in both of its forms; a date counts from the
// server's own Date, so that clocks need not agree. False: absent, past or junk.
func retryAfter(h http.Header) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds > 0) {
			return 0, false
		}
		const aYear = 365 * 24 * time.Hour
		return time.Duration(min(seconds, aYear.Seconds()) * float64(time.Second)), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return at.Sub(now), at.After(now)
}

// A budget bounds the retries of a whole API: a CRM that is down is not asked
// seven times by each of many streams. Good replies earn retries back, so that
// a rough connection (up to a third of its calls failing) is never given up.
type budget struct {
	mu   sync.Mutex
	left float64
}

const (
	fullBudget  = 50
	earnedBack  = 0.5
	costOfRetry = 1
)

func newBudget() budget { return budget{left: fullBudget} }

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < costOfRetry {
		return false
	}
	b.left -= costOfRetry
	return true
}

func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.left+earnedBack, fullBudget)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

package connectortest

import (
	"math"
	"net/http"
	"sync/atomic"
)

// A Breaker stands before a sandbox and refuses requests when told to. Its Break
// and Mend are those of an Account.
type Breaker struct {
	inner http.Handler
	left  atomic.Int64 // requests that still pass
}

// NewBreaker lets everything through to h until Break.
func NewBreaker(h http.Handler) *Breaker {
	b := &Breaker{inner: h}
	b.Mend()
	return b
}

// Break lets this many more requests pass and refuses those after them with 400,
// which no retry mends.
func (b *Breaker) Break(after int) { b.left.Store(int64(after)) }

// Mend lets everything through again.
func (b *Breaker) Mend() { b.left.Store(math.MaxInt64) }

func (b *Breaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.left.Add(-1) < 0 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"message":"refused for the test"}`))
		return
	}
	b.inner.ServeHTTP(w, r)
}

package rest

import (
	"context"
	"sync"
	"time"

	"merit/connectors/fault"
)

const (
	// maxBuffered is the most that one reply may be that is held as a whole: a page of
	// records of either CRM has a megabyte at most, the describes of 25 objects of a
	// large org some 40 (spec of neither says how large they may get).
	maxBuffered = 64 << 20
	// mostInFlight is the most that all such replies of the process may be together, but
	// for one that goes on when it is reached: with that one they are what 400 MiB of
	// memory bear. At 32 of a megabyte each a reading is in full swing.
	mostInFlight = 32 << 20
	// patience is how long a reply waits for others to be let go.
	patience = time.Minute
)

// inFlight is what the replies that this process holds take together. It is the one
// variable of the package, for memory is the process's, whichever account fills it.
var inFlight = &memory{most: mostInFlight}

// A claim is what one reply holds.
type claim struct{ bytes int64 }

// A memory counts bytes that are held. When the most is reached one claim may still grow,
// so that large replies end one after another and never wait for each other.
type memory struct {
	mu         sync.Mutex
	used, most int64
	beyond     *claim        // the one that may grow
	freed      chan struct{} // closed when bytes are given back; nil while nobody waits
}

// take adds n bytes to a claim, and waits a while for others to be given back when they
// are too many.
func (m *memory) take(ctx context.Context, c *claim, n int64, patience time.Duration) error {
	var timeout <-chan time.Time
	for {
		freed := m.tryTake(c, n)
		if freed == nil {
			return nil
		}
		if timeout == nil {
			timer := time.NewTimer(patience)
			defer timer.Stop()
			timeout = timer.C
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timeout:
			return fault.Errorf(fault.Them, "replies of more than %d MiB would have to be held at once", m.most>>20)
		}
	}
}

// tryTake adds the bytes, or gives what is closed when it is worth trying again.
func (m *memory) tryTake(c *claim, n int64) (freed chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used+n > m.most {
		if m.beyond == nil {
			m.beyond = c
		}
		if m.beyond != c {
			if m.freed == nil {
				m.freed = make(chan struct{})
			}
			return m.freed
		}
	}
	m.used += n
	c.bytes += n
	return nil
}

// give gives back all of a claim.
func (m *memory) give(c *claim) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= c.bytes
	c.bytes = 0
	if m.beyond == c {
		m.beyond = nil
	}
	if m.freed != nil {
		close(m.freed)
		m.freed = nil
	}
}

// Keep is for a user of a reply who holds its bytes when the reply is closed. release
// says that they are let go; without it they count until the process ends.
func (r *Reply) Keep() (release func()) {
	b, ok := r.Body.(*body)
	if !ok {
		return func() {}
	}
	kept := b.claim
	b.claim = &claim{}
	return sync.OnceFunc(func() { inFlight.give(kept) })
}

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
	// mostInFlight is the most that all such replies of the process may be together. At
	// 48 of a megabyte each a reading is in full swing.
	mostInFlight = 96 << 20
	// patience is how long a reply waits for others to be let go.
	patience = 10 * time.Second
)

// inFlight is what the replies that this process holds take together. It is the one
// variable of the package, for memory is the process's, whichever account fills it.
var inFlight = &memory{most: mostInFlight}

// A memory counts bytes that are held, up to a most.
type memory struct {
	mu         sync.Mutex
	used, most int64
	freed      chan struct{} // closed when bytes are given back; nil while nobody waits
}

// take adds n bytes, and waits a while for others to be given back when they are too
// many.
func (m *memory) take(ctx context.Context, n int64, patience time.Duration) error {
	var timeout <-chan time.Time
	for {
		m.mu.Lock()
		if m.used+n <= m.most {
			m.used += n
			m.mu.Unlock()
			return nil
		}
		if m.freed == nil {
			m.freed = make(chan struct{})
		}
		freed := m.freed
		m.mu.Unlock()
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

func (m *memory) give(n int64) {
	if n == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= n
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
	n := b.held
	b.held = 0
	return sync.OnceFunc(func() { inFlight.give(n) })
}

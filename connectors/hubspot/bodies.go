package hubspot

import (
	"bytes"
	"context"
	"runtime"
	"sync"

	"merit/connectors/rest"
)

// A body is a reply that is held as a whole, and counts as such until it is put back.
type body struct {
	bytes.Buffer
	held *held
}

// held says what of a body counts; it outlives the body.
type held struct {
	mu      sync.Mutex
	release func()
}

func (h *held) set(release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.release != nil {
		h.release()
	}
	h.release = release
}

// bodies are buffers that replies are read into, used again and again: a page of
// deals with history has a hundred kilobytes.
type bodies struct{ pool sync.Pool }

func newBodies() *bodies {
	return &bodies{pool: sync.Pool{New: func() any {
		b := &body{held: &held{}}
		runtime.AddCleanup(b, func(h *held) { h.set(nil) }, b.held) // one that an error let nobody put back
		return b
	}}}
}

func (b *bodies) get() *body {
	buffer := b.pool.Get().(*body)
	buffer.Reset()
	return buffer
}

// reusedBytes is the most that a buffer may have to be used again.
const reusedBytes = 4 << 20

func (b *bodies) put(buffer *body) {
	buffer.held.set(nil)
	if buffer.Cap() <= reusedBytes {
		b.pool.Put(buffer)
	}
}

// read calls and gives the whole body; the caller puts it back.
func (p *portal) read(ctx context.Context, c rest.Call) (*body, error) {
	body := p.bodies.get()
	err := p.api.Read(ctx, c, func(r *rest.Reply) error {
		body.Reset()
		_, err := body.ReadFrom(r.Body)
		body.held.set(r.Keep())
		return err
	})
	if err != nil {
		p.bodies.put(body)
		return nil, err
	}
	return body, nil
}

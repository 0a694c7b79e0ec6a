package hubspot

import (
	"bytes"
	"context"
	"sync"

	"merit/connectors/rest"
)

// bodies are buffers that replies are read into, used again and again: a page of
// deals with history has a hundred kilobytes.
type bodies struct{ pool sync.Pool }

func newBodies() *bodies {
	return &bodies{pool: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

func (b *bodies) get() *bytes.Buffer {
	buffer := b.pool.Get().(*bytes.Buffer)
	buffer.Reset()
	return buffer
}

func (b *bodies) put(buffer *bytes.Buffer) { b.pool.Put(buffer) }

// read calls and gives the whole body; the caller puts it back.
func (p *portal) read(ctx context.Context, c rest.Call) (*bytes.Buffer, error) {
	body := p.bodies.get()
	err := p.api.Read(ctx, c, func(r *rest.Reply) error {
		body.Reset()
		_, err := body.ReadFrom(r.Body)
		return err
	})
	if err != nil {
		p.bodies.put(body)
		return nil, err
	}
	return body, nil
}

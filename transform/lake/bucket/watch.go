package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// silence is how long a host may say nothing, before its answer or in the middle
// of it: a hang is an error and not a run that never ends.
const silence = time.Minute

// ErrStranger is a redirect that leads to another host, where no secret must go.
var ErrStranger = errors.New("it leads to another host")

// Watched gives up on an answer that brings nothing for a minute.
func Watched(under http.RoundTripper) http.RoundTripper { return watched{under} }

type watched struct{ under http.RoundTripper }

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	timer := time.AfterFunc(silence, func() { cancel(fmt.Errorf("silent for %s", silence)) })
	sent := r.Clone(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		sent.Body = &watchedBody{ReadCloser: r.Body, timer: timer}
	}
	reply, err := w.under.RoundTrip(sent)
	if err != nil {
		timer.Stop()
		if cause := context.Cause(ctx); cause != nil && r.Context().Err() == nil {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	timer.Reset(silence)
	reply.Body = &watchedBody{ReadCloser: reply.Body, timer: timer, end: func() { timer.Stop(); cancel(nil) }}
	return reply, nil
}

// A watchedBody puts the timer off with every piece that goes over the wire.
type watchedBody struct {
	io.ReadCloser
	timer *time.Timer
	end   func()
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.timer.Reset(silence)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	if b.end != nil {
		b.end()
	}
	return b.ReadCloser.Close()
}

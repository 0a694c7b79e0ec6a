package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"merit/connectors/fault"
)

var (
	errIdle   = errors.New("it brings nothing more")
	errLarge  = errors.New("the reply is larger")
	errBroken = errors.New("the reply broke off")
	errSlow   = errors.New("it comes too slowly")
	errBomb   = errors.New("the reply inflates too far")
)

const (
	// slowest is what a body must bring in each period of waiting: 1 KiB/s at the usual
	// minute. One byte now and then is no progress.
	slowest = 64 << 10
	// mostInflation is more than CSV or JSON of records ever inflates; deflate can do
	// 1,032-fold. It is looked at behind the first bytes, which are worth no verdict.
	mostInflation   = 500
	inflationBehind = 16 << 20
)

// isBroken tells whether an error comes from a body that did not arrive whole.
func isBroken(err error) bool { return errors.Is(err, errBroken) }

// A watch ends an attempt that stands still, by cancelling its context. It runs
// while somebody waits for the other side, not while a reader works.
type watch struct {
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func newWatch(parent context.Context, patience time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(parent)
	return ctx, &watch{
		timer:  time.AfterFunc(patience, func() { cancel(errIdle) }),
		cancel: cancel,
	}
}

func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// A body is a reply's body as Reply promises it.
type body struct {
	ctx     context.Context // the attempt's
	caller  context.Context
	watch   *watch
	idle    time.Duration
	raw     io.ReadCloser
	text    io.Reader // inflated; nil until the first Read
	gzipped bool
	in, out int64 // bytes so far, as sent and inflated
	most    int64
	err     error

	ahead   []byte        // was read to look at, and is given first
	streams bool          // its bytes are not held
	claim   *claim        // what of it is held
	waited  time.Duration // for bytes as sent, in this period
	brought int64         // bytes as sent, in this period
}

// startBytes are looked at of a reply before anybody reads it.
const startBytes = 512

// start is how the reply begins. An error on the way is the reader's.
func (b *body) start() []byte {
	first := make([]byte, startBytes)
	n, _ := io.ReadFull(readerFunc(b.read), first)
	b.ahead = first[:n]
	return b.ahead
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (b *body) Read(p []byte) (int, error) {
	if len(b.ahead) > 0 {
		n := copy(p, b.ahead)
		b.ahead = b.ahead[n:]
		return n, nil
	}
	return b.read(p)
}

func (b *body) read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.text == nil {
		if b.text, b.err = b.open(); b.err != nil {
			return 0, b.err
		}
	}
	n, err := b.text.Read(p)
	b.out += int64(n)
	switch {
	case b.out > b.most:
		b.err = b.explain(errLarge)
	case b.gzipped && b.out > inflationBehind && b.out > mostInflation*b.in:
		b.err = b.explain(errBomb)
	case !b.streams:
		b.err = inFlight.take(b.ctx, b.claim, int64(n), patience)
	}
	if b.err != nil {
		return 0, b.err
	}
	if err != nil {
		b.err = b.explain(err)
	}
	return n, b.err
}

// open is the body's text, inflated. An empty body is no gzip.
func (b *body) open() (io.Reader, error) {
	if !b.gzipped {
		return (*wire)(b), nil
	}
	zipped, err := gzip.NewReader((*wire)(b))
	switch {
	case errors.Is(err, io.EOF):
		return nil, b.explain(io.ErrUnexpectedEOF)
	case err != nil:
		return nil, b.explain(err)
	}
	return zipped, nil
}

// explain gives what a person can use: the caller's own cancelling, or that the
// reply broke off.
func (b *body) explain(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, errLarge):
		return fault.Errorf(fault.Them, "%w than %d bytes", errLarge, b.most)
	case errors.Is(err, errBomb):
		return fault.Errorf(fault.Them, "%w: %d bytes came as %d; that is no data of a CRM's", errBomb, b.out, b.in)
	case b.caller.Err() != nil:
		return context.Cause(b.caller)
	case errors.Is(context.Cause(b.ctx), errIdle):
		return fault.Errorf(fault.Them, "%w after %d bytes: nothing more came for %s", errBroken, b.in, b.idle)
	case errors.Is(err, errSlow):
		return fault.Errorf(fault.Them, "%w after %d bytes: %w, less than %d bytes in %s", errBroken, b.in, errSlow, slowest, b.idle)
	}
	return fault.Errorf(fault.Them, "%w after %d bytes: %w", errBroken, b.in, err)
}

func (b *body) Close() error {
	b.watch.end()
	inFlight.give(b.claim)
	return b.raw.Close()
}

// wire is the body's bytes as sent.
type wire body

func (w *wire) Read(p []byte) (int, error) {
	w.watch.timer.Reset(w.idle)
	began := time.Now()
	n, err := w.raw.Read(p)
	w.watch.timer.Stop()
	w.in += int64(n)
	w.waited, w.brought = w.waited+time.Since(began), w.brought+int64(n)
	if w.waited >= w.idle {
		if w.brought < slowest && err == nil {
			return n, errSlow
		}
		w.waited, w.brought = 0, 0
	}
	if w.in > w.most {
		return n, errLarge
	}
	return n, err
}

// isGzip tells whether the body must be inflated; net/http does not when asked
// for gzip by hand.
func isGzip(r *http.Response) bool {
	return strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") && r.ContentLength != 0
}

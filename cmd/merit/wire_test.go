package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
)

// A wire is a network in memory between one CRM and whoever dials its address.
// Inside a bubble of simulated time it stands still when both sides wait, so that
// back-offs, silences and slow bodies take no time at all.
type wire struct {
	calls chan net.Conn
	gone  chan struct{}
	once  sync.Once
}

// wires are the wires by address. The connectors copy the default transport, which
// is how they come to dial them.
type wires struct {
	mutex  sync.Mutex
	by     map[string]*wire
	number int
}

var onWires = sync.OnceValue(func() *wires {
	w := &wires{by: map[string]*wire{}}
	transport := http.DefaultTransport.(*http.Transport)
	usual := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		w.mutex.Lock()
		to := w.by[address]
		w.mutex.Unlock()
		if to == nil {
			return usual(ctx, network, address)
		}
		return to.dial(ctx)
	}
	return w
})

// lay makes a wire under an address of its own, which no network has.
func (w *wires) lay() (*wire, string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.number++
	address := fmt.Sprintf("127.77.%d.%d:80", w.number/250%250, w.number%250)
	laid := &wire{calls: make(chan net.Conn), gone: make(chan struct{})}
	w.by[address] = laid
	return laid, address
}

func (w *wires) remove(address string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.by, address)
}

func (w *wire) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case w.calls <- there:
		return here, nil
	case <-w.gone:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept, Close and Addr make a wire a listener.
func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.calls:
		return conn, nil
	case <-w.gone:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.gone) })
	return nil
}

func (w *wire) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 77, 0, 0), Port: 80} }

// onTheWire lets a CRM answer at an endpoint for as long as do takes, in simulated time.
func onTheWire(t *testing.T, crm http.Handler, do func(ctx context.Context, endpoint string)) {
	t.Helper()
	all := onWires()
	synctest.Test(t, func(t *testing.T) {
		laid, address := all.lay()
		defer all.remove(address)
		server := &http.Server{Handler: crm, ErrorLog: log.New(io.Discard, "", 0)}
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = server.Serve(laid) // it ends because it is closed
		}()
		ctx, cancel := context.WithCancel(context.Background())
		do(ctx, "http://"+address)
		cancel() // whatever hangs in a handler goes home
		_ = server.Close()
		<-served
		synctest.Wait()
	})
}

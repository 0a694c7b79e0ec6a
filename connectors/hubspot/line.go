package hubspot

import "sync"

// A line makes calls side by side and takes what they brought one after the other,
// in the order in which they were ordered.
type line struct {
	places chan struct{}    // one for each call under way
	orders chan chan func() // what each call will bring, in order
	taken  sync.WaitGroup
}

// newLine starts a line with so many calls at once, and as many waiting to be
// taken. Close it.
func newLine(atOnce int) *line {
	l := &line{places: make(chan struct{}, atOnce), orders: make(chan chan func(), atOnce)}
	l.taken.Go(func() {
		for order := range l.orders {
			(<-order)()
		}
	})
	return l
}

// order starts a call, when there is a place; take is what it gives to be done in
// its turn.
func (l *line) order(call func() (take func())) {
	l.places <- struct{}{}
	brought := make(chan func(), 1)
	l.orders <- brought
	go func() {
		brought <- call()
		<-l.places
	}()
}

// then has something done in its turn that needs no call.
func (l *line) then(take func()) {
	brought := make(chan func(), 1)
	brought <- take
	l.orders <- brought
}

// close waits until everything was taken.
func (l *line) close() {
	close(l.orders)
	l.taken.Wait()
}

package bucket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"merit/connectors/fault"
)

// LeaseTime is how long a holder that is heard of no more keeps others out.
const LeaseTime = 90 * time.Second

// ErrHeld says that another process holds a lease.
var ErrHeld = errors.New("another process holds it")

// A Lease is the right to write that one process has at a time: an object of the
// bucket that is only ever replaced on condition that it is what was read before.
// Its number rises each time it is taken, so that commits of a process that lost it
// without noticing can be told from those of the next one.
type Lease struct {
	store Store
	key   string
	time  time.Duration
	stop  context.CancelFunc
	done  sync.WaitGroup

	mutex sync.Mutex
	held  tenure
	tag   string
	until time.Time // by our clock that no one sets: until then nobody else can have it
	lost  error
}

// A tenure is what the object says.
type tenure struct {
	Number int64  `json:"number"`
	Holder string `json:"holder"` // "" when it was given back
	Host   string `json:"host,omitempty"`
	Beat   int64  `json:"beat"` // how often it was said again that the holder lives
}

// Take takes the lease, or gives ErrHeld at once. holder is the process's own name,
// and the same for a later process that knows the earlier one to be dead; host is
// for people. The number will be at least the one given.
//
// Whether a holder is still heard of is told by the store's clock alone.
func Take(ctx context.Context, s Store, key, holder, host string, number int64, lives time.Duration) (*Lease, error) {
	before, tag, age, err := read(ctx, s, key)
	if err != nil {
		return nil, err
	}
	if before.Holder != "" && before.Holder != holder && age < lives {
		return nil, fmt.Errorf("%w: %s, with lock number %d; one that died lets go in %s", ErrHeld, before.Host, before.Number, (lives - age).Round(time.Second))
	}
	l := &Lease{store: s, key: key, time: lives, until: time.Now().Add(lives),
		held: tenure{Number: max(before.Number+1, number), Holder: holder, Host: host}}
	if l.tag, err = s.Swap(ctx, key, l.text(), tag); errors.Is(err, ErrChanged) {
		return nil, fmt.Errorf("%w: it was taken at this moment", ErrHeld)
	} else if err != nil {
		return nil, err
	}
	if err := l.probe(ctx); err != nil {
		return nil, err
	}
	var beating context.Context
	beating, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.done.Go(func() { l.beat(beating) })
	return l, nil
}

// probe makes sure that the store knows conditions: one that ignores them would
// give the lease to everybody.
func (l *Lease) probe(ctx context.Context) error {
	other := l.held
	other.Beat = -1
	text, _ := json.Marshal(other) // numbers and texts: it can't fail
	switch _, err := l.store.Swap(ctx, l.key, text, ""); {
	case errors.Is(err, ErrChanged):
		return nil
	case err != nil:
		return err
	}
	return fault.Errorf(fault.You, "%s: the store does not know conditional writes (If-None-Match), so that two writers at once could not be told apart", l.key)
}

// read tells the lease as it is, and how long it has not changed; an empty one when
// nobody ever had it.
func read(ctx context.Context, s Store, key string) (tenure, string, time.Duration, error) {
	body, found, err := s.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return tenure{}, "", 0, nil
	}
	if err != nil {
		return tenure{}, "", 0, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, 64<<10))
	if err != nil {
		return tenure{}, "", 0, fault.Errorf(fault.Them, "reading %s: %w", key, err)
	}
	var said tenure
	if err := json.Unmarshal(text, &said); err != nil {
		return tenure{}, "", 0, fault.Errorf(fault.You, "%s in the bucket is no lease of ours: %w", key, err)
	}
	return said, found.Tag, found.Now.Sub(found.Changed), nil
}

func (l *Lease) text() []byte {
	text, _ := json.Marshal(l.held) // numbers and texts: it can't fail
	return text
}

// beat says again and again that the holder lives.
func (l *Lease) beat(ctx context.Context) {
	every := time.NewTicker(l.time / 4)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if l.beatOnce(ctx); errors.Is(l.Lost(), ErrHeld) {
			return
		}
	}
}

func (l *Lease) beatOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.time/2)
	defer cancel()
	began := time.Now()
	l.mutex.Lock()
	l.held.Beat++
	text, tag := l.text(), l.tag
	l.mutex.Unlock()
	now, err := l.store.Swap(ctx, l.key, text, tag)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	switch {
	case err == nil:
		l.tag, l.until = now, began.Add(l.time)
	case errors.Is(err, ErrChanged) && ctx.Err() == nil:
		l.lost = ErrHeld
	}
}

// Number is higher than that of any earlier holder.
func (l *Lease) Number() int64 { return l.held.Number }

// Lost tells why the lease must not be relied on any longer; nil while it is held.
func (l *Lease) Lost() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.lost == nil && time.Now().After(l.until) {
		return fmt.Errorf("the store could not be told for %s that this process lives", l.time)
	}
	return l.lost
}

// Release gives the lease back. What can't be given back runs out.
func (l *Lease) Release(ctx context.Context) error {
	l.stop()
	l.done.Wait()
	if l.lost != nil {
		return nil
	}
	number, holder := l.held.Number, l.held.Holder
	l.held.Holder, l.held.Host = "", ""
	_, err := l.store.Swap(ctx, l.key, l.text(), l.tag)
	if !errors.Is(err, ErrChanged) {
		return err
	}
	// The last beat was called off, and may have been written.
	said, tag, _, err := read(ctx, l.store, l.key)
	if err != nil || said.Number != number || said.Holder != holder {
		return err
	}
	_, err = l.store.Swap(ctx, l.key, l.text(), tag)
	return err
}

package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors/fault"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

func take(s bucket.Store, holder string, lives time.Duration) (*bucket.Lease, error) {
	return bucket.Take(context.Background(), s, "merit.lock", holder, "host of "+holder, 0, lives)
}

func TestALeaseHasOneHolderAndANumberThatRises(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s := open(t, settings(t, c))
		first, err := take(s, "a", bucket.LeaseTime)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := take(s, "b", bucket.LeaseTime); !errors.Is(err, bucket.ErrHeld) || !strings.Contains(err.Error(), "host of a") {
			t.Errorf("the second was told %v", err)
		}
		if err := first.Lost(); err != nil {
			t.Error(err)
		}
		if err := first.Release(context.Background()); err != nil {
			t.Fatal(err)
		}
		second, err := take(s, "b", bucket.LeaseTime)
		if err != nil || second.Number() <= first.Number() {
			t.Fatalf("after it was given back: %v", err)
		}
		// The same holder again: its earlier process is dead, for it had the folder's lock.
		third, err := take(s, "b", bucket.LeaseTime)
		if err != nil || third.Number() <= second.Number() {
			t.Fatalf("after a crash on the same machine: %v", err)
		}
		for _, l := range []*bucket.Lease{second, third} {
			if err := l.Release(context.Background()); err != nil {
				t.Error(err)
			}
		}
		if _, err := bucket.Take(context.Background(), s, "merit.lock", "c", "", third.Number()+100, bucket.LeaseTime); err != nil {
			t.Error(err)
		}
	})
}

func TestOfManyWhoTakeALeaseAtOnceOneHasIt(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s := open(t, settings(t, c))
		var wait sync.WaitGroup
		var mutex sync.Mutex
		var won []*bucket.Lease
		for i := range 8 {
			wait.Go(func() {
				l, err := take(s, fmt.Sprint("writer", i), bucket.LeaseTime)
				mutex.Lock()
				defer mutex.Unlock()
				if err == nil {
					won = append(won, l)
				} else if !errors.Is(err, bucket.ErrHeld) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(won) != 1 {
			t.Fatalf("%d have it", len(won))
		}
		_ = won[0].Release(context.Background())
	})
}

func TestAHolderWhoIsHeardOfNoMoreLosesTheLease(t *testing.T) {
	// The clock in here is simulated. Each step below happens at least half a second
	// away from a beat (every LeaseTime/4): two timers that end at the same instant
	// fire in any order.
	const apart = time.Second
	synctest.Test(t, func(t *testing.T) {
		s := &memory{}
		silent, err := take(s, "a", bucket.LeaseTime)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*bucket.LeaseTime + apart) // its last beat is apart ago
		if _, err := take(s, "b", bucket.LeaseTime); !errors.Is(err, bucket.ErrHeld) || silent.Lost() != nil {
			t.Fatalf("it beats, it is %v, and another was told %v", silent.Lost(), err)
		}
		s.isDown(true) // its beats do not arrive
		time.Sleep(bucket.LeaseTime - 2*apart)
		s.isDown(false)
		if _, err := take(s, "b", bucket.LeaseTime); !errors.Is(err, bucket.ErrHeld) {
			t.Fatalf("too early another was told %v", err)
		}
		s.isDown(true)
		time.Sleep(2 * bucket.LeaseTime)
		if silent.Lost() == nil {
			t.Error("it does not know that it is heard of no more")
		}
		s.isDown(false)
		next, err := take(s, "b", bucket.LeaseTime)
		if err != nil || next.Number() <= silent.Number() {
			t.Fatalf("after that: %v", err)
		}
		time.Sleep(bucket.LeaseTime - apart)
		if !errors.Is(silent.Lost(), bucket.ErrHeld) {
			t.Errorf("the first one thinks %v", silent.Lost())
		}
		if err := silent.Release(context.Background()); err != nil {
			t.Error(err)
		}
		if _, err := take(s, "c", bucket.LeaseTime); !errors.Is(err, bucket.ErrHeld) {
			t.Errorf("it gave back what was another's: a third was told %v", err)
		}
		if err := next.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// memory is a store of one object, by the clock of the test.
type memory struct {
	bucket.Store // nothing else is asked
	mutex        sync.Mutex
	content      []byte
	changed      time.Time
	writes       int
	down         bool
}

func (m *memory) isDown(now bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.down = now
}

func (m *memory) Get(context.Context, string) (io.ReadCloser, bucket.Object, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.writes == 0 {
		return nil, bucket.Object{}, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(m.content)), bucket.Object{Tag: fmt.Sprint(m.writes), Changed: m.changed, Now: time.Now()}, nil
}

func (m *memory) Swap(_ context.Context, _ string, content []byte, was string) (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.down {
		return "", errors.New("down")
	}
	if m.writes > 0 && was != fmt.Sprint(m.writes) || m.writes == 0 && was != "" {
		return "", bucket.ErrChanged
	}
	m.writes++
	m.content, m.changed = content, time.Now()
	return fmt.Sprint(m.writes), nil
}

func TestAStoreThatIgnoresConditionsIsRefused(t *testing.T) {
	c := laketest.NewS3()
	t.Cleanup(c.Close)
	s := settings(t, c)
	s.Transport = withoutConditions{s.Transport}
	if _, err := take(open(t, s), "a", bucket.LeaseTime); err == nil || fault.WhoMends(err) != fault.You {
		t.Errorf("it was told %v", err)
	}
}

type withoutConditions struct{ http.RoundTripper }

func (w withoutConditions) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Del("If-None-Match")
	r.Header.Del("If-Match")
	return w.RoundTripper.RoundTrip(r)
}

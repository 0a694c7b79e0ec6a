package connectortest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

func TestARightConnectorKeepsTheContract(t *testing.T) {
	c := newCRM("")
	Run(t, c.connector(), func(*testing.T) Account {
		*c = *newCRM("")
		return c.account()
	})
}

// Each flaw must be found, by the part of the contract that is about it.
func TestFlawsAreFound(t *testing.T) {
	const (
		settings = "its settings are documented"
		streams  = "its streams are the same each time, with keys that exist"
		views    = "its views read tables that it has"
		full     = "a full read gives exactly what is there"
		resume   = "resumes after any page and loses no record"
		second   = "a second read brings nothing but the overlap"
		changes  = "after a while it brings what changed, and no more than the overlap besides"
		failing  = "stops at the first error, and goes on from the last cursor"
		cancel   = "cancelling ends the read"
		leaks    = "leaves nothing running when the reader walks away"
	)
	for flaw, part := range map[string]string{
		"a setting without help":                settings,
		"an undocumented setting":               settings,
		"a secret with a default":               settings,
		"streams in another order each time":    streams,
		"a key that is no column":               streams,
		"two streams with one table":            streams,
		"versions without deletions":            streams,
		"a view of a table that is not there":   views,
		"a record is dropped":                   full,
		"history is dropped":                    full,
		"paging by time alone":                  full,
		"a record is invented":                  full,
		"a value is changed":                    full,
		"a batch with another schema":           full,
		"a batch of a table that is not listed": full,
		"a reject that leads nowhere":           full,
		"a cursor that skips a page":            resume,
		"values that differ each time":          second,
		"the cursor is ignored":                 second,
		"a last cursor in the future":           changes,
		"deletions are not read":                changes,
		"errors that look like the end":         failing,
		"more pages after an error":             failing,
		"cancelling is not noticed":             cancel,
		"cancelling looks like the CRM's fault": cancel,
		"a goroutine that is left behind":       leaks,
	} {
		t.Run(flaw, func(t *testing.T) {
			c := newCRM(flaw)
			seen := &recorder{accounts: func() Account {
				*c = *newCRM(flaw)
				return c.account()
			}}
			check(seen, c.connector())
			if failed := strings.Join(seen.failed[part], "\n"); failed == "" {
				t.Errorf("%q did not find it; found: %v", part, seen.failed)
			}
		})
	}
}

func TestAnAccountThatShowsNothingIsRefused(t *testing.T) {
	for what, spoil := range map[string]func(*Account){
		"nothing ever changes": func(a *Account) { a.Advance = func() {} },
		"nothing ever breaks":  func(a *Account) { a.Break = func(int) {} },
		"no truth":             func(a *Account) { a.Truth = func() Truth { return nil } },
		"a setting too many":   func(a *Account) { a.Settings["colour"] = []string{"red"} },
	} {
		t.Run(what, func(t *testing.T) {
			c := newCRM("")
			seen := &recorder{accounts: func() Account {
				*c = *newCRM("")
				a := c.account()
				spoil(&a)
				return a
			}}
			check(seen, c.connector())
			if len(seen.failed) == 0 {
				t.Error("it passed")
			}
		})
	}
}

// A recorder notes what fails, by the part in which it did.
type recorder struct {
	accounts func() Account
	part     string
	failed   map[string][]string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed[r.part] = append(r.failed[r.part], fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Run(name string, f func(reporter)) bool {
	if r.failed == nil {
		r.failed = map[string][]string{}
	}
	part := r.part
	if part == "" {
		part = name
	}
	before := len(r.failed[part])
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(&recorder{accounts: r.accounts, part: part, failed: r.failed})
	}()
	<-done
	return len(r.failed[part]) == before
}

func (r *recorder) account() Account { return r.accounts() }

func TestABreakerRefusesFromACallOn(t *testing.T) {
	b := NewBreaker(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") }))
	statuses := func(n int) (out []int) {
		for range n {
			w := httptest.NewRecorder()
			b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			out = append(out, w.Code)
		}
		return out
	}
	before := statuses(3)
	b.Break(2)
	broken := statuses(4)
	b.Mend()
	if got := fmt.Sprint(before, broken, statuses(1)); got != "[200 200 200] [200 200 400 400] [200]" {
		t.Errorf("the replies were %s", got)
	}
}

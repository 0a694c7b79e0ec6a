package sfserver

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Trouble is what readers of real orgs have met and written down in the issue lists
// of other tools. It is set while the org is being read; its zero value is a day on
// which nothing goes wrong.
type Trouble struct {
	Late        time.Duration // every third row becomes visible so long after its last change
	SmallSets   int           // a page and a set of results have at most so many rows, whatever is asked for
	Short       int           // of so many replies with rows, the next ones leave out their last row
	Cut         int           // so many sets of results break off in their middle
	SlowFrom    int           // a query for so many rows or more is given up as too slow
	Frozen      bool          // jobs make no progress
	NoBulk      string        // objects that a job may not ask for, in lower case
	NoLists     bool          // resultPages is not there
	NoLocator   bool          // the last set has no Sforce-Locator instead of "null"
	Busy        int           // so many calls are refused for too many at once
	Daily       int64         // calls of the day, instead of dailyCalls
	Unwell      int           // so many calls are answered 503 by a web page
	Disagreeing bool          // a job says it processed one row more than it has
}

// trouble is a Trouble with the lock under which its counts go down.
type trouble struct {
	mu sync.Mutex
	Trouble
}

// Trouble sets what goes wrong from now on.
func (a *API) Trouble(t Trouble) {
	a.trouble.mu.Lock()
	defer a.trouble.mu.Unlock()
	a.trouble.Trouble = t
}

// now gives what goes wrong at this moment.
func (t *trouble) now() Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Trouble
}

// takes counts one of a kind of trouble down and tells whether it strikes.
func (t *trouble) takes(count func(*Trouble) *int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := count(&t.Trouble)
	if *left <= 0 {
		return false
	}
	*left--
	return true
}

// strikes answers a call with what befalls the whole org.
func (a *API) strikes(w http.ResponseWriter) bool {
	switch {
	case a.trouble.takes(func(t *Trouble) *int { return &t.Unwell }):
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("<html>We are down for maintenance.</html>")) // the caller may have gone
	case a.trouble.takes(func(t *Trouble) *int { return &t.Busy }):
		refuse(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.").write(w)
	default:
		return false
	}
	return true
}

// daily is how many calls the org has a day.
func (a *API) daily() int64 {
	if limit := a.trouble.now().Daily; limit > 0 {
		return limit
	}
	return dailyCalls
}

// tooSlow tells whether a query is given up.
func (t Trouble) tooSlow(ans *answer) bool { return t.SlowFrom > 0 && ans.total >= t.SlowFrom }

// refuses tells whether a job may not ask for an object.
func (t Trouble) refuses(object string) bool {
	for name := range strings.FieldsSeq(t.NoBulk) {
		if strings.EqualFold(name, object) {
			return true
		}
	}
	return false
}

// sees tells whether a row is visible already. The id decides which rows are late, so
// that a row does not come and go.
func (ans *answer) sees(r *record) bool {
	if ans.late == 0 {
		return true
	}
	changed := max(r.modified, r.created)
	sum := 0
	for _, c := range r.id.appendText(nil, restZone) {
		sum += int(c)
	}
	return sum%3 != 0 || changed.Time().Add(ans.late).Before(ans.view.now.Time())
}

// cutAt is a writer that breaks the connection off after so many bytes.
type cutAt struct {
	http.ResponseWriter
	left int
}

func (c *cutAt) Write(p []byte) (int, error) {
	if len(p) > c.left {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush() // what is cut has been on its way
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

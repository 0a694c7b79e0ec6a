package salesforce

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"merit/connectors"
)

// A budget follows the org's count of API calls of the last 24 hours, which is
// shared with everybody else's integrations.
type budget struct {
	used, limit atomic.Int64
	share       int64 // percent of the limit at which reading stops; 0 and 100: none
}

// The usual share leaves a fifth of the org's day to its other integrations, as the
// Singer tap for Salesforce does.
const usualShare = "80%"

// isOver tells whether the share is used up.
func (b *budget) isOver() bool {
	u := b.usage()
	return b.share > 0 && b.share < 100 && u.Limit > 0 && u.Used*100 >= u.Limit*b.share
}

// errShare says that no call is made, for the share of the day is used up.
var errShare = errors.New("the daily share is used up")

// A guard makes no call that counts once the share is used up. The list of versions
// and the sign-in don't count.
type guard struct {
	next   http.RoundTripper
	budget *budget
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if counts := strings.HasPrefix(r.URL.Path, "/services/data/v"); counts && g.budget.isOver() {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errShare
	}
	return g.next.RoundTrip(r)
}

// orNetwork is the network where a test gives nothing else.
func orNetwork(transport http.RoundTripper) http.RoundTripper {
	if transport != nil {
		return transport
	}
	network := http.DefaultTransport.(*http.Transport).Clone()
	network.MaxIdleConnsPerHost = 32 // streams and pages are read side by side
	return network
}

// observe reads "Sforce-Limit-Info: api-usage=18/5000". Replies without it
// (versions, sign-in) change nothing.
func (b *budget) observe(h http.Header) {
	for _, part := range strings.FieldsFunc(h.Get("Sforce-Limit-Info"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		counts, ok := strings.CutPrefix(part, "api-usage=")
		if !ok {
			continue
		}
		used, limit, _ := strings.Cut(counts, "/")
		u, err1 := strconv.ParseInt(used, 10, 64)
		l, err2 := strconv.ParseInt(limit, 10, 64)
		if err1 == nil && err2 == nil {
			b.limit.Store(l)
			raise(&b.used, u)
		}
	}
}

// learn takes what the org says of itself.
func (b *budget) learn(l allowance) {
	if l.Max > 0 {
		b.limit.Store(l.Max)
		raise(&b.used, l.Max-l.Remaining)
	}
}

// raise lets a count only grow: replies of calls side by side come in any order.
func raise(count *atomic.Int64, to int64) {
	for {
		from := count.Load()
		if to <= from || count.CompareAndSwap(from, to) {
			return
		}
	}
}

func (b *budget) usage() connectors.Usage {
	return connectors.Usage{Used: b.used.Load(), Limit: b.limit.Load()}
}

// isSpent tells whether the org's own count says that the day is used up.
func (b *budget) isSpent() bool {
	u := b.usage()
	return u.Limit > 0 && u.Used >= u.Limit
}

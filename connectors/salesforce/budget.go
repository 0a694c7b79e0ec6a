package salesforce

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"merit/connectors"
)

// A budget follows the org's count of API calls of the last 24 hours, which is
// shared with everybody else's integrations.
type budget struct{ used, limit atomic.Int64 }

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

package hubspot

import (
	"context"
	"net/http"
	"sync/atomic"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A day is how much of the account's calls of the day is used, by all its apps
// together, and the share of them at which we stop: the rest is for the others.
type day struct {
	share       int64 // per cent
	limit, used atomic.Int64
}

// observe learns from a reply's header. Searches and OAuth apps are told nothing
// there; their calls are counted on from what is known.
func (d *day) observe(h http.Header) {
	limit, ok := numberIn(h, "X-HubSpot-RateLimit-Daily")
	left, told := numberIn(h, "X-HubSpot-RateLimit-Daily-Remaining")
	if !ok || !told {
		d.used.Add(1)
		return
	}
	d.limit.Store(limit)
	d.used.Store(limit - left)
}

// over is the reason not to make another call today; nil: there is none.
func (d *day) over() error {
	limit, used := d.limit.Load(), d.used.Load()
	if limit == 0 || d.share == 100 || used*100 < limit*d.share {
		return nil
	}
	return fault.Errorf(fault.Them,
		"%d of the account's %d calls of the day are used, and daily_share leaves the rest to other apps; what was read is kept, "+
			"and the next run goes on from there (HubSpot counts anew at midnight in the account's time zone)", used, limit)
}

func (d *day) usage() connectors.Usage {
	limit := d.limit.Load()
	if limit == 0 {
		return connectors.Usage{}
	}
	return connectors.Usage{Used: d.used.Load(), Limit: limit}
}

// ask asks how much of the day is used, before anything is read. An app that may
// not know that (OAuth apps have no such limit of their own) goes by the headers.
func (p *portal) askDay(ctx context.Context) error {
	var reply struct {
		Results []struct {
			Limit int64 `json:"usageLimit"`
			Used  int64 `json:"currentUsage"`
		} `json:"results"`
	}
	call := rest.Call{Method: http.MethodGet, Path: p.path("account-info", "api-usage", "daily", "private-apps")}
	err := p.api.JSON(ctx, call, &reply)
	if isRefused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range reply.Results {
		if r.Limit > 0 {
			p.day.limit.Store(r.Limit)
			p.day.used.Store(r.Used)
		}
	}
	return p.day.over()
}

package hubspot

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A cursor says where a pass over one object's records stands. A pass covers what
// changed from Since to Until, Until being HubSpot's clock when it began; the next
// one begins a lookback before that.
type cursor struct {
	Version int      `json:"v"`
	Read    string   `json:"read"` // fingerprint of the properties read; others need a new backfill
	Step    step     `json:"step,omitempty"`
	Since   int64    `json:"since,omitempty"`  // epoch ms; 0: since ever
	Until   int64    `json:"until"`            // epoch ms
	Swept   int64    `json:"swept,omitempty"`  // epoch ms of the last time that everything was read; 0: never
	Scan    *scanned `json:"scan,omitempty"`   // how far a scan is
	After   string   `json:"after,omitempty"`  // within the step: the list's own mark, or the last id searched
	Listed  int64    `json:"listed,omitempty"` // live records that the list gave so far
}

const cursorVersion = 1

// recycled is how long HubSpot lists what was archived (knowledge base, "Restore
// deleted records"). What is gone after that only a full list tells.
const recycled = 90 * 24 * time.Hour

// A step is one scan of a pass.
type step string

const (
	resting     step = ""         // the pass is over
	listingStep step = "list"     // all live records: a backfill, or the way around an untrusted search
	scanning    step = "scan"     // all live records by searches: a backfill from far away
	searching   step = "search"   // live records by their date of last change
	binning     step = "archived" // the recycle bin
)

// begin gives the pass to do after since: the one that was interrupted, or a new
// one. Now and then that is a sweep: everything is listed and read as if it were
// the first time. It finds what leaves no trace in a search: records purged,
// restored or linked, and calculated properties.
func (p *portal) begin(ctx context.Context, o object, since connectors.Cursor) (cursor, error) {
	var last cursor
	if since != "" {
		if err := json.Unmarshal([]byte(since), &last); err != nil || last.Version != cursorVersion {
			return cursor{}, fault.Errorf(fault.You,
				"hubspot: %s: cursor %q is not one that this version of merit writes; read the stream from its beginning with --full", o.name, since)
		}
	}
	if last.Read != o.fingerprint() {
		last = cursor{}
	}
	if last.Step != resting {
		return last, nil
	}
	now := p.seen.Load()
	if last.Until != 0 || now == 0 { // a backfill may begin at any instant before it
		var err error
		if now, err = p.clock(ctx, o); err != nil {
			return cursor{}, err
		}
	}
	next := cursor{Version: cursorVersion, Read: o.fingerprint(), Step: listingStep, Until: now, Swept: last.Swept}
	isDue := p.sweep > 0 && now-last.Swept >= p.sweep.Milliseconds() || p.IsDue(o.name)
	if last.Until != 0 && now-last.Until > recycled.Milliseconds() {
		p.Warn("%s were last read longer ago than the recycle bin keeps what is archived; all are listed again", o.name)
		isDue = true
	}
	if last.Until != 0 && !isDue {
		next.Step = searching
		// A search from the epoch's first second on is answered 500.
		next.Since = max(min(last.Until, now)-p.lookback.Milliseconds(), 1000)
	}
	if last.Until == 0 && p.pace.isFar() {
		next.Step = scanning
	}
	return next, nil
}

// fingerprint changes with the properties that are read: records read before
// lack a property that merit.yml came to name later.
func (o object) fingerprint() string {
	sum := fnv.New64a()
	sum.Write([]byte(strings.Join(o.properties(), ",") + ";" + strings.Join(o.followed(), ",")))
	return strconv.FormatUint(sum.Sum64(), 36)
}

// clock is HubSpot's time, by the header of its reply to the cheapest question.
func (p *portal) clock(ctx context.Context, o object) (int64, error) {
	query := url.Values{"limit": {"1"}, "properties": {idColumn}}
	reply, err := p.api.Do(ctx, rest.Call{Method: http.MethodGet, Path: p.path("crm/objects", o.listedAs()), Query: query})
	if err != nil {
		return 0, err
	}
	defer reply.Body.Close()
	now, err := http.ParseTime(reply.Header.Get("Date"))
	if err != nil {
		return 0, fault.Errorf(fault.Them, "hubspot: a reply for %s has no date that tells its time: %w", o.name, err)
	}
	return now.UnixMilli(), nil
}

// look notes HubSpot's time by the header of a reply.
func (p *portal) look(h http.Header) {
	if now, err := http.ParseTime(h.Get("Date")); err == nil {
		p.seen.Store(now.UnixMilli())
	}
	p.day.observe(h)
}

func (c cursor) text() connectors.Cursor {
	encoded, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	return connectors.Cursor(encoded)
}

// at is the same pass further on in its step.
func (c cursor) at(after string) cursor {
	c.After = after
	return c
}

// then is the pass at the beginning of another step.
func (c cursor) then(s step) cursor {
	c.Step, c.After, c.Scan, c.Listed = s, "", nil, 0
	if s == resting {
		c.Since = 0
	}
	return c
}

// stands reads a cursor for people: how far the stream is read. Of settings and people,
// which are read as a whole each time, it tells nothing.
func stands(c connectors.Cursor) connectors.Standing {
	var at cursor
	if json.Unmarshal([]byte(c), &at) != nil || at.Version != cursorVersion {
		return connectors.Standing{}
	}
	until := at.Until
	if at.Step != resting {
		until = at.Since // the pass before this one
	}
	if until == 0 {
		return connectors.Standing{IsPartial: at.Step != resting}
	}
	return connectors.Standing{Until: time.UnixMilli(until).UTC()}
}

// idled tells whether a cursor has only moved on in time: both are at the end of a pass.
func idled(before, after connectors.Cursor) bool {
	var was, is cursor
	if json.Unmarshal([]byte(before), &was) != nil || json.Unmarshal([]byte(after), &is) != nil || was.Until == 0 || was.Step != resting {
		return false
	}
	passed := is.Until - was.Until
	is.Until = was.Until
	return passed >= 0 && passed < connectors.IdleFor.Milliseconds() && is.text() == was.text()
}

package hubspot

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"

	"github.com/sourcegraph/conc"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

const (
	// 19 calls a second that take half a second to a second each keep 10 to 20
	// under way.
	callsAtOnce = 24
	// HubSpot reads 100 records in a batch, 50 when their history is asked for
	// (CRM objects API reference).
	batchPlain, batchWithHistory = 100, 50
	// A page is what one call for associations covers.
	pageRecords = linkedAtOnce
	// HubSpot does not say how long a URL may be; Airbyte allows 15,000 characters,
	// Estuary 5 KiB of names, dlt 2,000.
	listedNames = 2000
	// How often a batch is asked again for the records that it left out.
	batchAttempts = 3
)

// A delivery is what a reading has for its caller.
type delivery struct {
	page connectors.Page
	err  error
}

// Read yields what changed since the cursor, a thousand records a page.
func (p *portal) Read(ctx context.Context, s connectors.Stream, since connectors.Cursor) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		pages := make(chan delivery)
		var crew conc.WaitGroup
		crew.Go(func() {
			defer close(pages)
			p.readInto(ctx, stop, s, since, pages)
		})
		defer func() {
			stop()
			for d := range pages {
				release(d.page)
			}
			crew.Wait()
		}()
		for d := range pages {
			if !yield(d.page, d.err) || d.err != nil {
				return
			}
		}
	}
}

func release(p connectors.Page) {
	for _, b := range p.Batches {
		b.Records.Release()
	}
}

// readInto sends pages, and at most one error, the last thing it sends.
func (p *portal) readInto(ctx context.Context, stop func(), s connectors.Stream, since connectors.Cursor, pages chan<- delivery) {
	o, ok := p.object(s.Name)
	why := p.refused[s.Name]
	switch {
	case isRefused(why) && ctx.Err() == nil:
		pages <- delivery{page: leftOut(s, why, since)}
		return
	case why != nil:
		pages <- delivery{err: why}
		return
	case s.Name == ownersName:
		p.owners(ctx, s, pages)
		return
	case s.Name == pipelinesName:
		p.pipelines(ctx, s, since, pages)
		return
	case !ok:
		if sm, ok := p.small(s.Name); ok {
			p.readSmall(ctx, sm, s, since, pages)
			return
		}
		pages <- delivery{err: fault.Errorf(fault.Us, "hubspot has no stream %q", s.Name)}
		return
	}
	r := &reading{
		portal: p, object: o, stream: s, since: since, stop: stop, pages: pages,
		rows: newRows(o, s),
		work: newLine(callsAtOnce),
	}
	defer r.rows.release()
	r.rows.reports = o.lacks()
	r.run(ctx, since)
}

// A reading is one pass over an object's records, under way. One goroutine finds
// records and orders calls for them; the calls are made side by side; what they
// brought is taken in order by one goroutine more, which alone touches rows.
type reading struct {
	*portal
	object object
	stream connectors.Stream
	since  connectors.Cursor
	stop   func()
	pages  chan<- delivery
	rows   *rows
	work   *line
	failed bool // an error was delivered; nothing follows it

	vouched []string // properties that the catalogue has, though replies don't

	archived bool    // what is found lies in the recycle bin
	waiting  []int64 // found, not yet in a batch
	unlinked []int64 // found, their associations not asked for
	found    int     // since the last page
}

func (r *reading) run(ctx context.Context, since connectors.Cursor) {
	at, err := r.begin(ctx, r.object, since)
	for err == nil && at.Step != resting {
		switch at.Step {
		case listingStep, binning:
			at, err = r.list(ctx, at)
		case scanning:
			at, err = r.scan(ctx, at)
		case searching:
			at, err = r.search(ctx, at)
		default:
			err = fault.Errorf(fault.Us, "hubspot %s: the cursor names an unknown step %q", r.object.name, at.Step)
		}
	}
	r.work.then(func() { r.take(ctx, err) })
	r.work.close()
}

// list goes through the live records, or those in the recycle bin. HubSpot gives
// no order and no count of them, so only a page without a next one ends it, and a
// short or empty page does not.
func (r *reading) list(ctx context.Context, at cursor) (cursor, error) {
	next := r.afterLive()
	if r.archived = at.Step == binning; r.archived {
		next = resting
	}
	asked, isResumed := r.listed(at), at.After != ""
	var marks rounds
	for ctx.Err() == nil {
		body, found, err := r.portal.list(ctx, r.object, asked, at.After)
		if isRejected(err) && at.After != "" && isResumed {
			// A mark that an earlier run was given is not good for ever.
			at, isResumed = at.at(""), false
			at.Listed = 0
			continue
		}
		if err != nil {
			return at, err
		}
		isResumed = false
		r.present(found.ids, at)
		at.Listed += int64(len(found.ids))
		if asked.isWhole {
			r.takePage(ctx, body, found.ids)
		} else {
			r.bodies.put(body)
			r.ask(ctx, found.since(at.Since))
		}
		if found.after == "" {
			if at, err = r.listedAll(ctx, at); err != nil {
				return at, err
			}
			at = at.then(next)
			r.close(ctx, at)
			return at, nil
		}
		if marks.isRepeated(found.after) {
			return at, fault.Errorf(fault.Them, "hubspot: the list of %s goes in a circle at %q", r.object.name, found.after)
		}
		at = at.at(found.after)
		if r.found+asked.limit > pageRecords {
			r.close(ctx, at)
		}
	}
	return at, context.Cause(ctx)
}

// afterLive is what follows the live records: the recycle bin, where nothing has
// splits any more.
func (r *reading) afterLive() step {
	if r.object.isSplits {
		return resting
	}
	return binning
}

// search goes through the records changed within the pass, by id.
func (r *reading) search(ctx context.Context, at cursor) (cursor, error) {
	last := int64(0)
	if at.After != "" {
		var err error
		if last, err = number([]byte(at.After)); err != nil {
			return at, err
		}
	}
	empty := 0
	for ctx.Err() == nil {
		found, err := r.portal.search(ctx, r.object, at, last)
		if err != nil {
			return at, err
		}
		given := int64(len(found.ids))
		switch {
		case !found.isAscending(last):
			// Not by number: going on above the last id would leave some out. The list
			// tells the date of last change too.
			return at.then(listingStep), nil
		case given == 0 && found.total > 0:
			if empty++; empty == batchAttempts {
				return at, fault.Errorf(fault.Them, "hubspot: the search of %s counts %d more changed records and shows none", r.object.name, found.total)
			}
			continue
		case given > 0:
			empty = 0
			last = found.ids[given-1]
			at = at.at(strconv.FormatInt(last, 10))
			r.ask(ctx, found.ids)
		}
		if found.after == "" && found.total <= given {
			at = at.then(r.afterLive())
			r.close(ctx, at)
			return at, nil
		}
		if r.found+searchedAtOnce > pageRecords {
			r.close(ctx, at)
		}
	}
	return at, context.Cause(ctx)
}

// ask orders batches for records that were found.
func (r *reading) ask(ctx context.Context, ids []int64) {
	most := batchPlain
	if len(r.object.followed()) > 0 {
		most = batchWithHistory
	}
	r.waiting = append(r.waiting, ids...)
	r.note(ctx, ids)
	for len(r.waiting) >= most {
		r.batch(ctx, slices.Clone(r.waiting[:most]))
		r.waiting = append(r.waiting[:0], r.waiting[most:]...)
	}
}

// note remembers records for the page, and asks for their associations as soon as
// they fill a call; what is archived has none left.
func (r *reading) note(ctx context.Context, ids []int64) {
	r.found += len(ids)
	if r.archived || len(r.object.linked) == 0 {
		return
	}
	r.unlinked = append(r.unlinked, ids...)
	for len(r.unlinked) >= linkedAtOnce {
		r.link(ctx, r.unlinked[:linkedAtOnce])
		r.unlinked = append(r.unlinked[:0], r.unlinked[linkedAtOnce:]...)
	}
}

// close orders what the page still lacks, and the page itself; next is where
// reading goes on after it.
func (r *reading) close(ctx context.Context, next cursor) {
	if len(r.waiting) > 0 {
		r.batch(ctx, slices.Clone(r.waiting))
	}
	if len(r.unlinked) > 0 {
		r.link(ctx, r.unlinked)
	}
	r.waiting, r.unlinked, r.found = r.waiting[:0], r.unlinked[:0], 0
	r.work.then(func() {
		for _, b := range r.rows.builders() {
			r.take(ctx, b.KeyError())
		}
		if r.failed {
			return
		}
		page := r.rows.flush()
		page.Next = next.text()
		r.pages <- delivery{page: page}
	})
}

// take delivers an error, if there is one, and ends the reading with it. Of an object
// that an account may do without, it says why there is nothing.
func (r *reading) take(ctx context.Context, err error) {
	if err == nil || r.failed {
		return
	}
	r.failed = true
	if r.object.isSoft && isRefused(err) && ctx.Err() == nil {
		r.pages <- delivery{page: leftOut(r.stream, err, r.since)}
	} else {
		r.pages <- delivery{err: err}
	}
	r.stop()
}

// link asks for the associations of records with each kind that they may have.
func (r *reading) link(ctx context.Context, ids []int64) {
	for _, to := range r.object.linked {
		ids := slices.Clone(ids) // each is sorted when its turn comes
		r.work.order(func() func() {
			found, err := r.allAssociations(ctx, r.object, to, ids)
			return func() {
				if err == nil && !r.failed {
					r.rows.links.all(ids, singular(to), found)
				}
				r.take(ctx, err)
			}
		})
	}
}

// takePage decodes a page of a list that has all there is to read.
func (r *reading) takePage(ctx context.Context, body *body, ids []int64) {
	r.note(ctx, ids)
	r.work.then(func() {
		if r.failed {
			return
		}
		if err := r.rows.page(body); err != nil {
			r.take(ctx, fmt.Errorf("hubspot list of %s: %w", r.object.name, err))
			return
		}
		r.bodies.put(body)
		if err := r.stillVisible(ctx); err != nil {
			r.take(ctx, err)
			return
		}
		r.take(ctx, r.mend(ctx, false))
	})
}

// batch reads records by their ids.
func (r *reading) batch(ctx context.Context, ids []int64) {
	archived := r.archived
	r.work.order(func() func() {
		parts, err := r.readBatches(ctx, r.object, ids, archived)
		return func() {
			for _, p := range parts {
				if err == nil && !r.failed {
					err = r.takeBatch(ctx, p.body, p.ids, archived)
				}
			}
			if err == nil && !r.failed {
				err = r.mend(ctx, archived)
			}
			r.take(ctx, err)
		}
	})
}

// A batch asks for records by id; all three lists must be there.
type batch struct {
	Inputs     []input  `json:"inputs"`
	Properties []string `json:"properties"`
	History    []string `json:"propertiesWithHistory"`
}

func (p *portal) readBatch(ctx context.Context, o object, ids []int64, archived bool) (*body, error) {
	asked := batch{Inputs: make([]input, len(ids)), Properties: o.properties(), History: o.followed()}
	if asked.History == nil {
		asked.History = []string{}
	}
	for i, id := range ids {
		asked.Inputs[i].ID = strconv.FormatInt(id, 10)
	}
	call := rest.Call{Method: http.MethodPost, Path: p.path("crm/objects", o.name, "batch/read"), JSON: asked}
	if o.isSplits {
		call.Path, call.JSON = p.path("deal-splits", "batch/read"), map[string][]input{"inputs": asked.Inputs}
	}
	if archived {
		call.Path += "?archived=true"
	}
	return p.read(ctx, call)
}

package hubspot

import (
	"context"
	"fmt"
	"strings"

	"merit/connectors"
)

// A listing is what a list is asked for.
type listing struct {
	archived   bool
	properties []string
	history    []string
	limit      int
	isWhole    bool // the page has all there is to read; otherwise batches read it
}

// listed asks for all of a record when everything is to be read anyway and the
// names fit into a URL; otherwise only for ids, for batches to read. Pages follow
// each other, so that far away the batches, side by side, are faster.
func (r *reading) listed(at cursor) listing {
	o := r.object
	names := len(strings.Join(o.properties(), ",")) + len(strings.Join(o.followed(), ","))
	isFar := at.Step == listingStep && r.pace.isFar() && len(o.tracked) > 0
	if at.Step != listingStep && at.Step != scanning || at.Since != 0 || names > listedNames || isFar || o.isSplits {
		return listing{archived: r.archived, properties: []string{idColumn}, limit: listedAtOnce}
	}
	whole := listing{properties: o.properties(), history: o.followed(), limit: listedAtOnce, isWhole: true}
	if len(o.followed()) > 0 {
		whole.limit = batchWithHistory
	}
	return whole
}

// present notes which records a full list has: those that it lacks are gone.
func (r *reading) present(ids []int64, at cursor) {
	if r.archived {
		return
	}
	r.work.then(func() { r.rows.sightings.saw(ids, at.Until) })
}

// listedAll notes that a list of the live records is complete. Whatever it lacks
// counts as gone from then on, so a search must not count more than it gave: a list
// that ends early is not taken for a portal that was emptied.
func (r *reading) listedAll(ctx context.Context, at cursor) (cursor, error) {
	if r.archived {
		return at, nil
	}
	if at.Since == 0 {
		at.Swept = at.Until
	}
	counted, err := r.portal.find(ctx, r.object, stretch{}.query("ASCENDING", 1))
	switch {
	case isRefused(err) || isRejected(err):
		counted.total = 0 // not every object can be searched
	case err != nil:
		return at, err
	}
	// The index still counts what was archived a moment ago.
	if late := counted.total - at.Listed; late > 10 && late > counted.total/100 {
		r.doubt(at.Listed, counted.total)
		return at, nil
	}
	r.work.then(func() { r.rows.sightings.sawAll(at.Until) })
	return at, nil
}

// doubt says that a list may not have had everything.
func (r *reading) doubt(listed, counted int64) {
	why := fmt.Sprintf("the list ended after %d %s, and a search counts %d; none counts as gone until they agree", listed, r.object.name, counted)
	r.Warn("%s", why)
	r.work.then(func() {
		r.rows.reports = append(r.rows.reports, connectors.Reject{Table: r.object.idTable(), Key: everything, Column: "listed_at", Reason: why})
	})
}

package hubspot

import (
	"bytes"
	"context"
	"strconv"

	"merit/connectors"
)

// Nothing is paid by a history that ends with something else than what the record
// is: such a one is incomplete, however good the reply looks. Each record's is
// held against it, read again when they disagree, and reported when they still do.

// A disagreement is a tracked property whose history does not end with its value.
type disagreement struct {
	id              int64
	property        string
	history, record string
}

// agrees holds the history just read against the record just read, and notes where they
// differ.
func (r *rows) agrees(id int64) bool {
	before := len(r.unsure)
	for _, name := range r.object.followed() {
		last := r.history.last(name)
		now := *r.current[name]
		if !isSame(last, now) {
			r.unsure = append(r.unsure, disagreement{id, name, string(last), string(now)})
		}
	}
	return len(r.unsure) == before
}

// isSame compares two texts of a value: numbers and instants have several.
func isSame(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if x, y := milliseconds(a), milliseconds(b); x != 0 || y != 0 {
		return x == y || x == epoch(b) || epoch(a) == y
	}
	x, errX := strconv.ParseFloat(string(a), 64)
	y, errY := strconv.ParseFloat(string(b), 64)
	return errX == nil && errY == nil && x == y
}

// epoch is a text of milliseconds since 1970, float or not; 0: it is none.
func epoch(text []byte) int64 {
	ms, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0
	}
	return int64(ms)
}

// last is the newest version's value; the list has the newest first. Nothing is
// the same as cleared.
func (h *history) last(property string) []byte {
	for i := range h.versions {
		if string(h.versions[i].tracked.name) == property {
			return h.text(h.versions[i].value)
		}
	}
	return nil
}

// mend reads records again whose history disagrees with them. What came of them
// already stays: versions are only ever added, and of the record the later row
// counts.
func (r *reading) mend(ctx context.Context, archived bool) error {
	for range batchAttempts - 1 {
		ids := r.rows.unsureIDs()
		if len(ids) == 0 {
			clear(r.rows.doubted)
			return nil
		}
		for len(ids) > 0 {
			some := ids[:min(len(ids), batchWithHistory)]
			ids = ids[len(some):]
			body, err := r.readBatch(ctx, r.object, some, archived)
			if err != nil {
				return err
			}
			// Who is missing now was archived since, which the recycle bin will tell.
			if _, err := r.decode(ctx, body, some); err != nil {
				return err
			}
		}
	}
	r.rows.report()
	return nil
}

// unsureIDs takes the records that have to be read again, each once.
func (r *rows) unsureIDs() []int64 {
	var ids []int64
	for _, d := range r.unsure {
		if len(ids) == 0 || ids[len(ids)-1] != d.id {
			ids = append(ids, d.id)
		}
	}
	r.unsure = r.unsure[:0]
	return ids
}

// report puts disagreements that last beside the rows, where rejects are counted.
func (r *rows) report() {
	for _, d := range r.unsure {
		r.reports = append(r.reports, connectors.Reject{
			Table: r.object.historyTable(), Key: strconv.FormatInt(d.id, 10) + "/" + d.property, Column: "value", Value: d.record,
			Reason: "the history ends with " + strconv.Quote(d.history) + ", and the record has another value, after several readings",
		})
	}
	r.unsure = r.unsure[:0]
	clear(r.doubted)
}

package hubspot

import (
	"context"
	"fmt"

	"merit/connectors/fault"
)

// takeBatch decodes a batch's reply, and sees to it that every record asked for
// is accounted for: HubSpot answers 207 with some of them missing.
func (r *reading) takeBatch(ctx context.Context, body *body, ids []int64, archived bool) error {
	left, err := r.decode(ctx, body, ids)
	if err != nil || len(left) == 0 {
		return err
	}
	if !r.rows.isExplained() {
		if left, err = r.again(ctx, left, archived); err != nil || len(left) == 0 {
			return err
		}
	}
	// Archived or restored since it was found.
	if left, err = r.again(ctx, left, !archived); err != nil {
		return err
	}
	for _, id := range left {
		r.rows.gone(id)
	}
	return nil
}

// again asks for records that a reply left out, until they come or are said not
// to exist.
func (r *reading) again(ctx context.Context, left []int64, archived bool) ([]int64, error) {
	for range batchAttempts {
		body, err := r.readBatch(ctx, r.object, left, archived)
		if err != nil {
			return nil, err
		}
		if left, err = r.decode(ctx, body, left); err != nil || len(left) == 0 || r.rows.isExplained() {
			return left, err
		}
	}
	why := "without saying why"
	for _, p := range r.rows.problems {
		if p.category != notFound {
			why = "because: " + p.message
			break
		}
	}
	return nil, fault.Errorf(fault.Them, "hubspot: %d %s were left out of a batch (%d among them) %s", len(left), r.object.name, left[0], why)
}

// decode takes a reply's records, and gives the ids that are not among them.
func (r *reading) decode(ctx context.Context, body *body, ids []int64) ([]int64, error) {
	if err := r.rows.page(body); err != nil {
		return nil, fmt.Errorf("hubspot batch of %s: %w", r.object.name, err)
	}
	r.bodies.put(body)
	if err := r.stillVisible(ctx); err != nil {
		return nil, err
	}
	left := missing(ids, r.rows.seen)
	if r.object.isSplits {
		return nil, r.rows.none(left)
	}
	return left, nil
}

// notFound is HubSpot's category for a record that does not exist where it was
// looked for.
const notFound = "OBJECT_NOT_FOUND"

// isExplained tells whether the last reply says of the records it lacks that they
// do not exist, and complains of nothing else.
func (r *rows) isExplained() bool {
	for _, p := range r.problems {
		if p.category != notFound {
			return false
		}
	}
	return len(r.problems) > 0
}

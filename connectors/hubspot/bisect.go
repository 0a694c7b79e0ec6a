package hubspot

import (
	"context"
	"errors"
)

// A rejected is a call that HubSpot does not understand: 400.
type rejected struct {
	error
	category string // HubSpot's own, "" where whoever answered gives none
}

// isInvalid tells whether HubSpot itself says that the call is not valid.
func isInvalid(err error) bool {
	var r rejected
	return errors.As(err, &r) && r.category == "VALIDATION_ERROR"
}

func isRejected(err error) bool {
	var r rejected
	return errors.As(err, &r)
}

// linkedCarefully is how many records' associations are asked for when a call for
// more of them is rejected: the limit was 100 before it became 1,000.
const linkedCarefully = 100

// allAssociations gives the links of records, in smaller calls from the first one on
// that is rejected for its size.
func (p *portal) allAssociations(ctx context.Context, o object, to string, ids []int64) ([]link, error) {
	most := linkedAtOnce
	if p.isCareful.Load() {
		most = linkedCarefully
	}
	var found []link
	for len(ids) > 0 {
		some := ids[:min(len(ids), most)]
		links, err := p.associations(ctx, o, to, some)
		if isRejected(err) && len(some) > linkedCarefully {
			p.isCareful.Store(true)
			most = linkedCarefully
			continue
		}
		if err != nil {
			return nil, err
		}
		found, ids = append(found, links...), ids[len(some):]
	}
	return found, nil
}

// A part is what one call of a batch brought.
type part struct {
	body *body
	ids  []int64
}

// readBatches reads records by their ids. One id that HubSpot stumbles over rejects
// its whole batch: then the halves are asked for, down to that one, whose reply
// speaks for itself.
func (p *portal) readBatches(ctx context.Context, o object, ids []int64, archived bool) ([]part, error) {
	body, err := p.readBatch(ctx, o, ids, archived)
	if err == nil {
		return []part{{body, ids}}, nil
	}
	if !isRejected(err) || len(ids) == 1 {
		return nil, err
	}
	first, err := p.readBatches(ctx, o, ids[:len(ids)/2], archived)
	if err != nil {
		return nil, err
	}
	second, err := p.readBatches(ctx, o, ids[len(ids)/2:], archived)
	return append(first, second...), err
}

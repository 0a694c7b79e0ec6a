package hsserver

import (
	"net/http"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// associationInputs is how many records one reply can be about: HubSpot's
// changelog of 10 February 2025.
const associationInputs = 1000

// associations serves POST /crm/associations/{version}/{from}/{to}/batch/read.
// A record that is associated with nothing is an error within a 207, and so is
// one that doesn't exist.
func (a *API) associations(dst []byte, r *http.Request) (int, []byte, error) {
	from, err := a.object(r.PathValue("from"))
	if err != nil {
		return 0, nil, err
	}
	to, err := a.object(r.PathValue("to"))
	if err != nil {
		return 0, nil, err
	}
	types, err := a.ties.kind(from, to)
	if err != nil {
		return 0, nil, err
	}
	members, err := body(r, "inputs")
	if err != nil {
		return 0, nil, err
	}
	var inputs []input
	if err := member(members, "inputs", &inputs); err != nil {
		return 0, nil, err
	}
	if len(inputs) > associationInputs {
		return 0, nil, invalid("The maximum number of inputs supported in a batch request is %d", associationInputs)
	}
	b := tieBatch{api: a, from: from, to: to, types: types, at: a.now(), version: r.PathValue("version")}
	dst = a.appendBatchHead(dst)
	for _, in := range inputs {
		if dst, err = b.append(dst, in); err != nil {
			return 0, nil, err
		}
	}
	dst = append(dst, ']')
	if b.faults == nil {
		return http.StatusOK, append(dst, '}'), nil
	}
	dst = append(dst, `,"numErrors":`...)
	dst = strconv.AppendInt(dst, int64(len(b.faults)), 10)
	dst = append(dst, `,"errors":[`...)
	for i, f := range b.faults {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendFault(dst, f)
	}
	return http.StatusMultiStatus, append(dst, "]}"...), nil
}

// A tieBatch gathers the reply to one batch of associations.
type tieBatch struct {
	api      *API
	from, to *object
	types    tieType
	at       company.Instant
	version  string
	written  int
	faults   []*fault
	list     []neighbour
}

func (b *tieBatch) append(dst []byte, in input) ([]byte, error) {
	id, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		b.faults = append(b.faults, invalidIdentifier(in.ID))
		return dst, nil
	}
	first := 0
	if in.After != "" {
		after, err := readToken(in.After)
		if err != nil {
			return nil, err
		}
		first = int(after)
	}
	var r record
	b.list = b.list[:0]
	if b.from.find(&r, id, b.at) && !r.archived() {
		b.list = b.api.ties.neighbours(b.list, b.from, b.to, r.index, b.at)
	}
	if first >= len(b.list) {
		b.faults = append(b.faults, unassociated(b.from, b.to, in.ID))
		return dst, nil
	}
	if b.written++; b.written > 1 {
		dst = append(dst, ',')
	}
	dst = append(dst, `{"from":{"id":"`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `"},"to":[`...)
	next := min(first+b.api.tiesAPage, len(b.list))
	for k, n := range b.list[first:next] {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = b.appendNeighbour(dst, n, first+k)
	}
	dst = append(dst, ']')
	if next < len(b.list) {
		path := "/crm/objects/" + b.version + "/" + b.from.typeID + "/" + in.ID + "/associations/" + b.to.typeID
		dst = appendPaging(dst, token(int64(next)), path)
	}
	return append(dst, '}'), nil
}

// appendNeighbour writes the id as a text in 2026-09 and as a number before.
func (b *tieBatch) appendNeighbour(dst []byte, n neighbour, place int) []byte {
	dst = append(dst, `{"toObjectId":`...)
	if b.version == "2026-09" {
		dst = append(dst, '"')
		dst = strconv.AppendInt(dst, b.to.ids.ids[n.index], 10)
		dst = append(dst, '"')
	} else {
		dst = strconv.AppendInt(dst, b.to.ids.ids[n.index], 10)
	}
	dst = append(dst, `,"associationTypes":[`...)
	if b.types.primary != 0 && b.isPrimary(place) {
		dst = appendTieType(dst, "HUBSPOT_DEFINED", b.types.primary, "Primary")
		dst = append(dst, ',')
	}
	dst = appendTieType(dst, "HUBSPOT_DEFINED", b.types.plain, "")
	if n.role != 0 {
		dst = append(dst, ',')
		dst = appendTieType(dst, "USER_DEFINED", int(n.role), b.api.portal.roles[n.role])
	}
	return append(dst, "]}"...)
}

// isPrimary: a record has one primary company, its first. Seen from the company
// each of its records is tied so.
func (b *tieBatch) isPrimary(place int) bool {
	return place == 0 || b.from.name == "companies"
}

func appendTieType(dst []byte, category string, id int, label string) []byte {
	dst = append(dst, `{"category":"`...)
	dst = append(dst, category...)
	dst = append(dst, `","typeId":`...)
	dst = strconv.AppendInt(dst, int64(id), 10)
	dst = append(dst, `,"label":`...)
	if label == "" {
		return append(dst, "null}"...)
	}
	dst = appendQuoted(dst, label)
	return append(dst, '}')
}

// inlineTies is how many associations a list tells of a record before it pages.
const inlineTies = 100

// appendInlineTies appends the member "associations" of a record in a list. Here
// an association has a row for each of its types, so that an id can come twice.
func (a *API) appendInlineTies(dst []byte, o *object, r *record, s *shape) []byte {
	if len(s.ties) == 0 || r.archived() {
		return dst
	}
	written := 0
	for _, to := range s.ties {
		list := a.ties.neighbours(nil, o, to, r.index, r.at)
		if len(list) == 0 {
			continue
		}
		if written++; written == 1 {
			dst = append(dst, `,"associations":{`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, to.name), `:{"results":[`...)
		shown := list[:min(len(list), inlineTies, a.tiesAPage)]
		for i, n := range shown {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = a.appendInlineTie(dst, o, to, n)
		}
		dst = append(dst, ']')
		if len(shown) < len(list) {
			path := "/crm/objects/" + s.version + "/" + o.name + "/" + text(o.ids.ids[r.index]) + "/associations/" + to.name
			dst = appendPaging(dst, token(int64(len(shown))), path)
		}
		dst = append(dst, '}')
	}
	if written == 0 {
		return dst
	}
	return append(dst, '}')
}

func (a *API) appendInlineTie(dst []byte, from, to *object, n neighbour) []byte {
	row := func(kind string) {
		dst = append(dst, `{"id":"`...)
		dst = strconv.AppendInt(dst, to.ids.ids[n.index], 10)
		dst = append(dst, `","type":`...)
		dst = append(appendQuoted(dst, kind), '}')
	}
	kind := from.singular + "_to_" + to.singular
	row(kind)
	if types, err := a.ties.kind(from, to); err == nil && types.primary != 0 {
		dst = append(dst, ',')
		row(kind + "_unlabeled")
	}
	if n.role != 0 {
		dst = append(dst, ',')
		row(strings.ReplaceAll(strings.ToLower(a.portal.roles[n.role]), " ", "_"))
	}
	return dst
}

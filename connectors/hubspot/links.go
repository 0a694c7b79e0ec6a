package hubspot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// linkedAtOnce is how many records one call gives the associations of (changelog,
// "Batch read limit for HubSpot associations API", February 2025).
const linkedAtOnce = 1000

// linkTable has, for each record and each kind of record that it may be linked
// to, a numbered list: row 0, 1, 2 … of it with the number of rows. An empty list
// has row 0 alone, with nothing in it. So a list that became shorter says so
// without a reading having to know what it was: a row whose ordinal is not below
// the links of row 0 is not in the list any more. Row 0 has the primary one.
func linkTable(name string) connectors.Table {
	return connectors.Table{
		Name: name,
		Key:  []string{"from_id", "to_type", "ordinal"},
		Schema: arrow.NewSchema([]arrow.Field{
			text("from_id"), text("to_type"), whole("ordinal"), whole("links"), text("to_id"),
			// Numbers of types are given out twice, by HubSpot and by the portal's people.
			text("category"), whole("type_id"), text("label"),
		}, nil),
	}
}

// A link is one association of a record, with one of its labels.
type link struct {
	from, to, kind  int64
	category, label string
}

func (l link) isPrimary() bool { return l.label == "Primary" }

// links turns associations into rows of a link table.
type links struct {
	builder                                                *decode.Builder
	from, kind, ordinal, count, to, category, typed, label int
	scratch                                                []byte
}

func newLinks(t connectors.Table) *links {
	b := decode.NewBuilder(t)
	return &links{builder: b,
		from: b.Column("from_id"), kind: b.Column("to_type"), ordinal: b.Column("ordinal"), count: b.Column("links"),
		to: b.Column("to_id"), category: b.Column("category"), typed: b.Column("type_id"), label: b.Column("label"),
	}
}

// write gives one record's list as rows.
func (l *links) write(from int64, toType string, list []link) {
	for i := range max(len(list), 1) {
		l.set(l.from, from)
		l.builder.Set(l.kind, []byte(toType))
		l.set(l.ordinal, int64(i))
		l.set(l.count, int64(len(list)))
		if i < len(list) {
			l.set(l.to, list[i].to)
			if list[i].kind != 0 {
				l.set(l.typed, list[i].kind)
			}
			l.builder.Set(l.category, []byte(list[i].category))
			l.builder.Set(l.label, []byte(list[i].label))
		}
		l.builder.EndRow()
	}
}

func (l *links) set(column int, n int64) {
	l.scratch = strconv.AppendInt(l.scratch[:0], n, 10)
	l.builder.Set(column, l.scratch)
}

// all writes a list for each of the records asked for: those without a link too.
func (l *links) all(asked []int64, toType string, found []link) {
	slices.SortFunc(found, func(a, b link) int {
		if c := cmp.Compare(a.from, b.from); c != 0 {
			return c
		}
		if a.isPrimary() != b.isPrimary() {
			if a.isPrimary() {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.category, b.category), cmp.Compare(a.kind, b.kind), cmp.Compare(a.label, b.label))
	})
	found = slices.Compact(found)
	slices.Sort(asked)
	for _, id := range slices.Compact(asked) {
		for len(found) > 0 && found[0].from < id { // nobody asked for it
			found = found[1:]
		}
		own := 0
		for own < len(found) && found[own].from == id {
			own++
		}
		l.write(id, toType, found[:own])
		found = found[own:]
	}
}

// swallowed writes the records that were merged into one: HubSpot shows them
// nowhere else.
func (l *links) swallowed(id int64, singular string, ids []byte) {
	var list []link
	for loser := range bytes.SplitSeq(ids, []byte{';'}) {
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(loser)), 10, 64); err == nil && n != id {
			list = append(list, link{from: id, to: n})
		}
	}
	l.write(id, "merged_"+singular, list)
}

// singular: links name what they lead to as people do.
func singular(object string) string {
	if object == "companies" {
		return "company"
	}
	return strings.TrimSuffix(object, "s")
}

// An input names a record, and where its list of associations goes on.
type input struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
}

// associations gives all links from records of o to another kind, however many
// pages each record's list has.
func (p *portal) associations(ctx context.Context, o object, to string, ids []int64) ([]link, error) {
	inputs := make([]input, len(ids))
	for i, id := range ids {
		inputs[i].ID = strconv.FormatInt(id, 10)
	}
	found := make([]link, 0, len(ids)*2)
	var repeated rounds
	for len(inputs) > 0 {
		body, err := p.read(ctx, rest.Call{
			Method: http.MethodPost,
			Path:   p.path("crm/associations", o.name, to, "batch/read"),
			JSON:   map[string][]input{"inputs": inputs},
		})
		if err != nil {
			return nil, err
		}
		var more []input
		found, more, err = readLinks(body, found)
		p.bodies.put(body)
		if err != nil {
			return nil, fmt.Errorf("hubspot associations of %s with %s: %w", o.name, to, err)
		}
		if len(more) > 0 && repeated.isRepeated(marks(more)) {
			return nil, fault.Errorf(fault.Them, "hubspot: the associations of %s with %s go in a circle", o.name, to)
		}
		inputs = more
	}
	return found, nil
}

func marks(inputs []input) string {
	encoded, _ := json.Marshal(inputs) // texts always marshal
	return string(encoded)
}

// readLinks appends a reply's links, and tells whose lists go on.
func readLinks(body *body, found []link) ([]link, []input, error) {
	var more []input
	isPage := false
	d := decode.NewJSON(&body.Buffer)
	err := decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "results":
			isPage = d.PeekKind() == '['
			return decode.Array(d, func() error {
				from, after, list, err := readList(d, found)
				if after != "" {
					more = append(more, input{ID: strconv.FormatInt(from, 10), After: after})
				}
				found = list
				return err
			})
		case "errors":
			return decode.Array(d, func() error { return unlinked(d) })
		}
		return decode.Skip(d)
	})
	return found, more, wholePage(d, isPage, err)
}

// readList reads the associations of one record, which may be named last.
func readList(d *jsontext.Decoder, found []link) (from int64, after string, list []link, err error) {
	first := len(found)
	err = decode.Members(d, func(name []byte) (err error) {
		switch string(name) {
		case "from":
			from, err = memberID(d, "id")
			return err
		case "to":
			return decode.Array(d, func() (err error) {
				found, err = readLink(d, found)
				return err
			})
		case "paging":
			after, err = next(d)
			return err
		}
		return decode.Skip(d)
	})
	for i := range found[first:] {
		found[first+i].from = from
	}
	if err == nil && from == 0 {
		err = fault.Errorf(fault.Them, "associations of nobody")
	}
	return from, after, found, err
}

// readLink reads {"toObjectId": 1, "associationTypes": [{"typeId": 3, "label": …}]},
// a row for each label.
func readLink(d *jsontext.Decoder, found []link) ([]link, error) {
	first := len(found)
	var to int64
	isTyped := false
	err := decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "toObjectId": // a number, or since 2026-09 a text
			text, _, err := decode.Text(d, nil)
			if err != nil {
				return err
			}
			to, err = number(text)
			return err
		case "associationTypes":
			isTyped = d.PeekKind() == '['
			return decode.Array(d, func() error {
				l, err := readLabel(d)
				found = append(found, l)
				return err
			})
		}
		return decode.Skip(d)
	})
	if len(found) == first {
		found = append(found, link{})
	}
	for i := range found[first:] {
		found[first+i].to = to
	}
	switch {
	case err == nil && to == 0:
		err = fault.Errorf(fault.Them, "an association with nobody")
	case err == nil && !isTyped:
		err = fault.Errorf(fault.Them, "an association of no type")
	}
	return found, err
}

func readLabel(d *jsontext.Decoder) (l link, err error) {
	err = decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "typeId":
			text, _, err := decode.Text(d, nil)
			l.kind, _ = strconv.ParseInt(string(text), 10, 64)
			return err
		case "category":
			text, _, err := decode.Text(d, nil)
			l.category = string(text)
			return err
		case "label":
			text, _, err := decode.Text(d, nil)
			l.label = string(text)
			return err
		}
		return decode.Skip(d)
	})
	return l, err
}

// memberID reads the id in an object such as {"id": "7"}.
func memberID(d *jsontext.Decoder, member string) (id int64, err error) {
	err = decode.Members(d, func(name []byte) error {
		if string(name) != member {
			return decode.Skip(d)
		}
		text, _, err := decode.Text(d, nil)
		if err != nil {
			return err
		}
		id, err = number(text)
		return err
	})
	return id, err
}

// unlinked reads one error of an associations' reply. That a record has none is
// no error; everything else is, for links that are missing without a word are the
// worst kind.
func unlinked(d *jsontext.Decoder) error {
	raw, err := d.ReadValue()
	if err != nil {
		return fault.Errorf(fault.Them, "errors of associations: %w", err)
	}
	var e struct {
		Category, SubCategory, Message string
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return fault.Errorf(fault.Them, "errors of associations: %w", err)
	}
	if e.Category == "OBJECT_NOT_FOUND" || strings.HasSuffix(e.SubCategory, "NO_ASSOCIATIONS_FOUND") {
		return nil
	}
	return fault.Errorf(fault.Them, "associations were not given: %s", e.Message)
}

package hubspot

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

// Who shares in a deal can only be asked for deal by deal; nothing lists splits, and
// nobody says that a new one moves its deal's date of last change. So deals are
// found as ever, and the sweep finds the rest. Splits are part of Sales Enterprise.

// splitObject has the deals' splits.
func splitObject() object {
	return object{name: "deal_splits", singular: "deal_split", of: dealsName, modified: modified, isSoft: true, isSplits: true}
}

// splitTable has a numbered list for each deal, as a link table has: a row whose
// ordinal is not below the splits of row 0 is left over from a longer list, and a
// deal without any has row 0 with nothing in it.
func splitTable() connectors.Table {
	return connectors.Table{
		Name: "deal_splits", Key: []string{"deal_id", "ordinal"},
		Schema: arrow.NewSchema([]arrow.Field{
			text("deal_id"), whole("ordinal"), whole("splits"), text("id"), text("hubspot_owner_id"),
			decimal("hs_deal_split_percentage"), // a part of 1
			instant("createdAt"), instant("updatedAt"),
		}, nil),
	}
}

// splits turns replies about splits into rows of that table.
type splits struct {
	builder                      *decode.Builder
	deal, ordinal, count         int
	id, owner, part, made, moved int
	list                         []split
	scratch                      []byte
}

type split struct{ id, owner, part, made, moved string }

func newSplits(b *decode.Builder) *splits {
	return &splits{
		builder: b, deal: b.Column("deal_id"), ordinal: b.Column("ordinal"), count: b.Column("splits"), id: b.Column("id"),
		owner: b.Column("hubspot_owner_id"), part: b.Column("hs_deal_split_percentage"), made: b.Column("createdAt"), moved: b.Column("updatedAt"),
	}
}

// read reads {"id": "7", "splits": [{"id": …, "properties": {…}}]}.
func (s *splits) read(d *jsontext.Decoder) (deal int64, err error) {
	s.list = s.list[:0]
	err = decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "id":
			text, _, err := decode.Text(d, nil)
			if err != nil {
				return err
			}
			deal, err = number(text)
			return err
		case "splits":
			return decode.Array(d, func() error { return s.one(d) })
		}
		return decode.Skip(d)
	})
	if err == nil && deal == 0 {
		err = fault.Errorf(fault.Them, "splits of no deal")
	}
	if err == nil {
		s.write(deal, s.list)
	}
	return deal, err
}

func (s *splits) one(d *jsontext.Decoder) error {
	var one split
	isArchived := false
	err := decode.Members(d, func(name []byte) error {
		to := map[string]*string{"id": &one.id, "createdAt": &one.made, "updatedAt": &one.moved}[string(name)]
		switch {
		case string(name) == "properties":
			return decode.Members(d, func(name []byte) error {
				to := map[string]*string{"hs_deal_split_percentage": &one.part, "hubspot_owner_id": &one.owner}[string(name)]
				return textInto(d, to)
			})
		case string(name) == "archived":
			text, _, err := decode.Text(d, nil)
			isArchived = string(text) == "true"
			return err
		}
		return textInto(d, to)
	})
	if !isArchived {
		s.list = append(s.list, one)
	}
	return err
}

// textInto reads a scalar, or skips the value where nobody wants it.
func textInto(d *jsontext.Decoder, to *string) error {
	if to == nil {
		return decode.Skip(d)
	}
	text, _, err := decode.Text(d, nil)
	*to = string(text)
	return err
}

// write gives a deal's splits as rows.
func (s *splits) write(deal int64, list []split) {
	for i := range max(len(list), 1) {
		s.set(s.deal, deal)
		s.set(s.ordinal, int64(i))
		s.set(s.count, int64(len(list)))
		if i < len(list) {
			one := list[i]
			s.builder.Set(s.id, []byte(one.id))
			s.builder.Set(s.owner, []byte(one.owner))
			s.builder.Set(s.part, []byte(one.part))
			s.builder.Set(s.made, []byte(one.made))
			s.builder.Set(s.moved, []byte(one.moved))
		}
		s.builder.EndRow()
	}
}

func (s *splits) set(column int, n int64) {
	s.scratch = strconv.AppendInt(s.scratch[:0], n, 10)
	s.builder.Set(column, s.scratch)
}

// none writes that deals which a reply leaves out have no splits, unless it says
// that something went wrong.
func (r *rows) none(deals []int64) error {
	for _, p := range r.problems {
		if p.category != notFound {
			return fault.Errorf(fault.Them, "hubspot: the splits of %d deals were not given: %s", len(deals), p.message)
		}
	}
	for _, deal := range deals {
		r.splits.write(deal, nil)
	}
	return nil
}

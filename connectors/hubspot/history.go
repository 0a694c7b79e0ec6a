package hubspot

import (
	"cmp"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
)

// noSource stands for a version whose source HubSpot names no id of: a key column
// is never null.
const noSource = "none"

// historyTable has a row for each version of a tracked property. Versions only
// ever come, so the rows never change and their key says all. A version that was
// the oldest one kept is_truncated; the same version read together with the one
// before it is not, which is another row: whoever has that one knows more.
func historyTable(name string) connectors.Table {
	return connectors.Table{
		Name: name,
		Key:  []string{"object_id", "property", "timestamp", "source_id", "ordinal", "is_truncated"},
		Schema: arrow.NewSchema([]arrow.Field{
			text("object_id"), text("property"), instant("timestamp"), text("source_id"),
			// Among the versions of one millisecond: 0 is the last, 1 the one before it.
			// Counted from the newest, as the oldest ones fall out of sight.
			whole("ordinal"),
			flag("is_truncated"),
			text("value"),      // as HubSpot has it; null: cleared
			decimal("number"),  // the value of a number property
			instant("instant"), // the value of a date or datetime property
			text("source_type"), whole("updated_by_user_id"),
		}, nil),
	}
}

// history turns propertiesWithHistory into rows of a history table.
type history struct {
	builder  *decode.Builder
	tracked  map[string]tracked
	kept     int // versions that HubSpot keeps
	columns  historyColumns
	versions []version // of the record being read
	arena    []byte    // their texts
	scratch  []byte
}

type historyColumns struct {
	object, property, at, source, ordinal, truncated, value, number, instant, kind, user int
}

// A tracked is a property whose versions are kept.
type tracked struct {
	name  []byte
	typed int // the column that has the value in its type; -1: it is a text
}

// A span is a text in the arena.
type span struct{ from, to int }

type version struct {
	tracked                       tracked
	at, value, kind, source, user span
	ordinal                       int
	isTruncated                   bool
}

func newHistory(t connectors.Table, o object, kinds map[string]arrow.Type) *history {
	b := decode.NewBuilder(t)
	h := &history{builder: b, tracked: map[string]tracked{}, kept: cmp.Or(o.versions, versionsKept), columns: historyColumns{
		object: b.Column("object_id"), property: b.Column("property"), at: b.Column("timestamp"), source: b.Column("source_id"),
		ordinal: b.Column("ordinal"), truncated: b.Column("is_truncated"), value: b.Column("value"), number: b.Column("number"),
		instant: b.Column("instant"), kind: b.Column("source_type"), user: b.Column("updated_by_user_id"),
	}}
	for _, name := range o.tracked {
		typed := -1
		switch kinds[name] {
		case arrow.DECIMAL128:
			typed = h.columns.number
		case arrow.TIMESTAMP, arrow.DATE32:
			typed = h.columns.instant
		}
		h.tracked[name] = tracked{name: []byte(name), typed: typed}
	}
	return h
}

func (h *history) begin() { h.versions, h.arena = h.versions[:0], h.arena[:0] }

// read takes {"dealstage": [version, …], …}, each list newest first.
func (h *history) read(d *jsontext.Decoder) error {
	return decode.Members(d, func(name []byte) error {
		property, ok := h.tracked[string(name)]
		if !ok {
			return decode.Skip(d)
		}
		first := len(h.versions)
		if err := decode.Array(d, func() error { return h.version(d, property) }); err != nil {
			return err
		}
		h.number(h.versions[first:])
		return nil
	})
}

func (h *history) version(d *jsontext.Decoder, property tracked) error {
	v := version{tracked: property}
	err := decode.Members(d, func(name []byte) error {
		var to *span
		switch string(name) {
		case "value":
			to = &v.value
		case "timestamp":
			to = &v.at
		case "sourceType":
			to = &v.kind
		case "sourceId":
			to = &v.source
		case "updatedByUserId":
			to = &v.user
		default:
			return decode.Skip(d)
		}
		from := len(h.arena)
		text, _, err := decode.Text(d, h.arena[from:])
		if from+len(text) <= cap(h.arena) { // it was written in its place
			h.arena = h.arena[:from+len(text)]
		} else {
			h.arena = append(h.arena, text...)
		}
		*to = span{from, len(h.arena)}
		return err
	})
	h.versions = append(h.versions, v)
	return err
}

// number counts the versions of each millisecond, and marks the oldest one when
// HubSpot may have forgotten what was before it.
func (h *history) number(list []version) {
	for i := 1; i < len(list); i++ {
		if string(h.text(list[i].at)) == string(h.text(list[i-1].at)) {
			list[i].ordinal = list[i-1].ordinal + 1
		}
	}
	if len(list) >= h.kept {
		list[len(list)-1].isTruncated = true
	}
}

func (h *history) text(s span) []byte { return h.arena[s.from:s.to] }

// write gives the versions of the record as rows.
func (h *history) write(id []byte) {
	b, at := h.builder, &h.columns
	for i := range h.versions {
		v := &h.versions[i]
		value := h.text(v.value)
		b.Set(at.object, id)
		b.Set(at.property, v.tracked.name)
		b.Set(at.at, h.text(v.at))
		b.Set(at.value, value)
		if source := h.text(v.source); len(source) > 0 {
			b.Set(at.source, source)
		} else {
			b.Set(at.source, []byte(noSource))
		}
		h.scratch = strconv.AppendInt(h.scratch[:0], int64(v.ordinal), 10)
		b.Set(at.ordinal, h.scratch)
		h.scratch = strconv.AppendBool(h.scratch[:0], v.isTruncated)
		b.Set(at.truncated, h.scratch)
		switch v.tracked.typed {
		case -1:
		case at.number:
			b.Set(at.number, value)
		default:
			b.Set(v.tracked.typed, value)
		}
		b.Set(at.kind, h.text(v.kind))
		b.Set(at.user, h.text(v.user))
		b.EndRow()
	}
}

package hsserver

import (
	"cmp"
	"slices"
	"strconv"

	"merit/connectors/sandbox/company"
)

// A property is a column of an object.
type property struct {
	name, label, kind, field string // kind and field are HubSpot's type and fieldType
	group                    string
	options                  []option
	calculated               bool // by HubSpot: no history, and no part of "last modified"
	custom                   bool // made by the portal's own people
	late                     bool // settled when an activity is completed, not when it is logged
	money                    bool
	outside                  bool // options come from elsewhere (pipelines, owners)

	// value appends the property's text; false is null.
	value func(r *record, dst []byte) ([]byte, bool)
	// whole gives ids and instants without their text, for searches; may be nil.
	whole func(r *record) int64
	// tracked is the deal's field whose changes are its history; untracked: none.
	tracked int
	// past gives the versions of what is no deal's, the oldest first; nil: there is one.
	past func(r *record) []past

	key []byte // "name":
}

const untracked = -1

type option struct{ value, label string }

// A catalogue is an object's properties by name.
type catalogue struct {
	sorted []*property
	byName map[string]*property
}

func newCatalogue(list []*property) *catalogue {
	c := &catalogue{sorted: list, byName: make(map[string]*property, len(list))}
	slices.SortFunc(c.sorted, func(a, b *property) int { return cmp.Compare(a.name, b.name) })
	for _, p := range list {
		p.key = append(appendQuoted(nil, p.name), ':')
		c.byName[p.name] = p
	}
	return c
}

// without is the catalogue as an app sees it that must not read a property.
func (c *catalogue) without(name string) *catalogue {
	return newCatalogue(slices.DeleteFunc(slices.Clone(c.sorted), func(p *property) bool { return p.name == name }))
}

// choose gives the named properties in order of name; those that the object does
// not have are left out without a word, as HubSpot does.
func (c *catalogue) choose(names ...[]string) []*property {
	var chosen []*property
	for _, list := range names {
		for _, name := range list {
			if p, ok := c.byName[name]; ok {
				chosen = append(chosen, p)
			}
		}
	}
	slices.SortFunc(chosen, func(a, b *property) int { return cmp.Compare(a.name, b.name) })
	return slices.Compact(chosen)
}

func (p *portal) properties(o *object) []*property {
	var list []*property
	switch o.name {
	case "deals":
		list = append(p.dealProperties(), p.stageProperties()...)
	case "companies":
		list = p.companyProperties()
	case "contacts":
		list = p.contactProperties()
	default:
		if list = p.furtherProperties(o); p.isActivity(o) {
			list = p.activityProperties(o)
		}
	}
	for _, q := range list {
		q.group = cmp.Or(q.group, o.singular+"information")
	}
	return list
}

// The constructors below name HubSpot's types: number, string, datetime, bool
// and enumeration.

func textOf(name, label string, get func(r *record) string) *property {
	return &property{name: name, label: label, kind: "string", field: "text", tracked: untracked,
		value: func(r *record, dst []byte) ([]byte, bool) {
			text := get(r)
			return append(dst, text...), text != ""
		}}
}

func choiceOf(name, label string, options []option, get func(r *record) string) *property {
	q := textOf(name, label, get)
	q.kind, q.field, q.options = "enumeration", "select", options
	return q
}

func boolOf(name, label string, get func(r *record) bool) *property {
	return &property{name: name, label: label, kind: "bool", field: "booleancheckbox", tracked: untracked,
		value: func(r *record, dst []byte) ([]byte, bool) { return strconv.AppendBool(dst, get(r)), true }}
}

// instantOf is null for the instant 0.
func instantOf(name, label string, get func(r *record) company.Instant) *property {
	return &property{name: name, label: label, kind: "datetime", field: "date", tracked: untracked,
		whole: func(r *record) int64 { return int64(get(r)) },
		value: func(r *record, dst []byte) ([]byte, bool) {
			at := get(r)
			if at == 0 {
				return dst, false
			}
			return appendInstant(dst, at), true
		}}
}

// numberOf is null for numbers below 0.
func numberOf(name, label string, get func(r *record) int64) *property {
	return &property{name: name, label: label, kind: "number", field: "number", tracked: untracked,
		value: func(r *record, dst []byte) ([]byte, bool) {
			n := get(r)
			if n < 0 {
				return dst, false
			}
			return strconv.AppendInt(dst, n, 10), true
		}}
}

// idOf is the property that every object has its id in.
func idOf(ids *numbering) *property {
	id := func(r *record) int64 { return ids.ids[r.index] }
	q := numberOf("hs_object_id", "Record ID", id)
	q.whole = id
	return q
}

func (p *portal) ownerOf(get func(r *record) int) *property {
	q := choiceOf("hubspot_owner_id", "Owner", nil, func(r *record) string {
		if i := get(r); i >= 0 && i < len(p.owners.ids) {
			return text(p.owners.ids[i])
		}
		return ""
	})
	q.outside = true
	return q
}

func (q *property) isCalculated() *property { q.calculated = true; return q }
func (q *property) isCustom() *property     { q.custom = true; return q }
func (q *property) isLate() *property       { q.late = true; return q }

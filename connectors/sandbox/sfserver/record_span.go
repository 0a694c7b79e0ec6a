package sfserver

import "merit/connectors/sandbox/company"

// A span is when a record came up, last changed and went, and by whom.
type span struct {
	created  company.Instant
	modified company.Instant // as far as the view sees; 0: not since it came up
	deleted  company.Instant // 0: it is still there
	by       int
}

// A column is a field of an object whose records are things of type T.
type column[T any] struct {
	field
	get func(*view, *T) value
}

func of[T any](f field, get func(*view, *T) value) column[T] { return column[T]{f, get} }

// Fields by describe's type, for columns.

func named(name string, length int) field { return field{name: name, kind: "string", length: length} }

func chosen(name string) field { return field{name: name, kind: "picklist", length: 255} }

func money(name string) field { return field{name: name, kind: "currency"} }

func flag(name string) field { return field{name: name, kind: "boolean"} }

func day(name string) field { return field{name: name, kind: "date"} }

func instantField(name string) field { return field{name: name, kind: "datetime"} }

// listed is an object that shows the things of a list one by one. Its records have
// ids by their number, which rises from thing to thing.
func listed[T any](o object, things []T, number func(int, *T) int64, live func(*view, *T) span, columns ...column[T]) object {
	fields := []field{id()}
	for _, c := range columns {
		f := c.field
		f.get = func(v *view, r *record) value { return c.get(v, r.thing.(*T)) }
		fields = append(fields, f)
	}
	o.fields, o.ordered = append(fields, o.fields...), true
	o.size = func(*company.Company) int { return len(things) }
	o.load = func(v *view, index int, rows []record) []record {
		thing := &things[index]
		s := live(v, thing)
		r := v.simple(identityOf("", o.prefix, number(index, thing)), index, s.by, s.created, s.deleted)
		r.thing = thing
		if !r.deleted {
			r.modified = max(r.modified, s.modified)
		}
		if s.created == 0 {
			return rows
		}
		return v.visible(rows, r, s.deleted)
	}
	return o
}

// inTurn numbers the things of a list as they come.
func inTurn[T any](index int, _ *T) int64 { return int64(index) }

// withDeletion is what records have that can be deleted: the mark, and the stamps.
func withDeletion() []field { return append([]field{deletion()}, audit()...) }

// until gives an instant that has come by then, and 0 for one that is still to come.
func (v *view) until(at company.Instant) company.Instant {
	if at > v.now {
		return 0
	}
	return at
}

// ofDeal is the life of what hangs on a deal and goes with it.
func (v *view) ofDeal(deal int, s span) span {
	d := &v.story.Deals[deal]
	if d.DeletedAt != 0 && (s.deleted == 0 || d.DeletedAt < s.deleted) {
		s.deleted = d.DeletedAt
	}
	if !d.ExistsAt(v.now) || s.deleted != 0 && s.created >= s.deleted {
		s.created = 0
	}
	return s
}

// currency is the code of a deal's money.
func (v *view) currency(deal int) value {
	if code := v.story.Deals[deal].Currency; code != "" {
		return textOf(code)
	}
	return textOf(v.story.Currency)
}

// isoCode is the field by which an org with several currencies says which one.
func isoCode() field { return field{name: "CurrencyIsoCode", kind: "picklist", length: 3} }

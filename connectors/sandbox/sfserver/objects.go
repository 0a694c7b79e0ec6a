package sfserver

import (
	"strings"
	"time"

	"merit/connectors/sandbox/company"
)

// An object is a kind of record, as describe lists it.
type object struct {
	name   string
	label  string
	prefix string
	fields []field
	size   func(*company.Company) int
	// load appends the records, at the view's instant, that the index-th part of the
	// story has: a deal has one Opportunity and many OpportunityHistory.
	load func(v *view, index int, rows []record) []record
	// ordered: records come up in the order of their ids.
	ordered bool
}

// A field is a column of an object.
type field struct {
	name     string
	label    string
	kind     string // describe's type
	length   int
	to       []string // objects that a reference may name
	formula  bool     // changes without a stamp
	scale    int      // digits behind the point, where they are not those of the kind
	compound string   // the field that shows this one together with others
	get      func(*view, *record) value
}

// A view is the story as it can be seen at one instant.
type view struct {
	story  *company.Company
	now    company.Instant
	zone   *time.Location
	stages map[string]*company.Stage
	books  *books
	purge  time.Duration // deleted records vanish so long after; 0: never
}

// A record is one row of an object at the view's instant.
type record struct {
	id       value
	created  company.Instant
	by       int // who created it
	modified company.Instant
	editor   int // who changed it last
	deleted  bool
	archived bool // only queryAll shows it
	index    int  // in the story
	deal     *company.Deal
	state    company.State
	moment   moment
	change   change
	role     *company.Role
	extra    map[string]string
	thing    any // what a listed object's record shows
}

// gone tells whether a deleted record has left the recycle bin too.
func (v *view) gone(deleted company.Instant) bool {
	return v.purge > 0 && deleted != 0 && deleted+company.Instant(v.purge.Milliseconds()) <= v.now
}

func (v *view) user(index int) value {
	if index < 0 || index >= len(v.story.Users) {
		return value{}
	}
	return identityOf(v.story.Users[index].ID, prefixUser, int64(index))
}

func (v *view) account(index int) value {
	if index < 0 || index >= len(v.story.Accounts) {
		return value{}
	}
	return identityOf(v.story.Accounts[index].ID, prefixAccount, int64(index))
}

func (v *view) contact(index int) value {
	if index < 0 || index >= len(v.story.Contacts) {
		return value{}
	}
	return identityOf(v.story.Contacts[index].ID, prefixContact, int64(index))
}

func (v *view) opportunity(index int) value {
	if index < 0 || index >= len(v.story.Deals) {
		return value{}
	}
	return identityOf(v.story.Deals[index].ID, prefixOpportunity, int64(index))
}

// date is the day of an instant where the company is.
func (v *view) date(at company.Instant) value {
	if at == 0 {
		return value{}
	}
	return textOf(at.Time().In(v.zone).Format(time.DateOnly))
}

// Constructors of fields, by describe's type.

func id() field {
	return field{name: "Id", kind: "id", length: 18, get: func(_ *view, r *record) value { return r.id }}
}

func text(name string, length int, get func(*view, *record) value) field {
	return field{name: name, kind: "string", length: length, get: get}
}

func picklist(name string, get func(*view, *record) value) field {
	return field{name: name, kind: "picklist", length: 255, get: get}
}

func reference(name, to string, get func(*view, *record) value) field {
	return field{name: name, kind: "reference", length: 18, to: strings.Fields(to), get: get}
}

func typed(kind, name string, get func(*view, *record) value) field {
	return field{name: name, kind: kind, get: get}
}

func (f field) in(compound string) field {
	f.compound = compound
	return f
}

func nothing(*view, *record) value { return value{} }

// address is a compound field and its parts, which this company leaves empty.
func address(name string) []field {
	part := strings.TrimSuffix(name, "Address")
	fields := []field{{name: name, kind: "address", get: nothing}}
	for _, of := range []string{"Street", "City", "State", "PostalCode", "Country"} {
		fields = append(fields, text(part+of, 80, nothing).in(name))
	}
	return fields
}

// deletion is the field by which queryAll tells deleted records.
func deletion() field {
	return typed("boolean", "IsDeleted", func(_ *view, r *record) value { return booleanOf(r.deleted) })
}

// audit is the fields by which every record says who made and changed it when.
func audit() []field {
	return []field{
		createdDate(), createdBy(),
		typed("datetime", "LastModifiedDate", func(_ *view, r *record) value { return instantOf(r.modified) }),
		reference("LastModifiedById", "User", func(v *view, r *record) value { return v.user(r.editor) }),
		modstamp(),
	}
}

func createdDate() field {
	return typed("datetime", "CreatedDate", func(_ *view, r *record) value { return instantOf(r.created) })
}

func createdBy() field {
	return reference("CreatedById", "User", func(v *view, r *record) value { return v.user(r.by) })
}

func modstamp() field {
	return typed("datetime", "SystemModstamp", func(_ *view, r *record) value { return instantOf(r.modified) })
}

// field finds a field by name, whatever its case.
func (o *object) field(name string) *field {
	for i := range o.fields {
		if strings.EqualFold(o.fields[i].name, name) {
			return &o.fields[i]
		}
	}
	return nil
}

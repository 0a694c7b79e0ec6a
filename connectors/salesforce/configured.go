package salesforce

import (
	"slices"
	"strings"

	"merit/connectors"
	"merit/connectors/fault"
)

// configured are the objects that merit.yml lists under objects, read with all their
// fields. A question mark behind a name says that this org may not have it: objects
// come and go with features (DatedConversionRate, Territory2, OpportunitySplit), and
// whether a missing one is a mistake, only a person knows.
func configured(list []string) ([]object, error) {
	var all []object
	for _, entry := range list {
		name, isSoft := strings.CutSuffix(entry, "?")
		if !fieldName.MatchString(name) {
			return nil, fault.Errorf(fault.You, "salesforce: objects has %q, but each must look like Renewal__c, or Territory2? where the org may not have it", entry)
		}
		if slices.ContainsFunc(all, func(o object) bool { return strings.EqualFold(o.name, name) }) {
			return nil, fault.Errorf(fault.You, "salesforce: objects has %s twice", name)
		}
		all = append(all, object{name: name, why: "what merit.yml lists it under objects for", isWhole: true, isSoft: isSoft})
	}
	return all, nil
}

// cursors are the fields by which an increment can be cut, the best first: a
// SystemModstamp moves with every change, a LastModifiedDate with those by people,
// and the others say when a row was made that never changes.
var cursors = [...]string{"SystemModstamp", "LastModifiedDate", "CreatedDate", "LoginTime"}

// asDescribed gives an object of merit.yml what its describe tells: all fields but
// compounds and files, and the cursor.
func (o object) asDescribed(d describe) (object, error) {
	has := map[string]bool{}
	var names []string
	for _, f := range d.Fields {
		if _, err := arrowType(f); err == nil {
			names = append(names, f.Name)
			has[f.Name] = true
		}
	}
	o.name, o.keeps = d.Name, strings.Join(names, " ")
	for _, cursor := range cursors {
		if !has[cursor] {
			continue
		}
		o.cursor = cursor
		if cursor == "CreatedDate" || cursor == "LoginTime" {
			o.kind = history
		}
		return o, nil
	}
	return o, fault.Errorf(fault.You,
		"salesforce: %s has none of the fields %s, by which changes are found; take it out of objects", o.name, strings.Join(cursors[:], ", "))
}

// objectOf is the object behind a stream.
func (a *account) objectOf(s connectors.Stream) (object, bool) {
	if _, known := objectNamed(s.Name); known {
		all := a.objects()
		return all[slices.IndexFunc(all, func(o object) bool { return o.name == s.Name })], true
	}
	isConfigured := slices.ContainsFunc(a.more, func(o object) bool { return strings.EqualFold(o.name, s.Name) })
	if !isConfigured || len(s.Tables) == 0 {
		return object{}, false
	}
	o := object{name: s.Name}
	for _, cursor := range cursors {
		if len(s.Tables[0].Schema.FieldIndices(cursor)) == 1 {
			o.cursor = cursor
			break
		}
	}
	if s.Tables[0].Version == "" {
		o.kind = history
	}
	return o, o.cursor != ""
}

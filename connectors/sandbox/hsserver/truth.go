package hsserver

import (
	"fmt"
	"strconv"

	"merit/connectors/sandbox/company"
)

// What follows is for tests: what a reader of this portal must find, without
// going through HTTP.

// Counts gives how many records of each object can be read now, those in the
// recycle bin and owners who left included.
func (a *API) Counts() map[string]int {
	counts := map[string]int{"owners": 0}
	for _, o := range a.objects {
		v := o.view(a.now())
		counts[o.name] = len(v.live) + len(v.archived)
	}
	for i := range a.portal.owners.ids {
		if a.isOwner(i, true) || a.isOwner(i, false) {
			counts["owners"]++
		}
	}
	return counts
}

// IDs gives the ids that can be listed now, in order, and those in the recycle
// bin.
func (a *API) IDs(object string) (live, archived []string, err error) {
	o, err := a.known(object)
	if err != nil {
		return nil, nil, err
	}
	v := o.view(a.now())
	for _, i := range v.live {
		live = append(live, text(o.ids.ids[i]))
	}
	for _, i := range v.archived {
		archived = append(archived, text(o.ids.ids[i]))
	}
	return live, archived, nil
}

// Value gives a record's property as it is now; false is null.
func (a *API) Value(object, id, property string) (string, bool, error) {
	o, err := a.known(object)
	if err != nil {
		return "", false, err
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return "", false, fmt.Errorf("%s id %q: %w", object, id, err)
	}
	var r record
	q, ok := o.catalogue.Load().byName[property]
	if !ok || !o.find(&r, n, a.now()) {
		return "", false, fmt.Errorf("no property %s of %s %s", property, object, id)
	}
	value, there := q.value(&r, nil)
	return string(value), there, nil
}

// A Version is a value that a property had from an instant on.
type Version struct {
	At    company.Instant
	Value string
}

// Past is the versions of a record's property that is no deal's, the oldest first.
func (a *API) Past(object, id, property string) []Version {
	o, err := a.known(object)
	n, errID := strconv.ParseInt(id, 10, 64)
	var r record
	if err != nil || errID != nil || !o.find(&r, n, a.now()) {
		return nil
	}
	q, ok := o.catalogue.Load().byName[property]
	if !ok || q.past == nil {
		return nil
	}
	var all []Version
	for _, v := range q.past(&r) {
		all = append(all, Version{v.at, v.value})
	}
	return all
}

// Requests is how many requests have been answered, refused ones included.
func (a *API) Requests() int64 { return a.requests.Load() }

func (a *API) known(name string) (*object, error) {
	for _, o := range a.objects {
		if o.called(name) {
			return o, nil
		}
	}
	return nil, fmt.Errorf("no object %q in this portal", name)
}

// CloseDate is the closedate that this portal keeps for a date that was picked
// at an instant.
func (a *API) CloseDate(day string, picked company.Instant) (company.Instant, bool) {
	return a.portal.clickTime(day, picked)
}

// Properties names the properties of an object that the app can see.
func (a *API) Properties(object string) ([]string, error) {
	o, err := a.known(object)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, q := range o.catalogue.Load().sorted {
		names = append(names, q.name)
	}
	return names, nil
}

// TeamID is the id of a team by its name.
func (a *API) TeamID(name string) string { return strconv.Itoa(a.portal.teams[name]) }

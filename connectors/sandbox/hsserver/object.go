package hsserver

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"merit/connectors/sandbox/company"
)

// An object is one of the CRM's record types.
type object struct {
	name, singular, typeID string // deals, deal, 0-3
	scope                  string // what an app must be granted to read it
	modified               string // the property that filters by last change
	versions               int    // how many a property remembers
	always, usual          []string

	ids   *numbering
	all   []int32 // indices, by id
	state func(r *record)

	catalogue atomic.Pointer[catalogue]
	fates     map[int32]*fate

	mu    sync.Mutex
	views []*view // of the latest instants asked for
}

// Versions kept of a property, newest first: HubSpot's knowledge base, "Export
// property history".
const (
	contactVersions = 45
	otherVersions   = 20
)

// A record is one record at an instant. It is filled again for each one.
type record struct {
	index int32
	at    company.Instant

	// born is when it can first be seen and stamped what its first versions say of
	// that; created is what it says itself, which an import may have dated back.
	born, stamped, created, modified, deleted company.Instant

	merged   string // ids of the records that it swallowed
	deal     *company.Deal
	seen     int // how many of the deal's changes are not in the future
	last     [fields]int
	first    [fields]int
	account  *company.Account
	contact  *company.Contact
	activity *company.Activity
}

const fields = int(company.Forecast) + 1

// recycleDays is how long an archived record can still be listed.
const recycleDays = 90

func (r *record) there() bool    { return r.born <= r.at }
func (r *record) archived() bool { return r.deleted != 0 && r.deleted <= r.at }
func (r *record) purged() bool   { return r.archived() && r.at-r.deleted > recycleDays*msADay }

func (o *object) upper() string { return strings.ToUpper(o.singular) }

// load fills r with the record's stamps as of an instant.
func (o *object) load(r *record, index int32, at company.Instant) {
	*r = record{index: index, at: at}
	o.state(r)
	if f, ok := o.fates[index]; ok {
		f.apply(r)
	}
}

// open fills r with all there is to know of the record as of an instant.
func (o *object) open(r *record, index int32, at company.Instant) {
	o.load(r, index, at)
	if r.deal != nil {
		r.addUp()
	}
}

// A view is which of an object's records can be seen at an instant.
type view struct {
	at       company.Instant
	live     []int32 // indices, by id
	modified []company.Instant
	created  []company.Instant
	archived []int32
}

const viewsKept = 2 // the clock's now, and the search index's

// view gives the records as of an instant; one that was asked for just before
// costs nothing.
func (o *object) view(at company.Instant) *view {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range o.views {
		if v.at == at {
			return v
		}
	}
	v := &view{at: at}
	var r record
	for _, i := range o.all {
		o.load(&r, i, at)
		switch {
		case !r.there() || r.purged():
		case r.archived():
			v.archived = append(v.archived, i)
		default:
			v.live = append(v.live, i)
			v.modified = append(v.modified, r.modified)
			v.created = append(v.created, r.created)
		}
	}
	o.views = append(o.views[max(0, len(o.views)-viewsKept+1):len(o.views):len(o.views)], v)
	return v
}

// find loads the record with this id as it is at an instant, if it is there.
func (o *object) find(r *record, id int64, at company.Instant) bool {
	i, ok := o.ids.index(id)
	if !ok || !o.holds(i) {
		return false
	}
	o.open(r, i, at)
	return r.there() && !r.purged()
}

// holds tells an activity of this kind from one of another: all kinds share one
// range of ids.
func (o *object) holds(i int32) bool {
	id := o.ids.ids[i]
	at := sort.Search(len(o.all), func(k int) bool { return o.ids.ids[o.all[k]] >= id })
	return at < len(o.all) && o.all[at] == i
}

// objects lists the record types of a portal.
func (p *portal) objects() []*object {
	deals := &object{
		name: "deals", singular: "deal", typeID: "0-3", scope: "crm.objects.deals.read",
		modified: "hs_lastmodifieddate", versions: otherVersions, ids: p.deals, state: p.dealState,
		usual: []string{"amount", "closedate", "dealname", "dealstage", "pipeline"},
	}
	companies := &object{
		name: "companies", singular: "company", typeID: "0-2", scope: "crm.objects.companies.read",
		modified: "hs_lastmodifieddate", versions: otherVersions, ids: p.companies, state: p.companyState,
		usual: []string{"domain", "name"},
	}
	contacts := &object{
		name: "contacts", singular: "contact", typeID: "0-1", scope: "crm.objects.contacts.read",
		modified: "lastmodifieddate", versions: contactVersions, ids: p.contacts, state: p.contactState,
		usual: []string{"email", "firstname", "lastname"},
	}
	list := []*object{deals, companies, contacts}
	for _, o := range list {
		o.always = []string{"createdate", o.modified, "hs_object_id"}
		o.all = p.indices(len(o.ids.ids), func(int) bool { return true }, o.ids)
	}
	for kind, typeID := range [...]string{"0-48", "0-49", "0-47", "0-27", "0-46"} {
		name := ActivityObject(company.Kind(kind))
		o := &object{
			name: name, singular: strings.TrimSuffix(name, "s"), typeID: typeID, scope: contacts.scope,
			modified: "hs_lastmodifieddate", versions: otherVersions, ids: p.activities, state: p.activityState,
			always: []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"},
		}
		o.all = p.indices(len(o.ids.ids), func(i int) bool { return p.story.Activities[i].Kind == company.Kind(kind) }, o.ids)
		list = append(list, o)
	}
	list = append(list, p.further()...)
	for _, o := range list {
		o.catalogue.Store(newCatalogue(p.properties(o)))
	}
	p.swallow(list)
	return list
}

func (p *portal) indices(n int, keep func(i int) bool, ids *numbering) []int32 {
	var list []int32
	for i := range n {
		if keep(i) {
			list = append(list, int32(i))
		}
	}
	return ids.sorted(list)
}

// called tells whether a path may name the object so.
func (o *object) called(name string) bool {
	return slices.Contains([]string{o.name, o.singular, o.typeID}, strings.ToLower(name))
}

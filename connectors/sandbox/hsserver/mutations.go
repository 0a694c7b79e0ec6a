package hsserver

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// What follows happens to the portal besides its story, at the clock's now: what
// people and integrations do to records while somebody reads them.

// A fate is what happened to one record besides its story.
type fate struct {
	touched  []company.Instant // its date of last change moved, and nothing else
	purged   company.Instant   // from when on it is nowhere, not even in the recycle bin
	archived company.Instant
	restored company.Instant
	merged   []swallowed
}

// A swallowed is the id of a record that another one swallowed, and when.
type swallowed struct {
	at company.Instant
	id string
}

// apply lets the record be what its fate made of it by r.at.
func (f *fate) apply(r *record) {
	for _, at := range f.touched {
		if at <= r.at {
			r.modified = max(r.modified, at)
		}
	}
	if f.archived != 0 && f.archived <= r.at {
		r.deleted = f.archived
	}
	if f.restored != 0 && f.restored <= r.at && r.deleted <= f.restored {
		r.deleted = 0
	}
	if f.purged != 0 && f.purged <= r.at {
		r.deleted = f.purged - (recycleDays+1)*msADay // longer ago than the bin keeps
	}
	var ids []string
	for _, s := range f.merged {
		if s.at <= r.at {
			ids = append(ids, s.id)
		}
	}
	r.merged = strings.Join(ids, ";")
}

// swallow lets the story's own merges happen: the record that was the double is
// nowhere from then on, and the one that stays names it.
func (p *portal) swallow(objects []*object) {
	kinds := map[company.MergeOf]string{company.OfAccounts: "companies", company.OfContacts: "contacts", company.OfDeals: "deals"}
	for _, o := range objects {
		for _, m := range p.story.Merges {
			if kinds[m.Of] != o.name {
				continue
			}
			if o.fates == nil {
				o.fates = map[int32]*fate{}
			}
			for _, i := range []int{m.From, m.Into} {
				if o.fates[int32(i)] == nil {
					o.fates[int32(i)] = &fate{}
				}
			}
			o.fates[int32(m.From)].purged = m.At
			stays := o.fates[int32(m.Into)]
			stays.merged = append(stays.merged, swallowed{m.At, text(o.ids.ids[m.From])})
			stays.touched = append(stays.touched, m.At)
		}
	}
}

// happen changes records while nobody is served.
func (a *API) happen(kind string, ids []string, change func(o *object, index int32) error) error {
	a.world.Lock()
	defer a.world.Unlock()
	o, err := a.known(kind)
	if err != nil {
		return err
	}
	for _, id := range ids {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return fmt.Errorf("%s id %q: %w", kind, id, err)
		}
		i, ok := o.ids.index(n)
		if !ok || !o.holds(i) {
			return fmt.Errorf("no %s with id %s", o.singular, id)
		}
		if o.fates == nil {
			o.fates = map[int32]*fate{}
		}
		if o.fates[i] == nil {
			o.fates[i] = &fate{}
		}
		if err := change(o, i); err != nil {
			return err
		}
	}
	for _, o := range a.objects {
		o.mu.Lock()
		o.views = nil
		o.mu.Unlock()
	}
	return nil
}

// Touch moves records' date of last change to now, all to one millisecond, as
// batch jobs and edited pipelines do.
func (a *API) Touch(kind string, ids ...string) error {
	return a.happen(kind, ids, func(o *object, i int32) error {
		o.fates[i].touched = append(o.fates[i].touched, a.now())
		return nil
	})
}

// Archive puts records into the recycle bin; their date of last change stays.
func (a *API) Archive(kind string, ids ...string) error {
	return a.happen(kind, ids, func(o *object, i int32) error {
		o.fates[i].archived, o.fates[i].restored = a.now(), 0
		return nil
	})
}

// Restore takes records out of the recycle bin; their date of last change stays.
func (a *API) Restore(kind string, ids ...string) error {
	return a.happen(kind, ids, func(o *object, i int32) error {
		o.fates[i].restored = a.now()
		return nil
	})
}

// Purge removes records without a trace, as HubSpot does for the GDPR's sake.
func (a *API) Purge(kind string, ids ...string) error {
	return a.happen(kind, ids, func(o *object, i int32) error {
		o.fates[i].purged = a.now()
		return nil
	})
}

// Merge lets one record swallow another: the loser is nowhere any more, the
// winner names it, changes, and its history says so of each tracked property.
func (a *API) Merge(kind, winner, loser string) error {
	if err := a.Purge(kind, loser); err != nil {
		return err
	}
	return a.happen(kind, []string{winner}, func(o *object, i int32) error {
		o.fates[i].merged = append(o.fates[i].merged, swallowed{a.now(), loser})
		o.fates[i].touched = append(o.fates[i].touched, a.now())
		if o.name != "deals" {
			return nil
		}
		deal := a.portal.own(i)
		var last [fields]string
		for _, c := range deal.Changes {
			if c.At <= a.now() {
				last[c.Field] = c.Value
			}
		}
		for field, value := range last {
			if value != "" {
				a.portal.insert(deal, company.Change{At: a.now(), By: company.None, Field: company.Field(field), Through: byMerge, Value: value})
			}
		}
		return nil
	})
}

// byMerge is by what a merge writes its versions; no story has it.
const byMerge = company.Through(200)

// Edit sets a deal's field now, as people do.
func (a *API) Edit(id string, field company.Field, value string) error {
	return a.happen("deals", []string{id}, func(_ *object, i int32) error {
		deal := a.portal.own(i)
		a.portal.insert(deal, company.Change{At: a.now(), By: int32(deal.CreatedBy), Field: field, Value: value})
		return nil
	})
}

// own makes a deal ours to change: others tell the same story.
func (p *portal) own(i int32) *company.Deal {
	if !p.isOwn {
		story := *p.story
		story.Deals = slices.Clone(story.Deals)
		p.story, p.isOwn = &story, true
	}
	return &p.story.Deals[i]
}

// insert puts a change behind all that happened before it.
func (p *portal) insert(deal *company.Deal, c company.Change) {
	at := len(deal.Changes)
	for at > 0 && deal.Changes[at-1].At > c.At {
		at--
	}
	deal.Changes = slices.Insert(slices.Clone(deal.Changes), at, c)
}

// Associate ties two records, which moves neither's date of last change.
func (a *API) Associate(from, id, to, toID string) error { return a.tie(from, id, to, toID, 1) }

// Dissociate unties two records that Associate tied.
func (a *API) Dissociate(from, id, to, toID string) error { return a.tie(from, id, to, toID, -1) }

func (a *API) tie(from, id, to, toID string, add int) error {
	return a.happen(from, []string{id}, func(o *object, i int32) error {
		other, err := a.known(to)
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(toID, 10, 64)
		if err != nil {
			return fmt.Errorf("%s id %q: %w", to, toID, err)
		}
		j, ok := other.ids.index(n)
		if !ok {
			return fmt.Errorf("no %s with id %s", other.singular, toID)
		}
		a.ties.add(o, other, i, j, add)
		a.ties.add(other, o, j, i, add)
		return nil
	})
}

// add counts a tie that the story has not, or takes it away again.
func (t *ties) add(from, to *object, i, j int32, add int) {
	pair := [2]string{from.name, to.name}
	if t.late == nil {
		t.late = map[[2]string]map[int32][]int32{}
	}
	if t.late[pair] == nil {
		t.late[pair] = map[int32][]int32{}
	}
	if add > 0 {
		t.late[pair][i] = append(t.late[pair][i], j)
		return
	}
	t.late[pair][i] = slices.DeleteFunc(t.late[pair][i], func(k int32) bool { return k == j })
}

// Before lets something happen before each request is served: what people do
// while somebody reads.
func Before(do func(a *API, r *http.Request)) Option {
	return func(a *API) { a.before = do }
}

// Calm ends what Before began.
func (a *API) Calm() {
	a.world.Lock()
	defer a.world.Unlock()
	a.before = nil
}

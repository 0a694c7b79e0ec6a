package hsserver

import (
	"sync"

	"merit/connectors/sandbox/company"
)

// Ties are the associations between records, worked out of the story for a pair
// of objects when somebody first asks for them.
type ties struct {
	portal *portal
	types  map[string]tieType
	mu     sync.Mutex
	pairs  map[[2]string]*adjacency
	late   map[[2]string]map[int32][]int32 // what the story has not
}

// An adjacency lists for each record of one object those of another: to and role
// from start[i] to start[i+1] belong to the record at index i.
type adjacency struct {
	start []int32
	to    []int32
	role  []uint16
}

func newTies(p *portal) *ties {
	return &ties{portal: p, types: tieTypes(), pairs: map[[2]string]*adjacency{}}
}

// between gives the associations of two objects, built once.
func (t *ties) between(from, to *object) *adjacency {
	t.mu.Lock()
	defer t.mu.Unlock()
	pair := [2]string{from.name, to.name}
	if known, ok := t.pairs[pair]; ok {
		return known
	}
	a := &adjacency{start: make([]int32, len(from.ids.ids)+1)}
	t.portal.each(from, to, func(f, _ int32, _ uint16) { a.start[f+1]++ })
	for i := range from.ids.ids {
		a.start[i+1] += a.start[i]
	}
	end := a.start[len(from.ids.ids)]
	a.to, a.role = make([]int32, end), make([]uint16, end)
	fill := append([]int32(nil), a.start...)
	t.portal.each(from, to, func(f, g int32, role uint16) {
		a.to[fill[f]], a.role[fill[f]] = g, role
		fill[f]++
	})
	t.pairs[pair] = a
	return a
}

// each walks the story's own links, which one of the two records holds.
func (p *portal) each(from, to *object, yield func(from, to int32, role uint16)) {
	if p.holds(from, to) {
		p.links(from, to, yield)
		return
	}
	p.links(to, from, func(f, t int32, role uint16) { yield(t, f, role) })
}

// holds tells whether the story has the link in from's records.
func (p *portal) holds(from, to *object) bool {
	if from.isFurther() || to.isFurther() {
		return from.isFurther()
	}
	return p.isActivity(from) || !p.isActivity(to) && (from.name == "deals" || to.name == "companies")
}

// isFurther tells the objects that are made of others.
func (o *object) isFurther() bool {
	return o.name == "line_items" || o.name == "quotes" || o.name == "leads"
}

func (p *portal) isActivity(o *object) bool { return o.ids == p.activities }

// links walks the story's links from the record that holds them.
func (p *portal) links(from, to *object, yield func(from, to int32, role uint16)) {
	s := p.story
	link := func(f int32, t, count int) {
		if t >= 0 && t < count {
			yield(f, int32(t), 0)
		}
	}
	for _, i := range from.all {
		switch {
		case from.name == "line_items" && to.name == "deals":
			link(i, p.books.lines[i].deal, len(s.Deals))
		case from.name == "quotes" && to.name == "deals":
			link(i, s.Documents[i].Deal, len(s.Deals))
		case from.name == "quotes" && to.name == "companies":
			link(i, s.Deals[s.Documents[i].Deal].Account, len(s.Accounts))
		case from.name == "leads" && to.name == "contacts":
			link(i, s.Leads[i].Contact, len(s.Contacts))
		case from.name == "leads" && to.name == "companies":
			link(i, s.Leads[i].Account, len(s.Accounts))
		case from.name == "deals" && to.name == "companies":
			link(i, s.Deals[i].Account, len(s.Accounts))
		case from.name == "deals" && to.name == "contacts":
			for _, role := range s.Deals[i].Contacts {
				if role.Contact >= 0 && role.Contact < len(s.Contacts) {
					yield(i, int32(role.Contact), p.roleID[role.Name])
				}
			}
		case from.name == "contacts" && to.name == "companies":
			link(i, s.Contacts[i].Account, len(s.Accounts))
		case p.isActivity(from) && to.name == "deals":
			link(i, s.Activities[i].Deal, len(s.Deals))
		case p.isActivity(from) && to.name == "companies":
			link(i, s.Activities[i].Account, len(s.Accounts))
		case p.isActivity(from) && to.name == "contacts":
			link(i, s.Activities[i].Contact, len(s.Contacts))
		}
	}
}

// A tieType is a kind of association, by HubSpot's number.
type tieType struct {
	plain, primary int // primary 0: there is none
}

// tieTypes gives the numbers of HubSpot's documentation "Associations", list of
// default association types, by the singular names of the two objects. Pairs not
// in it can't be associated.
func tieTypes() map[string]tieType {
	return map[string]tieType{
		"deal company": {341, 5}, "company deal": {342, 6}, "deal contact": {3, 0}, "contact deal": {4, 0},
		"contact company": {279, 1}, "company contact": {280, 2},
		"call deal": {206, 0}, "call contact": {194, 0}, "call company": {182, 0},
		"deal call": {205, 0}, "contact call": {193, 0}, "company call": {181, 0},
		"email deal": {210, 0}, "email contact": {198, 0}, "email company": {186, 0},
		"deal email": {209, 0}, "contact email": {197, 0}, "company email": {185, 0},
		"meeting deal": {212, 0}, "meeting contact": {200, 0}, "meeting company": {188, 0},
		"deal meeting": {211, 0}, "contact meeting": {199, 0}, "company meeting": {187, 0},
		"note deal": {214, 0}, "note contact": {202, 0}, "note company": {190, 0},
		"deal note": {213, 0}, "contact note": {201, 0}, "company note": {189, 0},
		"task deal": {216, 0}, "task contact": {204, 0}, "task company": {192, 0},
		"line_item deal": {20, 0}, "deal line_item": {19, 0}, "quote deal": {64, 0}, "deal quote": {63, 0},
		"quote company": {71, 0}, "company quote": {72, 0},
		"lead contact": {608, 578}, "lead company": {610, 0},
		"deal task": {215, 0}, "contact task": {203, 0}, "company task": {191, 0},
	}
}

// kind is how two objects are associated, if they can be.
func (t *ties) kind(from, to *object) (tieType, error) {
	kind, ok := t.types[from.singular+" "+to.singular]
	if !ok {
		return kind, invalid("No association types exist between %s and %s", from.name, to.name)
	}
	return kind, nil
}

// visible tells whether a record can be seen at the other end of an association.
func (o *object) visible(index int32, at company.Instant) bool {
	var r record
	o.load(&r, index, at)
	return r.there() && !r.archived()
}

// A neighbour is a record at the other end of an association.
type neighbour struct {
	index int32
	role  uint16
}

// neighbours appends what a record is associated with at an instant.
func (t *ties) neighbours(list []neighbour, from, to *object, index int32, at company.Instant) []neighbour {
	a := t.between(from, to)
	for k := a.start[index]; k < a.start[index+1]; k++ {
		if to.visible(a.to[k], at) {
			list = append(list, neighbour{index: a.to[k], role: a.role[k]})
		}
	}
	for _, j := range t.late[[2]string{from.name, to.name}][index] {
		if to.visible(j, at) {
			list = append(list, neighbour{index: j})
		}
	}
	return list
}

package hsserver

import (
	"slices"
	"strconv"

	"merit/connectors/sandbox/company"
)

// A shape is what a reply tells of each record.
type shape struct {
	properties []*property
	history    []*property
	asked      bool // for history; a shape without properties with history leaves the member out
	brief      bool // history of one version only
	ties       []*object
	version    string // of the path
	late       bool   // the record's history lacks the newest stage
	scratch    []byte
}

// shape chooses by name; without names it is HubSpot's usual few.
func (o *object) shape(properties, history []string) *shape {
	c := o.catalogue.Load()
	s := &shape{asked: len(history) > 0}
	if len(properties) == 0 {
		s.properties = c.choose(o.always, o.usual)
	} else {
		s.properties = c.choose(o.always, properties)
	}
	s.history = c.choose(history)
	return s
}

// appendRecord appends one record as JSON.
func (a *API) appendRecord(dst []byte, o *object, r *record, s *shape) []byte {
	id := o.ids.ids[r.index]
	dst = append(dst, `{"id":"`...)
	dst = strconv.AppendInt(dst, id, 10)
	dst = append(dst, `","properties":{`...)
	for i, q := range s.properties {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, q.key...)
		dst = s.appendValue(dst, q, r)
	}
	dst = append(dst, '}')
	if s.asked {
		dst = append(dst, `,"propertiesWithHistory":{`...)
		for i, q := range s.history {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, q.key...)
			dst = a.portal.appendHistory(dst, o, q, r, s)
		}
		dst = append(dst, '}')
	}
	dst = append(dst, `,"createdAt":"`...)
	dst = appendInstant(dst, r.created)
	dst = append(dst, `","updatedAt":"`...)
	dst = appendInstant(dst, r.modified)
	dst = append(dst, `","archived":`...)
	dst = strconv.AppendBool(dst, r.archived())
	if r.archived() {
		dst = append(dst, `,"archivedAt":"`...)
		dst = appendInstant(dst, r.deleted)
		dst = append(dst, '"')
	}
	dst = a.appendInlineTies(dst, o, r, s)
	dst = append(dst, `,"url":"https://app.hubspot.com/contacts/`...)
	dst = strconv.AppendInt(dst, PortalID, 10)
	dst = append(dst, "/record/"...)
	dst = append(dst, o.typeID...)
	dst = append(dst, '/')
	dst = strconv.AppendInt(dst, id, 10)
	return append(dst, `"}`...)
}

func (s *shape) appendValue(dst []byte, q *property, r *record) []byte {
	var ok bool
	if s.scratch, ok = q.value(r, s.scratch[:0]); !ok {
		return append(dst, "null"...)
	}
	return appendQuoted(dst, s.scratch)
}

// appendHistory appends a property's versions, newest first.
func (p *portal) appendHistory(dst []byte, o *object, q *property, r *record, s *shape) []byte {
	dst = append(dst, '[')
	most := o.versions
	if s.brief {
		most = 1
	}
	switch {
	case q.tracked != untracked:
		dst = p.appendChanges(dst, q.tracked, most, r, s)
	case q.past != nil:
		dst = p.appendPast(dst, q.past(r), most)
	default:
		dst = p.appendOnly(dst, q, r, s)
	}
	return append(dst, ']')
}

func (p *portal) appendChanges(dst []byte, field, most int, r *record, s *shape) []byte {
	if r.last[field] == untracked {
		return dst
	}
	changes := r.deal.Changes
	lacks := field == int(company.StageName) && s.late // its newest version
	for k, n := r.last[field], 0; k >= r.first[field] && n < most; k-- {
		c := &changes[k]
		if int(c.Field) != field {
			continue
		}
		if lacks {
			lacks = false
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		s.scratch = p.appendValue(s.scratch[:0], c)
		dst = append(dst, `{"value":`...)
		dst = appendQuoted(dst, s.scratch)
		dst = append(dst, `,"timestamp":"`...)
		dst = appendInstant(dst, c.At)
		dst = append(dst, '"')
		if p.stampsClose(r, k) {
			dst = append(dst, `,"sourceType":"INTERNAL_PROCESSING","sourceId":"close-date-automation"}`...)
			continue
		}
		dst = p.appendSource(dst, c.Through, int(c.By))
	}
	return dst
}

// appendPast appends the newest of some versions.
func (p *portal) appendPast(dst []byte, versions []past, most int) []byte {
	for n, v := range slices.Backward(versions) {
		if len(versions)-n > most {
			break
		}
		if n < len(versions)-1 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"value":`...)
		dst = appendQuoted(dst, v.value)
		dst = append(dst, `,"timestamp":"`...)
		dst = appendInstant(dst, v.at)
		dst = append(dst, '"')
		dst = p.appendSource(dst, company.ByHand, v.by)
	}
	return dst
}

// stampsClose tells whether a change is HubSpot setting the close date because
// the deal closes at that very instant.
func (p *portal) stampsClose(r *record, k int) bool {
	changes := r.deal.Changes
	c := &changes[k]
	if c.Field != company.CloseOn || c.Through != company.ByAutomation {
		return false
	}
	for j := k - 1; j >= 0 && changes[j].At == c.At; j-- {
		if p.closes(&changes[j]) {
			return true
		}
	}
	for j := k + 1; j < r.seen && changes[j].At == c.At; j++ {
		if p.closes(&changes[j]) {
			return true
		}
	}
	return false
}

func (p *portal) closes(c *company.Change) bool {
	if c.Field != company.StageName {
		return false
	}
	i, ok := p.stageByID[p.dealStage(c.Value)]
	return ok && p.stages[i].closed
}

// appendSource says by what and whom a version was made, and ends it. People are
// named by their user's number, which is not the owner's.
func (p *portal) appendSource(dst []byte, through company.Through, by int) []byte {
	user := p.user(by)
	switch through {
	case byMerge:
		dst = append(dst, `,"sourceType":"MERGE_OBJECTS","sourceId":"merge"`...)
		user = -1
	case company.ByImport:
		dst = append(dst, `,"sourceType":"IMPORT","sourceId":"1839201","sourceLabel":"deals.csv"`...)
	case company.ByIntegration:
		dst = append(dst, `,"sourceType":"INTEGRATION","sourceId":"62515"`...)
		user = -1
	case company.ByAutomation:
		dst = append(dst, `,"sourceType":"AUTOMATION_PLATFORM","sourceId":"enrollmentId:7390111;actionExecutionIndex:0"`...)
		user = -1
	default:
		dst = append(dst, `,"sourceType":"CRM_UI"`...)
		if user >= 0 {
			dst = append(dst, `,"sourceId":"userId:`...)
			dst = strconv.AppendInt(dst, user, 10)
			dst = append(dst, '"')
		}
	}
	if user >= 0 {
		dst = append(dst, `,"updatedByUserId":`...)
		dst = strconv.AppendInt(dst, user, 10)
	}
	return append(dst, '}')
}

// appendOnly appends the one version of a property that doesn't change, or that
// HubSpot calculates: such a version is as old as the reply.
func (p *portal) appendOnly(dst []byte, q *property, r *record, s *shape) []byte {
	var ok bool
	if s.scratch, ok = q.value(r, s.scratch[:0]); !ok {
		return dst
	}
	dst = append(dst, `{"value":`...)
	dst = appendQuoted(dst, s.scratch)
	dst = append(dst, `,"timestamp":"`...)
	switch {
	case q.calculated:
		dst = appendInstant(dst, r.at)
		return append(dst, `","sourceType":"CALCULATED"}`...)
	case q.late || q.name == "hs_lastmodifieddate" || q.name == "lastmodifieddate":
		dst = appendInstant(dst, r.modified)
	default:
		dst = appendInstant(dst, r.stamped)
	}
	dst = append(dst, '"')
	through, by := company.ByHand, company.None
	switch {
	case r.deal != nil:
		by = r.deal.CreatedBy
		if len(r.deal.Changes) > 0 {
			through = r.deal.Changes[0].Through
		}
	case r.account != nil:
		by = r.account.Owner
	case r.contact != nil:
		by = r.contact.Owner
	case r.activity != nil:
		by = r.activity.Owner
	}
	return p.appendSource(dst, through, by)
}

// appendAll appends the records at indices, with commas between.
func (a *API) appendAll(dst []byte, o *object, indices []int32, at company.Instant, s *shape) []byte {
	var r record
	for i, index := range indices {
		if i > 0 {
			dst = append(dst, ',')
		}
		o.open(&r, index, at)
		s.late = s.asked && a.isLate(o.ids.ids[index])
		dst = a.appendRecord(dst, o, &r, s)
	}
	return dst
}

package hsserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// Limits of a search: HubSpot's guide "Search the CRM".
const (
	searchPage   = 200
	searchWall   = 10_000 // results of one query that can be paged through
	maxGroups    = 5
	groupFilters = 6
	maxFilters   = 18
)

// A query is a search as asked for.
type query struct {
	groups [][]filter
	sort   *property // nil: by id
	down   bool
	limit  int
	after  int
	shape  *shape
}

// search serves POST /crm/objects/{version}/{type}/search: what the index knows,
// which is neither archived records nor histories nor, with a lag, the latest.
func (a *API) search(dst []byte, r *http.Request) (int, []byte, error) {
	o, err := a.object(r.PathValue("type"))
	if err != nil {
		return 0, nil, err
	}
	q, err := readQuery(o, r)
	if err != nil {
		return 0, nil, err
	}
	at := company.At(a.clock.Now().Add(-a.lag))
	matches := o.matches(q, at)
	total := len(matches)
	first := min(q.after, total)
	next := min(first+a.shorten(q.limit), total)

	dst = append(dst, `{"total":`...)
	dst = strconv.AppendInt(dst, int64(total), 10)
	dst = append(dst, `,"results":[`...)
	dst = a.appendAll(dst, o, matches[first:next], at, q.shape)
	dst = append(dst, ']')
	if next < total {
		dst = append(dst, `,"paging":{"next":{"after":"`...)
		dst = strconv.AppendInt(dst, int64(next), 10)
		dst = append(dst, `"}}`...)
	}
	return http.StatusOK, append(dst, '}'), nil
}

func readQuery(o *object, r *http.Request) (*query, error) {
	members, err := body(r, "after", "filterGroups", "limit", "properties", "sorts")
	if err != nil {
		return nil, err
	}
	if _, ok := members["propertiesWithHistory"]; ok {
		return nil, invalid("propertiesWithHistory is not available on search")
	}
	q := new(query)
	if q.limit, err = whole(members["limit"], usualPage); err != nil || q.limit < 1 || q.limit > searchPage {
		return nil, invalid("Invalid limit: the maximum is %d", searchPage)
	}
	if q.after, err = whole(members["after"], 0); err != nil || q.after < 0 {
		return nil, invalid("Invalid paging token: after must be an integer")
	}
	if q.after+q.limit > searchWall {
		return nil, invalid("The total number of results is limited to %d: can't page to %d", searchWall, q.after+q.limit)
	}
	var properties []string
	if err := member(members, "properties", &properties); err != nil {
		return nil, err
	}
	q.shape = o.shape(properties, nil)
	if err := q.readSort(o, members); err != nil {
		return nil, err
	}
	var groups []struct {
		Filters []filterText `json:"filters"`
	}
	if err := member(members, "filterGroups", &groups); err != nil {
		return nil, err
	}
	if len(groups) > maxGroups {
		return nil, invalid("Too many filterGroups: the maximum is %d", maxGroups)
	}
	all := 0
	for _, g := range groups {
		if all += len(g.Filters); len(g.Filters) > groupFilters || all > maxFilters {
			return nil, invalid("Too many filters: the maximum is %d in a group and %d in all", groupFilters, maxFilters)
		}
		group, err := readFilters(o, g.Filters)
		if err != nil {
			return nil, err
		}
		q.groups = append(q.groups, group)
	}
	return q, nil
}

// whole reads an integer that may be written as a text, or not at all.
func whole(raw json.RawMessage, otherwise int) (int, error) {
	text := strings.Trim(string(bytes.TrimSpace(raw)), `"`)
	if text == "" || text == "null" {
		return otherwise, nil
	}
	return strconv.Atoi(text)
}

// readSort takes the one sort rule a search may have: an object or a name.
func (q *query) readSort(o *object, members map[string]json.RawMessage) error {
	var sorts []json.RawMessage
	if err := member(members, "sorts", &sorts); err != nil {
		return err
	}
	if len(sorts) > 1 {
		return invalid("Only one sort is allowed, got %d", len(sorts))
	}
	if len(sorts) == 0 {
		return nil
	}
	var rule struct{ PropertyName, Direction string }
	if json.Unmarshal(sorts[0], &rule.PropertyName) != nil {
		if err := json.Unmarshal(sorts[0], &rule); err != nil {
			return invalid("Invalid input JSON: sorts: %v", err)
		}
	}
	p, ok := o.catalogue.Load().byName[rule.PropertyName]
	if !ok {
		return unknownProperty(rule.PropertyName)
	}
	switch rule.Direction {
	case "", "ASCENDING":
	case "DESCENDING":
		q.down = true
	default:
		return invalid("Unknown sort direction: %s", rule.Direction)
	}
	q.sort = p
	return nil
}

func unknownProperty(name string) *fault {
	return invalid("There was a problem with the request. Property %s does not exist", name)
}

// matches gives the indices of the records found, in order.
func (o *object) matches(q *query, at company.Instant) []int32 {
	v := o.view(at)
	var found []int32
	r := record{at: at}
	for k, i := range v.live {
		// A filter that needs more than these stamps opens the record itself.
		r.index, r.modified, r.created, r.born = i, v.modified[k], v.created[k], 0
		if q.takes(o, &r) {
			found = append(found, i)
		}
	}
	switch {
	case q.sort == nil || q.sort.name == "hs_object_id":
		if q.down {
			slices.Reverse(found)
		}
	default:
		o.order(found, q, at)
	}
	return found
}

func (q *query) takes(o *object, r *record) bool {
	if len(q.groups) == 0 {
		return true
	}
	for _, group := range q.groups {
		all := true
		for k := range group {
			if !group[k].holds(o, r) {
				all = false
				break
			}
		}
		if all {
			return true
		}
	}
	return false
}

// order sorts by a property, nulls last; records alike stay in order of id.
func (o *object) order(found []int32, q *query, at company.Instant) {
	keys := make(map[int32]operand, len(found))
	var r record
	var scratch []byte
	for _, i := range found {
		o.open(&r, i, at)
		var ok bool
		if scratch, ok = q.sort.value(&r, scratch[:0]); ok {
			if key, err := readOperand(q.sort, string(scratch)); err == nil {
				keys[i] = key
			}
		}
	}
	slices.SortStableFunc(found, func(a, b int32) int {
		x, okX := keys[a]
		y, okY := keys[b]
		if !okX || !okY {
			return cmp.Compare(rank(okX), rank(okY))
		}
		if q.down {
			return compare(y, x)
		}
		return compare(x, y)
	})
}

func rank(there bool) int {
	if there {
		return 0
	}
	return 1
}

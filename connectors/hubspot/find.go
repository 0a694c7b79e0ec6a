package hubspot

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// The most that HubSpot gives at once (CRM object and search API references).
const (
	listedAtOnce   = 100
	searchedAtOnce = 200
)

// A finding is a page of a list or search, without what the records say.
type finding struct {
	ids     []int64
	changed []int64 // epoch ms of each record's last change, or of its archiving in the recycle bin; 0: not told
	after   string  // the list's own mark of the next page; "": there is none
	total   int64   // of a search: all that match
}

// list asks for one page of an object's records. Without properties it gives ids
// only, so that the URL stays short however wide the portal is.
func (p *portal) list(ctx context.Context, o object, asked listing, after string) (*body, finding, error) {
	query := url.Values{"limit": {strconv.Itoa(asked.limit)}, "properties": {strings.Join(asked.properties, ",")}}
	if len(asked.history) > 0 {
		query.Set("propertiesWithHistory", strings.Join(asked.history, ","))
	}
	if asked.archived {
		query.Set("archived", "true")
	}
	if after != "" {
		query.Set("after", after)
	}
	body, err := p.read(ctx, rest.Call{Method: http.MethodGet, Path: p.path("crm/objects", o.listedAs()), Query: query})
	if err != nil {
		return nil, finding{}, err
	}
	found, err := skim(body.Bytes(), asked.archived)
	if err != nil {
		return nil, finding{}, fmt.Errorf("hubspot list of %s after %q: %w", o.name, after, err)
	}
	return body, found, nil
}

// A query is the body of a search: one group of filters, all of which must hold.
type query struct {
	Groups     []filters  `json:"filterGroups"`
	Sorts      [1]sorting `json:"sorts"`
	Properties []string   `json:"properties"`
	Limit      int        `json:"limit"`
	After      string     `json:"after"`
}

type filters struct {
	Filters []filter `json:"filters"`
}

type filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

type sorting struct {
	Property  string `json:"propertyName"`
	Direction string `json:"direction"`
}

// search asks for the records changed within the cursor's pass whose id is above
// last, lowest id first. It never asks for a second page: offsets shift when a
// record leaves the result meanwhile, and end at 10,000.
func (p *portal) search(ctx context.Context, o object, c cursor, last int64) (finding, error) {
	// The header that told Until has no milliseconds; whatever else changed within
	// that second belongs to this pass too.
	until := c.Until + 999
	q := query{
		Groups: []filters{{Filters: []filter{
			{o.modified, "GTE", decimalText(c.Since)},
			{o.modified, "LTE", decimalText(until)},
			{idColumn, "GT", decimalText(last)},
		}}},
		Sorts:      [1]sorting{{idColumn, "ASCENDING"}},
		Properties: []string{idColumn},
		Limit:      searchedAtOnce,
		After:      "0",
	}
	return p.find(ctx, o, q)
}

// find searches, for one page.
func (p *portal) find(ctx context.Context, o object, q query) (finding, error) {
	if q.Groups == nil {
		q.Groups = []filters{}
	}
	body, err := p.read(ctx, rest.Call{Method: http.MethodPost, Path: p.path("crm/objects", o.listedAs(), "search"), JSON: q})
	if err != nil {
		return finding{}, err
	}
	defer p.bodies.put(body)
	found, err := skim(body.Bytes(), false)
	if err != nil {
		return finding{}, fmt.Errorf("hubspot search of %s: %w", o.name, err)
	}
	return found, nil
}

// isAscending tells whether the ids grow, all above last: what the next search
// builds upon.
func (f finding) isAscending(last int64) bool {
	for _, id := range f.ids {
		if id <= last {
			return false
		}
		last = id
	}
	return true
}

// since leaves out the records that are known not to have changed since then.
func (f finding) since(ms int64) []int64 {
	kept := make([]int64, 0, len(f.ids))
	for i, id := range f.ids {
		if f.changed[i] == 0 || f.changed[i] >= ms {
			kept = append(kept, id)
		}
	}
	return kept
}

// skim reads of a page what the next request needs.
func skim(body []byte, archived bool) (finding, error) {
	changedAt := "updatedAt"
	if archived {
		changedAt = archivedColumn
	}
	var f finding
	var buf []byte
	isPage := false
	d := decode.NewJSON(bytes.NewBuffer(body))
	err := decode.Members(d, func(name []byte) (err error) {
		switch string(name) {
		case "results":
			isPage = d.PeekKind() == '['
			return decode.Array(d, func() error { return f.record(d, changedAt) })
		case "total":
			buf, _, err = decode.Text(d, buf)
			f.total, _ = strconv.ParseInt(string(buf), 10, 64)
			return err
		case "paging":
			f.after, err = next(d)
			return err
		}
		return decode.Skip(d)
	})
	return f, wholePage(d, isPage, err)
}

func (f *finding) record(d *jsontext.Decoder, changedAt string) error {
	var id, changed int64
	var buf [40]byte
	err := decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "id":
			text, _, err := decode.Text(d, buf[:0])
			if err != nil {
				return err
			}
			id, err = number(text)
			return err
		case changedAt:
			text, _, err := decode.Text(d, buf[:0])
			changed = milliseconds(text)
			return err
		}
		return decode.Skip(d)
	})
	if err == nil && id == 0 {
		err = fault.Errorf(fault.Them, "a record without an id")
	}
	f.ids = append(f.ids, id)
	f.changed = append(f.changed, changed)
	return err
}

// next reads {"next": {"after": …}}. A next page without a mark can't be asked for, and
// whatever is on it would be missing.
func next(d *jsontext.Decoder) (after string, err error) {
	isMore := false
	err = decode.Members(d, func(name []byte) error {
		if string(name) != "next" {
			return decode.Skip(d)
		}
		isMore = d.PeekKind() != 'n'
		return decode.Members(d, func(name []byte) error {
			if string(name) != "after" {
				return decode.Skip(d) // the link beside it is never followed
			}
			text, _, err := decode.Text(d, nil)
			after = string(text)
			return err
		})
	})
	if err == nil && isMore && after == "" {
		err = fault.Errorf(fault.Them, "the reply says that a page follows, and not by which mark")
	}
	return after, err
}

func decimalText(n int64) string { return strconv.FormatInt(n, 10) }

// number reads a record's id: a number everywhere in HubSpot, sent as text or not.
func number(text []byte) (int64, error) {
	id, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || id <= 0 {
		return 0, fault.Errorf(fault.Them, "%q is not the number of a record", text)
	}
	return id, nil
}

// milliseconds since 1970 of an instant as HubSpot tells it; 0: it does not.
func milliseconds(text []byte) int64 {
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// rounds finds out that a list's marks go in a circle, keeping one of them
// (Brent's cycle detection).
type rounds struct {
	kept        string
	steps, most int
}

func (r *rounds) isRepeated(after string) bool {
	if after == r.kept {
		return true
	}
	if r.steps++; r.steps >= r.most {
		r.kept, r.steps, r.most = after, 0, max(1, r.most*2)
	}
	return false
}

// missing gives the ids of asked that are not among found. Both are sorted.
func missing(asked, found []int64) []int64 {
	slices.Sort(asked)
	slices.Sort(found)
	var left []int64
	for _, id := range asked {
		if _, ok := slices.BinarySearch(found, id); !ok {
			left = append(left, id)
		}
	}
	return left
}

package salesforce

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/incremental"
	"merit/connectors/rest"
)

// orgName is the stream of what concerns the org and no object of it.
const orgName = "org"

// What became of a field that is read.
const (
	fieldAdded   = "added"
	fieldGone    = "gone" // removed, renamed or hidden: the API does not tell these apart
	fieldRetyped = "retyped"
)

// orgStream has what changed about the fields that are read since the reading before,
// and how many records Salesforce counted: an owner of numbers wants to know that
// somebody made a text of one, and can hold the counts against the lake's.
func orgStream() connectors.Stream {
	text := func(name string) arrow.Field {
		return arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	return connectors.Stream{Name: orgName, Tables: []connectors.Table{
		{
			Name: "schema_drift", Key: []string{"object_name", "field_name", "noticed_at"},
			Schema: arrow.NewSchema([]arrow.Field{
				text("object_name"), text("field_name"), {Name: "noticed_at", Type: instant, Nullable: true},
				text("change"), text("type_before"), text("type_after"),
			}, nil),
		},
		incremental.CountsTable(),
	}}
}

// An orgCursor is where that stream stands.
type orgCursor struct {
	Version int     `json:"v"`
	Fields  packing `json:"fields"` // "Opportunity.Amount": "currency(18,2)"
	Counted string  `json:"counted,omitempty"`
}

// A packing is a map that a cursor has room for: a tenth of its text, since every
// commit of the lake keeps the cursor.
type packing map[string]string

// MarshalText packs.
func (p packing) MarshalText() ([]byte, error) {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	err := errors.Join(json.NewEncoder(w).Encode(map[string]string(p)), w.Close())
	return []byte(base64.StdEncoding.EncodeToString(packed.Bytes())), err
}

// UnmarshalText unpacks.
func (p *packing) UnmarshalText(text []byte) error {
	r, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	if err != nil {
		return err
	}
	return json.NewDecoder(r).Decode((*map[string]string)(p))
}

// A shown is what the last look at the describes told.
type shown struct {
	mu     sync.Mutex
	fields map[string]string
}

func (s *shown) set(fields map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fields = fields
}

func (s *shown) now() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fields
}

// readOrg holds today's fields against the last ones and counts once a day.
func (a *account) readOrg(ctx context.Context, s connectors.Stream, since connectors.Cursor, give func(connectors.Page) error) error {
	last, err := orgCursorOf(since)
	if err != nil {
		return err
	}
	if a.shown.now() == nil {
		if _, err := a.Streams(ctx); err != nil {
			return err
		}
	}
	now, err := a.now(ctx)
	if err != nil {
		return err
	}
	drift, counts := decode.NewBuilder(s.Tables[0]), decode.NewBuilder(s.Tables[1])
	defer drift.Release()
	defer counts.Release()
	today := a.shown.now()
	next := orgCursor{Version: positionVersion, Fields: incremental.KeepHidden(last.Fields, today), Counted: now.Format(time.DateOnly)}
	if since != "" {
		a.drift(drift, last.Fields, next.Fields, now)
	}
	if last.Counted != next.Counted {
		if err := a.count(ctx, counts, today, now); err != nil {
			return err
		}
	}
	page := connectors.Page{Next: connectors.Cursor(jsonText(next))}
	for _, b := range []*decode.Builder{drift, counts} {
		if b.Len() > 0 {
			batch, _ := b.Flush() // no text of ours can be refused
			page.Batches = append(page.Batches, batch)
		}
	}
	if len(page.Batches) == 0 && since != "" && last.Counted == next.Counted {
		return nil // nothing is to be kept
	}
	return give(page)
}

func orgCursorOf(c connectors.Cursor) (orgCursor, error) {
	var last orgCursor
	if c == "" {
		return last, nil
	}
	err := fromJSON(c, &last)
	if err == nil && last.Version != positionVersion {
		err = otherVersion(last.Version)
	}
	return last, err
}

// drift writes and says what is not as it was.
func (a *account) drift(b *decode.Builder, before, after map[string]string, now time.Time) {
	for c := range incremental.Drift(before, after) {
		place, change := c.Object+"."+c.Field, fieldRetyped
		switch c.Kind {
		case incremental.FieldAdded:
			change = fieldAdded
			a.Warn("%s is new (%s); its object is read from the beginning for it", place, c.After)
		case incremental.FieldRemoved:
			change = fieldGone
			a.Warn("%s is not shown any more (it was a %s): removed, renamed or hidden by field-level security; from now on it is empty", place, c.Before)
		default:
			a.Warn("%s is a %s now and was a %s", place, c.After, c.Before)
		}
		set(b, "object_name", c.Object, "field_name", c.Field, "noticed_at", now.Format(time.RFC3339), "change", change, "type_before", c.Before, "type_after", c.After)
	}
}

// count asks how many records there are of each object. What may have become visible
// since the streams began to be read is left out, so that whatever is counted has been
// read. Days that are read as a whole are counted when they are.
func (a *account) count(ctx context.Context, b *decode.Builder, fields map[string]string, now time.Time) error {
	until := now.Add(-settled)
	if opened := a.opened.Load(); opened != nil && opened.Before(now) {
		until = opened.Add(-settled)
	}
	for _, object := range slices.Sorted(maps.Keys(incremental.ObjectsOf(fields))) {
		date, isRead := countedBy(object, fields)
		if o, _ := objectNamed(object); o.kind == snapshot || !isRead {
			continue
		}
		total, err := a.countUntil(ctx, object, date, until)
		if isTooSlow(err) || isUncountable(err) {
			a.Warn("%s can't be counted, so that a record which is missing is not noticed by its number: %v", object, err)
			continue
		}
		if err != nil {
			return err
		}
		incremental.WriteCount(b, incremental.Count{
			Object: object, Date: date, Until: until, At: now, Records: total, Moves: date == "SystemModstamp" || date == "LastModifiedDate",
		})
	}
	return nil
}

// countUntil is the number of an object's records that are dated up to an instant, those
// in the recycle bin too.
func (a *account) countUntil(ctx context.Context, object, date string, until time.Time) (int64, error) {
	query := "SELECT COUNT() FROM " + object + " WHERE " + date + " <= " + literal(until)
	var reply struct {
		Total *looseNumber `json:"totalSize"`
	}
	err := a.api.JSON(ctx, rest.Call{Method: http.MethodGet, Path: a.path("queryAll"), Query: url.Values{"q": {query}}}, &reply)
	if err == nil && reply.Total == nil {
		err = fault.Errorf(fault.Them, "a count of %s comes without a number", object)
	}
	if err != nil {
		return 0, err
	}
	return int64(*reply.Total), nil
}

// countedBy is the date by which an object's records are counted: best one that never
// changes.
func countedBy(object string, fields map[string]string) (string, bool) {
	for _, date := range []string{"CreatedDate", "LoginTime", "SystemModstamp", "LastModifiedDate"} {
		if _, isRead := fields[object+"."+date]; isRead {
			return date, true
		}
	}
	return "", false
}

// isUncountable tells the refusals that concern one object: not every one can be
// counted, nor filtered by when its records were made.
func isUncountable(err error) bool {
	var said apiError
	return isRefused(err) || errors.As(err, &said) && said.status == http.StatusBadRequest && said.code != ""
}

// set writes a row of names and texts.
func set(b *decode.Builder, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		b.Set(b.Column(pairs[i]), []byte(pairs[i+1]))
	}
	b.EndRow()
}

package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

const (
	overlap  = 10 // seconds
	pageSize = 4
	wayBack  = 1_000_000
)

// A record is a deal in the fake CRM, with what it was called from when on.
type record struct {
	id       int
	names    []string
	stamps   []int64 // seconds
	isGone   bool
	modified int64
}

// A crm is a CRM in memory. Its flaw is what is wrong with the connector to it:
// "" is nothing.
type crm struct {
	flaw    string
	now     int64
	records []record
	left    int // requests that are still answered
	asked   int // times that the streams were listed
}

func newCRM(flaw string) *crm {
	c := &crm{flaw: flaw, now: wayBack, left: 1 << 30}
	for i := range 40 {
		at := int64(i) * 100
		switch {
		case i >= 30 && i < 36: // one instant across the edge of a page
			at = 3000
		case i == 39: // so late that the overlap brings it again
			at = wayBack - overlap/2
		}
		c.records = append(c.records, record{id: i, names: []string{fmt.Sprintf("deal %d", i)}, stamps: []int64{at}, modified: at})
	}
	return c
}

// advance changes one deal, makes one and deletes one.
func (c *crm) advance() {
	c.now += 1000
	at := c.now - 500
	changed := &c.records[7]
	changed.names = append(changed.names, "renamed")
	changed.stamps = append(changed.stamps, at)
	changed.modified = at
	c.records[11].isGone, c.records[11].modified = true, at
	c.records = append(c.records, record{id: len(c.records), names: []string{"new"}, stamps: []int64{at}, modified: at})
}

func (c *crm) truth() Truth {
	deals, names := Rows{}, Rows{}
	for _, r := range c.records {
		id := strconv.Itoa(r.id)
		deals[id] = Row{
			"name":                   r.names[len(r.names)-1],
			"modified_at":            instant(r.modified),
			connectors.DeletedColumn: strconv.FormatBool(r.isGone),
		}
		for i, name := range r.names {
			names[Key(id, instant(r.stamps[i]))] = Row{"name": name}
		}
	}
	return Truth{"deals": deals, "deal_names": names, "stages": {"1": {"name": "open"}, "2": {"name": "won"}}}
}

func instant(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

// account is the Account of this crm.
func (c *crm) account() Account {
	return Account{
		Settings: connectors.Values{"token": {"t"}},
		Truth:    c.truth,
		Advance:  c.advance,
		Break:    func(after int) { c.left = after },
		Mend:     func() { c.left = 1 << 30 },
		Overlap:  overlap * time.Second,
		Whole:    []string{"stages"},
	}
}

func (c *crm) connector() connectors.Connector {
	settings := []connectors.Setting{{Name: "token", Help: "The token to sign in with.", Required: true, Secret: true}}
	view := "select id, name from raw.deals"
	switch c.flaw {
	case "a setting without help":
		settings[0].Help = ""
	case "an undocumented setting":
		settings = nil
	case "a secret with a default":
		settings[0].Required, settings[0].Default = false, "admin"
	case "a view of a table that is not there":
		view = "select id from raw.leads"
	}
	return connectors.Connector{
		Name: "fake", Title: "Fake", Settings: settings,
		Views: fs.FS(fstest.MapFS{"deals.sql": {Data: []byte(view)}}),
		Open:  func(context.Context, connectors.Values) (connectors.Source, error) { return c, nil },
	}
}

var (
	utf8 = arrow.BinaryTypes.String
	when = arrow.FixedWidthTypes.Timestamp_ms
)

func fields(pairs ...any) *arrow.Schema {
	var out []arrow.Field
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, arrow.Field{Name: pairs[i].(string), Type: pairs[i+1].(arrow.DataType), Nullable: true})
	}
	return arrow.NewSchema(out, nil)
}

func (c *crm) Streams(context.Context) ([]connectors.Stream, error) {
	c.asked++
	deals := connectors.Table{Name: "deals", Key: []string{"id"}, Version: "modified_at",
		Schema: fields("id", utf8, "name", utf8, "modified_at", when, connectors.DeletedColumn, arrow.FixedWidthTypes.Boolean)}
	names := connectors.Table{Name: "deal_names", Key: []string{"id", "at"}, Schema: fields("id", utf8, "at", when, "name", utf8)}
	stages := connectors.Table{Name: "stages", Key: []string{"id"}, Schema: fields("id", utf8, "name", utf8)}
	out := []connectors.Stream{{Name: "deals", Tables: []connectors.Table{deals, names}}, {Name: "stages", Tables: []connectors.Table{stages}}}
	switch c.flaw {
	case "streams in another order each time":
		if c.asked%2 == 0 {
			slices.Reverse(out)
		}
	case "a key that is no column":
		out[1].Tables[0].Key = []string{"stage_id"}
	case "two streams with one table":
		out = append(out, connectors.Stream{Name: "phases", Tables: []connectors.Table{stages}})
	case "versions without deletions":
		out[0].Tables[0].Schema = fields("id", utf8, "name", utf8, "modified_at", when)
	}
	return out, nil
}

// A place is where reading goes on: what was modified after since and up to
// until, from the index-th record of those. It is the fake's cursor.
type place struct{ since, until, index int64 }

func (c *crm) Read(ctx context.Context, s connectors.Stream, since connectors.Cursor) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		if c.flaw == "a goroutine that is left behind" {
			go func() { select {} }()
		}
		if s.Name != "deals" {
			c.readStages(ctx, s, yield)
			return
		}
		p := place{since: -overlap, until: c.now}
		if since != "" {
			fmt.Sscan(string(since), &p.since, &p.until, &p.index)
		}
		if p.until < 0 || c.flaw == "the cursor is ignored" { // the window was read to its end
			p = place{since: p.since, until: c.now}
		}
		if c.flaw == "the cursor is ignored" {
			p.since = -overlap
		}
		c.readDeals(ctx, s, p, yield)
	}
}

func (c *crm) readDeals(ctx context.Context, s connectors.Stream, p place, yield func(connectors.Page, error) bool) {
	records := c.between(p.since-overlap, p.until)
	for first := true; first || p.index < int64(len(records)); first = false {
		if err := c.request(ctx); err != nil {
			if c.flaw == "errors that look like the end" {
				return
			}
			if !yield(connectors.Page{}, err) || c.flaw != "more pages after an error" {
				return
			}
		}
		from, to := min(int(p.index), len(records)), min(int(p.index)+pageSize, len(records))
		page := c.page(s, records[from:to])
		p.index = int64(to)
		next := p
		if to == len(records) {
			next = place{since: p.until, until: -1}
			if c.flaw == "a last cursor in the future" {
				next.since += wayBack
			}
		} else if c.flaw == "a cursor that skips a page" {
			next.index += pageSize
		}
		page.Next = connectors.Cursor(fmt.Sprint(next.since, next.until, next.index))
		if !yield(page, nil) {
			return
		}
	}
}

// between is what was modified after since and up to until, oldest first.
func (c *crm) between(since, until int64) []record {
	var out []record
	for _, r := range c.records {
		if r.modified > since && r.modified <= until {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b record) int { return int(a.modified - b.modified) })
	if c.flaw == "paging by time alone" { // ties across a page's edge get lost
		out = slices.CompactFunc(out, func(a, b record) bool { return a.modified == b.modified })
	}
	return out
}

func (c *crm) page(s connectors.Stream, records []record) connectors.Page {
	deals, names := decode.NewBuilder(s.Tables[0]), decode.NewBuilder(s.Tables[1])
	for _, r := range records {
		if c.flaw == "a record is dropped" && r.id == 21 || c.flaw == "deletions are not read" && r.isGone {
			continue
		}
		name := r.names[len(r.names)-1]
		switch c.flaw {
		case "a value is changed":
			name = strings.ReplaceAll(name, "deal 33", "deal thirty-three")
		case "values that differ each time":
			c.asked++
			name += strconv.Itoa(c.asked)
		}
		texts := []string{strconv.Itoa(r.id), name, instant(r.modified), strconv.FormatBool(r.isGone)}
		add(deals, texts[:s.Tables[0].Schema.NumFields()]...)
		for i, name := range r.names {
			if c.flaw == "history is dropped" && r.id == 5 {
				continue
			}
			add(names, strconv.Itoa(r.id), instant(r.stamps[i]), name)
		}
	}
	if c.flaw == "a record is invented" {
		add(deals, "4711", "nobody's", instant(1), "false")
	}
	a, _ := deals.Flush()
	b, _ := names.Flush()
	page := connectors.Page{Batches: []connectors.Batch{a, b}}
	switch c.flaw {
	case "a batch with another schema":
		page.Batches[0].Table = "deal_names"
	case "a batch of a table that is not listed":
		page.Batches[0].Table = "leads"
	case "a reject that leads nowhere":
		page.Rejects = []connectors.Reject{{Table: "deals", Column: "amount", Value: "x"}}
	}
	return page
}

func add(b *decode.Builder, texts ...string) {
	for i, text := range texts {
		b.Set(i, []byte(text))
	}
	b.EndRow()
}

func (c *crm) readStages(ctx context.Context, s connectors.Stream, yield func(connectors.Page, error) bool) {
	if err := c.request(ctx); err != nil {
		yield(connectors.Page{}, err)
		return
	}
	b := decode.NewBuilder(s.Tables[0])
	add(b, "1", "open")
	add(b, "2", "won")
	batch, _ := b.Flush()
	yield(connectors.Page{Batches: []connectors.Batch{batch}, Next: "read"}, nil)
}

// request is one call of the CRM.
func (c *crm) request(ctx context.Context) error {
	if ctx.Err() != nil && c.flaw != "cancelling is not noticed" {
		if c.flaw == "cancelling looks like the CRM's fault" {
			return errors.New("the CRM is gone")
		}
		return ctx.Err()
	}
	if c.left--; c.left < 0 {
		return fault.Errorf(fault.Them, "the CRM is broken")
	}
	return nil
}

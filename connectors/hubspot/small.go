package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A small is a stream that a few calls read: settings, people, and events that
// HubSpot lists by date.
type small struct {
	name   string
	tables []connectors.Table
	isSoft bool
	read   func(*smallReading) error
}

// A smallReading is one reading of a small stream, under way.
type smallReading struct {
	*portal
	ctx      context.Context
	builders []*decode.Builder // of the stream's tables
	last     memo
	told     []connectors.Reject // what could not be read, though the rest could
}

// A memo is the cursor of a small stream.
type memo struct {
	Version int               `json:"v"`
	Until   int64             `json:"until,omitempty"` // epoch ms: events up to here were read
	Day     string            `json:"day,omitempty"`   // of the last snapshot
	Known   map[string]string `json:"known,omitempty"` // what there was, to tell what is new, changed or gone
}

func (p *portal) smalls() []small {
	return []small{
		accountStream(), catalogueStream(), auditStream(), teamStream(), rateStream(),
		forecastTypeStream(), submissionStream(), loginStream(), auditLogStream(),
		countStream(), // last: what it counts is read before
	}
}

func (p *portal) small(name string) (small, bool) {
	for _, s := range p.smalls() {
		if s.name == name {
			return s, true
		}
	}
	return small{}, false
}

// readSmall sends the one page of a small stream.
func (p *portal) readSmall(ctx context.Context, sm small, s connectors.Stream, since connectors.Cursor, pages chan<- delivery) {
	r := &smallReading{portal: p, ctx: ctx, last: memo{Version: cursorVersion}}
	if since != "" {
		if err := json.Unmarshal([]byte(since), &r.last); err != nil || r.last.Version != cursorVersion {
			pages <- delivery{err: fault.Errorf(fault.You,
				"hubspot: %s: cursor %q is not one that this version of merit writes; read the stream from its beginning with --full", s.Name, since)}
			return
		}
	}
	for _, t := range s.Tables {
		b := decode.NewBuilder(t)
		defer b.Release()
		r.builders = append(r.builders, b)
	}
	if err := sm.read(r); err != nil {
		if sm.isSoft && isRefused(err) && ctx.Err() == nil {
			pages <- delivery{page: leftOut(s, err, since)}
			return
		}
		pages <- delivery{err: err}
		return
	}
	for _, b := range r.builders {
		if err := b.KeyError(); err != nil {
			pages <- delivery{err: err}
			return
		}
	}
	next, err := json.Marshal(r.last)
	if err != nil {
		panic(err) // texts and numbers always marshal
	}
	page := connectors.Page{Next: connectors.Cursor(next), Rejects: r.told}
	for _, b := range r.builders {
		if b.Len() > 0 {
			batch, rejects := b.Flush()
			page.Batches, page.Rejects = append(page.Batches, batch), append(page.Rejects, rejects...)
		}
	}
	pages <- delivery{page: page}
}

// each calls for all pages of a list, and hands each result to use.
func (r *smallReading) each(path string, query url.Values, use func(*jsontext.Decoder) error) error {
	return r.eachPage(path, query, func(body *body) (string, error) { return eachResult(body, use) })
}

// eachOrOne is each for a reply that HubSpot's reference shows as a single object and
// accounts have been seen to give as a list, with or without "results" around it.
func (r *smallReading) eachOrOne(path string, use func(*jsontext.Decoder) error) error {
	return r.eachPage(path, nil, func(body *body) (string, error) {
		shape, err := replyShape(body.Bytes())
		switch {
		case err != nil:
			return "", err
		case shape == oneObject:
			d := decode.NewJSON(&body.Buffer)
			return "", errors.Join(use(d), decode.End(d))
		case shape == bareList:
			d := decode.NewJSON(&body.Buffer)
			return "", errors.Join(decode.Array(d, func() error { return use(d) }), decode.End(d))
		}
		return eachResult(body, use)
	})
}

// A shape is how a reply holds its results.
type shape int

const (
	resultsList shape = iota // {"results": […]}
	bareList                 // […]
	oneObject                // {"id": …}
)

func replyShape(body []byte) (shape, error) {
	d := decode.NewJSON(bytes.NewReader(body))
	if d.PeekKind() == '[' {
		return bareList, nil
	}
	hasID, hasResults := false, false
	err := decode.Members(d, func(name []byte) error {
		hasID = hasID || string(name) == "id"
		hasResults = hasResults || string(name) == "results"
		return decode.Skip(d)
	})
	if hasID && !hasResults {
		return oneObject, err
	}
	return resultsList, err
}

// eachPage calls for all pages of a list. use reads one and gives the mark of the
// next, "" after the last.
func (r *smallReading) eachPage(path string, query url.Values, use func(*body) (string, error)) error {
	var marks rounds
	for {
		body, err := r.portal.read(r.ctx, rest.Call{Method: http.MethodGet, Path: path, Query: query})
		if err != nil {
			return err
		}
		after, err := use(body)
		if err != nil {
			return fmt.Errorf("hubspot %s: %w", path, err)
		}
		r.bodies.put(body)
		if after == "" {
			return nil
		}
		if marks.isRepeated(after) {
			return fault.Errorf(fault.Them, "hubspot: %s goes in a circle at %q", path, after)
		}
		if query == nil {
			query = url.Values{}
		}
		query.Set("after", after)
	}
}

func eachResult(body *body, use func(*jsontext.Decoder) error) (after string, err error) {
	isPage := false
	d := decode.NewJSON(&body.Buffer)
	err = decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "results":
			isPage = d.PeekKind() == '['
			return decode.Array(d, func() error { return use(d) })
		case "paging":
			after, err = next(d)
			return err
		}
		return decode.Skip(d)
	})
	return after, wholePage(d, isPage, err)
}

// row fills a row with the members of an object that the table has columns for;
// lists and objects within stay JSON. also are columns that the object has not.
func row(d *jsontext.Decoder, b *decode.Builder, also map[string]string) error {
	err := decode.Members(d, func(name []byte) error {
		to := b.Column(string(name))
		if to < 0 {
			return decode.Skip(d)
		}
		text, _, err := decode.Text(d, nil)
		b.Set(to, text)
		return err
	})
	set(b, also)
	b.EndRow()
	return err
}

func set(b *decode.Builder, values map[string]string) {
	for column, value := range values {
		b.Set(b.Column(column), []byte(value))
	}
}

// now is HubSpot's time.
func (r *smallReading) now() (time.Time, error) {
	o, _ := r.object("deals")
	ms, err := r.clock(r.ctx, o)
	return time.UnixMilli(ms).UTC(), err
}

// accountStream says in which time zone and currency the account lives.
func accountStream() small {
	return small{
		name: "account",
		tables: []connectors.Table{{Name: "account", Key: []string{"portalId"}, Schema: arrow.NewSchema([]arrow.Field{
			text("portalId"), text("accountType"), text("timeZone"), text("companyCurrency"), text("additionalCurrencies"), text("utcOffset"),
		}, nil)}},
		read: func(r *smallReading) error {
			body, err := r.portal.read(r.ctx, rest.Call{Method: http.MethodGet, Path: r.path("account-info", "details")})
			if err != nil {
				return err
			}
			defer r.bodies.put(body)
			return row(decode.NewJSON(&body.Buffer), r.builders[0], nil)
		},
	}
}

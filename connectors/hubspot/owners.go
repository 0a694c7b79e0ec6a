package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

const ownersName = "owners"

// ownerStream has everybody who owns or owned records. Histories name people by
// userId, records by the owner's id: only this table tells which belong together.
func ownerStream() connectors.Stream {
	return connectors.Stream{Name: ownersName, Tables: []connectors.Table{{
		Name: ownersName, Key: []string{"id"},
		Schema: arrow.NewSchema([]arrow.Field{
			text("id"), flag(connectors.DeletedColumn), text("email"), text("firstName"), text("lastName"),
			text("type"), // PERSON or QUEUE
			whole("userId"), whole("userIdIncludingInactive"),
			text("team"), // the name of the primary one
			instant("createdAt"), instant("updatedAt"),
		}, nil),
	}}}
}

// owners reads all owners each time: there are few, and nothing tells which of
// them changed. The archived ones come first, so that whoever is in both counts as
// active; HubSpot leaves them out unless asked.
func (p *portal) owners(ctx context.Context, s connectors.Stream, pages chan<- delivery) {
	b := decode.NewBuilder(s.Tables[0])
	defer b.Release()
	for _, archived := range []bool{true, false} {
		if err := p.ownerPages(ctx, b, archived); err != nil {
			pages <- delivery{err: err}
			return
		}
	}
	if err := b.KeyError(); err != nil {
		pages <- delivery{err: fmt.Errorf("hubspot owners: %w", err)}
		return
	}
	page := connectors.Page{Next: "{\"v\":1}"}
	if b.Len() > 0 {
		batch, rejects := b.Flush()
		page.Batches, page.Rejects = []connectors.Batch{batch}, rejects
	}
	pages <- delivery{page: page}
}

func (p *portal) ownerPages(ctx context.Context, b *decode.Builder, archived bool) error {
	query := url.Values{"limit": {strconv.Itoa(listedAtOnce)}, "archived": {strconv.FormatBool(archived)}}
	var marks rounds
	for {
		body, err := p.read(ctx, rest.Call{Method: http.MethodGet, Path: p.path("crm/owners"), Query: query})
		if err != nil {
			return err
		}
		after, err := readOwners(body, b)
		if err != nil {
			return fmt.Errorf("hubspot owners: %w", err)
		}
		p.bodies.put(body)
		if after == "" {
			return nil
		}
		if marks.isRepeated(after) {
			return fault.Errorf(fault.Them, "hubspot: the list of owners goes in a circle at %q", after)
		}
		query.Set("after", after)
	}
}

func readOwners(body *body, b *decode.Builder) (after string, err error) {
	isPage := false
	d := decode.NewJSON(&body.Buffer)
	err = decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "results":
			isPage = d.PeekKind() == '['
			return decode.Array(d, func() error { return readOwner(d, b) })
		case "paging":
			after, err = next(d)
			return err
		}
		return decode.Skip(d)
	})
	return after, wholePage(d, isPage, err)
}

func readOwner(d *jsontext.Decoder, b *decode.Builder) error {
	deleted := []byte("false")
	err := decode.Members(d, func(name []byte) error {
		switch string(name) {
		case "teams":
			team, err := primaryTeam(d)
			b.Set(b.Column("team"), team)
			return err
		case "archived":
			text, _, err := decode.Text(d, nil)
			deleted = text
			return err
		}
		to := b.Column(string(name))
		text, _, err := decode.Text(d, nil)
		b.Set(to, text)
		return err
	})
	b.Set(b.Column(connectors.DeletedColumn), deleted)
	b.EndRow()
	return err
}

// primaryTeam is the name of the team marked primary, or else of the first.
func primaryTeam(d *jsontext.Decoder) (team []byte, err error) {
	err = decode.Array(d, func() error {
		var name []byte
		isPrimary := false
		err := decode.Members(d, func(member []byte) error {
			what := string(member)
			text, _, err := decode.Text(d, nil)
			switch what {
			case "name":
				name = text
			case "primary":
				isPrimary = string(text) == "true"
			}
			return err
		})
		if isPrimary || team == nil {
			team = name
		}
		return err
	})
	return team, err
}

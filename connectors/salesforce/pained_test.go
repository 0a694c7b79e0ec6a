package salesforce

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/rest"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

// A pained test reads a sandbox on a bad day, as the lake does: it keeps the last
// row of each id and the cursor of the last page, and goes on from there when a read
// ends in an error. What it has in the end is held against the sandbox's own rows.
type pained struct {
	t     *testing.T
	box   *sandbox.Sandbox
	v     connectors.Values
	a     *account
	s     connectors.Stream
	since connectors.Cursor
	rows  connectortest.Rows
	given int // rows that came, also again

	listed map[string]string // when each id was last in a list of all, as the lake would know
}

func inPain(t *testing.T, stream string, story *company.Company, more ...string) *pained {
	t.Helper()
	box := sandbox.New(story)
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	settings := boxSettings(server.URL)
	for i := 0; i < len(more); i += 2 {
		settings[more[i]] = append(settings[more[i]], more[i+1])
	}
	source, err := impatient().Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	p := &pained{t: t, box: box, v: settings, a: source.(*account), rows: connectortest.Rows{}, listed: map[string]string{}}
	p.describe(stream)
	return p
}

// describe looks at the stream's columns anew, as every run does.
func (p *pained) describe(stream string) {
	p.t.Helper()
	streams, err := p.a.Streams(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.s = streams[slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == stream })]
}

// read reads once.
func (p *pained) read() error {
	for page, err := range p.a.Read(p.t.Context(), p.s, p.since) {
		if err != nil {
			return err
		}
		for _, b := range page.Batches {
			for _, row := range texts(b.Records) {
				if b.Table == p.s.Name {
					p.keep(b.Records.Schema(), row)
				} else {
					p.listed[row["record_id"]] = row["listed_at"]
				}
			}
			b.Records.Release()
		}
		p.since = page.Next
	}
	return nil
}

func (p *pained) keep(schema *arrow.Schema, row map[string]string) {
	kept := connectortest.Row{}
	for _, f := range schema.Fields() {
		kept[f.Name] = row[f.Name] // "" is null
	}
	p.given++
	before, known := p.rows[kept["Id"]]
	if !known || kept[p.s.Tables[0].Version] >= before[p.s.Tables[0].Version] {
		p.rows[kept["Id"]] = kept
	}
}

func (p *pained) mustRead() {
	p.t.Helper()
	if err := p.read(); err != nil {
		p.t.Fatal(err)
	}
}

// same asserts that no row is lost, doubled or altered.
func (p *pained) same() {
	p.t.Helper()
	want := truthOf(p.box)[p.s.Name]
	if len(want) == 0 || len(p.rows) != len(want) {
		p.t.Fatalf("%d rows of %d", len(p.rows), len(want))
	}
	for id, row := range want {
		for name, text := range row {
			if got := p.rows[id][name]; connectortest.Plain(got) != connectortest.Plain(strings.ReplaceAll(text, "\x00", "")) {
				p.t.Fatalf("%s of %s is %q, and was read as %q", name, id, text, got)
			}
		}
	}
}

// once asserts that what came in one backfill came once.
func (p *pained) once() {
	p.t.Helper()
	if p.given != len(p.rows) {
		p.t.Errorf("%d rows came of %d", p.given, len(p.rows))
	}
}

func acme() *company.Company { return company.Acme(5, 150) }

func (p *pained) troubles(t sfserver.Trouble) { p.box.Salesforce().Trouble(t) }

// later lets time pass and reads what it brought.
func (p *pained) later(d time.Duration) {
	p.t.Helper()
	p.box.Clock().Advance(d)
	p.mustRead()
}

// formulas asserts that each deal's age is today's.
func (p *pained) formulas() {
	p.t.Helper()
	for row := range p.box.Salesforce().Rows("Opportunity", "Id", "Age__c") {
		if got := p.rows[row[0]]["Age__c"]; got != row[1] {
			p.t.Fatalf("the age of %s is %s, and was read as %q", row[0], row[1], got)
		}
	}
}

// jobs is how many Bulk jobs the org was asked for.
func (p *pained) jobs() int {
	p.t.Helper()
	var list struct{ Records []struct{ ID string } }
	if err := p.a.api.JSON(p.t.Context(), rest.Call{Path: p.a.path("jobs", "query")}, &list); err != nil {
		p.t.Fatal(err)
	}
	return len(list.Records)
}

// reopen opens the account anew, as the next run does.
func (p *pained) reopen() {
	p.t.Helper()
	again, err := openOver(nil, p.v)
	if err != nil {
		p.t.Fatal(err)
	}
	again.pace = p.a.pace
	p.a = again
}

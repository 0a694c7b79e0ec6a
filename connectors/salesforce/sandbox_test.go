package salesforce

import (
	"context"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/fault"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// The sandbox tells what it has without a query, a page or a protocol, so that it
// can't share a mistake with the reading of them.

func TestContract(t *testing.T) {
	connectortest.Run(t, impatient(), func(t *testing.T) connectortest.Account {
		box := sandbox.New(company.Acme(7, 150))
		breaker := connectortest.NewBreaker(box)
		server := httptest.NewServer(breaker)
		t.Cleanup(server.Close)
		earlier := connectortest.Truth{} // what was seen on another day is kept
		return connectortest.Account{
			Settings: boxSettings(server.URL),
			Truth: func() connectortest.Truth {
				truth := truthOf(box)
				for name, rows := range earlier {
					maps.Copy(truth[name], rows)
				}
				return truth
			},
			Advance: func() {
				earlier["ForecastingItem"] = truthOf(box)["ForecastingItem"]
				box.Clock().Advance(7 * 24 * time.Hour)
			},
			Break:   breaker.Break,
			Mend:    breaker.Mend,
			Overlap: overlap,
			Whole:   []string{"Contract"}, // its status moves on with the calendar
		}
	})
}

// impatient is the connector with short pages, which hardly waits for a job.
func impatient() connectors.Connector {
	c := Connector()
	c.Open = func(_ context.Context, v connectors.Values) (connectors.Source, error) {
		a, err := openOver(nil, v)
		if err != nil {
			return nil, err
		}
		a.pace.pageRows, a.pace.partRows = 400, 150
		a.pace.pollFrom, a.pace.pollTo = time.Millisecond, time.Millisecond
		return a, nil
	}
	return c
}

func boxSettings(url string) connectors.Values {
	return connectors.Values{"endpoint": {url}, "client_id": {sandbox.ClientID}, "client_secret": {sandbox.ClientSecret}}
}

// truthOf is every row of every object that we read, as the sandbox has it.
func truthOf(box *sandbox.Sandbox) connectortest.Truth {
	truth := connectortest.Truth{}
	for _, o := range objects() {
		has := box.Salesforce().Columns(o.name)
		columns := slices.DeleteFunc(strings.Fields(o.keeps+" "+o.optional), func(name string) bool { return !slices.Contains(has, name) })
		rows := connectortest.Rows{}
		for cells := range box.Salesforce().Rows(o.name, columns...) {
			row := connectortest.Row{}
			for i, name := range columns {
				if name == "IsDeleted" && o.kind == changing {
					name = connectors.DeletedColumn
				}
				row[name] = plain(kindOf(columns[i]), cells[i])
			}
			key := connectortest.Key(row["Id"])
			if o.isDated {
				key = connectortest.Key(row["Id"], row[o.cursor])
			}
			if o.kind == snapshot {
				row[takenOn.Name] = box.Clock().Now().Format(time.DateOnly)
				key = connectortest.Key(row["Id"], row[takenOn.Name])
			}
			rows[key] = row
		}
		truth[o.name] = rows
	}
	truth["schema_drift"] = connectortest.Rows{} // nobody changes a field meanwhile
	return truth
}

// plain writes a text of Salesforce's as a Row has it.
func plain(kind, text string) string {
	switch {
	case text == "":
		return ""
	case kind == "datetime":
		at, err := time.Parse("2006-01-02T15:04:05.000Z", text)
		if err != nil {
			panic(err)
		}
		return at.Format(time.RFC3339Nano)
	case kind == "currency" || kind == "percent" || kind == "rate":
		number, ok := new(big.Rat).SetString(text)
		if !ok {
			panic("no number: " + text)
		}
		if kind == "percent" {
			return number.FloatString(0)
		}
		if kind == "rate" {
			return number.FloatString(6)
		}
		return number.FloatString(2)
	}
	return text
}

// inBox gives a test a sandbox, an account in it and one of its streams.
func inBox(t *testing.T, stream string) (*sandbox.Sandbox, *account, connectors.Stream) {
	t.Helper()
	box := sandbox.New(company.Acme(11, 200))
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	a, s := opened(t, server.URL, stream)
	return box, a, s
}

func opened(t *testing.T, url, stream string) (*account, connectors.Stream) {
	t.Helper()
	source, err := impatient().Open(t.Context(), boxSettings(url))
	if err != nil {
		t.Fatal(err)
	}
	streams, err := source.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == stream })
	return source.(*account), streams[i]
}

func TestBulkAndRESTAgree(t *testing.T) {
	for _, name := range []string{"Opportunity", "OpportunityHistory", "OpportunityFieldHistory", "Task", "Event", "User"} {
		t.Run(name, func(t *testing.T) {
			_, a, s := inBox(t, name)
			byBulk, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			since := afterBackfill(s, "2000-01-01T00:00:00Z")
			a.pace.bulkFrom = 1 << 40
			byREST, err := take(a, s, since)
			if err != nil {
				t.Fatal(err)
			}
			one, other := byID(byBulk), byID(byREST)
			if len(one) == 0 || len(one) != len(other) {
				t.Fatalf("%d rows by Bulk, %d by REST", len(one), len(other))
			}
			for id, row := range one {
				if !maps.Equal(row, other[id]) {
					t.Fatalf("%s is\n%v by Bulk and\n%v by REST", id, row, other[id])
				}
			}
		})
	}
}

func byID(pages []taken) map[string]map[string]string {
	rows := map[string]map[string]string{}
	for _, p := range pages {
		for _, r := range p.rows {
			rows[r["Id"]] = r
		}
	}
	return rows
}

func TestASessionThatEndsWhileReading(t *testing.T) {
	box := sandbox.New(company.Acme(11, 200))
	calls := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/results") && calls.Add(1) == 2 {
			box.Salesforce().Expire()
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a, s := opened(t, server.URL, "OpportunityHistory")
	pages, err := take(a, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(byID(pages)), box.Salesforce().Count("OpportunityHistory"); got != want || calls.Load() < 4 {
		t.Errorf("%d of %d rows came, by %d calls", got, want, calls.Load())
	}
}

func TestFieldHiddenWhileReading(t *testing.T) {
	box, a, s := inBox(t, "Opportunity")
	box.Hide("Opportunity", "Amount")
	_, err := take(a, s, "")
	mends(t, err, fault.You, "Opportunity.Amount can't be read by this account", "Read access")
	_, err = a.Streams(t.Context())
	mends(t, err, fault.You, "salesforce: Opportunity.Amount can't be read by this account")
}

func TestSandboxRefusesWrongSecret(t *testing.T) {
	server := httptest.NewServer(sandbox.New(company.Acme(1, 1)))
	t.Cleanup(server.Close)
	source, err := Connector().Open(t.Context(), connectors.Values{"endpoint": {server.URL}, "client_id": {sandbox.ClientID}, "client_secret": {"s3cr3t-canary"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = source.Streams(t.Context())
	mends(t, err, fault.You, "client_secret", "salesforce")
	if strings.Contains(err.Error(), "s3cr3t-canary") {
		t.Errorf("the secret is in the error: %v", err)
	}
}

func TestUsageIsTheOrgsOwnCount(t *testing.T) {
	_, a, _ := inBox(t, "User")
	if u := a.Usage(); u.Limit != 100_000 || u.Used != 3 { // the limits, and describes 25 a call
		t.Errorf("usage %+v after %d describes", u, len(objects()))
	}
}

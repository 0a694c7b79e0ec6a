package salesforce

import (
	"context"
	"math/big"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// The sandbox tells what it has without a query, a page or a protocol, so that it
// can't share a mistake with the reading of them.

func TestContract(t *testing.T) {
	connectortest.Run(t, impatient(), func(t *testing.T) connectortest.Account {
		box := sandbox.New(company.Acme(7, 300))
		breaker := connectortest.NewBreaker(box)
		server := httptest.NewServer(breaker)
		t.Cleanup(server.Close)
		return connectortest.Account{
			Settings: boxSettings(server.URL),
			Truth:    func() connectortest.Truth { return truthOf(box) },
			Advance:  func() { box.Clock().Advance(7 * 24 * time.Hour) },
			Break:    breaker.Break,
			Mend:     breaker.Mend,
			Overlap:  overlap,
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
		a.pace.pageRows = 400
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
			rows[connectortest.Key(row["Id"])] = row
		}
		truth[o.name] = rows
	}
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
	case kind == "currency" || kind == "percent":
		number, ok := new(big.Rat).SetString(text)
		if !ok {
			panic("no number: " + text)
		}
		if kind == "percent" {
			return number.FloatString(0)
		}
		return number.FloatString(2)
	}
	return text
}

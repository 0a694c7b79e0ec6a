// Package connectortest is the contract of a connector: one call of Run says
// whether it keeps what package connectors promises to the lake. It needs an
// account whose truth is known without the connector, as a sandbox's is.
package connectortest

import (
	"strings"
	"testing"
	"time"

	"merit/connectors"
)

// An Account is one account at the CRM, set up for a test, and what is true of it.
type Account struct {
	Settings connectors.Values
	// Truth tells what a read that begins now must end up with, from the CRM's own
	// model and not through the connector. It names each stream's first table at
	// least; tables that it does not name are held against the first full read.
	Truth func() Truth
	// Advance lets the CRM's time pass: afterwards records were changed, made and
	// deleted.
	Advance func()
	// Break lets the CRM answer this many more requests and then refuse each one,
	// in a way that is not worth a retry; Mend ends that. A Breaker has both.
	Break func(after int)
	Mend  func()
	// Overlap is how far behind its cursor the connector reads again.
	Overlap time.Duration
	// Whole names the tables that are read whole each time, since the CRM does not
	// tell what changed in them.
	Whole []string
}

// Truth is the rows of each table by the table's name.
type Truth map[string]Rows

// Rows are a table's rows by Key.
type Rows map[string]Row

// A Row is the text of those columns that the test knows: "" for null, instants
// as 2006-01-02T15:04:05.999Z, decimals with any number of zeros at their end.
type Row map[string]string

// Key is the key of a row: the text of the table's key columns.
func Key(values ...string) string { return strings.Join(values, "/") }

// Run checks that c keeps the contract. It opens an account for each part.
func Run(t *testing.T, c connectors.Connector, open func(t *testing.T) Account) {
	t.Helper()
	check(inTest{t, open}, c)
}

// reporter is what the contract needs of a *testing.T; another one sees whether a
// broken connector is found out.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Run(name string, f func(reporter)) bool
	account() Account
}

// inTest reports to the test that called Run.
type inTest struct {
	*testing.T
	open func(t *testing.T) Account
}

func (t inTest) Run(name string, f func(reporter)) bool {
	return t.T.Run(name, func(t2 *testing.T) { f(inTest{t2, t.open}) })
}

func (t inTest) account() Account { return t.open(t.T) }

// check is the contract, part by part.
func check(t reporter, c connectors.Connector) {
	t.Helper()
	parts := []struct {
		name string
		part func(reporter, connectors.Connector)
	}{
		{"its settings are documented", settingsAreDocumented},
		{"its streams are the same each time, with keys that exist", streamsAreStable},
		{"its views read tables that it has", viewsReadItsTables},
		{"a full read gives exactly what is there", fullReadIsTrue},
		{"resumes after any page and loses no record", resumesAnywhere},
		{"a second read brings nothing but the overlap", secondReadIsShort},
		{"after a while it brings what changed, and no more than the overlap besides", readsChanges},
		{"stops at the first error, and goes on from the last cursor", stopsAtErrors},
		{"cancelling ends the read", stopsWhenCancelled},
		{"leaves nothing running when the reader walks away", leavesNothing},
	}
	for _, p := range parts {
		t.Run(p.name, func(t reporter) { p.part(t, c) })
	}
}

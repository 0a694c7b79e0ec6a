// Package connectors says what every CRM looks like from the rest of Merit: a
// Source, which lists Streams and yields them as Pages of typed Arrow batches.
//
// Adding a CRM is adding one folder beside this file. Its promise to the lake,
// which connectortest checks: a read may repeat a record, but never leaves one
// out, and it stops at the first error.
package connectors

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// A Connector is a kind of CRM: how it is set up and how an account is opened.
type Connector struct {
	Name     string    // the key in merit.yml: "salesforce"
	Title    string    // for people: "Salesforce"
	Settings []Setting // what merit.yml may say about a source of this kind
	Views    fs.FS     // one NAME.sql for each staging table it can fill: a select from raw.*
	Open     func(context.Context, Values) (Source, error)
	Stands   func(Cursor) Standing // reads a cursor for people; nil where cursors don't say
	// Idled tells whether a later cursor differs from an earlier one by less than half a day
	// of time in which nothing happened, so that it need not be kept; nil where cursors
	// hold no time.
	Idled  func(before, after Cursor) bool
	People People // where personal data lies
	// EmptyIsAbsent: a table without rows was not given at all, as when nobody
	// dropped a file. Otherwise the account was asked, and has none.
	EmptyIsAbsent bool
	// Counts is a condition on the rows of a raw table, called records, that tells those
	// that count today from those that were replaced; nil: all count.
	Counts func(schema, table string) string
}

// A Standing is how far a stream is read; zero is unknown.
type Standing struct {
	Until  time.Time // everything that changed up to then is read
	Newest time.Time // last change of the records that came
	Whole  time.Time // when all records were last read for their formulas: so old may a formula's value be; zero where there is none
	// IsPartial: the first reading of all records is not over yet.
	IsPartial bool
}

// A Setting is one line that a source may have in merit.yml.
type Setting struct {
	Name     string
	Was      string // its name in earlier versions, which is answered with this one
	Help     string // one sentence, with an example
	Default  string
	Required bool
	Secret   bool // must come from ${ENV} or file:
	List     bool // a YAML list; otherwise a single text
	Path     bool // a file or folder, from the project's own folder on
}

// A Source is one account at a CRM, signed in.
type Source interface {
	// Streams lists what this account lets us read, with today's columns. A
	// column that the views need and the account can't read is a Fault of You.
	Streams(context.Context) ([]Stream, error)
	// Read yields what changed since the cursor. It may repeat a record but never
	// leaves one out, and stops at the first error, which it yields. The receiver
	// of a page owns its batches and releases them.
	Read(ctx context.Context, s Stream, since Cursor) iter.Seq2[Page, error]
}

// A Metered source knows how much of the account's daily API budget is used.
type Metered interface {
	Usage() Usage
}

// A Warner notices what a person should know and no reading has to stop for: a field
// that became another type, a list that may not have been complete.
type Warner interface {
	Warnings() []string
}

// A Chooser can be told which streams will be read, before they are listed; without a
// name in only, all are. It lists the others too, with the columns that every account has
// of them, and asks the CRM nothing about them.
type Chooser interface {
	Choose(only, without []string)
}

// An IDLister can be told to list all ids of a stream at its next reading, so that records
// which the lake lacks are found by name.
type IDLister interface {
	ListIDs(stream string)
}

// Columns of a table that lists all ids of an object: a row for each record with when it
// was last in a complete list, and in row AllIDs when such a list was last complete.
const (
	RecordIDColumn = "record_id"
	ListedAtColumn = "listed_at"
	AllIDs         = "*"
)

// Usage counts API calls of the running day; Limit 0 is unknown.
type Usage struct {
	Used, Limit int64
}

// A Stream is what is read and resumed together: HubSpot's deals give the tables
// deals, deal_history and deal_links. The first table is the main one.
type Stream struct {
	Name       string
	Tables     []Table
	Unreadable error // why it can't be read today, as reading it will say; nil: it can
}

// A Table is one table of a stream, as the CRM describes it today.
//
// Rows are only ever appended. The row that counts for a key is the one with the
// highest Version, the later one in reading order among equals. A table whose
// rows never change (history) has a Key that says all and no Version.
type Table struct {
	Name    string
	Key     []string
	Version string // the column by which the later row wins; "" when reading order decides
	Schema  *arrow.Schema
}

// DeletedColumn is the boolean column by which a row says that its record is gone
// from the CRM (deleted, archived, or missing from a sweep of all ids).
const DeletedColumn = "merit_deleted"

// CountsTable is the table in which a source that can count tells how many records
// there are of each object: object_name, counted_on, date_column (of the object's own
// table), created_until (of those dated up to then), records, counted_at, date_moves
// (a record may have had another date when it was counted) and deleted_at_column (only
// records that are not deleted were counted; since when one is, says that column).
const CountsTable = "record_counts"

// A Page is what one step of reading brought.
type Page struct {
	Batches []Batch
	Rejects []Reject
	Next    Cursor // where reading goes on once the batches are kept
	LeftOut error  // why there is nothing: an edition or a permission that an account may lack; nil otherwise
}

// A Batch is some rows of one table. Its schema equals the table's.
type Batch struct {
	Table   string
	Records arrow.RecordBatch
}

// A Reject is a value that does not fit its column's type. The row is kept with
// null there; the value is kept here, as text.
type Reject struct {
	Table  string
	Key    string // the record's id
	Column string
	Value  string
	Reason string
}

// An AccountError is one that every stream of the account would meet: a refused
// sign-in, a host that can't be reached, a day's calls that are used up. Every other
// error of a reading concerns its stream alone.
type AccountError struct{ Err error }

func (e AccountError) Error() string { return e.Err.Error() }
func (e AccountError) Unwrap() error { return e.Err }

// OfAccount marks err as an AccountError.
func OfAccount(err error) error {
	if err == nil || IsOfAccount(err) {
		return err
	}
	return AccountError{err}
}

// IsOfAccount tells whether no other stream of the account could be read either.
func IsOfAccount(err error) bool {
	var of AccountError
	return errors.As(err, &of)
}

// A Cursor is where reading goes on, opaque to all but its connector; "" is the
// beginning.
type Cursor string

// IdleFor is how far a cursor may move on in time, with nothing else to tell, before it is
// kept: asking for half a day once more costs no more calls, and a lake that is read every
// minute does not get a snapshot every minute.
const IdleFor = 12 * time.Hour

// DocKey is under what a column's metadata says for people what the column holds: the
// label that the CRM shows.
const DocKey = "doc"

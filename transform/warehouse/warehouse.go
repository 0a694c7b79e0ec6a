// Package warehouse says what a SQL engine must do for Merit: show the lake's
// pinned files as tables, build tables from queries all or nothing, answer
// questions, and publish what business people read.
//
// A folder beside this file is an engine; warehousetest is what each must pass.
package warehouse

import (
	"context"
	"fmt"
	"iter"

	"merit/transform/lake"
)

// A Column is one column of a table, in the contract's own SQL types: varchar,
// bigint, double, boolean, date, timestamp with time zone, numeric(p, s).
type Column struct {
	Name     string
	Type     string // "": whatever the query gives
	Comment  string // for people, kept in the database
	Nullable bool
}

// A Relation is a table that people and models know by name.
type Relation struct {
	Schema, Name string
	Comment      string
	Grain        string // what a row is; "" is not said
	Columns      []Column
	Key          []string // what makes a row itself; published files are sorted by it
	MadeOf       string   // of what its rows were made: equal texts, equal rows; "" is unknown
	IsView       bool     // true: an engine may keep the query and run it for whoever reads it
}

// String is the name that SQL knows it by: staging.deals.
func (r Relation) String() string { return r.Schema + "." + r.Name }

// Description is all that r says, as a text to compare.
func (r Relation) Description() string {
	type all Relation // without the name that String gives for it
	return fmt.Sprintf("%#v", all(r))
}

// A Warehouse is a SQL engine with Merit's tables in it.
type Warehouse interface {
	// Dialect names the file of functions it understands: "duckdb", "bigquery".
	Dialect() string
	// Load makes schema.<table> for each pinned table: the latest row of each key
	// in exactly the pinned files, without the lake's own columns. A table without
	// a key keeps every row; one without files is there, and empty.
	Load(ctx context.Context, schema string, tables []lake.Pinned) error
	// Exec runs one or more statements.
	Exec(ctx context.Context, sql string) error
	// Put replaces a table by rows. A value is nil, a string (any type's text), an
	// int, an int64, a float64, a bool or a time.Time. A decimal comes as text and
	// must fit: nothing is rounded.
	Put(ctx context.Context, r Relation, rows iter.Seq[[]any]) error
	// Build replaces a table by what a query gives, all or nothing, with comments.
	// Columns that have a type are cast to it; the query must give exactly the
	// columns of r, when r has any.
	Build(ctx context.Context, r Relation, query string) error
	// Query yields the rows of an answer and stops at the first error.
	Query(ctx context.Context, sql string, args ...any) iter.Seq2[Row, error]
	// Publish writes the relations into folder for readers, who are never blocked
	// and never see half. What did not change is not replaced.
	Publish(ctx context.Context, relations []Relation, folder string) error
	Close() error
}

// An Inventory is a warehouse that can list its tables without paying for it. It is asked
// before a table is taken for what was made in an earlier build.
type Inventory interface {
	// Tables are the tables and views that it has, by schema.name.
	Tables(ctx context.Context) (map[string]bool, error)
}

// A Parallel warehouse runs statements side by side; another one does one after another.
type Parallel interface {
	// AtOnce is how many.
	AtOnce() int
}

// A Counter knows how many rows a table has without a query.
type Counter interface {
	RowsOf(ctx context.Context, r Relation) (int64, error)
}

// A Superseding engine leaves readers what was published before.
type Superseding interface {
	// RemoveSuperseded removes every published version but the one that readers are shown.
	RemoveSuperseded(folder string) error
}

// An Estimator is a warehouse that bills by what a query reads, and can tell it
// before.
type Estimator interface {
	// Estimate tells what a query would read. Nothing runs.
	Estimate(ctx context.Context, query string) (Estimate, error)
}

// An Estimate is bytes that a query would read, and those that would be billed.
type Estimate struct{ Read, Billed int64 }

// An Examiner is a warehouse that somebody else runs, and that can be looked at before.
type Examiner interface {
	// Examine tells what a run will find there; its error is of what would stop the run or
	// make its numbers wrong. Nothing is made.
	Examine(ctx context.Context) (findings []string, err error)
}

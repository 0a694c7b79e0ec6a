// Package duckdb is the embedded warehouse: one DuckDB file, or memory.
package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	duck "github.com/duckdb/duckdb-go/v2"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// A DB is a DuckDB database that this process holds alone.
type DB struct {
	pool *sql.DB
	path string // "" in memory
	// passing is a folder for what a database in memory spills, removed with it.
	passing string
}

var _ warehouse.Warehouse = (*DB)(nil)

// writtenFast leaves out the compression of texts that takes a quarter of the
// time of writing a table, for files that are half as large again (make
// bench-build). Dictionaries stay.
const writtenFast = "set global disabled_compression_methods = 'fsst'"

// Open opens or creates the database file; path "" keeps it in memory. What does
// not fit in memoryLimit ("2GB"; "" is DuckDB's own choice) goes to a folder
// beside the file. No extension is ever fetched: offline and online behave alike.
func Open(path, memoryLimit string) (*DB, error) {
	settings := url.Values{
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
	}
	if memoryLimit != "" {
		settings.Set("memory_limit", memoryLimit)
	}
	spill, passing := "", ""
	if path == "" {
		var err error
		if passing, err = os.MkdirTemp("", "merit-spill-"); err != nil { // other users share the folder, and would know a fixed name
			return nil, openFault("in memory", err)
		}
		spill = passing
	}
	if path != "" {
		whole, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("warehouse %s: %w", path, err)
		}
		// The driver reads the rest of the name as settings.
		if strings.ContainsAny(whole, "?%") {
			return nil, fault.Errorf(fault.You, "warehouse %s: a path with ? or %% can't be opened, choose another", path)
		}
		path, spill = whole, whole+".spill"
	}
	found, err := stateOf(path)
	if err != nil {
		return nil, openFault(path, err)
	}
	isNew := path != "" && found == ""
	connector, err := duck.NewConnector(path+"?"+settings.Encode(), func(conn driver.ExecerContext) error {
		_, err := conn.ExecContext(context.Background(), "set TimeZone = 'UTC'", nil)
		return err
	})
	if err != nil {
		return nil, openFault(path, err)
	}
	db := &DB{pool: sql.OpenDB(connector), path: path, passing: passing}
	if isNew { // it holds what people did, and is for its owner
		if err := os.Chmod(path, 0o600); err != nil {
			db.pool.Close()
			return nil, openFault(path, err)
		}
	}
	// As many threads as Go uses, which GOMAXPROCS and a container's limit decide: DuckDB
	// by itself starts one for each processor of the machine. Order is kept, so that
	// equal rows give equal files.
	err = db.Exec(context.Background(), fmt.Sprintf("set global threads = %d; set global temp_directory = %s; set global preserve_insertion_order = true; set global default_null_order = 'nulls_last'; %s", runtime.GOMAXPROCS(0), text(spill), writtenFast))
	if err != nil {
		db.pool.Close()
		return nil, openFault(path, err)
	}
	if err := db.forgetWhatOthersChanged(found); err != nil {
		db.pool.Close()
		return nil, openFault(path, err)
	}
	return db, nil
}

// OpenSmall keeps a database of a few rows in memory, which one thread works on: several
// of them work beside each other.
func OpenSmall() (*DB, error) {
	db, err := Open("", "512MB")
	if err != nil {
		return nil, err
	}
	if err := db.Exec(context.Background(), "set global threads = 1"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openFault(path string, err error) error {
	who, advice := fault.Us, ""
	switch message := err.Error(); {
	case strings.Contains(message, "Could not set lock"):
		who, advice = fault.Them, "another program has it open, so try again when it is done; BI tools read the published merit.duckdb instead: "
	case strings.Contains(message, "memory_limit"), strings.Contains(message, "memory limit"):
		who, advice = fault.You, "a memory limit reads like 2GB or 512MB: "
	case strings.Contains(message, "IO Error"), strings.Contains(message, "not a valid DuckDB database"):
		who = fault.You
	}
	return fault.Errorf(who, "warehouse %s: %s%w", path, advice, err)
}

// Dialect names sql/duckdb.sql.
func (db *DB) Dialect() string { return "duckdb" }

// Close writes what is left and lets go of the file.
func (db *DB) Close() error {
	err := db.pool.Close()
	if err == nil {
		err = db.rememberClosed()
	}
	if db.passing != "" {
		err = errors.Join(err, os.RemoveAll(db.passing))
	}
	if err != nil {
		return fmt.Errorf("warehouse %s: close: %w", db.path, err)
	}
	return nil
}

// Exec runs one or more statements.
func (db *DB) Exec(ctx context.Context, statements string) error {
	if _, err := db.pool.ExecContext(ctx, statements); err != nil {
		return fmt.Errorf("warehouse: %w", told(err))
	}
	return nil
}

// told says who can mend what DuckDB complains of: mostly we, whose SQL it is.
func told(err error) error {
	switch message := err.Error(); {
	case strings.Contains(message, "Out of Memory Error"):
		return fault.Errorf(fault.You, "more memory is needed than the settings allow: %w", err)
	case strings.Contains(message, "No space left on device"):
		return fault.Errorf(fault.You, "the disk is full: %w", err)
	case strings.Contains(message, "Catalog Error") && strings.Contains(message, "does not exist"):
		return &warehouse.NoTable{Err: err}
	}
	return err
}

// together runs work on one connection in one transaction: all of it, or none.
func (db *DB) together(ctx context.Context, work func(*sql.Conn) error) (err error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "begin transaction"); err != nil {
		return err
	}
	defer func() {
		if err != nil { // the context may be over, the transaction must end all the same
			conn.ExecContext(context.WithoutCancel(ctx), "rollback")
		}
	}()
	if err := work(conn); err != nil {
		return told(err)
	}
	if _, err := conn.ExecContext(ctx, "commit"); err != nil {
		return told(err)
	}
	return nil
}

// name is an identifier in SQL, whatever it holds.
func name(parts ...string) string {
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = `"` + strings.ReplaceAll(part, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ".")
}

func names(columns []string) string {
	quoted := make([]string, len(columns))
	for i, column := range columns {
		quoted[i] = name(column)
	}
	return strings.Join(quoted, ", ")
}

// text is a literal in SQL.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

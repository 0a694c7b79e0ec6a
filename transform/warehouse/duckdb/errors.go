package duckdb

import (
	"regexp"

	"merit/transform/warehouse"
)

// How DuckDB tells of a column that a table lacks.
var (
	unknownColumn = regexp.MustCompile(`Referenced column "([^"]+)" not found`)
	missingColumn = regexp.MustCompile(`Table "([^"]+)" does not have a column named "([^"]+)"`)
)

// otherKind is how DuckDB refuses to replace a view by a table, or the other way round.
var otherKind = regexp.MustCompile(`Existing object .* is of type (View|Table), trying to replace with type`)

func isOtherKind(err error) bool { return err != nil && otherKind.MatchString(err.Error()) }

// classified is an error as callers can tell it from others.
func classified(err error) error {
	if err == nil {
		return nil
	}
	if found := missingColumn.FindStringSubmatch(err.Error()); found != nil {
		return &warehouse.NoColumn{Table: found[1], Column: found[2], Err: err}
	}
	if found := unknownColumn.FindStringSubmatch(err.Error()); found != nil {
		return &warehouse.NoColumn{Column: found[1], Err: err}
	}
	return err
}

package bigquery

import (
	"regexp"

	"merit/transform/warehouse"
)

// How BigQuery tells of a column that a table lacks.
var (
	unknownName = regexp.MustCompile(`Unrecognized name: (\w+)`)
	missingName = regexp.MustCompile(`Name (\w+) not found inside (\w+)`)
)

// classified is an error as callers can tell it from others.
func classified(err error) error {
	if found := missingName.FindStringSubmatch(err.Error()); found != nil {
		return &warehouse.NoColumn{Table: found[2], Column: found[1], Err: err}
	}
	if found := unknownName.FindStringSubmatch(err.Error()); found != nil {
		return &warehouse.NoColumn{Column: found[1], Err: err}
	}
	return err
}

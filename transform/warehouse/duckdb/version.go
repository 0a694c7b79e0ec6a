package duckdb

import (
	"context"
	"errors"
)

// Version is of the engine that is linked in, as DuckDB says it: v1.5.5.
func Version(ctx context.Context) (version string, err error) {
	db, err := OpenSmall()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for row, err := range db.Query(ctx, "select version() as version") {
		if err != nil {
			return "", err
		}
		version = row.Text("version")
	}
	return version, nil
}

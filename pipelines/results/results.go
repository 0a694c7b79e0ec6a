// Package results reads what a build has computed: scores, what made them, and the
// records behind them. It holds all SQL that Go asks of the models' tables.
package results

import (
	"context"

	"merit/transform/warehouse"
)

// Tables are the tables of the last build.
type Tables struct {
	Warehouse  warehouse.Warehouse
	Metrics    []string                        // that the models have
	HasQuality bool                            // the models list what was not believed
	FlagsTable string                          // "" where the models have no flags
	Link       func(source, url string) string // a record's page at its CRM, "" when not known
}

// Rows collects an answer.
func (t Tables) Rows(ctx context.Context, query string, args ...any) ([]warehouse.Row, error) {
	var rows []warehouse.Row
	for row, err := range t.Warehouse.Query(ctx, query, args...) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Count is the answer of a query for one number, records.
func (t Tables) Count(ctx context.Context, query string, args ...any) (int64, error) {
	rows, err := t.Rows(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return rows[0].Int("records"), nil
}

// NotBuilt tells the owner to build first where err is of a table that is not there.
func NotBuilt(err error) error { return warehouse.NotBuilt(err) }

// Package results reads what a build has computed: scores, what made them, and the
// records behind them. It holds all SQL that Go asks of the models' tables.
package results

import (
	"context"
	"strings"

	"merit/connectors/fault"
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

// NotBuilt tells the owner to build first where err is of a table that is not there;
// any other error stays what it is.
func NotBuilt(err error) error {
	if err == nil || !isNoTable(err) {
		return err
	}
	return fault.Error{Who: fault.You, Err: notBuilt{err}}
}

// notBuilt keeps the warehouse's own words out of the sentence and in the chain.
type notBuilt struct{ err error }

func (e notBuilt) Error() string {
	return "the tables that this reads were not built yet, or by a release that had none of them: `merit run` builds them"
}
func (e notBuilt) Unwrap() error { return e.err }

// isNoTable knows DuckDB's and BigQuery's words for a table or schema that is missing.
func isNoTable(err error) bool {
	text := err.Error()
	return strings.Contains(text, "Catalog Error") && strings.Contains(text, "does not exist") ||
		strings.Contains(text, "Not found: Table") || strings.Contains(text, "Not found: Dataset")
}

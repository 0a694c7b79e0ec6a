package bigquery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"merit/transform/warehouse"
)

var _ warehouse.Inventory = (*Warehouse)(nil)

// Tables are the tables and views in our datasets. They are listed by the API, which
// bills nothing (tables.list), not by a query of INFORMATION_SCHEMA.
func (w *Warehouse) Tables(ctx context.Context) (map[string]bool, error) {
	datasets, err := w.ours(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, dataset := range datasets {
		schema, isOurs := strings.CutPrefix(dataset, w.names.Dataset+"_")
		if !isOurs {
			continue // the published one is read by others, and no model reads it
		}
		names, err := w.listed(ctx, w.client.Dataset(dataset))
		if err != nil {
			return nil, fmt.Errorf("warehouse: tables of %s: %w", dataset, told(err))
		}
		for _, name := range names {
			there[schema+"."+name] = true
		}
	}
	return there, nil
}

func (w *Warehouse) listed(ctx context.Context, dataset *bq.Dataset) (names []string, err error) {
	err = w.attempt(ctx, func(ctx context.Context, _ int) error {
		names = nil
		all := dataset.Tables(ctx)
		for {
			table, err := all.Next()
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			names = append(names, table.TableID)
		}
	})
	return names, err
}

// usuallyAtOnce is how many jobs run side by side. BigQuery would take more; this many
// leave most of a project's slots to others.
const usuallyAtOnce = 8

// AtOnce is how many statements a build runs side by side.
func (w *Warehouse) AtOnce() int { return w.atOnce }

// RowsOf is how many rows a table has, from its metadata (tables.get: numRows), which
// bills nothing and is no job.
func (w *Warehouse) RowsOf(ctx context.Context, r warehouse.Relation) (int64, error) {
	about, err := w.about(ctx, w.table(r.Schema, r.Name))
	if err != nil {
		return 0, fmt.Errorf("rows of %s: %w", r, err)
	}
	return int64(about.NumRows), nil
}

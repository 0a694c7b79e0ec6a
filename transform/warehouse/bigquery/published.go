package bigquery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	bq "cloud.google.com/go/bigquery"
	"github.com/sourcegraph/conc/pool"

	"merit/transform/warehouse"
)

// publications are what readers were given last, and of what it was made.
var publications = warehouse.Relation{
	Schema: "build", Name: "publications", Comment: "what was published last", Key: []string{"table_name"},
	Columns: []warehouse.Column{
		{Name: "table_name", Type: "varchar", Comment: "the readers' table"},
		{Name: "made_of", Type: "varchar", Comment: "a hash of what the table says of itself, and of what its rows were made"},
		{Name: "modified_at", Type: "timestamp with time zone", Comment: "when BigQuery saw it changed last: later, somebody else changed it"},
	},
}

// A publication is a readers' table as it was left.
type publication struct {
	madeOf     string
	modifiedAt time.Time
}

// madeOf is of all that decides what readers see of a relation; "" where it does not say
// of what its rows were made.
func madeOf(r warehouse.Relation) string {
	if r.MadeOf == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(r.Description()))
	return hex.EncodeToString(sum[:])[:32]
}

// publishedBefore are the readers' tables as they were left, by name.
func (w *Warehouse) publishedBefore(ctx context.Context) (map[string]publication, error) {
	all := map[string]publication{}
	if _, err := w.about(ctx, w.table(publications.Schema, publications.Name)); hasStatus(err, http.StatusNotFound) {
		return all, nil
	} else if err != nil {
		return nil, err
	}
	for row, err := range w.Query(ctx, "select table_name, made_of, modified_at from "+publications.String()) {
		if err != nil {
			return nil, err
		}
		all[row.Text("table_name")] = publication{row.Text("made_of"), row.Time("modified_at")}
	}
	return all, nil
}

// stands tells whether readers have it as it would be made. Of a table that does not say
// when it was changed, nobody knows.
func (p publication) stands(of string, table *bq.TableMetadata) bool {
	return of != "" && p.madeOf == of && table != nil && !table.LastModifiedTime.IsZero() && p.modifiedAt.Equal(table.LastModifiedTime)
}

// remember writes down what readers have.
func (w *Warehouse) remember(ctx context.Context, all map[string]publication) error {
	var rows [][]any
	for _, name := range slices.Sorted(maps.Keys(all)) {
		rows = append(rows, []any{name, all[name].madeOf, all[name].modifiedAt})
	}
	return w.Put(ctx, publications, slices.Values(rows))
}

// forget is called before readers' tables are changed: what a kill leaves half way is
// published again.
func (w *Warehouse) forget(ctx context.Context, before map[string]publication, changing []showing) error {
	known := len(before)
	for _, s := range changing {
		delete(before, s.table.TableID)
	}
	if len(before) == known {
		return nil
	}
	return w.remember(ctx, before)
}

// each does something for every showing, some side by side, and gives the first error.
func (w *Warehouse) each(ctx context.Context, all []showing, do func(context.Context, *showing) error) error {
	tasks := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError().WithMaxGoroutines(w.atOnce)
	for i := range all {
		tasks.Go(func(ctx context.Context) error {
			if err := do(ctx, &all[i]); err != nil {
				return fmt.Errorf("%s: %w", all[i].relation, err)
			}
			return nil
		})
	}
	return tasks.Wait()
}

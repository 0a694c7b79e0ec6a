package lake

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// byAnotherEngine commits to a table without Merit's marks.
func byAnotherEngine(t *testing.T, l *Lake, name string, do func(*table.Transaction) error) {
	t.Helper()
	opened, err := l.catalog.LoadTable(context.Background(), table.Identifier{"crm", name})
	if err != nil {
		t.Fatal(err)
	}
	change := opened.NewTransaction()
	if err := do(change); err != nil {
		t.Fatal(err)
	}
	if _, err := change.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func rewritesManifests(change *table.Transaction) error {
	_, err := change.RewriteManifests(context.Background())
	return err
}

// TestMaintenanceByAnotherEngineIsACheckpointLikeTheOneBefore rewrites the manifests of
// the main table and of a companion, as Spark's rewrite_manifests does.
func TestMaintenanceByAnotherEngineIsACheckpointLikeTheOneBefore(t *testing.T) {
	l := openLake(t)
	for _, cursor := range []string{"1", "2", "3"} {
		appendDeals(t, l, page(cursor, deals("d"+cursor+"|A|1|1000|"), history("d"+cursor+"|new")))
	}
	before := head(t, l.Dataset("crm", "deals"))
	for _, name := range []string{"deals", "deal_history", "deals"} {
		byAnotherEngine(t, reopen(t, l), name, rewritesManifests)
	}
	l = reopen(t, l)
	after := head(t, l.Dataset("crm", "deals"))
	if pinned(t, after, "deals").Snapshot == pinned(t, before, "deals").Snapshot {
		t.Error("nobody rewrote anything")
	}
	same(t, "cursor", after.Cursor, before.Cursor)
	same(t, "rows", lines(t, pinned(t, after, "deals"), OrderColumn, "id"), lines(t, pinned(t, before, "deals"), OrderColumn, "id"))
	same(t, "tables that verify names", isWhole(t, l).Shared, []string{"crm.deal_history", "crm.deals"})
	_, seen := appendDeals(t, l, page("4", deals("d1|A|1|1000|", "d4|A|1|1000|"), history("d4|new")))
	same(t, "new rows", seen["deals"].New, int64(1))
	if _, err := l.CleanUp(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	increments(t, l, 5, 14)
	compact(t, l)
	isWhole(t, reopen(t, l))
}

// TestRowsOfAnotherEngineAreNamedWithTheWayOut commits an append past Merit.
func TestRowsOfAnotherEngineAreNamedWithTheWayOut(t *testing.T) {
	for name, role := range map[string]string{"deals": "main", "deal_history": "companion"} {
		t.Run(role, func(t *testing.T) {
			l := openLake(t)
			appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
			byAnotherEngine(t, l, name, func(change *table.Transaction) error {
				staged, err := change.StagedTable()
				if err != nil {
					return err
				}
				shape, err := shapeOf(staged.Schema())
				if err != nil {
					return err
				}
				return appendNothing(context.Background(), change, shape.arrow, iceberg.Properties{"engine-name": "spark"})
			})
			l = reopen(t, l)
			_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("2", deals("d2|A|1|1000|"))), nil)
			if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "made by spark (append)") ||
				!strings.Contains(err.Error(), "roll the table back") {
				t.Errorf("it said %v", err)
			}
		})
	}
}

package report

import (
	"context"
	"slices"
	"strings"
	"testing"

	"merit/models"
	"merit/transform/model"
	"merit/transform/warehouse/duckdb"
)

// A table or column that was renamed is found here, and not by whoever opens a page.
func TestEveryQueryReadsWhatTheModelsGive(t *testing.T) {
	g, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.Open("", "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	for _, table := range g.Contract() {
		var rows [][]any
		if table.String() == "plan.as_of" {
			rows = [][]any{{"2026-04-01T00:00:00Z", "2026-03-31", "America/Phoenix", "USD"}}
		}
		if err := db.Put(ctx, table, slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := g.Select("")
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Build(ctx, db, names, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := read(ctx, db); err != nil {
		t.Fatal(err)
	}
	entries, err := queries.ReadDir("queries")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		for _, err := range ask(ctx, db, strings.TrimSuffix(e.Name(), ".sql")) {
			if err != nil {
				t.Error(err)
			}
		}
	}
}

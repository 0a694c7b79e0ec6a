package model

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"merit/models"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

// scratch is a warehouse in memory that is gone after the test.
func scratch(t testing.TB) warehouse.Warehouse {
	t.Helper()
	db, err := duckdb.OpenSmall()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// The models as they ship.
func TestModels(t *testing.T) {
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("build on a CRM without a single record, and hold what they promise", func(t *testing.T) {
		wh := scratch(t)
		emptyContract(t, wh, g)
		names, err := g.Select("")
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Build(context.Background(), wh, names, nil); err != nil {
			t.Fatal(err)
		}
		broken, err := g.Check(context.Background(), wh)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range broken {
			t.Error(v)
		}
	})
	t.Run("give what their worked examples say", func(t *testing.T) {
		results, err := g.RunExamples(context.Background(), []warehouse.Warehouse{scratch(t), scratch(t)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			t.Run(r.Example.Model+"/"+r.Example.Title, func(t *testing.T) {
				if r.Err != nil {
					t.Error(r.Err)
				}
			})
		}
	})
}

func emptyContract(t testing.TB, wh warehouse.Warehouse, g *Graph) {
	t.Helper()
	for _, table := range g.Contract() {
		var rows [][]any
		if table.String() == "plan.as_of" {
			rows = [][]any{{"2026-04-01T00:00:00Z", "2026-03-31", "America/Phoenix", "USD"}}
		}
		if err := wh.Put(context.Background(), table, slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
	}
}

// answer is a question's rows as text, null as ∅.
func answer(t testing.TB, wh warehouse.Warehouse, question string) [][]string {
	t.Helper()
	var got [][]string
	for row, err := range wh.Query(context.Background(), question) {
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i := range row.Columns() {
			text := row.At(i).Text
			if row.At(i).IsNull {
				text = "∅"
			}
			texts = append(texts, text)
		}
		got = append(got, texts)
	}
	return got
}

func expect(t testing.TB, wh warehouse.Warehouse, question string, want ...[]string) {
	t.Helper()
	if diff := cmp.Diff(want, answer(t, wh, question)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", question, diff)
	}
}

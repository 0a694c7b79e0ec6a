package files

import (
	"context"
	"slices"
	"strings"
	"testing"

	"merit/sql"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

// rawTables puts the raw tables that the streams of the contract declare, with
// these rows, into a schema.
func rawTables(t *testing.T, wh warehouse.Warehouse, rows map[string][][]any) {
	t.Helper()
	for _, table := range contract(t) {
		columns := []warehouse.Column{{Name: fileColumn, Type: "varchar"}, {Name: contentColumn, Type: "varchar"}, {Name: lineColumn, Type: "bigint"}}
		for _, c := range table.Columns {
			columns = append(columns, warehouse.Column{Name: c.Name, Type: c.Type, Nullable: true})
		}
		listing := []warehouse.Column{{Name: listedColumn, Type: "bigint"}, {Name: fileColumn, Type: "varchar", Nullable: true}, {Name: contentColumn, Type: "varchar", Nullable: true}}
		for _, r := range []warehouse.Relation{{Schema: "raw_drops", Name: table.Name, Columns: columns}, {Schema: "raw_drops", Name: listingOf(table.Name), Columns: listing}} {
			if err := wh.Put(context.Background(), r, slices.Values(rows[r.Name])); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Every view of the contract gives its table's columns in the table's types, and
// only rows of files that lie in the folder by the newest listing.
func TestViews(t *testing.T) {
	wh, err := duckdb.Open("", "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer wh.Close()
	relations, err := model.Contract(sql.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range relations {
		if r.String() == "plan.as_of" {
			if err := wh.Put(t.Context(), r, slices.Values([][]any{{"2026-04-01T00:00:00Z", "2026-04-01", "UTC", "USD"}})); err != nil {
				t.Fatal(err)
			}
		}
	}
	rawTables(t, wh, map[string][][]any{
		"stages": {
			{"a.csv", "old", 2, "default", "lead", "Of the earlier content", 1, nil, false, false},
			{"a.csv", "new", 2, "default", "lead", "Of the first file", 1, nil, false, false},
			{"a.csv", "new", 3, "default", "demo", "On an earlier line", 2, "0.5", false, false},
			{"a.csv", "new", 4, "default", "demo", "On a later line", 3, "0.5", false, false},
			{"b.csv", "one", 2, "default", "lead", "Of the last file", 1, nil, false, false},
			{"c.csv", "one", 2, "default", "won", "Of a file that was taken away", 9, nil, true, true},
			{"d.csv", "one", 2, "default", "lost", "Of a file that was never read whole", 9, nil, true, false},
		},
		"stages_files": {{1, "a.csv", "old"}, {1, "c.csv", "one"}, {2, "a.csv", "new"}, {2, "b.csv", "one"}},
		"users":        {{"u.csv", "one", 2, "u1", "Ann", nil, nil, true}},
		"users_files":  {{1, "u.csv", "one"}, {2, "", ""}},
	})
	staged := []model.Staged{{Source: "drops", RawSchema: "raw_drops", Views: Connector(contract(t)).Views}}
	if err := model.Stage(t.Context(), model.Blank(wh), relations, staged); err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range wh.Query(t.Context(), `select source, stage_id, label, position, probability from staging.stages
			union all select source, user_id, name, 0, null from staging.users order by stage_id`) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range row.Columns() {
			cells = append(cells, row.At(i).Text)
		}
		got = append(got, strings.Join(cells, ", "))
	}
	want := []string{"drops, demo, On a later line, 3, 0.500000000", "drops, lead, Of the last file, 1, "}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

package verify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"merit/transform/warehouse"
	"merit/transform/warehouse/bigquery"
)

var marts = []warehouse.Relation{
	{Schema: "marts", Name: "scores", Comment: "who reached what", Key: []string{"rep_id"}, Columns: []warehouse.Column{{Name: "rep_id", Comment: "who"}, {Name: "score", Type: "numeric(18, 2)"}}},
	{Schema: "marts", Name: "reps", Key: []string{"rep_id"}, Columns: []warehouse.Column{{Name: "rep_id"}}},
	{Schema: "marts", Name: "teams", Columns: []warehouse.Column{{Name: "team"}}},
}

// A job that fails in the middle of publishing, whether it is told at once or while
// the transaction runs, leaves what readers see as it was; the next run publishes.
func TestAFailedPublishLeavesWhatReadersSee(t *testing.T) {
	ctx := context.Background()
	url, s := emulator(t)
	w := opened(t, url)
	defer w.Close()
	making := func(score string, relations ...warehouse.Relation) {
		t.Helper()
		for _, r := range relations {
			query := map[string]string{"scores": "select 'ann' as rep_id, " + score + " as score", "reps": "select 'r" + score + "' as rep_id", "teams": "select 'east' as team"}[r.Name]
			if err := w.Build(ctx, r, query); err != nil {
				t.Fatal(err)
			}
		}
	}
	making("1", marts[:2]...)
	if err := w.Publish(ctx, marts[:2], ""); err != nil {
		t.Fatal(err)
	}
	before := seen(t, w, "scores", "reps")
	if want := []string{"scores: rep_id=ann | score=1", "reps: rep_id=r1"}; !slices.Equal(before, want) {
		t.Fatalf("published were %q", before)
	}
	making("2", marts...)
	for story, meddle := range map[string]func(string) (string, error){
		"while the transaction runs": func(sql string) (string, error) {
			return strings.Replace(sql, "commit transaction", "insert into `merit`.`reps` (`rep_id`)\nselect cast(cast('made to fail' as int64) as string);\ncommit transaction", 1), nil
		},
		"before it": func(sql string) (string, error) {
			if strings.HasPrefix(sql, "begin transaction") {
				return sql, errors.New("made to fail")
			}
			return sql, nil
		},
		"at a new table": func(sql string) (string, error) {
			if strings.HasPrefix(sql, "create or replace table `merit`.`teams`") {
				return sql, errors.New("made to fail")
			}
			return sql, nil
		},
	} {
		s.meddle(meddle)
		if err := w.Publish(ctx, marts, ""); err == nil || !strings.Contains(err.Error(), "made to fail") {
			t.Errorf("failing %s: %v", story, err)
		}
		s.meddle(nil)
		if after := seen(t, w, "scores", "reps"); !slices.Equal(before, after) {
			t.Errorf("failing %s, readers saw %q and see %q", story, before, after)
		}
		for row, err := range w.Query(ctx, "select team from `merit`.teams") {
			if err == nil {
				t.Errorf("failing %s, there is a new table with %v", story, row)
			}
		}
	}
	if err := w.Publish(ctx, marts, ""); err != nil {
		t.Fatal(err)
	}
	if after, want := seen(t, w, "scores", "reps", "teams"), []string{"scores: rep_id=ann | score=2", "reps: rep_id=r2", "teams: team=east"}; !slices.Equal(after, want) {
		t.Errorf("published are %q", after)
	}
}

// seen are the published rows, each with its table.
func seen(t *testing.T, w *bigquery.Warehouse, tables ...string) []string {
	t.Helper()
	var all []string
	for _, table := range tables {
		for row, err := range w.Query(context.Background(), "select * from `merit`."+table) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, table+": "+lineOf(row))
		}
	}
	return all
}

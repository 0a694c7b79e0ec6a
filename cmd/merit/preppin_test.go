package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/warehouse/duckdb"
)

// The stage transitions of a real-shaped org, counted twice: by the models after
// the whole way through HTTP, lake and DuckDB, and here by a loop over the CSV file.
func TestTransitionsOfARealOrgAgreeWithACountByHand(t *testing.T) {
	if sharedData() == "" {
		t.Skip("the real data sets are not here")
	}
	folder := filepath.Join(sharedData(), "preppin_salesforce")
	truth := transitionsByHand(t, filepath.Join(folder, "Opportunity History.csv"))

	story, err := company.FromFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sandbox.New(story))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "project")
	if err := writeStoryProject(dir, story, []storySource{{"salesforce", server.URL}}); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"run", "--project", dir}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}

	db, err := duckdb.Open(filepath.Join(dir, "warehouse.duckdb"), "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	counted := map[string]int{}
	for row, err := range db.Query(context.Background(), "select deal_id, from_stage_id, to_stage_id, moved_at from core.stage_transitions order by deal_id, transition_number") {
		if err != nil {
			t.Fatal(err)
		}
		counted[fmt.Sprintf("%s %s → %s on %s", row.Text("deal_id"), row.Text("from_stage_id"), row.Text("to_stage_id"), row.Time("moved_at").UTC().Format(time.DateOnly))]++
	}
	if len(truth) == 0 {
		t.Error("no transition was counted by hand")
	}
	for move, times := range truth {
		if counted[move] != times {
			t.Errorf("by hand %d times, by the models %d: %s", times, counted[move], move)
		}
	}
	for move, times := range counted {
		if truth[move] == 0 {
			t.Errorf("by the models %d times, by hand never: %s", times, move)
		}
	}
	t.Logf("%d transitions, all the same", len(truth))
}

// transitionsByHand walks each opportunity's rows in the order of their dates (and,
// within a day, of the file) and notes every change of stage: a row with the same
// stage as before is none, going back and coming again are.
func transitionsByHand(t *testing.T, path string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type step struct {
		on    time.Time
		stage string
	}
	steps := map[string][]step{}
	for _, row := range rows[1:] { // OppID, CreatedDate, StageName, SortOrder
		on, err := time.Parse("02/01/2006", row[1])
		if err != nil {
			t.Fatal(err)
		}
		steps[row[0]] = append(steps[row[0]], step{on, row[2]})
	}
	moves := map[string]int{}
	for deal, history := range steps {
		slices.SortStableFunc(history, func(a, b step) int { return a.on.Compare(b.on) })
		for i, s := range history[1:] {
			if s.stage != history[i].stage {
				moves[fmt.Sprintf("%s %s → %s on %s", deal, history[i].stage, s.stage, s.on.Format(time.DateOnly))]++
			}
		}
	}
	return moves
}

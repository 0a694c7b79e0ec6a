package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/warehouse/duckdb"
)

// Whoever is erased, the next runs go on, the lake stays whole, and nobody's numbers
// change: what was a person's stays one person's, who has no name any more. One after the
// other, people of each kind go: all that MERIT_ERASURES says, else a few.
func TestNoErasureStopsARunOrChangesANumber(t *testing.T) {
	count := 2
	if os.Getenv("MERIT_SOAK") != "" {
		count = 200 // of each kind, which is everybody but most customers
	}
	if text := os.Getenv("MERIT_ERASURES"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for connector, kinds := range map[string]map[string]string{
		"salesforce": {"User": `"User".Id`, "Contact": `"Contact".Id`, "Lead": `"Lead".Id`},
		"hubspot":    {"owners": `owners.id`, "contacts": `contacts.hs_object_id`, "users": `users.hs_object_id`},
	} {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			story := company.Acme(17, 60)
			server := httptest.NewServer(sandbox.New(story))
			t.Cleanup(server.Close)
			dir := filepath.Join(t.TempDir(), connector)
			if err := writeStoryProject(dir, story, []storySource{{connector, server.URL}}); err != nil {
				t.Fatal(err)
			}
			onlyQuotasOfTheCRM(t, dir)
			merit(t, dir, "run")
			before := allNumbers(t, dir)
			var everybody []string
			for kind, column := range kinds {
				for _, id := range idsInRaw(t, dir, connector, column, count) {
					everybody = append(everybody, kind+":"+id)
				}
			}
			for _, u := range story.Users[:min(count, len(story.Users))] {
				everybody = append(everybody, u.Email)
			}
			merit(t, dir, append([]string{"forget", connector}, everybody[0])...)
			merit(t, dir, append([]string{"forget", connector}, everybody[1:]...)...)
			merit(t, dir, "run")
			sameNumbers(t, before, allNumbers(t, dir))
			merit(t, dir, "run", "--full")
			sameNumbers(t, before, allNumbers(t, dir))
			merit(t, dir, "verify")
		})
	}
}

func sameNumbers(t *testing.T, before, after []string) {
	t.Helper()
	if len(before) < 100 {
		t.Fatalf("only %d lines to compare", len(before))
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("numbers before and after (-before +after): %s", diff)
	}
}

func merit(t *testing.T, dir string, command ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append(command, "--project", dir), &out, &errs); code != 0 {
		t.Fatalf("%v ended with %d: %s", command, code, errs.String())
	}
	return out.String()
}

func warehouseLines(t *testing.T, dir, query string) []string {
	t.Helper()
	wh, err := duckdb.Open(filepath.Join(dir, "warehouse.duckdb"), "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer wh.Close()
	var lines []string
	for row, err := range wh.Query(context.Background(), query) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range row.Columns() {
			cells = append(cells, row.At(i).Text)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return lines
}

// idsInRaw are some ids of people, spread over all that there are.
func idsInRaw(t *testing.T, dir, source, column string, count int) []string {
	t.Helper()
	table, _, _ := strings.Cut(column, ".")
	ids := warehouseLines(t, dir, fmt.Sprintf(`select distinct %s as id from raw_%s.%s order by hash(id)`, column, source, table))
	return ids[:min(count, len(ids))]
}

// allNumbers are what scores and metrics come to, for every rep, and the rows that count.
func allNumbers(t *testing.T, dir string) []string {
	t.Helper()
	return warehouseLines(t, dir, `
		select 'value', rep_id, period, metric, role, cast(value as varchar), cast(numerator as varchar), cast(samples as varchar) from scores.metric_values
		union all
		select 'quota', rep_id, period, cast(quota as varchar), '', '', '', '' from core.quotas
		union all
		select 'score', rep_id, period, role, cast(score as varchar), cast(tier as varchar), '', '' from scores.rep_scores
		union all
		select 'hygiene', source, deal_id, '', cast(filled_fields as varchar), '', '', '' from core.deal_hygiene
		order by all`)
}

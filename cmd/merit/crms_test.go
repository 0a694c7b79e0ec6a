package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/warehouse/duckdb"
)

// One story, told by two CRMs, each in its own protocol with its own ids and
// history: the numbers are the same. One thing Salesforce does not know: its Task,
// which a logged call is, has a day and no time of day. Whether something followed
// a call within two days is then a question of other 48 hours, so of calls only
// their number is compared, and of emails each one. quotas.csv says nothing, so
// quotas are the CRM's own.
func TestBothCRMsGiveTheSameNumbers(t *testing.T) {
	for _, seed := range []uint64{7, 21} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			story := company.Acme(seed, 90)
			one, other := numbersBy(t, "salesforce", story), numbersBy(t, "hubspot", story)
			if len(one) < 100 {
				t.Errorf("only %d values to compare", len(one))
			}
			quotasOfTheStory(t, story, one)
			same := 0
			for _, key := range keysOf(one, other) {
				if one[key] == other[key] {
					same++
					continue
				}
				t.Errorf("%s: %s by Salesforce's protocol, %s by HubSpot's", key, orNothing(one[key]), orNothing(other[key]))
			}
			t.Logf("%d of %d values are the same", same, len(keysOf(one, other)))
		})
	}
}

// onlyQuotasOfTheCRM takes those of quotas.csv away, and holds revenue against them:
// the draft of a payout computes each score again, and must come to the same.
func onlyQuotasOfTheCRM(t *testing.T, dir string) {
	t.Helper()
	plan, err := os.ReadFile(filepath.Join(dir, "plan.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for was, is := range map[string]string{
		"stage_advances:          {weight: 30, floor: 10, target: 40}": "stage_advances: {weight: 20, target: 40}",
		"closed_won_arr:          {weight: 0, target: 250000}":         "closed_won_arr: {weight: 10, target: 1000000, normalise: potential, min_samples: 1}",
	} {
		if !bytes.Contains(plan, []byte(was)) {
			t.Fatalf("the starter's plan has no %s", was)
		}
		plan = bytes.ReplaceAll(plan, []byte(was), []byte(is))
	}
	for name, text := range map[string][]byte{"plan.yml": plan, "quotas.csv": []byte("rep_id,period,quota,potential\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// quotasOfTheStory holds the quotas of a build against those that the story tells.
func quotasOfTheStory(t *testing.T, story *company.Company, numbers map[string]string) {
	t.Helper()
	var told, built []string
	now := company.At(story.Now)
	for _, q := range story.Quotas {
		id, _, _ := strings.Cut(story.Users[q.User].Email, "@")
		first, err := time.Parse(time.DateOnly, q.StartsOn)
		if err != nil {
			t.Fatal(err)
		}
		if q.CreatedAt <= now && first.Before(story.Now) {
			told = append(told, fmt.Sprintf("quota %s %d-Q%d  %s.00", id, first.Year(), (first.Month()+2)/3, q.AmountAt(now)))
		}
	}
	for key, value := range numbers {
		if strings.HasPrefix(key, "quota ") {
			built = append(built, key+" "+value[strings.LastIndex(value, " ")+1:])
		}
	}
	slices.Sort(told)
	slices.Sort(built)
	if diff := cmp.Diff(told, built); diff != "" || len(told) == 0 {
		t.Errorf("%d quotas, by the story and by the build: %s", len(told), diff)
	}
}

func keysOf(one, other map[string]string) []string {
	var keys []string
	for key := range one {
		keys = append(keys, key)
	}
	for key := range other {
		if _, there := one[key]; !there {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// numbersBy is every rep's value of every metric and period, with how many records
// it rests on, and what was made of each email.
func numbersBy(t *testing.T, connector string, story *company.Company) map[string]string {
	t.Helper()
	server := httptest.NewServer(sandbox.New(story))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), connector)
	if err := writeStoryProject(dir, story, []storySource{{connector, server.URL}}); err != nil {
		t.Fatal(err)
	}
	onlyQuotasOfTheCRM(t, dir)
	for _, command := range [][]string{{"read"}, {"build", "--as-of", story.Now.Format(time.RFC3339)}, {"payout", "draft", "2026-Q1"}} {
		var out, errs bytes.Buffer
		if code := run(append(command, "--quiet", "--project", dir), &out, &errs); code != 0 {
			t.Fatalf("%s by %s ended with %d: %s", command, connector, code, errs.String())
		}
	}
	wh, err := duckdb.Open(filepath.Join(dir, "warehouse.duckdb"), "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer wh.Close()
	numbers := map[string]string{}
	for row, err := range wh.Query(context.Background(), `select metric, rep_id, period, role, samples, denominator,
				case when metric = 'qualified_touch_rate' then 'by record' else cast(value as varchar) || ' of ' || cast(numerator as varchar) end as amount
			from scores.metric_values where samples > 0
			union all
			select 'quota', rep_id, period, '', 1, 1, cast(quota as varchar) from core.quotas
			union all
			select 'email', metric_evidence.rep_id, cast(metric_evidence.occurred_at as varchar), kind, count(*), sum(denominator), cast(sum(numerator) as varchar)
			from scores.metric_evidence
			join staging.activities on activities.source = metric_evidence.source and activities.activity_id = metric_evidence.record_id
			where metric = 'qualified_touch_rate' and kind = 'email' group by all`) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range row.Columns() {
			cells = append(cells, row.At(i).Text)
		}
		numbers[strings.Join(cells[:4], " ")] = strings.Join(cells[4:], " / ")
	}
	return numbers
}

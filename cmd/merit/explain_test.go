package main

import (
	"bytes"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/models"
	"merit/pipelines"
	"merit/pipelines/results"
	"merit/transform/model"
)

// Every metric of the catalogue is explained for everybody, whether the role is
// measured by it or not: the value is what the records shown add up to.
func TestEveryMetricIsExplainedForEverybody(t *testing.T) {
	story := company.Acme(7, 90)
	server := httptest.NewServer(sandbox.New(story))
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "acme")
	if err := writeStoryProject(dir, story, []storySource{{"salesforce", server.URL}, {"hubspot", server.URL}}); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := run(append(args, "--project", dir), &out, &errs)
		return code, out.String(), errs.String()
	}
	for _, step := range [][]string{{"read"}, {"build", "--as-of", story.Now.Format(time.RFC3339)}} {
		if code, _, errs := command(step...); code != 0 {
			t.Fatalf("%v: %s", step, errs)
		}
	}
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	job, closeAll, err := (&app{ctx: t.Context(), project: dir}).open(func(pipelines.Event) {}, false)
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := job.Inputs()
	if err != nil {
		t.Fatal(err)
	}
	outside, inside, withRecords := 0, 0, map[string]bool{}
	for _, metric := range graph.Metrics() {
		for _, rep := range inputs.Roster {
			built, err := job.Results()
			if err != nil {
				t.Fatal(err)
			}
			cards, err := built.Explain(t.Context(), rep.ID, "2026-Q1", metric.Short())
			if err != nil && strings.Contains(err.Error(), "was not on the roster") {
				continue
			}
			if err != nil {
				t.Fatalf("%s of %s: %v", metric.Short(), rep.ID, err)
			}
			for _, card := range cards {
				if len(card.Metrics) != 1 {
					t.Fatalf("%s of %s as %s is told %d times", metric.Short(), rep.ID, card.Role, len(card.Metrics))
				}
				share := card.Metrics[0]
				if share.Target == "" {
					outside++
				} else {
					inside++
				}
				addsUp(t, rep.ID, metric.Header.Metric.Value, share)
				withRecords[metric.Short()] = withRecords[metric.Short()] || len(share.Evidence) > 0
			}
		}
	}
	closeAll()
	if outside == 0 || inside == 0 || len(withRecords) != len(graph.Metrics()) {
		t.Errorf("%d metrics outside of the mix, %d in it, %d in all", outside, inside, len(withRecords))
	}
	for _, metric := range graph.Metrics() {
		code, out, errs := command("explain", inputs.Roster[0].ID, "2026-Q1", metric.Short())
		if code != 0 || !strings.Contains(out, metric.Short()) || !strings.Contains(out, metric.Header.Title) {
			t.Errorf("explain %s ended with %d: %s%s", metric.Short(), code, out, errs)
		}
	}
	if code, _, errs := command("explain", inputs.Roster[0].ID, "2026-Q1", "win_rat"); code != 2 || !strings.Contains(errs, `no metric is called "win_rat", did you mean "win_rate"`) {
		t.Errorf("a misspelt metric ends with %d: %s", code, errs)
	}
	t.Logf("%d explained that are in a mix, %d that are not", inside, outside)
}

// addsUp holds the value against its records, added here in decimals.
func addsUp(t *testing.T, rep, kind string, share results.MetricShare) {
	t.Helper()
	if len(share.Evidence) == 0 {
		// A sum of nothing is 0; nothing else has a value without a record.
		if share.Value != "" && (kind != "sum" || share.Value != "0") {
			t.Errorf("%s of %s is %s without a record", share.Metric, rep, share.Value)
		}
		return
	}
	context := apd.BaseContext.WithPrecision(60)
	var numerator, denominator apd.Decimal
	for _, e := range share.Evidence {
		for sum, text := range map[*apd.Decimal]string{&numerator: e.Numerator, &denominator: e.Denominator} {
			part, _, err := apd.NewFromString(text)
			if err != nil || e.Excluded != "" {
				t.Fatalf("%s %s: %v %s", share.Metric, e.RecordID, err, e.Excluded)
			}
			if _, err := context.Add(sum, sum, part); err != nil {
				t.Fatal(err)
			}
		}
	}
	if kind == "median" || denominator.IsZero() {
		return
	}
	if kind != "sum" {
		if _, err := context.Quo(&numerator, &numerator, &denominator); err != nil {
			t.Fatal(err)
		}
	}
	want, err := numerator.Float64()
	if err != nil {
		t.Fatal(err)
	}
	if share.Value == "" { // a record's part in it is unknown, which has to be said
		if share.Reason == "" {
			t.Errorf("%s of %s has records, no value and no reason", share.Metric, rep)
		}
		return
	}
	stated, _, err := apd.NewFromString(share.Value)
	if err != nil {
		t.Fatalf("%s of %s: %v", share.Metric, rep, err)
	}
	got, err := stated.Float64()
	if err != nil || got < want-1e-6*(1+abs(want)) || got > want+1e-6*(1+abs(want)) {
		t.Errorf("%s of %s is said to be %s, its records come to %v", share.Metric, rep, share.Value, want)
	}
}

func abs(x float64) float64 { return max(x, -x) }

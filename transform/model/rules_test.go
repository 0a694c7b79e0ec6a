package model

import (
	"context"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"merit/models"
)

// The values are those of scipy 1.17 and statsmodels 0.15 (norm.sf, proportion_confint
// with method wilson) and, for Anscombe's z, of its formula.
func TestStatisticsAgreeWithPublishedValues(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	putAsOf(t, wh, contract)
	if _, err := declare(context.Background(), wh); err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]float64{
		"2 * fn.normal_tail(0)":             1,
		"2 * fn.normal_tail(1)":             0.317310507863,
		"2 * fn.normal_tail(1.96)":          0.0499957902964,
		"2 * fn.normal_tail(2.57582930355)": 0.01,
		"2 * fn.normal_tail(3.5)":           0.000465258158071,
		"2 * fn.normal_tail(5)":             5.73303143758e-07,
		"fn.normal_tail(8)":                 6.22096057427178e-16,
		"fn.normal_tail(-1)":                0.841344746068543,
		"fn.wilson_low(0, 5)":               0,
		"fn.wilson_high(0, 5)":              0.434482464783,
		"fn.wilson_low(9, 20)":              0.258197858256,
		"fn.wilson_high(5, 5)":              1,
		"fn.anscombe(10, 2.0)":              3.35984236188,
		"fn.anscombe(3, 2.0)":               0.59202761269,
		"fn.anscombe(0, 5.0)":               -3.41206437636,
	} {
		got, err := strconv.ParseFloat(answer(t, wh, "select cast("+question+" as double)")[0][0], 64)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want) > 1e-9*math.Max(math.Abs(want), 1e-6) {
			t.Errorf("%s is %v, want %v", question, got, want)
		}
	}
	expect(t, wh, "select fn.wilson_low(0, 0), fn.short_hash('a')", []string{"∅", "0cc175b9c0"})
}

// flaggedBy are the rules that stand behind what headers say is flagged.
var flaggedBy = map[string]string{
	"bulk moves": "bulk_stage_update", "quarter-end rushes": "quarter_end_rush", "instant wins": "instant_win",
	"repeats": "duplicate_activity", "impossible hours": "impossible_hours", "calls of no length": "empty_calls",
	"late logging": "backdated_activity", "back and forth": "stage_ping_pong", "changed credits": "split_anomaly",
}

// Whatever a header says is flagged has a rule that flags it.
func TestWhatHeadersSayIsFlaggedIsFlagged(t *testing.T) {
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	flagged := regexp.MustCompile(`([^:;,.]+) (?:is|are) flagged`)
	looked := 0
	for _, m := range g.Models() {
		if told := m.Header.Title + m.Header.Signal + m.Header.Gaming; m.Header.Metric != nil && strings.Count(told, "flag") != len(flagged.FindAllString(m.Header.Gaming, -1)) {
			t.Errorf("%s speaks of flags in other words than WHAT is flagged: no test can hold it to a rule", m.File)
		}
		for _, found := range flagged.FindAllStringSubmatch(m.Header.Gaming, -1) {
			for _, said := range strings.Split(found[1], " and ") {
				if said = strings.TrimSpace(said); said == "" {
					continue // ", and repeats are flagged" speaks of one thing
				}
				looked++
				rule := g.Model("audits." + flaggedBy[said])
				if rule == nil || rule.Header.Rule == nil {
					t.Errorf("%s says that %q is flagged, and no rule does: name it in flaggedBy, or write the rule", m.File, said)
				}
			}
		}
	}
	if looked == 0 {
		t.Error("no header says that anything is flagged: the test reads nothing")
	}
}

// What the scores would be is worked out by the scores' own SQL.
func TestScoresIfConfirmedAreTheScoresOwn(t *testing.T) {
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range ifConfirmedSchemas {
		copied, original := g.Model(schema+".rep_scores"), g.Model("scores.rep_scores")
		if copied == nil || original == nil {
			t.Fatalf("%s.rep_scores is not there", schema)
		}
		if back := strings.ReplaceAll(copied.SQL, schema+".", "scores."); back != original.SQL {
			t.Errorf("%s.rep_scores is not the SQL of scores.rep_scores", schema)
		}
		if strings.Contains(g.Model(schema+".measures").SQL, "scores.metric_evidence") {
			t.Errorf("%s.measures reads the evidence with the flagged records in it", schema)
		}
	}
}

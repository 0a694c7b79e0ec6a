package pipelines

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"merit/models"
	"merit/pipelines/calendar"
	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/plan"
	"merit/transform/model"
)

// Each folder of testdata/payouts is a plan with its roster and the values of its
// metrics in 2026-Q1, and the payout file that was worked out by hand: README.md
// has the arithmetic. No flag rewrites these files.
func TestPlansWorkedOutByHandGiveTheirPayoutFiles(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	known := (&Job{Graph: graph}).Known()
	folders, err := filepath.Glob("testdata/payouts/*")
	if err != nil || len(folders) < 16 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			lines, err := handcomputed(t, folder, known)
			if refused := readFile(t, folder, "refused.txt"); refused != "" {
				if err == nil || err.Error() != strings.TrimSpace(refused) {
					t.Fatalf("got  %v\nwant %s", err, refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := readCSV(t, folder, "payout.csv")
			got := parseCSV(t, string(payouts.LinesCSV(lines)))
			if diff := cmp.Diff(want, onlyColumns(t, got, want[0])); diff != "" {
				t.Errorf("- by hand, + by machine\n%s", diff)
			}
		})
	}
}

func handcomputed(t *testing.T, folder string, known plan.Known) ([]payouts.Line, error) {
	t.Helper()
	p, err := plan.Open(filepath.Join(folder, "plan.yml"), known)
	if err != nil {
		t.Fatal(err)
	}
	in := plan.Inputs{Plan: p, Calendar: calendar.Calendar{Zone: time.UTC, StartMonth: time.January}, Currency: "USD"}
	if in.Roster, err = p.Roster(filepath.Join(folder, "roster.csv"), "USD"); err != nil {
		t.Fatal(err)
	}
	quarter, err := in.Calendar.Parse("2026-Q1")
	if err != nil {
		t.Fatal(err)
	}
	in.First, in.AsOf = quarter, quarter.EndsOn
	version, _ := p.For(quarter)
	standings := rosterStandings(in, quarter)
	addGivenValues(t, folder, known, standings)
	rules := ledger.PayRules(version)
	scored, err := rules.Rescore(standings)
	if err != nil {
		return nil, err
	}
	return payouts.Lines(scored, rules)
}

// rosterStandings are whom the roster has in the quarter, its days counted here
// one after the other, not by the models' dates.
func rosterStandings(in plan.Inputs, quarter calendar.Quarter) []payouts.Standing {
	var standings []payouts.Standing
	lastDays := map[string]bool{}
	for _, row := range in.Tables()["reps"] {
		span := payouts.Span{Currency: row[10].(string)}
		if row[9] != nil {
			span.BonusTarget = row[9].(string)
		}
		for day := quarter.StartsOn; day.Before(quarter.EndsOn); day = day.AddDate(0, 0, 1) {
			text := day.Format(time.DateOnly)
			if text < row[7].(string) || row[8] != nil && text > row[8].(string) {
				continue
			}
			span.Days++
			if row[11].(int64) > 0 {
				span.LeaveDays++
			}
			if day.Equal(quarter.LastDay()) {
				lastDays[row[0].(string)] = true
			}
		}
		if span.Days == 0 {
			continue
		}
		at := slices.IndexFunc(standings, func(s payouts.Standing) bool { return s.RepID == row[0] && s.Role == row[2] })
		if at < 0 {
			at = len(standings)
			standings = append(standings, payouts.Standing{Period: quarter.Name(), RepID: row[0].(string), Name: row[1].(string), Role: row[2].(string), PeriodDays: int64(quarter.Days())})
		}
		s := &standings[at]
		s.Team, s.Currency, s.BonusTarget = row[3].(string), span.Currency, span.BonusTarget
		s.Days, s.LeaveDays = s.Days+span.Days, s.LeaveDays+span.LeaveDays
		s.Spans = append(s.Spans, span)
	}
	for i := range standings {
		standings[i].HasLeft = !lastDays[standings[i].RepID]
	}
	return standings
}

func addGivenValues(t *testing.T, folder string, known plan.Known, standings []payouts.Standing) {
	t.Helper()
	potentials := map[string]string{}
	for _, row := range readCSV(t, folder, "quotas.csv") {
		potentials[row[0]] = row[3]
		if row[3] == "" {
			potentials[row[0]] = row[2]
		}
	}
	for i := range standings {
		standings[i].Potential = potentials[standings[i].RepID]
	}
	for _, row := range readCSV(t, folder, "values.csv")[1:] {
		samples, err := strconv.ParseInt(row[4], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		m := payouts.Measure{Metric: row[2], Kind: known[row[2]].Kind, Value: row[3], Numerator: row[3], Denominator: "1", Samples: samples}
		if why, isUnknown := strings.CutPrefix(row[3], "unknown: "); isUnknown {
			m.Value, m.Numerator, m.Missing = "", "0", why
		}
		if len(row) > 5 {
			m.Numerator, m.Denominator = row[5], row[6]
		}
		at := slices.IndexFunc(standings, func(s payouts.Standing) bool { return s.RepID == row[0] && s.Role == row[1] })
		if at < 0 {
			t.Fatalf("values.csv: %s is not on the roster as %s", row[0], row[1])
		}
		standings[at].Measures = append(standings[at].Measures, m)
	}
}

// readFile is "" for a file that is not there.
func readFile(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

func readCSV(t *testing.T, folder, name string) [][]string {
	t.Helper()
	return parseCSV(t, readFile(t, folder, name))
}

func parseCSV(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// onlyColumns narrows rows to the columns that are named.
func onlyColumns(t *testing.T, rows [][]string, columns []string) [][]string {
	t.Helper()
	var narrow [][]string
	for _, row := range rows {
		var cells []string
		for _, name := range columns {
			at := slices.Index(rows[0], name)
			if at < 0 {
				t.Fatalf("the payout file has no column %s", name)
			}
			cells = append(cells, row[at])
		}
		narrow = append(narrow, cells)
	}
	return narrow
}

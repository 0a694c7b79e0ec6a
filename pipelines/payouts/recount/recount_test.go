package recount

import (
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The examples that were worked out by hand judge this implementation too.
func TestPlansWorkedOutByHandGiveTheSameAmountsHere(t *testing.T) {
	folders, err := filepath.Glob("../../testdata/payouts/*")
	if err != nil || len(folders) < 17 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			c := workedOut(t, folder)
			people := c.people()
			for _, p := range people {
				c.measure(p, c.evidence, c.heading.Period)
			}
			c.score(people)
			c.pay(people)
			c.pools(people)
			c.nothingElse(people)
			for _, l := range c.lines {
				for _, p := range people {
					if p.rep == l.RepID && p.role == l.Role && l.Kind == "bonus" {
						c.same(p.name()+": score", p.score, l.Score, 2)
					}
				}
			}
			refused := exists(filepath.Join(folder, "refused.txt"))
			switch {
			case refused && !strings.Contains(strings.Join(c.differences, "\n"), "the plan refuses"):
				t.Errorf("not refused: %q", c.differences)
			case !refused && len(c.differences) > 0:
				t.Error(strings.Join(c.differences, "\n"))
			}
		})
	}
}

var kinds = map[string]string{
	"stage_advances": "sum", "closed_won_arr": "sum", "qualified_touch_rate": "ratio", "win_rate": "ratio", "hygiene_score": "mean",
	"stage_to_stage_days": "mean", "average_deal_size": "mean", "renewal_rate_influenced": "ratio",
}

// workedOut turns an example's values into evidence that adds up to them.
func workedOut(t *testing.T, folder string) *check {
	t.Helper()
	table := func(name string) []row {
		rows, err := readTable(filepath.Join(folder, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return rows
	}
	f := &frozen{heading: heading{Period: "2026-Q1", StartsOn: "2026-01-01", EndsOn: "2026-03-31"}, roster: table("roster.csv"), quotas: table("quotas.csv")}
	if err := f.heading.parse(); err != nil {
		t.Fatal(err)
	}
	var err error
	if f.plan, err = readPlan(filepath.Join(folder, "plan.yml"), f.heading.EndsOn); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range f.roster {
		if key := r["rep_id"] + "\x00" + r["role"]; !seen[key] {
			seen[key] = true
			currency := r["currency"]
			if currency == "" {
				currency = "USD"
			}
			f.standings = append(f.standings, standing{Period: "2026-Q1", RepID: r["rep_id"], Role: r["role"], Currency: currency})
		}
	}
	values := map[string]row{}
	for _, r := range table("values.csv") {
		values[r["rep_id"]+"\x00"+r["role"]+"\x00"+r["metric"]] = r
	}
	for i := range f.standings {
		s := &f.standings[i]
		for metric := range f.plan.Roles[s.Role].Metrics {
			kind := kinds[metric]
			if kind == "" {
				t.Fatalf("how is %s added up?", metric)
			}
			total, records := given(s, metric, kind, values[s.RepID+"\x00"+s.Role+"\x00"+metric])
			s.Measures, f.evidence = append(s.Measures, total), append(f.evidence, records...)
		}
	}
	for _, r := range table("payout.csv") {
		days, _ := strconv.Atoi(r["paid_days"])
		f.lines = append(f.lines, line{
			Period: "2026-Q1", ForPeriod: "2026-Q1", RepID: r["rep_id"], Role: r["role"], Kind: r["kind"], Pool: r["pool"], Score: r["score"],
			Currency: r["currency"], Amount: r["amount"], State: r["state"], PaidDays: days,
		})
	}
	return &check{frozen: f}
}

// given is as many records as an example has samples, and their total.
func given(s *standing, metric, kind string, r row) (total, []record) {
	sum := total{Metric: metric, Kind: kind, Numerator: "0", Denominator: "0"}
	if kind == "sum" {
		sum.Value = "0"
	}
	if r == nil {
		return sum, nil
	}
	if why, unknown := strings.CutPrefix(r["value"], "unknown: "); unknown {
		sum.Value, sum.Missing = "", why
		return sum, nil
	}
	samples, _ := strconv.Atoi(r["samples"])
	numerator, denominator := number(r["value"]), whole(samples)
	if kind != "sum" {
		numerator = times(numerator, denominator)
	}
	if r["numerator"] != "" {
		numerator, denominator = number(r["numerator"]), number(r["denominator"])
	}
	var records []record
	for i := range samples {
		one := record{Period: s.Period, RepID: s.RepID, Role: s.Role, Metric: metric, Numerator: "0", Denominator: "0"}
		if i == 0 {
			one.Numerator, one.Denominator = numerator.RatString(), denominator.RatString()
		}
		records = append(records, one)
	}
	sum.Value, sum.Samples = r["value"], samples
	sum.Numerator, sum.Denominator = numerator.RatString(), denominator.RatString()
	return sum, records
}

func TestTwoQuartersWithLateChangesAgree(t *testing.T) {
	n, differences, err := Projects("testdata/late")
	if err != nil || n != 2 || len(differences) > 0 {
		t.Errorf("%d folders, %v: %s", n, err, strings.Join(differences, "\n"))
	}
}

// Whatever moves money, in whichever file, is told.
func TestAFileThatWasAlteredIsTold(t *testing.T) {
	for _, test := range []struct{ name, file, old, with, told string }{
		{"an amount", "2026-Q2/locked/lines.jsonl", `"amount":"-4500.00"`, `"amount":"-45.00"`, "ann (ae): clawback of 2026-Q1"},
		{"what was exported before", "2026-Q2/locked/lines.jsonl", `"exported_before":"9000.00"`, `"exported_before":"9999.00"`, "exported before is 9999.00"},
		{"a truth", "2026-Q2/locked/lines.jsonl", `"truth_now":"4500.00"`, `"truth_now":"9000.00"`, "neither the locked rules nor today's"},
		{"a target", "2026-Q1/locked/inputs/roster.csv", "9000.00", "96000.00", "spans"},
		{"days", "2026-Q1/locked/inputs/roster.csv", "2026-01-31", "2026-03-01", "by the roster"},
		{"a multiplier", "2026-Q1/locked/inputs/plan.yml", "tier: gold, from: 100, multiplier: 1", "tier: gold, from: 100, multiplier: 1.5", "bonus in USD is 9000.00, computed again 13500.00"},
		{"where a tier begins", "2026-Q1/locked/inputs/plan.yml", "tier: gold, from: 100", "tier: gold, from: 130", "tier \"gold\", computed again"},
		{"a record", "2026-Q1/locked/inputs/evidence.jsonl", `"numerator":"600.000000000"`, `"numerator":"900.000000000"`, "closed_won_arr is 1200"},
		{"whose a record is", "2026-Q1/locked/inputs/evidence.jsonl", `"rep_id":"ann"`, `"rep_id":"bob"`, "samples, its evidence"},
		{"a score", "2026-Q1/locked/inputs/standings.jsonl", `"Score":"120.00"`, `"Score":"122.00"`, "score is 122.00"},
		{"a hold", "2026-Q1/locked/lines.jsonl", `"state":"held"`, `"state":"payable"`, "should be held"},
		{"the table", "2026-Q2/locked/payout.csv", ",3000.00,payable", ",3100.00,payable", "payout.csv and lines.jsonl differ"},
		{"a statement", "2026-Q1/locked/statements/ann.html", "9000.00", "90.00", "the statement of ann"},
		{"somebody else", "2026-Q1/locked/lines.jsonl", `"rep_id":"bob"`, `"rep_id":"eve"`, "eve (ae): a bonus line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS("testdata/late")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, test.file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			altered := strings.ReplaceAll(string(text), test.old, test.with)
			if altered == string(text) {
				t.Fatalf("%s has no %s", test.file, test.old)
			}
			if err := os.WriteFile(path, []byte(altered), 0o600); err != nil {
				t.Fatal(err)
			}
			_, differences, err := Projects(folder)
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(differences, "\n"); !strings.Contains(text, test.told) {
				t.Errorf("%q is not told:\n%s", test.told, text)
			}
		})
	}
}

func TestHalvesGoAwayFromZeroAndRemaindersToTheLargest(t *testing.T) {
	for text, want := range map[string]string{"0.005": "0.01", "-0.005": "-0.01", "0.004999": "0.00", "1/3": "0.33"} {
		if got := show(number(text), 2); got != want {
			t.Errorf("%s is %s, not %s", text, got, want)
		}
	}
	var got []string
	for _, part := range share(number("7833"), []*big.Rat{whole(90), whole(90), whole(59)}, 2) {
		got = append(got, show(part, 2))
	}
	if text := strings.Join(got, " "); text != "2949.67 2949.66 1933.67" {
		t.Error(text)
	}
}

// The locked lines of the first quarter are 9000.00 and 3000.00 in dollars; each system's
// file says so in its own way.
func TestAPayrollFileThatPaysOtherThanTheLinesIsTold(t *testing.T) {
	for name, rows := range map[string]string{
		"generic.csv":        "period,for_period,employee,rep_id,kind,amount,currency\n2026-Q1,2026-Q1,1,ann,bonus,9000.00,USD\n2026-Q1,2026-Q1,2,bob,bonus,3000.00,USD\n",
		"PRACMEPI.csv":       "Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount\r\nACM,Q,000001,BON,9000.00\r\nACM,Q,000002,BON,3000.00\r\n",
		"workday.csv":        "Spreadsheet Key,Worker,Amount,Currency\n1,1,9000.00,USD\n2,2,3000.00,USD\n",
		"paychex.csv":        "Client ID,Worker ID,Amount,Check Seq Number\nC,1,9000.00,\nC,2,3000.00,\n",
		"successfactors.csv": "\ufeff\"user-id\",\"value\",\"currency-code\"\n\"User ID\",\"Amount\",\"Currency Code\"\n\"1\",\"9000.00\",\"USD\"\n\"2\",\"3000.00\",\"USD\"\n",
		"gusto.csv":          "last_name,first_name,gusto_employee_id,bonus\nLee,Ann,1,9000.00\nMay,Bob,2,3000.00\n",
		"ElementEntry.dat":   "METADATA|ElementEntryValue|ScreenEntryValue\nMERGE|ElementEntry|1\nMERGE|ElementEntryValue|9000.00\nMERGE|ElementEntryValue|3000.00\n",
		"ukg.csv":            "ACM  00000000104/15/2026BON  000009000.00\r\nACM  00000000204/15/2026BON  000003000.00\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS("testdata/late")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "2026-Q1/export", name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			for _, test := range []struct {
				text string
				told bool
			}{
				{rows, false}, {strings.Replace(rows, "9000.00", "9900.00", 1), true}, {strings.Replace(rows, "3000.00", "3000.01", 1), true},
			} {
				if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
					t.Fatal(err)
				}
				_, differences, err := Projects(folder)
				if text := strings.Join(differences, "\n"); err != nil || test.told == (text == "") || text != "" && !strings.Contains(text, name) {
					t.Errorf("%v\n%s\n%s", err, test.text, text)
				}
			}
		})
	}
}

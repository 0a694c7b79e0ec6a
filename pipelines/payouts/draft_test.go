package payouts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func ann() Standing {
	return Standing{
		Period: "2026-Q1", RepID: "ann", Name: "Ann", Role: "ae", Team: "East", Days: 90, PeriodDays: 90,
		BonusTarget: "10000.00", Currency: "USD", Score: "95.50", Tier: "silver", Multiplier: "0.8", PlanVersion: "1", PlanHash: "abc",
	}
}

func TestEveryLineSaysHowItsAmountCameAbout(t *testing.T) {
	for _, test := range []struct {
		name           string
		change         func(*Standing)
		amount, reason string
		state          State
	}{
		{"a whole quarter", func(*Standing) {}, "8000.00", "10000.00 × 0.8 (silver) × 90/90 days", Payable},
		{"joined late", func(s *Standing) { s.Days = 61 }, "5422.22", "10000.00 × 0.8 (silver) × 61/90 days", Payable},
		{"on leave", func(s *Standing) { s.LeaveDays = 30 }, "5333.33", "10000.00 × 0.8 (silver) × 60/90 days", Payable},
		{"too short", func(s *Standing) { s.Days = 29 }, "0.00", "29 days in the role without leave, the plan asks for 30", NotEligible},
		{"no target", func(s *Standing) { s.BonusTarget = "" }, "0.00", "the roster names no bonus target", NotEligible},
		{"no score", func(s *Standing) { s.Score, s.Tier, s.Multiplier = "", "", "" }, "0.00", "no metric has a value", NotEligible},
		{"below the tiers", func(s *Standing) { s.Score, s.Tier, s.Multiplier = "79.99", "", "" }, "0.00", "score 79.99 is below the lowest tier", NotEligible},
		{"held", func(s *Standing) { s.IsHeld = true }, "8000.00", "10000.00 × 0.8 (silver) × 90/90 days; held: not all that the score needs is known", Held},
		{"held without a tier", func(s *Standing) { s.Score, s.Tier, s.Multiplier, s.IsHeld = "79.99", "", "", true }, "0.00", "score 79.99 is below the lowest tier; held: not all that the score needs is known", Held},
		{"held, but not eligible", func(s *Standing) { s.Days, s.IsHeld = 29, true }, "0.00", "29 days in the role without leave, the plan asks for 30", NotEligible},
		{"yen have no cents", func(s *Standing) { s.Currency, s.BonusTarget, s.Days = "JPY", "1000000", 61 }, "542222", "1000000 × 0.8 (silver) × 61/90 days", Payable},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := ann()
			test.change(&s)
			lines, err := Lines([]Standing{s}, Rules{MinimumDays: 30})
			if err != nil {
				t.Fatal(err)
			}
			got := lines[0]
			if got.Amount.Text() != test.amount || got.Reason != test.reason || got.State != test.state {
				t.Errorf("%s %s %q", got.Amount.Text(), got.State, got.Reason)
			}
		})
	}
}

func TestTotalsKeepStatesAndCurrenciesApart(t *testing.T) {
	held, yen := ann(), ann()
	held.RepID, held.IsHeld = "bob", true
	yen.RepID, yen.Currency, yen.BonusTarget = "cho", "JPY", "1000000"
	lines, err := Lines([]Standing{yen, held, ann(), ann()}, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, total := range Totals(lines) {
		got = append(got, fmt.Sprintf("%s %d %s %s", total.State, total.Lines, total.Amount.Text(), total.Amount.Currency))
	}
	if text := strings.Join(got, ", "); text != "held 1 8000.00 USD, payable 1 800000 JPY, payable 2 16000.00 USD" {
		t.Error(text)
	}
}

func TestAHostileNameIsNoFormulaAndANegativeAmountStaysANumber(t *testing.T) {
	s := ann()
	s.Name, s.Team = `=HYPERLINK("http://x")`, "@evil"
	lines, err := Lines([]Standing{s}, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	lines[0].Amount, _ = Parse("-12.5", "USD")
	text := string(LinesCSV(lines))
	if !strings.Contains(text, `"'=HYPERLINK(""http://x"")"`) || !strings.Contains(text, ",'@evil,") || !strings.Contains(text, ",-12.50,") {
		t.Errorf("%s", text)
	}
}

func TestTheSumBesideAFileIsOneThatSha256sumReads(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "2026-Q1", "draft")
	lines, err := Lines([]Standing{ann()}, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a draft can be made again
		if err := Write(folder, map[string][]byte{"payout.csv": LinesCSV(lines)}); err != nil {
			t.Fatal(err)
		}
	}
	check := exec.Command("sha256sum", "-c", "payout.csv.sha256")
	check.Dir = folder
	if out, err := check.CombinedOutput(); err != nil || string(out) != "payout.csv: OK\n" {
		t.Errorf("%s %v", out, err)
	}
	names, err := os.ReadDir(folder)
	if err != nil || len(names) != 2 {
		t.Errorf("%v %v", names, err)
	}
}

// Package payouts turns scores into amounts of money and files: exact decimals,
// lines that sum, bytes that do not depend on the machine.
package payouts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A Standing is one rep in one role at the end of a period, as the tables have it.
type Standing struct {
	Period, RepID, Name, Role, Team string
	Days, LeaveDays, PeriodDays     int64
	BonusTarget                     string // "" when the roster has none
	Currency                        string
	Score                           string // two decimals; "" when no metric has a value
	Tier                            string // "" below the lowest
	Multiplier                      string
	IsHeld                          bool // a metric's rule for missing values holds the line
	PlanVersion, PlanHash           string
}

// A Line is what one rep is to be paid for one role in a period, or why nothing.
type Line struct {
	Standing
	Kind     Kind
	Pool     string // the team pool's name; "" on other lines
	PaidDays int64  // in the role, leave taken off
	Amount   Money
	State    State
	Reason   string // in words, how the amount came about or why it is nothing
}

// A Kind says what a line is for.
type Kind string

const (
	Bonus      Kind = "bonus"      // by the rep's own score
	TeamPool   Kind = "pool"       // a share of what a team has earned together
	Adjustment Kind = "adjustment" // what a closed period would be by now, less what was exported for it
	Clawback   Kind = "clawback"   // an adjustment for a paid deal that vanished or was reversed
)

// A State says what happens to a line.
type State string

const (
	Payable     State = "payable"
	Held        State = "held"         // computed, not to be paid until somebody decided
	NotEligible State = "not_eligible" // the plan pays nothing
)

// Rules are what the plan says about who is paid.
type Rules struct{ MinimumDays int }

// Lines computes every standing's line, in the order of rep and role. Nobody on
// the roster is left out: who gets nothing has a line that says why.
func Lines(standings []Standing, rules Rules) ([]Line, error) {
	var lines []Line
	for _, s := range standings {
		line, err := lineOf(s, rules)
		if err != nil {
			return nil, fmt.Errorf("%s %s as %s: %w", s.Period, s.RepID, s.Role, err)
		}
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return strings.Compare(a.RepID+"\x00"+a.Role, b.RepID+"\x00"+b.Role)
	})
	return lines, nil
}

func lineOf(s Standing, rules Rules) (Line, error) {
	line := Line{Standing: s, Kind: Bonus, PaidDays: s.Days - s.LeaveDays, State: NotEligible}
	var err error
	if line.Amount, err = Parse("0", s.Currency); err != nil {
		return line, err
	}
	switch {
	case s.BonusTarget == "":
		line.Reason = "the roster names no bonus target"
		return line, nil
	case line.PaidDays < int64(rules.MinimumDays):
		line.Reason = fmt.Sprintf("%d days in the role without leave, the plan asks for %d", line.PaidDays, rules.MinimumDays)
		return line, nil
	case s.Score == "":
		line.Reason = "no metric has a value"
		return line, nil
	case s.Tier == "":
		line.Multiplier = ""
		line.Reason = fmt.Sprintf("score %s is below the lowest tier", s.Score)
		return line, nil
	}
	target, err := Parse(s.BonusTarget, s.Currency)
	if err != nil {
		return line, fmt.Errorf("bonus target: %w", err)
	}
	multiplier, _, err := apd.NewFromString(s.Multiplier)
	if err != nil {
		return line, fmt.Errorf("multiplier %q: %w", s.Multiplier, err)
	}
	if line.Amount, err = target.Share(*multiplier, line.PaidDays, s.PeriodDays); err != nil {
		return line, err
	}
	multiplier.Reduce(multiplier)
	line.State, line.Multiplier = Payable, multiplier.Text('f')
	line.Reason = fmt.Sprintf("%s × %s (%s) × %d/%d days", target.Text(), line.Multiplier, s.Tier, line.PaidDays, s.PeriodDays)
	if s.IsHeld {
		line.State = Held
		line.Reason += "; held: a metric has no value and the plan says hold"
	}
	return line, nil
}

// A Total is what the lines of one state and currency come to.
type Total struct {
	State  State
	Lines  int64
	Amount Money
}

// Totals sums the lines by state and currency, in that order. Amounts that are
// Lines' own have one currency by construction, so adding them can't fail.
func Totals(lines []Line) []Total {
	var totals []Total
	for _, l := range lines {
		at := slices.IndexFunc(totals, func(t Total) bool { return t.State == l.State && t.Amount.Currency == l.Amount.Currency })
		if at < 0 {
			at = len(totals)
			totals = append(totals, Total{State: l.State, Amount: Money{Currency: l.Amount.Currency}})
		}
		sum, err := totals[at].Amount.Add(l.Amount)
		if err != nil {
			panic(err)
		}
		totals[at].Lines++
		totals[at].Amount = sum
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return strings.Compare(string(a.State)+a.Amount.Currency, string(b.State)+b.Amount.Currency)
	})
	return totals
}

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
	WeightUsed                      string // of the metrics that were scored
	CoveragePercent                 string // of the role's weight
	CoverageReason                  string // why that is too little for a tier; "" when it is enough
	IsHeld                          bool   // the line waits for what is not known
	PlanVersion, PlanHash           string
	HasLeft                         bool   // not on the roster on the period's last day
	Spans                           []Span // stretches with a bonus target each; none: one of all days
	Measures                        []Measure
	Potential                       string // of the territory, or the quota; "" when not known
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

// Lines computes every standing's bonus and the pools' shares, in the order of
// rep, role, kind, currency and pool. Nobody on the roster is left out: who gets
// nothing has a line that says why. Where the rules say how scores come about, the
// standings' own are computed again first, and no amount is made of one that
// differs.
func Lines(standings []Standing, rules Rules) ([]Line, error) {
	if len(rules.Roles) > 0 {
		if err := rules.SameScores(standings); err != nil {
			return nil, err
		}
	}
	var lines []Line
	allDays := daysOfAllRoles(standings)
	for _, whole := range standings {
		for _, s := range whole.byCurrency() {
			line, err := rules.bonus(s, allDays[s.RepID])
			if err != nil {
				return nil, fmt.Errorf("%s %s as %s: %w", s.Period, s.RepID, s.Role, err)
			}
			lines = append(lines, line)
		}
	}
	slices.SortFunc(lines, byKey)
	if err := rules.applyBudgets(lines); err != nil {
		return nil, err
	}
	shares, err := rules.poolLines(standings, allDays)
	if err != nil {
		return nil, err
	}
	lines = append(lines, shares...)
	slices.SortFunc(lines, byKey)
	return lines, nil
}

// Key is what a line has alone in its period.
func (l Line) Key() string {
	return strings.Join([]string{l.RepID, l.Role, string(l.Kind), l.Amount.Currency, l.Pool}, "\x00")
}

func byKey(a, b Line) int { return strings.Compare(a.Key(), b.Key()) }

// daysOfAllRoles are each rep's, leave taken off.
func daysOfAllRoles(standings []Standing) map[string]int64 {
	days := map[string]int64{}
	for _, s := range standings {
		days[s.RepID] += s.Days - s.LeaveDays
	}
	return days
}

// bonus is bonus target × multiplier × days in the role ÷ days of the period,
// within the role's limits and rounded once.
func (r Rules) bonus(s Standing, allDays int64) (Line, error) {
	line := Line{Standing: s, Kind: Bonus, PaidDays: s.Days - s.LeaveDays, State: NotEligible}
	line.Multiplier = ""
	var err error
	if line.Amount, err = Parse("0", s.Currency); err != nil {
		return line, err
	}
	limits := r.Roles[s.Role].Limits
	target, words, err := s.prorated()
	if err != nil {
		return line, err
	}
	if words == "" {
		line.Reason = "the roster names no bonus target"
		return line, nil
	}
	if line.Reason = r.ineligible(s, allDays); line.Reason != "" {
		return line, nil
	}
	var multiplier apd.Decimal
	switch {
	case s.Tier != "":
		if _, _, err := multiplier.SetString(s.Multiplier); err != nil {
			return line, fmt.Errorf("multiplier %q: %w", s.Multiplier, err)
		}
		line.Multiplier = plain(multiplier)
		line.Reason = product(words, line.Multiplier, s.Tier)
	case s.Score == "":
		line.Reason = "no metric has a value"
	case r.Roles[s.Role].tooLittle(s):
		line.Reason = fmt.Sprintf("score %s is of %s of 100 weight; a tier needs at least %s", s.Score, s.WeightUsed, plain(r.Roles[s.Role].MinimumWeight))
	default:
		line.Reason = fmt.Sprintf("score %s is below the lowest tier", s.Score)
	}
	if s.Tier == "" && !limits.hasFloor(s.Currency) {
		if s.IsHeld {
			line.hold()
		}
		return line, nil
	}
	line.State = Payable
	return line, line.computeAmount(target, multiplier, limits)
}

// product is target × multiplier × days in words; where the target changed, the
// sum of its stretches comes first.
func product(words, multiplier, tier string) string {
	if strings.Contains(words, " + ") {
		return fmt.Sprintf("(%s) × %s (%s)", words, multiplier, tier)
	}
	amount, days, _ := strings.Cut(words, " × ")
	return fmt.Sprintf("%s × %s (%s) × %s", amount, multiplier, tier, days)
}

// computeAmount computes the amount, bounds it and holds it where it has to be held.
func (l *Line) computeAmount(target, multiplier apd.Decimal, limits Limits) error {
	if l.PeriodDays <= 0 || l.PaidDays < 0 || l.PaidDays > l.PeriodDays {
		return fmt.Errorf("%d of %d days is not a share", l.PaidDays, l.PeriodDays)
	}
	bounded, why := limits.multiplier(multiplier)
	l.Reason += why
	var product, quotient apd.Decimal
	c := exact()
	if _, err := c.Mul(&product, &target, &bounded); err != nil {
		return err
	}
	if _, err := c.Quo(&quotient, &product, apd.New(l.PeriodDays, 0)); err != nil {
		return err
	}
	amount, err := rounded(&quotient, l.Currency)
	if err != nil {
		return err
	}
	if l.Amount, why, err = limits.amount(amount); err != nil {
		return err
	}
	l.Reason += why
	if l.IsHeld {
		l.hold()
	}
	return nil
}

// hold keeps the line until what is not known is known.
func (l *Line) hold() {
	l.State = Held
	l.Reason += "; held: not all that the score needs is known"
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

package payouts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Rules are what the plan says about who is paid, and how much.
type Rules struct {
	PayUnsound     bool          // also on records of which a value was not believed
	HoldDisputed   bool          // a line waits while a dispute about it is open
	Recovery       *RecoveryRule // nil: what is owed goes to payroll as it is
	MinimumDays    int           // fewer days in the role, leave taken off: not eligible
	DaysOfAllRoles bool          // the days of all roles that a rep held count together
	NeedsLastDay   bool          // who is not on the roster on the last day is not eligible
	Roles          map[string]RoleRules
	Budgets        []Budget
	Pools          []Pool
}

// RoleRules are what the plan says of one role.
type RoleRules struct {
	Metrics []MetricRule
	Tiers   []Tier // from low to high
	Limits  Limits

	MinimumWeight apd.Decimal // that has to be scored for a tier
	HoldBelow     bool        // who is below it is held, not unpaid
}

// A Tier begins at a score and reaches up to the next one.
type Tier struct {
	Name             string
	From, Multiplier apd.Decimal
}

// Limits bound what one line can come to; nil and missing ones do not.
type Limits struct {
	FloorPercent, CapPercent *apd.Decimal           // of the bonus target for the days in the role
	Floors, Caps             map[string]apd.Decimal // amounts, by currency
}

// multiplier bounds a multiplier and says so.
func (l Limits) multiplier(multiplier apd.Decimal) (apd.Decimal, string) {
	hundredth := func(percent *apd.Decimal) apd.Decimal {
		var d apd.Decimal
		d.Set(percent)
		d.Exponent -= 2
		return d
	}
	if l.CapPercent != nil {
		if most := hundredth(l.CapPercent); multiplier.Cmp(&most) > 0 {
			return most, fmt.Sprintf("; capped at %s %% of the target", plain(*l.CapPercent))
		}
	}
	if l.FloorPercent != nil {
		if least := hundredth(l.FloorPercent); multiplier.Cmp(&least) < 0 {
			return least, fmt.Sprintf("; raised to the floor of %s %% of the target", plain(*l.FloorPercent))
		}
	}
	return multiplier, ""
}

// amount bounds an amount and says so.
func (l Limits) amount(m Money) (Money, string, error) {
	if most, there := l.Caps[m.Currency]; there && m.amount.Cmp(&most) > 0 {
		capped, err := rounded(&most, m.Currency)
		return capped, fmt.Sprintf("; capped at %s %s", capped.Text(), m.Currency), err
	}
	if least, there := l.Floors[m.Currency]; there && m.amount.Cmp(&least) < 0 {
		raised, err := rounded(&least, m.Currency)
		return raised, fmt.Sprintf("; raised to the floor of %s %s", raised.Text(), m.Currency), err
	}
	return m, "", nil
}

func (l Limits) hasFloor(code string) bool {
	_, amount := l.Floors[code]
	return amount || l.FloorPercent != nil
}

// A Span is a stretch of days in which a rep held a role on one bonus target.
type Span struct {
	Days, LeaveDays int64
	BonusTarget     string // for a whole period; "" when the roster has none
	Currency        string
}

// spans are the standing's own, or one of all its days.
func (s Standing) spans() []Span {
	if len(s.Spans) > 0 {
		return s.Spans
	}
	return []Span{{Days: s.Days, LeaveDays: s.LeaveDays, BonusTarget: s.BonusTarget, Currency: s.Currency}}
}

// byCurrency divides a standing whose currency changed within the role: money of
// two currencies is never one line.
func (s Standing) byCurrency() []Standing {
	var parts []Standing
	for _, span := range s.spans() {
		at := slices.IndexFunc(parts, func(p Standing) bool { return p.Currency == span.Currency })
		if at < 0 {
			at = len(parts)
			part := s
			part.Currency, part.Days, part.LeaveDays, part.Spans = span.Currency, 0, 0, nil
			parts = append(parts, part)
		}
		p := &parts[at]
		p.Days, p.LeaveDays = p.Days+span.Days, p.LeaveDays+span.LeaveDays
		p.BonusTarget = span.BonusTarget
		p.Spans = append(p.Spans, span)
	}
	return parts
}

// prorated is Σ bonus target × paid days over the spans, and the same in words;
// words are "" when no span has a target.
func (s Standing) prorated() (apd.Decimal, string, error) {
	type stretch struct {
		target Money
		days   int64
	}
	var stretches []stretch
	var sum apd.Decimal
	for _, span := range s.spans() {
		if span.BonusTarget == "" {
			continue
		}
		target, err := Parse(span.BonusTarget, s.Currency)
		if err != nil {
			return sum, "", fmt.Errorf("bonus target: %w", err)
		}
		days := span.Days - span.LeaveDays
		var product apd.Decimal
		if _, err := exact().Mul(&product, &target.amount, apd.New(days, 0)); err != nil {
			return sum, "", err
		}
		if _, err := exact().Add(&sum, &sum, &product); err != nil {
			return sum, "", err
		}
		if last := len(stretches) - 1; last >= 0 && stretches[last].target.Text() == target.Text() {
			stretches[last].days += days
			continue
		}
		stretches = append(stretches, stretch{target, days})
	}
	var words []string
	for _, st := range stretches {
		words = append(words, fmt.Sprintf("%s × %d/%d days", st.target.Text(), st.days, s.PeriodDays))
	}
	return sum, strings.Join(words, " + "), nil
}

// ineligible says why the plan pays the standing nothing, "" when it may pay.
func (r Rules) ineligible(s Standing, daysOfAllRoles int64) string {
	days, where := s.Days-s.LeaveDays, "in the role"
	if r.DaysOfAllRoles {
		days, where = daysOfAllRoles, "in all roles"
	}
	switch {
	case days < int64(r.MinimumDays):
		return fmt.Sprintf("%d days %s without leave, the plan asks for %d", days, where, r.MinimumDays)
	case r.NeedsLastDay && s.HasLeft:
		return "left before the last day of the period"
	}
	return ""
}

func plain(d apd.Decimal) string {
	var reduced apd.Decimal
	reduced.Reduce(&d)
	return reduced.Text('f')
}

package payouts

import (
	"fmt"
	"slices"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
)

// A Budget is the most that all bonus lines of one currency may come to in a
// period, held ones included.
type Budget struct {
	Currency     string
	Amount       apd.Decimal
	WhenExceeded WhenExceeded
}

// WhenExceeded says what becomes of the lines when they exceed the budget.
type WhenExceeded string

const (
	Proportional WhenExceeded = "proportional" // every line is cut by the same share
	ByTier       WhenExceeded = "by_tier"      // the highest tier is paid first; the tier that does not fit is cut in proportion
	Refuse       WhenExceeded = "refuse"       // nothing is drafted
)

// applyBudgets cuts the lines in place where they exceed a budget, and says so in
// each line that is cut.
func (r Rules) applyBudgets(lines []Line) error {
	for _, b := range r.Budgets {
		limit, err := rounded(&b.Amount, b.Currency)
		if err != nil {
			return err
		}
		var within []*Line
		sum := Money{Currency: b.Currency}
		for i := range lines {
			if l := &lines[i]; l.Kind == Bonus && l.State != NotEligible && l.Amount.Currency == b.Currency {
				within = append(within, l)
				if sum, err = sum.Add(l.Amount); err != nil {
					return err
				}
			}
		}
		over, err := sum.Sub(limit)
		if err != nil {
			return err
		}
		if over.amount.Sign() <= 0 {
			continue
		}
		said := fmt.Sprintf("the lines come to %s %s and exceed the budget of %s by %s", sum.Text(), b.Currency, limit.Text(), over.Text())
		if err := r.cut(within, limit, b.WhenExceeded, said); err != nil {
			return err
		}
	}
	return nil
}

func (r Rules) cut(lines []*Line, limit Money, rule WhenExceeded, said string) error {
	switch rule {
	case Proportional:
		return share(lines, limit, said+", so every line is cut in proportion")
	case ByTier:
		return r.byTier(lines, limit, said)
	}
	return fault.Errorf(fault.You, "%s, and the plan says refuse: nothing was drafted; raise the budget or have the plan say proportional or by_tier", said)
}

// byTier pays the highest tier first. Lines without a tier, which a floor gave,
// come last.
func (r Rules) byTier(lines []*Line, limit Money, said string) error {
	begin := func(l *Line) *apd.Decimal {
		for _, t := range r.Roles[l.Role].Tiers {
			if t.Name == l.Tier {
				return &t.From
			}
		}
		return apd.New(-1, 0)
	}
	slices.SortStableFunc(lines, func(a, b *Line) int { return begin(b).Cmp(begin(a)) })
	for len(lines) > 0 {
		end := 1
		for end < len(lines) && begin(lines[end]).Cmp(begin(lines[0])) == 0 {
			end++
		}
		sum := Money{Currency: limit.Currency}
		for _, l := range lines[:end] {
			var err error
			if sum, err = sum.Add(l.Amount); err != nil {
				return err
			}
		}
		left, err := limit.Sub(sum)
		if err != nil {
			return err
		}
		if left.amount.Sign() < 0 {
			if err := share(lines[:end], limit, said+", so the lower tiers are cut first"); err != nil {
				return err
			}
			left = Money{Currency: limit.Currency}
		}
		limit, lines = left, lines[end:]
	}
	return nil
}

// share cuts the lines to what the limit gives them in proportion, to the last
// unit.
func share(lines []*Line, limit Money, why string) error {
	weights := make([]apd.Decimal, len(lines))
	total := new(apd.Decimal)
	for i, l := range lines {
		weights[i].Set(&l.Amount.amount)
		if _, err := exact().Add(total, total, &weights[i]); err != nil {
			return err
		}
	}
	if total.IsZero() {
		return nil
	}
	parts, err := limit.Split(weights)
	if err != nil {
		return err
	}
	for i, l := range lines {
		l.Reason += fmt.Sprintf("; cut from %s: %s", l.Amount.Text(), why)
		l.Amount = parts[i]
	}
	return nil
}

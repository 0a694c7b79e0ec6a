package pipelines

import (
	"context"
	"fmt"
	"strings"

	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
)

// A FlagMoney is what a flag's rep is paid for the period, and would be if the flag
// were confirmed: the sum of the rep's lines by the plan's own rules, as a draft makes
// them. A line that the flag holds is counted with its amount.
type FlagMoney struct{ AsItStands, IfConfirmed string }

// FlagMoney computes both sums. It is empty for a flag whose confirmation was not
// worked out: one that was decided, that takes no evidence out, or that stands behind
// three others of the rep.
func (j *Job) FlagMoney(ctx context.Context, flag Flag) (FlagMoney, error) {
	in, err := j.Inputs()
	if err != nil {
		return FlagMoney{}, err
	}
	_, version, err := ledger.PlanFor(in, flag.Period)
	if err != nil {
		return FlagMoney{}, err
	}
	tables, rules := j.results(), ledger.PayRules(version)
	confirmed, err := tables.StandingsIfConfirmed(ctx, flag.ID, flag.RepID, flag.Period)
	if err != nil || confirmed == nil {
		return FlagMoney{}, err
	}
	current, _, err := tables.Standings(ctx, flag.Period)
	if err != nil {
		return FlagMoney{}, err
	}
	var money FlagMoney
	if money.AsItStands, err = paidTo(flag.RepID, current, rules); err != nil {
		return FlagMoney{}, err
	}
	if money.IfConfirmed, err = paidTo(flag.RepID, confirmed, rules); err != nil {
		return FlagMoney{}, fmt.Errorf("if %s were confirmed: %w", flag.ID, err)
	}
	return money, nil
}

// paidTo is the sum of one rep's lines, by currency.
func paidTo(rep string, standings []payouts.Standing, rules payouts.Rules) (string, error) {
	lines, err := payouts.Lines(standings, rules)
	if err != nil {
		return "", err
	}
	var order []string
	sums := map[string]payouts.Money{}
	for _, line := range lines {
		if line.RepID != rep {
			continue
		}
		sum, there := sums[line.Amount.Currency]
		if !there {
			order = append(order, line.Amount.Currency)
			sums[line.Amount.Currency] = line.Amount
			continue
		}
		if sums[line.Amount.Currency], err = sum.Add(line.Amount); err != nil {
			return "", err
		}
	}
	var texts []string
	for _, currency := range order {
		texts = append(texts, sums[currency].Text()+" "+currency)
	}
	return strings.Join(texts, " and "), nil
}

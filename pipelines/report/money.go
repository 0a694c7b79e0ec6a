package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// sums adds amounts up by currency, exactly.
func sums(lines []PayoutLine, of func(PayoutLine) bool) []Money {
	var totals []Money
	for _, l := range lines {
		if !of(l) {
			continue
		}
		at := slices.IndexFunc(totals, func(m Money) bool { return m.Currency == l.Currency })
		if at < 0 {
			totals = append(totals, Money{l.Amount, l.Currency})
			continue
		}
		totals[at].Amount = plus(totals[at].Amount, l.Amount)
	}
	slices.SortFunc(totals, func(a, b Money) int { return strings.Compare(a.Currency, b.Currency) })
	return totals
}

// exact never rounds: 40 digits are more than any sum of amounts has.
var exact = apd.BaseContext.WithPrecision(40)

func plus(a, b string) string    { return counted(a, b, exact.Add) }
func minusOf(a, b string) string { return counted(a, b, exact.Sub) }

func counted(a, b string, op func(d, x, y *apd.Decimal) (apd.Condition, error)) string {
	var sum apd.Decimal
	if _, err := op(&sum, decimal(a), decimal(b)); err != nil {
		return ""
	}
	return sum.Text('f')
}

func decimal(text string) *apd.Decimal {
	d, _, err := apd.NewFromString(cmp.Or(text, "0"))
	if err != nil {
		return apd.New(0, 0)
	}
	return d
}

// float is for lengths of bars only.
func float(text string) float64 {
	f, err := decimal(text).Float64()
	if err != nil {
		return 0
	}
	return f
}

func isNegative(text string) bool { return decimal(text).Sign() < 0 }

func isZero(text string) bool { return decimal(text).Sign() == 0 }

func everyLine(PayoutLine) bool { return true }

func payableOnly(l PayoutLine) bool { return l.State == "payable" }

func heldOnly(l PayoutLine) bool { return l.State == "held" }

func times(a, b string) string { return counted(a, b, exact.Mul) }

// divided rounds to as many digits as the amount beside it has.
func divided(a, b, like string) string {
	var quotient, rounded apd.Decimal
	if _, err := exact.Quo(&quotient, decimal(a), decimal(b)); err != nil {
		return "0"
	}
	if _, err := exact.Quantize(&rounded, &quotient, decimal(like).Exponent); err != nil {
		return "0"
	}
	return rounded.Text('f')
}

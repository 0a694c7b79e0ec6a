package payouts

import (
	"fmt"

	"github.com/cockroachdb/apd/v3"
)

// Money is an exact decimal amount of one currency. No float is made of it
// anywhere; rounding happens once, last, half away from zero.
type Money struct {
	amount   apd.Decimal
	Currency string // ISO 4217
}

// minorUnits are the currencies of ISO 4217 (list one) whose number of decimals
// is not 2.
func minorUnits(currency string) int32 {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// exact has room for every product of numbers that a plan and a roster can name.
func exact() *apd.Context {
	c := apd.BaseContext.WithPrecision(60)
	c.Rounding = apd.RoundHalfUp // of the magnitude, so away from zero
	return c
}

// Parse reads a decimal amount.
func Parse(text, currency string) (Money, error) {
	m := Money{Currency: currency}
	if _, _, err := m.amount.SetString(text); err != nil || m.amount.Form != apd.Finite {
		return Money{}, fmt.Errorf("%q is not an amount", text)
	}
	return m, nil
}

// Share is m × factor × part ÷ whole, rounded to the currency's smallest unit.
func (m Money) Share(factor apd.Decimal, part, whole int64) (Money, error) {
	if whole <= 0 || part < 0 || part > whole {
		return Money{}, fmt.Errorf("%d of %d is not a share", part, whole)
	}
	var product, quotient apd.Decimal
	c := exact()
	if _, err := c.Mul(&product, &m.amount, &factor); err != nil {
		return Money{}, err
	}
	if _, err := c.Mul(&product, &product, apd.New(part, 0)); err != nil {
		return Money{}, err
	}
	share := Money{Currency: m.Currency}
	if _, err := c.Quo(&quotient, &product, apd.New(whole, 0)); err != nil {
		return Money{}, err
	}
	_, err := c.Quantize(&share.amount, &quotient, -minorUnits(m.Currency))
	return share, err
}

// Add sums two amounts of one currency.
func (m Money) Add(other Money) (Money, error) {
	if m.Currency != other.Currency {
		return Money{}, fmt.Errorf("%s and %s can't be added", m.Currency, other.Currency)
	}
	sum := Money{Currency: m.Currency}
	_, err := exact().Add(&sum.amount, &m.amount, &other.amount)
	return sum, err
}

// Text is the amount with exactly the decimals of its currency.
func (m Money) Text() string {
	var fixed apd.Decimal
	if _, err := exact().Quantize(&fixed, &m.amount, -minorUnits(m.Currency)); err != nil {
		panic(fmt.Sprintf("%s does not fit 60 digits: %v", m.amount.String(), err))
	}
	return fixed.Text('f')
}

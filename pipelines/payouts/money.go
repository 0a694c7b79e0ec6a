package payouts

import (
	"fmt"

	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/currency"
)

// Money is an exact decimal amount of one currency. No float is made of it
// anywhere; rounding happens once, last, half away from zero.
type Money struct {
	amount   apd.Decimal
	Currency string // ISO 4217
}

// exact has room for every product of numbers that a plan and a roster can name.
func exact() *apd.Context {
	c := apd.BaseContext.WithPrecision(60)
	c.Rounding = apd.RoundHalfUp // of the magnitude, so away from zero
	return c
}

// Parse reads a decimal amount.
func Parse(text, code string) (Money, error) {
	m := Money{Currency: code}
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
	_, err := c.Quantize(&share.amount, &quotient, -currency.Decimals(m.Currency))
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
	if _, err := exact().Quantize(&fixed, &m.amount, -currency.Decimals(m.Currency)); err != nil {
		panic(fmt.Sprintf("%s does not fit 60 digits: %v", m.amount.String(), err))
	}
	return fixed.Text('f')
}

// Sub is m - other.
func (m Money) Sub(other Money) (Money, error) {
	var negative Money
	negative.Currency = other.Currency
	negative.amount.Neg(&other.amount)
	return m.Add(negative)
}

// IsZero tells whether it is nothing.
func (m Money) IsZero() bool { return m.amount.IsZero() }

// rounded is value in whole units of the currency, half away from zero.
func rounded(value *apd.Decimal, code string) (Money, error) {
	m := Money{Currency: code}
	_, err := exact().Quantize(&m.amount, value, -currency.Decimals(code))
	return m, err
}

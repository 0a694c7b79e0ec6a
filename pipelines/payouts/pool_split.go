package payouts

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/currency"
)

// Split shares m out by weight to the last unit of its currency: the shares sum
// to m exactly. Everyone gets the whole units that the weight gives; the units
// that are left go one each to the largest remainders, of equal ones to those
// that stand first.
func (m Money) Split(weights []apd.Decimal) ([]Money, error) {
	decimals := currency.Decimals(m.Currency)
	units, err := integer(&m.amount, -decimals)
	if err != nil {
		return nil, fmt.Errorf("%s %s can't be shared out: %w", m.amount.Text('f'), m.Currency, err)
	}
	scale := int32(0)
	for i := range weights {
		scale = min(scale, weights[i].Exponent)
	}
	integers := make([]*big.Int, len(weights))
	for i := range weights {
		if integers[i], err = integer(&weights[i], scale); err != nil {
			return nil, fmt.Errorf("weight %s: %w", weights[i].Text('f'), err)
		}
	}
	allotted, err := allot(units, integers)
	if err != nil {
		return nil, err
	}
	shares := make([]Money, len(weights))
	for i, part := range allotted {
		shares[i].Currency = m.Currency
		shares[i].amount.Coeff.SetMathBigInt(new(big.Int).Abs(part))
		shares[i].amount.Negative = part.Sign() < 0
		shares[i].amount.Exponent = -decimals
	}
	return shares, nil
}

// integer is d counted in units of 10^exponent.
func integer(d *apd.Decimal, exponent int32) (*big.Int, error) {
	var fixed apd.Decimal
	c := exact()
	c.Traps |= apd.Inexact
	if _, err := c.Quantize(&fixed, d, exponent); err != nil {
		return nil, fmt.Errorf("it has more than %d decimals", -exponent)
	}
	n := fixed.Coeff.MathBigInt()
	if fixed.Negative {
		n.Neg(n)
	}
	return n, nil
}

// allot is the method of largest remainders (Hamilton's) on whole numbers. A
// total below zero is shared out as its magnitude is.
func allot(total *big.Int, weights []*big.Int) ([]*big.Int, error) {
	sum := new(big.Int)
	for _, w := range weights {
		if w.Sign() < 0 {
			return nil, fmt.Errorf("a weight of %s is below 0", w)
		}
		sum.Add(sum, w)
	}
	if sum.Sign() == 0 {
		return nil, fmt.Errorf("nobody has a weight")
	}
	shares, remainders, order := make([]*big.Int, len(weights)), make([]*big.Int, len(weights)), make([]int, len(weights))
	left := new(big.Int).Abs(total)
	for i, w := range weights {
		shares[i], remainders[i], order[i] = new(big.Int), new(big.Int), i
		shares[i].Abs(total).Mul(shares[i], w).QuoRem(shares[i], sum, remainders[i])
		left.Sub(left, shares[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
	// Remainders sum to left × sum and each is below sum, so left is below their number.
	for _, i := range order[:left.Int64()] {
		shares[i].Add(shares[i], big.NewInt(1))
	}
	for _, share := range shares {
		if total.Sign() < 0 {
			share.Neg(share)
		}
	}
	return shares, nil
}

package recount

import (
	"math/big"
	"path/filepath"
	"sort"
)

// recovery: what corrections take back is booked to balances, and each period takes from
// them what its plan allows. Lines that are booked are no money of the payroll file.
func (c *check) recovery(folder string) error {
	owed, err := c.owedBefore(folder)
	if err != nil {
		return err
	}
	paid, taken := c.paidAndTaken(owed)
	for k, got := range taken {
		want := new(big.Rat)
		if c.plan.Recovery != nil && owed[k] != nil && owed[k].Sign() > 0 {
			want = most(down(over(times(paid[k], or(c.plan.Recovery.Most, "100")), whole(100)), exponent(k.currency)), owed[k])
		}
		if want.Cmp(got) != 0 {
			c.differs("%s: %s %s is recovered, computed again %s", k.rep, show(got, 3), k.currency, show(want, 3))
		}
	}
	return nil
}

// An account is a rep in a currency.
type account struct{ rep, currency string }

type balances map[account]*big.Rat

func (b balances) add(l line, n *big.Rat) {
	k := account{l.RepID, l.Currency}
	if b[k] == nil {
		b[k] = new(big.Rat)
	}
	b[k] = plus(b[k], n)
}

// owedBefore is what earlier locked periods have booked and not recovered.
func (c *check) owedBefore(folder string) (balances, error) {
	owed := balances{}
	locked, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(folder)), "*", "locked"))
	if err != nil {
		return nil, err
	}
	sort.Strings(locked)
	for _, other := range locked {
		if filepath.Base(filepath.Dir(other)) >= c.heading.Period {
			continue
		}
		lines, err := readLines[line](filepath.Join(other, "lines.jsonl"))
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			switch {
			case l.State == "booked":
				owed.add(l, new(big.Rat).Neg(number(l.Amount)))
			case l.Kind == "recovery":
				owed.add(l, number(l.Amount))
			}
		}
	}
	return owed, nil
}

// paidAndTaken are what this period's lines pay of that from which is recovered, and
// what they recover; what they book is added to what is owed.
func (c *check) paidAndTaken(owed balances) (paid, taken balances) {
	paid, taken = balances{}, balances{}
	for _, l := range c.lines {
		k, n := account{l.RepID, l.Currency}, number(l.Amount)
		if paid[k] == nil {
			paid[k], taken[k] = new(big.Rat), new(big.Rat)
		}
		isOwn := l.Kind == "bonus" && l.ForPeriod == c.heading.Period
		switch {
		case l.State == "booked":
			owed.add(l, new(big.Rat).Neg(n))
			if n.Sign() >= 0 || c.plan.Recovery == nil {
				c.differs("%s (%s): a line of %s is booked, and no rule books it", l.RepID, l.Role, l.Amount)
			}
		case l.Kind == "recovery":
			c.explained[key(l)] = true
			taken[k] = minus(taken[k], n)
		case l.State != "payable":
		case n.Sign() < 0 && c.plan.Recovery != nil:
			c.differs("%s (%s): %s is payable, and should be booked", l.RepID, l.Role, l.Amount)
		case n.Sign() > 0 && (isOwn || c.plan.Recovery != nil && c.plan.Recovery.From == "all"):
			paid[k] = plus(paid[k], n)
		}
	}
	return paid, taken
}

// down rounds towards zero.
func down(n *big.Rat, decimals int) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	scaled := times(n, scale)
	return over(new(big.Rat).SetInt(new(big.Int).Quo(scaled.Num(), scaled.Denom())), scale)
}

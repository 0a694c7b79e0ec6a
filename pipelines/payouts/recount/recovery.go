package recount

import (
	"math/big"
	"path/filepath"
	"sort"
)

// recovery: what corrections take back is booked to balances, and each period takes from
// them what its plan allows. Lines that are booked are no money of the payroll file.
func (c *check) recovery(folder string) error {
	type account struct{ rep, currency string }
	owed := map[account]*big.Rat{}
	add := func(l line, n *big.Rat) {
		k := account{l.RepID, l.Currency}
		if owed[k] == nil {
			owed[k] = new(big.Rat)
		}
		owed[k] = plus(owed[k], n)
	}
	locked, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(folder)), "*", "locked"))
	if err != nil {
		return err
	}
	sort.Strings(locked)
	for _, other := range locked {
		if filepath.Base(filepath.Dir(other)) >= c.heading.Period {
			continue
		}
		lines, err := readLines[line](filepath.Join(other, "lines.jsonl"))
		if err != nil {
			return err
		}
		for _, l := range lines {
			switch {
			case l.State == "booked":
				add(l, new(big.Rat).Neg(number(l.Amount)))
			case l.Kind == "recovery":
				add(l, number(l.Amount))
			}
		}
	}
	paid, taken := map[account]*big.Rat{}, map[account]*big.Rat{}
	for _, l := range c.lines {
		k, n := account{l.RepID, l.Currency}, number(l.Amount)
		if paid[k] == nil {
			paid[k], taken[k] = new(big.Rat), new(big.Rat)
		}
		isOwn := l.Kind == "bonus" && l.ForPeriod == c.heading.Period
		switch {
		case l.State == "booked":
			add(l, new(big.Rat).Neg(n))
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

// down rounds towards zero.
func down(n *big.Rat, decimals int) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	scaled := times(n, scale)
	return over(new(big.Rat).SetInt(new(big.Int).Quo(scaled.Num(), scaled.Denom())), scale)
}

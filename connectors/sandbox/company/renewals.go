package company

import "time"

// RenewalWindow is how far from the last day of a contract, before or after it, the
// deal that renews it is closed.
const RenewalWindow = 90 * 24 * time.Hour

// renewalsByAccount are the deals of type Renewal that stay, by index.
func (c *Company) renewalsByAccount() map[int][]int {
	of := map[int][]int{}
	for i := range c.Deals {
		if c.Deals[i].Type == "Renewal" && c.Deals[i].DeletedAt == 0 {
			of[c.Deals[i].Account] = append(of[c.Deals[i].Account], i)
		}
	}
	return of
}

// renewedAfter is when the first of the renewals closes that come five months or more
// after a deal was won; 0: none does.
func (c *Company) renewedAfter(renewals []int, j journey) Instant {
	if !j.isWon {
		return 0
	}
	for _, i := range renewals {
		if closes := c.Deals[i].closesAt(); c.Deals[i].CreatedAt > j.closed && closes > j.closed+150*dayLong {
			return closes
		}
	}
	return 0
}

// closesAt is the last close date that the story tells of a deal, as an instant.
func (d *Deal) closesAt() Instant {
	for i := len(d.Changes) - 1; i >= 0; i-- {
		if d.Changes[i].Field == CloseOn {
			return dayOf(d.Changes[i].Value)
		}
	}
	return 0
}

// dayOf is a date's midnight UTC; 0 for no date.
func dayOf(date string) Instant {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return At(at)
}

// matchRenewals says by which deal a contract is renewed. A renewal belongs to the
// contract of its account whose last day is the nearest to its close date, and a
// contract is renewed by the nearest of those; of two as near, by the earlier one.
func (c *Company) matchRenewals(renewals map[int][]int, end Instant) {
	byAccount := map[int][]int{}
	for i := range c.Contracts {
		if c.Contracts[i].ActivatedAt != 0 {
			account := c.Deals[c.Contracts[i].Deal].Account
			byAccount[account] = append(byAccount[account], i)
		}
	}
	for account, contracts := range byAccount {
		near := map[int]Instant{}
		for _, renewal := range renewals[account] {
			best, at := None, At(time.UnixMilli(0).Add(RenewalWindow))+1
			for _, i := range contracts {
				if d := c.distance(&c.Contracts[i], renewal, end); d < at {
					best, at = i, d
				}
			}
			if best == None {
				continue
			}
			if was, taken := near[best]; !taken || at < was {
				near[best], c.Contracts[best].RenewedBy = at, renewal
			}
		}
	}
}

// distance is how far a renewal's close date lies from a contract's last day; the
// renewal is another deal, which came up after the contract was signed.
func (c *Company) distance(k *Contract, renewal int, end Instant) Instant {
	r := &c.Deals[renewal]
	_, endsOn := c.Deals[k.Deal].TermAt(end)
	if renewal == k.Deal || r.CreatedAt <= k.SignedAt {
		return At(time.UnixMilli(0).Add(RenewalWindow)) + 1
	}
	apart := r.closesAt() - dayOf(endsOn)
	return max(apart, -apart)
}

package company

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
)

// bookprint is a hash over all that goes with the deals.
func bookprint(c *Company) string {
	h := sha256.New()
	for i := range c.Deals {
		fmt.Fprintln(h, c.Deals[i].Credits, c.Deals[i].Lines)
	}
	fmt.Fprintln(h, c.FiscalMonth, c.Currencies, c.StageSetups, c.Quotas, c.Forecasts, c.Logins, c.Documents, c.Contracts, c.Merges, c.Leads)
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func TestTheSameSeedKeepsTheSameBooks(t *testing.T) {
	const want = "08b402bd3888253e"
	if got := bookprint(Acme(1, 300)); got != want {
		t.Errorf("Acme(1, 300) keeps the books %s, not %s: say why in the commit and pin the new ones", got, want)
	}
	if bookprint(Acme(2, 300)) == bookprint(Acme(1, 300)) {
		t.Error("two seeds keep one book")
	}
}

func TestTheBooksAgreeWithTheDeals(t *testing.T) {
	for _, size := range []int{0, 1, 90, 1200} {
		c := Acme(7, size)
		for i := range c.Deals {
			checkLines(t, c, i)
			for _, credit := range c.Deals[i].Credits {
				if !c.hasUser(credit.User) || credit.CreatedAt < c.Deals[i].CreatedAt || credit.DeletedAt != 0 && credit.DeletedAt <= credit.CreatedAt {
					t.Errorf("deal %d has a credit that can't be: %+v", i, credit)
				}
			}
		}
		for i, k := range c.Contracts {
			j := c.journeyOf(&c.Deals[k.Deal])
			if (k.SignedAt != 0) != j.isWon || k.SignedAt != 0 && (k.SentAt == 0 || k.SignedAt < k.SentAt || k.ActivatedAt < k.SignedAt) {
				t.Errorf("contract %d is signed out of order: %+v", i, k)
			}
			if k.RenewedBy != None && (c.Deals[k.RenewedBy].Account != c.Deals[k.Deal].Account || c.Deals[k.RenewedBy].Type != "Renewal") {
				t.Errorf("contract %d is renewed by a deal that is none of its customer's renewals: %+v", i, k)
			}
		}
		for i, d := range c.Documents {
			if d.CreatedAt < c.Deals[d.Deal].CreatedAt || d.SentAt != 0 && d.SentAt < d.CreatedAt || d.SignedAt != 0 && d.SignedAt < d.SentAt {
				t.Errorf("document %d is out of order: %+v", i, d)
			}
		}
		for i, m := range c.Merges {
			if m.Of == OfAccounts && (c.Accounts[m.From].DeletedAt != m.At || c.Accounts[m.Into].DeletedAt != 0) {
				t.Errorf("merge %d leaves what is gone, or ends in it: %+v", i, m)
			}
		}
	}
}

// checkLines: whenever it is looked at, a deal's lines sum to its amount.
func checkLines(t *testing.T, c *Company, index int) {
	t.Helper()
	d := &c.Deals[index]
	for _, change := range d.Changes {
		sum := int64(0)
		for i := range d.Lines {
			sum += cents(d.LineAt(i, change.At).Amount)
		}
		if amount := cents(d.At(change.At).Amount); len(d.Lines) > 0 && sum != amount {
			t.Fatalf("the lines of deal %d sum to %d cents, and its amount is %d", index, sum, amount)
		}
	}
}

// What staging has a table for has to happen.
func TestTheBooksHaveWhatMetricsMustCopeWith(t *testing.T) {
	c := Acme(1, 1200)
	seen := map[string]int{}
	for i := range c.Deals {
		d := &c.Deals[i]
		sum, shares := 0.0, 0
		for _, credit := range d.Credits {
			seen["overlays"] += count(credit.Kind == Overlay)
			seen["members"] += count(credit.Kind == Member)
			seen["credits changed"] += count(credit.ChangedAt != 0)
			if credit.Kind == Share && credit.DeletedAt == 0 {
				var percent float64
				fmt.Sscan(credit.Percent, &percent)
				sum, shares = sum+percent, shares+1
			}
		}
		seen["shares"] += shares
		seen["shares that don't sum to 100"] += count(shares > 0 && sum != 100)
		seen["deals of two lines"] += count(len(d.Lines) == 2)
		seen["deals without lines"] += count(len(d.Lines) == 0)
	}
	for _, k := range c.Contracts {
		_, endsOn := c.Deals[k.Deal].TermAt(At(c.Now))
		isDue := k.SignedAt != 0 && dayOf(endsOn) < At(c.Now)
		seen["contracts never signed"] += count(k.SignedAt == 0)
		seen["contracts due"] += count(isDue)
		seen["contracts renewed"] += count(isDue && k.RenewedBy != None && c.journeyOf(&c.Deals[k.RenewedBy]).isWon)
		seen["renewals lost"] += count(isDue && k.RenewedBy != None && !c.journeyOf(&c.Deals[k.RenewedBy]).isWon)
		seen["contracts let go"] += count(isDue && k.RenewedBy == None)
	}
	for _, d := range c.Documents {
		seen["quotes"] += count(d.Kind == Quote && d.SentAt != 0)
		seen["proposals"] += count(d.Kind == Proposal)
		seen["documents never sent"] += count(d.SentAt == 0)
		seen["quotes accepted"] += count(d.SignedAt != 0)
	}
	for _, q := range c.Quotas {
		seen["quotas raised"] += count(q.ChangedAt != 0)
	}
	for _, l := range c.Logins {
		seen["logins refused"] += count(l.Failed)
		seen["logins by phone"] += count(l.Through == ByMobile)
	}
	seen["merges"], seen["leads"], seen["forecasts"] = len(c.Merges), len(c.Leads), len(c.Forecasts)
	t.Log(seen)
	for what, times := range seen {
		if times == 0 {
			t.Errorf("nothing in the books is %q", what)
		}
	}
}

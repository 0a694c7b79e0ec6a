package payouts

import (
	"fmt"
	"slices"
	"strings"
)

// A Closed period is one that was locked, with what became of it since.
type Closed struct {
	Period      string
	Paid        []Entry // every locked entry that is for it, of whatever period's file
	Truth       []Entry // what its own lines are by today's records
	Differences []Difference
	Held        map[string]string // by AccountKey: what differs in rules or roster, which nobody has signed for
}

// AccountKey is a rep in a role.
func AccountKey(rep, role string) string { return rep + "\x00" + role }

// Adjustments are the lines that the open period carries for a closed one: the
// truth now less all that was exported, for each rep, role and currency. A closed
// period is never changed; what it should have been flows from here.
//
//   - Where anything of the rep's is held now, by a flag or by the plan, the whole
//     difference waits as a held line: it is listed in each period's file until
//     somebody decides.
//   - A line that was held and is not any more is a release.
//   - Less than was exported, because a deal that counted is gone, is a clawback.
//   - Where the rules or the roster are not those that were locked, the difference
//     waits as a held line until approvers sign for it, and is no clawback: a clawback
//     is for a deal that went.
//   - Everything else is an adjustment.
func Adjustments(open string, closed Closed) []Entry {
	var entries []Entry
	for _, account := range closed.accounts() {
		if e, differs := account.entry(open, closed); differs {
			entries = append(entries, e)
		}
	}
	return entries
}

// account is all that a closed period has for one rep, role and currency.
type account struct {
	last             Entry // for who it is: the truth's line, or the last locked one
	paid, now, held  Money
	heldBefore       Money  // by the period's own locked lines
	heldReason       string // why the locked line was held; "" when none was
	truthReasons     []string
	isHeld, hasTruth bool
}

func (c Closed) accounts() []*account {
	byKey := map[string]*account{}
	var keys []string
	at := func(e Entry) *account {
		key := strings.Join([]string{e.RepID, e.Role, e.Currency}, "\x00")
		if byKey[key] == nil {
			zero := Money{Currency: e.Currency}
			byKey[key] = &account{paid: zero, now: zero, held: zero, heldBefore: zero}
			keys = append(keys, key)
		}
		byKey[key].last = e
		return byKey[key]
	}
	for _, e := range c.Paid {
		if e.Kind == Recovered { // settles a balance, and no period
			continue
		}
		a := at(e)
		switch {
		case e.State == Payable || e.State == Booked:
			a.paid = plus(a.paid, e.money())
		case e.State == Held && e.Kind != Adjustment && e.Kind != Clawback:
			a.heldReason = e.Reason
			if e.Period == c.Period {
				a.heldBefore = plus(a.heldBefore, e.money())
			}
		}
	}
	for _, e := range c.Truth {
		a := at(e)
		a.hasTruth = true
		switch e.State {
		case Payable:
			a.now = plus(a.now, e.money())
		case Held:
			a.isHeld, a.held = true, plus(a.held, e.money())
		}
		a.truthReasons = append(a.truthReasons, e.Reason)
	}
	slices.Sort(keys)
	var accounts []*account
	for _, key := range keys {
		accounts = append(accounts, byKey[key])
	}
	return accounts
}

func (a *account) entry(open string, c Closed) (Entry, bool) {
	now := plus(a.now, a.held)
	delta := minus(now, a.paid)
	if delta.IsZero() {
		return Entry{}, false
	}
	e := a.last
	e.Period, e.For, e.Salt, e.Pool = open, c.Period, "", ""
	e.Before, e.Now, e.Amount = a.paid.Text(), now.Text(), delta.Text()
	e.State, e.Kind = Payable, Adjustment
	cause := c.Held[AccountKey(e.RepID, e.Role)]
	if a.isHeld || cause != "" {
		e.State = Held
	}
	differences := c.of(e.RepID, e.Role)
	isLess := strings.HasPrefix(e.Amount, "-")
	switch {
	case cause != "":
	case a.heldReason != "" && !isLess && (a.paid.IsZero() || minus(delta, a.heldBefore).IsZero()):
		e.Kind = Release
	case isLess && slices.ContainsFunc(differences, Difference.takesBack):
		e.Kind = Clawback
	}
	e.Reason = a.reason(e, differences)
	if cause != "" {
		e.Reason += "; held until approvers sign for it (`merit payout allow " + c.Period + "`): " + cause
	}
	return e, true
}

func (c Closed) of(rep, role string) []Difference {
	var own []Difference
	for _, d := range c.Differences {
		if d.RepID == rep && d.Role == role {
			own = append(own, d)
		}
	}
	return own
}

// mostInReason bounds a reason; all rows stand in adjustments.csv.
const mostInReason = 3

func (a *account) reason(e Entry, differences []Difference) string {
	text := fmt.Sprintf("%s is %s by today's records, %s was locked", e.For, e.Now, e.Before)
	switch {
	case e.Kind == Release && a.isHeld:
		text = fmt.Sprintf("%s: still held (%s)", e.For, strings.Join(a.truthReasons, "; "))
	case e.Kind == Release:
		text = fmt.Sprintf("%s: was held (%s), held no more: %s", e.For, a.heldReason, strings.Join(a.truthReasons, "; "))
	case a.isHeld:
		text += "; held (" + strings.Join(a.truthReasons, "; ") + ")"
	case !a.hasTruth:
		text += "; not on the roster of that period any more"
	default:
		text += ": " + strings.Join(a.truthReasons, "; ")
	}
	if e.Kind == Release {
		return text
	}
	if len(differences) == 0 {
		return text + "; no evidence row differs: the roster, the plan or somebody else's records do"
	}
	var words []string
	for _, d := range differences[:min(len(differences), mostInReason)] {
		words = append(words, d.words())
	}
	if more := len(differences) - mostInReason; more > 0 {
		words = append(words, fmt.Sprintf("and %d more evidence rows", more))
	}
	return text + "; " + strings.Join(words, "; ")
}

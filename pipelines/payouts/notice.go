package payouts

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A Notice is something that approvers should look at before they sign: what differs
// from the last locked period, and what is out of the usual.
type Notice struct {
	RepID  string `json:"rep_id"` // "" where it is about all
	What   string `json:"what"`
	Before string `json:"before"`
	Now    string `json:"now"`
}

// String is the notice in words.
func (n Notice) String() string {
	text := n.What
	if n.RepID != "" {
		text = n.RepID + ": " + text
	}
	if n.Before != "" || n.Now != "" {
		text += " (was " + cmp.Or(n.Before, "nothing") + ", is " + cmp.Or(n.Now, "nothing") + ")"
	}
	return text
}

// NoticesName is the file for approvers.
const NoticesName = "changes.csv"

// NoticesCSV lists them for people.
func NoticesCSV(notices []Notice) []byte {
	rows := [][]string{{"rep_id", "what", "before", "now"}}
	for _, n := range notices {
		rows = append(rows, []string{safe(n.RepID), safe(n.What), safe(n.Before), safe(n.Now)})
	}
	return csvOf(rows)
}

// beyondTarget and beyondUsual are when an amount is out of the usual: twice the bonus
// target, three times what the same role brought the rep in the last locked period.
const (
	beyondTarget = 2
	beyondUsual  = 3
)

// Notices compares a draft's own lines with those of the last locked period; nil
// before is no such period.
func Notices(now, before []Entry) []Notice {
	var notices []Notice
	last := map[string]Entry{}
	for _, e := range before {
		if e.Period == e.For && e.Kind == Bonus {
			last[AccountKey(e.RepID, e.Role)] = e
		}
	}
	say := func(e Entry, what, was, is string) {
		notices = append(notices, Notice{RepID: e.RepID, What: what, Before: was, Now: is})
	}
	for _, e := range now {
		if e.Period != e.For || e.Kind != Bonus {
			continue
		}
		was, there := last[AccountKey(e.RepID, e.Role)]
		delete(last, AccountKey(e.RepID, e.Role))
		amount := e.Amount + " " + e.Currency
		switch {
		case before == nil:
		case !there:
			say(e, "new on the roster as "+e.Role, "", amount)
		case was.BonusTarget != e.BonusTarget || was.Currency != e.Currency:
			say(e, "another bonus target", was.BonusTarget+" "+was.Currency, e.BonusTarget+" "+e.Currency)
		}
		if there && was.Name != e.Name {
			say(e, "another name", was.Name, e.Name)
		}
		if e.BonusTarget != "" && times(e.Amount, e.BonusTarget, beyondTarget) {
			say(e, "more than twice the bonus target", e.BonusTarget+" "+e.Currency, amount)
		}
		if there && was.Currency == e.Currency && times(e.Amount, was.Amount, beyondUsual) {
			say(e, "more than three times the last period", was.Amount+" "+was.Currency, amount)
		}
		if strings.Contains(e.Reason, "; cut from ") {
			say(e, "cut by a budget", "", e.Reason)
		}
	}
	for _, was := range last {
		say(was, "not on the roster as "+was.Role+" any more", was.Amount+" "+was.Currency, "")
	}
	SortNotices(notices)
	return notices
}

// SortNotices puts them in the order of people.
func SortNotices(notices []Notice) {
	slices.SortFunc(notices, func(a, b Notice) int {
		return cmp.Or(strings.Compare(a.RepID, b.RepID), strings.Compare(a.What, b.What), strings.Compare(a.Before, b.Before), strings.Compare(a.Now, b.Now))
	})
}

// times tells whether an amount is above so many times a usual one, which is above 0.
func times(amount, usual string, factor int64) bool {
	a, err := decimalOf(amount)
	if err != nil {
		return false
	}
	u, err := decimalOf(usual)
	if err != nil || u.Sign() <= 0 {
		return false
	}
	var edge apd.Decimal
	_, err = exact().Mul(&edge, u, apd.New(factor, 0))
	return err == nil && a.Cmp(&edge) > 0
}

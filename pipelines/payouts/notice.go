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

// Notices compares a draft's own lines, roster and quotas with those of the last locked
// period; nil before is no such period.
func Notices(f Frozen, before *Frozen) []Notice {
	var last map[string]Entry
	if before != nil {
		last = map[string]Entry{}
		for _, e := range before.Entries {
			if e.Period == e.For && e.Kind == Bonus {
				last[AccountKey(e.RepID, e.Role)] = e
			}
		}
	}
	var notices []Notice
	for _, e := range f.Entries {
		if e.Period == e.For && e.Kind == Bonus {
			notices = append(notices, lineNotices(e, last)...)
			delete(last, AccountKey(e.RepID, e.Role))
		}
	}
	for _, was := range last {
		notices = append(notices, Notice{RepID: was.RepID, What: "not on the roster as " + was.Role + " any more", Before: was.Amount + " " + was.Currency})
	}
	notices = append(notices, belowZero(f)...)
	if before != nil {
		notices = append(notices, rosterNotices(*before, f)...)
		notices = append(notices, totalNotices(*before, f)...)
	}
	SortNotices(notices)
	return notices
}

// lineNotices are about one line; a nil last is that nothing was locked before.
func lineNotices(e Entry, last map[string]Entry) []Notice {
	var notices []Notice
	say := func(what, was, is string) {
		notices = append(notices, Notice{RepID: e.RepID, What: what, Before: was, Now: is})
	}
	was, there := last[AccountKey(e.RepID, e.Role)]
	amount := e.Amount + " " + e.Currency
	switch {
	case last == nil:
	case !there:
		say("new on the roster as "+e.Role, "", amount)
	case was.BonusTarget != e.BonusTarget || was.Currency != e.Currency:
		say("another bonus target", was.BonusTarget+" "+was.Currency, e.BonusTarget+" "+e.Currency)
	}
	if there && was.Name != e.Name {
		say("another name", was.Name, e.Name)
	}
	if e.BonusTarget != "" && times(e.Amount, e.BonusTarget, beyondTarget) {
		say("more than twice the bonus target", e.BonusTarget+" "+e.Currency, amount)
	}
	if there && was.Currency == e.Currency && times(e.Amount, was.Amount, beyondUsual) {
		say("more than three times the last period", was.Amount+" "+was.Currency, amount)
	}
	if strings.Contains(e.Reason, "; cut from ") {
		say("cut by a budget", "", e.Reason)
	}
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

package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
)

const allowRecord = "allow"

// allowed is the body of an approver's signature under what differs from a locked
// period in rules or roster.
type allowed struct {
	Changes   string `json:"changes_sha256"`
	Approver  string `json:"approver"`
	Signature string `json:"signature"`
}

// A RuleChange is what differs from a locked period besides the records: the rules of
// its plan, and who was on the roster. A locked period was paid by its own; money
// moves for such a difference only when approvers have signed for it.
type RuleChange struct {
	Period string
	Causes map[string]string // by rep and role, in words
	Sum    string            // of all causes: what is signed
}

// ruleChangeOf compares a locked period's standings with those of today.
func ruleChangeOf(one lockedPeriod, now []payouts.Standing) RuleChange {
	change := RuleChange{Period: one.name, Causes: map[string]string{}}
	locked := map[string]payouts.Standing{}
	add := func(s payouts.Standing, cause string) {
		key := payouts.AccountKey(s.RepID, s.Role)
		if change.Causes[key] != "" {
			cause = change.Causes[key] + "; " + cause
		}
		change.Causes[key] = cause
	}
	for _, s := range one.frozen.Standings {
		if s.Period == one.name {
			locked[payouts.AccountKey(s.RepID, s.Role)] = s
		}
	}
	for _, s := range now {
		if s.Period != one.name {
			continue
		}
		if s.PlanHash != one.frozen.Heading.PlanHash {
			add(s, fmt.Sprintf("the plan of %s is not the one that was locked (it was %s, now it is %s)", one.name, short(one.frozen.Heading.PlanHash), short(s.PlanHash)))
		}
		before, there := locked[payouts.AccountKey(s.RepID, s.Role)]
		delete(locked, payouts.AccountKey(s.RepID, s.Role))
		switch {
		case !there:
			add(s, "the roster did not have this rep in this role when the period was locked")
		case words(before.Spans, before.PeriodDays) != words(s.Spans, s.PeriodDays):
			add(s, fmt.Sprintf("the roster was changed: it was %s, now it is %s", words(before.Spans, before.PeriodDays), words(s.Spans, s.PeriodDays)))
		}
	}
	for _, s := range locked {
		add(s, "the roster does not have this rep in this role any more")
	}
	if len(change.Causes) > 0 {
		var text strings.Builder
		for _, key := range slices.Sorted(maps.Keys(change.Causes)) {
			fmt.Fprintf(&text, "%q %s\n", key, change.Causes[key])
		}
		change.Sum = sumOf([]byte(one.name + "\n" + text.String()))
	}
	return change
}

// text is what an approver signs.
func (c RuleChange) text() string {
	return fmt.Sprintf("merit payout allow 1\nperiod %s\nchanges %s\n", c.Period, c.Sum)
}

// heldCauses are the causes that hold a line, as of a record of the log: none when as
// many approvers in force as are needed have signed for just these.
func (l *Ledger) heldCauses(c RuleChange, before int64) (map[string]string, error) {
	if len(c.Causes) == 0 {
		return nil, nil
	}
	signers, needed, err := l.allowedBy(c, before)
	if err != nil || needed > 0 && distinct(signers) >= needed {
		return nil, err
	}
	return c.Causes, nil
}

func (l *Ledger) allowedBy(c RuleChange, before int64) ([]evidence.Public, int, error) {
	var signers []evidence.Public
	for _, r := range l.log.Records() {
		var body allowed
		if r.Kind != allowRecord || r.Period != c.Period || r.Number >= before {
			continue
		}
		if err := jsonBody(r, &body); err != nil {
			return nil, 0, err
		}
		if body.Changes != c.Sum {
			continue
		}
		key, err := evidence.ParsePublic(body.Approver)
		if err != nil {
			return nil, 0, err
		}
		list, err := l.listAt(r.Number)
		if err != nil {
			return nil, 0, err
		}
		opened, err := evidence.Open([]byte(body.Signature), key)
		if err != nil || opened.Text != c.text() || !slices.Contains(list.Approvers, key.Text) {
			return nil, 0, fault.Errorf(fault.You, "record %d of the evidence log: the signature under the changes of %s is not one of an approver in force", r.Number, c.Period)
		}
		signers = append(signers, key)
	}
	list, err := l.listAt(before)
	return signers, list.Needed, err
}

// An Allowance is what approvers have signed for.
type Allowance struct {
	RuleChange
	Given, Needed int
}

// Allow shows what differs from a locked period in rules or roster by the last build.
// With an approver's key it signs for it; with as many signatures as are needed the
// lines that it holds are held no more.
func (l *Ledger) Allow(ctx context.Context, from Built, period, keyName string) (Allowance, error) {
	one, isLocked := l.period(period)
	if !isLocked {
		return Allowance{}, fault.Errorf(fault.You, "%s is not locked: draft it again instead", period)
	}
	b, err := from(ctx)
	if err != nil {
		return Allowance{}, err
	}
	standings, _, err := b.Results.Standings(ctx, period)
	if err != nil {
		return Allowance{}, err
	}
	a := Allowance{RuleChange: ruleChangeOf(one, standings)}
	signers, needed, err := l.allowedBy(a.RuleChange, l.log.Size())
	if err != nil {
		return a, err
	}
	a.Needed = needed
	if keyName != "" && len(a.Causes) > 0 {
		key, err := evidence.ReadKey(l.KeyPath(keyName))
		if err != nil {
			return a, err
		}
		list, err := l.listAt(l.log.Size())
		if err != nil {
			return a, err
		}
		if !slices.Contains(list.Approvers, key.Public.Text) {
			return a, fault.Errorf(fault.You, "%s is not among the approvers in force: %s", fingerprint(key.Public.Text), list)
		}
		if !slices.ContainsFunc(signers, key.Public.IsSame) {
			body := allowed{Changes: a.Sum, Approver: key.Public.Text, Signature: string(key.Seal(a.text()))}
			if _, err := l.log.Append(time.Now(), allowRecord, period, body); err != nil {
				return a, err
			}
			signers = append(signers, key.Public)
		}
	}
	a.Given = distinct(signers)
	return a, nil
}

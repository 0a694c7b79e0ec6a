package ledger

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
)

const paidRecord = "paid"

// settled is the body of the record of a register that payroll gave back.
type settled struct {
	Register string `json:"register_sha256"`
	Paid     int    `json:"paid"`
	Differ   int    `json:"differ"`
	Sum      string `json:"paid_sha256"`              // of paid.csv
	Lines    []int  `json:"lines_of_the_locked_file"` // that are paid as they were handed over
}

// Paid is what a register came to.
type Paid struct {
	All    []payouts.Settlement
	Differ int
	Path   string
}

// Paid compares a register that the payroll system gave back with what was handed to
// it. Only a line that the register has is paid; the newest register counts.
func (l *Ledger) Paid(period, path string) (Paid, error) {
	var done Paid
	one, isLocked := l.period(period)
	if !isLocked {
		return done, fault.Errorf(fault.You, "%s is not locked: nothing of it was handed to payroll", period)
	}
	handed, places, err := l.handed(one)
	if err != nil {
		return done, err
	}
	if len(handed) == 0 {
		return done, fault.Errorf(fault.You, "no payroll file of %s was written; `merit payout export %s` does", period, period)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return done, fault.Errorf(fault.You, "read the register: %w", err)
	}
	payroll, err := l.payroll()
	if err != nil {
		return done, err
	}
	if done.All, err = payouts.Settle(text, handed, payroll); err != nil {
		return done, err
	}
	if err := l.isOwnRegister(period, sumOf(text)); err != nil {
		return done, err
	}
	body := settled{Register: sumOf(text), Lines: []int{}}
	for _, s := range done.All {
		if s.IsPaid {
			body.Paid++
		} else {
			body.Differ++
		}
	}
	for _, place := range places {
		e := one.frozen.Entries[place]
		if slices.ContainsFunc(done.All, func(s payouts.Settlement) bool {
			return s.IsPaid && s.Employee == payroll.Number(e.RepID) && s.Currency == e.Currency
		}) {
			body.Lines = append(body.Lines, place)
		}
	}
	table := payouts.SettlementsCSV(done.All)
	body.Sum, done.Differ, done.Path = sumOf(table), body.Differ, l.path(period, "paid", "paid.csv")
	if err := payouts.Replace(done.Path, table); err != nil {
		return done, err
	}
	return done, l.remember(paidRecord, period, body)
}

func (l *Ledger) remember(kind, period string, body any) error {
	_, err := l.log.Append(time.Now(), kind, period, body)
	return err
}

// handed are the lines that payroll was given, and their places.
func (l *Ledger) handed(one lockedPeriod) (entries []payouts.Entry, places []int, err error) {
	live, err := l.live(one.name)
	if err != nil {
		return nil, nil, err
	}
	for i, e := range one.frozen.Entries {
		if slices.ContainsFunc(live, func(x exported) bool { return slices.Contains(x.Entries, i) }) {
			entries, places = append(entries, e), append(places, i)
		}
	}
	return entries, places, nil
}

// isOwnRegister refuses a register that was given for another period: its payments
// would count twice.
func (l *Ledger) isOwnRegister(period, sum string) error {
	for _, r := range l.log.Records() {
		var body settled
		if r.Kind != paidRecord || r.Period == period {
			continue
		}
		if err := jsonBody(r, &body); err != nil {
			return err
		}
		if body.Register == sum {
			return fault.Errorf(fault.You, "this register was given for %s already (record %d of the evidence log): take the one of the payments of %s", r.Period, r.Number, period)
		}
	}
	return nil
}

// checkPaid finds a list of what was paid that was changed since it was written.
func (l *Ledger) checkPaid(period string) error {
	r, found := l.last(paidRecord, period)
	if !found {
		return nil
	}
	var body settled
	if err := jsonBody(r, &body); err != nil {
		return err
	}
	path := l.path(period, "paid", "paid.csv")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Errorf(fault.You, "read %s: %w", path, err)
	}
	if sumOf(text) != body.Sum {
		return fault.Errorf(fault.You, "%s is not what the register gave; `merit payout paid %s FILE` makes it again", path, period)
	}
	return nil
}

package ledger

import (
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
	Sum      string `json:"paid_sha256"` // of paid.csv
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
	live, err := l.live(period)
	if err != nil {
		return done, err
	}
	var handed []payouts.Entry
	for i, e := range one.frozen.Entries {
		if slices.ContainsFunc(live, func(x exported) bool { return slices.Contains(x.Entries, i) }) {
			handed = append(handed, e)
		}
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
	body := settled{Register: sumOf(text)}
	for _, s := range done.All {
		if s.IsPaid {
			body.Paid++
		} else {
			body.Differ++
		}
	}
	table := payouts.SettlementsCSV(done.All)
	body.Sum, done.Differ, done.Path = sumOf(table), body.Differ, l.path(period, "paid", "paid.csv")
	if err := payouts.Replace(done.Path, table); err != nil {
		return done, err
	}
	_, err = l.log.Append(time.Now(), paidRecord, period, body)
	return done, err
}

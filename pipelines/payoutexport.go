package pipelines

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
)

// An Export is a file that was handed out for the payroll system.
type Export struct {
	Path   string
	ByHand string // what the system's import can't take; "" when there is nothing
	Lines  int64
	Totals []payouts.Total
}

// ExportPayout writes a locked period's payable lines as a payroll system wants
// them, encrypted to an age recipient where one is named.
func (j *Job) ExportPayout(period, layoutName, recipient string) (Export, error) {
	var done Export
	l, err := openLedger(j.Project)
	if err != nil {
		return done, err
	}
	one, isLocked := l.period(period)
	if !isLocked {
		return done, fault.Errorf(fault.You, "%s is not locked: only what was approved and locked is exported", period)
	}
	if _, err := os.Stat(l.path(period, "checkpoint.txt")); errors.Is(err, fs.ErrNotExist) { // a crash came between the lock and its proofs
		if err := l.handOut(one); err != nil {
			return done, err
		}
	}
	layout, err := payouts.OpenLayout(layoutName)
	if err != nil {
		return done, err
	}
	payroll, err := l.payroll()
	if err != nil {
		return done, err
	}
	file, err := layout.Export(one.frozen, payroll)
	if err != nil {
		return done, err
	}
	name := strings.TrimSuffix(filepath.Base(layoutName), filepath.Ext(layoutName))
	done = Export{Lines: file.Lines, Totals: file.Totals}
	if done.Path, err = l.export(one, name+".csv", layoutName, file.Text, file, recipient); err != nil {
		return done, err
	}
	if file.ByHand != nil {
		done.ByHand, err = l.export(one, name+"_by_hand.csv", layoutName, file.ByHand, file, recipient)
	}
	return done, err
}

func (l *ledger) payroll() (payouts.Payroll, error) {
	p := payouts.Payroll{Settings: map[string]string{"batch_id": "MERIT"}}
	for name, value := range l.project.Settings.Payouts.Payroll {
		p.Settings[name] = value
	}
	path := l.project.Settings.Payouts.Employees
	if path == "" {
		return p, nil
	}
	text, err := os.ReadFile(l.project.Path(path))
	if err != nil {
		return p, fault.Errorf(fault.You, "read the employees file: %w", err)
	}
	p.Employees, err = payouts.ReadEmployees(text)
	return p, err
}

// export writes one file and its record; the same file twice is one export.
func (l *ledger) export(one lockedPeriod, name, layout string, text []byte, file payouts.PayrollFile, recipient string) (string, error) {
	body := exported{Layout: layout, File: name, PlainSum: sumOf(text), Lines: file.Lines}
	for _, t := range file.Totals {
		body.Totals = append(body.Totals, fmt.Sprintf("%d rows, %s %s", t.Lines, t.Amount.Text(), t.Amount.Currency))
	}
	if recipient != "" {
		sealed, err := encrypt(text, recipient)
		if err != nil {
			return "", err
		}
		text, body.File, body.Encrypted = sealed, name+".age", true
	}
	body.Sum = sumOf(text)
	path := l.path(one.name, "export", body.File)
	if err := payouts.Replace(path, text); err != nil {
		return "", err
	}
	if r, found := l.last(exportRecord, one.name); found && !body.Encrypted {
		var before exported
		if err := jsonBody(r, &before); err != nil {
			return "", err
		}
		if before.File == body.File && before.Sum == body.Sum {
			return path, nil
		}
	}
	_, err := l.log.Append(time.Now(), exportRecord, one.name, body)
	return path, err
}

// encrypt is for one recipient, whose key looks like age1….
func encrypt(text []byte, recipient string) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fault.Errorf(fault.You, "--encrypt takes an age recipient (age1…): %w", err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	err = errors.Join(err, w.Close()) // which writes the last block
	return b.Bytes(), err
}

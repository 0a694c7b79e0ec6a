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
	Path     string
	ByHand   string // what the system's import can't take; "" when there is nothing
	Currency string // of all lines; "" where each row names its own
	Lines    int64
	Totals   []payouts.Total
}

// Exporting says how a period is handed to payroll.
type Exporting struct {
	Layout    string // the name of one that ships, or a file
	Currency  string // only lines in it; "" is all
	Recipient string // age recipient that the file is encrypted to; "" is nobody
}

// ExportPayout writes a locked period's payable lines as a payroll system wants
// them, one currency a file where the rows don't name it.
func (j *Job) ExportPayout(period string, how Exporting) ([]Export, error) {
	l, err := openLedger(j.Project)
	if err != nil {
		return nil, err
	}
	one, isLocked := l.period(period)
	if !isLocked {
		return nil, fault.Errorf(fault.You, "%s is not locked: only what was approved and locked is exported", period)
	}
	if _, err := os.Stat(l.path(period, "checkpoint.txt")); errors.Is(err, fs.ErrNotExist) { // a crash came between the lock and its proofs
		if err := l.handOut(one); err != nil {
			return nil, err
		}
	}
	layout, err := payouts.OpenLayout(how.Layout)
	if err != nil {
		return nil, err
	}
	payroll, err := l.payroll()
	if err != nil {
		return nil, err
	}
	files, err := layout.Export(one.frozen, payroll, how.Currency)
	if err != nil {
		return nil, err
	}
	var exports []Export
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(how.Layout), filepath.Ext(how.Layout))
		if file.Currency != "" && file.Currency != payroll.Currency {
			name += "_" + file.Currency
		}
		done := Export{Currency: file.Currency, Lines: file.Lines, Totals: file.Totals}
		if done.Path, err = l.export(one, name+".csv", file.Text, file, how); err != nil {
			return nil, err
		}
		if file.ByHand != nil {
			if done.ByHand, err = l.export(one, name+"_by_hand.csv", file.ByHand, file, how); err != nil {
				return nil, err
			}
		}
		exports = append(exports, done)
	}
	return exports, nil
}

func (l *ledger) payroll() (payouts.Payroll, error) {
	settings := l.project.Settings
	p := payouts.Payroll{Currency: settings.Calendar.Currency, Settings: map[string]payouts.Setting{"batch_id": {Text: "MERIT"}}}
	for name, value := range settings.Payouts.Payroll {
		p.Settings[name] = payouts.Setting(value)
	}
	if code := p.Settings["currency"].Text; code != "" {
		p.Currency = code
	}
	path := settings.Payouts.Employees
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
func (l *ledger) export(one lockedPeriod, name string, text []byte, file payouts.PayrollFile, how Exporting) (string, error) {
	body := exported{Layout: how.Layout, File: name, PlainSum: sumOf(text), Lines: file.Lines}
	for _, t := range file.Totals {
		body.Totals = append(body.Totals, fmt.Sprintf("%d rows, %s %s", t.Lines, t.Amount.Text(), t.Amount.Currency))
	}
	if how.Recipient != "" {
		sealed, err := encrypt(text, how.Recipient)
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

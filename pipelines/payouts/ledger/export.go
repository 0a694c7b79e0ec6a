package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	Left     int // payable lines that are in no payroll file yet
}

// Exporting says how a period is handed to payroll.
type Exporting struct {
	Layout                 string // the name of one that ships, or a file
	Currency               string // only lines in it; "" is all
	Recipient              string // age recipient that the file is encrypted to; "" is nobody
	PayDate                string // yyyy-mm-dd, for layouts that want it
	PayPeriod              string // first..last day, for layouts that want it
	Again                  string // why lines that were exported before are exported again; "" refuses them
	Template               string // CSV or XLSX file that the payroll system gave out, to be filled; "" is none
	batch                  int64
	layoutSum, templateSum string // SHA-256 of files of the company's own
	Key                    string // an approver's, who answers for other payroll numbers or codes than were approved
}

// Export writes a locked period's payable lines as a payroll system wants
// them, one currency a file where the rows don't name it.
func (l *Ledger) Export(period string, how Exporting) ([]Export, error) {
	one, isLocked := l.period(period)
	if !isLocked {
		return nil, fault.Errorf(fault.You, "%s is not locked: only what was approved and locked is exported", period)
	}
	if _, err := os.Stat(l.path(period, "checkpoint.txt")); errors.Is(err, fs.ErrNotExist) { // a crash came between the lock and its proofs
		if err := l.handOut(one); err != nil {
			return nil, err
		}
	}
	if how.Again != "" && strings.TrimSpace(how.Again) == "" {
		return nil, fault.Errorf(fault.You, "--again needs the reason in words, which the evidence log keeps")
	}
	files, payroll, err := l.payrollFiles(one, &how)
	if err != nil {
		return nil, err
	}
	changed, err := l.approvedPayroll(one, how)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := l.exportedOnce(one, file, how); err != nil {
			return nil, err
		}
	}
	how.batch = l.log.Size()
	return l.writeExports(one, files, payroll, how, changed)
}

// payrollFiles are the files as the layout wants them, and how payroll knows people.
func (l *Ledger) payrollFiles(one lockedPeriod, how *Exporting) ([]payouts.PayrollFile, payouts.Payroll, error) {
	layout, err := payouts.OpenLayout(how.Layout)
	if err != nil {
		return nil, payouts.Payroll{}, err
	}
	payroll, err := l.payroll()
	if err != nil {
		return nil, payroll, err
	}
	if isOwnLayout(how.Layout) {
		text, err := os.ReadFile(how.Layout)
		if err != nil {
			return nil, payroll, fault.Errorf(fault.You, "read the layout: %w", err)
		}
		how.layoutSum = sumOf(text)
	}
	if how.Template != "" {
		text, err := os.ReadFile(how.Template)
		if err != nil {
			return nil, payroll, fault.Errorf(fault.You, "read the template: %w", err)
		}
		payroll.Template, how.templateSum = &payouts.Template{Name: filepath.Base(how.Template), Text: text}, sumOf(text)
	}
	payroll.PayDate = how.PayDate
	payroll.PayFrom, payroll.PayTo, _ = strings.Cut(how.PayPeriod, "..")
	files, err := layout.Export(one.frozen, payroll, how.Currency)
	return files, payroll, err
}

func isOwnLayout(name string) bool {
	return strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")
}

func (l *Ledger) writeExports(one lockedPeriod, files []payouts.PayrollFile, payroll payouts.Payroll, how Exporting, changed payrollChange) ([]Export, error) {
	var exports []Export
	var err error
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(how.Layout), filepath.Ext(how.Layout))
		if file.Currency != "" && file.Currency != payroll.Currency {
			name += "_" + file.Currency
		}
		ending := ".csv"
		if payroll.Template != nil {
			ending = strings.ToLower(filepath.Ext(payroll.Template.Name))
		}
		name += ending
		if file.Name != "" {
			name = file.Name
		}
		done := Export{Currency: file.Currency, Lines: file.Lines, Totals: file.Totals}
		if done.Path, err = l.export(one, name, file.Text, file, how, changed); err != nil {
			return nil, err
		}
		if file.ByHand != nil {
			if done.ByHand, err = l.export(one, strings.TrimSuffix(name, filepath.Ext(name))+"_by_hand.csv", file.ByHand, file, how, changed); err != nil {
				return nil, err
			}
		}
		done.Left = l.notExported(one)
		exports = append(exports, done)
	}
	return exports, nil
}

func (l *Ledger) payroll() (payouts.Payroll, error) {
	settings := l.project.Settings
	p := payouts.Payroll{Currency: settings.Calendar.Currency, Settings: map[string]payouts.Setting{"batch_id": {Text: "MERIT"}, "bonus_title": {Text: "bonus"}}}
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
	if p.Employees, err = payouts.ReadEmployees(text); err != nil {
		return p, err
	}
	p.People, err = payouts.ReadPeople(text)
	return p, err
}

// export writes one file and its record; the same file twice is one export.
func (l *Ledger) export(one lockedPeriod, name string, text []byte, file payouts.PayrollFile, how Exporting, changed payrollChange) (string, error) {
	body := exported{Layout: how.Layout, File: name, PlainSum: sumOf(text), Lines: file.Lines, Entries: covered(one, file.Currency), Again: how.Again, Batch: how.batch, LayoutSum: how.layoutSum, Template: how.templateSum, payrollChange: changed}
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
		if before.File == body.File && before.Sum == body.Sum && slices.Equal(before.Entries, body.Entries) {
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

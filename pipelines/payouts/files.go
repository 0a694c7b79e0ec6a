package payouts

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Control is one control total: what finance can count again at its source.
type Control struct {
	Name     string // what was counted
	Source   string // where
	Item     string // of what: a stage, a state, a currency
	Count    int64
	Amount   string // plain decimal; "" where only records are counted
	Currency string
}

var lineColumns = []string{
	"period", "rep_id", "name", "role", "team", "score", "tier", "multiplier", "bonus_target",
	"days_in_role", "leave_days", "paid_days", "period_days", "currency", "amount", "state", "reason", "plan_version", "plan_sha256",
}

// LinesCSV is the payout file for people: UTF-8, LF, a fixed order of rows and
// columns, amounts with exactly the decimals of their currency. It holds no clock.
func LinesCSV(lines []Line) []byte {
	rows := [][]string{lineColumns}
	for _, l := range lines {
		rows = append(rows, []string{
			l.Period, safe(l.RepID), safe(l.Name), safe(l.Role), safe(l.Team), l.Score, safe(l.Tier), l.Multiplier, l.BonusTarget,
			strconv.FormatInt(l.Days, 10), strconv.FormatInt(l.LeaveDays, 10), strconv.FormatInt(l.PaidDays, 10), strconv.FormatInt(l.PeriodDays, 10),
			l.Amount.Currency, l.Amount.Text(), string(l.State), safe(l.Reason), safe(l.PlanVersion), l.PlanHash,
		})
	}
	return csvOf(rows)
}

// ControlsCSV is the file of control totals.
func ControlsCSV(controls []Control) []byte {
	rows := [][]string{{"control", "source", "item", "count", "amount", "currency"}}
	for _, c := range controls {
		rows = append(rows, []string{safe(c.Name), safe(c.Source), safe(c.Item), strconv.FormatInt(c.Count, 10), c.Amount, c.Currency})
	}
	return csvOf(rows)
}

func csvOf(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := errors.Join(w.WriteAll(rows), w.Error()); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// safe keeps a spreadsheet from taking a text for a formula (CWE-1236): such a
// text gets an apostrophe in front. The full-width forms count too.
func safe(text string) string {
	first, _ := strings.CutPrefix(text, " ")
	for _, sign := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(first, sign) || strings.HasPrefix(text, sign) {
			return "'" + text
		}
	}
	return text
}

// Write puts the files of a draft into folder, beside each its SHA-256 in the
// form that sha256sum -c reads. An earlier draft is replaced.
func Write(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", folder, err)
	}
	for name, text := range files {
		sum := sha256.Sum256(text)
		line := hex.EncodeToString(sum[:]) + "  " + name + "\n"
		if err := replace(filepath.Join(folder, name), text); err != nil {
			return err
		}
		if err := replace(filepath.Join(folder, name+".sha256"), []byte(line)); err != nil {
			return err
		}
	}
	return syncFolder(folder)
}

// replace writes beside the file and renames over it: a reader finds the old one
// or the new one, never half.
func replace(path string, text []byte) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part.Name())) }()
	_, err = part.Write(text)
	if err = errors.Join(err, part.Chmod(0o600), part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(part.Name(), path)
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

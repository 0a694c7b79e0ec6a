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
	// Difference is what the two sides of a comparison are apart; "" where nothing
	// is compared. Anything but 0 refuses the lock.
	Difference string
}

// Unexplained are the comparisons whose two sides differ.
func Unexplained(controls []Control) []Control {
	var differing []Control
	for _, c := range controls {
		if c.Difference != "" && strings.Trim(c.Difference, "0.-") != "" {
			differing = append(differing, c)
		}
	}
	return differing
}

// LinesCSV is the payout file of lines that are a period's own.
func LinesCSV(lines []Line) []byte { return EntriesCSV(Entries(lines)) }

// EntriesCSV is the payout file for people: UTF-8, LF, a fixed order of rows and
// columns, amounts with exactly the decimals of their currency. It holds no clock.
func EntriesCSV(entries []Entry) []byte {
	columns := columns()
	rows := [][]string{nil}
	for _, c := range columns {
		rows[0] = append(rows[0], c.name)
	}
	for _, e := range entries {
		var row []string
		for _, c := range columns {
			text := c.text(e)
			if !c.number {
				text = safe(text)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return csvOf(rows)
}

// DifferencesCSV lists the evidence rows that differ from what was locked.
func DifferencesCSV(differences []Difference) []byte {
	rows := [][]string{{"for_period", "rep_id", "role", "metric", "source", "record_type", "record_id", "evidence_id", "change", "before", "now", "detail"}}
	for _, d := range differences {
		rows = append(rows, []string{
			d.Period, safe(d.RepID), safe(d.Role), d.Metric, safe(d.Source), d.RecordType, safe(d.RecordID), d.EvidenceID, string(d.Change), safe(d.Before), safe(d.Now), safe(d.Detail),
		})
	}
	return csvOf(rows)
}

// ControlsCSV is the file of control totals.
func ControlsCSV(controls []Control) []byte {
	rows := [][]string{{"control", "source", "item", "count", "amount", "currency", "difference"}}
	for _, c := range controls {
		rows = append(rows, []string{safe(c.Name), safe(c.Source), safe(c.Item), strconv.FormatInt(c.Count, 10), c.Amount, c.Currency, c.Difference})
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

func parsed(text []byte) ([][]string, error) { return csv.NewReader(bytes.NewReader(text)).ReadAll() }

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

// Write makes folder hold just these files, names with / lying in folders of their
// own, and beside each file at the top its SHA-256 in the form that sha256sum -c
// reads. Readers find the earlier folder or the new one, never half.
func Write(folder string, files map[string][]byte) (err error) {
	part := folder + ".part"
	if err := os.RemoveAll(part); err != nil {
		return fmt.Errorf("write %s: %w", folder, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	for name, text := range WithSums(files) {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%q is no name for a file in %s", name, folder)
		}
		path := filepath.Join(part, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		if err := writeSynced(path, text); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("take away the earlier %s: %w", folder, err)
	}
	if err := os.Rename(part, folder); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(folder))
}

// WithSums are the files, and the SHA-256 of each that lies at the top.
func WithSums(files map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for name, text := range files {
		all[name] = text
		if !strings.Contains(name, "/") && name != ManifestName {
			all[name+".sha256"] = []byte(sumLine(name, text))
		}
	}
	return all
}

// sumLine is a line that sha256sum -c reads.
func sumLine(name string, text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]) + "  " + name + "\n"
}

func writeSynced(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// Replace writes one file beside its place and renames it there.
func Replace(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return errors.Join(replace(path, text), syncFolder(filepath.Dir(path)))
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

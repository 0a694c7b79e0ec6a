package company

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"merit/connectors/fault"
)

// A table is a CSV file in memory: an export for a sandbox is small.
type table struct {
	file   string
	header []string
	rows   [][]string
	lines  []int // where each row begins
}

// readTable reads the first of the named files that is there; nil when none is.
// Dates with slashes come out in ISO form. (A line break inside a cell comes out as LF.)
func readTable(dir string, names ...string) (*table, error) {
	for _, name := range names {
		file, err := os.Open(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fault.Errorf(fault.You, "reading a company: %w", err)
		}
		defer file.Close()
		return parseTable(name, file)
	}
	return nil, nil
}

const byteOrderMark = "\ufeff"

func parseTable(name string, from io.Reader) (*table, error) {
	buffered := bufio.NewReader(from)
	if start, err := buffered.Peek(len(byteOrderMark)); err == nil && string(start) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark)) // it has just been peeked at
	}
	reader := csv.NewReader(buffered)
	t := &table{file: name}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.Errorf(fault.You, "%s: %w", name, err) // says line and column
		}
		if t.header == nil {
			t.header = row
			continue
		}
		line, _ := reader.FieldPos(0)
		t.rows, t.lines = append(t.rows, row), append(t.lines, line)
	}
	if t.header == nil {
		return nil, fault.Errorf(fault.You, "%s is empty; its first line names the columns", name)
	}
	return t, t.mendDates()
}

// column finds a column by the first of the names that it has; -1 when by none.
func (t *table) column(names ...string) int {
	for _, name := range names {
		for i, header := range t.header {
			if strings.EqualFold(strings.TrimSpace(header), name) {
				return i
			}
		}
	}
	return -1
}

// need finds a column that has to be there.
func (t *table) need(names ...string) (int, error) {
	column := t.column(names...)
	if column < 0 {
		return -1, fault.Errorf(fault.You, "%s has no column %s", t.file, strings.Join(names, " or "))
	}
	return column, nil
}

// text gives a cell; "" where there is no such column.
func (t *table) text(row, column int) string {
	if column < 0 {
		return ""
	}
	return t.rows[row][column]
}

// wrong says what is the matter with a cell, and where it is.
func (t *table) wrong(row, column int, format string, args ...any) error {
	return fault.Errorf(fault.You, "%s, line %d, column %s: %q %s",
		t.file, t.lines[row], t.header[column], t.rows[row][column], fmt.Sprintf(format, args...))
}

// instant reads a cell as an instant; a date is its midnight UTC, an empty cell never.
func (t *table) instant(row, column int) (Instant, error) {
	text := t.text(row, column)
	if text == "" {
		return 0, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", time.DateTime, "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return At(at), nil
		}
	}
	return 0, t.wrong(row, column, "is no date or instant, such as 2026-07-01 or 2026-07-01T08:00:00Z")
}

// date reads a cell as a date.
func (t *table) date(row, column int) (string, error) {
	at, err := t.instant(row, column)
	if err != nil || at == 0 {
		return "", err
	}
	return at.Time().Format(time.DateOnly), nil
}

var (
	slashDate = regexp.MustCompile(`^(\d\d?)/(\d\d?)/(\d{4})( \d\d?:\d\d(:\d\d)?)?$`)
	amount    = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
)

// amount reads a cell as a plain decimal number.
func (t *table) amount(row, column int) (string, error) {
	text := t.text(row, column)
	if text != "" && !amount.MatchString(text) {
		return "", t.wrong(row, column, "is no amount, such as 1200 or 1200.50")
	}
	return text, nil
}

// mendDates rewrites the columns that hold nothing but dates with slashes. Which
// number is the day, the file itself has to say: the one that exceeds 12. Where none
// does, it comes first.
func (t *table) mendDates() error {
	var columns []int
	dayFirst, monthFirst := -1, -1 // a row that shows it
	for column := range t.header {
		if !t.holdsSlashDates(column) {
			continue
		}
		columns = append(columns, column)
		for row := range t.rows {
			switch parts := slashDate.FindStringSubmatch(t.rows[row][column]); {
			case parts == nil:
			case len(parts[1]) == 2 && parts[1] > "12":
				dayFirst = row
			case len(parts[2]) == 2 && parts[2] > "12":
				monthFirst = row
			}
		}
	}
	if dayFirst >= 0 && monthFirst >= 0 {
		return fault.Errorf(fault.You, "%s has the day first in line %d and the month first in line %d; write dates as 2026-07-31",
			t.file, t.lines[dayFirst], t.lines[monthFirst])
	}
	layout := "2/1/2006"
	if monthFirst >= 0 {
		layout = "1/2/2006"
	}
	for _, column := range columns {
		for row := range t.rows {
			if err := t.mendDate(row, column, layout); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *table) holdsSlashDates(column int) bool {
	found := false
	for _, row := range t.rows {
		if row[column] == "" {
			continue
		}
		if !slashDate.MatchString(row[column]) {
			return false
		}
		found = true
	}
	return found
}

func (t *table) mendDate(row, column int, layout string) error {
	text := t.rows[row][column]
	if text == "" {
		return nil
	}
	for clock, written := range map[string]string{"": time.DateOnly, " 15:04": time.RFC3339, " 15:04:05": time.RFC3339} {
		if at, err := time.Parse(layout+clock, text); err == nil {
			t.rows[row][column] = at.Format(written)
			return nil
		}
	}
	return t.wrong(row, column, "is no date that there ever was")
}

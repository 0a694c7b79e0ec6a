package plan

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
	"merit/pipelines/currency"
	"merit/pipelines/yamlfile"
)

// inputCSV is a CSV file that people keep by hand. Columns may stand in any
// order; unknown ones are an error, since a misspelt column would be silently
// empty.
type inputCSV struct {
	name    string // as errors show it
	columns []string
	rows    []inputRow
}

type inputRow struct {
	file  string
	line  int
	cells map[string]string
}

// mostInput is more than people keep by hand: rows of a million, at 200 bytes.
const mostInput = 200 << 20

// readInputCSV reads the file; must names the columns that have to be there, may
// those that can be.
func readInputCSV(path string, must, may []string) (*inputCSV, error) {
	text, err := yamlfile.ReadRegular(path, mostInput)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "%s is not there; its columns are %s", path, list(append(must, may...)))
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "read %s: %w", path, err)
	}
	return parseInputCSV(filepath.Base(path), text, must, may)
}

func parseInputCSV(name string, text []byte, must, may []string) (*inputCSV, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	reader.Comment = '#'
	h := &inputCSV{name: name}
	header, err := reader.Read()
	if err != nil {
		return nil, fault.Errorf(fault.You, "%s: no header row; its columns are %s", name, list(append(must, may...)))
	}
	for _, column := range header {
		column = strings.TrimSpace(column)
		if !slices.Contains(must, column) && !slices.Contains(may, column) {
			return nil, fault.Errorf(fault.You, "%s:1: unknown column %q; there are %s", name, column, list(append(must, may...)))
		}
		h.columns = append(h.columns, column)
	}
	for _, column := range must {
		if !slices.Contains(h.columns, column) {
			return nil, fault.Errorf(fault.You, "%s:1: column %s is missing", name, column)
		}
	}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return h, nil
		}
		if err != nil {
			return nil, fault.Errorf(fault.You, "%s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		row := inputRow{file: name, line: line, cells: map[string]string{}}
		for i, cell := range cells {
			row.cells[h.columns[i]] = strings.TrimSpace(cell)
		}
		h.rows = append(h.rows, row)
	}
}

// Errorf is a fault of the file's keeper, with line and column.
func (r inputRow) errorf(column, format string, args ...any) error {
	return fault.Errorf(fault.You, "%s:%d: %s: %s", r.file, r.line, column, fmt.Sprintf(format, args...))
}

func (r inputRow) text(column string) (string, error) {
	if r.cells[column] == "" {
		return "", r.errorf(column, "is empty")
	}
	return r.cells[column], nil
}

// date is nil for an empty cell.
func (r inputRow) date(column string) (*time.Time, error) {
	if r.cells[column] == "" {
		return nil, nil
	}
	day, err := time.Parse(time.DateOnly, r.cells[column])
	if err != nil {
		return nil, r.errorf(column, "%q is not a date; write it as 2026-01-31", r.cells[column])
	}
	return &day, nil
}

// money is nil for an empty cell; it has at most the currency's decimals, and
// two where no currency is named.
func (r inputRow) money(column, code string) (*apd.Decimal, error) {
	text := r.cells[column]
	if text == "" {
		return nil, nil
	}
	amount, _, err := apd.NewFromString(text)
	if err != nil || amount.Form != apd.Finite || strings.ContainsAny(text, "eE") {
		return nil, r.errorf(column, "%q is not an amount; write it as 12500.00", text)
	}
	decimals := currency.Decimals(code)
	if reduced, _ := new(apd.Decimal).Reduce(amount); -reduced.Exponent > min(decimals, 3) {
		return nil, r.errorf(column, "%s has more than %d decimals", text, decimals)
	}
	if amount.Cmp(largest) >= 0 {
		return nil, r.errorf(column, "%s is not below 1000000000000000", text)
	}
	if amount.Sign() < 0 {
		return nil, r.errorf(column, "%s is below 0", text)
	}
	return amount, nil
}

func (r inputRow) count(column string) (int64, error) {
	text := r.cells[column]
	if text == "" {
		return 0, nil
	}
	var n int64
	if _, err := fmt.Sscanf(text+"\n", "%d\n", &n); err != nil || n < 0 {
		return 0, r.errorf(column, "%q is not a whole number of 0 or more", text)
	}
	return n, nil
}

package payouts

import (
	"bytes"
	"encoding/csv"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"merit/connectors/fault"
)

// A Template is the empty CSV or XLSX file that a payroll system gave out, to be
// filled: what stands in it stays, byte by byte in CSV.
type Template struct {
	Name string // of the file; its ending says what it is
	Text []byte
}

// fill puts the rows under the template's titles, each value under the title that the
// layout's column has. Titles of the template that the layout does not know stay empty.
func (t Template) fill(l Layout, titles []string, rows [][]string) ([]byte, error) {
	switch strings.ToLower(filepath.Ext(t.Name)) {
	case ".csv":
		return t.fillCSV(l, titles, rows)
	case ".xlsx":
		return t.fillXLSX(l, titles, rows)
	}
	return nil, t.refused("it is neither .csv nor .xlsx")
}

func (t Template) refused(why string) error {
	return fault.Errorf(fault.You, "the template %s: %s", t.Name, why)
}

// places finds the row of titles and where in it each title of the layout stands.
func (t Template) places(titles []string, sheet [][]string) (head int, at []int, err error) {
	var missing []string
	fewest := len(titles) + 1
	for i, row := range sheet {
		var found []int
		var lacks []string
		for _, title := range titles {
			place := slices.IndexFunc(row, func(cell string) bool { return sameTitle(cell, title) })
			if place < 0 {
				lacks = append(lacks, title)
				continue
			}
			if again := slices.IndexFunc(row[place+1:], func(cell string) bool { return sameTitle(cell, title) }); again >= 0 {
				return 0, nil, t.refused("two of its columns are called " + title)
			}
			found = append(found, place)
		}
		if len(lacks) == 0 {
			return i, found, t.isEmptyBelow(sheet[i+1:])
		}
		if len(lacks) < fewest {
			fewest, missing = len(lacks), lacks
		}
	}
	return 0, nil, t.refused("no row of it has all titles of the layout; missing: " + strings.Join(missing, ", "))
}

// isEmptyBelow refuses a template that holds payments already: they would be paid again.
func (t Template) isEmptyBelow(rows [][]string) error {
	for _, row := range rows {
		if strings.TrimSpace(strings.Join(row, "")) != "" {
			return t.refused("it has rows under its titles already; take the empty one")
		}
	}
	return nil
}

func sameTitle(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// spread puts a row's values where the template has their titles.
func spread(row []string, at []int, width int) []string {
	cells := make([]string, width)
	for i, value := range row {
		cells[at[i]] = value
	}
	return cells
}

const byteOrderMark = "\ufeff"

func (t Template) fillCSV(l Layout, titles []string, rows [][]string) ([]byte, error) {
	if !utf8.Valid(t.Text) {
		return nil, t.refused("it is not UTF-8; save it as CSV UTF-8")
	}
	text := strings.TrimPrefix(string(t.Text), byteOrderMark)
	sheet, err := l.parsed(text)
	if err != nil {
		return nil, t.refused("it can't be read with the layout's delimiter: " + err.Error())
	}
	head, at, err := t.places(titles, sheet)
	if err != nil {
		return nil, err
	}
	ending := "\n"
	if strings.Contains(text, "\r\n") {
		ending = "\r\n"
	}
	filled := bytes.NewBuffer(bytes.TrimRight(t.Text, "\r\n"))
	for _, row := range rows {
		filled.WriteString(ending)
		for i, cell := range spread(row, at, len(sheet[head])) {
			if i > 0 {
				filled.WriteString(l.separator())
			}
			filled.WriteString(l.cell(cell))
		}
	}
	filled.WriteString(ending)
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(filled.String(), byteOrderMark)))
	reader.Comma, _ = utf8.DecodeRuneInString(l.separator())
	reader.FieldsPerRecord = -1
	back, err := reader.ReadAll()
	if err != nil {
		return nil, t.refused("what was filled in can't be read back: " + err.Error())
	}
	return filled.Bytes(), t.isFilled(back[max(0, len(back)-len(rows)):], rows, at)
}

// isFilled reads the filled file back: each value under its title, and no row more.
func (t Template) isFilled(back, rows [][]string, at []int) error {
	if len(back) != len(rows) {
		return t.refused("the filled file does not have the rows that were put in")
	}
	for i, row := range rows {
		for k, value := range row {
			got := ""
			if at[k] < len(back[i]) {
				got = back[i][at[k]]
			}
			if got != value {
				return t.refused("the filled file says " + got + " where " + value + " was put in")
			}
		}
	}
	return nil
}

func (t Template) fillXLSX(l Layout, titles []string, rows [][]string) (filled []byte, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(t.Text))
	if err != nil {
		return nil, t.refused("it can't be opened: " + err.Error())
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	var problem error
	for _, name := range book.GetSheetList() {
		sheet, err := book.GetRows(name)
		if err != nil {
			return nil, t.refused("sheet " + name + ": " + err.Error())
		}
		head, at, err := t.places(titles, sheet)
		if err != nil {
			problem = errors.Join(problem, err)
			continue
		}
		for i, row := range rows {
			for k, value := range row {
				if err := put(book, name, at[k]+1, head+2+i, value, l.isAmount(k)); err != nil {
					return nil, t.refused(err.Error())
				}
			}
		}
		var out bytes.Buffer
		if err := book.Write(&out); err != nil {
			return nil, t.refused(err.Error())
		}
		return out.Bytes(), t.isFilledXLSX(out.Bytes(), name, head, rows, at)
	}
	return nil, problem
}

func (l Layout) isAmount(column int) bool {
	columns := l.columns()
	return column < len(columns) && columns[column].Field == "amount"
}

// put writes a cell: an amount as the number that it is, all else as text, so that a
// payroll number keeps its zeros.
func put(book *excelize.File, sheet string, column, row int, value string, isNumber bool) error {
	at, err := excelize.CoordinatesToCellName(column, row)
	switch {
	case err != nil || value == "":
		return err
	case isNumber:
		return book.SetCellDefault(sheet, at, value)
	}
	return book.SetCellStr(sheet, at, value)
}

func (t Template) isFilledXLSX(filled []byte, sheet string, head int, rows [][]string, at []int) error {
	book, err := excelize.OpenReader(bytes.NewReader(filled))
	if err != nil {
		return t.refused("what was filled in can't be read back: " + err.Error())
	}
	defer book.Close()
	back, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return t.refused("what was filled in can't be read back: " + err.Error())
	}
	return t.isFilled(back[min(len(back), head+1):], rows, at)
}

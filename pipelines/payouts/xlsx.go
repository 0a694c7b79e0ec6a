package payouts

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Workbook is payout.xlsx. Numbers are numbers, with the very digits of the CSV;
// texts are typed as texts and neutralised besides, so that neither Excel nor a
// later export to CSV takes one for a formula. Nothing in it depends on the clock
// or the machine.
func Workbook(f Frozen) (text []byte, err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	// Document times are those of no day: the same lines give the same bytes.
	const never = "2000-01-01T00:00:00Z"
	if err := book.SetDocProps(&excelize.DocProperties{Title: "Payout " + f.Heading.Period, Creator: "merit", LastModifiedBy: "merit", Created: never, Modified: never}); err != nil {
		return nil, err
	}
	w := writer{book: book, styles: map[string]int{}}
	if err := w.payout(f.Entries); err != nil {
		return nil, err
	}
	if err := w.table("Adjustments", DifferencesCSV(f.Differences), nil); err != nil {
		return nil, err
	}
	if err := w.table("Control totals", ControlsCSV(f.Controls), []string{"count", "amount", "difference"}); err != nil {
		return nil, err
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

type writer struct {
	book   *excelize.File
	styles map[string]int
}

const payoutSheet = "Payout"

func (w writer) payout(entries []Entry) error {
	if err := w.book.SetSheetName("Sheet1", payoutSheet); err != nil {
		return err
	}
	columns := columns()
	for i, c := range columns {
		if err := w.head(payoutSheet, i, c.name, c.width); err != nil {
			return err
		}
		for k, e := range entries {
			if err := w.cell(payoutSheet, i, k+1, c.text(e), c.number); err != nil {
				return err
			}
		}
	}
	return w.frame(payoutSheet, len(columns), len(entries))
}

// table is a sheet of rows that a CSV file has too; its texts are safe already.
func (w writer) table(sheet string, csvText []byte, numbers []string) error {
	if _, err := w.book.NewSheet(sheet); err != nil {
		return err
	}
	rows, err := parsed(csvText)
	if err != nil {
		return err
	}
	isNumber := map[int]bool{}
	for i, name := range rows[0] {
		if err := w.head(sheet, i, name, 20); err != nil {
			return err
		}
		for _, number := range numbers {
			isNumber[i] = isNumber[i] || number == name
		}
	}
	for k, row := range rows[1:] {
		for i, text := range row {
			if err := w.cell(sheet, i, k+1, text, isNumber[i]); err != nil {
				return err
			}
		}
	}
	return w.frame(sheet, len(rows[0]), len(rows)-1)
}

func (w writer) head(sheet string, column int, name string, width int) error {
	style, err := w.style("head", &excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}},
		Alignment: &excelize.Alignment{Vertical: "center"},
	})
	if err != nil {
		return err
	}
	at, err := excelize.CoordinatesToCellName(column+1, 1)
	if err != nil {
		return err
	}
	letters := strings.TrimRight(at, "1")
	switch {
	case width <= 12:
		err = w.book.SetColWidth(sheet, letters, letters, 13)
	case width <= 30:
		err = w.book.SetColWidth(sheet, letters, letters, 20)
	default:
		err = w.book.SetColWidth(sheet, letters, letters, 66)
	}
	return errors.Join(err, w.book.SetCellStr(sheet, at, name), w.book.SetCellStyle(sheet, at, at, style))
}

// cell writes a number with its own digits and decimals, anything else as text. A
// number that is none stops the file: it would otherwise become a text unseen.
func (w writer) cell(sheet string, column, row int, text string, isNumber bool) error {
	at, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil || text == "" {
		return err
	}
	if !isNumber {
		return w.book.SetCellStr(sheet, at, safe(text))
	}
	if _, err := Parse(text, ""); err != nil {
		return fmt.Errorf("%s of %s: %w", at, sheet, err)
	}
	_, decimals, _ := strings.Cut(text, ".")
	format := "#,##0"
	if len(decimals) > 0 {
		format += "." + strings.Repeat("0", len(decimals))
	}
	style, err := w.style("decimals "+strconv.Itoa(len(decimals)), &excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	return errors.Join(w.book.SetCellDefault(sheet, at, text), w.book.SetCellStyle(sheet, at, at, style))
}

func (w writer) style(name string, style *excelize.Style) (int, error) {
	if id, there := w.styles[name]; there {
		return id, nil
	}
	id, err := w.book.NewStyle(style)
	w.styles[name] = id
	return id, err
}

// frame keeps the head in sight and lets people filter.
func (w writer) frame(sheet string, columns, rows int) error {
	last, err := excelize.CoordinatesToCellName(columns, rows+1)
	if err != nil {
		return err
	}
	return errors.Join(
		w.book.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		w.book.AutoFilter(sheet, "A1:"+last, nil))
}

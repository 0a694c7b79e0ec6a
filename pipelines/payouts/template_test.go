package payouts

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func workdayRow() (Layout, Frozen, Payroll) {
	l, err := OpenLayout("workday")
	if err != nil {
		panic(err)
	}
	f := Frozen{Heading: Heading{Period: "2026-Q1", EndsOn: "2026-03-31"}, Entries: []Entry{paid("ann", "1234.50"), paid("bob", "-5.00")}}
	p := Payroll{Currency: "USD", PayFrom: "2026-04-01", PayTo: "2026-04-15", Settings: map[string]Setting{"batch_id": {Text: "M1"}, "earning_code": {Text: "BON"}}, Employees: map[string]string{"ann": "00012", "bob": "7"}}
	return l, f, p
}

const tenant = "\ufeffPut Payroll Input,,,,,,,,,\r\nArea,All,,,,,,,,\r\nSpreadsheet Key*,ROW  ID,Batch ID,Position,Start Date,End Date,Worker,Earning,Amount,Currency,Spreadsheet Key\r\n"

func TestACSVTemplateIsFilledAndWhatStandsInItStays(t *testing.T) {
	l, f, p := workdayRow()
	text := strings.Replace(strings.Replace(tenant, "Spreadsheet Key*", "Key", 1), "Currency,Spreadsheet Key", "Currency,Spreadsheet Key", 1)
	p.Template = &Template{Name: "tenant.csv", Text: []byte(text)}
	files, err := l.Export(f, p, "")
	if err != nil {
		t.Fatal(err)
	}
	want := text + ",1,M1,,2026-04-01,2026-04-15,00012,BON,1234.50,USD,1\r\n,1,M1,,2026-04-01,2026-04-15,7,BON,-5.00,USD,2\r\n"
	if got := string(files[0].Text); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestAnXLSXTemplateIsFilledWithNumbersAndTexts(t *testing.T) {
	l, f, p := workdayRow()
	book := excelize.NewFile()
	if _, err := book.NewSheet("Payroll Input"); err != nil {
		t.Fatal(err)
	}
	for cell, text := range map[string]string{"A1": "Put Payroll Input", "A3": "Spreadsheet Key", "B3": "Row ID", "C3": "Batch ID", "D3": "Comment", "E3": "Start Date", "F3": "End Date", "G3": "Worker", "H3": "Earning", "I3": "Amount", "J3": "Currency"} {
		if err := book.SetCellStr("Payroll Input", cell, text); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	p.Template = &Template{Name: "tenant.xlsx", Text: out.Bytes()}
	files, err := l.Export(f, p, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.Export(f, p, "")
	if err != nil || !bytes.Equal(files[0].Text, again[0].Text) {
		t.Errorf("the same lines give other bytes: %v", err)
	}
	filled, err := excelize.OpenReader(bytes.NewReader(files[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A1": "Put Payroll Input", "G4": "00012", "I4": "1234.5", "I5": "-5", "D4": "", "A6": ""} {
		got, err := filled.GetCellValue("Payroll Input", cell, excelize.Options{RawCellValue: true})
		if err != nil || !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s is %q, not %q: %v", cell, got, want, err)
		}
	}
	if kind, err := filled.GetCellType("Payroll Input", "I4"); err != nil || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
		t.Errorf("an amount is a text: %v %v", kind, err)
	}
}

func TestATemplateThatDoesNotFitIsRefused(t *testing.T) {
	titles := "Spreadsheet Key,Row ID,Batch ID,Start Date,End Date,Worker,Earning,Amount,Currency\n"
	for _, test := range []struct{ name, file, text, words string }{
		{"a column is missing", "t.csv", strings.Replace(titles, "Amount", "Sum", 1), "missing: Amount"},
		{"a column twice", "t.csv", strings.Replace(titles, "Earning", "Amount,Earning", 1), "two of its columns are called Amount"},
		{"payments in it already", "t.csv", titles + "1,1,M,2026-04-01,2026-04-15,9,BON,5.00,USD\n", "it has rows under its titles already"},
		{"another kind of file", "t.ods", titles, "neither .csv nor .xlsx"},
		{"no workbook", "t.xlsx", titles, "it can't be opened"},
		{"another encoding", "t.csv", "M\xfcnchen\n" + titles, "not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, f, p := workdayRow()
			p.Template = &Template{Name: test.file, Text: []byte(test.text)}
			if _, err := l.Export(f, p, ""); err == nil || !strings.Contains(err.Error(), test.words) {
				t.Errorf("it should say %q: %v", test.words, err)
			}
		})
	}
}

// A value with the delimiter in it would move the amount into another column.
func TestAValueThatHoldsTheDelimiterIsRefused(t *testing.T) {
	l := Layout{Title: "Pipes", Rows: "line", Negative: "write", Delimiter: "|", Quoting: "none", Columns: []LayoutColumn{{Title: "who", Field: "employee"}, {Title: "pay", Field: "amount"}, {Title: "cur", Field: "currency"}}}
	f := Frozen{Entries: []Entry{paid("ann|9999.00", "5.00")}}
	if _, err := l.Export(f, Payroll{Currency: "USD"}, ""); err == nil || !strings.Contains(err.Error(), "a value holds what stands between columns") {
		t.Error(err)
	}
}

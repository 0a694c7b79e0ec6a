package payouts

import (
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/yamlfile"
)

// The layouts that ship: another one is another file of the same form.
//
//go:embed layouts/*.yml
var layouts embed.FS

// A Layout says how a payroll system wants its file. It has no clock, no formula
// and none of the marks by which files for people keep texts from being formulas.
type Layout struct {
	Title      string         `yaml:"title"`
	Rows       string         `yaml:"rows"`        // line: one for each payable line; rep: one for each rep and currency, summed
	Negative   string         `yaml:"negative"`    // write, or by_hand: listed in a file of its own for people
	LineEnding string         `yaml:"line_ending"` // lf (default), crlf
	Columns    []LayoutColumn `yaml:"columns"`
}

// A LayoutColumn takes its value from one of three places.
type LayoutColumn struct {
	Title   string `yaml:"title"`
	Field   string `yaml:"field"`   // of the payout: employee, amount …
	Setting string `yaml:"setting"` // of payouts.payroll in merit.yml: company_code …
	Text    string `yaml:"text"`    // always this
}

// LayoutNames are those that ship.
func LayoutNames() []string {
	files, err := fs.ReadDir(layouts, "layouts")
	if err != nil {
		panic(err) // they are part of the program
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yml"))
	}
	return names
}

// OpenLayout finds a layout that ships by its name, another one by its file.
func OpenLayout(name string) (Layout, error) {
	l := Layout{}
	if strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml") {
		_, err := yamlfile.Read(name, &l)
		return l, errors.Join(err, l.check(name))
	}
	text, err := layouts.ReadFile(path.Join("layouts", name+".yml"))
	if err != nil {
		return l, fault.Errorf(fault.You, "there is no layout %q; there are %s, or name a .yml file of your own", name, strings.Join(LayoutNames(), ", "))
	}
	_, err = yamlfile.Parse(name+".yml", text, &l)
	return l, errors.Join(err, l.check(name))
}

var layoutFields = []string{"period", "for_period", "employee", "rep_id", "name", "role", "kind", "amount", "currency", "starts_on", "ends_on", "reason"}

func (l Layout) check(name string) error {
	if !slices.Contains([]string{"line", "rep"}, l.Rows) || !slices.Contains([]string{"write", "by_hand"}, l.Negative) || !slices.Contains([]string{"", "lf", "crlf"}, l.LineEnding) {
		return fault.Errorf(fault.You, "layout %s: rows is line or rep, negative is write or by_hand, line_ending is lf or crlf", name)
	}
	for _, c := range l.Columns {
		if c.Field != "" && !slices.Contains(layoutFields, c.Field) {
			return fault.Errorf(fault.You, "layout %s: %q is no field; there are %s", name, c.Field, strings.Join(layoutFields, ", "))
		}
	}
	return nil
}

// A Payroll is what a company's payroll system knows people and codes by.
type Payroll struct {
	Settings  map[string]string // company_code, batch_id, earning_code …
	Employees map[string]string // rep_id → the payroll's number; nil: rep_id is the number
}

// A PayrollFile is what is handed to the payroll system, and what is left to do by
// hand because its import takes no negative amount.
type PayrollFile struct {
	Text   []byte
	ByHand []byte // nil: nothing
	Lines  int64
	Totals []Total
}

// Export writes the payable entries as the layout wants them.
func (l Layout) Export(f Frozen, p Payroll) (PayrollFile, error) {
	var out PayrollFile
	var header []string
	for _, c := range l.Columns {
		header = append(header, c.Title)
	}
	rows, byHand := [][]string{header}, [][]string{header}
	payable := l.payable(f.Entries)
	for _, e := range payable {
		row, err := l.row(e, f.Heading, p)
		if err != nil {
			return out, err
		}
		if l.Negative == "by_hand" && strings.HasPrefix(e.Amount, "-") {
			byHand = append(byHand, l.forPeople(row))
			continue
		}
		rows = append(rows, row)
	}
	out.Text, out.Lines, out.Totals = l.ended(csvOf(rows)), int64(len(rows)-1), Sums(payable)
	if len(byHand) > 1 {
		out.ByHand = csvOf(byHand)
	}
	return out, nil
}

// payable are the rows' entries: never one of zero, which some systems would take
// for an order to overwrite.
func (l Layout) payable(entries []Entry) []Entry {
	var rows []Entry
	for _, e := range entries {
		if e.State != Payable {
			continue
		}
		at := slices.IndexFunc(rows, func(r Entry) bool { return l.Rows == "rep" && r.RepID == e.RepID && r.Currency == e.Currency })
		if at < 0 {
			rows = append(rows, e)
			continue
		}
		rows[at].Amount = plus(rows[at].money(), e.money()).Text()
	}
	return slices.DeleteFunc(rows, func(e Entry) bool { return e.money().IsZero() })
}

func (l Layout) row(e Entry, h Heading, p Payroll) ([]string, error) {
	employee := e.RepID
	if p.Employees != nil {
		if employee = p.Employees[e.RepID]; employee == "" {
			return nil, fault.Errorf(fault.You, "the employees file has no number for %s, who is to be paid %s %s", e.RepID, e.Amount, e.Currency)
		}
	}
	fields := map[string]string{
		"period": e.Period, "for_period": e.For, "employee": employee, "rep_id": e.RepID, "name": e.Name, "role": e.Role, "kind": string(e.Kind),
		"amount": e.Amount, "currency": e.Currency, "starts_on": h.StartsOn, "ends_on": h.EndsOn, "reason": e.Reason,
	}
	var row []string
	for _, c := range l.Columns {
		switch {
		case c.Field != "":
			row = append(row, fields[c.Field])
		case c.Setting != "":
			if p.Settings[c.Setting] == "" {
				return nil, fault.Errorf(fault.You, "%s wants %s: write it under payouts.payroll.%s in merit.yml", l.Title, c.Title, c.Setting)
			}
			row = append(row, p.Settings[c.Setting])
		default:
			row = append(row, c.Text)
		}
	}
	return row, nil
}

// forPeople keeps a row's texts from being formulas; amounts stay numbers.
func (l Layout) forPeople(row []string) []string {
	for i, c := range l.Columns {
		if c.Field != "amount" {
			row[i] = safe(row[i])
		}
	}
	return row
}

func (l Layout) ended(text []byte) []byte {
	if l.LineEnding == "crlf" {
		return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	return text
}

// ReadEmployees reads a file of rep_id and employee.
func ReadEmployees(text []byte) (map[string]string, error) {
	employees := map[string]string{}
	err := eachRow("employees.csv", text, []string{"rep_id", "employee"}, func(line int, cells map[string]string) error {
		if cells["rep_id"] == "" || cells["employee"] == "" || employees[cells["rep_id"]] != "" {
			return fault.Errorf(fault.You, "the employees file:%d: each rep_id once, with its number", line)
		}
		employees[cells["rep_id"]] = cells["employee"]
		return nil
	})
	return employees, err
}

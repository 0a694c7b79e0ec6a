package payouts

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
	"merit/pipelines/currency"
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
	Currency   string         `yaml:"currency"`    // the only one that the system pays in; "" where others go too
	ByCurrency string         `yaml:"by_currency"` // the setting that tells the system the currency: company_code
	Decimals   *int32         `yaml:"decimals"`    // most decimals that an amount may have; none: those of its currency
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
	if l.Currency != "" && !currency.Known(l.Currency) {
		return fault.Errorf(fault.You, "layout %s: currency: %q is no currency of ISO 4217; write it as USD", name, l.Currency)
	}
	if l.ByCurrency != "" && !slices.ContainsFunc(l.Columns, func(c LayoutColumn) bool { return c.Setting == l.ByCurrency }) {
		return fault.Errorf(fault.You, "layout %s: by_currency: no column takes its value from the setting %s", name, l.ByCurrency)
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
	Currency  string             // that the system pays in where no setting says otherwise
	Settings  map[string]Setting // company_code, batch_id, earning_code …
	Employees map[string]string  // rep_id → the payroll's number; nil: rep_id is the number
}

// A Setting is a code that the payroll system knows: one for all currencies, or one
// for each.
type Setting struct {
	Text       string
	ByCurrency map[string]string
}

// in is the setting for lines of a currency, "" where there is none.
func (s Setting) in(currency string) string {
	if s.ByCurrency != nil {
		return s.ByCurrency[currency]
	}
	return s.Text
}

// A PayrollFile is what is handed to the payroll system, and what is left to do by
// hand because its import takes no negative amount.
type PayrollFile struct {
	Currency string // of all its lines; "" where each row names its own
	Text     []byte
	ByHand   []byte // nil: nothing
	Lines    int64
	Totals   []Total
}

// Export writes the payable entries as the layout wants them: in one file where
// each row names its currency, otherwise in a file for each currency. An amount
// whose currency the payroll system could not tell is refused. With only, a
// currency, all other lines are left out.
func (l Layout) Export(f Frozen, p Payroll, only string) ([]PayrollFile, error) {
	payable := l.payable(f.Entries)
	if only != "" {
		payable = slices.DeleteFunc(payable, func(e Entry) bool { return e.Currency != only })
		if len(payable) == 0 {
			return nil, fault.Errorf(fault.You, "%s has no payable line in %s", f.Heading.Period, only)
		}
	}
	if err := l.checkAmounts(payable); err != nil {
		return nil, err
	}
	if l.namesCurrency() {
		file, err := l.file(payable, f.Heading, p)
		file.Currency = only
		return []PayrollFile{file}, err
	}
	byCurrency := map[string][]Entry{}
	for _, e := range payable {
		byCurrency[e.Currency] = append(byCurrency[e.Currency], e)
	}
	if err := l.checkCurrencies(payable, p); err != nil {
		return nil, err
	}
	if len(byCurrency) == 0 {
		byCurrency[l.home(p)] = nil
	}
	var files []PayrollFile
	for _, code := range slices.Sorted(maps.Keys(byCurrency)) {
		file, err := l.file(byCurrency[code], f.Heading, p)
		if err != nil {
			return nil, err
		}
		file.Currency = code
		files = append(files, file)
	}
	return files, nil
}

// namesCurrency tells whether each row says which currency it is in.
func (l Layout) namesCurrency() bool {
	return slices.ContainsFunc(l.Columns, func(c LayoutColumn) bool { return c.Field == "currency" })
}

// home is the currency that a file is in when nothing else says so.
func (l Layout) home(p Payroll) string { return cmp.Or(l.Currency, p.Currency) }

// checkCurrencies refuses lines that the payroll system would pay in another
// currency than they are in.
func (l Layout) checkCurrencies(payable []Entry, p Payroll) error {
	codes := map[string]string{} // by company code, its currency
	for _, total := range Sums(payable) {
		in := total.Amount.Currency
		if !l.takes(in, p) {
			return l.wrongCurrency(total, p)
		}
		if code := p.Settings[l.ByCurrency].in(in); code != "" {
			if other := codes[code]; other != "" {
				return fault.Errorf(fault.You, "payouts.payroll.%s is %s for both %s and %s: %s pays one currency by one code", l.ByCurrency, code, other, in, l.Title)
			}
			codes[code] = in
		}
	}
	return nil
}

func (l Layout) takes(currency string, p Payroll) bool {
	if l.Currency != "" {
		return currency == l.Currency
	}
	byCurrency := false
	for _, c := range l.Columns {
		if s := p.Settings[c.Setting]; s.ByCurrency != nil && (l.ByCurrency == "" || l.ByCurrency == c.Setting) {
			if s.ByCurrency[currency] == "" {
				return false
			}
			byCurrency = true
		}
	}
	return byCurrency || currency == p.Currency
}

func (l Layout) wrongCurrency(total Total, p Payroll) error {
	in, home := total.Amount.Currency, l.home(p)
	rows := fmt.Sprintf("%d rows in %s (%s %s)", total.Lines, in, total.Amount.Text(), in)
	if total.Lines == 1 {
		rows = strings.Replace(rows, "rows", "row", 1)
	}
	if l.Currency != "" {
		return fault.Errorf(fault.You, "%s pays in %s only, so not the %s: export what it takes with --currency %s, and the rest by another layout with --currency %s", l.Title, l.Currency, rows, l.Currency, in)
	}
	setting := cmp.Or(l.ByCurrency, "company_code")
	return fault.Errorf(fault.You, "%s has no column for the currency and would pay the %s as %s: write the code that is paid in %s under payouts.payroll.%s in merit.yml, as %s: {%s: …, %s: …}, or export one currency with --currency %s",
		l.Title, rows, home, in, setting, setting, home, in, home)
}

// checkAmounts refuses an amount that the currency or the payroll system has no
// decimals for: nothing is rounded on the way out.
func (l Layout) checkAmounts(payable []Entry) error {
	for _, e := range payable {
		m := e.money()
		var reduced apd.Decimal
		reduced.Reduce(&m.amount)
		if most := currency.Decimals(e.Currency); -reduced.Exponent > most {
			return fault.Errorf(fault.You, "%s of %s: %s has %d decimals, %s has %d", e.Amount, e.RepID, e.Amount, -reduced.Exponent, e.Currency, most)
		}
		if l.Decimals != nil && -reduced.Exponent > *l.Decimals {
			return fault.Errorf(fault.You, "%s takes amounts of %d decimals, and %s is to be paid %s %s: pay this line by another layout", l.Title, *l.Decimals, e.RepID, e.Amount, e.Currency)
		}
	}
	return nil
}

func (l Layout) file(payable []Entry, h Heading, p Payroll) (PayrollFile, error) {
	var out PayrollFile
	var header []string
	for _, c := range l.Columns {
		header = append(header, c.Title)
	}
	rows, byHand := [][]string{header}, [][]string{header}
	for _, e := range payable {
		row, err := l.row(e, h, p)
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
			text := p.Settings[c.Setting].in(e.Currency)
			if text == "" {
				return nil, fault.Errorf(fault.You, "%s wants %s: write it under payouts.payroll.%s in merit.yml", l.Title, c.Title, c.Setting)
			}
			row = append(row, text)
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

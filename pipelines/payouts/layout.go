package payouts

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

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
	Source     string         `yaml:"source"`      // the vendor's page that it was written after
	Rows       string         `yaml:"rows"`        // line: one for each payable line; rep: one for each rep and currency, summed
	Negative   string         `yaml:"negative"`    // write, or by_hand: listed in a file of its own for people
	Currency   string         `yaml:"currency"`    // the only one that the system pays in; "" where others go too
	ByCurrency string         `yaml:"by_currency"` // the setting that tells the system the currency: company_code
	Decimals   *int32         `yaml:"decimals"`    // most decimals that an amount may have; none: those of its currency
	FileName   string         `yaml:"file_name"`   // PR{company_code}EPI.csv: settings stand in braces
	Delimiter  string         `yaml:"delimiter"`   // "," (default), "|", ";", tab, or fixed: columns of a width
	Quoting    string         `yaml:"quoting"`     // needed (default), all, none
	Encoding   string         `yaml:"encoding"`    // utf-8 (default), utf-8-bom, windows-1252, utf-16
	LineEnding string         `yaml:"line_ending"` // lf (default), crlf
	DateFormat string         `yaml:"date_format"` // yyyy-mm-dd (default), yyyy/mm/dd, mm/dd/yyyy, dd.mm.yyyy, yyyymmdd
	Decimal    string         `yaml:"decimal"`     // the mark before the decimals: . (default) or ,
	FirstRows  [][]string     `yaml:"first_rows"`  // rows before the titles
	NoTitles   bool           `yaml:"no_titles"`   // the file has no row of titles
	Columns    []LayoutColumn `yaml:"columns"`
	Records    []RecordType   `yaml:"records"` // several kinds of rows instead of columns, one after the other
}

// A RecordType is one kind of rows of a file that has several: a first row that says
// what follows, and a row for each payment.
type RecordType struct {
	FirstRow []string       `yaml:"first_row"`
	Columns  []LayoutColumn `yaml:"columns"`
}

// A LayoutColumn takes its value from one of three places, and says what the payroll
// system takes.
type LayoutColumn struct {
	Title     string `yaml:"title"`
	Field     string `yaml:"field"`      // of the payout: employee, amount …
	Setting   string `yaml:"setting"`    // of payouts.payroll in merit.yml: company_code …
	Text      string `yaml:"text"`       // always this
	ByKind    bool   `yaml:"by_kind"`    // setting: earning_code_clawback, where there is one, before earning_code
	Pattern   string `yaml:"pattern"`    // regular expression of the whole value
	MaxLength int    `yaml:"max_length"` // in characters
	Least     string `yaml:"least"`      // smallest number
	Most      string `yaml:"most"`       // largest number
	Width     int    `yaml:"width"`      // filled up to, on the right, or on the left with align: right
	Fill      string `yaml:"fill"`       // with this character; none: a space
	Align     string `yaml:"align"`      // left (default), right
	Optional  bool   `yaml:"optional"`   // may be empty
	pattern   *regexp.Regexp
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

var layoutFields = []string{
	"period", "for_period", "employee", "rep_id", "name", "first_name", "last_name", "role", "kind", "amount", "currency", "starts_on", "ends_on", "reason",
	"pay_date", "pay_from", "pay_to", "row",
}

// columns are all columns of all kinds of rows.
func (l Layout) columns() []LayoutColumn {
	all := slices.Clone(l.Columns)
	for _, r := range l.Records {
		all = append(all, r.Columns...)
	}
	return all
}

// codes are those of a row that depend on what the money is for: payments of one
// person under one code are one row.
func (l Layout) codes(e Entry, p Payroll) string {
	var codes []string
	for _, c := range l.columns() {
		if c.ByKind {
			codes = append(codes, c.setting(e, p))
		}
	}
	return strings.Join(codes, "\x00")
}

// check refuses a layout that can't be written, and prepares its patterns.
func (l *Layout) check(name string) error {
	if !slices.Contains([]string{"line", "rep"}, l.Rows) || !slices.Contains([]string{"write", "by_hand"}, l.Negative) || !slices.Contains([]string{"", "lf", "crlf"}, l.LineEnding) {
		return fault.Errorf(fault.You, "layout %s: rows is line or rep, negative is write or by_hand, line_ending is lf or crlf", name)
	}
	for _, choice := range []struct {
		key, value string
		known      []string
	}{
		{"delimiter", l.Delimiter, []string{"", ",", "|", ";", "tab", "fixed"}},
		{"quoting", l.Quoting, []string{"", "needed", "all", "none"}},
		{"encoding", l.Encoding, []string{"", "utf-8", "utf-8-bom", "windows-1252", "utf-16"}},
		{"date_format", l.DateFormat, dateFormatNames()},
		{"decimal", l.Decimal, []string{"", ".", ","}},
	} {
		if !slices.Contains(choice.known, choice.value) {
			return fault.Errorf(fault.You, "layout %s: %s is one of %s, not %q", name, choice.key, strings.TrimPrefix(strings.Join(choice.known, " "), " "), choice.value)
		}
	}
	if l.Currency != "" && !currency.Known(l.Currency) {
		return fault.Errorf(fault.You, "layout %s: currency: %q is no currency of ISO 4217; write it as USD", name, l.Currency)
	}
	if l.ByCurrency != "" && !slices.ContainsFunc(l.columns(), func(c LayoutColumn) bool { return c.Setting == l.ByCurrency }) {
		return fault.Errorf(fault.You, "layout %s: by_currency: no column takes its value from the setting %s", name, l.ByCurrency)
	}
	if (len(l.Columns) == 0) == (len(l.Records) == 0) {
		return fault.Errorf(fault.You, "layout %s: name either columns or records", name)
	}
	if err := l.checkPayments(name); err != nil {
		return err
	}
	for _, list := range append([][]LayoutColumn{l.Columns}, recordColumns(l.Records)...) {
		for i := range list {
			if err := list[i].check(name, l.Delimiter == "fixed"); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPayments refuses a layout whose rows do not say who is paid how much, once.
func (l *Layout) checkPayments(name string) error {
	amounts, people := 0, 0
	for _, c := range l.columns() {
		switch c.Field {
		case "amount":
			amounts++
		case "employee", "rep_id":
			people++
		}
	}
	switch {
	case amounts == 0:
		return fault.Errorf(fault.You, "layout %s has no column with the field amount", name)
	case amounts > 1:
		return fault.Errorf(fault.You, "layout %s has %d columns with the field amount, and everybody would be paid %d times", name, amounts, amounts)
	case people == 0:
		return fault.Errorf(fault.You, "layout %s has no column that says who is paid: the field employee, or rep_id", name)
	}
	return nil
}

func recordColumns(records []RecordType) [][]LayoutColumn {
	var lists [][]LayoutColumn
	for _, r := range records {
		lists = append(lists, r.Columns)
	}
	return lists
}

func (c *LayoutColumn) check(layout string, isFixed bool) error {
	if c.Field != "" && !slices.Contains(layoutFields, c.Field) {
		return fault.Errorf(fault.You, "layout %s: %q is no field%s", layout, c.Field, fault.Instead(c.Field, layoutFields))
	}
	if isFixed && c.Width <= 0 {
		return fault.Errorf(fault.You, "layout %s: column %q needs a width, since the columns are fixed", layout, c.Title)
	}
	if !slices.Contains([]string{"", "left", "right"}, c.Align) || len([]rune(c.Fill)) > 1 {
		return fault.Errorf(fault.You, "layout %s: column %q: align is left or right, fill is one character", layout, c.Title)
	}
	if c.Pattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + c.Pattern + ")$")
	if err != nil {
		return fault.Errorf(fault.You, "layout %s: column %q: pattern: %w", layout, c.Title, err)
	}
	c.pattern = pattern
	return nil
}

package payouts

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
	"merit/pipelines/currency"
)

// A Payroll is what a company's payroll system knows people and codes by.
type Payroll struct {
	Currency  string                       // that the system pays in where no setting says otherwise
	Settings  map[string]Setting           // company_code, batch_id, earning_code …
	Employees map[string]string            // rep_id → the payroll's number; nil: rep_id is the number
	People    map[string]map[string]string // rep_id → all columns of the employees file: first_name, last_name …
	PayDate   string                       // yyyy-mm-dd; "" when nobody named one
	PayFrom   string                       // first day of the pay period
	PayTo     string                       // its last day
	Template  *Template                    // that the payroll system gave out, to be filled; nil: the layout is all
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
	Name     string // as the payroll system wants it called; "" where it does not care
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
	payable := l.payable(f.Entries, p)
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
	return slices.ContainsFunc(l.columns(), func(c LayoutColumn) bool { return c.Field == "currency" })
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
	for _, c := range l.columns() {
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

// payable are the rows' entries: never one of zero, which some systems would take
// for an order to overwrite.
func (l Layout) payable(entries []Entry, p Payroll) []Entry {
	var rows []Entry
	for _, e := range entries {
		if e.State != Payable {
			continue
		}
		at := slices.IndexFunc(rows, func(r Entry) bool {
			return l.Rows == "rep" && r.RepID == e.RepID && r.Currency == e.Currency && l.codes(r, p) == l.codes(e, p)
		})
		if at < 0 {
			rows = append(rows, e)
			continue
		}
		rows[at].Amount = plus(rows[at].money(), e.money()).Text()
	}
	return slices.DeleteFunc(rows, func(e Entry) bool { return e.money().IsZero() })
}

package payouts

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachPayrollLayoutIsWhatItsSystemTakes(t *testing.T) {
	f := Frozen{Heading: Heading{Period: "2026-Q2", StartsOn: "2026-04-01", EndsOn: "2026-06-30"}, Entries: []Entry{
		paid("ann", "100.00"), with(paid("ann", "-20.50"), func(e *Entry) { e.Kind = Adjustment }), // one row for the person, or two lines
		with(paid("bob", "7.00"), func(e *Entry) { e.State = Held }), // held: no row
		paid("cho", "50.00"), with(paid("cho", "-50.00"), func(e *Entry) { e.Kind = Clawback }), // zero: no row for the person
		with(paid("dan", "-3.00"), func(e *Entry) { e.Kind, e.Name = Clawback, "=cmd()" }),
	}}
	payroll := Payroll{Currency: "USD", Settings: map[string]Setting{"company_code": {Text: "ACM"}, "batch_id": {Text: "Q2"}, "earning_code": {Text: "BON"}}, Employees: map[string]string{"ann": "1001", "cho": "1003", "dan": "1004"}}
	var all bytes.Buffer
	for _, name := range LayoutNames() {
		l, err := OpenLayout(name)
		if err != nil {
			t.Fatal(err)
		}
		files, err := l.Export(f, payroll, "")
		if err != nil || len(files) != 1 {
			t.Fatal(len(files), err)
		}
		file := files[0]
		fmt.Fprintf(&all, "%s\n%s", name, file.Text)
		if file.ByHand != nil {
			fmt.Fprintf(&all, "%s, by hand\n%s", name, file.ByHand)
		}
	}
	golden(t, "payroll.txt", all.Bytes())
	delete(payroll.Employees, "dan")
	l, _ := OpenLayout("generic")
	if _, err := l.Export(f, payroll, ""); err == nil {
		t.Error("somebody without a number was left out or made up")
	}
}

func in(currency string) func(*Entry) { return func(e *Entry) { e.Currency = currency } }

// abroad are people who are paid in dollars, yen and dinars, one of them in two.
func abroad() Frozen {
	return Frozen{Heading: Heading{Period: "2026-Q2", StartsOn: "2026-04-01", EndsOn: "2026-06-30"}, Entries: []Entry{
		paid("ann", "100.00"), with(paid("eli", "55.00"), in("EUR")), paid("eli", "44.00"), with(paid("umar", "900001"), in("JPY")), with(paid("zain", "12.345"), in("KWD")),
	}}
}

func code(text string) Setting { return Setting{Text: text} }

func codes(pairs ...string) Setting {
	s := Setting{ByCurrency: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		s.ByCurrency[pairs[i]] = pairs[i+1]
	}
	return s
}

func layoutOf(t *testing.T, name string) Layout {
	t.Helper()
	l, err := OpenLayout(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNoAmountIsPaidInAnotherCurrency(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own.yml")
	if err := os.WriteFile(own, []byte("title: Own\nrows: line\nnegative: write\ncolumns:\n  - {title: Who, field: employee}\n  - {title: Amount, field: amount}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	batch := map[string]Setting{"batch_id": code("Q2"), "earning_code": code("BON")}
	settings := func(company Setting) map[string]Setting {
		return map[string]Setting{"batch_id": batch["batch_id"], "earning_code": batch["earning_code"], "company_code": company}
	}
	for name, test := range map[string]struct {
		layout  string
		payroll Payroll
		only    string
		want    string // an error, or the files
	}{
		"one company code for dollars, and yen to pay": {"adp", Payroll{Currency: "USD", Settings: settings(code("ABC"))}, "JPY",
			"error: ADP has no column for the currency and would pay the 1 row in JPY (900001 JPY) as USD: write the code that is paid in JPY under payouts.payroll.company_code in merit.yml, as company_code: {USD: …, JPY: …}, or export one currency with --currency USD"},
		"the first of several": {"adp", Payroll{Currency: "USD", Settings: settings(code("ABC"))}, "", "error: ADP takes amounts of 2 decimals, and zain is to be paid 12.345 KWD"},
		"a company code for yen": {"adp", Payroll{Currency: "USD", Settings: settings(codes("USD", "ABC", "JPY", "JPN"))}, "JPY",
			"JPY: Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount|JPN,Q2,umar,BON,900001|"},
		"one company code for two currencies": {"adp", Payroll{Currency: "USD", Settings: settings(codes("USD", "ABC", "EUR", "ABC", "JPY", "JPN"))}, "EUR", "EUR: Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount|ABC,Q2,eli,BON,55.00|"},
		"a mapping without dollars":           {"adp", Payroll{Currency: "USD", Settings: settings(codes("JPY", "JPN"))}, "USD", "error: ADP has no column for the currency and would pay the 2 rows in USD (144.00 USD)"},
		"a system of one currency":            {"gusto", Payroll{Currency: "EUR", Settings: batch}, "EUR", "error: Gusto pays in USD only, so not the 1 row in EUR (55.00 EUR): export what it takes with --currency USD"},
		"its own currency":                    {"gusto", Payroll{Currency: "EUR", Settings: batch}, "USD", "USD: employee_id,name,bonus|ann,ANN,100.00|eli,ELI,44.00|"},
		"own layout without a currency":       {own, Payroll{Currency: "USD", Settings: batch}, "", "error: Own has no column for the currency and would pay the 1 row in EUR (55.00 EUR) as USD"},
		"own layout in the company's":         {own, Payroll{Currency: "USD", Settings: batch}, "USD", "USD: Who,Amount|ann,100.00|eli,44.00|"},
		"rows that name their currency": {"generic", Payroll{Currency: "USD", Settings: batch}, "",
			": period,for_period,employee,rep_id,kind,amount,currency|2026-Q1,2026-Q1,ann,ann,bonus,100.00,USD|2026-Q1,2026-Q1,eli,eli,bonus,55.00,EUR|2026-Q1,2026-Q1,eli,eli,bonus,44.00,USD|2026-Q1,2026-Q1,umar,umar,bonus,900001,JPY|2026-Q1,2026-Q1,zain,zain,bonus,12.345,KWD|"},
		"a currency that nobody is paid in": {"generic", Payroll{Currency: "USD", Settings: batch}, "CHF", "error: 2026-Q2 has no payable line in CHF"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := layoutOf(t, test.layout).Export(abroad(), test.payroll, test.only)
			got := ""
			for _, f := range files {
				got += f.Currency + ": " + strings.NewReplacer("\r\n", "|", "\n", "|").Replace(string(f.Text))
			}
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != test.want && !(strings.HasPrefix(test.want, "error: ") && strings.HasPrefix(got, test.want)) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEachCurrencyIsAFileOfItsOwnWhereRowsDoNotNameIt(t *testing.T) {
	f := abroad()
	f.Entries = f.Entries[:4]
	payroll := Payroll{Currency: "USD", Settings: map[string]Setting{"batch_id": code("Q2"), "earning_code": code("BON"), "company_code": codes("USD", "ABC", "EUR", "DEU", "JPY", "JPN")}}
	files, err := layoutOf(t, "adp").Export(f, payroll, "")
	if err != nil || len(files) != 3 || files[0].Currency+files[1].Currency+files[2].Currency != "EURJPYUSD" {
		t.Fatalf("%+v %v", files, err)
	}
	for _, file := range files {
		if len(file.Totals) != 1 || file.Totals[0].Amount.Currency != file.Currency {
			t.Errorf("%s: %+v", file.Currency, file.Totals)
		}
	}
	payroll.Settings["company_code"] = codes("USD", "ABC", "EUR", "ABC", "JPY", "JPN")
	if _, err := layoutOf(t, "adp").Export(f, payroll, ""); err == nil || !strings.Contains(err.Error(), "payouts.payroll.company_code is ABC for both EUR and USD") {
		t.Errorf("%v", err)
	}
}

func TestAnAmountWithDecimalsThatItsCurrencyHasNotIsNotExported(t *testing.T) {
	for _, e := range []Entry{with(paid("umar", "900001.50"), in("JPY")), paid("ann", "10.005"), with(paid("zain", "1.2345"), in("KWD"))} {
		if _, err := layoutOf(t, "generic").Export(Frozen{Entries: []Entry{e}}, Payroll{Currency: "USD"}, ""); err == nil || !strings.Contains(err.Error(), "decimals") {
			t.Errorf("%s %s: %v", e.Amount, e.Currency, err)
		}
	}
	if _, err := layoutOf(t, "generic").Export(Frozen{Entries: []Entry{with(paid("umar", "900001.00"), in("JPY"))}}, Payroll{Currency: "USD"}, ""); err != nil {
		t.Errorf("zeros at the end are no decimals: %v", err)
	}
}

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
	payroll := Payroll{Currency: "USD", Settings: map[string]Setting{
		"company_code": {Text: "ACM"}, "batch_id": {Text: "Q2"}, "earning_code": {Text: "BON"}, "earning_code_clawback": {Text: "REC"}, "bonus_title": {Text: "Quarterly Bonus"},
		"client_id": {Text: "C1234567"}, "legislative_data_group": {Text: "US Legislative Data Group"},
	}, Employees: map[string]string{"ann": "1001", "cho": "1003", "dan": "1004"},
		People:  map[string]map[string]string{"ann": {"first_name": "Ann", "last_name": "Lee"}, "dan": {"first_name": "Dan", "last_name": "=cmd()"}},
		PayDate: "2026-07-15", PayFrom: "2026-07-01", PayTo: "2026-07-15"}
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
		fmt.Fprintf(&all, "%s %s\n%s", name, file.Name, file.Text)
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
		paid("ann", "100.00"), with(paid("eli", "55.00"), in("EUR")), paid("eli", "44.00"), with(paid("umar", "90001"), in("JPY")), with(paid("zain", "12.345"), in("KWD")),
	}}
}

// numbered gives the people abroad their payroll numbers.
func numbered(p *Payroll) {
	p.Employees = map[string]string{"ann": "1", "eli": "2", "umar": "3", "zain": "4"}
	p.People = map[string]map[string]string{"ann": {"first_name": "Ann", "last_name": "Lee"}, "eli": {"first_name": "Eli", "last_name": "May"}}
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
	batch := map[string]Setting{"batch_id": code("Q2"), "earning_code": code("BON"), "bonus_title": code("Bonus")}
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
			"error: ADP has no column for the currency and would pay the 1 row in JPY (90001 JPY) as USD: write the code that is paid in JPY under payouts.payroll.company_code in merit.yml, as company_code: {USD: …, JPY: …}, or export one currency with --currency USD"},
		"the first of several": {"adp", Payroll{Currency: "USD", Settings: settings(code("ABC"))}, "", "error: ADP takes amounts of 2 decimals, and zain is to be paid 12.345 KWD"},
		"a company code for yen": {"adp", Payroll{Currency: "USD", Settings: settings(codes("USD", "ABC", "JPY", "JPN"))}, "JPY",
			"JPY: Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount|JPN,Q2,000003,BON,90001|"},
		"one company code for two currencies": {"adp", Payroll{Currency: "USD", Settings: settings(codes("USD", "ABC", "EUR", "ABC", "JPY", "JPN"))}, "EUR", "EUR: Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount|ABC,Q2,000002,BON,55.00|"},
		"a mapping without dollars":           {"adp", Payroll{Currency: "USD", Settings: settings(codes("JPY", "JPN"))}, "USD", "error: ADP has no column for the currency and would pay the 2 rows in USD (144.00 USD)"},
		"a system of one currency":            {"gusto", Payroll{Currency: "EUR", Settings: batch}, "EUR", "error: Gusto pays in USD only, so not the 1 row in EUR (55.00 EUR): export what it takes with --currency USD"},
		"its own currency":                    {"gusto", Payroll{Currency: "EUR", Settings: batch}, "USD", "USD: last_name,first_name,gusto_employee_id,Bonus|Lee,Ann,1,100.00|May,Eli,2,44.00|"},
		"own layout without a currency":       {own, Payroll{Currency: "USD", Settings: batch}, "", "error: Own has no column for the currency and would pay the 1 row in EUR (55.00 EUR) as USD"},
		"own layout in the company's":         {own, Payroll{Currency: "USD", Settings: batch}, "USD", "USD: Who,Amount|1,100.00|2,44.00|"},
		"rows that name their currency": {"generic", Payroll{Currency: "USD", Settings: batch}, "",
			": period,for_period,employee,rep_id,kind,amount,currency|2026-Q1,2026-Q1,1,ann,bonus,100.00,USD|2026-Q1,2026-Q1,2,eli,bonus,55.00,EUR|2026-Q1,2026-Q1,2,eli,bonus,44.00,USD|2026-Q1,2026-Q1,3,umar,bonus,90001,JPY|2026-Q1,2026-Q1,4,zain,bonus,12.345,KWD|"},
		"a currency that nobody is paid in": {"generic", Payroll{Currency: "USD", Settings: batch}, "CHF", "error: 2026-Q2 has no payable line in CHF"},
	} {
		t.Run(name, func(t *testing.T) {
			numbered(&test.payroll)
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
	numbered(&payroll)
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
	for _, e := range []Entry{with(paid("umar", "90001.50"), in("JPY")), paid("ann", "10.005"), with(paid("zain", "1.2345"), in("KWD"))} {
		if _, err := layoutOf(t, "generic").Export(Frozen{Entries: []Entry{e}}, Payroll{Currency: "USD"}, ""); err == nil || !strings.Contains(err.Error(), "decimals") {
			t.Errorf("%s %s: %v", e.Amount, e.Currency, err)
		}
	}
	if _, err := layoutOf(t, "generic").Export(Frozen{Entries: []Entry{with(paid("umar", "90001.00"), in("JPY"))}}, Payroll{Currency: "USD"}, ""); err != nil {
		t.Errorf("zeros at the end are no decimals: %v", err)
	}
}

func TestAValueThatThePayrollSystemDoesNotTakeIsRefusedByName(t *testing.T) {
	f := Frozen{Heading: Heading{StartsOn: "2026-01-01", EndsOn: "2026-03-31"}, Entries: []Entry{paid("ann", "100.00")}}
	good := func() Payroll {
		return Payroll{Currency: "USD", Employees: map[string]string{"ann": "1001"}, PayDate: "2026-07-15", PayFrom: "2026-07-01", PayTo: "2026-07-15", Settings: map[string]Setting{
			"company_code": code("ABC"), "batch_id": code("Q2"), "earning_code": code("BON"), "bonus_title": code("Bonus"), "client_id": code("C1"), "legislative_data_group": code("US"),
		}}
	}
	for name, test := range map[string]struct {
		layout string
		change func(*Payroll, *Frozen)
		want   string
	}{
		"a file number of letters":       {"adp", func(p *Payroll, _ *Frozen) { p.Employees["ann"] = "elena.gupta18" }, `ADP takes no File # "elena.gupta18", of ann: it has to look like [0-9]{1,6}`},
		"a company code of four letters": {"adp", func(p *Payroll, _ *Frozen) { p.Settings["company_code"] = code("ABCD") }, `ADP takes no Co Code "ABCD"`},
		"an amount above the most":       {"adp", func(_ *Payroll, f *Frozen) { f.Entries[0].Amount = "100000.00" }, `ADP takes no Earnings 3 Amount "100000.00", of ann: it is above 99999.99`},
		"an amount below the least":      {"adp", func(_ *Payroll, f *Frozen) { f.Entries[0].Amount = "-40500.01" }, `ADP takes no Earnings 3 Amount "-40500.01", of ann: it is below -40500.00`},
		"a code that leaves the folder":  {"adp", func(p *Payroll, _ *Frozen) { p.Settings["company_code"] = code("../") }, `ADP takes no Co Code "../"`},
		"nobody's first name":            {"gusto", func(_ *Payroll, f *Frozen) { f.Entries[0].Name = "Ann" }, `Gusto takes no first_name "", of ann: it is empty`},
		"no pay period":                  {"workday", func(p *Payroll, _ *Frozen) { p.PayFrom = "" }, `Workday EIB wants Start Date: name it with --pay-date 2026-04-15 and --pay-period 2026-04-01..2026-04-15`},
		"a pay date that is none":        {"ukg", func(p *Payroll, _ *Frozen) { p.PayDate = "15/07/2026" }, `pay_date: "15/07/2026" is not a date`},
		"a worker id of eleven":          {"paychex", func(p *Payroll, _ *Frozen) { p.Employees["ann"] = "12345678901" }, `Paychex SPI takes no Worker ID "12345678901"`},
		"a pipe in a code":               {"oracle", func(p *Payroll, _ *Frozen) { p.Settings["earning_code"] = code("A|B") }, `Oracle HDL takes no ElementName "A|B"`},
		"a line break in a code":         {"successfactors", func(p *Payroll, _ *Frozen) { p.Settings["earning_code"] = code("A\nB") }, `SAP SuccessFactors takes no Type "A\nB", of ann: it holds a line break`},
		"a number that does not fit":     {"ukg", func(p *Payroll, _ *Frozen) { p.Employees["ann"] = "1234567890" }, `UKG takes no Employee "1234567890"`},
		"an earnings code of four":       {"adp", func(p *Payroll, _ *Frozen) { p.Settings["earning_code"] = code("BONU") }, `ADP takes no Earnings 3 Code "BONU"`},
		"a batch id of sixteen":          {"adp", func(p *Payroll, _ *Frozen) { p.Settings["batch_id"] = code("1234567890123456") }, `ADP takes no Batch ID "1234567890123456"`},
		"another currency than dollars":  {"paychex", func(_ *Payroll, f *Frozen) { f.Entries[0].Currency = "EUR" }, `Paychex SPI pays in USD only`},
		"a client id of nine":            {"paychex", func(p *Payroll, _ *Frozen) { p.Settings["client_id"] = code("C12345678") }, `Paychex SPI takes no Client ID "C12345678"`},
		"a component of twenty-one":      {"paychex", func(p *Payroll, _ *Frozen) { p.Settings["earning_code"] = code("123456789012345678901") }, `Paychex SPI takes no Pay Component "123456789012345678901"`},
		"a pipe in an assignment":        {"oracle", func(p *Payroll, _ *Frozen) { p.Employees["ann"] = "E1|9" }, `Oracle HDL takes no AssignmentNumber "E1|9"`},
		"no date of an element entry":    {"oracle", func(p *Payroll, _ *Frozen) { p.PayFrom, p.PayTo, p.PayDate = "", "", "" }, `Oracle HDL wants EffectiveStartDate`},
		"no pay date":                    {"successfactors", func(p *Payroll, _ *Frozen) { p.PayDate = "" }, `SAP SuccessFactors wants Issue Date`},
		"no pay date in a fixed width":   {"ukg", func(p *Payroll, _ *Frozen) { p.PayDate = "" }, `UKG wants Pay date`},
		"a company of six":               {"ukg", func(p *Payroll, _ *Frozen) { p.Settings["company_code"] = code("ABCDEF") }, `UKG takes no Company "ABCDEF"`},
		"an amount wider than its width": {"ukg", func(_ *Payroll, f *Frozen) { f.Entries[0].Amount = "12345678901.00" }, `UKG takes no Amount "12345678901.00"`},
		"a worker without a number":      {"workday", func(p *Payroll, _ *Frozen) { p.Employees = map[string]string{"bob": "7"} }, ``},
	} {
		t.Run(name, func(t *testing.T) {
			payroll, file := good(), f
			file.Entries = []Entry{with(f.Entries[0], func(e *Entry) { e.Name = "Ann Lee" })}
			if _, err := layoutOf(t, test.layout).Export(file, payroll, ""); err != nil {
				t.Fatalf("as it should be: %v", err)
			}
			test.change(&payroll, &file)
			if _, err := layoutOf(t, test.layout).Export(file, payroll, ""); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// A company's own layout can say what the shipped ones don't need.
func TestALayoutOfOnesOwnSaysDelimiterQuotesMarksAndEncoding(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.yml")
	text := "title: Own\nrows: line\nnegative: write\ndelimiter: ';'\nquoting: all\nencoding: windows-1252\ndecimal: ','\ndate_format: dd.mm.yyyy\nfirst_rows: [['Firma {company_code}']]\n" +
		"columns:\n  - {title: Nummer, field: employee, width: 5, fill: '0', align: right}\n  - {title: Name, field: name}\n  - {title: Betrag, field: amount}\n  - {title: Tag, field: pay_date}\n  - {title: W\u00e4hrung, field: currency}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := Frozen{Entries: []Entry{with(paid("ann", "-1234.50"), func(e *Entry) { e.Name, e.Currency = "J\u00f6rg \"J\" Gro\u00df", "EUR" })}}
	payroll := Payroll{Currency: "EUR", Employees: map[string]string{"ann": "-7"}, PayDate: "2026-07-15", Settings: map[string]Setting{"company_code": code("DEU")}}
	files, err := layoutOf(t, path).Export(f, payroll, "")
	if err != nil {
		t.Fatal(err)
	}
	want := "\"Firma DEU\"\n\"Nummer\";\"Name\";\"Betrag\";\"Tag\";\"W\xe4hrung\"\n\"-0007\";\"J\xf6rg \"\"J\"\" Gro\xdf\";\"-1234,50\";\"15.07.2026\";\"EUR\"\n"
	if string(files[0].Text) != want {
		t.Errorf("got  %q\nwant %q", files[0].Text, want)
	}
	f.Entries[0].Name = "\u674e"
	if _, err := layoutOf(t, path).Export(f, payroll, ""); err == nil || !strings.Contains(err.Error(), "windows-1252, which has no sign") {
		t.Errorf("%v", err)
	}
}

func TestEachPersonHasANumberOfTheirOwn(t *testing.T) {
	for text, want := range map[string]string{
		"rep_id,employee\nann,1001\nbob,1001\n":  "the employees file:3: bob has the number 1001, which is the number of ann (1001) already",
		"rep_id,employee\nann,1001\nbob,01001\n": "the employees file:3: bob has the number 01001, which is the number of ann (1001)",
		"rep_id,employee\nann,a7\nbob,A7\n":      "the employees file:3: bob has the number A7, which is the number of ann (a7)",
		"rep_id,employee\nann,1\nann,2\n":        "the employees file:3: each rep_id once",
		"rep_id,employee\nann,\n":                "the employees file:2: each rep_id once, with its number",
	} {
		if _, err := ReadEmployees([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

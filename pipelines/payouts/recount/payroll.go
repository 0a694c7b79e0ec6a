package recount

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// A payrollReader finds the amounts in the file of one payroll system.
type payrollReader struct {
	files     string // a pattern of names
	amount    string // the title of the amount's column; "" is the last cell of each row
	delimiter rune
	rowsOf    string // only rows with this as the second cell; "" is all
	width     int    // of the amount at the end of each line, in a file of fixed width; 0 is none
}

// readers are written from the vendors' columns as the README lists them. A file in a
// layout of the company's own, a filled workbook and an encrypted file are not read here.
var readers = []payrollReader{
	{files: "generic*.csv", amount: "amount", delimiter: ','},
	{files: "PR*EPI.csv", amount: "Earnings 3 Amount", delimiter: ','},
	{files: "workday*.csv", amount: "Amount", delimiter: ','},
	{files: "paychex*.csv", amount: "Amount", delimiter: ','},
	{files: "successfactors*.csv", amount: "Amount", delimiter: ','},
	{files: "gusto*.csv", delimiter: ','},
	{files: "ElementEntry.dat", delimiter: '|', rowsOf: "ElementEntryValue"},
	{files: "ukg*", width: 12},
}

// payroll holds the files that were handed to payroll against the payable lines: each
// file pays, in each currency that it has, all that is payable in it.
func (c *check) payroll(folder string) error {
	if filepath.Base(folder) != "locked" {
		return nil
	}
	export := filepath.Join(filepath.Dir(folder), "export")
	for _, r := range readers {
		paths, err := filepath.Glob(filepath.Join(export, r.files))
		if err != nil {
			return err
		}
		sort.Strings(paths)
		for _, path := range paths {
			if strings.Contains(path, "_by_hand") || strings.HasSuffix(path, ".age") || strings.HasSuffix(path, ".xlsx") {
				continue // the first is added to the file that it belongs to
			}
			if err := c.payrollFile(r, path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *check) payrollFile(r payrollReader, path string) error {
	sums, err := r.read(path)
	if err != nil || sums == nil {
		return err
	}
	byHand := strings.TrimSuffix(path, filepath.Ext(path)) + "_by_hand.csv"
	if exists(byHand) {
		more, err := r.read(byHand)
		if err != nil {
			return err
		}
		for currency, sum := range more {
			sums[currency] = plus(or0(sums[currency]), sum)
		}
	}
	payable := c.payable()
	for currency, sum := range sums {
		what := fmt.Sprintf("%s: what is paid in %s", filepath.Base(path), currency)
		if currency != "" {
			c.same(what, or0(payable[currency]), sum.RatString(), exponent(currency))
			continue
		}
		if !anyEqual(payable, sum) { // the company code says the currency
			c.differs("%s pays %s, which is payable in no currency", filepath.Base(path), show(sum, 2))
		}
	}
	return nil
}

func (c *check) payable() map[string]*big.Rat {
	sums := map[string]*big.Rat{}
	for _, l := range c.lines {
		if l.State == "payable" {
			sums[l.Currency] = plus(or0(sums[l.Currency]), number(l.Amount))
		}
	}
	return sums
}

func anyEqual(sums map[string]*big.Rat, sum *big.Rat) bool {
	for _, one := range sums {
		if one.Cmp(sum) == 0 {
			return true
		}
	}
	return false
}

func or0(n *big.Rat) *big.Rat {
	if n == nil {
		return new(big.Rat)
	}
	return n
}

// read sums the amounts of a file by the currency that its rows name. Nothing is
// returned for a file without the titles, as a filled template may be.
func (r payrollReader) read(path string) (map[string]*big.Rat, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sums := map[string]*big.Rat{}
	add := func(currency, amount string) error {
		n := number(strings.TrimSpace(amount))
		if n == nil {
			return fmt.Errorf("%s: %q is no amount", path, amount)
		}
		sums[currency] = plus(or0(sums[currency]), n)
		return nil
	}
	if r.width > 0 {
		for _, row := range strings.Fields(strings.ReplaceAll(string(text), " ", "_")) {
			if err := add("", row[max(0, len(row)-r.width):]); err != nil {
				return nil, err
			}
		}
		return sums, nil
	}
	rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff")))
	rows.Comma, rows.FieldsPerRecord = r.delimiter, -1
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	amount, currency, begin := r.columns(all)
	if begin < 0 {
		return nil, nil
	}
	for _, row := range all[begin:] {
		if r.rowsOf != "" && (row[0] == "METADATA" || row[1] != r.rowsOf) {
			continue
		}
		at, named := amount, ""
		if at < 0 {
			at = len(row) - 1
		}
		if currency >= 0 {
			named = row[currency]
		}
		if err := add(named, row[at]); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// columns are where the amount and the currency stand, and the first row below the titles.
func (r payrollReader) columns(all [][]string) (amount, currency, begin int) {
	if r.amount == "" {
		if r.rowsOf != "" {
			return -1, -1, 0
		}
		return -1, -1, min(1, len(all))
	}
	for i, row := range all {
		amount, currency = -1, -1
		for j, title := range row {
			switch {
			case title == r.amount:
				amount = j
			case strings.EqualFold(strings.TrimSuffix(title, " Code"), "currency"):
				currency = j
			}
		}
		if amount >= 0 {
			return amount, currency, i + 1
		}
	}
	return -1, -1, -1
}

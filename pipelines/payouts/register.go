package payouts

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// A Settlement is what payroll says that it has paid to one person, against what was
// handed to it.
type Settlement struct {
	Employee, Currency       string
	Exported, Paid, Apart    string
	IsPaid                   bool // exactly as it was handed over
	InRegister, IsInTheFiles bool
}

// Settle compares a register that the payroll system gave back, a CSV file with
// employee, amount and currency, with what was handed over. A row without a currency
// is in the one of the payroll system. Nobody is left out: who was paid and is in no
// file stands there too.
func Settle(register []byte, entries []Entry, p Payroll) ([]Settlement, error) {
	exported, paid := map[payee]Money{}, map[payee]Money{}
	known := map[string]string{} // by the plain number: a register may lack zeros that were exported
	for _, e := range entries {
		known[plainEmployee(p.Number(e.RepID))] = p.Number(e.RepID)
	}
	for _, e := range entries {
		k := payee{p.Number(e.RepID), e.Currency}
		if _, there := exported[k]; !there {
			exported[k] = Money{Currency: e.Currency}
		}
		exported[k] = plus(exported[k], e.money())
	}
	rows := 0
	err := eachRow("the register", register, []string{"employee", "amount"}, func(line int, cells map[string]string) error {
		rows++
		k := payee{cmp.Or(known[plainEmployee(cells["employee"])], cells["employee"]), cmp.Or(cells["currency"], p.Currency)}
		amount, err := Parse(cells["amount"], k.currency)
		if err != nil || k.employee == "" {
			return fault.Errorf(fault.You, "the register:%d: employee %q, amount %q: write each row as 1001,12.50,USD", line, k.employee, cells["amount"])
		}
		if _, there := paid[k]; !there {
			paid[k] = Money{Currency: k.currency}
		}
		paid[k] = plus(paid[k], amount)
		return nil
	})
	if err == nil && rows == 0 {
		err = fault.Errorf(fault.You, "the register has no row: its columns are employee, amount and, where it is not the payroll system's, currency")
	}
	if err != nil {
		return nil, err
	}
	return settled(exported, paid), nil
}

// A payee is one person in one currency, as payroll knows them.
type payee struct{ employee, currency string }

// settled compares both sides, in the order of people.
func settled(exported, paid map[payee]Money) []Settlement {
	keys := slices.Collect(maps.Keys(exported))
	for k := range paid {
		if _, there := exported[k]; !there {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b payee) int {
		return cmp.Or(strings.Compare(a.employee, b.employee), strings.Compare(a.currency, b.currency))
	})
	var all []Settlement
	for _, k := range keys {
		given, isExported := exported[k]
		got, isPaid := paid[k]
		given.Currency, got.Currency = k.currency, k.currency
		apart := minus(got, given)
		all = append(all, Settlement{
			Employee: k.employee, Currency: k.currency, Exported: given.Text(), Paid: got.Text(), Apart: apart.Text(),
			IsPaid: apart.IsZero() && (isPaid || given.IsZero()), InRegister: isPaid, IsInTheFiles: isExported,
		})
	}
	return all
}

// Number is what the payroll system knows a rep by.
func (p Payroll) Number(rep string) string {
	if p.Employees == nil {
		return rep
	}
	return p.Employees[rep]
}

// SettlementsCSV lists them for people.
func SettlementsCSV(all []Settlement) []byte {
	rows := [][]string{{"employee", "currency", "exported", "paid", "difference", "state"}}
	for _, s := range all {
		rows = append(rows, []string{safe(s.Employee), s.Currency, s.Exported, s.Paid, s.Apart, s.State()})
	}
	return csvOf(rows)
}

// State is in words.
func (s Settlement) State() string {
	switch {
	case s.IsPaid:
		return "paid"
	case !s.IsInTheFiles:
		return "paid without being in any payroll file"
	case !s.InRegister:
		return "not paid"
	}
	return "paid another amount"
}

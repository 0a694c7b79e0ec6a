package payouts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/currency"
)

const (
	// Recovered is a line that takes back what somebody owes.
	Recovered Kind = "recovery"
	// Booked is a correction that payroll never sees: it is on the rep's balance, from
	// which each period recovers what the plan allows.
	Booked State = "booked"
)

// A RecoveryRule is the plan's rule for what somebody owes.
type RecoveryRule struct {
	TakesAll    bool // not bonuses alone
	MostPercent apd.Decimal
}

// A Balance is what a rep owes in one currency, over a period.
type Balance struct {
	RepID, Currency                  string
	Before, Booked, Recovered, After string
}

// BalancesName is the ledger of balances.
const BalancesName = "balances.csv"

// BalancesCSV lists them for people.
func BalancesCSV(balances []Balance) []byte {
	rows := [][]string{{"rep_id", "currency", "owed_before", "booked", "recovered", "owed_after"}}
	for _, b := range balances {
		rows = append(rows, []string{safe(b.RepID), b.Currency, b.Before, b.Booked, b.Recovered, b.After})
	}
	return csvOf(rows)
}

// Owed is what reps owe after these locked lines, by rep and currency.
func Owed(locked []Entry) map[string]Money {
	owed := map[string]Money{}
	for _, e := range locked {
		if e.State != Booked && e.Kind != Recovered {
			continue
		}
		key := AccountKey(e.RepID, e.Currency)
		if _, there := owed[key]; !there {
			owed[key] = Money{Currency: e.Currency}
		}
		if e.State == Booked { // below zero
			owed[key] = minus(owed[key], e.money())
		} else {
			owed[key] = plus(owed[key], e.money())
		}
	}
	return owed
}

// Recover books what corrections take back to the reps' balances, and adds the lines
// that recover from them what the rule allows. Without a rule the corrections go to
// payroll as they are, and balances of before are carried forward.
func Recover(period string, entries []Entry, owed map[string]Money, rule *RecoveryRule) ([]Entry, []Balance, error) {
	keys := slices.Collect(maps.Keys(owed))
	booked := map[string]Money{}
	for i := range entries {
		e := &entries[i]
		if rule == nil || e.State != Payable || e.For == period || !strings.HasPrefix(e.Amount, "-") {
			continue
		}
		key := AccountKey(e.RepID, e.Currency)
		if _, there := booked[key]; !there {
			booked[key] = Money{Currency: e.Currency}
		}
		if _, there := owed[key]; !there && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		booked[key] = minus(booked[key], e.money())
		e.State = Booked
		e.Reason += "; booked to the balance, from which the plan recovers it"
	}
	slices.Sort(keys)
	var balances []Balance
	for _, key := range keys {
		rep, code, _ := strings.Cut(key, "\x00")
		before, now, none := owed[key], booked[key], Money{Currency: code}
		before.Currency, now.Currency = code, code
		all := plus(before, now)
		taken := none
		if rule != nil {
			line, err := rule.line(period, rep, code, entries, before, now)
			if err != nil {
				return nil, nil, err
			}
			if line != nil {
				entries = append(entries, *line)
				taken = minus(none, line.money())
			}
		}
		if all.IsZero() && taken.IsZero() {
			continue
		}
		balances = append(balances, Balance{RepID: rep, Currency: code, Before: before.Text(), Booked: now.Text(), Recovered: taken.Text(), After: minus(all, taken).Text()})
	}
	return entries, balances, nil
}

// line takes back from one rep in one currency what the rule allows; nil is nothing.
func (r RecoveryRule) line(period, rep, code string, entries []Entry, before, booked Money) (*Entry, error) {
	owed := plus(before, booked)
	paid := Money{Currency: code}
	var whose *Entry
	for i := range entries {
		e := &entries[i]
		if e.RepID != rep || e.Currency != code || e.State != Payable || strings.HasPrefix(e.Amount, "-") || !r.TakesAll && (e.Kind != Bonus || e.For != period) {
			continue
		}
		paid = plus(paid, e.money())
		if whose == nil {
			whose = e
		}
	}
	if whose == nil || owed.IsZero() || strings.HasPrefix(owed.Text(), "-") {
		return nil, nil
	}
	taken, err := r.part(paid)
	if err != nil {
		return nil, err
	}
	if taken.amount.Cmp(&owed.amount) > 0 {
		taken = owed
	}
	if taken.IsZero() {
		return nil, nil
	}
	from := "bonuses"
	if r.TakesAll {
		from = "amounts"
	}
	return &Entry{
		Period: period, For: period, RepID: rep, Name: whose.Name, Role: whose.Role, Team: whose.Team, Kind: Recovered, Currency: code,
		Amount: minus(Money{Currency: code}, taken).Text(), State: Payable, PlanVersion: whose.PlanVersion, PlanHash: whose.PlanHash,
		Reason: fmt.Sprintf("%s %s is owed: %s from before, %s booked now; recovered from %s of %s, at most %s %%; %s is carried forward",
			owed.Text(), code, before.Text(), booked.Text(), from, paid.Text(), plain(r.MostPercent), minus(owed, taken).Text()),
	}, nil
}

// part is so many percent of an amount, never more: what is left of the smallest unit
// stays with the rep.
func (r RecoveryRule) part(paid Money) (Money, error) {
	var product, quotient apd.Decimal
	if _, err := exact().Mul(&product, &paid.amount, &r.MostPercent); err != nil {
		return paid, err
	}
	if _, err := exact().Quo(&quotient, &product, apd.New(100, 0)); err != nil {
		return paid, err
	}
	down := *exact()
	down.Rounding = apd.RoundDown
	part := Money{Currency: paid.Currency}
	_, err := down.Quantize(&part.amount, &quotient, -currency.Decimals(paid.Currency))
	return part, err
}

// balanceOf is a rep's balances of a period.
func (f Frozen) balanceOf(rep string) []Balance {
	return slices.DeleteFunc(slices.Clone(f.Balances), func(b Balance) bool { return b.RepID != rep })
}

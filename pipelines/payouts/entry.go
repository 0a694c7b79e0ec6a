package payouts

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Release is a line that was held in an earlier period and may be paid now.
const Release Kind = "release"

// An Entry is a line as the files have it, every value in its one text form. What
// was locked is read back as entries.
type Entry struct {
	Period      string `json:"period"`     // of the file
	For         string `json:"for_period"` // that the money is for: an earlier one on adjustments
	RepID       string `json:"rep_id"`
	Name        string `json:"name"`
	Role        string `json:"role"`
	Team        string `json:"team"`
	Kind        Kind   `json:"kind"`
	Pool        string `json:"pool"`
	Score       string `json:"score"`
	Tier        string `json:"tier"`
	Multiplier  string `json:"multiplier"`
	BonusTarget string `json:"bonus_target"`
	Days        int64  `json:"days_in_role"`
	LeaveDays   int64  `json:"leave_days"`
	PaidDays    int64  `json:"paid_days"`
	PeriodDays  int64  `json:"period_days"`
	Currency    string `json:"currency"`
	Before      string `json:"exported_before"` // adjustments: what was exported for the period so far
	Now         string `json:"truth_now"`       // and what it comes to by today's records
	Amount      string `json:"amount"`
	State       State  `json:"state"`
	Reason      string `json:"reason"`
	PlanVersion string `json:"plan_version"`
	PlanHash    string `json:"plan_sha256"`
	Salt        string `json:"salt"` // keeps the hash of a line from being guessed
}

// Entries are the lines of a period's own.
func Entries(lines []Line) []Entry {
	var entries []Entry
	for _, l := range lines {
		entries = append(entries, Entry{
			Period: l.Period, For: l.Period, RepID: l.RepID, Name: l.Name, Role: l.Role, Team: l.Team, Kind: l.Kind, Pool: l.Pool,
			Score: l.Score, Tier: l.Tier, Multiplier: l.Multiplier, BonusTarget: l.BonusTarget,
			Days: l.Days, LeaveDays: l.LeaveDays, PaidDays: l.PaidDays, PeriodDays: l.PeriodDays,
			Currency: l.Amount.Currency, Amount: l.Amount.Text(), State: l.State, Reason: l.Reason, PlanVersion: l.PlanVersion, PlanHash: l.PlanHash,
		})
	}
	return entries
}

// money is the entry's amount; an entry that was read back was checked before.
func (e Entry) money() Money {
	m, err := Parse(e.Amount, e.Currency)
	if err != nil {
		panic(fmt.Sprintf("%s %s: %v", e.Period, e.RepID, err))
	}
	return m
}

// SortEntries puts them in the file's order: by person, then by what it is for.
// No two entries of a file are equal in it.
func SortEntries(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.place(), b.place()) })
}

func (e Entry) place() string {
	return strings.Join([]string{e.RepID, e.Role, e.For, string(e.Kind), e.Currency, e.Pool}, "\x00")
}

// Sums are the entries' totals by state and currency, in that order.
func Sums(entries []Entry) []Total {
	var totals []Total
	for _, e := range entries {
		at := slices.IndexFunc(totals, func(t Total) bool { return t.State == e.State && t.Amount.Currency == e.Currency })
		if at < 0 {
			at = len(totals)
			totals = append(totals, Total{State: e.State, Amount: Money{Currency: e.Currency}})
		}
		totals[at].Lines++
		totals[at].Amount = plus(totals[at].Amount, e.money())
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return cmp.Or(strings.Compare(string(a.State), string(b.State)), strings.Compare(a.Amount.Currency, b.Amount.Currency))
	})
	return totals
}

// plus adds amounts that are known to be of one currency.
func plus(a, b Money) Money {
	sum, err := a.Add(b)
	if err != nil {
		panic(err)
	}
	return sum
}

func minus(a, b Money) Money {
	difference, err := a.Sub(b)
	if err != nil {
		panic(err)
	}
	return difference
}

// column is one column of the payout file.
type column struct {
	name   string
	width  int                // in the spreadsheet, in letters: up to 12, up to 30, more
	number bool               // a number in the spreadsheet; otherwise text
	text   func(Entry) string // in plain form
}

func columns() []column {
	whole := func(value func(Entry) int64) func(Entry) string {
		return func(e Entry) string { return strconv.FormatInt(value(e), 10) }
	}
	return []column{
		{"period", 10, false, func(e Entry) string { return e.Period }},
		{"rep_id", 16, false, func(e Entry) string { return e.RepID }},
		{"name", 24, false, func(e Entry) string { return e.Name }},
		{"role", 9, false, func(e Entry) string { return e.Role }},
		{"team", 14, false, func(e Entry) string { return e.Team }},
		{"kind", 11, false, func(e Entry) string { return string(e.Kind) }},
		{"pool", 12, false, func(e Entry) string { return e.Pool }},
		{"for_period", 10, false, func(e Entry) string { return e.For }},
		{"score", 8, true, func(e Entry) string { return e.Score }},
		{"tier", 9, false, func(e Entry) string { return e.Tier }},
		{"multiplier", 10, true, func(e Entry) string { return e.Multiplier }},
		{"bonus_target", 13, true, func(e Entry) string { return e.BonusTarget }},
		{"days_in_role", 12, true, whole(func(e Entry) int64 { return e.Days })},
		{"leave_days", 10, true, whole(func(e Entry) int64 { return e.LeaveDays })},
		{"paid_days", 10, true, whole(func(e Entry) int64 { return e.PaidDays })},
		{"period_days", 11, true, whole(func(e Entry) int64 { return e.PeriodDays })},
		{"currency", 9, false, func(e Entry) string { return e.Currency }},
		{"locked_before", 15, true, func(e Entry) string { return e.Before }},
		{"truth_now", 13, true, func(e Entry) string { return e.Now }},
		{"amount", 13, true, func(e Entry) string { return e.Amount }},
		{"state", 12, false, func(e Entry) string { return string(e.State) }},
		{"reason", 60, false, func(e Entry) string { return e.Reason }},
		{"plan_version", 12, false, func(e Entry) string { return e.PlanVersion }},
		{"plan_sha256", 66, false, func(e Entry) string { return e.PlanHash }},
	}
}

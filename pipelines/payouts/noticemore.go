package payouts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SinceDraft stands before what differs from the draft before.
const SinceDraft = "since the last draft: "

// DraftNotices are the lines that are others than in the draft before.
func DraftNotices(before, now []Entry) []Notice {
	lines := map[string][2]string{}
	for side, entries := range [][]Entry{before, now} {
		for _, e := range entries {
			key := e.RepID + "\x00" + string(e.Kind) + " as " + e.Role + " for " + e.For
			if e.Pool != "" {
				key += " of the pool " + e.Pool
			}
			both := lines[key+" in "+e.Currency]
			both[side] = e.Amount + " " + e.Currency + " " + string(e.State)
			lines[key+" in "+e.Currency] = both
		}
	}
	var notices []Notice
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		if both := lines[key]; both[0] != both[1] {
			rep, what, _ := strings.Cut(key, "\x00")
			notices = append(notices, Notice{RepID: rep, What: SinceDraft + what, Before: both[0], Now: both[1]})
		}
	}
	return notices
}

// SameLines tells whether two drafts pay the same; the salts are by whoever drafted.
func SameLines(a, b []Entry) bool {
	return slices.EqualFunc(a, b, func(x, y Entry) bool {
		x.Salt, y.Salt = "", ""
		return x == y
	})
}

// belowZero are reps to whom a file gives less than nothing, and who owe afterwards.
func belowZero(f Frozen) []Notice {
	sums := map[string]Money{}
	for _, e := range f.Entries {
		if e.State == Payable {
			key := AccountKey(e.RepID, e.Currency)
			if _, there := sums[key]; !there {
				sums[key] = Money{Currency: e.Currency}
			}
			sums[key] = plus(sums[key], e.money())
		}
	}
	var notices []Notice
	for _, key := range slices.Sorted(maps.Keys(sums)) {
		if sum := sums[key].Text(); strings.HasPrefix(sum, "-") {
			rep, _, _ := strings.Cut(key, "\x00")
			notices = append(notices, Notice{RepID: rep, What: "below zero in all, and the plan has no rule to recover it", Now: sum + " " + sums[key].Currency})
		}
	}
	for _, b := range f.Balances {
		notices = append(notices, Notice{RepID: b.RepID, What: "owes", Before: b.Before + " " + b.Currency, Now: b.After + " " + b.Currency})
	}
	return notices
}

// watched are the columns of the roster that move money or records to somebody, besides
// those that the lines tell.
var watched = []string{"email", "crm_users", "role", "team", "valid_from", "valid_to", "leave", "currency"}

// rosterNotices are who has other days, users or teams than when the last period was
// locked, and whose quota of the locked period is another one now.
func rosterNotices(before, now Frozen) []Notice {
	var notices []Notice
	was, is := columnsByRep(before.Documents["roster.csv"], watched), columnsByRep(now.Documents["roster.csv"], watched)
	for _, rep := range slices.Sorted(maps.Keys(is)) {
		if was[rep] == nil {
			continue
		}
		for _, column := range watched {
			if was[rep][column] != is[rep][column] {
				notices = append(notices, Notice{RepID: rep, What: "the roster has another " + column, Before: was[rep][column], Now: is[rep][column]})
			}
		}
	}
	was, is = quotasOf(before), quotasOf(now)
	for _, rep := range slices.Sorted(maps.Keys(was)) {
		for _, period := range slices.Sorted(maps.Keys(was[rep])) {
			if period <= before.Heading.Period && was[rep][period] != is[rep][period] {
				notices = append(notices, Notice{RepID: rep, What: "another quota or potential of " + period, Before: was[rep][period], Now: is[rep][period]})
			}
		}
	}
	return notices
}

// columnsByRep joins each rep's values of a column, row by row.
func columnsByRep(text []byte, columns []string) map[string]map[string]string {
	reps := map[string]map[string]string{}
	_ = eachRow("roster.csv", text, nil, func(_ int, cells map[string]string) error { // it was parsed by the plan before
		rep := cells["rep_id"]
		first := reps[rep] == nil
		if first {
			reps[rep] = map[string]string{}
		}
		for _, column := range columns {
			if !first {
				reps[rep][column] += " | "
			}
			reps[rep][column] += cells[column]
		}
		return nil
	})
	return reps
}

func quotasOf(f Frozen) map[string]map[string]string {
	quotas := map[string]map[string]string{}
	_ = eachRow("quotas.csv", f.Documents["quotas.csv"], nil, func(_ int, cells map[string]string) error { // it was parsed by the plan before
		rep := cells["rep_id"]
		if quotas[rep] == nil {
			quotas[rep] = map[string]string{}
		}
		quotas[rep][cells["period"]] = "quota " + cells["quota"] + ", potential " + cells["potential"]
		return nil
	})
	return quotas
}

// totalNotices are what a period pays and holds in all.
func totalNotices(before, now Frozen) []Notice {
	text := func(f Frozen) map[string]string {
		totals := map[string]string{}
		for _, t := range Sums(f.Entries) {
			totals[string(t.State)+" in "+t.Amount.Currency] = fmt.Sprintf("%s, %d lines", t.Amount.Text(), t.Lines)
		}
		return totals
	}
	was, is := text(before), text(now)
	names := slices.Sorted(maps.Keys(is))
	for name := range was {
		if _, there := is[name]; !there {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var notices []Notice
	for _, name := range names {
		if was[name] != is[name] {
			notices = append(notices, Notice{What: "in all " + name, Before: was[name], Now: is[name]})
		}
	}
	return notices
}

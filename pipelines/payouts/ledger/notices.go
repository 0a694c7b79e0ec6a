package ledger

import (
	"fmt"
	"maps"
	"slices"

	"merit/pipelines/payouts"
)

// notices are what approvers should look at: what differs from the last locked period
// in lines, plan and payroll numbers, and who on the roster looks like somebody else.
func (l *Ledger) notices(b Build, f payouts.Frozen) ([]payouts.Notice, error) {
	notices := []payouts.Notice{}
	for _, note := range b.Notes {
		notices = append(notices, payouts.Notice{What: note})
	}
	var last *lockedPeriod
	for i := range l.locked {
		if one := &l.locked[i]; one.name < f.Heading.Period && (last == nil || last.name < one.name) {
			last = one
		}
	}
	if last == nil {
		return append(notices, payouts.Notices(f.Entries, nil)...), nil
	}
	notices = append(notices, payouts.Notices(f.Entries, last.frozen.Entries)...)
	if before, now := last.frozen.Heading, f.Heading; before.PlanHash != now.PlanHash {
		notices = append(notices, payouts.Notice{What: "another plan", Before: before.PlanVersion + " " + short(before.PlanHash), Now: now.PlanVersion + " " + short(now.PlanHash)})
	}
	numbers, err := payouts.ReadEmployees(f.Documents[employeesName])
	if err != nil {
		return nil, err
	}
	before, err := payouts.ReadEmployees(last.frozen.Documents[employeesName])
	if err != nil {
		return nil, fmt.Errorf("the frozen employees of %s: %w", last.name, err)
	}
	for _, rep := range slices.Sorted(maps.Keys(numbers)) {
		if was := before[rep]; was != "" && was != numbers[rep] {
			notices = append(notices, payouts.Notice{RepID: rep, What: "another payroll number", Before: was, Now: numbers[rep]})
		}
	}
	payouts.SortNotices(notices)
	return notices, nil
}

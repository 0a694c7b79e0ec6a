package ledger

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
)

// notices are what approvers should look at: what the build said, what differs from the
// last locked period, and what differs from the draft before this one.
func (l *Ledger) notices(b Build, f payouts.Frozen) ([]payouts.Notice, error) {
	notices := []payouts.Notice{}
	for _, note := range b.Notes {
		notices = append(notices, payouts.Notice{What: note})
	}
	derived, err := l.derivedNotices(f)
	if err != nil {
		return nil, err
	}
	notices = append(notices, derived...)
	notices = append(notices, l.leftOut(f)...)
	notices = append(notices, l.sinceLastDraft(f)...)
	payouts.SortNotices(notices)
	return notices, nil
}

// derivedNotices are those that the frozen inputs give again: a draft that lacks one was
// not made by Merit, and nobody approves it.
func (l *Ledger) derivedNotices(f payouts.Frozen) ([]payouts.Notice, error) {
	last := l.lastBefore(f.Heading.Period)
	if last == nil {
		return payouts.Notices(f, nil), nil
	}
	notices := payouts.Notices(f, &last.frozen)
	if before, now := last.frozen.Heading, f.Heading; before.PlanHash != now.PlanHash {
		notices = append(notices, payouts.Notice{What: "another plan", Before: before.PlanVersion + " " + short(before.PlanHash), Now: now.PlanVersion + " " + short(now.PlanHash)})
	}
	numbers, err := numberNotices(f, last.frozen)
	if err != nil {
		return nil, err
	}
	settings, err := settingNotices(f, last.frozen)
	return append(append(notices, numbers...), settings...), err
}

func (l *Ledger) lastBefore(period string) *lockedPeriod {
	var last *lockedPeriod
	for i := range l.locked {
		if one := &l.locked[i]; one.name < period && (last == nil || last.name < one.name) {
			last = one
		}
	}
	return last
}

// numberNotices are payroll numbers that are others than they were, or somebody else's.
func numberNotices(f, last payouts.Frozen) ([]payouts.Notice, error) {
	numbers, err := payouts.ReadEmployees(f.Documents[employeesName])
	if err != nil {
		return nil, err
	}
	before, err := payouts.ReadEmployees(last.Documents[employeesName])
	if err != nil {
		return nil, fmt.Errorf("the frozen employees of %s: %w", last.Heading.Period, err)
	}
	owners := map[string]string{}
	for rep, number := range before {
		owners[number] = rep
	}
	var notices []payouts.Notice
	for _, rep := range slices.Sorted(maps.Keys(numbers)) {
		if was := before[rep]; was != "" && was != numbers[rep] {
			notices = append(notices, payouts.Notice{RepID: rep, What: "another payroll number", Before: was, Now: numbers[rep]})
		}
		if owner := owners[numbers[rep]]; owner != "" && owner != rep {
			notices = append(notices, payouts.Notice{RepID: rep, What: "a payroll number that was somebody else's", Before: owner, Now: numbers[rep]})
		}
	}
	return notices, nil
}

// settingNotices are settings that pay and are others than they were.
func settingNotices(f, last payouts.Frozen) ([]payouts.Notice, error) {
	var now, before map[string]json.RawMessage
	for text, into := range map[string]*map[string]json.RawMessage{string(f.Documents[settingsName]): &now, string(last.Documents[settingsName]): &before} {
		if text == "" {
			return nil, nil // locked before settings were frozen
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return nil, fmt.Errorf("the frozen settings: %w", err)
		}
	}
	if string(f.Documents[settingsName]) == string(last.Documents[settingsName]) {
		return nil, nil
	}
	var notices []payouts.Notice
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if was, there := before[name]; there && string(was) != string(now[name]) {
			notices = append(notices, payouts.Notice{What: "another setting " + name, Before: inWords(was), Now: inWords(now[name])})
		}
	}
	return notices, nil
}

// inWords shortens keys to names with fingerprints, and hashes.
func inWords(value json.RawMessage) string {
	var keys []string
	if json.Unmarshal(value, &keys) == nil {
		for i := range keys {
			keys[i] = fingerprint(keys[i])
		}
		return strings.Join(keys, ", ")
	}
	text := strings.Trim(string(value), `"`)
	if len(text) == 64 {
		return short(text)
	}
	return text
}

// leftOut tells that an earlier run knew of records after this draft's as-of.
func (l *Ledger) leftOut(f payouts.Frozen) []payouts.Notice {
	asOf, err := time.Parse(time.RFC3339, f.Heading.AsOf)
	if err != nil {
		return nil
	}
	newest := asOf
	for _, r := range l.log.Records() {
		var body ran
		if r.Kind != "run" || jsonBody(r, &body) != nil || body.Fault {
			continue
		}
		if at, err := time.Parse(time.RFC3339, body.AsOf); err == nil && at.After(newest) {
			newest = at
		}
	}
	if newest.Sub(asOf) < time.Second {
		return nil
	}
	return []payouts.Notice{{What: "built as of an earlier day than was known already: what came since is left out", Before: newest.UTC().Format(time.RFC3339), Now: f.Heading.AsOf}}
}

// sinceLastDraft compares with the draft that lies there. One with the same lines keeps
// what it said, so that drafting again changes no byte.
func (l *Ledger) sinceLastDraft(f payouts.Frozen) []payouts.Notice {
	if _, drafted := l.last(draftRecord, f.Heading.Period); !drafted {
		return nil
	}
	before, err := l.draft(f.Heading.Period)
	if err != nil { // it was edited, or taken away: there is nothing to compare with
		return []payouts.Notice{{What: payouts.SinceDraft + "it can't be compared: it was changed or taken away"}}
	}
	if payouts.SameLines(before.frozen.Entries, f.Entries) {
		return slices.DeleteFunc(slices.Clone(before.frozen.Notices), func(n payouts.Notice) bool { return !strings.HasPrefix(n.What, payouts.SinceDraft) })
	}
	return payouts.DraftNotices(before.frozen.Entries, f.Entries)
}

// sameNotices refuses a draft from which something was taken that approvers should see.
func (l *Ledger) sameNotices(f payouts.Frozen) error {
	derived, err := l.derivedNotices(f)
	if err != nil {
		return err
	}
	for _, n := range derived {
		if !slices.Contains(f.Notices, n) {
			return fault.Errorf(fault.You, "the draft of %s does not say what approvers have to look at: %s; make the draft again", f.Heading.Period, n)
		}
	}
	return nil
}

package ledger

import (
	"bytes"
	"encoding/json"
	"slices"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
)

// covered are the payable lines of a locked period that a file pays: all of its
// currency, by their place.
func covered(one lockedPeriod, currency string) []int {
	var places []int
	for i, e := range one.frozen.Entries {
		if e.State == payouts.Payable && (currency == "" || e.Currency == currency) {
			places = append(places, i)
		}
	}
	return places
}

// live are the exports of a period that pay: those that no later one has superseded.
// A file of the same content is the same export, encrypted or not; one that says why
// it is made again supersedes all that share a line with it.
func (l *Ledger) live(period string) ([]exported, error) {
	var live []exported
	for _, r := range l.log.Records() {
		if r.Kind != exportRecord || r.Period != period {
			continue
		}
		var body exported
		if err := jsonBody(r, &body); err != nil {
			return nil, err
		}
		live = slices.DeleteFunc(live, func(earlier exported) bool {
			return earlier.Batch != body.Batch && (earlier.PlainSum == body.PlainSum || body.Again != "" && shares(earlier.Entries, body.Entries))
		})
		live = append(live, body)
	}
	return live, nil
}

func shares(a, b []int) bool {
	return slices.ContainsFunc(a, func(place int) bool { return slices.Contains(b, place) })
}

// exportedOnce refuses a file with lines that another payroll file pays already.
func (l *Ledger) exportedOnce(one lockedPeriod, file payouts.PayrollFile, how Exporting) error {
	places := covered(one, file.Currency)
	if err := l.notPaid(one, places, file); err != nil {
		return err
	}
	live, err := l.live(one.name)
	if err != nil || how.Again != "" {
		return err
	}
	for _, earlier := range live {
		isSame := slices.ContainsFunc(live, func(e exported) bool { return e.Batch == earlier.Batch && e.PlainSum == sumOf(file.Text) })
		if isSame || !shares(earlier.Entries, places) {
			continue
		}
		count := 0
		for _, place := range places {
			if slices.Contains(earlier.Entries, place) {
				count++
			}
		}
		return fault.Errorf(fault.You, "%d of %d lines of %s are in the payroll file %s already (layout %s) and would be paid twice; if that file was not used, say so: --again \"why\"", count, len(places), one.name, earlier.File, earlier.Layout)
	}
	return nil
}

// notPaid refuses another file with lines that payroll says it has paid, whatever the
// reason: the very same file is no other one.
func (l *Ledger) notPaid(one lockedPeriod, places []int, file payouts.PayrollFile) error {
	r, found := l.last(paidRecord, one.name)
	if !found {
		return nil
	}
	var body settled
	if err := jsonBody(r, &body); err != nil {
		return err
	}
	live, err := l.live(one.name)
	if err != nil || slices.ContainsFunc(live, func(e exported) bool { return e.PlainSum == sumOf(file.Text) }) {
		return err
	}
	if !shares(body.Lines, places) {
		return nil
	}
	return fault.Errorf(fault.You, "by the register of record %d of the evidence log payroll has paid lines of %s that this file would pay again: export the others by --currency, let a correction flow into the next period, or give the right register with `merit payout paid %s FILE`", r.Number, one.name, one.name)
}

// notExported counts the payable lines that are in no payroll file.
func (l *Ledger) notExported(one lockedPeriod) int {
	live, err := l.live(one.name)
	if err != nil {
		return 0
	}
	left := 0
	for _, place := range covered(one, "") {
		if !slices.ContainsFunc(live, func(e exported) bool { return slices.Contains(e.Entries, place) }) {
			left++
		}
	}
	return left
}

// payrollChange says that other payroll numbers or codes were used than were approved,
// and which approver answers for it.
type payrollChange struct {
	Numbers   string `json:"employees_sha256,omitempty"`
	Codes     string `json:"payroll_sha256,omitempty"`
	Layout    string `json:"own_layout_sha256,omitempty"` // that the approver answers for
	Approver  string `json:"approver,omitempty"`
	Signature string `json:"signature,omitempty"`
}

// text is what the approver signs.
func (c payrollChange) text(period string) string {
	text := "merit payout payroll 1\nperiod " + period + "\nemployees " + c.Numbers + "\ncodes " + c.Codes + "\n"
	if c.Layout != "" {
		text += "layout " + c.Layout + "\n"
	}
	return text
}

// approvedPayroll holds the payroll numbers and codes of today against those that were
// approved with the period. Others need an approver's signature: whoever can edit a
// file must not be able to send money elsewhere after the approval.
func (l *Ledger) approvedPayroll(one lockedPeriod, how Exporting) (payrollChange, error) {
	var none payrollChange
	text, there := one.frozen.Documents[settingsName]
	if !there {
		return none, nil
	}
	var approved payingSettings
	if err := json.Unmarshal(text, &approved); err != nil {
		return none, err
	}
	today := map[string][]byte{}
	if err := l.employees(today); err != nil {
		return none, err
	}
	settings, err := l.payingSettings(Build{})
	if err != nil {
		return none, err
	}
	before, err := evidence.Canonical(approved.Payroll)
	if err != nil {
		return none, err
	}
	now, err := evidence.Canonical(settings.Payroll)
	if err != nil {
		return none, err
	}
	same := bytes.Equal(before, now) && bytes.Equal(one.frozen.Documents[employeesName], today[employeesName])
	answered, err := l.layoutAnswered(how.layoutSum)
	if err != nil || same && answered {
		return none, err
	}
	change := payrollChange{Numbers: sumOf(today[employeesName]), Codes: sumOf(now), Layout: how.layoutSum}
	if how.Key == "" && !answered {
		return none, fault.Errorf(fault.You, "the layout %s (%s) is one that no approver has answered for: it says who is paid what; an approver signs for it once: --key NAME", how.Layout, short(how.layoutSum))
	}
	if how.Key == "" {
		return none, fault.Errorf(fault.You, "payroll numbers or codes are not those that were approved with %s: the employees file was %s, now it is %s; payouts.payroll was %s, now it is %s; an approver has to answer for the change: --key NAME",
			one.name, short(sumOf(one.frozen.Documents[employeesName])), short(change.Numbers), short(sumOf(before)), short(change.Codes))
	}
	return l.answerFor(change, one.name, how.Key)
}

// answerFor has an approver in force sign for a change of payroll numbers, codes or layout.
func (l *Ledger) answerFor(change payrollChange, period, keyName string) (payrollChange, error) {
	var none payrollChange
	key, err := evidence.ReadKey(l.KeyPath(keyName))
	if err != nil {
		return none, err
	}
	list, err := l.listAt(l.log.Size())
	if err != nil {
		return none, err
	}
	if !slices.Contains(list.Approvers, key.Public.Text) {
		return none, fault.Errorf(fault.You, "%s is not among the approvers in force, who alone can answer for other payroll numbers and codes: %s", fingerprint(key.Public.Text), list)
	}
	change.Approver, change.Signature = key.Public.Text, string(key.Seal(change.text(period)))
	return change, nil
}

// layoutAnswered tells whether a layout is one that ships, or whether an approver has
// signed for just this file of the company's own before.
func (l *Ledger) layoutAnswered(sum string) (bool, error) {
	if sum == "" {
		return true, nil
	}
	for _, r := range l.log.Records() {
		var body exported
		if r.Kind != exportRecord {
			continue
		}
		if err := jsonBody(r, &body); err != nil {
			return false, err
		}
		if body.payrollChange.Layout == sum {
			return true, nil
		}
	}
	return false, nil
}

// checkPayrollChanges holds each export with other payroll numbers or codes than were
// approved against the signature of an approver of that time.
func (l *Ledger) checkPayrollChanges(period string) error {
	for _, r := range l.log.Records() {
		var body exported
		if r.Kind != exportRecord || r.Period != period {
			continue
		}
		if err := jsonBody(r, &body); err != nil {
			return err
		}
		if body.Approver == "" {
			continue
		}
		list, err := l.listAt(r.Number)
		if err != nil {
			return err
		}
		key, err := evidence.ParsePublic(body.Approver)
		if err != nil {
			return err
		}
		opened, err := evidence.Open([]byte(body.Signature), key)
		if err != nil || opened.Text != body.text(period) || !slices.Contains(list.Approvers, key.Text) {
			return fault.Errorf(fault.You, "record %d of the evidence log: nobody in force answers for the payroll numbers and codes of %s", r.Number, body.File)
		}
	}
	return nil
}

package ledger

import (
	"os"
	"slices"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/pipelines/project"
)

// readDisputes reads the disputes and their answers to the last row, before anything of
// them is remembered: a mistake that was never remembered can be put right in place.
func (l *Ledger) readDisputes(f *payouts.Frozen) error {
	known, err := l.knownDisputes(f.Documents["disputes.csv"])
	if err != nil {
		return err
	}
	if f.Disputes, err = payouts.ReadDisputes(f.Documents["disputes.csv"], known); err != nil {
		return err
	}
	f.Decisions, err = payouts.ReadDecisions(f.Documents["reviews.csv"])
	return err
}

// knownDisputes counts the rows that the log knows already.
func (l *Ledger) knownDisputes(text []byte) (int, error) {
	r, found := l.last("disputes.csv", "")
	if !found {
		return 0, nil
	}
	var before payouts.Prefix
	if err := jsonBody(r, &before); err != nil {
		return 0, err
	}
	if err := before.Check(text); err != nil {
		return 0, err
	}
	rows, err := payouts.ReadDisputes(text[:before.Bytes], len(text))
	return len(rows), err
}

// rememberDisputes says of each dispute whose record it is about, refuses a new one about
// a record that there never was, and puts what was added to the append-only files into
// the log. What was changed or taken away stops the draft.
func (l *Ledger) rememberDisputes(f *payouts.Frozen) error {
	known, err := l.knownDisputes(f.Documents["disputes.csv"])
	if err != nil {
		return err
	}
	for i := range f.Disputes {
		if err := l.resolve(&f.Disputes[i], f, i >= known); err != nil {
			return err
		}
	}
	l.settle(f)
	var added []payouts.Prefix
	for _, name := range appendOnly {
		text := f.Documents[name]
		now := payouts.PrefixOf(name, text)
		var before payouts.Prefix
		if r, found := l.last(name, ""); found {
			if err := jsonBody(r, &before); err != nil {
				return err
			}
			if err := before.Check(text); err != nil {
				return err
			}
		}
		if len(text) > 0 && before != now {
			added = append(added, now)
		}
	}
	for _, prefix := range added {
		if _, err := l.log.Append(time.Now(), prefix.Name, "", prefix); err != nil {
			return err
		}
	}
	return nil
}

// resolve finds the rep and the period of a disputed evidence row of a locked period.
func (l *Ledger) resolve(d *payouts.Dispute, f *payouts.Frozen, isNew bool) error {
	if d.EvidenceID == "" {
		if d.Answers == "" && isNew {
			return l.mustBeSomebody(*d, f)
		}
		return nil
	}
	isIt := func(e payouts.Evidence) bool { return e.ID == d.EvidenceID }
	if slices.ContainsFunc(f.Evidence, isIt) || slices.ContainsFunc(f.Later, isIt) {
		return nil
	}
	for _, one := range l.locked {
		for _, rows := range [][]payouts.Evidence{one.frozen.Evidence, one.frozen.Later} {
			if at := slices.IndexFunc(rows, isIt); at >= 0 {
				d.RepID, d.Period = rows[at].RepID, rows[at].Period
				return nil
			}
		}
	}
	if !isNew {
		return nil // it was there when it was disputed
	}
	return fault.Errorf(fault.You, "disputes.csv: evidence_id %s (%s by %s) is no evidence row of %s or of a locked period: copy it from the statement, or name a deal that is missing by rep_id, period, source and record_id", d.EvidenceID, d.On, d.By, f.Heading.Period)
}

// mustBeSomebody refuses a line of nobody.
func (l *Ledger) mustBeSomebody(d payouts.Dispute, f *payouts.Frozen) error {
	isIt := func(e payouts.Entry) bool { return e.RepID == d.RepID && e.For == d.Period }
	if slices.ContainsFunc(f.Entries, isIt) || slices.ContainsFunc(l.entries(), isIt) || d.Period > f.Heading.Period {
		return nil
	}
	return fault.Errorf(fault.You, "disputes.csv: %s has no line for %s (%s by %s): rep_id and period as the statement has them", d.RepID, d.Period, d.On, d.By)
}

// settle marks the disputes that an earlier locked statement has answered.
func (l *Ledger) settle(f *payouts.Frozen) {
	for i := range f.Disputes {
		d := &f.Disputes[i]
		for _, one := range l.locked {
			for _, q := range payouts.Questions(one.frozen.Disputes, one.frozen.Decisions, one.frozen.Evidence) {
				d.IsSettled = d.IsSettled || q.ID() == d.ID() && !q.IsOpen && one.name < f.Heading.Period
			}
		}
	}
}

// Questions are all disputes of a project with their answers, as the file says today.
func (l *Ledger) Questions() ([]payouts.Question, error) {
	text, err := os.ReadFile(l.project.Path(l.project.Settings.Payouts.Disputes))
	if err != nil {
		return nil, nil //nolint:nilerr // no file is no dispute
	}
	known, err := l.knownDisputes(text)
	if err != nil {
		return nil, err
	}
	disputes, err := payouts.ReadDisputes(text, known)
	if err != nil {
		return nil, err
	}
	reviews, err := os.ReadFile(l.project.Path(l.project.Settings.Files.Reviews))
	if err != nil {
		return nil, fault.Errorf(fault.You, "read %s: %w", project.FileName, err)
	}
	stewards, err := payouts.ReadDecisions(reviews)
	if err != nil {
		return nil, err
	}
	var evidence []payouts.Evidence
	for _, one := range l.locked {
		evidence = append(append(evidence, one.frozen.Evidence...), one.frozen.Later...)
	}
	drafts, err := l.drafts()
	if err != nil {
		return nil, err
	}
	for _, name := range drafts {
		if s, err := l.draft(name); err == nil { // one that was edited says so where it is used
			evidence = append(evidence, s.frozen.Evidence...)
		}
	}
	return payouts.Questions(disputes, stewards, evidence), nil
}

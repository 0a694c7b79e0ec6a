package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
)

// Verified is what a verification looked at.
type Verified struct {
	Records int64
	Periods []VerifiedPeriod
	Draft   string // the period that was asked for, when it is a draft only
	Seal    string // the log's newest checkpoint, to be kept for the next time
}

// A VerifiedPeriod is one locked period that holds.
type VerifiedPeriod struct {
	Period    string
	Files     int
	Signers   []string
	Prints    []string // the same, each with the fingerprint of the key
	Compared  bool     // roster and evidence were held against the scores
	Remade    int      // files that were computed anew and are the same to the byte
	Proofs    int
	Adjusting []string // earlier periods whose corrections were computed anew too
}

// Verify checks the evidence log from its first byte to its last, every
// signature and every locked file; then it computes each locked period's lines and
// files again from the frozen inputs alone and compares them byte by byte. It asks
// no CRM and no warehouse. A checkpoint that was kept from an earlier time shows
// besides that the log was only added to since. Period "" is all.
func (l *Ledger) Verify(period string, kept []byte, known plan.Known) (Verified, error) {
	var v Verified
	v.Records, v.Seal = l.log.Size(), l.log.Sealed()
	if kept != nil {
		if err := verifyCheckpoint(l.log, kept, "the checkpoint that you kept"); err != nil {
			return v, err
		}
	}
	if _, isLocked := l.period(period); period != "" && !isLocked {
		s, err := l.draft(period)
		if err != nil {
			return v, err
		}
		if err := l.recompute(s, known); err != nil {
			return v, err
		}
		v.Draft = period
		return v, nil
	}
	if err := l.mustBeInForce(); err != nil {
		return v, err
	}
	for i, one := range l.locked {
		if period != "" && one.name != period {
			continue
		}
		checked, err := l.verify(one, l.locked[:i], known, l.project.Calendar.Parse)
		if err != nil {
			return v, err
		}
		v.Periods = append(v.Periods, checked)
	}
	return v, nil
}

func (l *Ledger) verify(one lockedPeriod, before []lockedPeriod, known plan.Known, quarter quarterOf) (VerifiedPeriod, error) {
	v := VerifiedPeriod{Period: one.name, Files: len(one.files)}
	keys, err := publicKeys(append([]string{one.body.Preparer}, one.body.Approvers...))
	if err != nil {
		return v, err
	}
	for _, k := range keys {
		v.Signers, v.Prints = append(v.Signers, k.Name()), append(v.Prints, fingerprint(k.Text))
	}
	if err := l.checkApprovers(one); err != nil {
		return v, err
	}
	if err := errors.Join(l.checkPayrollChanges(one.name), l.checkPaid(one.name)); err != nil {
		return v, err
	}
	if err := l.sameFiles(one, before, known, quarter, &v); err != nil {
		return v, err
	}
	v.Proofs, err = l.verifyProofs(one)
	return v, err
}

// sameFiles computes a period again, from the roster to the files, and compares each
// step with what was signed.
func (l *Ledger) sameFiles(one lockedPeriod, before []lockedPeriod, known plan.Known, quarter quarterOf, v *VerifiedPeriod) error {
	remade, adjusting, err := l.reperform(one, before, known, quarter)
	if err != nil {
		return fault.Errorf(fault.You, "%s recomputed: %w", one.name, err)
	}
	v.Adjusting = adjusting
	if v.Compared, err = l.compareInputs(one, known, quarter); err != nil {
		return fault.Errorf(fault.You, "%s recomputed: %w", one.name, err)
	}
	for _, name := range slices.Sorted(maps.Keys(remade)) {
		if _, there := one.files[name]; !there && strings.HasPrefix(name, payouts.ReviewName) {
			continue // locked before there was the page: its manifest says so
		}
		if !bytes.Equal(remade[name], one.files[name]) {
			return fault.Errorf(fault.You, "%s: %s was recomputed from the frozen inputs and is not the file that was signed", one.name, name)
		}
		v.Remade++
	}
	return nil
}

// recompute does for a draft what verify does for a locked period: nobody approves or
// locks amounts that its own inputs do not give, whoever wrote and signed them.
func (l *Ledger) recompute(s signed, known plan.Known) error {
	draft := lockedPeriod{name: s.frozen.Heading.Period, number: l.log.Size(), files: s.files, frozen: s.frozen}
	if _, there := s.frozen.Documents[settingsName]; !there {
		return fault.Errorf(fault.You, "the draft of %s has no inputs/%s, so that roster and evidence can't be compared; make the draft again", draft.name, settingsName)
	}
	if _, there := s.files[payouts.ReviewName]; !there {
		return fault.Errorf(fault.You, "the draft of %s has no %s, which approvers have to see; make the draft again", draft.name, payouts.ReviewName)
	}
	if err := l.sameNotices(s.frozen); err != nil {
		return err
	}
	var v VerifiedPeriod
	return l.sameFiles(draft, l.locked, known, l.project.Calendar.Parse, &v)
}

func (l *Ledger) verifyProofs(one lockedPeriod) (int, error) {
	public, _ := l.log.Public()
	checked := 0
	for i, e := range one.frozen.Entries {
		path := l.path(one.name, "proofs", payouts.ProofName(e, i))
		text, err := os.ReadFile(path)
		if err != nil { // handed on
			continue
		}
		if _, err := evidence.CheckProof(text, public); err != nil {
			return checked, fault.Errorf(fault.You, "%s: %w", path, err)
		}
		checked++
	}
	return checked, nil
}

// reperform computes a locked period again: its lines from the frozen standings and
// the frozen plan, what it adjusts from the earlier locked periods, and every file.
func (l *Ledger) reperform(one lockedPeriod, before []lockedPeriod, known plan.Known, quarter quarterOf) (map[string][]byte, []string, error) {
	f := one.frozen
	rules, err := plan.Parse("plan.yml", f.Documents["plan.yml"], known)
	if err != nil {
		return nil, nil, fmt.Errorf("the frozen plan: %w", err)
	}
	entries, err := recomputeLines(f, one.name, rules, quarter)
	if err != nil {
		return nil, nil, err
	}
	past := &Ledger{locked: before}
	var adjusted []string
	for _, earlier := range before {
		if !slices.ContainsFunc(f.Standings, func(s payouts.Standing) bool { return s.Period == earlier.name }) {
			continue
		}
		closed := payouts.Closed{Period: earlier.name, Paid: past.paidFor(earlier.name), Differences: differencesOf(f.Differences, earlier.name)}
		if closed.Held, err = l.heldCauses(ruleChangeOf(earlier, f.Standings), one.number); err != nil {
			return nil, nil, err
		}
		if closed.Truth, err = recomputeLines(f, earlier.name, rules, quarter); err != nil {
			return nil, nil, err
		}
		entries = append(entries, payouts.Adjustments(one.name, closed)...)
		adjusted = append(adjusted, earlier.name)
	}
	if f.Balances, entries, err = l.recovered(one, past, rules, quarter, entries, len(adjusted) > 0); err != nil {
		return nil, nil, err
	}
	payouts.SaltEntries(entries, f.Heading.Salt)
	f.Entries = entries
	files, err := f.Files()
	return payouts.WithSums(files), adjusted, err
}

// recovered books and recovers again what the period's plan says, in a period that
// carries corrections of earlier ones.
func (l *Ledger) recovered(one lockedPeriod, past *Ledger, rules *plan.Plan, quarter quarterOf, entries []payouts.Entry, carries bool) ([]payouts.Balance, []payouts.Entry, error) {
	if !carries {
		return nil, entries, nil
	}
	q, err := quarter(one.name)
	if err != nil {
		return nil, nil, err
	}
	version, ok := rules.For(q)
	if !ok {
		return nil, nil, fmt.Errorf("no version of the frozen plan is in force in %s", one.name)
	}
	entries, balances, err := payouts.Recover(one.name, entries, payouts.Owed(past.entries()), PayRules(version).Recovery)
	return balances, entries, err
}

// recomputeLines computes a period's own lines from the frozen standings.
func recomputeLines(f payouts.Frozen, period string, rules *plan.Plan, quarter quarterOf) ([]payouts.Entry, error) {
	q, err := quarter(period)
	if err != nil {
		return nil, err
	}
	version, ok := rules.For(q)
	if !ok {
		return nil, fmt.Errorf("no version of the frozen plan is in force in %s", period)
	}
	var standings []payouts.Standing
	for _, s := range f.Standings {
		if s.Period == period {
			standings = append(standings, s)
		}
	}
	lines, err := payouts.Lines(standings, PayRules(version))
	if err != nil {
		return nil, err
	}
	entries := payouts.Entries(lines)
	PayRules(version).Hold(entries, f.Flags)
	return entries, nil
}

func differencesOf(differences []payouts.Difference, period string) []payouts.Difference {
	var own []payouts.Difference
	for _, d := range differences {
		if d.Period == period {
			own = append(own, d)
		}
	}
	return own
}

// CheckProof checks the proof of one line with the log's public key alone: offline,
// without a project. The key is its text or its file.
func CheckProof(proofPath, key string) (evidence.Proven, error) {
	var public evidence.Public
	var err error
	if strings.Contains(key, "+") {
		public, err = evidence.ParsePublic(key)
	} else {
		public, err = evidence.ReadPublic(key)
	}
	if err != nil {
		return evidence.Proven{}, err
	}
	text, err := os.ReadFile(proofPath)
	if err != nil {
		return evidence.Proven{}, fault.Errorf(fault.You, "read the proof: %w", err)
	}
	proven, err := evidence.CheckProof(text, public)
	if err != nil {
		return proven, fault.Errorf(fault.You, "%s proves nothing: %w", proofPath, err)
	}
	if proven.Record.Kind != lockRecord {
		return proven, fault.Errorf(fault.You, "%s proves nothing: record %d is a %s, not a lock", proofPath, proven.Record.Number, proven.Record.Kind)
	}
	return proven, nil
}

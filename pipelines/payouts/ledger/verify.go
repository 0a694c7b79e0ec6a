package ledger

import (
	"bytes"
	"fmt"
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
		if _, err := l.draft(period); err != nil {
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
	if err := l.checkPayrollChanges(one.name); err != nil {
		return v, err
	}
	remade, adjusting, err := l.reperform(one, before, known, quarter)
	if err != nil {
		return v, fmt.Errorf("%s computed anew: %w", one.name, err)
	}
	v.Adjusting = adjusting
	if v.Compared, err = l.compareInputs(one, known, quarter); err != nil {
		return v, fault.Errorf(fault.You, "%s computed anew: %w", one.name, err)
	}
	for name, text := range remade {
		if !bytes.Equal(text, one.files[name]) {
			return v, fault.Errorf(fault.You, "%s: %s was computed anew from the frozen inputs and is not the file that was locked", one.name, name)
		}
		v.Remade++
	}
	v.Proofs, err = l.verifyProofs(one)
	return v, err
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
	payouts.SaltEntries(entries, f.Heading.Salt)
	f.Entries = entries
	files, err := f.Files()
	return payouts.WithSums(files), adjusted, err
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
	payouts.Hold(entries, f.Flags)
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

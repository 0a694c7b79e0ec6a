package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/project"
)

// signed is a draft as it lies there, held against the log's record of it.
type signed struct {
	files    map[string][]byte
	frozen   payouts.Frozen
	sealed   []byte // the manifest with its signatures
	text     string
	sum      string // of the text
	preparer evidence.Public
}

// draft reads a period's draft, of which every file must be as the preparer signed it.
func (l *Ledger) draft(period string) (signed, error) {
	var s signed
	if err := l.mustBePeriod(period); err != nil {
		return s, err
	}
	if _, isLocked := l.period(period); isLocked {
		return s, fault.Errorf(fault.You, "%s is locked and never changes", period)
	}
	if err := l.abandonLock(period); err != nil {
		return s, err
	}
	folder := l.path(period, "draft")
	record, found := l.last(draftRecord, period)
	if !found {
		return s, fault.Errorf(fault.You, "there is no draft of %s; `merit payout draft %s` makes one", period, period)
	}
	var body drafted
	if err := jsonBody(record, &body); err != nil {
		return s, err
	}
	var err error
	if s.files, err = payouts.ReadFolder(folder); err != nil {
		return s, fault.Errorf(fault.You, "read the draft: %w", err)
	}
	if s.preparer, err = evidence.ParsePublic(body.Preparer); err != nil {
		return s, err
	}
	s.sealed = s.files[payouts.ManifestName]
	changed := func(err error) error {
		return fault.Errorf(fault.You, "%s is not the draft that was signed: %w; make the draft again", folder, err)
	}
	opened, err := evidence.Open(s.sealed, s.preparer)
	if err != nil {
		return s, changed(fmt.Errorf("%s: %w", payouts.ManifestName, err))
	}
	s.text, s.sum = opened.Text, sumOf([]byte(opened.Text))
	if s.sum != body.Manifest {
		return s, changed(errors.New("the evidence log knows another one as the last"))
	}
	if err := payouts.CheckManifest(s.text, period, s.files); err != nil {
		return s, changed(err)
	}
	s.frozen, err = payouts.ReadFrozen(s.files)
	return s, err
}

// An Approval is what an approver has signed.
type Approval struct {
	Approver string
	Manifest string
	Totals   []string
	Notices  []payouts.Notice // what the approver should have looked at
	Given    int              // approvals of this very draft, this one counted
	Needed   int
}

// Approve signs a period's draft with an approver's key. Nobody approves what
// the same key has prepared.
func (l *Ledger) Approve(period, keyName string, known plan.Known) (Approval, error) {
	var a Approval
	s, err := l.draft(period)
	if err != nil {
		return a, err
	}
	if err := l.recompute(s, known); err != nil {
		return a, err
	}
	key, err := evidence.ReadKey(l.KeyPath(keyName))
	if err != nil {
		return a, err
	}
	if err := l.mayApprove(key.Public, s); err != nil {
		return a, err
	}
	if err := l.mustBeInForce(); err != nil {
		return a, err
	}
	if err := l.draftedInForce(s); err != nil {
		return a, err
	}
	if err := l.putInForce(); err != nil {
		return a, err
	}
	given, err := l.approvals(period, s)
	if err != nil {
		return a, err
	}
	a = Approval{Approver: key.Public.Name(), Manifest: s.sum, Totals: totalsOf(s.frozen.Entries), Notices: s.frozen.Notices, Given: len(given), Needed: l.project.Settings.Payouts.Approvals}
	for _, one := range given {
		if one.IsSame(key.Public) {
			return a, nil
		}
	}
	a.Given++
	signature := strings.TrimPrefix(string(key.Seal(s.text)), s.text+"\n")
	_, err = l.log.Append(time.Now(), approvalRecord, period, approved{
		Manifest: s.sum, Approver: key.Public.Text, Signature: signature, Bound: string(key.Seal(boundText(approvalRecord, period, s.sum, l.log.Size()))),
	})
	return a, err
}

// mayApprove refuses whoever prepared any draft of the period, by whatever name, and
// whom merit.yml does not name.
func (l *Ledger) mayApprove(key evidence.Public, s signed) error {
	for _, r := range l.log.Records() {
		if r.Kind != draftRecord || r.Period != s.frozen.Heading.Period {
			continue
		}
		var body drafted
		if err := jsonBody(r, &body); err != nil {
			return err
		}
		preparer, err := evidence.ParsePublic(body.Preparer)
		if err != nil {
			return err
		}
		if preparer.IsSame(key) {
			return fault.Errorf(fault.You, "%s prepared a draft of %s (record %d of the evidence log) and can't approve it: somebody else's key has to", key.Name(), r.Period, r.Number)
		}
	}
	approvers, err := l.approvers()
	if err != nil {
		return err
	}
	for _, a := range approvers {
		if a.IsSame(key) {
			return nil
		}
	}
	if len(approvers) == 0 {
		return fault.Errorf(fault.You, "%s names no approvers: write their public keys under payouts.approvers", project.FileName)
	}
	return fault.Errorf(fault.You, "the key %s is not among payouts.approvers of merit.yml; add its public half there: %s", key.Name(), key.Text)
}

// approvals are the distinct approvers whose good signatures the log holds for this
// very draft, given since it was made and not withdrawn, and who may approve by
// today's settings.
func (l *Ledger) approvals(period string, s signed) ([]evidence.Public, error) {
	var given []evidence.Public
	drafted, _ := l.last(draftRecord, period)
	for _, r := range l.log.Records() {
		if r.Period != period || r.Number < drafted.Number || r.Kind != approvalRecord && r.Kind != withdrawalRecord {
			continue
		}
		var body approved
		if err := jsonBody(r, &body); err != nil {
			return nil, err
		}
		if body.Manifest != s.sum {
			continue
		}
		key, err := evidence.ParsePublic(body.Approver)
		if err != nil {
			return nil, err
		}
		text := s.text
		if r.Kind == withdrawalRecord {
			text = withdrawn + text
		}
		if _, err := evidence.Open([]byte(text+"\n"+body.Signature), key); err != nil {
			return nil, fault.Errorf(fault.You, "the %s in record %d of the evidence log is not signed by %s, whom it names: somebody else wrote it; draft again, and have the new draft approved: %w", r.Kind, r.Number, key.Name(), err)
		}
		if !body.isBound(r, key) {
			continue
		}
		given = slices.DeleteFunc(given, key.IsSame)
		if r.Kind == approvalRecord && l.mayApprove(key, s) == nil {
			given = append(given, key)
		}
	}
	return given, nil
}

// withdrawn stands before the text of a draft of which an approval is taken back.
const withdrawn = "withdrawn\n"

// Withdraw takes an approver's approval of a draft back.
func (l *Ledger) Withdraw(period, keyName string) (Approval, error) {
	var a Approval
	s, err := l.draft(period)
	if err != nil {
		return a, err
	}
	key, err := evidence.ReadKey(l.KeyPath(keyName))
	if err != nil {
		return a, err
	}
	given, err := l.approvals(period, s)
	if err != nil {
		return a, err
	}
	if !slices.ContainsFunc(given, key.Public.IsSame) {
		return a, fault.Errorf(fault.You, "%s has not approved this draft of %s: there is nothing to withdraw", key.Public.Name(), period)
	}
	signature := strings.TrimPrefix(string(key.Seal(withdrawn+s.text)), withdrawn+s.text+"\n")
	_, err = l.log.Append(time.Now(), withdrawalRecord, period, approved{
		Manifest: s.sum, Approver: key.Public.Text, Signature: signature, Bound: string(key.Seal(boundText(withdrawalRecord, period, s.sum, l.log.Size()))),
	})
	return Approval{Approver: key.Public.Name(), Manifest: s.sum, Given: len(given) - 1, Needed: l.project.Settings.Payouts.Approvals}, err
}

// A Locked period is what a lock came to.
type Locked struct {
	Folder    string
	Approvers []string
	Totals    []string
	Proofs    string // folder with a proof for each rep
}

// Lock freezes a period: what was drafted and approved, to the byte.
func (l *Ledger) Lock(period string, known plan.Known) (Locked, error) {
	var done Locked
	s, err := l.draft(period)
	if err != nil {
		return done, err
	}
	if err := l.recompute(s, known); err != nil {
		return done, err
	}
	approvers, err := l.mayLock(period, s)
	if err != nil {
		return done, err
	}
	body, err := l.cosign(period, s, approvers)
	if err != nil {
		return done, err
	}
	part, folder := l.path(period, lockedPart), l.path(period, "locked")
	if err := os.Rename(l.path(period, "draft"), part); err != nil {
		return done, err
	}
	record, err := l.log.Append(time.Now(), lockRecord, period, body)
	if err != nil {
		return done, err
	}
	if err := errors.Join(os.Rename(part, folder), readOnly(folder)); err != nil {
		return done, err
	}
	one, err := l.openLocked(record)
	if err != nil {
		return done, err
	}
	l.locked = append(l.locked, one)
	done = Locked{Folder: folder, Totals: totalsOf(one.frozen.Entries), Proofs: l.path(period, "proofs")}
	for _, a := range approvers {
		done.Approvers = append(done.Approvers, a.Name())
	}
	return done, l.handOut(one)
}

// mayLock holds the period against everything that has to be true first.
func (l *Ledger) mayLock(period string, s signed) ([]evidence.Public, error) {
	open, err := l.open()
	if err != nil {
		return nil, err
	}
	if open != "" && open != period {
		return nil, fault.Errorf(fault.You, "periods are locked in their order: the next is %s, not %s", open, period)
	}
	quarter, err := l.project.Calendar.Parse(period)
	if err != nil {
		return nil, err
	}
	asOf, err := time.Parse(time.RFC3339, s.frozen.Heading.AsOf)
	if err != nil {
		return nil, err
	}
	if asOf.Before(quarter.EndsOn) {
		return nil, fault.Errorf(fault.You, "%s was not over when the draft's tables were built (as of %s): build and draft again after %s", period, s.frozen.Heading.AsOf, s.frozen.Heading.EndsOn)
	}
	if now := time.Now(); now.Before(quarter.EndsOn) {
		return nil, fault.Errorf(fault.You, "%s is not over by this machine's clock, which says %s: lock it after %s", period, now.UTC().Format(time.RFC3339), s.frozen.Heading.EndsOn)
	}
	if differing := payouts.Unexplained(s.frozen.Controls); len(differing) > 0 {
		c := differing[0]
		return nil, fault.Errorf(fault.You, "%d control totals differ without an explanation, the first: %s, %s %s: %s; see control_totals.csv of the draft", len(differing), c.Name, c.Source, c.Item, c.Difference)
	}
	given, err := l.approvals(period, s)
	if err != nil {
		return nil, err
	}
	if needed := max(l.project.Settings.Payouts.Approvals, 1); len(given) < needed {
		return nil, fault.Errorf(fault.You, "%d of %d approvals of this draft of %s are there; `merit payout approve %s --key NAME` gives one (an approval holds for the very draft that was signed)", len(given), needed, period, period)
	}
	if err := l.mustBeInForce(); err != nil {
		return nil, err
	}
	return given, l.draftedInForce(s)
}

// cosign puts the approvers' signatures under the draft's manifest, and says what
// the log is to remember of it.
func (l *Ledger) cosign(period string, s signed, approvers []evidence.Public) (locked, error) {
	body := locked{Manifest: s.sum, Preparer: s.preparer.Text, Needed: max(l.project.Settings.Payouts.Approvals, 1)}
	sealed := s.sealed
	for _, r := range l.log.Records() {
		var a approved
		if r.Kind != approvalRecord || r.Period != period || jsonBody(r, &a) != nil || a.Manifest != s.sum {
			continue
		}
		for _, key := range approvers {
			if key.Text == a.Approver && !slices.Contains(body.Approvers, key.Text) { // one signature each, however often it was given
				sealed = append(sealed, a.Signature...)
				body.Approvers = append(body.Approvers, key.Text)
			}
		}
	}
	body.Sealed = sumOf(sealed)
	if _, err := body.open(sealed); err != nil {
		return body, fmt.Errorf("the signed manifest of %s: %w", period, err)
	}
	leaves, err := payouts.Leaves(s.files)
	if err != nil {
		return body, err
	}
	body.Count = int64(len(s.frozen.Entries))
	if body.Root, err = leaves.Root(); err != nil {
		return body, err
	}
	return body, payouts.Replace(l.path(period, "draft", payouts.ManifestName), sealed)
}

// readOnly takes the right to write from a locked folder's files: not a guard, which
// the signatures are, but a hint to whoever opens one in an editor.
func readOnly(folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o400)
	})
}

// handOut writes what others keep: the log's checkpoint, and for each rep a proof
// of the own lines.
func (l *Ledger) handOut(one lockedPeriod) error {
	leaves, err := payouts.Leaves(one.files)
	if err != nil {
		return err
	}
	for i, e := range one.frozen.Entries {
		proof, err := l.log.Prove(leaves, int64(i), one.number)
		if err != nil {
			return err
		}
		if err := payouts.Replace(l.path(one.name, "proofs", payouts.ProofName(e, i)), proof); err != nil {
			return err
		}
	}
	return payouts.Replace(l.path(one.name, "checkpoint.txt"), []byte(l.log.Sealed()))
}

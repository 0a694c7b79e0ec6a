package ledger

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
)

// A Period is a locked period or a draft, as its preparer and approvers signed it.
type Period struct {
	Frozen    payouts.Frozen
	IsLocked  bool
	Manifest  string // SHA-256 of the text that was signed
	Needed    int    // approvals
	Preparer  Signature
	Approvals []Signature
	Awaited   []evidence.Public // approvers who have not signed
}

// A Signature is by whom and when, by the evidence log.
type Signature struct {
	Key evidence.Public
	At  time.Time
}

// Periods are all that are locked or drafted, each held against its signatures.
func (l *Ledger) Periods() ([]Period, error) {
	var all []Period
	for _, one := range l.locked {
		keys, err := publicKeys(append([]string{one.body.Preparer}, one.body.Approvers...))
		if err != nil {
			return nil, err
		}
		p := Period{Frozen: one.frozen, IsLocked: true, Manifest: one.body.Manifest, Needed: one.body.Needed}
		p.Preparer, p.Approvals = l.signed(one.name, one.body.Manifest, keys[0], keys[1:])
		all = append(all, p)
	}
	names, err := l.drafts()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		p, err := l.draftedPeriod(name)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Period) int { return strings.Compare(a.Frozen.Heading.Period, b.Frozen.Heading.Period) })
	return all, nil
}

func (l *Ledger) draftedPeriod(name string) (Period, error) {
	s, err := l.draft(name)
	if err != nil {
		return Period{}, err
	}
	given, err := l.approvals(name, s)
	if err != nil {
		return Period{}, err
	}
	approvers, err := l.approvers()
	if err != nil {
		return Period{}, err
	}
	p := Period{Frozen: s.frozen, Manifest: s.sum, Needed: l.project.Settings.Payouts.Approvals}
	p.Preparer, p.Approvals = l.signed(name, s.sum, s.preparer, given)
	for _, key := range approvers {
		if !slices.ContainsFunc(given, key.IsSame) {
			p.Awaited = append(p.Awaited, key)
		}
	}
	return p, nil
}

// drafts are the periods that have a draft and no lock.
func (l *Ledger) drafts() ([]string, error) {
	entries, err := os.ReadDir(l.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "read %s: %w", l.folder, err)
	}
	var periods []string
	for _, e := range entries {
		if _, isLocked := l.period(e.Name()); isLocked || l.mustBePeriod(e.Name()) != nil {
			continue
		}
		if _, drafted := l.last(draftRecord, e.Name()); !drafted {
			continue
		}
		if _, err := os.Stat(l.path(e.Name(), "draft")); err == nil {
			periods = append(periods, e.Name())
		}
	}
	return periods, nil
}

// signed finds in the log when a manifest was signed by its preparer and approvers.
func (l *Ledger) signed(period, manifest string, preparer evidence.Public, approvers []evidence.Public) (Signature, []Signature) {
	first, others := Signature{Key: preparer}, []Signature{}
	at := func(kind string, key evidence.Public) (when time.Time) {
		for _, r := range l.log.Records() {
			body := string(r.Body)
			if r.Kind == kind && r.Period == period && strings.Contains(body, manifest) && strings.Contains(body, key.Text) {
				if parsed, err := time.Parse(time.RFC3339, r.At); err == nil {
					when = parsed
				}
			}
		}
		return when
	}
	first.At = at(draftRecord, preparer)
	for _, key := range approvers {
		others = append(others, Signature{Key: key, At: at(approvalRecord, key)})
	}
	return first, others
}

// Fingerprint is what people compare of a key: 64 bits of its hash, since two keys can
// bear one name.
func Fingerprint(key evidence.Public) string { return sumOf([]byte(key.Text))[:16] }

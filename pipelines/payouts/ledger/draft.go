package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
)

// A Draft is what a payout draft came to.
type Draft struct {
	Folder   string
	Entries  []payouts.Entry
	Manifest string // SHA-256 of the text that approvers sign
	Preparer string
	IsOver   bool     // the period is over as of the last build
	Notes    []string // what somebody should look at before they approve
}

// Draft computes every line of a period from the tables of the last build,
// adds what locked periods turned out to be off, and writes the draft's files,
// signed by the preparer. It can be made again until the period is locked; one
// with other bytes needs its approvals anew.
func (l *Ledger) Draft(ctx context.Context, from Built, period, keyName string) (Draft, error) {
	var d Draft
	if err := l.mustBePeriod(period); err != nil {
		return d, err
	}
	if _, isLocked := l.period(period); isLocked {
		open, err := l.open()
		return d, errors.Join(err, fault.Errorf(fault.You, "%s is locked and never changes; what its records say by now flows into %s (`merit payout restate %s` shows it)", period, open, period))
	}
	if err := l.abandonLock(period); err != nil {
		return d, err
	}
	key, err := l.preparer(keyName)
	if err != nil {
		return d, err
	}
	b, err := from(ctx)
	if err != nil {
		return d, err
	}
	frozen, isOver, err := l.freeze(ctx, b, period, key)
	if err != nil {
		return d, err
	}
	files, err := frozen.Files()
	if err != nil {
		return d, err
	}
	text := payouts.ManifestText(period, frozen.Heading.AsOf, frozen.Heading.PlanVersion+" "+frozen.Heading.PlanHash, payouts.WithSums(files))
	files[payouts.ManifestName] = key.Seal(text)
	d = Draft{Folder: l.path(period, "draft"), Entries: frozen.Entries, Manifest: sumOf([]byte(text)), Preparer: key.Public.Name(), IsOver: isOver, Notes: b.Notes}
	if err := os.MkdirAll(l.path(period), 0o700); err != nil {
		return d, fault.Errorf(fault.You, "make %s: %w", l.path(period), err)
	}
	if err := payouts.Write(d.Folder, files); err != nil {
		return d, err
	}
	return d, l.rememberDraft(period, drafted{
		Manifest: d.Manifest, Preparer: key.Public.Text, AsOf: frozen.Heading.AsOf, PlanHash: frozen.Heading.PlanHash, Totals: totalsOf(frozen.Entries),
	})
}

// rememberDraft adds a record unless the very same draft was the last one.
func (l *Ledger) rememberDraft(period string, body drafted) error {
	if r, found := l.last(draftRecord, period); found {
		var before drafted
		if err := json.Unmarshal(r.Body, &before); err != nil {
			return fmt.Errorf("record %d: %w", r.Number, err)
		}
		if before.Manifest == body.Manifest && before.Preparer == body.Preparer {
			return nil
		}
	}
	_, err := l.log.Append(time.Now(), draftRecord, period, body)
	return err
}

// preparer is the key that signs drafts; the one of the settings is made when it
// is needed for the first time.
func (l *Ledger) preparer(name string) (evidence.Key, error) {
	if name != "" {
		return evidence.ReadKey(l.KeyPath(name))
	}
	name = l.project.Settings.Payouts.Preparer
	path := l.KeyPath(name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && path == l.KeyPath("preparer") {
		return evidence.NewKey(l.project.Path("keys"), "preparer")
	}
	return evidence.ReadKey(path)
}

// abandonLock gives back a draft that a crash left on its way to being locked.
func (l *Ledger) abandonLock(period string) error {
	part := l.path(period, lockedPart)
	if _, err := os.Stat(part); err != nil {
		return nil
	}
	return errors.Join(os.RemoveAll(l.path(period, "draft")), os.Rename(part, l.path(period, "draft")))
}

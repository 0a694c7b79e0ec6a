// Package ledger is the life of payout periods: draft, approve, lock, export, restate,
// verify. Each step is a record of the evidence log, and begins with a look at every
// locked file.
package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/project"
)

// The kinds of records that a period's life leaves in the evidence log.
const (
	draftRecord      = "draft"
	withdrawalRecord = "withdrawal"
	approvalRecord   = "approval"
	lockRecord       = "lock"
	exportRecord     = "export"
	restateRecord    = "restatement"
)

// drafted is the body of a draft's record.
type drafted struct {
	Manifest string   `json:"manifest_sha256"` // of the manifest's text, which preparer and approvers sign
	Preparer string   `json:"preparer"`        // public key
	AsOf     string   `json:"as_of"`
	PlanHash string   `json:"plan_sha256"`
	Totals   []string `json:"totals"`
}

// approved is the body of an approval's record.
type approved struct {
	Manifest  string `json:"manifest_sha256"`
	Approver  string `json:"approver"`        // public key
	Signature string `json:"signature"`       // the signature's line under the manifest's text
	Bound     string `json:"bound_signature"` // a second one, under a text that names this very record
}

// boundText is what an approver signs besides the manifest. It names the record, so that
// an approval that was given once, or taken back, can't be put into the log again.
func boundText(kind, period, manifest string, record int64) string {
	return fmt.Sprintf("merit payout %s 1\nperiod %s\nmanifest %s\nrecord %d\n", kind, period, manifest, record)
}

// isBound tells whether an approval or a withdrawal was given as this very record.
func (a approved) isBound(r evidence.Record, key evidence.Public) bool {
	opened, err := evidence.Open([]byte(a.Bound), key)
	return err == nil && opened.Text == boundText(r.Kind, r.Period, a.Manifest, r.Number)
}

// locked is the body of a lock's record.
type locked struct {
	Manifest  string   `json:"manifest_sha256"`
	Sealed    string   `json:"manifest_file_sha256"` // with all signatures
	Preparer  string   `json:"preparer"`
	Approvers []string `json:"approvers"`
	Needed    int      `json:"approvals_needed"`
	evidence.Lines
}

// exported is the body of an export's record.
type exported struct {
	Layout    string   `json:"layout"`
	File      string   `json:"file"`
	Sum       string   `json:"sha256"` // of the file as it was written
	PlainSum  string   `json:"plain_sha256"`
	Lines     int64    `json:"lines"`
	Totals    []string `json:"totals"`
	Encrypted bool     `json:"is_encrypted"`
	Entries   []int    `json:"lines_of_the_locked_file,omitempty"` // by their place in lines.jsonl
	Batch     int64    `json:"batch,omitempty"`                    // the log's size before: files that were written together
	Again     string   `json:"again,omitempty"`                    // why they were exported again
	LayoutSum string   `json:"layout_sha256,omitempty"`            // of a layout of the company's own
	Template  string   `json:"template_sha256,omitempty"`          // of the payroll system's template that was filled
	payrollChange
}

// A Ledger is the life of all payout periods as the evidence log tells it, with
// every locked file held against what was signed. Each payout command begins with
// one, so a locked file that was touched stops whatever comes next.
type Ledger struct {
	project *project.Project
	log     *evidence.Log
	folder  string
	locked  []lockedPeriod // in the order in which they were locked
}

type lockedPeriod struct {
	name   string
	number int64 // of the lock's record
	body   locked
	files  map[string][]byte
	frozen payouts.Frozen
}

// Open reads the log and holds every locked file against it.
func Open(p *project.Project) (*Ledger, error) {
	l := &Ledger{project: p, folder: p.Path(p.Settings.Files.Payouts)}
	var err error
	if l.log, err = evidence.OpenLog(p.Dir); err != nil {
		return nil, err
	}
	for _, r := range l.log.Records() {
		if r.Kind != lockRecord {
			continue
		}
		one, err := l.openLocked(r)
		if err != nil {
			return nil, err
		}
		l.locked = append(l.locked, one)
	}
	return l, l.checkExports()
}

// Log is the evidence log that the ledger was read from.
func (l *Ledger) Log() *evidence.Log { return l.log }

func (l *Ledger) path(period string, names ...string) string {
	return filepath.Join(append([]string{l.folder, period}, names...)...)
}

// mustBePeriod comes before a name becomes a folder's.
func (l *Ledger) mustBePeriod(period string) error {
	if _, err := l.project.Calendar.Parse(period); err != nil {
		return fault.Error{Who: fault.You, Err: err}
	}
	return nil
}

// lockedPart is a locked folder that is not acknowledged yet.
const lockedPart = "locked.part"

// openLocked reads a locked period and holds every file against the manifest that
// was signed, and the manifest against the log.
func (l *Ledger) openLocked(r evidence.Record) (lockedPeriod, error) {
	one := lockedPeriod{name: r.Period, number: r.Number}
	if err := json.Unmarshal(r.Body, &one.body); err != nil {
		return one, fmt.Errorf("record %d: %w", r.Number, err)
	}
	folder := l.path(r.Period, "locked")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) { // a crash between the record and the folder's last name
		if _, err := os.Stat(l.path(r.Period, lockedPart)); err == nil {
			if err := os.Rename(l.path(r.Period, lockedPart), folder); err != nil {
				return one, err
			}
		}
	}
	refused := func(err error) error {
		return fault.Errorf(fault.You, "%s is locked, and %s is not what was signed: %w; put the files back as they were, from a backup: nothing else is done until then", r.Period, folder, err)
	}
	var err error
	if one.files, err = payouts.ReadFolder(folder); err != nil {
		return one, refused(err)
	}
	sealed := one.files[payouts.ManifestName]
	if sumOf(sealed) != one.body.Sealed {
		return one, refused(fmt.Errorf("%s was changed", payouts.ManifestName))
	}
	opened, err := one.body.open(sealed)
	if err != nil {
		return one, refused(err)
	}
	if err := payouts.CheckManifest(opened.Text, r.Period, one.files); err != nil {
		return one, refused(err)
	}
	if one.frozen, err = payouts.ReadFrozen(one.files); err != nil {
		return one, refused(err)
	}
	return one, l.checkWitness(r.Period)
}

// open checks the manifest's signatures: the preparer's and every approver's.
func (b locked) open(sealed []byte) (evidence.Sealed, error) {
	keys, err := publicKeys(append([]string{b.Preparer}, b.Approvers...))
	if err != nil {
		return evidence.Sealed{}, err
	}
	opened, err := evidence.Open(sealed, keys...)
	if err == nil && len(opened.Signers) != len(keys) {
		err = fmt.Errorf("%d signatures are on the manifest, %d were", len(opened.Signers), len(keys))
	}
	return opened, err
}

func publicKeys(texts []string) ([]evidence.Public, error) {
	var keys []evidence.Public
	for _, text := range texts {
		key, err := evidence.ParsePublic(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// checkWitness holds the log against the checkpoint that was handed out with a
// lock: a log that was cut back with its own head is found here.
func (l *Ledger) checkWitness(period string) error {
	path := l.path(period, "checkpoint.txt")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) { // a crash came before it; the export writes it again
		return nil
	}
	if err != nil {
		return fault.Errorf(fault.You, "read %s: %w", path, err)
	}
	return verifyCheckpoint(l.log, text, path)
}

// verifyCheckpoint shows that the log still begins as a checkpoint says.
func verifyCheckpoint(log *evidence.Log, sealed []byte, from string) error {
	public, ok := log.Public()
	if !ok {
		return fault.Errorf(fault.You, "%s speaks of an evidence log that is not there", from)
	}
	checkpoint, err := evidence.ParseCheckpoint(sealed, public)
	if err != nil {
		return fault.Errorf(fault.You, "%s is not a checkpoint of this evidence log: %w", from, err)
	}
	if err := log.Holds(checkpoint); err != nil {
		return fault.Errorf(fault.You, "the evidence log is not the one that %s was made from: %w", from, err)
	}
	return nil
}

// checkExports finds an exported file that was changed; one that was moved away, to
// the payroll system, is nobody's business. A file that was exported again is what
// its newest record says: earlier ones of the same name are superseded.
func (l *Ledger) checkExports() error {
	newest := map[string]evidence.Record{}
	for _, r := range l.log.Records() {
		if r.Kind != exportRecord {
			continue
		}
		var body exported
		if err := jsonBody(r, &body); err != nil {
			return err
		}
		newest[r.Period+"/"+body.File] = r
	}
	for _, name := range slices.Sorted(maps.Keys(newest)) {
		if err := l.checkExport(newest[name]); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) checkExport(r evidence.Record) error {
	var body exported
	if err := jsonBody(r, &body); err != nil {
		return err
	}
	if body.Encrypted || !filepath.IsLocal(body.File) { // encryption differs each time, and guards itself
		return nil
	}
	path := l.path(r.Period, "export", body.File)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Errorf(fault.You, "read %s: %w", path, err)
	}
	if sumOf(text) != body.Sum {
		return fault.Errorf(fault.You, "%s is not what was exported: put it back, or take it away and export again", path)
	}
	return nil
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// period finds a locked period.
func (l *Ledger) period(name string) (lockedPeriod, bool) {
	for _, one := range l.locked {
		if one.name == name {
			return one, true
		}
	}
	return lockedPeriod{}, false
}

// IsLocked tells whether a period was locked; the files are checked on the way.
func IsLocked(p *project.Project, period string) (bool, error) {
	l, err := Open(p)
	if err != nil {
		return false, err
	}
	_, isLocked := l.period(period)
	return isLocked, nil
}

// last finds the newest record of a kind for a period.
func (l *Ledger) last(kind, period string) (evidence.Record, bool) {
	records := l.log.Records()
	for i := len(records) - 1; i >= 0; i-- {
		if records[i].Kind == kind && (period == "" || records[i].Period == period) {
			return records[i], true
		}
	}
	return evidence.Record{}, false
}

// open is the period that adjustments flow into: the one after the last that was
// locked; "" before the first lock.
func (l *Ledger) open() (string, error) {
	if len(l.locked) == 0 {
		return "", nil
	}
	newest := ""
	for _, one := range l.locked {
		newest = max(newest, one.name)
	}
	quarter, err := l.project.Calendar.Parse(newest)
	if err != nil {
		return "", err
	}
	return l.project.Calendar.Quarter(quarter.EndsOn).Name(), nil
}

// KeyPath is where the private key of a name lies (keys/NAME.key) or of a path.
func (l *Ledger) KeyPath(name string) string {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".key") {
		return l.project.Path(name)
	}
	return l.project.Path(filepath.Join("keys", name+".key"))
}

// approvers are the public keys of merit.yml.
func (l *Ledger) approvers() ([]evidence.Public, error) {
	return evidence.PublicKeys(project.FileName+": payouts.approvers", l.project.Settings.Payouts.Approvers, l.project.Path)
}

func totalsOf(entries []payouts.Entry) []string {
	var totals []string
	for _, t := range payouts.Sums(entries) {
		totals = append(totals, fmt.Sprintf("%s: %d lines, %s %s", t.State, t.Lines, t.Amount.Text(), t.Amount.Currency))
	}
	return totals
}

func jsonBody[T any](r evidence.Record, into *T) error {
	if err := json.Unmarshal(r.Body, into); err != nil {
		return fmt.Errorf("record %d of the evidence log: %w", r.Number, err)
	}
	return nil
}

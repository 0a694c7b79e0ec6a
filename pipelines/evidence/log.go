// Package evidence is the append-only log of all that led to a payout: runs,
// drafts, approvals, locks, exports, restatements, decisions. Each record is a
// leaf of a Merkle tree (RFC 6962, by golang.org/x/mod/sumdb/tlog), and beside
// each stands a signed checkpoint of the tree up to it. So a flipped byte, a
// dropped, doubled or reordered record is found by anybody who has the public key.
//
// A log that was cut back to an earlier checkpoint is a good log in itself. That it
// was longer once is known to its witnesses: the head kept in the project's state
// folder, and every checkpoint that was handed out (locked periods, proofs).
package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"merit/connectors/fault"
)

// A Record is one thing that happened.
type Record struct {
	Number int64           `json:"number"` // 0, 1, 2 …
	At     string          `json:"at"`     // RFC 3339, UTC, whole seconds
	Kind   string          `json:"kind"`   // run, draft, approval, lock, export …
	Period string          `json:"period,omitempty"`
	Body   json.RawMessage `json:"body"`
}

// line is how a record lies in the file.
type line struct {
	Record     json.RawMessage `json:"record"`
	Checkpoint string          `json:"checkpoint"`
}

// A Log is a project's evidence log, checked from its first byte to its last.
type Log struct {
	folder, witness, keys string
	public                *Public // nil: nothing was logged yet
	records               []Record
	raw                   [][]byte
	hashes                []tlog.Hash // as tlog stores them
	checkpoints           []string
	torn                  int64 // where a line begins that a crash cut short; -1: none
}

// FileName is the log in its folder; PublicName the key that its checkpoints are
// checked with.
const (
	FileName   = "log.jsonl"
	PublicName = "evidence.pub"
	keyOfLog   = "evidence"
)

// OpenLog reads and checks the log of the project in dir; where there is none yet
// it is empty. What is wrong with it is an error, never passed over.
func OpenLog(dir string) (*Log, error) {
	l := &Log{
		folder: filepath.Join(dir, "evidence"), keys: filepath.Join(dir, "keys"),
		witness: filepath.Join(dir, ".merit", "evidence.head"), torn: -1,
	}
	text, err := os.ReadFile(filepath.Join(l.folder, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = nil, nil
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "read the evidence log: %w", err)
	}
	head, err := os.ReadFile(l.witness)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "read the evidence log's head: %w", err)
	}
	if len(text) == 0 && len(head) == 0 {
		return l, l.readPublic(false)
	}
	if err := l.readPublic(true); err != nil {
		return nil, l.damaged(err)
	}
	if err := l.read(text, head); err != nil {
		return nil, l.damaged(err)
	}
	return l, nil
}

func (l *Log) readPublic(must bool) error {
	path := filepath.Join(l.folder, PublicName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !must {
		return nil
	}
	public, err := ReadPublic(path)
	l.public = &public
	return err
}

// damaged is a fault of whoever keeps the files: nothing can be decided on them.
func (l *Log) damaged(err error) error {
	return fault.Errorf(fault.You, "the evidence log %s was changed: %w; put back the file as it was, from a backup", filepath.Join(l.folder, FileName), err)
}

// read checks every line and adds it. Only a last line that was never
// acknowledged may be cut short, as a crash leaves it.
func (l *Log) read(text, head []byte) error {
	for offset := 0; offset < len(text); {
		length := bytes.IndexByte(text[offset:], '\n')
		if length < 0 {
			l.torn = int64(offset)
			break
		}
		if err := l.add(text[offset : offset+length]); err != nil {
			return fmt.Errorf("record %d: %w", l.Size(), err)
		}
		offset += length + 1
	}
	if len(head) == 0 {
		return errors.New("its head, kept apart from it in " + l.witness + ", is missing")
	}
	witnessed, err := ParseCheckpoint(head, *l.public)
	if err != nil {
		return fmt.Errorf("its head %s: %w", l.witness, err)
	}
	return l.Holds(witnessed)
}

// add checks one line against all before it.
func (l *Log) add(text []byte) error {
	var ln line
	if err := strict(text, &ln); err != nil {
		return err
	}
	var r Record
	if err := strict(ln.Record, &r); err != nil {
		return err
	}
	if r.Number != l.Size() {
		return fmt.Errorf("it bears the number %d", r.Number)
	}
	if err := l.grow(ln.Record); err != nil {
		return err
	}
	checkpoint, err := ParseCheckpoint([]byte(ln.Checkpoint), *l.public)
	if err != nil {
		return fmt.Errorf("its checkpoint: %w", err)
	}
	root, err := tlog.TreeHash(r.Number+1, l.reader())
	if err != nil {
		return err
	}
	if checkpoint.Size != r.Number+1 || checkpoint.Root != root {
		return errors.New("its checkpoint speaks of other records")
	}
	l.records, l.raw, l.checkpoints = append(l.records, r), append(l.raw, ln.Record), append(l.checkpoints, ln.Checkpoint)
	return nil
}

func (l *Log) grow(record []byte) error {
	hashes, err := tlog.StoredHashes(l.Size(), record, l.reader())
	l.hashes = append(l.hashes, hashes...)
	return err
}

func (l *Log) reader() tlog.HashReader { return stored(l.hashes) }

func stored(hashes []tlog.Hash) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, at := range indexes {
			if at >= int64(len(hashes)) {
				return nil, fmt.Errorf("there is no hash %d among %d", at, len(hashes))
			}
			found[i] = hashes[at]
		}
		return found, nil
	})
}

// Size is how many records there are.
func (l *Log) Size() int64 { return int64(len(l.records)) }

// Records are all, the oldest first.
func (l *Log) Records() []Record { return l.records }

// Public is the key that the log's checkpoints are checked with.
func (l *Log) Public() (Public, bool) {
	if l.public == nil {
		return Public{}, false
	}
	return *l.public, true
}

// Append adds a record and acknowledges it: when Append has returned, the record
// and its checkpoint are on disk. The log's own key is made with the first record.
func (l *Log) Append(at time.Time, kind, period string, body any) (Record, error) {
	key, err := l.key()
	if err != nil {
		return Record{}, err
	}
	text, err := Canonical(body)
	if err != nil {
		return Record{}, err
	}
	r := Record{Number: l.Size(), At: at.UTC().Format(time.RFC3339), Kind: kind, Period: period, Body: text}
	record, err := Canonical(r)
	if err != nil {
		return r, err
	}
	if err := l.grow(record); err != nil {
		return r, err
	}
	root, err := tlog.TreeHash(r.Number+1, l.reader())
	if err != nil {
		return r, err
	}
	checkpoint := Checkpoint{Size: r.Number + 1, Root: root}.seal(key)
	full, err := Canonical(line{Record: record, Checkpoint: string(checkpoint)})
	if err != nil {
		return r, err
	}
	l.records, l.raw, l.checkpoints = append(l.records, r), append(l.raw, record), append(l.checkpoints, string(checkpoint))
	if err := l.write(append(full, '\n')); err != nil {
		return r, fmt.Errorf("write the evidence log: %w", err)
	}
	return r, nil
}

// key is the log's own; its public half is copied beside the log, for those who
// get the evidence folder alone.
func (l *Log) key() (Key, error) {
	path := filepath.Join(l.keys, keyOfLog+".key")
	if l.public != nil {
		key, err := ReadKey(path)
		if err == nil && key.Public.Text != l.public.Text {
			err = fault.Errorf(fault.You, "%s is another key than the log's own: bring back the key that the log was begun with", path)
		}
		return key, err
	}
	key, err := NewKey(l.keys, keyOfLog)
	if fault.WhoMends(err) == fault.You { // made by a run that a crash ended before its first record
		key, err = ReadKey(path)
	}
	if err != nil {
		return key, err
	}
	if err := os.MkdirAll(l.folder, 0o700); err != nil {
		return key, fault.Errorf(fault.You, "make %s: %w", l.folder, err)
	}
	l.public = &key.Public
	return key, replace(filepath.Join(l.folder, PublicName), []byte(key.Public.Text+"\n"))
}

// write appends the line, then tells the witness.
func (l *Log) write(text []byte) (err error) {
	file, err := os.OpenFile(filepath.Join(l.folder, FileName), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if l.torn >= 0 {
		if err := file.Truncate(l.torn); err != nil {
			return err
		}
		l.torn = -1
	}
	if _, err := file.Seek(0, 2); err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), syncFolder(l.folder)); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.witness), 0o700); err != nil {
		return err
	}
	return replace(l.witness, []byte(l.checkpoints[len(l.checkpoints)-1]))
}

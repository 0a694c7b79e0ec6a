package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaves are the lines of one file as a Merkle tree of its own, of which the log
// keeps the root only: the log tells nobody what a colleague is paid.
type Leaves struct {
	lines  []string
	hashes []tlog.Hash
}

// NewLeaves takes the lines in the file's order.
func NewLeaves(lines []string) (*Leaves, error) {
	l := &Leaves{lines: lines}
	for i, text := range lines {
		hashes, err := tlog.StoredHashes(int64(i), []byte(text), stored(l.hashes))
		if err != nil {
			return nil, err
		}
		l.hashes = append(l.hashes, hashes...)
	}
	return l, nil
}

// Root is what all the lines hash to.
func (l *Leaves) Root() (string, error) {
	if len(l.lines) == 0 {
		return "", errors.New("a file without lines has no root")
	}
	root, err := tlog.TreeHash(int64(len(l.lines)), stored(l.hashes))
	return root.String(), err
}

// Lines is what a record says of a file whose lines can be proven.
type Lines struct {
	Count int64  `json:"lines"`
	Root  string `json:"lines_root"`
}

const (
	proofTitle = "merit payout proof 1"
	proofHelp  = "This line is part of the payout file that was locked. Check: merit payout verify --proof FILE --public-key KEY"
)

// Prove writes the small text that shows, with the log's public key and nothing
// else, that a line is in a file and the file's root in the log.
func (l *Log) Prove(leaves *Leaves, number int64, record int64) ([]byte, error) {
	inFile, err := tlog.ProveRecord(int64(len(leaves.lines)), number, stored(leaves.hashes))
	if err != nil {
		return nil, fmt.Errorf("prove line %d: %w", number, err)
	}
	inLog, err := tlog.ProveRecord(l.Size(), record, l.reader())
	if err != nil {
		return nil, fmt.Errorf("prove record %d: %w", record, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\nline %d of %d\n%s\n%s", proofTitle, proofHelp, number, len(leaves.lines), leaves.lines[number], hashLines(inFile))
	fmt.Fprintf(&b, "record %d of %d\n%s\n%s", record, l.Size(), l.raw[record], hashLines(inLog))
	fmt.Fprintf(&b, "checkpoint\n%s", l.Sealed())
	return []byte(b.String()), nil
}

func hashLines(proof tlog.RecordProof) string {
	var b strings.Builder
	for _, h := range proof {
		fmt.Fprintf(&b, "%s\n", h)
	}
	return b.String()
}

// A Proven line is what a proof shows.
type Proven struct {
	Line   string // as the locked file has it
	Record Record // that the file was locked
}

// CheckProof checks a proof with the log's public key alone. It needs no log, no
// file and no network.
func CheckProof(text []byte, public Public) (Proven, error) {
	var p Proven
	head, checkpointText, found := strings.Cut(string(text), "\ncheckpoint\n")
	if !found {
		return p, errors.New("it is not a proof: there is no checkpoint in it")
	}
	checkpoint, err := ParseCheckpoint([]byte(checkpointText), public)
	if err != nil {
		return p, fmt.Errorf("its checkpoint: %w", err)
	}
	body, found := strings.CutPrefix(head, proofTitle+"\n"+proofHelp+"\n\n")
	if !found {
		return p, errors.New("it is not a proof in its one form")
	}
	lines := strings.Split(body, "\n")
	leaf, rest, err := parsePart("line", lines)
	if err != nil {
		return p, err
	}
	record, rest, err := parsePart("record", rest)
	if err != nil {
		return p, err
	}
	if len(rest) > 0 {
		return p, fmt.Errorf("%q does not belong into a proof", rest[0])
	}
	if record.of != checkpoint.Size {
		return p, errors.New("its checkpoint is of another log size")
	}
	if err := record.check(checkpoint.Root); err != nil {
		return p, fmt.Errorf("the record is not in the log: %w", err)
	}
	if err := strict([]byte(record.text), &p.Record); err != nil {
		return p, fmt.Errorf("the record: %w", err)
	}
	p.Line = leaf.text
	return p, leaf.isIn(p.Record)
}

// part is one of the two steps of a proof.
type part struct {
	number, of int64
	text       string
	proof      tlog.RecordProof
}

func parsePart(name string, lines []string) (part, []string, error) {
	var p part
	if len(lines) < 2 {
		return p, nil, fmt.Errorf("the %s is missing", name)
	}
	if _, err := fmt.Sscanf(lines[0], name+" %d of %d", &p.number, &p.of); err != nil || lines[0] != fmt.Sprintf("%s %d of %d", name, p.number, p.of) {
		return p, nil, fmt.Errorf("%q should say which %s it is", lines[0], name)
	}
	p.text = lines[1]
	rest := lines[2:]
	for len(rest) > 0 {
		hash, err := tlog.ParseHash(rest[0])
		if err != nil || hash.String() != rest[0] {
			break
		}
		p.proof, rest = append(p.proof, hash), rest[1:]
	}
	return p, rest, nil
}

func (p part) check(root tlog.Hash) error {
	if p.number < 0 || p.number >= p.of {
		return errors.New(strconv.FormatInt(p.number, 10) + " is not among " + strconv.FormatInt(p.of, 10))
	}
	return tlog.CheckRecord(p.proof, p.of, root, p.number, tlog.RecordHash([]byte(p.text)))
}

// isIn checks the line against the root that the record names.
func (p part) isIn(r Record) error {
	var lines Lines
	if err := json.Unmarshal(r.Body, &lines); err != nil {
		return fmt.Errorf("the record: %w", err)
	}
	root, err := tlog.ParseHash(lines.Root)
	if err != nil || lines.Count != p.of {
		return errors.New("the record speaks of another file")
	}
	if err := p.check(root); err != nil {
		return fmt.Errorf("the line is not in the file: %w", err)
	}
	return nil
}

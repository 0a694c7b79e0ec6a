package evidence

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint says how many records the log had and what they hash to. Signed, it
// is a small text that anybody can keep, to show later that nothing before it was
// changed or taken away. Its form is the one of Certificate Transparency's
// checkpoints: origin, size, root.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
}

const origin = "merit evidence log"

func (c Checkpoint) seal(key Key) []byte {
	return key.Seal(fmt.Sprintf("%s\n%d\n%s\n", origin, c.Size, c.Root))
}

// ParseCheckpoint checks a checkpoint's signature and reads it.
func ParseCheckpoint(sealed []byte, public Public) (Checkpoint, error) {
	opened, err := Open(sealed, public)
	if err != nil {
		return Checkpoint{}, err
	}
	parts := strings.Split(opened.Text, "\n")
	if len(parts) != 4 || parts[0] != origin {
		return Checkpoint{}, errors.New("it is not a checkpoint of an evidence log")
	}
	c := Checkpoint{}
	if c.Size, err = strconv.ParseInt(parts[1], 10, 64); err != nil || c.Size < 1 {
		return c, fmt.Errorf("a log has no %q records", parts[1])
	}
	c.Root, err = tlog.ParseHash(parts[2])
	return c, err
}

// Sealed is the newest checkpoint as it was signed, "" of an empty log.
func (l *Log) Sealed() string {
	if l.Size() == 0 {
		return ""
	}
	return l.checkpoints[l.Size()-1]
}

// Holds shows by a consistency proof that the log still begins with the records
// that a checkpoint of it spoke of.
func (l *Log) Holds(earlier Checkpoint) error {
	if earlier.Size > l.Size() {
		return fmt.Errorf("it has %d records, and had %d", l.Size(), earlier.Size)
	}
	root, err := tlog.TreeHash(l.Size(), l.reader())
	if err != nil {
		return err
	}
	proof, err := l.Consistency(earlier.Size)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, l.Size(), root, earlier.Size, earlier.Root); err != nil {
		return fmt.Errorf("its first %d records are not those that were there: %w", earlier.Size, err)
	}
	return nil
}

// Consistency proves that the log's first records are those of an earlier size,
// to somebody who holds only the two checkpoints (RFC 6962, section 2.1.2).
func (l *Log) Consistency(earlier int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(l.Size(), earlier, l.reader())
}

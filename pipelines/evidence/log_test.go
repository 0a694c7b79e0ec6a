package evidence

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/fault"
)

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// written is a project with a log of what happens in a quarter.
func written(t *testing.T, records int) string {
	t.Helper()
	dir := t.TempDir()
	l := opened(t, dir)
	for i := range records {
		if _, err := l.Append(noon.Add(time.Duration(i)*time.Hour), "run", "2026-Q1", map[string]string{"command": "run <&>", "number": fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func opened(t *testing.T, dir string) *Log {
	t.Helper()
	l, err := OpenLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func logOf(dir string) string { return filepath.Join(dir, "evidence", FileName) }

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasAppendedIsReadAgain(t *testing.T) {
	dir := written(t, 5)
	l := opened(t, dir)
	if l.Size() != 5 || l.Records()[4].At != "2026-04-01T16:00:00Z" || string(l.Records()[4].Body) != `{"command":"run <&>","number":"4"}` {
		t.Errorf("%d records, the last is %+v", l.Size(), l.Records()[4])
	}
	mode, err := os.Stat(filepath.Join(dir, "keys", "evidence.key"))
	if err != nil || mode.Mode().Perm() != 0o600 {
		t.Errorf("the log's key: %v %v", mode.Mode(), err)
	}
}

// flips change a byte: its lowest bit, the case of a letter, its highest bit.
var flips = []byte{0x01, 0x20, 0x80}

func TestEveryFlippedByteIsFound(t *testing.T) {
	dir := written(t, 3)
	for _, path := range []string{logOf(dir), filepath.Join(dir, "evidence", PublicName), filepath.Join(dir, ".merit", "evidence.head")} {
		good := read(t, path)
		for at := range good {
			for _, flip := range flips {
				bad := bytes.Clone(good)
				bad[at] ^= flip
				write(t, path, bad)
				if _, err := OpenLog(dir); err == nil {
					t.Fatalf("%s: byte %d (%q) was changed by %x and nobody saw", filepath.Base(path), at, good[at], flip)
				} else if fault.WhoMends(err) != fault.You {
					t.Fatalf("who mends %v?", err)
				}
			}
		}
		write(t, path, good)
		opened(t, dir)
		t.Logf("%s: each of %d bytes changed %d ways, all found", filepath.Base(path), len(good), len(flips))
	}
}

func TestEveryRecordDroppedDoubledMovedOrCutIsFound(t *testing.T) {
	dir := written(t, 4)
	good := read(t, logOf(dir))
	lines := slices.Collect(bytes.Lines(good))
	cases := map[string][]byte{}
	for i := range lines {
		cases[fmt.Sprintf("record %d dropped", i)] = bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil)
		cases[fmt.Sprintf("record %d doubled", i)] = bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil)
		for k := range i {
			moved := slices.Clone(lines)
			moved[i], moved[k] = moved[k], moved[i]
			cases[fmt.Sprintf("records %d and %d exchanged", i, k)] = bytes.Join(moved, nil)
		}
	}
	for length := range good {
		cases[fmt.Sprintf("cut to %d bytes", length)] = good[:length]
	}
	for name, bad := range cases {
		write(t, logOf(dir), bad)
		if _, err := OpenLog(dir); err == nil {
			t.Errorf("%s, and nobody saw", name)
		}
	}
	t.Logf("%d ways to drop, double, exchange and cut, all found", len(cases))
}

func TestALogThatIsSignedAnewByAnotherKeyIsFound(t *testing.T) {
	dir, other := written(t, 3), written(t, 3)
	for _, name := range []string{"evidence/" + FileName, "evidence/" + PublicName} {
		write(t, filepath.Join(dir, name), read(t, filepath.Join(other, name)))
	}
	if _, err := OpenLog(dir); err == nil {
		t.Error("a log of another key took its place")
	}
}

func TestALogThatWasCutBackWithItsHeadIsFoundByAnyCheckpointThatWasHandedOut(t *testing.T) {
	dir := written(t, 6)
	l := opened(t, dir)
	public, _ := l.Public()
	handed := l.Sealed()
	lines := slices.Collect(bytes.Lines(read(t, logOf(dir))))
	write(t, logOf(dir), bytes.Join(lines[:4], nil))
	write(t, filepath.Join(dir, ".merit", "evidence.head"), []byte(l.checkpoints[3]))
	short := opened(t, dir) // in itself it is good
	checkpoint, err := ParseCheckpoint([]byte(handed), public)
	if err != nil {
		t.Fatal(err)
	}
	if err := short.Holds(checkpoint); err == nil {
		t.Error("six records were there")
	}
	if err := l.Holds(Checkpoint{Size: 4, Root: checkpoint.Root}); err == nil {
		t.Error("the first four never hashed to that")
	}
	for i, text := range l.checkpoints {
		earlier, err := ParseCheckpoint([]byte(text), public)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Holds(earlier); err != nil {
			t.Errorf("checkpoint %d: %v", i, err)
		}
	}
}

func TestALineThatACrashCutShortIsWrittenAnew(t *testing.T) {
	dir := written(t, 3)
	whole := read(t, logOf(dir))
	write(t, logOf(dir), append(bytes.Clone(whole), `{"record":{"number":3,"at`...))
	l := opened(t, dir)
	if _, err := l.Append(noon, "run", "", struct{}{}); err != nil {
		t.Fatal(err)
	}
	if l = opened(t, dir); l.Size() != 4 {
		t.Errorf("%d records", l.Size())
	}
}

func TestARecordThatACrashLeftUnacknowledgedCounts(t *testing.T) {
	dir := written(t, 3)
	head := read(t, filepath.Join(dir, ".merit", "evidence.head"))
	if _, err := opened(t, dir).Append(noon, "run", "", struct{}{}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".merit", "evidence.head"), head)
	if l := opened(t, dir); l.Size() != 4 {
		t.Errorf("%d records", l.Size())
	}
}

func TestALineIsProvenWithThePublicKeyAlone(t *testing.T) {
	dir := written(t, 4)
	l := opened(t, dir)
	lines := []string{`{"rep":"ann","amount":"1.00"}`, `{"rep":"bob","amount":"2.00"}`, `{"rep":"cho","amount":"3.00"}`}
	leaves, err := NewLeaves(lines)
	if err != nil {
		t.Fatal(err)
	}
	root, err := leaves.Root()
	if err != nil {
		t.Fatal(err)
	}
	record, err := l.Append(noon, "lock", "2026-Q1", Lines{Count: 3, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	public, _ := l.Public()
	for i, line := range lines {
		proof, err := l.Prove(leaves, int64(i), record.Number)
		if err != nil {
			t.Fatal(err)
		}
		proven, err := CheckProof(proof, public)
		if err != nil || proven.Line != line || proven.Record.Period != "2026-Q1" {
			t.Errorf("%+v %v", proven, err)
		}
		if strings.Contains(string(proof), lines[(i+1)%3]) {
			t.Error("the proof tells what a colleague is paid")
		}
		for at := range proof {
			for _, flip := range flips {
				bad := bytes.Clone(proof)
				bad[at] ^= flip
				if _, err := CheckProof(bad, public); err == nil {
					t.Fatalf("byte %d (%q) of a proof was changed by %x and nobody saw", at, proof[at], flip)
				}
			}
		}
	}
}

func TestAKeyUnderAnotherNameIsTheSameKey(t *testing.T) {
	folder := t.TempDir()
	paula, err := NewKey(folder, "paula")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewKey(folder, "paula"); err == nil {
		t.Error("a key was overwritten")
	}
	quinn, err := NewKey(folder, "quinn")
	if err != nil {
		t.Fatal(err)
	}
	if paula.Public.IsSame(quinn.Public) || !paula.Public.IsSame(paula.Public) {
		t.Error("keys are told apart by what they are")
	}
	sealed := paula.Seal("a text\n")
	if _, err := Open(sealed, quinn.Public); err == nil {
		t.Error("quinn never signed")
	}
	both, err := quinn.AddSeal(sealed, paula.Public)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(both, paula.Public, quinn.Public)
	if err != nil || len(opened.Signers) != 2 {
		t.Errorf("%+v %v", opened, err)
	}
	if _, err := Open(both, paula.Public); err == nil {
		t.Error("a signature that nobody can check was passed over")
	}
}

package evidence

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A log is what was appended, or it is refused: no other text opens, but for a last
// line that a crash cut short.
func FuzzLog(f *testing.F) {
	dir := f.TempDir()
	l, err := OpenLog(dir)
	if err != nil {
		f.Fatal(err)
	}
	for range 3 {
		if _, err := l.Append(noon, "run", "2026-Q1", map[string]string{"command": "run <&>"}); err != nil {
			f.Fatal(err)
		}
	}
	whole, err := os.ReadFile(logOf(dir))
	if err != nil {
		f.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for _, seed := range [][]byte{
		whole, nil, whole[:len(whole)-1], append(bytes.Clone(whole), `{"cut": "sh`...), append(bytes.Clone(whole), lines[0]...), bytes.Join(lines[:2], nil), lines[1],
		bytes.ReplaceAll(whole, []byte("run"), []byte("rum")), bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n")), bytes.ReplaceAll(whole, []byte(`:"`), []byte(`: "`)), []byte("{}\n"), []byte("\n"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, "evidence", FileName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenLog(dir)
		rest, isWhole := bytes.CutPrefix(text, whole)
		isWhole = isWhole && !bytes.Contains(rest, []byte("\n"))
		if isWhole != (err == nil) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// A proof is what was handed out, or it is refused; nothing else breaks the reader.
func FuzzProof(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("{}"))
	f.Add([]byte("merit payout proof\n\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := CheckProof(text, Public{}); err == nil {
			t.Fatalf("%q is taken for a proof", text)
		}
	})
}

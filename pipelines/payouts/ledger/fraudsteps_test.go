package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"merit/pipelines/evidence"
	"merit/pipelines/project"
)

// A fraud is something that somebody does with all that they can reach, and how it is
// found. Whoever has a shell has the log's private key, too: what they append is signed.
type fraud struct {
	name   string
	commit func(t *testing.T, p *project.Project)
	found  func(t *testing.T, p *project.Project) error
	words  string // "": any refusal
}

// step makes the commands of these tests, on the ledger as it lies there.
func lockIt(t *testing.T, p *project.Project) error {
	t.Helper()
	l, err := Open(p)
	if err != nil {
		return err
	}
	_, err = l.Lock("2026-Q1", moves)
	return err
}

func approveBy(name string) func(*testing.T, *project.Project) error {
	return func(t *testing.T, p *project.Project) error {
		t.Helper()
		l, err := Open(p)
		if err != nil {
			return err
		}
		_, err = l.Approve("2026-Q1", name, moves)
		return err
	}
}

func verifyAll(t *testing.T, p *project.Project) error {
	t.Helper()
	l, err := Open(p)
	if err != nil {
		return err
	}
	_, err = l.Verify("", nil, moves)
	return err
}

func exportIt(how Exporting) func(*testing.T, *project.Project) error {
	return func(t *testing.T, p *project.Project) error {
		t.Helper()
		l, err := Open(p)
		if err != nil {
			return err
		}
		_, err = l.Export("2026-Q1", how)
		return err
	}
}

// recordOf is a record that lies in the log.
func recordOf(t *testing.T, p *project.Project, kind string, which int) evidence.Record {
	t.Helper()
	for _, r := range opened(t, p).log.Records() {
		if r.Kind != kind {
			continue
		}
		if which == 0 {
			return r
		}
		which--
	}
	t.Fatalf("no record %s", kind)
	return evidence.Record{}
}

func appendAgain(t *testing.T, p *project.Project, r evidence.Record, period string) {
	t.Helper()
	_, err := opened(t, p).log.Append(time.Now(), r.Kind, period, r.Body)
	check(t, err)
}

func key(t *testing.T, p *project.Project, name string) evidence.Key {
	t.Helper()
	k, err := evidence.ReadKey(p.Path("keys/" + name + ".key"))
	check(t, err)
	return k
}

func newKey(t *testing.T, p *project.Project, name string) evidence.Key {
	t.Helper()
	k, err := evidence.NewKey(p.Path("keys"), name)
	check(t, err)
	return k
}

// rename puts a key under another name, in both files.
func rename(t *testing.T, p *project.Project, from, to string) {
	t.Helper()
	for _, end := range []string{".key", ".pub"} {
		text, err := os.ReadFile(p.Path("keys/" + from + end))
		check(t, err)
		check(t, os.WriteFile(p.Path("keys/"+to+end), text, 0o600))
	}
}

func edit(t *testing.T, path, old, with string) {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	altered := bytes.ReplaceAll(text, []byte(old), []byte(with))
	if bytes.Equal(altered, text) {
		t.Fatalf("%s has no %s", path, old)
	}
	check(t, os.Chmod(path, 0o600))
	check(t, os.WriteFile(path, altered, 0o600))
}

func inQuarter(p *project.Project, names ...string) string {
	return p.Path(filepath.Join(append([]string{"payouts", "2026-Q1"}, names...)...))
}

func approved2(t *testing.T) *project.Project {
	t.Helper()
	p := finance(t, nil)
	approveBoth(t, p)
	return p
}

func run(t *testing.T, fixture func(*testing.T) *project.Project, frauds []fraud) {
	t.Helper()
	for _, f := range frauds {
		t.Run(f.name, func(t *testing.T) {
			p := fixture(t)
			f.commit(t, p)
			refused(t, f.found(t, p), f.words)
		})
	}
}

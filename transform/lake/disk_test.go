package lake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestAPublishedVersionIsNeverReplaced(t *testing.T) {
	root := t.TempDir()
	version := filepath.Join(root, "v2.metadata.json")
	write := func(name, content string) string {
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// Two processes, each with a disk of its own, make the same version.
	first, second := newDisk(root), newDisk(root)
	mine, theirs := write("a.metadata.json", "mine"), write("b.metadata.json", "theirs")
	if err := first.publish(mine, version); err != nil {
		t.Fatal(err)
	}
	if err := second.publish(theirs, version); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second writer was told %v", err)
	}
	if got, _ := os.ReadFile(version); string(got) != "mine" {
		t.Errorf("the version is %q", got)
	}
	second.discard(theirs) // what the catalog does then
	left, _ := filepath.Glob(filepath.Join(root, "*"))
	same(t, "files", left, []string{version})
}

func TestNothingIsTouchedOutsideOfTheLake(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	outside := filepath.Join(filepath.Dir(root), "outside")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDisk(root)
	for _, name := range []string{outside, root + "/../outside", "file://" + outside, "../outside", root + "x/y"} {
		_, opened := d.Open(name)
		_, created := d.Create(name)
		for what, err := range map[string]error{"opened": opened, "created": created, "removed": d.Remove(name), "cleared": d.RemoveAll(name)} {
			if err == nil {
				t.Errorf("%s was %s", name, what)
			}
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

func TestAFileThatCouldNotBeWrittenHasNoName(t *testing.T) {
	root := t.TempDir()
	for _, operation := range []string{"write", "sync", "rename"} {
		d := newDisk(root)
		d.before = func(asked, _ string) error {
			if asked == operation {
				return errFault
			}
			return nil
		}
		file, err := d.Create(filepath.Join(root, "file"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = file.Write([]byte("some"))
		if err := file.Close(); !errors.Is(err, errFault) || !strings.Contains(err.Error(), root) {
			t.Errorf("%s failed, and Close said %v", operation, err)
		}
		if left, _ := filepath.Glob(filepath.Join(root, "*")); len(left) > 0 {
			t.Errorf("%s failed and left %s", operation, left)
		}
	}
}

// TestACommitIsTheLastThingThatHappens holds the order that keeps a power cut
// from leaving a snapshot whose files are not there: every file durable under its
// name before a version names it, the companion's version before the main one's.
func TestACommitIsTheLastThingThatHappens(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	var mutex sync.Mutex
	var did []string
	record := func(operation, path string) error {
		mutex.Lock()
		defer mutex.Unlock()
		within, _ := filepath.Rel(filepath.Join(l.root, "crm"), path)
		did = append(did, operation+" "+filepath.ToSlash(within))
		return nil
	}
	during(l, record, func() { appendDeals(t, l, page("2", deals("d2|A|1|2000|"), history("d2|new"))) })

	published := slices.Index(did, "link deals/metadata/v3.metadata.json")
	companion := slices.Index(did, "link deal_history/metadata/v3.metadata.json")
	if companion < 0 || published < companion {
		t.Fatalf("the main table's version (at %d) is not after its companion's (at %d): %q", published, companion, did)
	}
	files := 0
	for at, done := range did {
		path, renamed := strings.CutPrefix(done, "rename ")
		if !renamed || strings.Contains(path, "version-hint") {
			continue
		}
		files++
		names := map[string]int{"deals": published, "deal_history": companion}[path[:strings.Index(path, "/")]]
		synced := slices.Index(did[:at], "sync "+path)
		folder := slices.Index(did[at:], "sync "+filepath.ToSlash(filepath.Dir(path)))
		if at > names || synced < 0 || folder < 0 || at+folder > names {
			t.Errorf("%s: synced at %d, renamed at %d, its folder synced %d later, named at %d", path, synced, at, folder, names)
		}
	}
	if files < 8 { // data, manifest, list and metadata, of two tables
		t.Errorf("only %d files were made: %q", files, did)
	}
	if slices.Index(did[published:], "sync deals/metadata") < 0 {
		t.Errorf("the folder is not synced after the commit: %q", did[published:])
	}
}

func TestALeftOverOfADeadProcessBarsNobody(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l)
	during(l, beforePublishing("deals"), func() {
		_, _ = l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("1", deals("d1|A|1|1000|"))), nil)
	})
	next, err := Open(l.root)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := appendDeals(t, next, page("1", deals("d1|A|1|1000|")))
	same(t, "deals", lines(t, pinned(t, c, "deals"), "id"), []string{"d1"})
}

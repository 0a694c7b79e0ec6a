package lake

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// earlierLake unpacks a lake that Merit wrote at commit 1e592bf into "/srv/acme/our
// lake": with escaped paths in its metadata, and with column names that Iceberg
// reserves. It comes to lie in another folder.
func earlierLake(t *testing.T, root string) {
	t.Helper()
	packed, err := os.Open("testdata/lake_of_2026_11_30.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(unzipped)
	for {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, strings.TrimPrefix(file.Name, "our lake"))
		if file.FileInfo().IsDir() {
			err = os.MkdirAll(path, 0o700)
		} else {
			var content []byte
			if content, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(path, content, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// whatIsIn is all that a reader is told of an earlier lake, now and as of its second day.
func whatIsIn(t *testing.T, l *Lake) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	datasets, err := l.Datasets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range datasets {
		then, err := d.At(context.Background(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		for when, c := range map[string]Checkpoint{"now": head(t, d), "then": then} {
			found[when+" "+d.Stream()] = []string{string(c.Cursor)}
			for _, p := range c.Tables {
				found[when+" "+p.Table+" rows"] = lines(t, p, OrderColumn, HashColumn, "id", "name", "amount", "stage", "record_key", "merit_deleted", "_pos_")
			}
		}
	}
	return found
}

func isWhole(t *testing.T, l *Lake) Verified {
	t.Helper()
	v, err := l.Verify(context.Background(), nil)
	if err != nil || len(v.Damages) > 0 {
		t.Fatalf("verify: %v %v", v.Damages, err)
	}
	return v
}

func TestALakeThatWasMovedIsReadAndRelocated(t *testing.T) {
	root := filepath.Join(t.TempDir(), "restored & moved")
	earlierLake(t, root)
	open := func() *Lake {
		l, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		l.SetFence(9)
		return l
	}
	before := whatIsIn(t, open())
	if len(before["now deals rows"]) != 20 || len(before["then deals rows"]) != 10 || before["now deals"][0] != "cursor 4" {
		t.Fatalf("read where it lies: %v", before)
	}
	if v := isWhole(t, open()); v.Rows != 27 {
		t.Errorf("%d rows were verified", v.Rows)
	}
	done, err := open().Upgrade(context.Background())
	if err != nil || done != 4 {
		t.Fatalf("%d tables were relocated: %v", done, err)
	}
	same(t, "after relocating", whatIsIn(t, open()), before)
	isWhole(t, open())
	onlyRealPaths := func() {
		t.Helper()
		eachName(t, open(), func(written string) {
			if !strings.HasPrefix(written, root+"/") {
				t.Errorf("%s is written, which is not a path below %s", written, root)
			}
		})
	}
	onlyRealPaths()
	if done, err := open().Upgrade(context.Background()); err != nil || done != 0 {
		t.Errorf("%d tables were relocated twice: %v", done, err)
	}
	if _, err := open().CleanUp(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	appendDeals(t, open(), page("cursor 5", deals("d7|Seven|7|1|")))
	isWhole(t, open())
	onlyRealPaths()
	same(t, "as of the second day", whatIsIn(t, open())["then deals rows"], before["then deals rows"])
}

// A lake that is read, cleaned up and written to before anybody relocates it loses
// nothing either: files are known under every spelling.
func TestALakeThatWasMovedIsWrittenToAsItLies(t *testing.T) {
	root := filepath.Join(t.TempDir(), "100% ours")
	earlierLake(t, root)
	l, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	l.SetFence(9)
	before := whatIsIn(t, l)
	if done, err := l.CleanUp(context.Background(), 0); err != nil || done.Files > 0 {
		t.Errorf("%d files were removed: %v", done.Files, err)
	}
	appendDeals(t, l, page("cursor 5", deals("d7|Seven|7|1|")))
	isWhole(t, reopen(t, l))
	same(t, "as of the second day", whatIsIn(t, reopen(t, l))["then deals rows"], before["then deals rows"])
}

// A relocation that breaks off anywhere leaves a whole lake, and is done by the next.
func TestARelocationThatBreaksOffIsDoneByTheNext(t *testing.T) {
	for n := 1; ; n += 7 {
		root := filepath.Join(t.TempDir(), "a b")
		earlierLake(t, root)
		l, err := Open(root)
		if err != nil {
			t.Fatal(err)
		}
		l.SetFence(9)
		before := whatIsIn(t, l)
		left := n
		l.disk.(*disk).before = func(string, string) error {
			if left--; left < 0 {
				return errors.New("cut off")
			}
			return nil
		}
		_, err = l.Upgrade(context.Background())
		if err == nil {
			if n < 20 {
				t.Errorf("a relocation changes the disk %d times only", n)
			}
			return
		}
		l = reopen(t, l)
		l.SetFence(9)
		same(t, "after a broken relocation", whatIsIn(t, l), before)
		if _, err := l.Upgrade(context.Background()); err != nil {
			t.Fatal(err)
		}
		same(t, "after the next", whatIsIn(t, l), before)
		isWhole(t, reopen(t, l))
	}
}

func TestCleanUpRefusesWhenAFileIsMissing(t *testing.T) {
	l := openLake(t)
	c, _ := appendDeals(t, l, page("1", deals("d1|A|5|1000|")))
	appendDeals(t, l, page("2", deals("d2|A|5|1000|")))
	orphan := filepath.Join(l.root, "crm", "deals", "data", "000-orphan.parquet")
	overwrite(t, orphan, []byte("of a run that crashed"))
	if err := os.Rename(pinned(t, c, "deals").Files[0].Path, orphan+".moved"); err != nil {
		t.Fatal(err)
	}
	done, err := l.CleanUp(context.Background(), 0)
	if done.Files > 0 || err == nil || !strings.Contains(err.Error(), "nothing was removed") {
		t.Errorf("%d files were removed: %v", done.Files, err)
	}
	if _, err := os.Stat(orphan); err != nil {
		t.Error(err)
	}
}

// A table into which nothing was read yet has no snapshots, and moves with the others.
func TestAnEmptyTableIsRelocated(t *testing.T) {
	folder := t.TempDir()
	l, err := Open(filepath.Join(folder, "before"))
	if err != nil {
		t.Fatal(err)
	}
	appendDeals(t, l) // makes the tables only
	if err := os.Rename(filepath.Join(folder, "before"), filepath.Join(folder, "after")); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(filepath.Join(folder, "after")); err != nil {
		t.Fatal(err)
	}
	if done, err := l.Upgrade(context.Background()); err != nil || done != 2 {
		t.Fatalf("%d tables were relocated: %v", done, err)
	}
	if v := isWhole(t, reopen(t, l)); len(v.Outdated) > 0 {
		t.Errorf("verify tells %v", v.Outdated)
	}
	appendDeals(t, reopen(t, l), page("1", deals("d1|A|1|1000|"), history("d1|new")))
	isWhole(t, reopen(t, l))
}

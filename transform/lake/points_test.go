package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// pointOf names a change of the disk by what it does to which kind of file of which
// table: "sync data of deals", "link version of deal_history".
func pointOf(operation, path string) string {
	kind := "folder"
	name := strings.TrimSuffix(filepath.Base(path), partSuffix)
	folder := filepath.Base(filepath.Dir(path))
	switch {
	case strings.HasSuffix(name, ".parquet"):
		kind = "data"
	case strings.HasPrefix(name, "snap-"):
		kind = "manifest list"
	case strings.HasSuffix(name, ".avro"):
		kind = "manifest"
	case versionName.MatchString(name):
		kind = "version"
	case strings.HasSuffix(name, ".metadata.json"):
		kind = "version to be"
	case strings.HasPrefix(name, "version-hint"):
		kind = "hint"
	default:
		return operation + " folder " + name + " of " + folder
	}
	return operation + " " + kind + " of " + filepath.Base(filepath.Dir(filepath.Dir(path)))
}

// crashPoints are all that a read of two pages passes, in their order.
func crashPoints(t *testing.T) []string {
	t.Helper()
	var points []string
	var mutex sync.Mutex
	l := openLakeInMemory(t)
	during(l, func(operation, path string) error {
		mutex.Lock()
		defer mutex.Unlock()
		if point := pointOf(operation, path); !slices.Contains(points, point) {
			points = append(points, point)
		}
		return nil
	}, func() { appendDeals(t, l, pagesFrom("")...) })
	return points
}

func TestDeathAtEachNamedPointLosesNothing(t *testing.T) {
	points := crashPoints(t)
	if len(points) < 30 {
		t.Fatalf("only %d points: %q", len(points), points)
	}
	tried := 0
	for _, point := range points {
		for _, first := range []bool{true, false} { // the table's first commit, or its second
			l := openLakeInMemory(t)
			l.limits.rows = 1
			d := l.Dataset("crm", "deals")
			if !first {
				appendDeals(t, l, pagesFrom("")[0])
			}
			dead := false
			var mutex sync.Mutex
			during(l, func(operation, path string) error {
				mutex.Lock()
				defer mutex.Unlock()
				dead = dead || pointOf(operation, path) == point
				if dead {
					return errFault
				}
				return nil
			}, func() {
				_, _ = d.Append(context.Background(), dealsStream(), reads(nil, pagesFrom(head(t, d).Cursor)...), nil)
			})
			if !dead {
				continue
			}
			tried++
			next, err := Open(l.root)
			if err != nil {
				t.Fatal(err)
			}
			if v := verified(t, next); len(v.Damages) > 0 {
				t.Errorf("dead at %s: %v", point, v.Damages)
			}
			c, _ := appendDeals(t, next, pagesFrom(head(t, next.Dataset("crm", "deals")).Cursor)...)
			wholeAt(t, tried, c)
			if t.Failed() {
				t.Fatalf("dead at %s", point)
			}
		}
	}
	matrix("F3", fmt.Sprintf("death at each of %d named points, in a first and a later commit", len(points)), tried, failures(t), "I1 to I5")
}

var pathSaid = regexp.MustCompile(`/[^ ]+`)

// TestEachErrorOfTheDiskIsTold lets the n-th change of the disk fail in four ways.
func TestEachErrorOfTheDiskIsTold(t *testing.T) {
	kinds := []error{syscall.EIO, syscall.ENOSPC, syscall.EMFILE, syscall.EACCES}
	tried := 0
	for at, kind := range kinds {
		finished := false
		for n := times(at, 0); !finished; n += times(len(kinds), 1) { // a quarter of the places each, all in a soak
			l := openLakeInMemory(t)
			d := l.Dataset("crm", "deals")
			failed := ""
			var told error
			var mutex sync.Mutex
			left := n
			during(l, func(operation, path string) error {
				mutex.Lock()
				defer mutex.Unlock()
				if left--; left == -1 {
					failed = operation + " " + path
					return kind
				}
				return nil
			}, func() { _, told = d.Append(context.Background(), dealsStream(), reads(nil, pagesFrom("")...), nil) })
			finished = failed == ""
			if finished {
				continue
			}
			tried++
			decides := !strings.Contains(failed, "version-hint") && !strings.HasPrefix(failed, "remove ")
			if decides && (!errors.Is(told, kind) || !strings.Contains(pathSaid.FindString(told.Error()), l.root)) {
				t.Errorf("change %d, %s: %v was told as %v", n, failed, kind, told)
			}
			if v := verified(t, l); len(v.Damages) > 0 {
				t.Errorf("change %d, %s: %v", n, failed, v.Damages)
			}
			c, _ := appendDeals(t, l, pagesFrom(head(t, d).Cursor)...) // the fault is over
			wholeAt(t, n, c)
		}
	}
	matrix("F4", "n-th change of the disk fails: EIO, ENOSPC, EMFILE, EACCES", tried, failures(t), "I1 to I4; the error names the path; the next run succeeds")
}

// TestAFileThatCannotBeReadIsTold: reading fails, too, and not only writing.
func TestAFileThatCannotBeReadIsTold(t *testing.T) {
	l := openLakeInMemory(t)
	c, _ := appendDeals(t, l, pagesFrom("")...)
	path := c.Tables[0].Files[0].Path
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("3", deals("d1|A|9|2000|"))), nil)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
	same(t, "cursor", head(t, l.Dataset("crm", "deals")).Cursor, c.Cursor)
}

package lake

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAForeignReaderSeesTheSameRows reads a lake that has seen everything, new and
// wider columns, compaction, expiry, an erased person, with PyIceberg. It runs where
// MERIT_PYTHON names a Python that has it: make foreign-lake.
func TestAForeignReaderSeesTheSameRows(t *testing.T) {
	python := os.Getenv("MERIT_PYTHON")
	if python == "" {
		t.Skip("MERIT_PYTHON names no Python with PyIceberg; make foreign-lake does")
	}
	l := peopleLake(t)
	increments(t, l, 1, 12)
	wide := dealsOfNewColumns()
	appendTo(t, l.Dataset("crm", "deals"), streamOf(wide), page("13", rows(wide, "w|B|-7|2000||5000000000|20000")))
	compact(t, l)
	if _, err := l.Dataset("crm", "deals").Expire(context.Background(), History{Keep: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	forgetJane(t, l)
	reader := exec.Command(python, "../../.ci/foreign_lake.py", l.root)
	reader.Stderr = t.Output()
	out, err := reader.Output()
	if err != nil {
		t.Fatal(err)
	}
	foreign := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		foreign[name] = rest
	}
	tables := 0
	for _, source := range []string{"crm", "other"} {
		datasets, err := l.Datasets(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range datasets {
			if d.Source() != source {
				continue
			}
			for _, p := range head(t, d).Tables {
				if p.Snapshot == 0 {
					continue
				}
				tables++
				same(t, source+"."+p.Table, foreign[source+"."+p.Table], told(t, p))
			}
		}
	}
	if tables < 7 {
		t.Errorf("only %d tables were compared", tables)
	}
}

// told is a table's line as the foreign reader should give it.
func told(t *testing.T, p Pinned) string {
	var hashes uint64
	var orders, amounts int64
	for _, line := range lines(t, p, HashColumn, OrderColumn, "amount") {
		parts := strings.Split(line, "|")
		hash, _ := strconv.ParseInt(parts[0], 10, 64)
		order, _ := strconv.ParseInt(parts[1], 10, 64)
		amount, _ := strconv.ParseInt(parts[2], 10, 64)
		hashes, orders, amounts = hashes+uint64(hash), orders+order, amounts+amount
	}
	return fmt.Sprintf("%d %d %d %d", p.Rows, hashes, orders, amounts)
}

// TestAForeignReaderReadsALakeUnderAnyPath reads lakes under paths that a URL would escape.
func TestAForeignReaderReadsALakeUnderAnyPath(t *testing.T) {
	python := os.Getenv("MERIT_PYTHON")
	if python == "" {
		t.Skip("MERIT_PYTHON names no Python with PyIceberg; make foreign-lake does")
	}
	for what, name := range oddNames {
		t.Run(what, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), name)
			open := func() *Lake {
				l, err := Open(root)
				if err != nil {
					t.Fatal(err)
				}
				return l
			}
			wholeLifeOf(t, open)
			out, err := exec.Command(python, "../../.ci/foreign_lake.py", root).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, p := range head(t, open().Dataset("crm", "deals")).Tables {
				if line := "crm." + p.Table + " " + told(t, p); !strings.Contains(string(out), line) {
					t.Errorf("PyIceberg gave %s, not %s", out, line)
				}
			}
		})
	}
}

package lake

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"merit/transform/lake/laketest"
)

// TestAForeignReaderSeesTheSameRowsInABucket reads a lake in a bucket, with new and
// wider columns, compaction, expiry and an erased person, through its catalog with
// PyIceberg, which then also holds the catalog of these tests to its rules. It runs
// where MERIT_PYTHON names a Python that has it: make foreign-lake.
func TestAForeignReaderSeesTheSameRowsInABucket(t *testing.T) {
	python := os.Getenv("MERIT_PYTHON")
	if python == "" {
		t.Skip("MERIT_PYTHON names no Python with PyIceberg; make foreign-lake does")
	}
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
	fillWithPeople(t, l, 9)
	increments(t, l, 1, 12)
	wide := dealsOfNewColumns()
	appendTo(t, l.Dataset("crm", "deals"), streamOf(wide), page("13", rows(wide, "w|B|-7|2000||5000000000|20000")))
	compact(t, l)
	if _, err := l.Dataset("crm", "deals").Expire(context.Background(), History{Keep: 1}); err != nil {
		t.Fatal(err)
	}
	forgetJane(t, l)
	reader := exec.Command(python, "../../.ci/foreign_bucket.py", cloud.Catalog.URL, laketest.Warehouse,
		laketest.ClientID+":"+laketest.ClientSecret, cloud.Store.URL, laketest.AccessKey, laketest.SecretKey)
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
	datasets, err := l.Datasets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, d := range datasets {
		for _, p := range head(t, d).Tables {
			if p.Snapshot != 0 {
				tables++
				same(t, d.Source()+"."+p.Table, foreign["merit_"+d.Source()+"."+p.Table], told(t, p))
			}
		}
	}
	if tables < 7 {
		t.Errorf("only %d tables were compared", tables)
	}
	same(t, "of two commits on one snapshot", foreign["theirs"], "second-refused")
	same(t, "rows of their own table", foreign["theirs-rows"], "2")
}

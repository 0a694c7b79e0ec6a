package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"merit/transform/lake/laketest"
)

// readBySpark gives rows and the sum of _order of tables by where they lie. It runs where
// MERIT_SPARK names a folder with Iceberg's jars for Spark: make foreign-lake.
func readBySpark(t *testing.T, tables []string, store ...string) []string {
	t.Helper()
	python, jars := os.Getenv("MERIT_PYTHON"), os.Getenv("MERIT_SPARK")
	if python == "" || jars == "" {
		t.Skip("MERIT_PYTHON and MERIT_SPARK name no Spark; make foreign-lake does")
	}
	said, err := json.Marshal(tables)
	if err != nil {
		t.Fatal(err)
	}
	reader := exec.Command(python, append([]string{"../../.ci/foreign/spark_paths.py", jars}, store...)...)
	reader.Stdin, reader.Stderr = bytes.NewReader(said), t.Output()
	out, err := reader.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found [][]any
	if err := json.Unmarshal(out[bytes.LastIndexByte(bytes.TrimSpace(out), '\n')+1:], &found); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var lines []string
	for _, one := range found {
		text, _ := json.Marshal(one) // texts and numbers
		lines = append(lines, string(text))
	}
	return lines
}

// rowsAndOrders is what Spark should give of a table.
func rowsAndOrders(t *testing.T, p Pinned) string {
	t.Helper()
	sum := 0
	for _, line := range lines(t, p, OrderColumn) {
		order, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		sum += order
	}
	return "[" + strconv.FormatInt(p.Rows, 10) + "," + strconv.Itoa(sum) + "]"
}

func TestAForeignReaderSparkReadsALakeUnderAnyPath(t *testing.T) {
	if os.Getenv("MERIT_SPARK") == "" {
		t.Skip("MERIT_SPARK names no Spark; make foreign-lake does")
	}
	var names, tables, want []string
	for what, name := range oddNames {
		root := filepath.Join(t.TempDir(), name)
		open := func() *Lake {
			l, err := Open(root)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		wholeLifeOf(t, open)
		for _, p := range head(t, open().Dataset("crm", "deals")).Tables {
			names, tables, want = append(names, what+", "+p.Table), append(tables, filepath.Join(root, "crm", p.Table)), append(want, rowsAndOrders(t, p))
		}
	}
	for i, got := range readBySpark(t, tables) {
		if got != want[i] {
			t.Errorf("under %s Spark reads %s, not %s", names[i], got, want[i])
		}
	}
}

func TestAForeignReaderReadsALakeUnderAnyPrefixOfABucket(t *testing.T) {
	python := os.Getenv("MERIT_PYTHON")
	if python == "" {
		t.Skip("MERIT_PYTHON names no Python with PyIceberg; make foreign-lake does")
	}
	cloud := laketest.NewS3()
	t.Cleanup(cloud.Close)
	var names, tables, want, pyiceberg []string
	for what, name := range oddNames {
		settings := remoteOf(t, cloud)
		settings.Catalog.Namespace = "n" + strconv.Itoa(len(names))
		settings.Store.Location = "s3://" + laketest.Bucket + "/" + name
		if _, err := OpenRemote(context.Background(), settings); err != nil {
			continue // notInBuckets
		}
		open := func() *Lake { return enter(t, room{cloud: cloud, settings: settings}) }
		wholeLifeOf(t, open)
		l := open()
		c := head(t, l.Dataset("crm", "deals"))
		fetch(t, l, c)
		for _, p := range c.Tables {
			names, tables, want = append(names, what+", "+p.Table), append(tables, loaded(t, l, p.Table).MetadataLocation()), append(want, rowsAndOrders(t, p))
			pyiceberg = append(pyiceberg, settings.Catalog.Namespace+"_crm."+p.Table+" "+told(t, p))
		}
	}
	if len(names) < 24 {
		t.Errorf("only %d tables under odd prefixes", len(names))
	}
	out, err := exec.Command(python, "../../.ci/foreign_bucket.py", cloud.Catalog.URL, laketest.Warehouse,
		laketest.ClientID+":"+laketest.ClientSecret, cloud.Store.URL, laketest.AccessKey, laketest.SecretKey).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i, line := range pyiceberg {
		if !strings.Contains(string(out), line) {
			t.Errorf("under %s PyIceberg does not give %s", names[i], line)
		}
	}
	for i, got := range readBySpark(t, tables, cloud.Store.URL, laketest.AccessKey, laketest.SecretKey) {
		if got != want[i] {
			t.Errorf("under %s Spark reads %s, not %s", names[i], got, want[i])
		}
	}
}

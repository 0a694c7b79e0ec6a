package duckdb

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

var scorecards = warehouse.Relation{
	Schema: "marts", Name: "rep_scorecards", Comment: "each rep's score, it's said",
	Columns: []warehouse.Column{
		{Name: "rep_id", Comment: "who"},
		{Name: "score", Comment: "of 100"},
		{Name: "amount"},
		{Name: "is_held"},
		{Name: "scored_on"},
		{Name: "computed_at"},
		{Name: "share"},
	},
	Key: []string{"rep_id"},
}

// marts has rows in no order, many enough for more than one row group.
func marts(t *testing.T, db *DB, rows int) {
	t.Helper()
	query := fmt.Sprintf(`select 'rep ' || lpad(cast((i * 7919) %% %[1]d as varchar), 9, '0') as rep_id, cast(i %% 101 as bigint) as score,
		cast(i * 0.01 as decimal(18, 2)) as amount, i %% 3 = 0 as is_held, date '2026-01-01' + cast(i %% 90 as integer) as scored_on,
		timestamptz '2026-03-31T23:00:00-07:00' as computed_at, cast(i as double) / 7 as share from range(%[1]d) as numbers(i)`, rows)
	if err := db.Build(context.Background(), scorecards, query); err != nil {
		t.Fatal(err)
	}
}

func publishes(t *testing.T, db *DB, folder string) {
	t.Helper()
	if err := db.Publish(context.Background(), []warehouse.Relation{scorecards}, folder); err != nil {
		t.Fatal(err)
	}
}

func TestPublishedParquetIsWhatAnotherLibraryReads(t *testing.T) {
	db := opened(t, "")
	defer db.Close()
	marts(t, db, 1000)
	folder := filepath.Join(t.TempDir(), "pub'lished")
	publishes(t, db, folder)
	type row struct {
		ID     string  `parquet:"rep_id"`
		Score  int64   `parquet:"score"`
		Amount int64   `parquet:"amount"`
		Share  float64 `parquet:"share"`
	}
	rows, err := parquet.ReadFile[row](filepath.Join(folder, "current", "rep_scorecards.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1000 {
		t.Fatalf("%d rows of 1000", len(rows))
	}
	var cents int64
	for i, r := range rows {
		if want := fmt.Sprintf("rep %09d", i); r.ID != want {
			t.Fatalf("row %d is %s, sorted by the key it is %s", i, r.ID, want)
		}
		cents += r.Amount
	}
	if cents != 999*1000/2 {
		t.Errorf("the amounts add up to %d cents", cents)
	}
}

// What DuckDB says of its own file: columns in order, types, comments.
func TestPublishedDatabaseSaysWhatItHolds(t *testing.T) {
	db := opened(t, "")
	defer db.Close()
	marts(t, db, 10)
	folder := t.TempDir()
	publishes(t, db, folder)
	path := filepath.Join(folder, "merit.duckdb")
	got := asked(t, path, `select column_name, data_type, coalesce(comment, '') from duckdb_columns() where table_name = 'rep_scorecards' order by column_index`)
	want := []string{
		"rep_id|VARCHAR|who", "score|BIGINT|of 100", "amount|DECIMAL(18,2)|", "is_held|BOOLEAN|", "scored_on|DATE|",
		"computed_at|TIMESTAMP WITH TIME ZONE|", "share|DOUBLE|",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := asked(t, path, "select comment from duckdb_tables()"); got[0] != scorecards.Comment {
		t.Errorf("the table says %q", got)
	}
	// The main header follows a checksum of 8 bytes and the word DUCK; 64 is the
	// number of storage version 1.0.0 (DuckDB's storage_info.hpp).
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(file[8:12]) != "DUCK" || binary.LittleEndian.Uint64(file[12:20]) != 64 {
		t.Errorf("the file begins with %q and storage version %d", file[8:12], binary.LittleEndian.Uint64(file[12:20]))
	}
}

func asked(t testing.TB, path, question string) []string {
	t.Helper()
	reader := readOnly(t, path)
	defer reader.Close()
	var got []string
	for row, err := range reader.Query(context.Background(), question) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for i := range row.Columns() {
			cells = append(cells, row.At(i).Text)
		}
		got = append(got, strings.Join(cells, "|"))
	}
	return got
}

// readOnly opens a database as BI tools do.
func readOnly(t testing.TB, path string) *DB {
	t.Helper()
	pool, err := sql.Open("duckdb", path+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	return &DB{pool: pool, path: path}
}

func TestPublishingTheSameAgainReplacesNothing(t *testing.T) {
	folder := t.TempDir()
	before := map[string]os.FileInfo{}
	names := []string{"merit.duckdb", "current/rep_scorecards.parquet", "current/merit.duckdb"}
	for attempt, threads := range []int{1, 2, 8} {
		db := opened(t, "")
		if err := db.Exec(context.Background(), fmt.Sprintf("set global threads = %d", threads)); err != nil {
			t.Fatal(err)
		}
		marts(t, db, 400_000)
		publishes(t, db, folder)
		for _, name := range names {
			about, err := os.Stat(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if attempt > 0 && !(os.SameFile(before[name], about) && about.ModTime().Equal(before[name].ModTime())) {
				t.Errorf("%s was replaced by the same with %d threads", name, threads)
			}
			before[name] = about
		}
		db.Close()
	}
	versions, err := os.ReadDir(filepath.Join(folder, "versions"))
	if err != nil || len(versions) != 1 {
		t.Errorf("%d versions of one state: %v", len(versions), err)
	}
}

func TestPublishingSomethingElseKeepsAFewVersions(t *testing.T) {
	db := opened(t, "")
	defer db.Close()
	folder := t.TempDir()
	for rows := 1; rows <= keptVersions+3; rows++ {
		marts(t, db, rows)
		publishes(t, db, folder)
		if got := asked(t, filepath.Join(folder, "merit.duckdb"), "select count(*) from merit.rep_scorecards"); got[0] != fmt.Sprint(rows) {
			t.Errorf("%d rows were published, %s are there", rows, got)
		}
	}
	versions, err := os.ReadDir(filepath.Join(folder, "versions"))
	if err != nil || len(versions) != keptVersions {
		t.Errorf("%d versions are kept, not %d: %v", len(versions), keptVersions, err)
	}
	// A comment alone is something that readers see.
	changed := scorecards
	changed.Comment = "said otherwise"
	if err := db.Publish(context.Background(), []warehouse.Relation{changed}, folder); err != nil {
		t.Fatal(err)
	}
	if got := asked(t, filepath.Join(folder, "merit.duckdb"), "select comment from duckdb_tables()"); got[0] != "said otherwise" {
		t.Errorf("the table still says %q", got)
	}
}

func TestPublishingRefusesWhatSomeReaderMisreads(t *testing.T) {
	db := opened(t, "")
	defer db.Close()
	folder := t.TempDir()
	marts(t, db, 3)
	publishes(t, db, folder)
	for column, value := range map[string]string{
		"HUGEINT":        "sum(cast(1 as bigint))",
		"INTEGER":        "1",
		"DECIMAL(38,9)":  "cast(1 as decimal(38, 9))",
		"TIMESTAMP":      "timestamp '2026-01-01'",
		"INTERVAL":       "interval 1 day",
		"INTEGER[]":      "[1]",
		"STRUCT(a INTEG": "{'a': 1}",
		"FLOAT":          "cast(1 as float)",
	} {
		odd := warehouse.Relation{Schema: "marts", Name: "odd"}
		if err := db.Build(context.Background(), odd, "select 'a' as rep_id, "+value+" as strange"); err != nil {
			t.Fatal(err)
		}
		err := db.Publish(context.Background(), []warehouse.Relation{odd}, folder)
		if err == nil || !strings.Contains(err.Error(), "column strange is "+column) || fault.WhoMends(err) != fault.Us {
			t.Errorf("%s: %v", column, err)
		}
	}
	if got := asked(t, filepath.Join(folder, "merit.duckdb"), "select table_name from duckdb_tables()"); len(got) != 1 || got[0] != "rep_scorecards" {
		t.Errorf("after a refusal there is %q", got)
	}
	if left, err := os.ReadDir(filepath.Join(folder, "versions")); err != nil || len(left) != 1 {
		t.Errorf("a refused publish left %d folders: %v", len(left), err)
	}
}

// A publish may be cut at any point; the next one finishes what it began.
func TestPublishingAfterACut(t *testing.T) {
	db := opened(t, "")
	defer db.Close()
	cuts := map[string]func(folder string) error{
		"while files were written": func(folder string) error {
			return os.MkdirAll(filepath.Join(folder, "versions", unfinished+"123"), 0o700)
		},
		"before the folder was shown":   func(folder string) error { return os.Remove(filepath.Join(folder, "current")) },
		"before the database was shown": func(folder string) error { return os.Remove(filepath.Join(folder, "merit.duckdb")) },
		"with the new database half renamed": func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "merit.duckdb.new"), []byte("half"), 0o600)
		},
		"with the database of another version": func(folder string) error {
			if err := os.Remove(filepath.Join(folder, "merit.duckdb")); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(folder, "merit.duckdb"), []byte("old"), 0o600)
		},
	}
	for when, cut := range cuts {
		t.Run(when, func(t *testing.T) {
			folder := t.TempDir()
			marts(t, db, 5)
			publishes(t, db, folder)
			if err := cut(folder); err != nil {
				t.Fatal(err)
			}
			publishes(t, db, folder)
			if got := asked(t, filepath.Join(folder, "merit.duckdb"), "select count(*) from merit.rep_scorecards"); got[0] != "5" {
				t.Errorf("the database has %s rows", got)
			}
			if _, err := os.Stat(filepath.Join(folder, "current", "rep_scorecards.parquet")); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(filepath.Join(folder, "versions")); err != nil || len(left) != 1 {
				t.Errorf("%d folders are left: %v", len(left), err)
			}
		})
	}
}

const readerOf = "MERIT_TEST_READER_OF"

// readAndHold is another process: it holds the published database open, says what
// it sees, waits for a line, and says again.
func readAndHold(t *testing.T, path string) {
	reader := readOnly(t, path)
	defer reader.Close()
	in := bufio.NewReader(os.Stdin)
	for range 2 {
		for row, err := range reader.Query(context.Background(), "select count(*) as n from merit.rep_scorecards") {
			if err != nil {
				fmt.Println("sees:", err)
				return
			}
			fmt.Println("sees:", row.Int("n"))
		}
		if _, err := in.ReadString('\n'); err != nil {
			return
		}
	}
}

package duckdb

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/transform/warehouse"
	"merit/transform/warehouse/warehousetest"
)

func TestContract(t *testing.T) {
	t.Run("in memory", func(t *testing.T) {
		warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse { return opened(t, "") })
	})
	t.Run("in a file", func(t *testing.T) {
		warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse {
			return opened(t, filepath.Join(t.TempDir(), "ware house.duckdb"))
		})
	})
}

func TestOpenSaysWhatToMend(t *testing.T) {
	folder := t.TempDir()
	none := filepath.Join(folder, "text.duckdb")
	if err := os.WriteFile(none, []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, story := range map[string]struct{ path, memory, want string }{
		"another kind of file":     {none, "", "not a valid DuckDB database"},
		"a limit that is none":     {filepath.Join(folder, "a.duckdb"), "much", "a memory limit reads like 2GB"},
		"a path of settings":       {filepath.Join(folder, "a?b.duckdb"), "", "choose another"},
		"a folder that is missing": {filepath.Join(folder, "nowhere", "a.duckdb"), "", "nowhere"},
	} {
		db, err := Open(story.path, story.memory)
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), story.want) || fault.WhoMends(err) != fault.You {
			t.Errorf("%s: mended by %d: %v", name, fault.WhoMends(err), err)
		}
	}
}

func TestANewWarehouseIsForItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.duckdb")
	opened(t, path).Close()
	about, err := os.Stat(path)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", about.Mode(), err)
	}
}

// One process writes; a second one is told so and waits for nobody.
func TestAWarehouseThatAnotherProcessHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held.duckdb")
	if held := os.Getenv(readerOf); held != "" {
		db, err := Open(held, "")
		if err == nil {
			db.Close()
		}
		fmt.Printf("mends: %d %v\n", fault.WhoMends(err), err)
		return
	}
	db := opened(t, path)
	defer db.Close()
	if err := db.Exec(context.Background(), "create table t as select 1 as n"); err != nil {
		t.Fatal(err)
	}
	other := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	other.Env = append(os.Environ(), readerOf+"="+path)
	out, err := other.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "mends: 3") || !strings.Contains(string(out), "another program has it open") {
		t.Errorf("%v: %s", err, out)
	}
}

// A build that needs more memory than allowed goes on beside the file, and leaves
// nothing there; where even that is not allowed, it is said who can mend it.
func TestABuildLargerThanItsMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.duckdb")
	db, err := Open(path, "48MB")
	if err != nil {
		t.Fatal(err)
	}
	big := warehouse.Relation{Schema: "core", Name: "big"}
	const query = "select i, i || ' a text of some length' as s from range(1000000) as numbers(i) order by s"
	if err := db.Exec(context.Background(), "set global max_temp_directory_size = '0KB'"); err != nil {
		t.Fatal(err)
	}
	err = db.Build(context.Background(), big, query)
	if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "more memory is needed") {
		t.Error(err)
	}
	if err := db.Exec(context.Background(), "set global max_temp_directory_size = '1GB'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Build(context.Background(), big, query); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(path + ".spill/*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
}

func opened(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(path, "1GB")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

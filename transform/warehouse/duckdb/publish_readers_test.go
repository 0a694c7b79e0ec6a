package duckdb

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

func TestAReaderIsNeverBlocked(t *testing.T) {
	if path := os.Getenv(readerOf); path != "" {
		readAndHold(t, path)
		return
	}
	db := opened(t, "")
	defer db.Close()
	folder := t.TempDir()
	marts(t, db, 10)
	publishes(t, db, folder)
	reader := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	reader.Env = append(os.Environ(), readerOf+"="+filepath.Join(folder, "merit.duckdb"))
	out, err := reader.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := reader.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	sees := func(want string) {
		t.Helper()
		for lines.Scan() {
			if got, isAnswer := strings.CutPrefix(lines.Text(), "sees: "); isAnswer {
				if got != want {
					t.Errorf("the reader sees %s, not %s", got, want)
				}
				return
			}
		}
		t.Error("the reader said nothing")
	}
	sees("10")
	for rows := 11; rows < 11+2*keptVersions; rows++ { // its version is pruned, too
		marts(t, db, rows)
		publishes(t, db, folder)
	}
	io.WriteString(in, "again\n")
	sees("10")
	io.WriteString(in, "over\n")
	if err := reader.Wait(); err != nil {
		t.Error(err)
	}
	if got := asked(t, filepath.Join(folder, "merit.duckdb"), "select count(*) from merit.rep_scorecards"); got[0] != "16" {
		t.Errorf("who opens it anew sees %s rows", got)
	}
}

func TestPublishingLeavesForeignFoldersAlone(t *testing.T) {
	for name, foreign := range map[string][]string{
		"an application's versions":  {"versions/1.2/app.bin", "versions/2.0/app.bin"},
		"a name like ours":           {"versions/0123456789abcdef01234567/app.bin"},
		"a beginning like ours":      {"versions/.new-release/app.bin"},
		"a file among the versions":  {"versions/notes.txt"},
		"a folder called current":    {"current/app.bin"},
		"a database called merit":    {"merit.duckdb"},
		"versions beside our own":    {},
		"a release beside a publish": {},
	} {
		t.Run(name, func(t *testing.T) {
			db := opened(t, "")
			if err := db.Exec(t.Context(), "create schema marts; create table marts.a as select cast(1 as bigint) as x"); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(t.TempDir(), "app")
			relations := []warehouse.Relation{{Schema: "marts", Name: "a", Key: []string{"x"}, Comment: "one row", Columns: []warehouse.Column{{Name: "x", Type: "bigint"}}}}
			isRefused := len(foreign) > 0
			if !isRefused { // it came after the first publish
				if err := db.Publish(t.Context(), relations, folder); err != nil {
					t.Fatal(err)
				}
				foreign = []string{"versions/1.2/app.bin", "versions/zz/app.bin", "current.bak/app.bin"}
			}
			for _, file := range foreign {
				path := filepath.Join(folder, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte("theirs"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for n := range 6 {
				if err := db.Exec(t.Context(), fmt.Sprintf("insert into marts.a values (%d)", n+2)); err != nil {
					t.Fatal(err)
				}
				err := db.Publish(t.Context(), relations, folder)
				if isRefused != (err != nil) || err != nil && fault.WhoMends(err) != fault.You {
					t.Fatalf("publishing: %v", err)
				}
			}
			for _, file := range foreign {
				if text, err := os.ReadFile(filepath.Join(folder, file)); err != nil || string(text) != "theirs" {
					t.Errorf("%s: %q, %v", file, text, err)
				}
			}
			if !isRefused {
				if err := db.RemoveSuperseded(folder); err != nil {
					t.Fatal(err)
				}
				entries, err := os.ReadDir(filepath.Join(folder, "versions"))
				if err != nil || len(entries) != 3 { // the one that is shown, and theirs
					t.Errorf("left are %v, %v", entries, err)
				}
			}
		})
	}
}

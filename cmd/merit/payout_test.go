package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"merit/pipelines/evidence"
)

// everyByte DIR: the evidence log of the project in DIR is good, and is not when any
// of its bytes is changed, any record dropped, doubled or exchanged with its
// neighbour, or anything cut from its end.
func everyByte(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	path := filepath.Join(dir, "evidence", evidence.FileName)
	good, err := os.ReadFile(path)
	ts.Check(err)
	tries := 0
	must := func(bad []byte, what string) {
		tries++
		ts.Check(os.WriteFile(path, bad, 0o600))
		if _, err := evidence.OpenLog(dir); err == nil {
			ts.Fatalf("%s, and nobody saw", what)
		}
	}
	for at := range good {
		bad := bytes.Clone(good)
		bad[at] ^= 0x20
		must(bad, fmt.Sprintf("byte %d (%q) was changed", at, good[at]))
	}
	lines := slices.Collect(bytes.Lines(good))
	for i := range lines {
		must(bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil), fmt.Sprintf("record %d was dropped", i))
		must(bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil), fmt.Sprintf("record %d was doubled", i))
		must(bytes.Join(lines[:i], nil), fmt.Sprintf("the log was cut before record %d", i))
		must(bytes.Join(append(slices.Clone(lines[:i]), lines[i][:len(lines[i])/2]), nil), fmt.Sprintf("the log was cut within record %d", i))
		if i > 0 {
			moved := slices.Clone(lines)
			moved[i-1], moved[i] = moved[i], moved[i-1]
			must(bytes.Join(moved, nil), fmt.Sprintf("records %d and %d were exchanged", i-1, i))
		}
	}
	ts.Check(os.WriteFile(path, good, 0o600))
	if _, err := evidence.OpenLog(dir); err != nil {
		ts.Fatalf("the log as it was: %v", err)
	}
	ts.Logf("%d records, %d bytes: %d ways to tamper, all found", len(lines), len(good), tries)
}

// eachFile DIR ARGUMENTS … : with any one file of the folder changed, taken away, or
// one added, merit ends with exit code 2 and names the file.
func eachFile(ts *testscript.TestScript, _ bool, args []string) {
	root := ts.MkAbs(args[0])
	refused := func(name, what string) {
		var said strings.Builder
		if code := run(args[1:], io.Discard, &said); code != 2 {
			ts.Fatalf("%s %s: merit %v ended with exit code %d", name, what, args[1:], code)
		}
		if !strings.Contains(said.String(), filepath.Base(name)) {
			ts.Fatalf("%s %s: the message does not name it: %s", name, what, said.String())
		}
	}
	files := 0
	ts.Check(filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		good, err := os.ReadFile(path)
		ts.Check(err)
		bad := append(bytes.Clone(good), ' ')
		if len(good) > 0 {
			bad = bytes.Clone(good)
			bad[len(bad)/2] ^= 1
		}
		ts.Check(os.Chmod(path, 0o600))
		ts.Check(os.WriteFile(path, bad, 0o600))
		refused(path, "was changed")
		ts.Check(os.Remove(path))
		refused(path, "is gone")
		ts.Check(os.WriteFile(path, good, 0o600))
		return nil
	}))
	added := filepath.Join(root, "added.txt")
	ts.Check(os.WriteFile(added, []byte("x"), 0o600))
	refused(added, "was added")
	ts.Check(os.Remove(added))
	ts.Logf("%d files, each changed and taken away: always refused", files)
}

// duck FILE SQL: somebody with a shell changes the warehouse, by another program.
func duck(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("duckdb", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(args[1])
	ts.Check(errors.Join(err, db.Close()))
}

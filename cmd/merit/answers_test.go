package main

import (
	"database/sql"
	"os"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/rogpeppe/go-internal/testscript"
)

// answers DATABASE FILE: each select of the file has an answer, with a value in each
// column of its first row. It reads the database as a BI tool does, and may not write.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("duckdb", ts.MkAbs(args[0])+"?access_mode=read_only")
	ts.Check(err)
	defer db.Close()
	text, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	asked := 0
	for question := range strings.SplitSeq(string(text), ";") {
		asked++
		empty, err := firstRow(db, question)
		if err != nil {
			ts.Fatalf("%s\n%v", question, err)
		}
		if empty != "" {
			ts.Fatalf("%s\n%s", question, empty)
		}
	}
	if asked < 2 {
		ts.Fatalf("%s asks nothing", args[1])
	}
}

// firstRow tells what is missing in the answer's first row, "" where nothing is.
func firstRow(db *sql.DB, question string) (string, error) {
	rows, err := db.Query(question)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	if !rows.Next() {
		return "has no answer", rows.Err()
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	if err := rows.Scan(places...); err != nil {
		return "", err
	}
	for i, v := range values {
		if v == nil {
			return columns[i] + " has no value in the first row", nil
		}
	}
	return "", nil
}

package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

// A layout is a way in which a table's rows could lie in files.
type layout struct {
	name   string
	folder string // into which partition a row goes, as SQL; "": there are none
	order  string // within a file; "": as they came
}

// layouts are all that were considered for the lake. Files have up to 250,000 rows,
// as those of compaction.
func layouts() []layout {
	return []layout{
		{"none, as read", "", "seen, id"},
		{"none, sorted by key and time", "", "id, seen"},
		{"16 buckets of the key, as read", "hash(id) % 16", "seen, id"},
		{"16 buckets of the key, sorted", "hash(id) % 16", "id, seen"},
		{"days, as read", "cast(seen as date) - date '2026-01-01'", "seen, id"},
		{"days, sorted", "cast(seen as date) - date '2026-01-01'", "id, seen"},
	}
}

// BenchmarkLayouts prints how long DuckDB takes over a history of two million rows
// that came in 60 days, in each layout: the row that counts of each key, each row with
// the one after it, all rows of one key, all rows of one week. Ratios are to the first.
func BenchmarkLayouts(b *testing.B) {
	for range b.N {
		db, err := sql.Open("duckdb", "")
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		perform(b, db, `set threads to 2`)
		perform(b, db, `create table came as
			select 'id' || lpad(cast(hash(i) % 200000 as varchar), 12, '0') as id,
				timestamp '2026-01-01' + interval 1 second * (i * 60 * 86400 // 2000000) as seen,
				'stage ' || (hash(i + 1) % 9) as stage, cast(hash(i + 2) % 1000000 as decimal(18, 2)) as amount,
				'text ' || hash(i + 3) as note, i as _order
			from range(2000000) as r(i)`)
		first := map[string]float64{}
		for _, l := range layouts() {
			files := lay(b, db, l)
			for _, q := range layoutQueries() {
				took := quickest(b, db, fmt.Sprintf(q.sql, files))
				if _, known := first[q.name]; !known {
					first[q.name] = took
				}
				b.Logf("%-32s %-16s %8.1f ms  %5.2f ×", l.name, q.name, took, took/first[q.name])
			}
		}
	}
}

type layoutQuery struct{ name, sql string }

func layoutQueries() []layoutQuery {
	return []layoutQuery{
		{"latest rows", `select count(*), sum(amount) from read_parquet(%[1]s) as rows join (select id, max(seen) as seen from read_parquet(%[1]s) group by id) using (id, seen)`},
		{"next rows", `select count(*), max(next - seen) from (select seen, lead(seen) over (partition by id order by seen) as next from read_parquet(%s))`},
		{"one key", `select count(*), sum(amount) from read_parquet(%s) where id = 'id000000077777'`},
		{"one week", `select count(*), sum(amount) from read_parquet(%s) where seen >= timestamp '2026-02-01' and seen < timestamp '2026-02-08'`},
	}
}

// lay writes the rows in a layout and gives its files as SQL.
func lay(b *testing.B, db *sql.DB, l layout) string {
	b.Helper()
	folder := filepath.Join(b.TempDir(), "layout")
	if err := os.Mkdir(folder, 0o700); err != nil {
		b.Fatal(err)
	}
	part := l.folder
	if part == "" { // what came together lies together: groups of 250,000 rows
		part = "_order // 250000"
	}
	rows, err := db.Query(`select distinct ` + part + ` from came`)
	if err != nil {
		b.Fatal(err)
	}
	var parts []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			b.Fatal(err)
		}
		parts = append(parts, one)
	}
	rows.Close()
	for _, one := range parts {
		perform(b, db, fmt.Sprintf(`copy (select * from came where %s = %s order by %s) to '%s/%s.parquet' (compression zstd, row_group_size 122880)`,
			part, one, l.order, folder, one))
	}
	return "'" + folder + "/*.parquet'"
}

func perform(b *testing.B, db *sql.DB, statement string) {
	b.Helper()
	if _, err := db.Exec(statement); err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}

// quickest is the least time of five, in milliseconds.
func quickest(b *testing.B, db *sql.DB, query string) float64 {
	b.Helper()
	best := time.Hour
	for range 5 {
		began := time.Now()
		perform(b, db, query)
		best = min(best, time.Since(began))
	}
	return float64(best.Microseconds()) / 1000
}

package main

import (
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

// A measure is what one command takes, beside a floor of the same run.
type measure struct {
	what, floor   string
	took, floored time.Duration // of processors
	most          float64       // times the floor; 0 is no bound
	surplus       time.Duration // beyond the floor, instead of times; 0 is no bound
}

// BenchmarkWholeDay does what a scheduler does in a day, on an invented company, and prints
// a table of it: processor time, beside that of a floor. It fails where a bound is missed.
// MERIT_BENCH_COMPANY is the company's size in deals, 3600 without it.
func BenchmarkWholeDay(b *testing.B) {
	merit, err := filepath.Abs("../../bin/merit")
	if err != nil {
		b.Fatal(err)
	}
	size := os.Getenv("MERIT_BENCH_COMPANY")
	if size == "" {
		size = "3600"
	}
	for range b.N {
		dir := filepath.Join(b.TempDir(), "project")
		endpoint := startSandbox(b, merit, "--size", size, "--init", dir)
		run := func(args ...string) time.Duration {
			return ofCommand(b, exec.Command(merit, append(args, "--quiet", "--project", dir)...))
		}
		run("run")
		status := run("status")
		full := run("build", "--full")
		sorting := ofDuckDB(b, sortedTables(b, filepath.Join(dir, "lake"), ".parquet"))
		run("run") // what the first one showed is known to this one
		nothing := run("run")
		written := ofDuckDB(b, copies(b, filepath.Join(dir, "published", "current"), b.TempDir()))
		if err := os.RemoveAll(filepath.Join(dir, "published")); err != nil {
			b.Fatal(err)
		}
		publishing := run("run") - nothing
		report := run("report", "--all")
		pages := ofCommand(b, exec.Command("cp", "-r", filepath.Join(dir, "report"), b.TempDir()))
		if _, err := http.Post(endpoint+"/sandbox/advance?days=1", "", nil); err != nil { //nolint:bodyclose // the process ends with the benchmark
			b.Fatal(err)
		}
		day := run("run")
		b.StopTimer()
		tell(b, []measure{
			{what: "every table", floor: "DuckDB reads the lake's files and sorts each", took: full, floored: sorting},
			{what: "a run when nothing changed", floor: "merit status", took: nothing, floored: status, surplus: 2 * time.Second},
			{what: "a run after a day", floor: "every table", took: day, floored: full, most: 1.5},
			{what: "publishing every table", floor: "DuckDB writes the same files", took: publishing, floored: written, most: 10},
			{what: "every page", floor: "cp of the same pages", took: report, floored: pages},
		})
	}
}

// tell prints the table, and fails where a bound is missed.
func tell(b *testing.B, measures []measure) {
	fmt.Printf("\n| what | processor time | floor | its time | times | bound |\n|---|---|---|---|---|---|\n")
	for _, m := range measures {
		times, bound := m.took.Seconds()/m.floored.Seconds(), "none"
		isMissed := false
		switch {
		case m.surplus > 0:
			bound = fmt.Sprintf("%v more than the floor", m.surplus)
			isMissed = m.took > m.floored+m.surplus
		case m.most > 0:
			bound = fmt.Sprintf("%.1f times", m.most)
			isMissed = times > m.most
		}
		fmt.Printf("| %s | %.2f s | %s | %.2f s | %.1f | %s |\n", m.what, m.took.Seconds(), m.floor, m.floored.Seconds(), times, bound)
		if isMissed {
			b.Errorf("%s: %.2f s of processor time, %.1f times the floor; the bound is %s", m.what, m.took.Seconds(), times, bound)
		}
	}
}

func ofCommand(b *testing.B, command *exec.Cmd) time.Duration {
	b.Helper()
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", command, err, out)
	}
	return command.ProcessState.UserTime() + command.ProcessState.SystemTime()
}

// ofDuckDB is the processor time of statements in a database in memory.
func ofDuckDB(b *testing.B, statements []string) time.Duration {
	b.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		b.Fatal(err)
	}
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			b.Fatalf("%s: %v", statement, err)
		}
	}
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	return time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
}

// sortedTables make a sorted table of each file under a folder.
func sortedTables(b *testing.B, folder, ending string) []string {
	var statements []string
	for _, path := range filesIn(b, folder, ending) {
		statements = append(statements, fmt.Sprintf("create or replace table sorted as select * from read_parquet('%s') order by all", strings.ReplaceAll(path, "'", "''")))
	}
	return statements
}

// copies write each Parquet file of a folder once more.
func copies(b *testing.B, folder, to string) []string {
	var statements []string
	for _, path := range filesIn(b, folder, ".parquet") {
		statements = append(statements, fmt.Sprintf("copy (select * from read_parquet('%s')) to '%s' (format parquet, compression zstd)", path, filepath.Join(to, filepath.Base(path))))
	}
	return statements
}

func filesIn(b *testing.B, folder, ending string) []string {
	var paths []string
	folder, err := filepath.EvalSymlinks(folder)
	if err == nil {
		err = filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ending) {
				paths = append(paths, path)
			}
			return err
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	return paths
}

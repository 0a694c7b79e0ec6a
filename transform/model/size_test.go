package model

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"merit/models"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

// BenchmarkBuild makes every table of the models for a company of three years, as
// merit build does, and puts the time beside DuckDB's own for reading the same
// history and writing it down in the order of deals and instants: in one process,
// one after the other, with the same two threads and the same memory.
//
//	MERIT_BENCH_ROWS    rows of history, 5,000,000 without it
//	MERIT_BENCH_MEMORY  DuckDB's limit, 2200MB without it: a process takes more than
//	                    that, and 4 GB are what it is to stay within
//	MERIT_BENCH_FOLDER  where the company's files stay for the next time
func BenchmarkBuild(b *testing.B) {
	s := newSize(b)
	for range b.N {
		forgetPeak(b)
		staging, build, peak := s.built(b)
		fmt.Printf("staging: %v\nall tables: %v\nmost memory at once: %.0f MiB with DuckDB's limit at %s\n", staging, build, peak, s.memory)
		if peak*(1<<20) > 4e9 {
			b.Errorf("the process held %.0f MiB, more than 4 GB", peak)
		}
		floor := s.sorted(b)
		fmt.Printf("reading and sorting the %d rows of history: %v\n", s.rows, floor)
		b.ReportMetric(build.wall.Seconds()/floor.wall.Seconds(), "×floor")
		b.ReportMetric(build.cpu.Seconds()/floor.cpu.Seconds(), "×floor-CPU")
		b.ReportMetric(peak, "MiB")
		b.ReportMetric(0, "ns/op")
	}
}

// A cost is time by the clock, and by the processors: on a machine that others use
// the second tells more.
type cost struct{ wall, cpu time.Duration }

func (c cost) String() string {
	return fmt.Sprintf("%.1f s, of processors %.1f s", c.wall.Seconds(), c.cpu.Seconds())
}

// since is what was spent after a reading of now.
func since(then cost) cost { return cost{now().wall - then.wall, now().cpu - then.cpu} }

func now() cost {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return cost{time.Since(benchmarkBegan), time.Duration(used.Utime.Nano() + used.Stime.Nano())}
}

var benchmarkBegan = time.Now()

// forgetPeak lets the system's count of the most memory at once begin anew.
func forgetPeak(b *testing.B) {
	b.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}

func peakMiB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	b.Fatal("the system does not tell the most memory at once")
	return 0
}

// A size is a company of so many rows of history, as Parquet files.
type size struct {
	rows   int
	memory string
	folder string // SCHEMA.TABLE.parquet for each filled table of the contract
	graph  *Graph
}

func newSize(b *testing.B) size {
	b.Helper()
	graph, err := Load(models.Files)
	if err != nil {
		b.Fatal(err)
	}
	s := size{rows: 5_000_000, memory: "2200MB", folder: os.Getenv("MERIT_BENCH_FOLDER"), graph: graph}
	if text := os.Getenv("MERIT_BENCH_ROWS"); text != "" {
		if s.rows, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	if text := os.Getenv("MERIT_BENCH_MEMORY"); text != "" {
		s.memory = text
	}
	if s.folder == "" {
		s.folder = b.TempDir()
	}
	s.folder = filepath.Join(s.folder, strconv.Itoa(s.rows))
	if _, err := os.Stat(filepath.Join(s.folder, "whole")); err != nil {
		s.invent(b)
	}
	return s
}

// open is a new warehouse file with the benchmark's two threads.
func (s size) open(b *testing.B, path string) *duckdb.DB {
	b.Helper()
	db, err := duckdb.Open(path, s.memory)
	if err != nil {
		b.Fatal(err)
	}
	s.exec(b, db, "set global threads = 2")
	return db
}

func (size) exec(b *testing.B, db *duckdb.DB, statements string) {
	b.Helper()
	if err := db.Exec(context.Background(), statements); err != nil {
		b.Fatal(err)
	}
}

// invent writes the company's files.
func (s size) invent(b *testing.B) {
	b.Helper()
	if err := os.MkdirAll(s.file("staging.deal_changes"), 0o755); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(s.folder, "invented.duckdb")
	db := s.open(b, path)
	s.exec(b, db, "set global preserve_insertion_order = false")
	s.exec(b, db, s.text(b, "company.sql"))
	list := []string{}
	for _, metric := range s.graph.Metrics() {
		list = append(list, "('"+metric.Short()+"')")
	}
	s.exec(b, db, "create table catalogue as select * from (values "+strings.Join(list, ", ")+") as metrics(metric)")
	list = []string{"('closed_won_arr', 'none', 'none')"}
	for _, metric := range s.graph.Metrics() {
		for name, values := range metric.Header.Parameters {
			for _, value := range values {
				list = append(list, fmt.Sprintf("(%s, %s, %s)", sqlText(metric.Short()), sqlText(name), sqlText(value)))
			}
		}
	}
	s.exec(b, db, "create table parameters as select * from (values "+strings.Join(list, ", ")+") as parameters(metric, name, value)")
	history := s.text(b, "history.sql")
	for change := range 20 {
		query := strings.ReplaceAll(history, "{k}", strconv.Itoa(change))
		s.exec(b, db, fmt.Sprintf("copy (%s) to '%s' (format parquet, compression zstd)", query, filepath.Join(s.file("staging.deal_changes"), fmt.Sprintf("%02d.parquet", change))))
	}
	for schema, file := range map[string]string{"staging": "records.sql", "plan": "plan.sql"} {
		for name, query := range s.queries(b, file) {
			s.exec(b, db, fmt.Sprintf("copy (%s) to '%s' (format parquet, compression zstd)", query, s.file(schema+"."+name)))
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	os.Remove(path)
	if err := os.WriteFile(filepath.Join(s.folder, "whole"), nil, 0o644); err != nil {
		b.Fatal(err)
	}
}

func (s size) file(table string) string { return filepath.Join(s.folder, table+".parquet") }

// text is a file of testdata/size with the company's numbers in it.
func (s size) text(b *testing.B, file string) string {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "size", file))
	if err != nil {
		b.Fatal(err)
	}
	deals := s.rows / 20
	return strings.NewReplacer(
		"{deals}", strconv.Itoa(deals),
		"{accounts}", strconv.Itoa(max(30, deals/3/30*30)),
		"{users}", strconv.Itoa(max(30, deals/600/10*10)),
	).Replace(string(text))
}

// queries are the parts of a file that begin with "-- TABLE: ", by table.
func (s size) queries(b *testing.B, file string) map[string]string {
	b.Helper()
	parts := map[string]string{}
	for part := range strings.SplitSeq("\n"+s.text(b, file), "\n-- ") {
		head, query, found := strings.Cut(part, "\n")
		table, _, named := strings.Cut(head, ":")
		if found && named && !strings.Contains(table, " ") {
			parts[table] = query
		}
	}
	return parts
}

// sorted reads the history and writes it in order: the floor.
func (s size) sorted(b *testing.B) cost {
	b.Helper()
	db := s.open(b, filepath.Join(b.TempDir(), "floor.duckdb"))
	defer db.Close()
	began := now()
	s.exec(b, db, fmt.Sprintf("create table sorted as select * from read_parquet('%s/*.parquet') order by source, deal_id, changed_at, ordinal", s.file("staging.deal_changes")))
	return since(began)
}

// built makes all tables and prints what each took. MERIT_BENCH_KEEP is where the
// warehouse stays to be looked at.
func (s size) built(b *testing.B) (staging, build cost, peak float64) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "warehouse.duckdb")
	if kept := os.Getenv("MERIT_BENCH_KEEP"); kept != "" {
		path = kept
	}
	db := s.open(b, path)
	defer db.Close()
	spilled := watch(b, path+".spill")
	began := now()
	s.stage(b, db)
	staging = since(began)
	tell := func(took cost, what string) { // each with the most memory that it held
		held := peakMiB(b)
		peak = max(peak, held)
		fmt.Printf("%7.1f s %7.1f s CPU %5.0f MiB  %s\n", took.wall.Seconds(), took.cpu.Seconds(), held, what)
		forgetPeak(b)
	}
	tell(staging, "staging")
	names, err := s.graph.Select("")
	if err != nil {
		b.Fatal(err)
	}
	began = now()
	last := began
	err = s.graph.Build(context.Background(), db, names, func(step Step) {
		took := since(last)
		last = now()
		tell(took, fmt.Sprintf("%-36s %11d rows", step.Model, step.Rows))
	})
	if err != nil {
		b.Fatal(err)
	}
	build = since(began)
	about, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("warehouse: %d MiB, beside it at most: %d MiB\n", about.Size()>>20, spilled.Load()>>20)
	return staging, build, peak
}

// watch is the most that a folder has held, looked at every second.
func watch(b *testing.B, folder string) *atomic.Int64 {
	b.Helper()
	var most atomic.Int64
	ended := make(chan struct{})
	b.Cleanup(func() { close(ended) })
	go func() {
		for {
			var held int64
			entries, _ := os.ReadDir(folder) // not there yet: nothing
			for _, entry := range entries {
				if about, err := entry.Info(); err == nil {
					held += about.Size()
				}
			}
			most.Store(max(most.Load(), held))
			select {
			case <-ended:
				return
			case <-time.After(time.Second):
			}
		}
	}()
	return &most
}

// stage puts the plan and fills staging from both CRMs' files.
func (s size) stage(b *testing.B, db *duckdb.DB) {
	b.Helper()
	views := map[string]fstest.MapFS{"one_crm": {}, "other_crm": {}}
	s.exec(b, db, "create schema files")
	for _, table := range s.graph.Contract() {
		query := s.given(b, db, table)
		switch {
		case table.Schema == "plan":
			if err := db.Build(context.Background(), table, query); err != nil {
				b.Fatal(err)
			}
		case query != "":
			s.exec(b, db, "create view files."+table.Name+" as "+query)
			for crm, files := range views {
				files[table.Name+".sql"] = &fstest.MapFile{Data: []byte(fmt.Sprintf("select * from raw.%s where source = '%s'", table.Name, crm))}
			}
		}
	}
	var sources []Staged
	for _, crm := range []string{"one_crm", "other_crm"} {
		sources = append(sources, Staged{Source: crm, RawSchema: "files", Views: views[crm]})
	}
	if err := Stage(context.Background(), Blank(db), s.graph.Contract(), sources); err != nil {
		b.Fatal(err)
	}
}

// given is the table as its file has it, with the columns that the company does
// not fill as nulls; "" when it has no file.
func (s size) given(b *testing.B, db *duckdb.DB, table warehouse.Relation) string {
	b.Helper()
	file := s.file(table.String())
	about, err := os.Stat(file)
	if err != nil {
		if table.Schema == "plan" {
			return noRows(table)
		}
		return ""
	}
	if about.IsDir() {
		file += "/*"
	}
	has := map[string]bool{}
	for row, err := range db.Query(context.Background(), "select column_name from (describe select * from read_parquet('"+file+"'))") {
		if err != nil {
			b.Fatal(err)
		}
		has[row.Text("column_name")] = true
	}
	list := columnNames(table)
	for i, column := range table.Columns {
		if !has[column.Name] {
			list[i] = fmt.Sprintf("cast(null as %s) as %s", column.Type, column.Name)
		}
	}
	return "select " + strings.Join(list, ", ") + " from read_parquet('" + file + "')"
}

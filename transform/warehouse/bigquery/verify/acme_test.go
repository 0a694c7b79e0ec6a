package verify

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"merit/transform/warehouse"
)

// Acme is read once, and built by the command on both engines: what both publish is
// equal, cell by cell; a payout is drafted and a score explained alike; and when a
// job of a later run fails, readers see what they saw before.
func TestAcmeOnBothEngines(t *testing.T) {
	merit := filepath.Join(t.TempDir(), "merit")
	build := exec.Command("go", "build", "-o", merit, "./cmd/merit")
	build.Dir = "../../../.."
	build.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := projectOf(t, merit)
	p.says("run")
	period, rep := p.someone()
	inDuckDB := p.published()
	explained := p.says("explain", rep, period)

	url, s := emulator(t)
	p.uses(url)
	p.says("run")
	for name, want := range inDuckDB {
		if got := p.rowsOf(url, name); !slices.Equal(got, want) {
			t.Errorf("%s: DuckDB has %d rows, BigQuery %d; %s", name, len(want), len(got), firstDifference(want, got))
		}
	}
	if now := p.says("explain", rep, period); now != explained {
		t.Errorf("explained otherwise: %s", firstDifference(strings.Split(explained, "\n"), strings.Split(now, "\n")))
	}
	p.says("payout", "draft", period)
	if out := p.says("build", "--dry-run"); !strings.Contains(out, "bytes would be read") {
		t.Errorf("dry run: %s", out)
	}
	analyseSent(t, url, s.said())
	before := map[string][]string{}
	for name := range inDuckDB {
		before[name] = p.rowsOf(url, name)
	}
	first := len(s.said())
	p.says("run")
	again := s.said()[first:]
	for _, job := range again {
		if sql := job.Configuration.Query.Query; writes.MatchString(sql) && !ofTheRun.MatchString(sql) {
			t.Errorf("nothing changed, and it ran %.200s", sql)
		}
	}
	t.Logf("a run in which all changed: %d query jobs; in which nothing did: %d", first, len(again))
	s.meddle(func(sql string) (string, error) {
		if strings.HasPrefix(sql, "begin transaction") {
			return strings.Replace(sql, "commit transaction", "select cast('made to fail' as int64);\ncommit transaction", 1), nil
		}
		return sql, nil
	})
	p.forgetsPublications(url)
	if out, err := p.run("run"); err == nil || !strings.Contains(out, "made to fail") {
		t.Errorf("publishing that fails: %v %s", err, out)
	}
	s.meddle(nil)
	for name, rows := range before {
		if got := p.rowsOf(url, name); !slices.Equal(got, rows) {
			t.Errorf("when publishing had failed, %s was otherwise: %s", name, firstDifference(rows, got))
		}
	}
}

// writes are the statements that change a table. What nothing changed leaves alone.
var writes = regexp.MustCompile("(?is)^(create or replace table|begin transaction|delete|insert|update|merge|drop|alter)")

// ofTheRun are statements about the tables that say how the run itself went.
var ofTheRun = regexp.MustCompile("`merit`\\.`(freshness|run_log)`")

// A project is a folder with the command that works on it.
type projectFolder struct {
	t          *testing.T
	merit, dir string
}

func projectOf(t *testing.T, merit string) projectFolder {
	t.Helper()
	p := projectFolder{t, merit, filepath.Join(t.TempDir(), "acme")}
	serve := exec.Command(merit, "sandbox", "--port", "0", "--size", "8", "--init", p.dir)
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	serve.Stderr = os.Stderr
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { serve.Process.Signal(os.Interrupt); serve.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ctrl-C") {
			p.setFirstPeriod()
			return p
		}
	}
	t.Fatal("the sandbox did not start")
	return p
}

// setFirstPeriod leaves the last quarters of the story's: the emulator joins row by row.
func (p projectFolder) setFirstPeriod() {
	p.t.Helper()
	path := filepath.Join(p.dir, "merit.yml")
	settings, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	first := regexp.MustCompile(`first_period: \S+`)
	if !first.Match(settings) {
		p.t.Fatalf("%s has no first_period", path)
	}
	if err := os.WriteFile(path, first.ReplaceAll(settings, []byte("first_period: 2026-Q1")), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// uses has the project build in BigQuery from now on.
func (p projectFolder) uses(url string) {
	p.t.Helper()
	file, err := os.OpenFile(filepath.Join(p.dir, "merit.yml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	defer file.Close()
	fmt.Fprintf(file, "warehouse:\n  bigquery:\n    project: %s\n    dataset: merit\n    location: EU\n    endpoint: %s\n    jobs_at_once: 1 # the emulator does one thing at a time, and what waits would give up\n", project, url)
}

func (p projectFolder) run(args ...string) (string, error) {
	var out, wrong bytes.Buffer
	command := exec.Command(p.merit, append(args, "--project", p.dir)...)
	command.Stdout, command.Stderr = &out, &wrong
	err := command.Run()
	if err != nil {
		return out.String() + wrong.String(), err
	}
	return out.String(), nil
}

func (p projectFolder) says(args ...string) string {
	p.t.Helper()
	out, err := p.run(args...)
	if err != nil {
		p.t.Fatalf("merit %s: %v\n%.4000s … %s", strings.Join(args, " "), err, out, out[max(0, len(out)-1500):])
	}
	p.t.Logf("merit %s\n%.1500s", strings.Join(args, " "), out)
	return out
}

// published are the rows that DuckDB published, by table, as canonical text.
func (p projectFolder) published() map[string][]string {
	p.t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(p.dir, "published", "merit.duckdb")+"?access_mode=read_only")
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	tables, err := db.Query("select table_name, string_agg(column_name, ', ' order by ordinal_position) from duckdb_columns() join information_schema.columns using (table_name, column_name) where not internal group by table_name")
	if err != nil {
		p.t.Fatal(err)
	}
	all := map[string][]string{}
	for tables.Next() {
		var name, columns string
		if err := tables.Scan(&name, &columns); err != nil {
			p.t.Fatal(err)
		}
		all[name] = textsOf(p.t, db, name, strings.Split(columns, ", "))
	}
	return all
}

func textsOf(t *testing.T, db *sql.DB, name string, columns []string) []string {
	t.Helper()
	rows, err := db.Query("set TimeZone = 'UTC'; select columns(*)::varchar from " + name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = columns[i] + "=" + canonical(c.String, !c.Valid)
		}
		all = append(all, strings.Join(line, " | "))
	}
	slices.Sort(all)
	return all
}

// rowsOf are a published table's rows in BigQuery.
func (p projectFolder) rowsOf(url, name string) []string {
	p.t.Helper()
	w := opened(p.t, url)
	defer w.Close()
	var all []string
	for row, err := range w.Query(context.Background(), "select * from `merit`."+name) {
		if err != nil {
			p.t.Fatalf("%s: %v", name, err)
		}
		all = append(all, lineOf(row))
	}
	slices.Sort(all)
	return all
}

// forgetsPublications has the next run publish everything.
func (p projectFolder) forgetsPublications(url string) {
	p.t.Helper()
	w := opened(p.t, url)
	defer w.Close()
	if err := w.Exec(context.Background(), "drop table build.publications"); err != nil {
		p.t.Fatal(err)
	}
}

func lineOf(row warehouse.Row) string {
	var line []string
	for i, column := range row.Columns() {
		line = append(line, column+"="+canonical(row.At(i).Text, row.At(i).IsNull))
	}
	return strings.Join(line, " | ")
}

var (
	instantText = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(\+00|Z)$`)
	decimalText = regexp.MustCompile(`^-?\d+\.\d+$`)
)

// canonical is one text for what both engines mean.
func canonical(text string, isNull bool) string {
	switch m := instantText.FindStringSubmatch(text); {
	case isNull:
		return "∅"
	case m != nil:
		return m[1] + "T" + m[2] + strings.TrimRight(strings.TrimRight(m[3], "0"), ".") + "Z"
	case decimalText.MatchString(text):
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// someone is a rep with a score in a period that is over.
func (p projectFolder) someone() (period, rep string) {
	p.t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(p.dir, "published", "merit.duckdb")+"?access_mode=read_only")
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("select period, rep_id from rep_scorecards where score is not null order by period, rep_id limit 1").Scan(&period, &rep); err != nil {
		p.t.Fatal(err)
	}
	return period, rep
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want):
			return "only the second has " + got[i]
		case i >= len(got):
			return "only the first has " + want[i]
		case want[i] != got[i]:
			return "\n  " + want[i] + "\n  " + got[i]
		}
	}
	return "the same"
}

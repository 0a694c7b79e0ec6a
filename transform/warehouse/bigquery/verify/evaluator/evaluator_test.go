package evaluator

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"merit/models"
	"merit/transform/model"
	"merit/transform/warehouse"
	"merit/transform/warehouse/duckdb"
)

// A judge holds DuckDB's tables against the evaluator's answers: each model's query
// over the very rows that DuckDB had. So a difference is of the model that it is in.
type judge struct {
	t       *testing.T
	service *service
	graph   *model.Graph
	ask     func(query string) ([][]cell, error) // asks DuckDB for rows of texts
	seen    map[string]int                       // how often each model was compared
}

func loaded(t *testing.T) *model.Graph {
	t.Helper()
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	return graph
}

// kinds are GoogleSQL's names of DuckDB's types.
var kinds = map[string]string{
	"VARCHAR": "STRING", "BIGINT": "INT64", "INTEGER": "INT64", "HUGEINT": "INT64", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOL", "DATE": "DATE",
	"TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
}

func kindOf(duck string) string {
	if strings.HasPrefix(duck, "DECIMAL") {
		return "NUMERIC"
	}
	return kinds[duck]
}

// table is a table as DuckDB has it now.
func (j judge) table(name string) (table, error) {
	t := table{name: flatName(name)}
	described, err := j.ask("select column_name, data_type from information_schema.columns where table_schema || '.' || table_name = '" + name + "' order by ordinal_position")
	if err != nil {
		return t, err
	}
	var list []string
	for _, row := range described {
		c := column{row[0].text, kindOf(row[1].text)}
		if c.kind == "" {
			return t, fmt.Errorf("%s.%s is %s", name, c.name, row[1].text)
		}
		t.columns = append(t.columns, c)
		list = append(list, fmt.Sprintf("cast(%q as varchar)", c.name))
	}
	if len(list) == 0 {
		return t, fmt.Errorf("there is no table %s", name)
	}
	t.rows, err = j.ask("select " + strings.Join(list, ", ") + " from " + name)
	return t, err
}

// asOf are the build's constants, as SQL.
func (j judge) asOf() (map[string]string, error) {
	rows, err := j.ask("select cast(as_of_at as varchar), cast(today_on as varchar), time_zone, currency from plan.as_of")
	if err != nil || len(rows) != 1 {
		return nil, fmt.Errorf("%d rows of plan.as_of: %w", len(rows), err)
	}
	r := rows[0]
	return map[string]string{
		"as_of_at": "(timestamp '" + r[0].text + "')", "today_on": "(date '" + r[1].text + "')", "time_zone": "'" + r[2].text + "'", "currency": "'" + r[3].text + "'",
	}, nil
}

// compare evaluates a model's query and tells what is otherwise.
func (j judge) compare(m *model.Model) error {
	want, err := j.table(m.Name)
	if err != nil {
		return err
	}
	asOf, err := j.asOf()
	if err != nil {
		return err
	}
	query, err := m.Compile("bigquery")
	if err != nil {
		return err
	}
	query, reads, err := compiled(query, functionsFor(j.t, asOf))
	if err != nil {
		return err
	}
	var tables []table
	for _, name := range reads {
		read, err := j.table(name)
		if err != nil {
			return err
		}
		tables = append(tables, read)
	}
	rows, err := j.service.evaluate(query, tables)
	if err != nil {
		return err
	}
	j.seen[m.Name]++
	return differences(want, rows)
}

// differences compares two tables as bags.
func differences(want table, got [][]string) error {
	names := make([]string, len(want.columns))
	for i, c := range want.columns {
		names[i] = c.name
	}
	counts := map[string]int{}
	for _, row := range want.rows {
		texts := make([]string, len(row))
		for i, c := range row {
			texts[i] = canonical(c, want.columns[i].kind)
		}
		counts[strings.Join(texts, " | ")]++
	}
	for _, row := range got {
		counts[strings.Join(row, " | ")]--
	}
	var lines []string
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		switch n := counts[line]; {
		case n > 0:
			lines = append(lines, fmt.Sprintf("DuckDB    %d × %s", n, line))
		case n < 0:
			lines = append(lines, fmt.Sprintf("evaluator %d × %s", -n, line))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%d rows and %d rows; %s\n%s", len(want.rows), len(got), strings.Join(names, " | "), strings.Join(lines[:min(len(lines), 6)], "\n"))
}

// A twin is DuckDB, looked over after each build. What tests compare with what is
// expected is DuckDB's, so what the evaluator agrees with is expected, too.
type twin struct {
	*duckdb.DB
	judge   judge
	models  map[string]*model.Model
	evident map[string]bool // a model's differences are told once
}

func (w twin) Build(ctx context.Context, r warehouse.Relation, query string) error {
	if err := w.DB.Build(ctx, r, query); err != nil {
		return err
	}
	m := w.models[r.String()]
	if m == nil || w.evident[m.Name] {
		return nil
	}
	if err := w.judge.compare(m); err != nil {
		w.evident[m.Name] = true
		w.judge.t.Errorf("%s: %v", m.Name, err)
	}
	return nil
}

// Every model of every worked example, in all of its columns.
func TestWorkedExamples(t *testing.T) {
	db, err := duckdb.Open("", "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	graph := loaded(t)
	w := twin{DB: db, judge: judge{t: t, service: start(t), graph: graph, seen: map[string]int{}, ask: func(query string) (rows [][]cell, err error) {
		for row, err := range db.Query(context.Background(), query) {
			if err != nil {
				return nil, err
			}
			var cells []cell
			for i := range row.Columns() {
				cells = append(cells, cell{row.At(i).Text, row.At(i).IsNull})
			}
			rows = append(rows, cells)
		}
		return rows, nil
	}}, models: map[string]*model.Model{}, evident: map[string]bool{}}
	for _, m := range graph.Models() {
		w.models[m.Name] = m
	}
	results, err := graph.RunExamples(context.Background(), []warehouse.Warehouse{w})
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, n := range w.judge.seen {
		compared += n
	}
	t.Logf("%d examples, %d tables of %d models", len(results), compared, len(w.judge.seen))
	for _, r := range results {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
	if len(results) < 100 || len(w.judge.seen) < 60 {
		t.Errorf("only %d examples of %d models", len(results), len(w.judge.seen))
	}
}

var companies = flag.Int("companies", 100, "how many invented companies")

// atOnce is how many are sources of builds together: the evaluator joins by looking
// at every pair of rows.
const atOnce = 8

// A hundred companies that nobody would want to run, built by DuckDB; then every
// table once more by the evaluator.
func TestInventedCompanies(t *testing.T) {
	s := start(t)
	inventor := filepath.Join(t.TempDir(), "inventor")
	goCommand(t, "go", "test", "-c", "-o", inventor, "./transform/model/reference")
	for first := 0; first < *companies; first += atOnce {
		folder := t.TempDir()
		goCommand(t, inventor, "-test.run", "TestTheModelsSayWhatTheWordsSay$", "-seeds", fmt.Sprint(min(atOnce, *companies-first)), "-after", fmt.Sprint(first), "-keep", folder)
		kept, err := filepath.Glob(filepath.Join(folder, "*.duckdb"))
		if err != nil || len(kept) == 0 {
			t.Fatalf("%d databases, %v", len(kept), err)
		}
		for _, path := range kept {
			name := fmt.Sprintf("from %d on, %s", first+1, strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), ".duckdb"), "TestTheModelsSayWhatTheWordsSay_"))
			t.Run(name, func(t *testing.T) { holds(t, s, path) })
		}
	}
}

// goCommand runs something at the top of the repository.
func goCommand(t *testing.T, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = "../../../../.."
	command.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// holds compares every model that a database has.
func holds(t *testing.T, s *service, path string) {
	db, err := sql.Open("duckdb", path+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	j := judge{t: t, service: s, graph: loaded(t), seen: map[string]int{}, ask: func(query string) ([][]cell, error) { return asked(db, query) }}
	rows := 0
	for _, m := range j.graph.Models() {
		if made, err := j.table(m.Name); err != nil { // not built
			continue
		} else {
			rows += len(made.rows)
		}
		began := time.Now()
		if err := j.compare(m); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Logf("%s took %v", m.Name, took.Round(time.Second))
		}
	}
	t.Logf("%d models, %d rows", len(j.seen), rows)
	if len(j.seen) < 40 {
		t.Errorf("only %d models were compared", len(j.seen))
	}
}

func asked(db *sql.DB, query string) ([][]cell, error) {
	rows, err := db.Query("set TimeZone = 'UTC'; " + query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]cell
	for rows.Next() {
		cells, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]cell, len(cells))
		for i, c := range cells {
			row[i] = cell{c.String, !c.Valid}
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

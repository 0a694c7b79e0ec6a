package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/warehouse/duckdb"
)

// A changingProject is a project whose data, plan, files and warehouse change between runs.
type changingProject struct {
	t      *testing.T
	dice   *rand.Rand
	server *httptest.Server
	dir    string
}

// TestABuildOfWhatChangedGivesTheTablesOfAFullBuild changes a project at random and wants
// of each run what a run with --full gives.
func TestABuildOfWhatChangedGivesTheTablesOfAFullBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	dice := faultDice(t)
	wanted, steps := times(2, 100), 0
	for steps < wanted {
		story := company.Acme(dice.Uint64N(1000), 20)
		p := changingProject{t: t, dice: dice, server: httptest.NewServer(sandbox.New(story)), dir: filepath.Join(t.TempDir(), "project")}
		if err := writeStoryProject(p.dir, story, []storySource{{"salesforce", p.server.URL}}); err != nil {
			t.Fatal(err)
		}
		p.merit("run")
		for range min(wanted-steps, 3) {
			steps++
			var changes []string
			for range 1 + dice.IntN(2) {
				changes = append(changes, p.change())
			}
			p.merit("run")
			p.merit("run") // what was shown by a run is known to the next
			changed, version := p.tables(), published(t, p.dir)
			if err := os.RemoveAll(filepath.Join(p.dir, "published")); err != nil {
				t.Fatal(err)
			}
			p.merit("run", "--full")
			for table, full := range p.tables() {
				if changed[table] != full {
					t.Errorf("after %s, %s is %s by what changed and %s by a full build", strings.Join(changes, " and "), table, changed[table], full)
				}
			}
			if full := published(t, p.dir); version != full {
				t.Errorf("after %s, %s is published by what changed and %s by a full build", strings.Join(changes, " and "), version, full)
			}
			if t.Failed() {
				t.FailNow()
			}
		}
		p.server.Close()
	}
	matrix(t, "S1", "a change of data, plan, files, as-of or warehouse, or a kill", steps, "a build of what changed gives the tables of a full build")
}

func (p changingProject) merit(args ...string) {
	p.t.Helper()
	if out, err := exec.Command("merit", append(args, "--quiet", "--project", p.dir)...).CombinedOutput(); err != nil {
		p.t.Fatalf("merit %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// change does something that the next run has to notice, and says what.
func (p changingProject) change() string {
	switch p.dice.IntN(9) {
	case 0:
		return "nothing"
	case 1:
		days := 1 + p.dice.IntN(40)
		if _, err := http.Post(fmt.Sprintf("%s/sandbox/advance?days=%d", p.server.URL, days), "", nil); err != nil { //nolint:bodyclose // the server ends with the test
			p.t.Fatal(err)
		}
		return fmt.Sprintf("%d days", days)
	case 2:
		return p.rewrite("plan.yml", regexp.MustCompile(`floor: 0\.\d+`), fmt.Sprintf("floor: 0.%d", 2+p.dice.IntN(3)))
	case 3:
		return p.rewrite("quotas.csv", regexp.MustCompile(`\d\d\d000\.00`), fmt.Sprintf("%d000.00", 100+p.dice.IntN(900)))
	case 4:
		return p.rewrite("roster.csv", regexp.MustCompile(`,Sales (East|West),`), []string{",Sales East,", ",Sales West,"}[p.dice.IntN(2)])
	case 5:
		return p.drop()
	case 6:
		return p.tamper()
	case 7:
		p.merit("build", "--as-of", fmt.Sprintf("2025-%02d-15", 1+p.dice.IntN(12)))
		return "a build of an earlier day"
	default:
		after := time.Duration(p.dice.Int64N(int64(5 * time.Second)))
		command := exec.Command("merit", "run", "--full", "--quiet", "--project", p.dir)
		if err := command.Start(); err != nil {
			p.t.Fatal(err)
		}
		kill := time.AfterFunc(after, func() { _ = command.Process.Kill() })
		_ = command.Wait() // it may have ended well before
		kill.Stop()
		return fmt.Sprintf("a kill after %v", after)
	}
}

// rewrite changes one place of a file.
func (p changingProject) rewrite(file string, where *regexp.Regexp, with string) string {
	path := filepath.Join(p.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	places := where.FindAllIndex(text, -1)
	at := places[p.dice.IntN(len(places))]
	if err := os.WriteFile(path, []byte(string(text[:at[0]])+with+string(text[at[1]:])), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("%q for %q in %s", with, text[at[0]:at[1]], file)
}

// drop takes a table or view out of the warehouse.
func (p changingProject) drop() string {
	wh, err := duckdb.Open(filepath.Join(p.dir, "warehouse.duckdb"), "1GB")
	if err != nil {
		p.t.Fatal(err)
	}
	defer wh.Close()
	var all []string
	for row, err := range wh.Query(p.t.Context(), `select (case table_type when 'VIEW' then 'view ' else 'table ' end) || table_schema || '.' || table_name as name from information_schema.tables
		where table_schema in ('staging', 'plan', 'core', 'metrics', 'scores', 'audits', 'marts', 'build') order by name`) {
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, row.Text("name"))
	}
	chosen := all[p.dice.IntN(len(all))]
	if err := wh.Exec(p.t.Context(), "drop "+chosen); err != nil {
		p.t.Fatal(err)
	}
	return "a drop of " + chosen
}

// tamper changes a table by another program.
func (p changingProject) tamper() string {
	db, err := sql.Open("duckdb", filepath.Join(p.dir, "warehouse.duckdb"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	table := []string{"scores.rep_scores", "core.deals", "marts.rep_scorecards", "staging.deals", "plan.reps"}[p.dice.IntN(5)]
	if _, err := db.Exec("delete from " + table); err != nil {
		p.t.Fatal(err)
	}
	return table + " emptied by another program"
}

// tables are what each table holds, whatever the order of its rows. How runs ended and how
// fresh streams are is another thing with each run.
func (p changingProject) tables() map[string]string {
	wh, err := duckdb.Open(filepath.Join(p.dir, "warehouse.duckdb"), "1GB")
	if err != nil {
		p.t.Fatal(err)
	}
	defer wh.Close()
	there, err := wh.Tables(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	held := map[string]string{}
	for table := range there {
		if strings.HasPrefix(table, "build.") || table == "plan.run_log" || table == "plan.freshness" {
			continue
		}
		for row, err := range wh.Query(p.t.Context(), "select count(*) || ' rows ' || coalesce(sum(cast(hash(held) as hugeint)), 0) as held from "+table+" as held") {
			if err != nil {
				p.t.Fatal(err)
			}
			held[table] = row.Text("held")
		}
	}
	return held
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// floors say which of our packages each package may know, from the ground up. A
// package that is not named here has no place in the house yet.
var floors = map[string][]string{
	"connectors/fault":         {},
	"connectors":               {"connectors/fault"},
	"sql":                      {},
	"models":                   {},
	"connectors/rest":          {"connectors", "connectors/fault"},
	"connectors/decode":        {"connectors", "connectors/fault"},
	"connectors/incremental":   {"connectors", "connectors/decode", "connectors/fault"},
	"connectors/connectortest": {"connectors", "connectors/fault"},

	"connectors/salesforce": {"connectors", "connectors/fault", "connectors/incremental", "connectors/rest", "connectors/decode"},
	"connectors/hubspot":    {"connectors", "connectors/fault", "connectors/incremental", "connectors/rest", "connectors/decode"},
	"connectors/files":      {"connectors", "connectors/fault", "connectors/decode"},

	"connectors/sandbox/company":  {"connectors", "connectors/fault"},
	"connectors/sandbox/sfserver": {"connectors/sandbox/company"},
	"connectors/sandbox/hsserver": {"connectors/sandbox/company"},
	"connectors/sandbox":          {"connectors/sandbox/company", "connectors/sandbox/sfserver", "connectors/sandbox/hsserver"},

	"transform/lake/bucket":             {"connectors", "connectors/fault"},
	"transform/lake/laketest":           {},
	"transform/lake":                    {"connectors", "connectors/fault", "transform/lake/bucket"},
	"transform/warehouse":               {"connectors", "connectors/fault", "transform/lake"},
	"transform/warehouse/duckdb":        {"connectors", "connectors/fault", "transform/lake", "transform/warehouse"},
	"transform/warehouse/bigquery":      {"connectors", "connectors/fault", "transform/lake", "transform/warehouse"},
	"transform/warehouse/warehousetest": {"connectors", "connectors/fault", "transform/lake", "transform/warehouse"},
	"transform/sqltext":                 {},
	"transform/model":                   {"connectors", "connectors/fault", "sql", "transform/lake", "transform/sqltext", "transform/warehouse"},
	"transform/model/reference":         {},
	"transform/model/planted":           {},

	"pipelines/yamlfile": {"connectors", "connectors/fault"},
	"pipelines/calendar": {},
	"pipelines/currency": {},
	"pipelines/project":  {"connectors", "connectors/fault", "pipelines/yamlfile", "pipelines/calendar", "pipelines/currency"},
	"pipelines/plan":     {"connectors", "connectors/fault", "pipelines/yamlfile", "pipelines/calendar", "pipelines/currency"},
	"pipelines/runlog":   {"connectors", "pipelines/project", "transform/warehouse"},
	"pipelines/privacy":  {"connectors", "connectors/fault", "pipelines/project", "transform/lake"},
	"pipelines/erasure":  {"connectors", "connectors/fault", "pipelines/plan", "pipelines/privacy", "pipelines/project", "transform/lake"},
	"pipelines/reading": {
		"connectors", "connectors/fault", "pipelines/plan", "pipelines/privacy", "pipelines/project", "pipelines/runlog",
		"transform/lake", "transform/model", "transform/sqltext", "transform/warehouse",
	},
	"pipelines/plandiff": {"connectors/fault", "pipelines/payouts", "pipelines/payouts/ledger", "pipelines/plan", "pipelines/results"},
	"pipelines/evidence": {"connectors", "connectors/fault"},
	"pipelines/review":   {"connectors/fault", "pipelines/evidence"},
	"pipelines/payouts":  {"connectors", "connectors/fault", "pipelines/currency", "pipelines/evidence", "pipelines/yamlfile", "transform/warehouse"},

	// The second opinion on every amount: it knows none of the packages that it judges.
	"pipelines/payouts/recount": {},

	"pipelines/bi":           {"connectors/fault"},
	"pipelines/report/chart": {},
	"pipelines/report":       {"connectors/fault", "pipelines/plan", "pipelines/report/chart", "transform/warehouse"},

	"pipelines/notify": {"connectors/fault", "pipelines/project"},

	"pipelines/results": {"connectors/fault", "pipelines/payouts", "pipelines/plan", "transform/warehouse"},
	"pipelines/payouts/ledger": {
		"connectors/fault", "pipelines/calendar", "pipelines/evidence", "pipelines/payouts", "pipelines/plan", "pipelines/project", "pipelines/results", "pipelines/review",
	},
	"pipelines": {
		"pipelines/report",
		"connectors", "connectors/fault", "pipelines/project", "pipelines/plan", "pipelines/calendar", "pipelines/payouts", "pipelines/payouts/ledger", "pipelines/results", "pipelines/evidence", "pipelines/review", "pipelines/runlog", "pipelines/privacy", "pipelines/erasure", "pipelines/plandiff", "pipelines/reading",
		"transform/lake", "transform/lake/bucket", "transform/sqltext", "transform/warehouse", "transform/model",
	},
	"cmd/merit": {"*"},
}

// folders are all that may stand at the top, dotfiles and LICENSE aside.
var folders = []string{"cmd", "connectors", "transform", "sql", "models", "pipelines", "testdata", "docs"}

func TestEachFloorKnowsOnlyThoseBelowIt(t *testing.T) {
	for _, pkg := range packages(t) {
		allowed, placed := floors[pkg.name]
		if !placed {
			t.Errorf("%s has no place in the house: give it one in floors_test.go", pkg.name)
			continue
		}
		for _, other := range pkg.imports {
			if !slices.Contains(allowed, other) && !slices.Contains(allowed, "*") {
				t.Errorf("%s must not know %s; it may know %s", pkg.name, other, strings.Join(allowed, ", "))
			}
		}
	}
	for name := range floors {
		if !slices.ContainsFunc(packages(t), func(p ourPackage) bool { return p.name == name }) {
			t.Errorf("floors_test.go names %s, which is not there", name)
		}
	}
}

func TestNoOtherFolderStandsAtTheTop(t *testing.T) {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	tracked, err := exec.Command("git", "-C", "../..", "ls-files").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	for _, e := range entries {
		isTracked := bytes.Contains(tracked, []byte("\n"+e.Name()+"/"))
		if e.IsDir() && isTracked && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(folders, e.Name()) {
			t.Errorf("%s/ stands at the top; there are %s", e.Name(), strings.Join(folders, ", "))
		}
	}
}

// Above connectors/ a CRM's name is a key in somebody's YAML, not a word of ours.
func TestNoCRMIsNamedAboveTheConnectors(t *testing.T) {
	crm := regexp.MustCompile(`(?i)salesforce|hubspot`)
	read := 0
	for _, floor := range []string{"../../transform", "../../pipelines", "../../sql", "../../models"} {
		err := filepath.WalkDir(floor, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".go", ".sql"}, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			read++
			for i, line := range strings.Split(string(text), "\n") {
				code, _, _ := strings.Cut(line, commentSign(path))
				if crm.MatchString(code) && !exampleForPeople.MatchString(code) {
					t.Errorf("%s:%d names a CRM: %s", path, i+1, strings.TrimSpace(line))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read == 0 {
		t.Error("no file was looked at")
	}
}

// exampleForPeople is a text that shows how to write something.
var exampleForPeople = regexp.MustCompile(`write it as|such as`)

func commentSign(path string) string {
	if filepath.Ext(path) == ".sql" {
		return "--"
	}
	return "//"
}

type ourPackage struct {
	name    string
	imports []string
}

func packages(t *testing.T) []ourPackage {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []ourPackage
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		ours := ourPackage{name: strings.TrimPrefix(p.ImportPath, "merit/")}
		for _, name := range p.Imports {
			if short, found := strings.CutPrefix(name, "merit/"); found {
				ours.imports = append(ours.imports, short)
			}
		}
		all = append(all, ours)
	}
}

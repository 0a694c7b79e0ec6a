package model

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	contractsql "merit/sql"
)

var declaredFunction = regexp.MustCompile(`(?m)^create or replace (?:macro|function) (fn\.[a-z_]+)\(([^)]*)\)`)

// Models may call a function only when every dialect has it, with as many
// arguments; what it means is said in the same words.
func TestEveryDialectHasTheSameFunctions(t *testing.T) {
	declared := map[string][]string{}
	said := map[string][]string{}
	for _, dialect := range []string{"duckdb", "bigquery"} {
		text, err := fs.ReadFile(contractsql.Files, dialect+".sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declaredFunction.FindAllStringSubmatch(string(text), -1) {
			var names []string
			for _, parameter := range strings.Split(m[2], ",") {
				names = append(names, strings.Join(strings.Fields(parameter)[:min(1, len(strings.Fields(parameter)))], ""))
			}
			declared[dialect] = append(declared[dialect], m[1]+"("+strings.Join(names, ", ")+")")
		}
		for _, line := range strings.Split(string(text), "\n") {
			if comment, is := strings.CutPrefix(line, "-- "); is && regexp.MustCompile(`^[a-z_]+\(`).MatchString(comment) {
				said[dialect] = append(said[dialect], comment)
			}
		}
	}
	if len(declared["duckdb"]) < 20 {
		t.Fatalf("only %q were found", declared["duckdb"])
	}
	if diff := cmp.Diff(declared["duckdb"], declared["bigquery"]); diff != "" {
		t.Errorf("functions (-duckdb +bigquery)\n%s", diff)
	}
	if diff := cmp.Diff(said["duckdb"], said["bigquery"]); diff != "" {
		t.Errorf("what they are said to do (-duckdb +bigquery)\n%s", diff)
	}
}

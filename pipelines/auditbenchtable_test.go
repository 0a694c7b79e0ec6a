package pipelines

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	story "merit/connectors/sandbox/company"
)

var auditTable = flag.String("audit-table", "", "Markdown file whose table of the bench is written anew, between its two marks")

// Marks of the table in docs/flags.md.
const (
	tableBegins = "<!-- made by make audit-bench -->\n"
	tableEnds   = "<!-- end -->\n"
)

// writeTable puts the bench's figures into the document that tells of the rules.
func writeTable(t *testing.T, tallies map[string]*tally, all *tally) {
	t.Helper()
	if *auditTable == "" {
		return
	}
	text, err := os.ReadFile(*auditTable)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, isThere := bytes.Cut(text, []byte(tableBegins))
	_, after, isEnded := bytes.Cut(rest, []byte(tableEnds))
	if !isThere || !isEnded {
		t.Fatalf("%s has no line %q followed by %q", *auditTable, tableBegins, tableEnds)
	}
	written := string(before) + tableBegins + markdown(tallies, all) + tableEnds + string(after)
	if err := os.WriteFile(*auditTable, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
}

func markdown(tallies map[string]*tally, all *tally) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d companies with cheats, seeds %d to %d, and the same without:\n\n", *auditCompanies, *auditSeed, *auditSeed+uint64(*auditCompanies)-1)
	b.WriteString("| rule | planted | found | recall | look-alikes | flagged | others flagged | false discoveries |\n|---|---|---|---|---|---|---|---|\n")
	for _, rule := range story.Rules() {
		n := tallies[rule]
		fmt.Fprintf(&b, "| `%s` | %d | %d | %.1f %% | %d | %d | %d | %.1f %% |\n", rule, n.planted, n.found, 100*n.recall(), n.alike, n.suspected, n.falsely, 100*n.falseDiscoveries())
	}
	fmt.Fprintf(&b, "\nWithout cheats %d of %d people have a flag of severity high (%.2f %%).\n", all.high, all.reps, 100*float64(all.high)/float64(max(1, all.reps)))
	return b.String()
}

// The table is written anew between its marks, and nothing else is touched.
func TestTheBenchWritesItsTableBetweenTheMarks(t *testing.T) {
	path := t.TempDir() + "/flags.md"
	before := "# Flags\n\n" + tableBegins + "old\n" + tableEnds + "\nAfter.\n"
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	was := *auditTable
	defer func() { *auditTable = was }()
	*auditTable = path
	tallies := map[string]*tally{}
	for _, rule := range story.Rules() {
		tallies[rule] = &tally{planted: 4, found: 3, alike: 5, suspected: 1, falsely: 2}
	}
	for range 2 {
		writeTable(t, tallies, &tally{reps: 200, high: 1})
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Flags\n\n" + tableBegins, "| `outlier` | 4 | 3 | 75.0 % | 5 | 1 | 2 | 50.0 % |\n", "1 of 200 people have a flag of severity high (0.50 %).\n" + tableEnds + "\nAfter.\n"} {
		if !strings.Contains(string(written), want) {
			t.Errorf("%q is not in\n%s", want, written)
		}
	}
	if strings.Contains(string(written), "old") {
		t.Error("the table before is still there")
	}
}

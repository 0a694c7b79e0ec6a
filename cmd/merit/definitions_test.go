package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"merit/models"
	"merit/transform/model"
)

// docs/definitions.md has a row for each metric, and says of ours what the metric's own
// file says.
func TestThePageOfDefinitionsHasEveryMetric(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/definitions.md")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|(.*)\\|$").FindAllStringSubmatch(string(text), -1) {
		cells := strings.Split(row[2], " | ")
		if len(cells) != 3 {
			t.Errorf("%s: a row has the field's definition, ours, and why; this one has %d cells", row[1], len(cells))
			continue
		}
		ours[row[1]] = cells[1]
	}
	for _, m := range graph.Metrics() {
		name := strings.TrimPrefix(m.Name, "metrics.")
		if ours[name] != m.Header.Title {
			t.Errorf("docs/definitions.md says of %s %q, its file says %q", name, ours[name], m.Header.Title)
		}
		delete(ours, name)
	}
	for name := range ours {
		t.Errorf("docs/definitions.md has %s, which is no metric", name)
	}
}

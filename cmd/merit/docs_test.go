package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"merit/models"
	"merit/transform/model"
	"merit/transform/model/reference"
)

func TestWhatIsGeneratedIsNotStale(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	manual, err := manual()
	if err != nil {
		t.Fatal(err)
	}
	fillers, err := fillers(parts().Connectors)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := graph.Catalogue(fillers)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"../../models/README.md": catalogue, "README.md": manual, "../../connectors/PRIVACY.md": personalData(parts().Connectors)} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want {
			t.Errorf("%s is made from the headers of the models and the command's help, and is not what they say now: run make docs and commit what it writes", path)
		}
	}
}

// The page needs nothing beside itself, has every metric with a drawing of its
// lineage, and every name that it links to.
func TestTheCataloguesPageStandsAlone(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	fillers, err := fillers(parts().Connectors)
	if err != nil {
		t.Fatal(err)
	}
	page, err := graph.Page(fillers)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"http:", "https:", "<script", "src=", "@import", "url("} {
		if strings.Contains(page, word) {
			t.Errorf("the page asks for something with %q", word)
		}
	}
	for _, link := range strings.Split(page, `href="#`)[1:] {
		name, _, _ := strings.Cut(link, `"`)
		if !strings.Contains(page, `id="`+name+`"`) {
			t.Errorf("the page links to %s, which it does not have", name)
		}
	}
	for _, metric := range graph.Metrics() {
		if !strings.Contains(page, `aria-label="lineage of `+metric.Name+`"`) || len(graph.Upstream(metric.Name)) == 0 {
			t.Errorf("%s has no lineage", metric.Name)
		}
	}
	// From a metric to the CRM's own object.
	for _, want := range []string{"core.stage_transitions", "core.stage_visits", "staging.deal_changes"} {
		if !strings.Contains(graph.Drawing("metrics.stage_advances"), `href="#`+want+`"`) {
			t.Errorf("%s is not in the lineage of stage_advances", want)
		}
	}
	for _, object := range []string{"OpportunityHistory", "deal_history"} {
		if !strings.Contains(page, object) {
			t.Errorf("nobody learns that staging is filled from %s", object)
		}
	}
}

// What a plan of ours pays on is computed a second time, in Go: a metric with a weight
// in the plan that merit init writes.
func TestWhatTheStarterPlanPaysOnIsComputedASecondTime(t *testing.T) {
	text, err := os.ReadFile("starter/plan.yml")
	if err != nil {
		t.Fatal(err)
	}
	paid := regexp.MustCompile(`(?m)^ +(\w+): +\{weight: [1-9]`).FindAllStringSubmatch(string(text), -1)
	if len(paid) == 0 {
		t.Error("the plan pays on nothing")
	}
	for _, found := range paid {
		if !slices.Contains(reference.Known, found[1]) {
			t.Errorf("starter/plan.yml pays on %s, which transform/model/reference does not compute a second time: write it there, and name it in known.go", found[1])
		}
	}
}

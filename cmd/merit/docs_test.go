package main

import (
	"os"
	"strings"
	"testing"

	"merit/models"
	"merit/transform/model"
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
	for path, want := range map[string]string{"../../models/README.md": catalogue, "README.md": manual} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want {
			t.Errorf("%s is not what the code says: make docs", path)
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

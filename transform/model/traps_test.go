package model

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"merit/models"
)

// Each trap that reaches a model is shown by an example, or the file says why it
// can't hurt there.
func TestEveryTrapThatReachesAModelIsWorkedOut(t *testing.T) {
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	checked := slices.DeleteFunc(g.Models(), func(m *Model) bool { return m.File == "" })
	findings, err := g.TrapFindings(checked)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range findings {
		t.Error(finding)
	}
	if len(findings) > 0 {
		t.Error(TrapAdvice)
	}
}

// A model that splits, forecasts and deals reach, and no stage, change or person.
func trapsFound(t *testing.T, markdown string) []string {
	t.Helper()
	g, err := Load(folderOf(map[string]string{
		"core/rates.sql":                file("rates", ratesSQL),
		"core/deal_credits.sql":         file("deal_credits", "select deals.deal_id -- d\nfrom staging.deals"),
		"core/forecast_results.sql":     file("forecast_results", "select deal_credits.deal_id -- d\nfrom core.deal_credits"),
		"core/forecast_results_test.md": markdown,
	}))
	if err != nil {
		t.Fatal(err)
	}
	findings, err := g.TrapFindings([]*Model{g.models["core.forecast_results"]})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func TestATrapIsCoveredOrExcused(t *testing.T) {
	const (
		split  = "## shared\ntraps: uneven split, no snapshot\ngives\n| deal_id |\n|---|\n"
		gone   = "## gone\ntraps: merged, deleted\n\nstaging.merges\n| into_id |\n|---|\n| d2 |\n\nstaging.deals\n| is_deleted |\n|---|\n| true |\ngives\n| deal_id |\n|---|\n"
		clock  = "## clock\ntraps: another zone, summer time\nzone Europe/Berlin\ngives\n| deal_id |\n|---|\n"
		dayfly = "## day\ngives\n| deal_id |\n|---|\n"
	)
	for name, c := range map[string]struct {
		markdown string
		want     []string
	}{
		"each trap that reaches the model": {split + gone + clock, nil},
		"or the file says why not":         {"- cannot meet another zone, summer time: no days\n" + split + gone, nil},
		"a trap without either": {gone + clock + dayfly, []string{
			"core/forecast_results_test.md:1: no example covers uneven split: The shares of those who sold a deal do not sum to 100.",
			"core/forecast_results_test.md:1: no example covers no snapshot: Nobody kept what was forecast on the day of locking.",
		}},
		"a trap with both": {"- cannot meet uneven split: no shares\n" + split + gone + clock, []string{
			"core/forecast_results_test.md:2: an example covers uneven split, which the file says that the model cannot meet",
		}},
		"a trap that comes nowhere near": {"- cannot meet currency: no money\n## far\ntraps: ties\ngives\n| deal_id |\n|---|\n" + split + gone + clock, []string{
			"core/forecast_results_test.md:2: an example covers ties, which comes by staging.deal_changes, and the model reads none of these",
			"core/forecast_results_test.md:1: currency is excused and comes nowhere near the model",
		}},
		"a trap that no row shows": {split + clock + "## gone\ntraps: merged, deleted\nstaging.deals\n| is_deleted |\n|---|\n| false |\ngives\n| deal_id |\n|---|\n", []string{
			"core/forecast_results_test.md:12: an example covers merged, and no row or line of it shows that",
			"core/forecast_results_test.md:12: an example covers deleted, and no row or line of it shows that",
		}},
		"a zone that has no summer time": {split + gone + "## clock\ntraps: another zone, summer time\nzone America/Phoenix\ngives\n| deal_id |\n|---|\n", []string{
			"core/forecast_results_test.md:21: an example covers summer time, and no row or line of it shows that",
		}},
	} {
		if diff := cmp.Diff(c.want, trapsFound(t, c.markdown)); diff != "" {
			t.Errorf("%s\n%s", name, diff)
		}
	}
}

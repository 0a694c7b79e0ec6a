package pipelines

import (
	"regexp"
	"slices"
	"testing"

	"merit/models"
	"merit/pipelines/plan"
)

// What a plan may limit is what the table may have.
func TestThePlanKnowsTheKindsOfTheDataQualityTable(t *testing.T) {
	text, err := models.Files.ReadFile("marts/data_quality.sql")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`kinds: kind in \((.*)\)`).FindStringSubmatch(string(text))
	if list == nil {
		t.Fatal("marts.data_quality says no kinds")
	}
	var kinds []string
	for _, quoted := range regexp.MustCompile(`'([^']+)'`).FindAllStringSubmatch(list[1], -1) {
		kinds = append(kinds, quoted[1])
	}
	if !slices.Equal(kinds, plan.QualityKinds) {
		t.Errorf("the table has %q, the plan knows %q", kinds, plan.QualityKinds)
	}
}

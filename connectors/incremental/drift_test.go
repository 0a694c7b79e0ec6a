package incremental_test

import (
	"fmt"
	"slices"
	"testing"

	"merit/connectors/incremental"
)

func TestDriftIsWhatIsNotAsItWas(t *testing.T) {
	before := map[string]string{"deals.amount": "number", "deals.stage": "text", "quotes.status": "text"}
	after := map[string]string{"deals.amount": "text", "deals.owner": "id", "leads.name": "text"}
	var got []string
	for c := range incremental.Drift(before, after) {
		got = append(got, fmt.Sprint(c.Object, ".", c.Field, " ", c.Kind == incremental.FieldAdded, " ", c.Kind == incremental.FieldRemoved, " ", c.Before, ">", c.After))
	}
	want := []string{"deals.amount false false number>text", "deals.owner true false >id", "deals.stage false true text>", "quotes.status false true text>"}
	if !slices.Equal(got, want) { // leads are shown for the first time
		t.Errorf("%q", got)
	}
	for c := range incremental.Drift(before, incremental.KeepHidden(before, after)) {
		if c.Object == "quotes" {
			t.Error("what is hidden counts as gone")
		}
	}
	for c := range incremental.Drift(nil, after) {
		t.Errorf("nothing was known, and %v changed", c)
	}
}

func TestAChoiceNamesWhatIsLookedAt(t *testing.T) {
	var c incremental.Choice
	if !c.Needs("deals") {
		t.Error("without a choice everything is read")
	}
	c.Choose([]string{"deals", "counts"}, []string{"quotes"})
	for stream, want := range map[string]bool{"deals": true, "owners": false, "quotes": false} {
		if c.Needs(stream) != want {
			t.Errorf("%s: %t", stream, !want)
		}
	}
	if !c.Needs("owners", "counts") || c.Needs("quotes", "counts") {
		t.Error("what tells about all streams tells about those that are not left out")
	}
}

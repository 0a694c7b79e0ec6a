package sfserver_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

// tale is one deal whose history can be told by hand.
func tale(changes ...company.Change) *company.Company {
	story := company.Acme(1, 1)
	created := story.Deals[0].CreatedAt
	deal := company.Deal{Name: "Pumps", Account: 0, CreatedBy: 4, CreatedAt: created}
	for _, change := range changes {
		change.At = change.At*1000 + created
		change.By = 4
		deal.Changes = append(deal.Changes, change)
	}
	story.Deals = []company.Deal{deal}
	story.Activities = nil
	return story
}

// cells joins the columns of each row, in the order in which an object's rows come.
func cells(o *org, name string, columns ...string) string {
	var rows []string
	for row := range o.api.Rows(name, columns...) {
		rows = append(rows, strings.Join(row, " "))
	}
	return strings.Join(rows, "\n")
}

func TestHistoryHasARowForEachSaveThatTouchesStageAmountOrCloseDate(t *testing.T) {
	o := open(tale(
		company.Change{At: 0, Field: company.StageName, Value: "Prospecting"},
		company.Change{At: 0, Field: company.Amount, Value: "100"},
		company.Change{At: 0, Field: company.CloseOn, Value: "2026-01-31"},
		company.Change{At: 0, Field: company.Owner, Value: "4"},
		company.Change{At: 60, Field: company.NextStep, Value: "Call"},
		company.Change{At: 120, Field: company.Amount, Value: "250.5"},
		company.Change{At: 180, Field: company.StageName, Value: "Demo"},
		company.Change{At: 180, Field: company.CloseOn, Value: "2026-02-28"},
		company.Change{At: 180, Field: company.StageName, Value: "Proposal"},
		company.Change{At: 240, Field: company.Owner, Value: "5"},
	))
	want := strings.TrimSpace(`
Prospecting 100.0 2026-01-31  
Prospecting 250.5 2026-01-31 100.0 2026-01-31
Demo 250.5 2026-02-28 250.5 2026-01-31
Proposal 250.5 2026-02-28 250.5 2026-02-28`)
	if got := cells(o, "OpportunityHistory", "StageName", "Amount", "CloseDate", "PrevAmount", "PrevCloseDate"); got != want {
		t.Errorf("the history is\n%s\nnot\n%s", got, want)
	}
	ids := o.api.IDs("OpportunityHistory")
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 4 || !slices.IsSorted(ids) {
		t.Errorf("the ids are %v", ids)
	}
}

func TestFieldHistoryTellsWhoOwnedTheDealTwice(t *testing.T) {
	story := tale(
		company.Change{At: 0, Field: company.StageName, Value: "Prospecting"},
		company.Change{At: 0, Field: company.Owner, Value: "4"},
		company.Change{At: 60, Field: company.NextStep, Value: "Call"},
		company.Change{At: 120, Field: company.Owner, Value: "5"},
	)
	o := open(story)
	user := func(i int) string { return sfserver.ID(story, "User", i) }
	want := "created Text  \n" +
		"NextStep Text  Call\n" +
		"Owner Text " + story.Users[4].Name + " " + story.Users[5].Name + "\n" +
		"Owner EntityId " + user(4) + " " + user(5)
	if got := cells(o, "OpportunityFieldHistory", "Field", "DataType", "OldValue", "NewValue"); got != want {
		t.Errorf("the field history is\n%s\nnot\n%s", got, want)
	}
}

func TestAnIdSaysInThreeMoreLettersWhichAreUpperCase(t *testing.T) {
	// The pair of a real org's ids from the public data set of 584 history rows.
	story := tale(company.Change{At: 0, Field: company.StageName, Value: "Demo"})
	story.Deals[0].ID = "0068d000002OrbY"
	if id := sfserver.ID(story, "Opportunity", 0); id != "0068d000002OrbYAAS" {
		t.Errorf("0068d000002OrbY becomes %s", id)
	}
	seen := map[string]bool{}
	big := company.Acme(1, 300)
	last := ""
	for i := range big.Deals {
		id := sfserver.ID(big, "Opportunity", i)
		if len(id) != 18 || seen[strings.ToLower(id)] || id <= last || id[:3] != "006" {
			t.Fatalf("deal %d has id %s", i, id)
		}
		seen[strings.ToLower(id)], last = true, id
	}
}

func TestAnImportedOrgIsServedUnchanged(t *testing.T) {
	story, err := company.FromFolder("../company/testdata/org")
	if err != nil {
		t.Fatal(err)
	}
	o := open(story)
	want := strings.TrimSpace(`
006000000000001AAA Pumps, and "valves" Closed Lost 454160.0 2022-03-24 false 50.0 2022-03-02T16:11:00.000Z 2022-03-14T00:00:00.000Z North false
006000000000002AAA Hoses Prospecting 1.25000005E7 2022-05-11 false 10.0 2022-03-02T15:52:00.000Z 2022-05-01T00:00:00.000Z  false
006000000000003AAA Gaskets Closed Won  2022-12-06 true 100.0 2022-05-24T11:11:00.000Z 2022-03-03T00:00:00.000Z Söld true`)
	got := cells(o, "Opportunity", "Id", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "Probability", "SystemModstamp", "CreatedDate", "Region__c", "IsDeleted")
	if got != want {
		t.Errorf("the opportunities are\n%s\nnot\n%s", got, want)
	}
	want = strings.TrimSpace(`
006000000000001AAA Prospecting 2022-03-21T00:00:00.000Z
006000000000001AAA Prospecting 2022-03-22T00:00:00.000Z
006000000000001AAA Closed Lost 2022-03-24T00:00:00.000Z
006000000000002AAA Negotiation/Review 2022-04-06T00:00:00.000Z
006000000000002AAA Qualification 2022-07-02T00:00:00.000Z
006000000000003AAA Closed Won 2022-03-06T00:00:00.000Z`)
	if got := cells(o, "OpportunityHistory", "OpportunityId", "StageName", "CreatedDate"); got != want {
		t.Errorf("the history is\n%s\nnot\n%s", got, want)
	}
	if got := o.api.Count("OpportunityFieldHistory"); got != 0 {
		t.Errorf("%d rows of field history were made up", got)
	}
	if rows := o.query(t, "query", "SELECT Id FROM Opportunity WHERE SystemModstamp > 2022-03-02T16:00:00Z"); len(rows) != 1 {
		t.Errorf("%d live rows were changed after 16:00", len(rows))
	}
}

// The public data sets are not part of this repository; they lie beside it where there
// are any.
func TestThePublicDataSetsAreServedWhole(t *testing.T) {
	root := "../../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the public data sets are not there")
	}
	for folder, want := range map[string]map[string]int{
		"preppin_salesforce":      {"Opportunity": 219, "OpportunityHistory": 584, "OpportunityStage": 6},
		"crm_sales_opportunities": {"Opportunity": 8800, "Account": 85, "User": 41, "OpportunityStage": 4},
	} {
		story, err := company.FromFolder(filepath.Join(root, folder))
		if err != nil {
			t.Fatal(err)
		}
		o := open(story)
		for name, count := range want {
			if got := len(o.bulk(t, "queryAll", "SELECT Id FROM "+name, "50000")); got != count {
				t.Errorf("%s: %d rows of %s are served, not %d", folder, got, name, count)
			}
		}
	}
}

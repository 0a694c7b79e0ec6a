package company

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors/fault"
)

func read(t *testing.T, dir string) *Company {
	t.Helper()
	c, err := FromFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnOrgsExportIsKeptRowByRow(t *testing.T) {
	c := read(t, "testdata/org")
	if len(c.Deals) != 3 || len(c.Users) != 3 || len(c.Accounts) != 1 || len(c.Activities) != 1 {
		t.Fatalf("3 deals, 3 users, 1 account and a task went in; %d, %d, %d and %d came out",
			len(c.Deals), len(c.Users), len(c.Accounts), len(c.Activities))
	}
	var rows []string
	for _, deal := range c.Deals {
		for _, row := range deal.History {
			rows = append(rows, deal.ID[14:15]+" "+row.At.Time().Format("2006-01-02")+" "+row.Stage)
		}
	}
	want := "1 2022-03-21 Prospecting|1 2022-03-22 Prospecting|1 2022-03-24 Closed Lost|" +
		"2 2022-04-06 Negotiation/Review|2 2022-07-02 Qualification|3 2022-03-06 Closed Won"
	if got := strings.Join(rows, "|"); got != want {
		t.Errorf("the history reads\n%s\nnot\n%s", got, want)
	}
	if now := c.Now.Format("2006-01-02 15:04"); now != "2022-07-03 00:00" {
		t.Errorf("Now is %s, not the day after the last instant", now)
	}
}

func TestWhatTheStoryHasNoWordForStaysAsItWas(t *testing.T) {
	deal := read(t, "testdata/org").Deals[2]
	for column, want := range map[string]string{
		"SystemModstamp": "2022-05-24T11:11:00Z", "Region__c": "Söld", "IsClosed": "TRUE", "Probability": "100", "IsPrivate": "FALSE",
	} {
		if deal.Extra[column] != want {
			t.Errorf("%s is %q, not %q", column, deal.Extra[column], want)
		}
	}
	if _, told := deal.Extra["StageName"]; told {
		t.Error("StageName is in the story and in Extra")
	}
}

func TestARecordMayDisagreeWithItsHistory(t *testing.T) {
	c := read(t, "testdata/org")
	deal := &c.Deals[1]
	if deal.CreatedAt <= deal.Changes[0].At {
		t.Error("the deal should be said to have been created after its first change")
	}
	if state := deal.At(At(c.Now)); state.Stage != "Prospecting" || state.Amount != "12500000.50" || state.CloseOn != "2022-05-11" {
		t.Errorf("the record says Prospecting, its history ends in Qualification; the deal is %+v", state)
	}
	if deal.Account != None {
		t.Errorf("a deal without an account has account %d", deal.Account)
	}
	if state := c.Deals[2].At(At(c.Now)); !state.Deleted {
		t.Error("a row with IsDeleted is not deleted")
	}
}

func TestTheLadderIsTheSortOrder(t *testing.T) {
	var names []string
	for _, stage := range read(t, "testdata/org").Stages {
		names = append(names, stage.Name)
	}
	want := "Prospecting, Qualification, Negotiation/Review, Closed Won, Closed Lost"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("the pipeline is %s, not %s", got, want)
	}
}

func TestASalesPipelineBecomesDeals(t *testing.T) {
	c := read(t, "testdata/pipeline")
	if len(c.Deals) != 4 || len(c.Users) != 4 || len(c.Accounts) != 1 {
		t.Fatalf("%d deals, %d users, %d accounts", len(c.Deals), len(c.Users), len(c.Accounts))
	}
	now := At(c.Now)
	for i, want := range []State{
		{Stage: "Won", Amount: "1054", CloseOn: "2017-03-01", Owner: 1, Forecast: "Closed"},
		{Stage: "Engaging", Owner: 2, Forecast: "Pipeline"},
		{Stage: "Lost", Amount: "0", CloseOn: "2017-02-02", Owner: 1, Forecast: "Omitted"},
		{Stage: "Prospecting", Owner: 1, Forecast: "Pipeline"},
	} {
		got := c.Deals[i].At(now)
		want.ModifiedAt, want.ModifiedBy, want.StagedAt = got.ModifiedAt, got.ModifiedBy, got.StagedAt
		if got != want {
			t.Errorf("deal %d is %+v, not %+v", i, got, want)
		}
	}
	if c.Deals[1].Name != "Pump Pro AAA2" || c.Deals[1].Extra["product__c"] != "PumpPro" {
		t.Errorf("PumpPro is Pump Pro with a blank missing, kept as it was; the deal is %+v", c.Deals[1])
	}
	if c.Deals[3].CreatedAt != At(c.Now.AddDate(0, 0, -1)) {
		t.Error("a deal without any date should come up on the last day")
	}
}

func TestErrorsNameFileLineAndColumn(t *testing.T) {
	head := "Id,CreatedDate,StageName,Amount\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"an amount with a letter": {
			map[string]string{"Opportunity.csv": head + "1,2022-01-02,Open,1\n2,2022-01-02,Open,12x\n"},
			`Opportunity.csv, line 3, column Amount: "12x" is no amount`,
		},
		"a day that never was": {
			map[string]string{"Opportunity.csv": head + "1,31/12/2022,Open,1\n2,31/02/2022,Open,1\n"},
			`Opportunity.csv, line 3, column CreatedDate: "31/02/2022" is no date that there ever was`,
		},
		"days and months in both orders": {
			map[string]string{"Opportunity.csv": head + "1,31/12/2022,Open,1\n2,12/31/2022,Open,1\n"},
			"Opportunity.csv has the day first in line 2 and the month first in line 3",
		},
		"an id twice": {
			map[string]string{"Opportunity.csv": head + "1,2022-01-02,Open,1\n1,2022-01-02,Open,1\n"},
			`Opportunity.csv, line 3, column Id: "1" is no id of its own`,
		},
		"a history of nothing": {
			map[string]string{"Opportunity.csv": head + "1,2022-01-02,Open,1\n", "OpportunityHistory.csv": "OpportunityId,CreatedDate,StageName\n9,2022-01-02,Open\n"},
			`OpportunityHistory.csv, line 2, column OpportunityId: "9" is the id of no row`,
		},
		"a column that is missing": {map[string]string{"Opportunity.csv": "Id\n1\n"}, "Opportunity.csv has no column StageName"},
		"a row that is too long":   {map[string]string{"Opportunity.csv": "Id,StageName\n1,Open,3\n"}, "Opportunity.csv: record on line 2: wrong number of fields"},
		"an unknown stage": {
			map[string]string{"sales_pipeline.csv": "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n1,A,P,,Maybe,2017-01-01,,\n"},
			`sales_pipeline.csv, line 2, column deal_stage: "Maybe" is no stage`,
		},
		"neither": {map[string]string{"notes.txt": ""}, "holds no company: there should be Opportunity.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := FromFolder(dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("the error is %v, not …%s…", err, c.want)
			}
			if fault.WhoMends(err) != fault.You {
				t.Error("it isn't told as the user's to mend")
			}
		})
	}
}

// The public data sets are not part of this repository; they lie beside it where there
// are any.
func TestThePublicDataSetsComeInWhole(t *testing.T) {
	root := "../../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the public data sets are not there")
	}
	org := read(t, filepath.Join(root, "preppin_salesforce"))
	history := 0
	for i := range org.Deals {
		history += len(org.Deals[i].History)
	}
	if len(org.Deals) != 219 || history != 584 {
		t.Errorf("preppin_salesforce: %d opportunities and %d history rows, not 219 and 584", len(org.Deals), history)
	}
	if pipeline := read(t, filepath.Join(root, "crm_sales_opportunities")); len(pipeline.Deals) != 8800 || len(pipeline.Accounts) != 85 || len(pipeline.Users) != 41 {
		t.Errorf("crm_sales_opportunities: %d deals, %d accounts, %d users", len(pipeline.Deals), len(pipeline.Accounts), len(pipeline.Users))
	}
}

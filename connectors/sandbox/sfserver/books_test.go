package sfserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
)

// rowsNow is every row of an object by its id, as it is now.
func (o *org) rowsNow(name string) (columns []string, rows map[string][]string) {
	columns, rows = o.api.Columns(name), map[string][]string{}
	for row := range o.api.Rows(name, columns...) {
		rows[row[slices.Index(columns, "Id")]] = slices.Clone(row)
	}
	return columns, rows
}

// What a reader goes by has to be true of each object: a row that changed has a stamp
// of after the last look, and no row goes.
func TestNothingChangesWithoutItsStamp(t *testing.T) {
	o := open(acme(1, 150))
	// What the calendar changes, at Salesforce too.
	drifting := []string{"Opportunity.Age__c", "Contract.Status", "Task.IsArchived", "Event.IsArchived"}
	for _, name := range o.api.Objects() {
		o := open(o.story)
		columns, before := o.rowsNow(name)
		stamp := slices.Index(columns, "SystemModstamp")
		if stamp < 0 {
			stamp = max(slices.Index(columns, "CreatedDate"), slices.Index(columns, "LoginTime"))
		}
		if stamp < 0 {
			t.Errorf("%s has no stamp", name)
			continue
		}
		for range 8 {
			looked := o.clock.now.Format("2006-01-02T15:04:05.000Z")
			o.clock.advance(7 * 24 * time.Hour)
			_, after := o.rowsNow(name)
			for id, row := range before {
				if after[id] == nil {
					t.Errorf("%s %s is gone", name, id)
				}
				for i := range row {
					if after[id] != nil && after[id][i] != row[i] && after[id][stamp] <= looked && !slices.Contains(drifting, name+"."+columns[i]) {
						t.Errorf("%s.%s of %s went from %q to %q, and its stamp is %s", name, columns[i], id, row[i], after[id][i], after[id][stamp])
					}
				}
			}
			before = after
		}
	}
}

func TestTheOrgTellsTheBooks(t *testing.T) {
	story := acme(1, 1200)
	o := open(story)
	now := company.At(story.Now)
	want := map[string]int{
		"ForecastingQuota": 0, "LoginHistory": 0, "Contract": 0, "Quote": 0, "QuoteDocument": 0, "Lead": 0,
		"OpportunitySplit": 0, "OpportunityTeamMember": 0, "OpportunityLineItem": 0, "ForecastingSubmissionItem": 0, "DatedConversionRate": 15,
	}
	for _, q := range story.Quotas {
		want["ForecastingQuota"] += one(q.CreatedAt <= now)
	}
	for _, l := range story.Logins {
		want["LoginHistory"] += one(l.At <= now)
	}
	for _, f := range story.Forecasts {
		want["ForecastingSubmissionItem"] += one(f.At <= now)
	}
	for _, k := range story.Contracts {
		want["Contract"] += one(k.CreatedAt <= now)
	}
	for _, d := range story.Documents {
		want["Quote"] += one(d.CreatedAt <= now)
		want["QuoteDocument"] += one(d.SentAt != 0 && d.SentAt <= now)
	}
	for _, l := range story.Leads {
		want["Lead"] += one(l.CreatedAt <= now)
	}
	for i := range story.Deals {
		for _, c := range story.Deals[i].Credits {
			want["OpportunitySplit"] += one(c.Kind != company.Member && c.CreatedAt <= now)
			want["OpportunityTeamMember"] += one(c.Kind == company.Member && c.CreatedAt <= now)
		}
		for _, l := range story.Deals[i].Lines {
			want["OpportunityLineItem"] += one(l.CreatedAt <= now)
		}
	}
	for name, count := range want {
		if got := o.api.Count(name); got != count || count == 0 {
			t.Errorf("%s has %d rows, and the story tells of %d", name, got, count)
		}
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Percentages of splits and rates of currencies have digits behind the point, and
// describe says so.
func TestDescribeGivesTheDigitsThatThereAre(t *testing.T) {
	o := open(acme(1, 300))
	for path, scale := range map[string]float64{"OpportunitySplit.SplitPercentage": 2, "DatedConversionRate.ConversionRate": 6, "Quote.GrandTotal": 2} {
		name, column, _ := strings.Cut(path, ".")
		for _, f := range read[object](t, o.get(home+"/sobjects/"+name+"/describe"), 200)["fields"].([]any) {
			if f := f.(object); f["name"] == column && f["scale"] != scale {
				t.Errorf("%s is described with a scale of %v", path, f["scale"])
			}
		}
	}
}

// A company that never told of splits, forecasts or currencies has no such objects.
func TestFeaturesThatAreOffHaveNoObjects(t *testing.T) {
	o := open(&company.Company{Currency: "USD", TimeZone: "UTC", Begin: time.Unix(0, 0), Now: time.Unix(1_700_000_000, 0)})
	for _, name := range []string{"OpportunitySplit", "OpportunityLineItem", "ForecastingItem", "CurrencyType", "Quote", "Contract", "LoginHistory", "Territory2"} {
		if slices.Contains(o.api.Objects(), name) {
			t.Errorf("there is %s", name)
		}
		if code := o.get(home + "/sobjects/" + name + "/describe").Code; code != 404 {
			t.Errorf("the describe of %s is answered by %d", name, code)
		}
	}
}

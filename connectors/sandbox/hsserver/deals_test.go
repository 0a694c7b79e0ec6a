package hsserver_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

const deals = "/crm/objects/2026-09/deals"

func TestADealIsWhatItsChangesAddUpToByNow(t *testing.T) {
	c := open(t, small())
	record := c.get(deals + "/90000000000?properties=amount,closedate,dealname,dealstage,hs_next_step,description" +
		"&properties=hs_manual_forecast_category&properties=hubspot_owner_id,nonsense,hs_deal_stage_probability,hs_is_closed_won,dealtype")
	want := object{
		"amount":                      "1000.50", // what happens in June is not known yet
		"closedate":                   "2026-03-02T15:00:00Z",
		"createdate":                  "2026-01-05T15:00:00Z",
		"dealname":                    `Globex "Pilot"`,
		"dealstage":                   "closedwon",
		"dealtype":                    "newbusiness",
		"description":                 nil,
		"hs_deal_stage_probability":   "1",
		"hs_is_closed_won":            "true",
		"hs_lastmodifieddate":         "2026-03-02T15:00:00Z",
		"hs_manual_forecast_category": "BEST_CASE",
		"hs_next_step":                "", // cleared, which is not the same as never set
		"hs_object_id":                "90000000000",
		"hubspot_owner_id":            "600000011",
	}
	if got := record["properties"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	equal(t, "archived", record["archived"], any(false))
	equal(t, "updatedAt", record["updatedAt"], any("2026-03-02T15:00:00Z"))

	c.clock.move(90 * 24 * time.Hour)
	record = c.get(deals + "/90000000000")
	equal(t, "amount in July", property(record, "amount"), any("7"))
	equal(t, "modified in July", property(record, "hs_lastmodifieddate"), any("2026-06-01T00:00:00Z"))
}

func TestAHistoryIsNewestFirstAndSaysByWhom(t *testing.T) {
	c := open(t, small())
	history := c.get(deals + "/90000000000?propertiesWithHistory=dealstage,closedate,hubspot_owner_id,hs_next_step,description,dealname")["propertiesWithHistory"]
	version := func(name string, i int) object { o, _ := dig(history, name, i).(object); return o }
	want := map[string][]object{
		"dealstage": {
			{"value": "closedwon", "timestamp": "2026-03-02T15:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:40000003", "updatedByUserId": 40000003.},
			{"value": "appointmentscheduled", "timestamp": "2026-01-20T15:00:00Z", "sourceType": "AUTOMATION_PLATFORM", "sourceId": "enrollmentId:7390111;actionExecutionIndex:0"},
			{"value": "qualifiedtobuy", "timestamp": "2026-01-15T15:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:40000003", "updatedByUserId": 40000003.},
			{"value": "appointmentscheduled", "timestamp": "2026-01-05T15:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:40000000", "updatedByUserId": 40000000.},
		},
		"closedate": {
			{"value": "2026-03-02T15:00:00Z", "timestamp": "2026-03-02T15:00:00Z", "sourceType": "INTERNAL_PROCESSING", "sourceId": "close-date-automation"},
			// Picked at half past eight in the evening of the 20th in New York, in winter: of the
			// 30th of April it is the 1st of May in UTC.
			{"value": "2026-05-01T00:30:00Z", "timestamp": "2026-01-21T01:30:00Z", "sourceType": "INTEGRATION", "sourceId": "62515"},
			{"value": "2026-03-31T14:00:00.500Z", "timestamp": "2026-01-05T15:00:00.500Z", "sourceType": "CRM_UI", "sourceId": "userId:40000000", "updatedByUserId": 40000000.},
		},
		"hubspot_owner_id": {
			{"value": "600000011", "timestamp": "2026-02-01T15:00:00Z", "sourceType": "IMPORT", "sourceId": "1839201", "sourceLabel": "deals.csv", "updatedByUserId": 40000003.},
			{"value": "600000000", "timestamp": "2026-01-05T15:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:40000000", "updatedByUserId": 40000000.},
		},
		"hs_next_step": { // set to nothing at first, which is no version
			{"value": "", "timestamp": "2026-02-03T15:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:40000003", "updatedByUserId": 40000003.},
			{"value": "Call", "timestamp": "2026-02-02T15:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:40000003", "updatedByUserId": 40000003.},
		},
		"description": {},
	}
	for name, versions := range want {
		if got := len(dig(history, name).([]any)); got != len(versions) {
			t.Errorf("%s: %d versions, want %d", name, got, len(versions))
		}
		for i, w := range versions {
			if got := version(name, i); !reflect.DeepEqual(got, w) {
				t.Errorf("%s %d:\ngot  %v\nwant %v", name, i, got, w)
			}
		}
	}
	equal(t, "name", version("dealname", 0)["value"], any(`Globex "Pilot"`))
}

func TestOnlyTheNewestTwentyVersionsAreRemembered(t *testing.T) {
	story := small()
	var want []string
	for i := range 33 {
		at := day("2026-03-05 10:00:00") + company.Instant(i)*3_600_000
		value := strings.Repeat("9", 1+i%7)
		story.Deals[0].Changes = append(story.Deals[0].Changes[:14+i], change(at, company.Amount, value))
		want = append([]string{value}, want...)
	}
	c := open(t, story)
	versions := dig(c.get(deals+"/90000000000?propertiesWithHistory=amount"), "propertiesWithHistory", "amount").([]any)
	equal(t, "versions", len(versions), 20)
	for i := range versions {
		equal(t, "version", dig(versions, i, "value"), any(want[i]))
	}
}

func TestStagePropertiesCountTheStaysThatAreOver(t *testing.T) {
	c := open(t, small())
	record := c.get(deals + "/90000000000?properties=hs_v2_date_entered_appointmentscheduled,hs_v2_date_exited_appointmentscheduled," +
		"hs_v2_latest_time_in_appointmentscheduled,hs_v2_cumulative_time_in_appointmentscheduled," +
		"hs_v2_date_entered_closedwon,hs_v2_date_exited_closedwon,hs_v2_cumulative_time_in_closedwon,hs_v2_date_entered_closedlost")
	const dayMs = 24 * 60 * 60 * 1000
	for name, want := range map[string]any{
		"hs_v2_date_entered_appointmentscheduled":       "2026-01-20T15:00:00Z",
		"hs_v2_date_exited_appointmentscheduled":        "2026-03-02T15:00:00Z",
		"hs_v2_latest_time_in_appointmentscheduled":     decimal(41 * dayMs),        // 20 January to 2 March
		"hs_v2_cumulative_time_in_appointmentscheduled": decimal((10 + 41) * dayMs), // and 5 to 15 January
		"hs_v2_date_entered_closedwon":                  "2026-03-02T15:00:00Z",
		"hs_v2_date_exited_closedwon":                   nil,
		"hs_v2_cumulative_time_in_closedwon":            nil, // it is there still
		"hs_v2_date_entered_closedlost":                 nil,
	} {
		equal(t, name, property(record, name), want)
	}
}

func TestArchivingLeavesTheLastChangeAloneAndTheHistoryShort(t *testing.T) {
	c := open(t, small())
	live := ids(c.all(deals + "?limit=100"))
	if !reflect.DeepEqual(live, []string{"90000000000"}) {
		t.Errorf("listed %v: the second deal is archived, the third comes tomorrow", live)
	}
	bin := c.all(deals + "?archived=true&propertiesWithHistory=dealstage&limit=50")
	equal(t, "archived records", len(bin), 1)
	equal(t, "archivedAt", bin[0]["archivedAt"], any("2026-03-20T00:00:00Z"))
	equal(t, "updatedAt", bin[0]["updatedAt"], any("2026-01-05T15:00:02Z"))
	equal(t, "versions in the list", len(dig(bin[0], "propertiesWithHistory", "dealstage").([]any)), 1)

	ask := object{"inputs": inputs("90000000007"), "properties": []string{}, "propertiesWithHistory": []string{"dealstage"}}
	full := c.post(deals+"/batch/read?archived=true", ask, http.StatusOK)
	equal(t, "versions in a batch", len(dig(full, "results", 0, "propertiesWithHistory", "dealstage").([]any)), 3)
	c.post(deals+"/batch/read", ask, http.StatusMultiStatus)
	if response, _ := c.send(http.MethodGet, deals+"/90000000007", nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("an archived deal is found without archived=true: %d", response.StatusCode)
	}

	c.clock.move(81 * 24 * time.Hour)
	equal(t, "archived records after the recycle bin's 90 days", len(c.all(deals+"?archived=true")), 0)
	c.post(deals+"/batch/read?archived=true", ask, http.StatusMultiStatus)
}

func TestCalculatedVersionsAreAsOldAsTheReply(t *testing.T) {
	c := open(t, small())
	history := c.get(deals + "/90000000000?propertiesWithHistory=hs_is_closed")["propertiesWithHistory"]
	equal(t, "timestamp", dig(history, "hs_is_closed", 0, "timestamp"), any("2026-03-31T12:00:00Z"))
	equal(t, "source", dig(history, "hs_is_closed", 0, "sourceType"), any("CALCULATED"))
}

func TestAPickedDayIsThatDayInThePortalsZone(t *testing.T) {
	story := small()
	api := hsserver.New(story, &still{at: story.Now})
	zone, err := time.LoadLocation(story.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	for hour := range 24 * 400 { // across both changes of the clock, at every hour of the click
		clicked := story.Begin.Add(time.Duration(hour)*time.Hour + 30*time.Minute)
		for _, picked := range []string{"2026-03-08", "2026-11-01", "2026-12-31", "2028-02-29"} {
			at, ok := api.CloseDate(picked, company.At(clicked))
			if got := at.Time().In(zone).Format(time.DateOnly); !ok || got != picked {
				t.Fatalf("%s picked at %s is kept as %s", picked, clicked, at.Time())
			}
		}
	}
}

func TestEveryDealOfAcmeSaysWhatTheStorySays(t *testing.T) {
	story := company.Acme(3, 400)
	c := open(t, story)
	now := company.At(story.Now)
	listed := map[string]object{}
	for _, r := range c.all(deals + "?limit=100&properties=amount,dealstage,hubspot_owner_id,hs_next_step") {
		listed[r["id"].(string)] = r
	}
	stages := map[string]string{}
	for i, s := range story.Stages {
		stages[s.Name] = hsserver.StageID(story, i)
	}
	want := 0
	for i := range story.Deals {
		deal := &story.Deals[i]
		state := deal.At(now)
		record, there := listed[hsserver.DealID(story, i)]
		if expected := deal.ExistsAt(now) && !state.Deleted; expected != there {
			t.Fatalf("deal %d: listed %v, want %v", i, there, expected)
		}
		if !there {
			continue
		}
		want++
		equal(t, "stage", property(record, "dealstage"), any(stages[state.Stage]))
		equal(t, "owner", property(record, "hubspot_owner_id"), any(hsserver.OwnerID(story, state.Owner)))
		equal(t, "modified", property(record, "hs_lastmodifieddate"), any(state.ModifiedAt.Time().Format("2006-01-02T15:04:05.999Z07:00")))
		if amount, _ := property(record, "amount").(string); amount != state.Amount {
			t.Errorf("deal %d: amount %q, want %q", i, amount, state.Amount)
		}
		if step, _ := property(record, "hs_next_step").(string); step != state.NextStep {
			t.Errorf("deal %d: next step %q, want %q", i, step, state.NextStep)
		}
	}
	equal(t, "deals", len(listed), want)
	bin := len(c.all(deals + "?limit=100&archived=true"))
	equal(t, "deals by Counts", c.api.Counts()["deals"], want+bin)
	if want < 300 {
		t.Errorf("only %d deals: the story is too thin to prove anything", want)
	}
}

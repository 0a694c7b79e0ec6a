package hsserver_test

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

func TestAStrangerIsTurnedAway(t *testing.T) {
	for token, status := range map[string]int{"": 401, "sandbox": 401, "sandbox token": 530} {
		c := open(t, small())
		c.token = token
		response, reply := c.send(http.MethodGet, deals, nil)
		equal(t, token, response.StatusCode, status)
		if status == http.StatusUnauthorized {
			equal(t, "category", reply["category"], any("INVALID_AUTHENTICATION"))
		}
	}
}

func TestAMissingScopeIsNamed(t *testing.T) {
	c := open(t, small(), hsserver.Without("crm.objects.owners.read"))
	response, reply := c.send(http.MethodGet, "/crm/owners/2026-09", nil)
	equal(t, "status", response.StatusCode, http.StatusForbidden)
	equal(t, "category", reply["category"], any("MISSING_SCOPES"))
	equal(t, "scope", dig(reply, "errors", 0, "context", "requiredGranularScopes", 0), any("crm.objects.owners.read"))
	c.get(deals)
}

func TestAHiddenPropertyIsNowhere(t *testing.T) {
	c := open(t, small())
	c.api.Hide("deals", "amount")
	for _, p := range results(c.get("/crm/properties/2026-09/deals")) {
		if p["name"] == "amount" {
			t.Error("amount is in the catalogue")
		}
	}
	record := c.get(deals + "/90000000000?properties=amount,dealname&propertiesWithHistory=amount")
	if _, there := record["properties"].(object)["amount"]; there || len(record["propertiesWithHistory"].(object)) != 0 {
		t.Errorf("amount is in %v", record)
	}
	c.post(deals+"/search", find(10, "0", where("amount", "GT", "1")), http.StatusBadRequest)
}

func TestPropertiesSayWhatTheyAre(t *testing.T) {
	c := open(t, small())
	kinds := map[string]any{}
	for _, p := range results(c.get("/crm/properties/2026-09/deals")) {
		kinds[p["name"].(string)] = []any{p["type"], p["calculated"], p["hubspotDefined"]}
	}
	for name, want := range map[string][]any{
		"amount":                             {"number", false, true},
		"closedate":                          {"datetime", false, true},
		"dealstage":                          {"enumeration", false, true},
		"hs_is_closed":                       {"bool", true, true},
		"lead_source":                        {"string", false, nil},
		"hs_v2_cumulative_time_in_closedwon": {"number", true, true},
		"hs_v2_date_entered_appointmentscheduled": {"datetime", true, true},
	} {
		if !reflect.DeepEqual(kinds[name], any(want)) {
			t.Errorf("%s: got %v, want %v", name, kinds[name], want)
		}
	}
	equal(t, "archived properties", len(results(c.get("/crm/properties/2026-09/deals?archived=true"))), 0)
}

func TestStagesComeInNoOrderAndInTexts(t *testing.T) {
	c := open(t, small())
	pipelines := results(c.get("/crm/pipelines/2026-09/deals"))
	equal(t, "pipelines", len(pipelines), 1)
	equal(t, "created", pipelines[0]["createdAt"], any("1970-01-01T00:00:00Z"))
	stages := pipelines[0]["stages"].([]any)
	if slices.IsSortedFunc(stages, func(a, b any) int {
		return int(dig(a, "displayOrder").(float64) - dig(b, "displayOrder").(float64))
	}) {
		t.Error("stages come in order: a client that takes their place for it would go unnoticed")
	}
	want := map[string][]any{
		"appointmentscheduled": {"Qualify", 0., "false", "0.2"}, "qualifiedtobuy": {"Propose", 1., "false", "0.6"},
		"closedwon": {"Won", 2., "true", "1.0"}, "closedlost": {"Lost", 3., "true", "0.0"},
	}
	for _, s := range stages {
		got := []any{dig(s, "label"), dig(s, "displayOrder"), dig(s, "metadata", "isClosed"), dig(s, "metadata", "probability")}
		if id := dig(s, "id").(string); !reflect.DeepEqual(got, want[id]) {
			t.Errorf("%s: got %v, want %v", id, got, want[id])
		}
	}
}

func TestOwnersWhoLeftAreListedOnlyWhenAskedFor(t *testing.T) {
	c := open(t, small())
	here, left := results(c.get("/crm/owners/2026-09")), results(c.get("/crm/owners/2026-03/?archived=true"))
	if !reflect.DeepEqual(ids(here), []string{"600000000"}) || !reflect.DeepEqual(ids(left), []string{"600000011"}) {
		t.Fatalf("here %v, left %v", ids(here), ids(left))
	}
	equal(t, "userId", here[0]["userId"], any(40000000.))
	if _, there := left[0]["userId"]; there {
		t.Error("a deactivated owner still has a userId")
	}
	equal(t, "userIdIncludingInactive", left[0]["userIdIncludingInactive"], any(40000003.))
	equal(t, "team", dig(here[0], "teams", 0, "name"), any("East"))

	acme := company.Acme(2, 300)
	c = open(t, acme)
	all := len(c.all("/crm/owners/2026-09?limit=2")) + len(c.all("/crm/owners/2026-09?limit=2&archived=true"))
	want := 0
	for _, u := range acme.Users {
		if u.CreatedAt <= company.At(acme.Now) {
			want++
		}
	}
	equal(t, "owners, two a page", all, want)
	equal(t, "owners by Counts", c.api.Counts()["owners"], want)
}

func TestAssociationsAreTypedAndPaged(t *testing.T) {
	c := open(t, small(), hsserver.AssociationPage(1))
	const path = "/crm/associations/2026-09/deals/contacts/batch/read"
	reply := c.post(path, object{"inputs": inputs("90000000000", "90000000007", "x")}, http.StatusMultiStatus)
	equal(t, "numErrors", reply["numErrors"], any(2.))
	equal(t, "without", dig(reply, "errors", 0, "subCategory"), any("crm.associations.NO_ASSOCIATIONS_FOUND"))
	equal(t, "no id", dig(reply, "errors", 1, "subCategory"), any("crm.associations.INVALID_IDENTIFIER"))
	first := dig(reply, "results", 0)
	equal(t, "contact", dig(first, "to", 0, "toObjectId"), any("30000000000"))
	equal(t, "plain type", dig(first, "to", 0, "associationTypes", 0, "typeId"), any(3.))
	equal(t, "plain label", dig(first, "to", 0, "associationTypes", 0, "label"), nil)
	equal(t, "role", dig(first, "to", 0, "associationTypes", 1, "label"), any("Decision Maker"))
	if len(dig(first, "to").([]any)) != 1 {
		t.Error("more than a page of associations")
	}
	after := dig(first, "paging", "next", "after")
	reply = c.post(path, object{"inputs": []object{{"id": "90000000000", "after": after}}}, http.StatusOK)
	equal(t, "second page", dig(reply, "results", 0, "to", 0, "toObjectId"), any("30000000003"))
	equal(t, "third page", dig(reply, "results", 0, "paging"), nil)

	reply = c.post("/crm/associations/2026-03/deals/companies/batch/read", object{"inputs": inputs("90000000000")}, http.StatusOK)
	equal(t, "company, a number in 2026-03", dig(reply, "results", 0, "to", 0, "toObjectId"), any(20000000000.))
	equal(t, "primary", dig(reply, "results", 0, "to", 0, "associationTypes", 0, "label"), any("Primary"))

	inline := c.get(deals + "/90000000000?associations=companies,calls")["associations"]
	equal(t, "company once for each type", len(dig(inline, "companies", "results").([]any)), 2)
	equal(t, "call", dig(inline, "calls", "results", 0, "type"), any("deal_to_call"))
	many := make([]string, 1001)
	c.post(path, object{"inputs": inputs(many...)}, http.StatusBadRequest)
}

func TestAssociationsReadTheSameFromBothEnds(t *testing.T) {
	story := company.Acme(4, 200)
	c := open(t, story, hsserver.AssociationPage(1_000_000))
	pairs := func(from, to string) map[[2]string]bool {
		live, _, err := c.api.IDs(from)
		if err != nil {
			t.Fatal(err)
		}
		found := map[[2]string]bool{}
		for chunk := range slices.Chunk(live, 1000) {
			_, reply := c.send(http.MethodPost, "/crm/associations/2026-09/"+from+"/"+to+"/batch/read", object{"inputs": inputs(chunk...)})
			for _, r := range results(reply) {
				for _, other := range r["to"].([]any) {
					found[[2]string{dig(r, "from", "id").(string), dig(other, "toObjectId").(string)}] = true
				}
			}
		}
		return found
	}
	for _, p := range [][2]string{{"deals", "contacts"}, {"deals", "companies"}, {"contacts", "companies"}, {"calls", "deals"}, {"meetings", "contacts"}, {"tasks", "companies"}} {
		there, back := pairs(p[0], p[1]), pairs(p[1], p[0])
		for pair := range there {
			if !back[[2]string{pair[1], pair[0]}] {
				t.Fatalf("%v: %v is not known from the other end", p, pair)
			}
		}
		if len(there) != len(back) || len(there) == 0 {
			t.Errorf("%v: %d one way, %d the other", p, len(there), len(back))
		}
	}
}

func TestActivitiesTurnDoneWhenTheyAre(t *testing.T) {
	c := open(t, small())
	call := results(c.get("/crm/objects/2026-09/calls?properties=hs_call_title,hs_call_duration,hs_call_status,hs_activity_type,hs_timestamp"))[0]
	equal(t, "duration", property(call, "hs_call_duration"), any("61000"))
	equal(t, "type", property(call, "hs_activity_type"), any("Discovery"))
	task := func() object {
		return results(c.get("/crm/objects/2026-09/tasks?properties=hs_task_status,hs_task_completion_date"))[0]
	}
	equal(t, "status", property(task(), "hs_task_status"), any("NOT_STARTED"))
	equal(t, "modified", property(task(), "hs_lastmodifieddate"), any("2026-01-05T15:00:00Z"))
	c.clock.move(48 * time.Hour)
	equal(t, "status later", property(task(), "hs_task_status"), any("COMPLETED"))
	equal(t, "modified later", property(task(), "hs_lastmodifieddate"), any("2026-04-01T12:00:00Z"))
	equal(t, "completed", property(task(), "hs_task_completion_date"), any("2026-04-01T12:00:00Z"))
	equal(t, "emails", len(results(c.get("/crm/objects/2026-09/emails"))), 0)
}

func TestTheAccountTellsItsZoneAndItsBudget(t *testing.T) {
	c := open(t, small())
	account := c.get("/account-info/2026-09/details")
	equal(t, "zone", account["timeZone"], any("America/New_York"))
	equal(t, "offset", account["utcOffset"], any("-04:00"))
	equal(t, "milliseconds", account["utcOffsetMilliseconds"], any(-14400000.))
	usage := results(c.get("/account-info/2026-09/api-usage/daily/private-apps"))[0]
	equal(t, "calls", usage["currentUsage"], any(2.))
	equal(t, "reset", usage["resetsAt"], any("2026-04-01T04:00:00Z"))
	records := c.get("/crm/limits/2026-09/records")["hubspotDefinedObjectTypes"].([]any)
	equal(t, "deals", dig(records, 0, "usage"), any(1.))
	equal(t, "type", dig(records, 0, "objectTypeId"), any("0-3"))
}

func TestAStoryWithHolesIsStillAPortal(t *testing.T) {
	story := small()
	story.TimeZone = "Middle/Earth"
	story.Deals[0].ID, story.Deals[1].ID = "0061x00000AbCdE", "77"
	story.Deals[0].Account, story.Deals[0].CreatedBy = company.None, company.None
	story.Deals[0].Contacts = []company.Role{{Contact: company.None}, {Contact: 99}}
	story.Deals[0].Changes[2].Value = "-1"
	story.Deals[0].Changes[5].Value = "A stage of old"
	story.Activities[0].Owner, story.Activities[0].Contact = 99, company.None
	c := open(t, story)
	record := c.get(deals + "/90000000000?properties=num_associated_contacts,hubspot_owner_id,hs_created_by_user_id&propertiesWithHistory=dealstage,hubspot_owner_id&associations=contacts,companies")
	equal(t, "contacts", property(record, "num_associated_contacts"), any("0"))
	equal(t, "creator", property(record, "hs_created_by_user_id"), nil)
	equal(t, "associations", record["associations"], nil)
	equal(t, "owners so far", len(dig(record, "propertiesWithHistory", "hubspot_owner_id").([]any)), 1)
	equal(t, "a stage the pipeline has no more", dig(record, "propertiesWithHistory", "dealstage", 2, "value"), any("astageofold"))
	equal(t, "a record keeps its own number", c.get(deals + "/77?archived=true")["id"], any("77"))
	equal(t, "zone", c.get("/account-info/2026-09/details")["timeZone"], any("UTC"))
	c.get("/crm/objects/2026-09/calls?properties=hubspot_owner_id&associations=contacts,deals")
	live, archived, err := c.api.IDs("deals")
	if err != nil || !reflect.DeepEqual(live, []string{"90000000000"}) || !reflect.DeepEqual(archived, []string{"77"}) {
		t.Errorf("live %v, archived %v, %v", live, archived, err)
	}
}

func TestWhatIsNotDescribedIsRefused(t *testing.T) {
	c := open(t, small())
	for call, status := range map[string]int{
		"/forecast-submissions/2026-09-beta/events?occurredBefore=1782892801000":               200,
		"/forecast-submissions/2026-09-beta/events?occurredBefore=2026-07-01T08:00:01Z":        400,
		"/forecast-submissions/2026-03-beta/events":                                            404,
		"/account-info/2026-09/activity/audit-logs?occurredBefore=2026-07-01T08:00:01Z":        200,
		"/account-info/2026-09/activity/audit-logs?occurredBefore=1782892801000":               400,
		"/account-info/2026-09/activity/login?limit=10":                                        200,
		"/account-info/2026-09/activity/login?occurredAfter=2026-07-01T08:00:01Z":              400,
		"/account-info/2026-09/activity/login?limit=ten":                                       400,
		"/crm/objects/2026-09/deals?limit=1&limit=2":                                           400,
		"/crm/objects/2026-09/deals?limit=99999999999":                                         400,
		"/crm/objects/2026-09/deals?archived=yes":                                              400,
		"/crm/objects/2026-09/deals?properties=amount&properties=dealname&cursor=1":            400,
		"/settings/users/2026-03/teams":                                                        200,
		"/settings/users/2026-09/teams":                                                        404,
		"/crm/pipelines/2026-09/deals?limit=100":                                               400,
		"/forecast-settings/2026-09/forecast-types":                                            200,
		"/forecast-settings/2026-03/forecast-types":                                            404,
		"/settings/currencies/2026-09/exchange-rates?limit=100&fromCurrencyCode=EUR&after=MTA": 200,
	} {
		if response, reply := c.send(http.MethodGet, call, nil); response.StatusCode != status {
			t.Errorf("%s: %d, want %d: %v", call, response.StatusCode, status, reply["message"])
		}
	}
}

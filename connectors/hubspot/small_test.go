package hubspot

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/sandbox/hsserver"
)

func TestSettingsPeopleAndEventsAreRead(t *testing.T) {
	a := newAcme(t, 50)
	source := a.open(t, nil)
	account := read(t, source, "account", "")
	if account.err != nil || len(account.tables["account"]) != 1 || account.tables["account"][0]["timeZone"] != a.story.TimeZone ||
		account.tables["account"][0]["companyCurrency"] != a.story.Currency {
		t.Errorf("account %v, error %v", account.tables, account.err)
	}
	audit := read(t, source, "pipeline_audit", "")
	if got, want := len(audit.tables["stage_versions"]), 2*len(a.story.Stages); audit.err != nil || got != want {
		t.Errorf("%d versions of stages, want %d, error %v", got, want, audit.err)
	}
	for _, stream := range []string{"logins", "forecast_submissions"} {
		first := read(t, source, stream, "")
		if first.err != nil || len(first.tables[stream]) < len(a.story.Users) || len(first.rejects) > 0 {
			t.Errorf("%s: %d rows, error %v, rejects %v", stream, len(first.tables[stream]), first.err, first.rejects)
		}
		a.clock.now = a.clock.now.Add(14 * 24 * time.Hour)
		second := read(t, source, stream, first.next)
		if n := len(second.tables[stream]); n == 0 || n > len(first.tables[stream])/10 {
			t.Errorf("%s: two weeks later %d rows", stream, n)
		}
	}
}

func TestTeamsAreRememberedDayByDay(t *testing.T) {
	a := newAcme(t, 50)
	source := a.open(t, nil)
	first := read(t, source, "teams", "")
	if first.err != nil || len(first.tables["team_members"]) == 0 {
		t.Fatalf("%v, error %v", first.tables, first.err)
	}
	if same := read(t, source, "teams", first.next); len(same.tables["team_members"]) > 0 {
		t.Error("the same day is kept twice")
	}
	a.clock.now = a.clock.now.Add(24 * time.Hour)
	next := read(t, source, "teams", first.next)
	if len(next.tables["team_members"]) == 0 || next.tables["team_members"][0]["seen_on"] == first.tables["team_members"][0]["seen_on"] {
		t.Error("the next day is not kept")
	}
}

func TestTheBetaOfTeamsTellsTheirMembersApart(t *testing.T) {
	f := &fake{routes: map[string]route{
		"GET /settings/teams-beta": func(request) any {
			return `{"results": [{"id": "7", "name": "West"}, {"id": 8, "name": "East", "userIds": [4]}]}`
		},
		"GET /settings/teams-beta/7/members": func(asked request) any {
			if asked.Query.Get("after") == "" {
				return `{"results": [{"userId": 1, "type": "DEFAULT"}, {"userId": "2", "type": "EXTRA"}], "paging": {"next": {"after": "x"}}}`
			}
			return `{"results": ["3"]}`
		},
	}}
	got := read(t, f.open(t, nil), "teams", "")
	var rows []string
	for _, row := range got.tables["team_members"] {
		rows = append(rows, row["team_name"]+" "+row["user_id"]+" "+row["is_primary"])
	}
	if want := "West 1 true, West 3 true, West 2 false, East 4 true"; got.err != nil || strings.Join(rows, ", ") != want {
		t.Errorf("got %s, error %v", strings.Join(rows, ", "), got.err)
	}
}

func TestALadderWhoseHistoryIsNotToldIsAssumedToHaveBeenAsToday(t *testing.T) {
	f := &fake{routes: map[string]route{"GET /crm/pipelines/deals": func(request) any {
		return `{"results": [{"id": "default", "stages": [{"id": "won", "label": "Won", "displayOrder": 1, "metadata": {"probability": "1.0"}}]}]}`
	}, "GET /crm/pipelines/deals/default/audit": func(request) any { return answer{404, `{"category": "OBJECT_NOT_FOUND"}`} }}}
	got := read(t, f.open(t, nil), "pipeline_audit", "")
	if rows := got.tables["stage_versions"]; got.err != nil || len(rows) != 1 || rows[0]["is_assumed"] != "true" || rows[0]["isClosed"] != "true" {
		t.Errorf("got %v, error %v", rows, got.err)
	}
	// What was told once is not assumed anew when it is refused later.
	a := newAcme(t, 20)
	told := read(t, a.open(t, nil), "pipeline_audit", "")
	if told.err != nil || len(told.tables["stage_versions"]) == 0 {
		t.Fatalf("%v, error %v", told.tables, told.err)
	}
	later := read(t, f.open(t, nil), "pipeline_audit", told.next)
	if later.err != nil || len(later.tables["stage_versions"]) != 0 || len(later.rejects) != 1 {
		t.Errorf("told once and then refused: %v, %v, error %v", later.tables, later.rejects, later.err)
	}
}

func TestALadderThatWasAssumedGoesWhenItsHistoryIsToldAfterAll(t *testing.T) {
	const stages = `{"id": "default", "stages": [{"id": "won", "label": "Won", "displayOrder": 1, "metadata": {"probability": "1.0"}}]}`
	isTold := false
	f := &fake{routes: map[string]route{"GET /crm/pipelines/deals": func(asked request) any {
		if asked.Query.Get("after") == "" { // HubSpot's list has no pages; if it had, they would be read
			return `{"results": [], "paging": {"next": {"after": "x"}}}`
		}
		return `{"results": [` + stages + `]}`
	}, "GET /crm/pipelines/deals/default/audit": func(request) any {
		if !isTold {
			return answer{403, `{"category": "MISSING_SCOPES"}`}
		}
		return `{"results": [{"identifier": "default", "action": "CREATE", "timestamp": "2026-01-05T09:00:00Z", "rawObject": ` + strconv.Quote(stages) + `}]}`
	}}}
	first := read(t, f.open(t, nil), "pipeline_audit", "")
	if rows := first.tables["stage_versions"]; first.err != nil || len(rows) != 1 || rows[0]["is_assumed"] != "true" || len(first.rejects) != 1 {
		t.Fatalf("assumed: %v, told %v, error %v", rows, first.rejects, first.err)
	}
	isTold = true
	then := read(t, f.open(t, nil), "pipeline_audit", first.next)
	var rows []string
	for _, r := range then.tables["stage_versions"] {
		rows = append(rows, r["stage_id"]+" from "+r["valid_from"]+" deleted "+r[connectors.DeletedColumn])
	}
	slices.Sort(rows)
	want := "won from 1970-01-01T00:00:00Z deleted true, won from 2026-01-05T09:00:00Z deleted false"
	if got := strings.Join(rows, ", "); then.err != nil || got != want || len(then.rejects) != 0 {
		t.Errorf("got %s, told %v, error %v", got, then.rejects, then.err)
	}
}

func TestEnterpriseAndBetaPathsMayBeMissingAndAreSaidToBe(t *testing.T) {
	a := newAcme(t, 20, hsserver.Without("account-info.security.read"), hsserver.Without("forecast-read"), hsserver.Without("settings.users.teams.read"))
	source := a.open(t, nil)
	for _, stream := range []string{"logins", "audit_logs", "forecast_submissions", "teams"} {
		got := read(t, source, stream, "")
		if got.err != nil || len(got.rejects) != 1 || !strings.Contains(got.rejects[0].Reason, "can't be read") {
			t.Errorf("%s: error %v, rejects %v", stream, got.err, got.rejects)
		}
	}
}

func TestAnObjectThatIsSeenForTheFirstTimeHasNoChangesOfProperties(t *testing.T) {
	before := map[string]string{"deals.amount": "number"}
	after := map[string]string{"deals.amount": "string", "deals.term": "number", "quotes.hs_title": "string"}
	b := decode.NewBuilder(catalogueStream().tables[1])
	defer b.Release()
	drift(b, before, after, "1767225600000")
	batch, _ := b.Flush()
	var told []string
	for row := range int(batch.Records.NumRows()) {
		cell := func(column string) string { return batch.Records.Column(b.Column(column)).ValueStr(row) }
		told = append(told, cell("object")+"."+cell("name")+" "+cell("change"))
	}
	if want := "deals.amount retyped, deals.term added"; strings.Join(told, ", ") != want {
		t.Errorf("told is %q and not %q", strings.Join(told, ", "), want)
	}
}

func Test19WhatBecameOfThePropertiesIsReported(t *testing.T) {
	a := newAcme(t, 20)
	source := a.open(t, nil)
	first := read(t, source, "properties", "")
	if first.err != nil || len(first.tables["properties"]) < 100 || len(first.tables["property_changes"]) != 0 {
		t.Fatalf("%d properties, %v changes, error %v", len(first.tables["properties"]), first.tables["property_changes"], first.err)
	}
	a.portal.Hide("deals", "description")
	a.clock.now = a.clock.now.Add(time.Hour)
	second := read(t, source, "properties", first.next)
	changes := second.tables["property_changes"]
	if len(changes) != 1 || changes[0]["object"] != "deals" || changes[0]["name"] != "description" || changes[0]["change"] != "removed" || changes[0]["before"] != "string" {
		t.Errorf("changes %v", changes)
	}
	gone := 0
	for _, row := range second.tables["properties"] {
		if row[connectors.DeletedColumn] == "true" {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("%d properties are gone", gone)
	}
	if third := read(t, source, "properties", second.next); len(third.tables["property_changes"]) != 0 {
		t.Error("what was reported is reported again")
	}
	// What the views need can't vanish in silence.
	a.portal.Hide("deals", "amount")
	if _, err := a.open(t, nil).Streams(t.Context()); fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "deals.amount") {
		t.Errorf("without the amount: %v", err)
	}
}

func TestForecastTypesAreTakenAsAnObjectAListOrResults(t *testing.T) {
	const one = `{"id": "1", "forecastName": "Deals", "amountProperty": "amount"}`
	for reply, want := range map[string]int{
		one: 1, "[" + one + "]": 1, `{"results": [` + one + `, {"id": "2"}]}`: 2, "[]": 0, `{"results": []}`: 0,
	} {
		f := &fake{routes: map[string]route{"GET /forecast-settings/forecast-types": func(request) any { return reply }}}
		if got := read(t, f.open(t, nil), "forecast_types", ""); got.err != nil || len(got.tables["forecast_types"]) != want {
			t.Errorf("%s: %v, error %v", reply, got.tables, got.err)
		}
	}
	for _, reply := range []string{`{}`, `{"status": "error", "message": "no"}`, `"1"`, `{"results": 7}`, one + one[:9]} {
		f := &fake{routes: map[string]route{"GET /forecast-settings/forecast-types": func(request) any { return reply }}}
		if got := read(t, f.open(t, nil), "forecast_types", ""); got.err == nil {
			t.Errorf("%s is taken for %v", reply, got.tables)
		}
	}
}

func TestEventsAreAskedForInTheFormThatHubSpotDescribes(t *testing.T) {
	asked := map[string]map[string][]string{}
	f := &fake{routes: map[string]route{}}
	for _, path := range []string{"/forecast-submissions-beta/events", "/account-info/activity/login", "/account-info/activity/audit-logs"} {
		f.routes["GET "+path] = func(r request) any { asked[path] = r.Query; return `{"results": []}` }
	}
	source := f.open(t, nil)
	for _, stream := range []string{"forecast_submissions", "logins", "audit_logs"} {
		first := read(t, source, stream, "")
		if again := read(t, source, stream, first.next); again.err != nil {
			t.Fatal(again.err)
		}
	}
	if ms := asked["/forecast-submissions-beta/events"]; ms["occurredAfter"][0] != "1775041200000" || ms["occurredBefore"][0] != "1775044801000" {
		t.Errorf("submissions: %v", ms)
	}
	if bounds := asked["/account-info/activity/audit-logs"]; bounds["occurredAfter"][0] != "2026-04-01T11:00:00Z" {
		t.Errorf("audit logs: %v", bounds)
	}
	if login := asked["/account-info/activity/login"]; len(login) != 1 || login["limit"][0] != "100" {
		t.Errorf("logins: %v", login)
	}
}

func TestStagesSettingsAreTextsNumbersOrBooleans(t *testing.T) {
	for settings, want := range map[string]string{
		`{"probability": "1.0", "isClosed": "true"}`: "1 true",
		`{"probability": 1.0, "isClosed": true}`:     "1 true",
		`{"probability": 0.2, "isClosed": false}`:    "0.2 false",
		`{"probability": "0.2", "isClosed": null}`:   "0.2 false",
		`{"probability": 0, "isClosed": ""}`:         "0 true",
	} {
		f := &fake{routes: map[string]route{"GET /crm/pipelines/deals": func(request) any {
			return `{"results": [{"id": "p", "stages": [{"id": "s", "label": "S", "displayOrder": 0, "metadata": ` + settings + `}]}]}`
		}}}
		got := read(t, f.open(t, nil), "pipelines", "")
		if rows := got.tables["pipeline_stages"]; got.err != nil || len(rows) != 1 || rows[0]["probability"]+" "+rows[0]["isClosed"] != want {
			t.Errorf("%s: %v, error %v", settings, rows, got.err)
		}
	}
	f := &fake{routes: map[string]route{"GET /crm/pipelines/deals": func(request) any {
		return `{"results": [{"id": "p", "stages": [{"id": 7, "displayOrder": "first", "metadata": {"probability": {"of": 1}}}]}]}`
	}}}
	if got := read(t, f.open(t, nil), "pipelines", ""); got.err == nil || strings.Contains(got.err.Error(), "Go struct") || fault.WhoMends(got.err) != fault.Them {
		t.Errorf("error %v", got.err)
	}
}

package sfserver_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

func TestSigningInNeedsTheRightSecret(t *testing.T) {
	o := open(acme(1, 10))
	ask := func(body string) (int, object) {
		reply := o.call(http.MethodPost, "/services/oauth2/token", body, "Content-Type", "application/x-www-form-urlencoded")
		return reply.Code, read[object](t, reply, reply.Code)
	}
	status, reply := ask("grant_type=client_credentials&client_id=client&client_secret=secret")
	if status != http.StatusOK || reply["instance_url"] != "http://example.com" || reply["token_type"] != "Bearer" {
		t.Fatalf("signing in gives %d %v", status, reply)
	}
	minted := "Bearer " + reply["access_token"].(string)
	if code := o.get(home+"/limits", "Authorization", minted).Code; code != http.StatusOK {
		t.Errorf("the minted token is answered with %d", code)
	}
	for body, want := range map[string]string{
		"grant_type=client_credentials&client_id=client&client_secret=wrong": "invalid_client",
		"grant_type=client_credentials&client_id=other&client_secret=secret": "invalid_client_id",
		"grant_type=password&client_id=client&client_secret=secret":          "unsupported_grant_type",
	} {
		if status, reply := ask(body); status != http.StatusBadRequest || reply["error"] != want {
			t.Errorf("%s gives %d %v", body, status, reply)
		}
	}
	for _, bearer := range []string{"", "Bearer other", "Bearer 00DSb0000000000!the-token.2"} {
		if code, _ := refusal(t, o.get(home+"/limits", "Authorization", bearer), http.StatusUnauthorized); code != "INVALID_SESSION_ID" {
			t.Errorf("%q is refused as %s", bearer, code)
		}
	}
	o.api.Expire()
	if code := o.get(home+"/limits", "Authorization", minted).Code; code != http.StatusUnauthorized {
		t.Errorf("an expired token is answered with %d", code)
	}
}

func TestEveryReplyHasTheSandboxsTimeAndTheDaysCalls(t *testing.T) {
	o := open(acme(1, 10))
	reply := o.get(home + "/limits")
	if date := reply.Header().Get("Date"); date != "Wed, 01 Jul 2026 08:00:00 GMT" {
		t.Errorf("Date is %q", date)
	}
	reply = o.get(home + "/limits")
	if used := reply.Header().Get("Sforce-Limit-Info"); used != "api-usage=2/100000" {
		t.Errorf("Sforce-Limit-Info is %q", used)
	}
	if limits := read[map[string]map[string]int](t, reply, 200); limits["DailyApiRequests"]["Remaining"] != 99_998 {
		t.Errorf("limits are %v", limits)
	}
	o.clock.advance(24 * time.Hour)
	if used := o.get(home + "/limits").Header().Get("Sforce-Limit-Info"); used != "api-usage=1/100000" {
		t.Errorf("on the next day Sforce-Limit-Info is %q", used)
	}
}

func TestAQueryGivesWhatTheStorySays(t *testing.T) {
	o := open(acme(3, 150))
	now := company.At(o.story.Now)
	want := map[string]string{}
	for i := range o.story.Deals {
		deal := &o.story.Deals[i]
		if state := deal.At(now); deal.ExistsAt(now) && !state.Deleted {
			want[sfserver.ID(o.story, "Opportunity", i)] = fmt.Sprint(deal.Name, "|", state.Stage, "|", state.CloseOn, "|",
				sfserver.ID(o.story, "User", state.Owner), "|", state.ModifiedAt.Time().Format("2006-01-02T15:04:05.000+0000"))
		}
	}
	got := map[string]string{}
	for _, row := range o.query(t, "query", "SELECT Id, Name, StageName, CloseDate, OwnerId, SystemModstamp FROM Opportunity") {
		got[row["Id"].(string)] = fmt.Sprint(row["Name"], "|", row["StageName"], "|", row["CloseDate"], "|", row["OwnerId"], "|", row["SystemModstamp"])
		if attributes := row["attributes"].(object); attributes["type"] != "Opportunity" || attributes["url"] != home+"/sobjects/Opportunity/"+row["Id"].(string) {
			t.Errorf("attributes are %v", attributes)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the query gives %d rows, the story %d, and they differ", len(got), len(want))
	}
}

func TestDeletedRowsComeOnlyWithQueryAll(t *testing.T) {
	o := open(acme(1, 400))
	live := o.query(t, "query", "SELECT Id, IsDeleted FROM Opportunity")
	all := o.query(t, "queryAll", "SELECT Id, IsDeleted FROM Opportunity")
	if len(all) != 400 || len(live) >= 400 {
		t.Fatalf("queryAll gives %d rows and query %d of 400", len(all), len(live))
	}
	deleted := o.query(t, "queryAll", "SELECT Id FROM Opportunity WHERE IsDeleted = true")
	if len(live)+len(deleted) != len(all) {
		t.Errorf("%d live and %d deleted rows are not all %d", len(live), len(deleted), len(all))
	}
	o.api.Purge(15 * 24 * time.Hour)
	if left := o.query(t, "queryAll", "SELECT Id FROM Opportunity WHERE IsDeleted = true"); len(left) >= len(deleted) {
		t.Error("the recycle bin was emptied and nothing is gone")
	}
}

func TestOldActivitiesAreArchived(t *testing.T) {
	o := open(acme(1, 200))
	archived := o.query(t, "queryAll", "SELECT Id FROM Task WHERE IsArchived = true")
	if len(archived) == 0 || len(o.query(t, "query", "SELECT Id FROM Task WHERE IsArchived = true")) != 0 {
		t.Error("archived tasks should come with queryAll and with that alone")
	}
}

func TestTheFutureIsNotThereYet(t *testing.T) {
	o := open(acme(1, 300))
	since := " WHERE SystemModstamp > " + o.story.Now.Format(time.RFC3339)
	if rows := o.query(t, "queryAll", "SELECT Id FROM Opportunity"+since); len(rows) != 0 {
		t.Fatalf("%d rows have changed in the future", len(rows))
	}
	o.clock.advance(7 * 24 * time.Hour)
	changed := o.query(t, "queryAll", "SELECT Id, SystemModstamp FROM Opportunity"+since)
	all := o.query(t, "queryAll", "SELECT Id FROM Opportunity")
	if len(changed) == 0 || len(changed) > len(all)/4 {
		t.Errorf("a week later %d of %d rows have changed", len(changed), len(all))
	}
}

func TestPagesFollowTheLocator(t *testing.T) {
	o := open(acme(1, 700))
	first := read[page](t, o.get(home+"/queryAll?q="+escape("SELECT Id FROM Opportunity"), "Sforce-Query-Options", "batchSize=200"), 200)
	if len(first.Records) != 200 || first.TotalSize != 700 || first.Done {
		t.Fatalf("the first page has %d of %d rows", len(first.Records), first.TotalSize)
	}
	seen := map[any]bool{}
	count := func(records []object) {
		for _, row := range records {
			seen[row["Id"]] = true
		}
	}
	count(first.Records)
	for next := first.NextRecordsURL; next != ""; {
		p := read[page](t, o.get(next), 200)
		count(p.Records)
		next = p.NextRecordsURL
	}
	if len(seen) != 700 {
		t.Errorf("the pages have %d different rows of 700", len(seen))
	}
	if code, _ := refusal(t, o.get(home+"/query/01gSb0000000000zzz-200"), 400); code != "INVALID_QUERY_LOCATOR" {
		t.Errorf("an unknown locator is refused as %s", code)
	}
	o.clock.advance(49 * time.Hour)
	if code, _ := refusal(t, o.get(first.NextRecordsURL), 400); code != "INVALID_QUERY_LOCATOR" {
		t.Errorf("a locator older than two days is refused as %s", code)
	}
}

func TestConditionsSelect(t *testing.T) {
	o := open(acme(2, 300))
	all := o.query(t, "queryAll", "SELECT Id, StageName, Amount, CloseDate, CreatedDate, IsWon, LeadSource FROM Opportunity")
	pick := func(where string, want func(object) bool) {
		t.Helper()
		expected := 0
		for _, row := range all {
			if want(row) {
				expected++
			}
		}
		got := o.query(t, "queryAll", "SELECT Id, StageName, Amount, CloseDate, CreatedDate, IsWon, LeadSource FROM Opportunity WHERE "+where)
		for _, row := range got {
			if !want(row) {
				t.Errorf("%s gives %v", where, row)
			}
		}
		if len(got) != expected || expected == 0 || expected == len(all) {
			t.Errorf("%s gives %d rows, not %d of %d", where, len(got), expected, len(all))
		}
		count := read[page](t, o.get(home+"/queryAll?q="+escape("SELECT COUNT() FROM Opportunity WHERE "+where)), 200)
		if count.TotalSize != expected || len(count.Records) != 0 {
			t.Errorf("COUNT() of %s is %d, not %d", where, count.TotalSize, expected)
		}
	}
	middle := all[150]["Id"].(string)
	pick("StageName = 'closed won'", func(r object) bool { return r["StageName"] == "Closed Won" })
	pick("IsWon = false AND Amount >= 50000", func(r object) bool {
		return r["IsWon"] == false && r["Amount"] != nil && r["Amount"].(float64) >= 50000
	})
	pick("Amount = null", func(r object) bool { return r["Amount"] == nil })
	pick("StageName IN ('Demo', 'Proposal') OR Amount = null", func(r object) bool {
		return r["StageName"] == "Demo" || r["StageName"] == "Proposal" || r["Amount"] == nil
	})
	pick("NOT (StageName NOT IN ('Closed Lost'))", func(r object) bool { return r["StageName"] == "Closed Lost" })
	pick("Id > '"+middle+"'", func(r object) bool { return r["Id"].(string) > middle })
	pick("Id <= '"+middle[:15]+"'", func(r object) bool { return r["Id"].(string) <= middle })
	pick("CloseDate < 2025-06-01", func(r object) bool { return r["CloseDate"].(string) < "2025-06-01" })
	pick("CreatedDate > 2025-06-01T00:00:00+02:00 AND CreatedDate <= 2025-12-31T23:00:00.000Z", func(r object) bool {
		return r["CreatedDate"].(string) > "2025-05-31T22:00:00" && r["CreatedDate"].(string) <= "2025-12-31T23:00:00.000+0000"
	})
}

func TestOrderAndLimit(t *testing.T) {
	o := open(acme(2, 120))
	amounts := func(soql string) []float64 {
		var amounts []float64
		for _, row := range o.query(t, "queryAll", soql) {
			if amount, ok := row["Amount"].(float64); ok {
				amounts = append(amounts, amount)
			} else {
				amounts = append(amounts, -1)
			}
		}
		return amounts
	}
	up := amounts("SELECT Amount FROM Opportunity ORDER BY Amount")
	if !slices.IsSorted(up) || len(up) != 120 {
		t.Errorf("ascending: %v", up)
	}
	down := amounts("SELECT Amount FROM Opportunity ORDER BY Amount DESC NULLS LAST LIMIT 50 OFFSET 10")
	slices.Reverse(up)
	if !slices.Equal(down, up[10:60]) {
		t.Errorf("descending 10 to 60: %v\nnot %v", down, up[10:60])
	}
	ids := o.query(t, "queryAll", "SELECT Id FROM Opportunity ORDER BY Id ASC LIMIT 7")
	if len(ids) != 7 || ids[6]["Id"] != sfserver.ID(o.story, "Opportunity", 6) {
		t.Errorf("the first seven by id are %v", ids)
	}
}

func TestRefusalsAreWordedAsTheAPIWordsThem(t *testing.T) {
	o := open(acme(1, 10))
	o.api.Hide("opportunity", "amount")
	for soql, want := range map[string][2]string{
		"SELECT Id, Colour FROM Opportunity":                                            {"INVALID_FIELD", "ERROR at Row:1:Column:12\nNo such column 'Colour' on entity 'Opportunity'."},
		"SELECT Id, Amount FROM Opportunity":                                            {"INVALID_FIELD", "No such column 'Amount' on entity 'Opportunity'."},
		"SELECT Id FROM Opportunity WHERE Amount > 1":                                   {"INVALID_FIELD", "No such column 'Amount'"},
		"SELECT Id FROM Oportunity":                                                     {"INVALID_TYPE", "sObject type 'Oportunity' is not supported."},
		"SELECT Id FROM Opportunity WHERE":                                              {"MALFORMED_QUERY", "unexpected token: '<EOF>'"},
		"SELECT Id FROM Opportunity LIMIT many":                                         {"MALFORMED_QUERY", "unexpected token: 'many'"},
		"SELECT FROM Opportunity":                                                       {"MALFORMED_QUERY", "unexpected token: 'Opportunity'"},
		"SELECT Id FROM Opportunity WHERE Id = 'x":                                      {"MALFORMED_QUERY", "unexpected token: <EOF>"},
		"SELECT Id FROM Opportunity WHERE CreatedDate = '2026'":                         {"INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"},
		"SELECT Id FROM Opportunity WHERE Name = 3":                                     {"INVALID_FIELD", "must be of type string and should be enclosed in quotes"},
		"SELECT Id FROM Opportunity WHERE IsWon = true OR IsWon = false AND Name = 'x'": {"MALFORMED_QUERY", "unexpected token: 'AND'"},
		"SELECT Owner.Name FROM Opportunity":                                            {"INVALID_FIELD", "Didn't understand relationship 'Owner' in field path."},
	} {
		code, message := refusal(t, o.get(home+"/query?q="+escape(soql)), http.StatusBadRequest)
		if code != want[0] || !strings.Contains(message, want[1]) {
			t.Errorf("%s is refused as %s: %s", soql, code, message)
		}
	}
	for path, status := range map[string]int{
		"/services/data/v30.0/limits": 404, "/services/data/v99.0/limits": 404, home + "/nothing": 404,
		home + "/sobjects/Nothing/describe": 404, "/services/apexrest": 404,
	} {
		if reply := o.get(path); reply.Code != status {
			t.Errorf("%s is answered with %d", path, reply.Code)
		}
	}
}

func TestDescribeTellsTypesAndLeavesOutWhatIsHidden(t *testing.T) {
	o := open(acme(1, 10))
	o.api.Hide("Opportunity", "NextStep")
	described := read[struct {
		Name   string
		Fields []object
	}](t, o.get(home+"/sobjects/Opportunity/describe"), 200)
	kinds := map[string]object{}
	for _, field := range described.Fields {
		kinds[field["name"].(string)] = field
	}
	for name, kind := range map[string]string{
		"Id": "id", "OwnerId": "reference", "StageName": "picklist", "Amount": "currency", "CloseDate": "date",
		"SystemModstamp": "datetime", "IsWon": "boolean", "Probability": "percent", "Name": "string",
	} {
		if kinds[name]["type"] != kind {
			t.Errorf("%s is described as %v, not %s", name, kinds[name]["type"], kind)
		}
	}
	if amount := kinds["Amount"]; amount["precision"] != 18.0 || amount["scale"] != 2.0 || amount["soapType"] != "xsd:double" {
		t.Errorf("Amount is %v", amount)
	}
	if _, there := kinds["NextStep"]; there {
		t.Error("a hidden field is described")
	}
	account := read[struct{ Fields []object }](t, o.get(home+"/sobjects/Account/describe"), 200)
	compound := slices.ContainsFunc(account.Fields, func(f object) bool { return f["type"] == "address" })
	if !compound {
		t.Error("Account has no compound field")
	}
	list := read[struct{ SObjects []object }](t, o.get(home+"/sobjects"), 200)
	if len(list.SObjects) != len(o.api.Objects()) {
		t.Errorf("%d objects are listed, there are %d", len(list.SObjects), len(o.api.Objects()))
	}
	versions := read[[]map[string]string](t, o.get("/services/data"), 200)
	if last := versions[len(versions)-1]; last["version"] != "67.0" || last["label"] != "Summer '26" || versions[0]["label"] != "Summer '14" {
		t.Errorf("versions are %v", versions)
	}
}

func TestDoublesLookAsJavaWritesThem(t *testing.T) {
	story := acme(1, 2)
	story.Deals[0].Changes = []company.Change{
		{At: story.Deals[0].CreatedAt, Field: company.StageName, Value: "Demo"},
		{At: story.Deals[0].CreatedAt, Field: company.Amount, Value: "12500000.50"},
	}
	o := open(story)
	body := o.get(home + "/query?q=" + escape("SELECT Amount, Probability FROM Opportunity WHERE Amount > 12000000")).Body.String()
	if !strings.Contains(body, `"Amount":1.25000005E7,"Probability":50.0`) {
		t.Errorf("the reply is %s", body)
	}
	for _, text := range []string{"0", "7", "9999999.99", "10000000", "1234567890.12", "-250.5", "0.75"} {
		story.Deals[0].Changes[1].Value = text
		row := o.query(t, "query", "SELECT Amount FROM Opportunity WHERE StageName = 'Demo' AND Probability = 50 AND Id = '"+sfserver.ID(story, "Opportunity", 0)+"'")
		if want, _ := strconv.ParseFloat(text, 64); row[0]["Amount"] != want {
			t.Errorf("%s is written as %v", text, row[0]["Amount"])
		}
	}
}

package sfserver_test

import (
	"compress/gzip"
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAJobGoesThroughItsStates(t *testing.T) {
	o := open(acme(1, 50))
	created := read[object](t, o.call(http.MethodPost, home+"/jobs/query", `{"operation":"queryAll","query":"SELECT Id FROM Opportunity"}`), 200)
	if created["state"] != "UploadComplete" || created["object"] != "Opportunity" || created["apiVersion"] != 67.0 ||
		created["createdDate"] != "2026-07-01T08:00:00.000+0000" {
		t.Fatalf("the job is created as %v", created)
	}
	at := home + "/jobs/query/" + created["id"].(string)
	if code, _ := refusal(t, o.get(at+"/results"), http.StatusPreconditionFailed); code != "JOB_NOT_COMPLETE" {
		t.Errorf("results before the end are refused as %s", code)
	}
	if state := read[object](t, o.get(at), 200)["state"]; state != "InProgress" {
		t.Errorf("the first look sees it %v", state)
	}
	done := read[object](t, o.get(at), 200)
	if done["state"] != "JobComplete" || done["numberRecordsProcessed"] != 50.0 {
		t.Errorf("the second look sees it %v", done)
	}
	if code, _ := refusal(t, o.get(strings.Replace(at, "v67.0", "v66.0", 1)+"/results"), http.StatusConflict); code == "" {
		t.Error("another version may not fetch the results")
	}
	if o.call(http.MethodDelete, at, "").Code != http.StatusNoContent || o.get(at).Code != http.StatusNotFound {
		t.Error("a deleted job is still there")
	}
}

func TestAJobCanBeAborted(t *testing.T) {
	o := open(acme(1, 5))
	id := read[object](t, o.call(http.MethodPost, home+"/jobs/query", `{"operation":"query","query":"SELECT Id FROM User"}`), 200)["id"].(string)
	if state := read[object](t, o.call(http.MethodPatch, home+"/jobs/query/"+id, `{"state":"Aborted"}`), 200)["state"]; state != "Aborted" {
		t.Errorf("it is %v", state)
	}
	if state := read[object](t, o.get(home+"/jobs/query/"+id), 200)["state"]; state != "Aborted" {
		t.Errorf("later it is %v", state)
	}
}

func TestResultsComeInSetsThatCanBeFetchedAgain(t *testing.T) {
	o := open(acme(1, 950))
	id := o.job(t, "queryAll", "SELECT Id, CreatedDate FROM Opportunity")
	seen, sets := map[string]bool{}, 0
	var dates []string
	for locator := ""; locator != "null"; sets++ {
		path := home + "/jobs/query/" + id + "/results?maxRecords=400&locator=" + locator
		reply := o.get(path)
		rows := results(t, reply)
		if strings.Join(rows[0], ",") != "Id,CreatedDate" {
			t.Fatalf("the header is %v", rows[0])
		}
		if again := results(t, o.get(path)); !slices.EqualFunc(rows, again, slices.Equal[[]string]) {
			t.Error("the same locator gives other rows the second time")
		}
		for _, row := range rows[1:] {
			seen[row[0]] = true
			dates = append(dates, row[1])
		}
		locator = reply.Header().Get("Sforce-Locator")
		if want := map[bool]string{true: "150", false: "400"}[locator == "null"]; reply.Header().Get("Sforce-NumberOfRecords") != want {
			t.Errorf("Sforce-NumberOfRecords is %s, not %s", reply.Header().Get("Sforce-NumberOfRecords"), want)
		}
	}
	if sets != 3 || len(seen) != 950 {
		t.Errorf("%d sets have %d different rows of 950", sets, len(seen))
	}
	if slices.IsSorted(dates) {
		t.Error("the rows come in order of time, which no job promises")
	}
	if code, _ := refusal(t, o.get(home+"/jobs/query/"+id+"/results?locator=nonsense"), http.StatusBadRequest); code != "INVALID_LOCATOR" {
		t.Errorf("a made-up locator is refused as %s", code)
	}
	o.clock.advance(8 * 24 * time.Hour)
	if o.get(home+"/jobs/query/"+id).Code != http.StatusNotFound {
		t.Error("results are kept longer than seven days")
	}
}

func TestResultPagesNameAllSets(t *testing.T) {
	o := open(acme(1, 950))
	id := o.job(t, "queryAll", "SELECT Id FROM Opportunity")
	seen, replies := map[string]bool{}, 0
	for next := home + "/jobs/query/" + id + "/resultPages?maxRecords=100"; next != ""; replies++ {
		reply := read[struct {
			ResultPages    []struct{ ResultURL string }
			NextRecordsURL string
			Done           bool
		}](t, o.get(next), 200)
		if len(reply.ResultPages) > 5 || reply.Done != (reply.NextRecordsURL == "") {
			t.Fatalf("a reply of %d pages, done %v, next %q", len(reply.ResultPages), reply.Done, reply.NextRecordsURL)
		}
		for _, page := range reply.ResultPages {
			for _, row := range results(t, o.get(page.ResultURL))[1:] {
				seen[row[0]] = true
			}
		}
		next = reply.NextRecordsURL
	}
	if replies != 2 || len(seen) != 950 {
		t.Errorf("%d replies name %d different rows of 950", replies, len(seen))
	}
}

func TestBulkAndRESTSayTheSameInTwoWays(t *testing.T) {
	o := open(acme(5, 200))
	const soql = "SELECT Id, Name, Amount, CloseDate, NextStep, IsWon, OwnerId, CreatedDate, LastStageChangeDate FROM Opportunity WHERE CreatedDate > 2025-01-01T00:00:00Z"
	byRest := map[string]object{}
	for _, row := range o.query(t, "queryAll", soql) {
		byRest[row["Id"].(string)] = row
	}
	rows := o.bulk(t, "queryAll", soql, "70")
	if len(rows) != len(byRest) || len(rows) == 0 {
		t.Fatalf("Bulk gives %d rows, REST %d", len(rows), len(byRest))
	}
	lineBreaks := 0
	for _, row := range rows {
		rest := byRest[row["Id"]]
		for name, text := range row {
			want := ""
			switch value := rest[name].(type) {
			case string:
				want = value
			case bool:
				want = map[bool]string{true: "true", false: "false"}[value]
			case float64:
				continue // compared as text in TestDoublesLookAsJavaWritesThem
			}
			if strings.HasSuffix(name, "Date") {
				want = strings.Replace(want, "+0000", "Z", 1)
			}
			// encoding/csv turns CR LF inside quotation marks into LF.
			if want = strings.ReplaceAll(want, "\r\n", "\n"); text != want {
				t.Errorf("%s of %s is %q by Bulk and %q by REST", name, row["Id"], text, want)
			}
		}
		lineBreaks += strings.Count(row["NextStep"], "\n")
	}
	if lineBreaks == 0 {
		t.Error("no cell has a line break, so nothing tests readers of CSV")
	}
}

func TestRepliesArePackedWhenAskedFor(t *testing.T) {
	o := open(acme(1, 60))
	id := o.job(t, "queryAll", "SELECT Id FROM Opportunity")
	reply := o.get(home+"/jobs/query/"+id+"/results", "Accept-Encoding", "gzip")
	unpacked, err := gzip.NewReader(reply.Body)
	if err != nil || reply.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, Content-Encoding %q", err, reply.Header().Get("Content-Encoding"))
	}
	if rows, err := csv.NewReader(unpacked).ReadAll(); err != nil || len(rows) != 61 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestWhatAJobMayNotAsk(t *testing.T) {
	o := open(acme(1, 5))
	for query, want := range map[string]string{
		"SELECT Id, BillingAddress FROM Account":  "Selecting compound data not supported in Bulk Query",
		"SELECT COUNT() FROM Account":             "Aggregate Relationships not supported in Bulk Query",
		"SELECT Id FROM Account LIMIT 5 OFFSET 5": "OFFSET not supported in Bulk Query",
		"SELECT Id, Nothing FROM Account":         "No such column 'Nothing' on entity 'Account'.",
	} {
		_, message := refusal(t, o.call(http.MethodPost, home+"/jobs/query", `{"operation":"queryAll","query":"`+query+`"}`), http.StatusBadRequest)
		if !strings.Contains(message, want) {
			t.Errorf("%s is refused with %q", query, message)
		}
	}
	if reply := o.call(http.MethodPost, home+"/jobs/query", `{"operation":"delete","query":"SELECT Id FROM Account"}`); reply.Code != http.StatusBadRequest {
		t.Errorf("operation delete is answered with %d", reply.Code)
	}
}

func TestAJobHasARowForEveryRowOfEveryObject(t *testing.T) {
	o := open(acme(4, 300))
	o.clock.advance(21 * 24 * time.Hour)
	for _, name := range o.api.Objects() {
		columns := o.api.Columns(name)
		want := map[string]string{}
		for row := range o.api.Rows(name, columns...) {
			want[row[0]] = strings.ReplaceAll(strings.Join(row, "|"), "\r\n", "\n")
		}
		got := map[string]string{}
		for _, row := range o.bulk(t, "queryAll", "SELECT "+strings.Join(columns, ",")+" FROM "+name, "137") {
			var cells []string
			for _, column := range columns {
				cells = append(cells, row[column])
			}
			got[row["Id"]] = strings.Join(cells, "|")
		}
		if len(want) != o.api.Count(name) || len(want) == 0 || !maps.Equal(got, want) {
			t.Errorf("%s: %d rows by Bulk, %d in the story, and they differ", name, len(got), len(want))
		}
	}
}

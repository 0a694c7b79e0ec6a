package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

const (
	queryAll = "GET /services/data/v67.0/queryAll"
	more     = "GET /services/data/v67.0/query/"
)

// afterBackfill is a position up to which everything is read.
func afterBackfill(s connectors.Stream, until string) connectors.Cursor {
	at, err := time.Parse(time.RFC3339, until)
	if err != nil {
		panic(err)
	}
	return position{Version: positionVersion, Columns: strings.Join(selected(s.Tables[0]), " "), Until: at}.cursor()
}

// readUntil is up to when everything is read.
func readUntil(t *testing.T, c connectors.Cursor) string {
	t.Helper()
	var at struct{ Until string }
	if err := json.Unmarshal([]byte(c), &at); err != nil {
		t.Fatal(err)
	}
	return at.Until
}

func records(total int, done bool, next string, rows ...map[string]string) string {
	if next != "" {
		next = fmt.Sprintf(`"nextRecordsUrl":%q,`, next)
	}
	return fmt.Sprintf(`{"totalSize":%d,"done":%t,%s"records":%s}`, total, done, next, jsonOf(rows...))
}

func TestIncrement(t *testing.T) {
	const yesterday = "2026-03-30T11:55:00Z"

	t.Run("asks for what changed since, and 10 minutes before that again", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.on(queryAll, gives(records(1, true, "", row("006000000000001"))))
			got, err := take(a, s, afterBackfill(s, yesterday))
			if err != nil || !slices.Equal(ids(got), []string{"006000000000001"}) {
				t.Fatalf("came %v, %v", got, err)
			}
			q := o.to(queryAll)[0].query.Get("q")
			if !strings.HasSuffix(q, " WHERE SystemModstamp > 2026-03-30T11:45:00Z AND SystemModstamp <= 2026-03-31T11:55:00Z") {
				t.Errorf("asked for %s", q)
			}
			if len(o.to("POST "+jobs)) != 0 {
				t.Error("a job was made for one row")
			}
			if until := readUntil(t, last(got)); until != "2026-03-31T11:55:00Z" {
				t.Errorf("goes on at %s", until)
			}
		})
	})

	t.Run("of history goes by when the row was made", func(t *testing.T) {
		o := newOrg(t)
		a := o.open()
		s := o.stream(a, "OpportunityFieldHistory")
		if _, err := take(a, s, afterBackfill(s, yesterday)); err != nil {
			t.Fatal(err)
		}
		if q := o.to(queryAll)[0].query.Get("q"); !strings.Contains(q, "WHERE CreatedDate > ") {
			t.Errorf("asked for %s", q)
		}
	})

	t.Run("follows the pages to the one that says it is the last", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.on(queryAll, gives(records(3, false, "/services/data/v67.0/query/01gSb0000000001AAA-1", row("006000000000001"))))
			o.on(more+"01gSb0000000001AAA-1", gives(records(3, false, "/services/data/v67.0/query/01gSb0000000001AAA-2")))
			o.on(more+"01gSb0000000001AAA-2", gives(records(3, true, "", row("006000000000002"), row("006000000000003"))))
			since := afterBackfill(s, yesterday)
			got, err := take(a, s, since)
			if err != nil || !slices.Equal(ids(got), []string{"006000000000001", "006000000000002", "006000000000003"}) {
				t.Fatalf("came %v, %v", ids(got), err)
			}
			if readUntil(t, got[0].next) != yesterday {
				t.Errorf("the cursor moved before the last page: %s", got[0].next)
			}
		})
	})

	t.Run("never goes to the host that a page names", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.on(queryAll, gives(records(2, false, "https://evil.example/services/data/v99.0/query/01gX-1", row("006000000000001"))))
			o.on(more+"01gX-1", gives(records(2, true, "", row("006000000000002"))))
			if _, err := take(a, s, afterBackfill(s, yesterday)); err != nil {
				t.Fatal(err)
			}
			for _, c := range o.calls {
				if c.host != "acme.my.salesforce.com" {
					t.Errorf("%s went to %s", c.place, c.host)
				}
			}
		})
		for _, place := range []string{"", "https://evil.example/", "/services/data/v67.0/query/../../oauth2/token", "/services/data/v67.0/query/a?b=c", "/services/data/v67.0/sobjects/x"} {
			if got, err := nextPage(place); err == nil {
				t.Errorf("%q leads to %s", place, got)
			}
		}
	})

	t.Run("that is large goes by Bulk, and not a row of it by both", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.on(queryAll, gives(records(10_001, false, "/services/data/v67.0/query/01gX-1", row("006000000000001"))))
			o.job(2)
			want := o.pages(s, 2)
			got, err := take(a, s, afterBackfill(s, yesterday))
			if err != nil || !slices.Equal(ids(got), want) {
				t.Fatalf("came %v, %v", ids(got), err)
			}
			if body := o.to("POST " + jobs)[0].body; !strings.Contains(body, "2026-03-30T11:45:00Z") || !strings.Contains(body, "2026-03-31T11:55:00Z") {
				t.Errorf("the job is for %s", body)
			}
		})
	})

	t.Run("of more fields than an address can hold goes by Bulk", func(t *testing.T) {
		o := newOrg(t)
		opportunity, _ := objectNamed("Opportunity")
		fields, extra := fieldsOf(opportunity), []string{}
		for i := range 400 {
			name := fmt.Sprintf("A_field_with_a_rather_long_name_%d__c", i)
			fields = append(fields, name+" string")
			extra = append(extra, "fields", "Opportunity."+name)
		}
		o.describes("Opportunity", fields...)
		a := o.open(extra...)
		s := o.stream(a, "Opportunity")
		o.job(2)
		want := o.pages(s, 2)
		got, err := take(a, s, afterBackfill(s, yesterday))
		if err != nil || !slices.Equal(ids(got), want) || len(o.to(queryAll)) != 0 {
			t.Errorf("came %v, %v", ids(got), err)
		}
	})

	t.Run("of setup objects is never worth a job", func(t *testing.T) {
		o := newOrg(t)
		a := o.open()
		s := o.stream(a, "OpportunityStage")
		o.on(queryAll, gives(records(1, true, "", row("01J000000000001", "ApiName", "Won"))))
		got, err := take(a, s, "")
		if err != nil || len(ids(got)) != 1 || got[0].rows[0]["merit_deleted"] != "false" {
			t.Fatalf("came %v, %v", got, err)
		}
	})

	t.Run("moves no cursor back when the server's clock does", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			got, err := take(a, s, afterBackfill(s, "2026-04-02T00:00:00Z"))
			if err != nil || readUntil(t, last(got)) != "2026-04-02T00:00:00Z" {
				t.Errorf("goes on at %v, %v", got, err)
			}
		})
	})
}

func TestIncrementThatIsNotWhole(t *testing.T) {
	const yesterday = "2026-03-30T11:55:00Z"
	read := func(t *testing.T, pages func(o *org)) ([]taken, error) {
		o := newOrg(t)
		a := o.open()
		s := o.stream(a, "Opportunity")
		pages(o)
		return take(a, s, afterBackfill(s, yesterday))
	}

	t.Run("fewer rows than were announced", func(t *testing.T) {
		got, err := read(t, func(o *org) { o.on(queryAll, gives(records(2, true, "", row("006000000000001")))) })
		mends(t, err, fault.Them, "said 2 rows and gave 1")
		if len(got) != 0 {
			t.Errorf("came %v", got)
		}
	})

	t.Run("pages that go round in a circle", func(t *testing.T) {
		_, err := read(t, func(o *org) {
			page := records(9, false, "/services/data/v67.0/query/01gX-1", row("006000000000001"))
			o.on(queryAll, gives(page))
			o.on(more+"01gX-1", gives(page))
		})
		mends(t, err, fault.Them, "circle")
	})

	t.Run("a page that breaks off", func(t *testing.T) {
		_, err := read(t, func(o *org) { o.on(queryAll, gives(`{"totalSize":2,"done":true,"records":[{"Id":"006`)) })
		mends(t, err, fault.Them)
	})

	t.Run("a page that does not say how many rows there are", func(t *testing.T) {
		_, err := read(t, func(o *org) { o.on(queryAll, gives(`{"done":true,"records":[]}`)) })
		mends(t, err, fault.Them, "how many rows")
	})

	t.Run("a query cursor that expired", func(t *testing.T) {
		_, err := read(t, func(o *org) {
			o.on(queryAll, gives(records(2, false, "/services/data/v67.0/query/01gX-1", row("006000000000001"))))
			o.on(more+"01gX-1", refuses(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
		})
		mends(t, err, fault.Them, "INVALID_QUERY_LOCATOR")
	})

	t.Run("a reply without a date", func(t *testing.T) {
		_, err := read(t, func(o *org) { o.on("GET /services/data", gives(`[]`, "Date", "")) })
		mends(t, err, fault.Them, "Date")
	})
}

func TestQueryThatTakesTooLong(t *testing.T) {
	inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
		o.on(queryAll,
			refuses(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
			gives(records(1, true, "", row("006000000000001"))),
			gives(records(1, true, "", row("006000000000002"))))
		got, err := take(a, s, afterBackfill(s, "2026-03-30T11:55:00Z"))
		if err != nil || !slices.Equal(ids(got), []string{"006000000000001", "006000000000002"}) {
			t.Fatalf("came %v, %v", ids(got), err)
		}
		asked := o.to(queryAll)
		if len(asked) != 3 || !strings.Contains(asked[1].query.Get("q"), "<= 2026-03-30T23:55:00Z") {
			t.Errorf("asked for %v", asked)
		}
	})
	t.Run("however short it is, ends", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.on(queryAll, refuses(400, "QUERY_TIMEOUT", "Your query request was running for too long."))
			_, err := take(a, s, afterBackfill(s, "2026-03-30T11:55:00Z"))
			mends(t, err, fault.Them, "took too long")
			if got := len(o.to(queryAll)); got > 20 {
				t.Errorf("asked %d times", got)
			}
		})
	})
}

func TestALocatorThatDiesWithItsSessionIsAskedForAgain(t *testing.T) {
	const more = "/services/data/v67.0/queryAll/0r8000000000001-2000"
	page := `{"totalSize":2,"done":false,"nextRecordsUrl":"` + more + `","records":` + jsonOf(row("01J000000000001")) + `}`
	for name, lost := range map[string][]http.HandlerFunc{
		"the locator is refused": {refuses(400, "INVALID_QUERY_LOCATOR", "invalid query locator")},
		"the session has ended, and the next one knows it not": {
			refuses(401, "INVALID_SESSION_ID", "Session expired or invalid"), refuses(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
		},
		"no session may use it": {refuses(401, "INVALID_SESSION_ID", "Session expired or invalid"), refuses(401, "INVALID_SESSION_ID", "Session expired or invalid")},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t)
			a := o.open()
			s := o.stream(a, "OpportunityStage")
			o.on(queryAll, gives(page))
			o.on("GET "+more, append(lost, gives(`{"totalSize":2,"done":true,"records":`+jsonOf(row("01J000000000002"))+`}`))...)
			got, err := take(a, s, "")
			if all := ids(got); err != nil || len(all) == 0 || all[len(all)-1] != "01J000000000002" {
				t.Errorf("came %v, %v", ids(got), err)
			}
		})
	}
	o := newOrg(t)
	a := o.open()
	s := o.stream(a, "OpportunityStage")
	o.on(queryAll, gives(page))
	o.on("GET "+more, refuses(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
	_, err := take(a, s, "")
	mends(t, err, fault.Them, "not there any more")
	if asked := len(o.to(queryAll)); asked != locatorTries+1 {
		t.Errorf("the window was asked for %d times", asked)
	}
}

func TestACompositeThatFindsNothingIsNotBelieved(t *testing.T) {
	o := newOrg(t)
	o.on("POST /services/data/v67.0/composite", func(w http.ResponseWriter, r *http.Request) {
		var parts []string
		for _, object := range objects() {
			parts = append(parts, `{"referenceId":"`+object.name+`","httpStatusCode":404,"body":[{"errorCode":"NOT_FOUND"}]}`)
		}
		gives(`{"compositeResponse":[`+strings.Join(parts, ",")+`]}`)(w, r)
	})
	if s := o.stream(o.open(), "Opportunity"); s.Unreadable != nil || len(s.Tables[0].Schema.Fields()) < 10 {
		t.Errorf("%v", s)
	}
}

func TestAnEndpointThatIsNoOrgIsForItsOwnerToMend(t *testing.T) {
	o := newOrg(t)
	o.on("GET /services/data", refuses(404, "NOT_FOUND", "The requested resource does not exist"))
	_, err := o.open().Streams(t.Context())
	mends(t, err, fault.You, "My Domain")
	o = newOrg(t)
	o.on("GET /services/data", refuses(404, "URL_NOT_RESET", "Destination URL not reset."))
	_, err = o.open().Streams(t.Context())
	mends(t, err, fault.You, "My Domain")
}

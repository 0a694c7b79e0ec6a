package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestObjectsThatAnOrgMayLack(t *testing.T) {
	describe := "GET /services/data/v67.0/sobjects/Contract/describe"

	t.Run("have their columns, no rows, and are said to be missing", func(t *testing.T) {
		for _, refusal := range []struct {
			status int
			code   string
		}{{404, "NOT_FOUND"}, {400, "INVALID_TYPE"}, {403, "INSUFFICIENT_ACCESS"}} {
			o := newOrg(t)
			o.on(describe, refuses(refusal.status, refusal.code, "sObject type 'Contract' is not supported."))
			a := o.open()
			s := o.stream(a, "Contract")
			for name, want := range map[string]string{"Id": "utf8", "EndDate": "date32", "SystemModstamp": "timestamp[ms, tz=UTC]", "ContractTerm": "int64", "merit_deleted": "bool"} {
				f, has := s.Tables[0].Schema.FieldsByName(name)
				if !has || f[0].Type.String() != want {
					t.Errorf("%s is %v", name, f)
				}
			}
			got, err := take(a, s, "")
			if err != nil || len(ids(got)) != 0 || last(got) == "" {
				t.Errorf("came %v, %v", got, err)
			}
			if why := fmt.Sprint(got[0].leftOut); s.Unreadable == nil || !strings.Contains(why, "does not show it") {
				t.Errorf("said was %q, and before it %v", why, s.Unreadable)
			}
			if asset := o.stream(a, "Asset"); asset.Unreadable != nil {
				t.Errorf("of another: %v", asset.Unreadable)
			}
		}
	})

	t.Run("are read from the beginning once they are there", func(t *testing.T) {
		o := newOrg(t)
		o.on(describe, refuses(404, "NOT_FOUND", "The requested resource does not exist"))
		a := o.open()
		before, err := take(a, o.stream(a, "Contract"), "")
		if err != nil {
			t.Fatal(err)
		}
		contract, _ := objectNamed("Contract")
		o.describes("Contract", fieldsOf(contract)...)
		s := o.stream(a, "Contract")
		o.on("GET /services/data/v67.0/queryAll", gives(records(1, true, "", row("800000000000001", "Status", "Activated"))))
		got, err := take(a, s, last(before))
		if err != nil || !slices.Equal(ids(got), []string{"800000000000001"}) {
			t.Errorf("came %v, %v", got, err)
		}
	})

	t.Run("go on from where they were when they were hidden for a while", func(t *testing.T) {
		o := newOrg(t)
		contract, _ := objectNamed("Contract")
		o.describes("Contract", fieldsOf(contract)...)
		o.on("GET /services/data/v67.0/queryAll", gives(records(1, true, "", row("800000000000001", "Status", "Activated"))))
		a := o.open()
		before, err := take(a, o.stream(a, "Contract"), "")
		if err != nil {
			t.Fatal(err)
		}
		o.on(describe, refuses(403, "INSUFFICIENT_ACCESS", "refused"))
		a = o.open()
		hidden, err := take(a, o.stream(a, "Contract"), last(before))
		if err != nil || last(hidden) != last(before) {
			t.Errorf("hidden it stands at %s and not at %s, %v", last(hidden), last(before), err)
		}
	})

	t.Run("are left out when they are described and no query may name them", func(t *testing.T) {
		for _, refusal := range []struct {
			status        int
			code, message string
		}{
			{400, "INVALID_TYPE", "sObject type 'Contract' is not supported."},
			{403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id"},
			{400, "MALFORMED_QUERY", "Implementation restriction: Contract requires View All Data"},
		} {
			o := newOrg(t)
			a := o.open()
			s := o.stream(a, "Contract")
			o.on("GET /services/data/v67.0/queryAll", refuses(refusal.status, refusal.code, refusal.message))
			got, err := take(a, s, "")
			if err != nil || len(ids(got)) != 0 || len(got) != 1 || !strings.Contains(fmt.Sprint(got[0].leftOut), refusal.code) {
				t.Errorf("%s: came %v, %v", refusal.code, got, err)
			}
			if stands(last(got)) != (connectors.Standing{IsPartial: true}) {
				t.Errorf("the cursor has moved: %s", last(got))
			}
			needed := o.open("objects", "Contract")
			_, err = take(needed, o.stream(needed, "Contract"), "")
			mends(t, err, fault.You, refusal.message)
		}
	})

	t.Run("that are small cost one call, and those that are large a job", func(t *testing.T) {
		for total, wantJobs := range map[int]int{2: 0, 50_000: 1} {
			o := newOrg(t)
			a := o.open()
			s := o.stream(a, "Asset")
			rows := []map[string]string{row("02i000000000001"), row("02i000000000002")}
			o.on("GET /services/data/v67.0/queryAll", gives(records(total, total == 2, "/services/data/v67.0/query/01gSb0000000001AAA-2000", rows...)))
			o.job(2)
			o.on(results, gives(csvOf(s, rows...), "Sforce-NumberOfRecords", "2"))
			got, err := take(a, s, "")
			if err != nil || len(ids(got)) != 2 || len(o.to("POST "+jobs)) != wantJobs {
				t.Errorf("of %d came %v by %d jobs, %v", total, ids(got), len(o.to("POST "+jobs)), err)
			}
		}
	})

	t.Run("must show what is needed of them where they are there", func(t *testing.T) {
		o := newOrg(t)
		hide(o, "Contract", "EndDate")
		_, err := o.open().Streams(context.Background())
		mends(t, err, fault.You, "Contract.EndDate can't be read by this account")
	})

	t.Run("must be there when merit.yml lists them, and then bring all their fields", func(t *testing.T) {
		contract, _ := objectNamed("Contract")
		o := newOrg(t)
		o.describes("Contract", append(fieldsOf(contract), "Region__c string", "BillingAddress address")...)
		s := o.stream(o.open("objects", "Contract"), "Contract")
		if names := selected(s.Tables[0]); !slices.Contains(names, "Region__c") || slices.Contains(names, "BillingAddress") {
			t.Errorf("asked for are %v", names)
		}
		o.on(describe, refuses(404, "NOT_FOUND", "The requested resource does not exist"))
		_, err := o.open("objects", "Contract").Streams(context.Background())
		mends(t, err, fault.You, "Contract can't be read by this account")
		if _, err := o.open("objects", "Contract?").Streams(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// Each object that can't be read is named, and not the first one only.
func TestEveryMissingObjectIsNamed(t *testing.T) {
	o := newOrg(t)
	for _, name := range []string{"Event", "Task", "User"} {
		o.on("GET /services/data/v67.0/sobjects/"+name+"/describe", refuses(404, "NOT_FOUND", "The requested resource does not exist"))
	}
	hide(o, "Opportunity", "Amount")
	_, err := o.open().Streams(context.Background())
	mends(t, err, fault.You, "Event can't be read", "meetings", "Task can't be read", "User can't be read", "Opportunity.Amount")
}

func TestForecastsAreKeptByDay(t *testing.T) {
	const items = "GET /services/data/v67.0/queryAll"
	o := newOrg(t)
	a := o.open()
	s := o.stream(a, "ForecastingItem")
	if !slices.Equal(s.Tables[0].Key, []string{"Id", "taken_on"}) || s.Tables[0].Version != "" || len(s.Tables) != 1 {
		t.Fatalf("the table is %+v", s.Tables)
	}
	amount := func(text string) {
		o.on(items, gives(records(1, true, "", map[string]string{"Id": "0J9000000000001", "ForecastAmount": text})))
	}
	var kept []map[string]string
	read := func(since connectors.Cursor) connectors.Cursor {
		t.Helper()
		got, err := take(a, s, since)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got {
			kept = append(kept, p.rows...)
			since = p.next
		}
		return since
	}
	amount("100")
	c := read("")
	if q := o.to(items)[0].query.Get("q"); strings.Contains(q, "WHERE") || !strings.Contains(q, " FROM ForecastingItem") || strings.Contains(q, "taken") {
		t.Errorf("asked for %s", q)
	}
	amount("120")
	o.date = o.date.Add(11 * time.Hour) // of the same day
	// The day's rows, and how many there are.
	if again := read(c); again != c || len(o.to(items)) != 2 {
		t.Errorf("asked %d times on one day", len(o.to(items)))
	}
	o.date = o.date.Add(2 * time.Hour)
	read(c)
	var told []string
	for _, row := range kept {
		told = append(told, fmt.Sprint(row["taken_on"], " ", row["taken_at"], " ", row["ForecastAmount"]))
	}
	if want := []string{"2026-03-31 2026-03-31T12:00:00Z 100", "2026-04-01 2026-04-01T01:00:00Z 120"}; !slices.Equal(told, want) {
		t.Errorf("kept is %q", told)
	}
}

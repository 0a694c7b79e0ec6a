package salesforce

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name          string
		status        int
		code, message string
		who           fault.Party
		words         string
		attempts      int
	}{
		{"a field that is hidden", 400, "INVALID_FIELD", "\nSELECT Amount FROM Opportunity\n       ^\nERROR at Row:1:Column:8\nNo such column 'Amount' on entity 'Opportunity'. If you are …",
			fault.You, "Opportunity.Amount can't be read by this account: field-level security hides it", 1},
		{"a field as older versions name it", 400, "INVALID_FIELD", "No such column 'AccountNumer' on sobject of type Account", fault.You, "Account.AccountNumer can't be read", 1},
		{"an object that is hidden", 400, "INVALID_TYPE", "sObject type 'Opportunity' is not supported.", fault.You, "give the integration user Read access", 1},
		{"no permission", 403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id", fault.You, "lacks a permission", 1},
		{"no API", 403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", fault.You, "API Enabled", 1},
		{"a security policy", 400, "TXN_SECURITY_METERING_ERROR", "The request was blocked", fault.You, "Exempt from Transaction Security", 1},
		{"an object for administrators", 400, "INVALID_QUERY", "Implementation restriction: requires View All Data", fault.You, "View All Data", 1},
		{"the day's calls are used up", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", fault.Them, "run again later", 1},
		{"too many calls at once", 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", fault.Them, "at once", 7},
		{"too many formulas", 400, "QUERY_TOO_COMPLICATED", "Query is either selecting too many fields or the filter conditions are too complicated.", fault.You, "fewer of them", 1},
		{"a query that is ours to mend", 400, "MALFORMED_QUERY", "unexpected token: 'FORM'", fault.Us, "unexpected token", 1},
		{"an unwell server", 503, "SERVER_UNAVAILABLE", "server temporarily unavailable", fault.Them, "unwell", 7},
		{"an edge under load", 420, "", "", fault.Them, "HTTP 420", 7},
		{"no reason at all", 418, "", "", fault.Them, "HTTP 418", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOrg(t)
				a := o.open()
				s := o.stream(a, "OpportunityStage")
				o.on(queryAll, refuses(c.status, c.code, c.message))
				_, err := take(a, s, "")
				mends(t, err, c.who, c.words, "OpportunityStage")
				if got := len(o.to(queryAll)); got != c.attempts {
					t.Errorf("%d attempts, not %d", got, c.attempts)
				}
			})
		})
	}
}

func TestRefusalsThatPass(t *testing.T) {
	for _, passing := range []http.HandlerFunc{
		refuses(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
		refuses(429, "", ""),
		refuses(502, "", ""),
		gives("<html><body>We are down for maintenance.</body></html>", "Content-Type", "text/html"),
	} {
		synctest.Test(t, func(t *testing.T) {
			o := newOrg(t)
			a := o.open()
			s := o.stream(a, "OpportunityStage")
			o.on(queryAll, passing, gives(records(1, true, "", row("01J000000000001"))))
			got, err := take(a, s, "")
			if err != nil || len(ids(got)) != 1 {
				t.Errorf("came %v, %v", got, err)
			}
		})
	}
}

func TestDailyLimitIsToldByTheOrgsOwnCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(t)
		a := o.open()
		o.on("GET /services/data", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Sforce-Limit-Info", "api-usage=15001/15000")
			refuses(403, "REQUEST_LIMIT_EXCEEDED", "Limit exceeded.")(w, r)
		})
		_, err := a.now(context.Background())
		mends(t, err, fault.Them, "15001 of 15000")
		if got := len(o.to("GET /services/data")); got != 1 {
			t.Errorf("asked %d times for what the day has no calls left", got)
		}
	})
}

func TestBudget(t *testing.T) {
	for _, c := range []struct {
		header string
		want   connectors.Usage
	}{
		{"api-usage=18/5000", connectors.Usage{Used: 18, Limit: 5000}},
		{"api-usage=25/5000, per-app-api-usage=17/250(appName=sample-app)", connectors.Usage{Used: 25, Limit: 5000}},
		{"", connectors.Usage{}},
		{"api-usage=many", connectors.Usage{}},
	} {
		b := &budget{}
		b.observe(http.Header{"Sforce-Limit-Info": {c.header}})
		if got := b.usage(); got != c.want {
			t.Errorf("%q gives %+v", c.header, got)
		}
	}
}

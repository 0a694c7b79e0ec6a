package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

func TestEachRefusalIsJudgedAsHubSpotMeansIt(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		act    rest.Act
		wait   time.Duration
		who    fault.Party
		says   string
	}{
		{"wrong token", 401, `{"category": "INVALID_AUTHENTICATION", "message": "expired 3 minutes ago"}`, rest.Fail, 0, fault.You, "expired 3 minutes ago"},
		{"malformed token", 530, `error`, rest.Fail, 0, fault.You, "refuses the token"},
		{"missing scope within errors", 403, `{"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["crm.objects.owners.read"]}}]}`, rest.Fail, 0, fault.You, "lacks the scope crm.objects.owners.read"},
		{"missing scope beside", 403, `{"category": "MISSING_SCOPES", "context": {"requiredGranularScopes": ["custom-object-read"], "links": ["x"]}}`, rest.Fail, 0, fault.You, "custom-object-read"},
		{"forbidden", 403, `{"message": "no"}`, rest.Fail, 0, fault.You, "may not do this (403: no)"},
		{"unknown path", 404, `{}`, rest.Fail, 0, fault.You, "api_version"},
		{"a second's limit", 429, `{"policyName": "secondly"}`, rest.Retry, time.Second, fault.Them, "in a second"},
		{"a second's limit of searches", 429, `{"message": "You have reached your secondly limit."}`, rest.Retry, time.Second, fault.Them, "in a second"},
		{"ten seconds' limit", 429, `{"policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}`, rest.Retry, 10 * time.Second, fault.Them, "ten seconds"},
		{"the day's limit", 429, `{"policyName": "DAILY"}`, rest.Fail, 0, fault.Them, "goes on from there"},
		{"the day's limit in lower case", 429, `{"policyName": "daily"}`, rest.Fail, 0, fault.Them, "goes on from there"},
		{"another limit", 429, `<html>`, rest.Retry, 0, fault.Them, "too many calls"},
		{"URL too long", 414, ``, rest.Fail, 0, fault.Us, "too long"},
		{"locked", 423, `{"message": "busy"}`, rest.Retry, 2 * time.Second, fault.Them, "busy"},
		{"being moved", 477, ``, rest.Retry, 0, fault.Them, "data centre"},
		{"server error", 500, ``, rest.Retry, 0, 0, ""},
		{"Cloudflare", 524, ``, rest.Retry, 0, 0, ""},
		{"bad request", 400, `{"message": "x"}`, rest.Fail, 0, fault.Us, "does not understand the call (400: x)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := judge(rest.Failure{Status: test.status, Header: http.Header{}, Body: []byte(test.body)})
			if v.Act != test.act || v.Wait != test.wait {
				t.Errorf("act %v after %v", v.Act, v.Wait)
			}
			if test.says == "" {
				if v.Err != nil {
					t.Errorf("error %v, where package rest knows the words", v.Err)
				}
				return
			}
			if fault.WhoMends(v.Err) != test.who || !strings.Contains(v.Err.Error(), test.says) {
				t.Errorf("party %v: %v", fault.WhoMends(v.Err), v.Err)
			}
		})
	}
}

func TestARefusalReachesThePersonWithoutTheToken(t *testing.T) {
	f := &fake{routes: map[string]route{"GET /crm/properties/deals": func(request) any {
		return answer{403, `{"category": "MISSING_SCOPES", "message": "secret-token", "errors": [{"context": {"requiredGranularScopes": ["crm.schemas.deals.read"]}}]}`}
	}}}
	_, err := f.open(t, nil).Streams(context.Background())
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "crm.schemas.deals.read") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}

func TestAWrongTokenIsToldOnce(t *testing.T) {
	f := &fake{routes: map[string]route{}}
	for _, o := range objects() {
		f.routes["GET /crm/properties/"+o.name] = func(request) any { return answer{401, `{"message": "expired"}`} }
	}
	_, err := f.open(t, nil).Streams(context.Background())
	if fault.WhoMends(err) != fault.You || strings.Count(fmt.Sprint(err), "refuses the token") != 1 {
		t.Errorf("error %v", err)
	}
}

func TestAPropertyThatTheViewsNeedAndTheTokenCannotReadIsNamed(t *testing.T) {
	f := &fake{hidden: []string{"deals.amount", "calls.hs_call_status"}}
	_, err := f.open(t, nil).Streams(context.Background())
	if err == nil || fault.WhoMends(err) != fault.You {
		t.Fatalf("error %v", err)
	}
	for _, name := range f.hidden {
		if !strings.Contains(err.Error(), "hubspot: "+name+" can't be read by this token") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestTheDaysLimitEndsAReadingThatGoesOnTheNextDay(t *testing.T) {
	isOver := true
	f := twoDeals(func(asked request) any {
		if isOver {
			return answer{429, `{"policyName": "DAILY"}`}
		}
		return asRecords(asked)
	})
	source := f.open(t, nil)
	first := read(t, source, "deals", "")
	if fault.WhoMends(first.err) != fault.Them || f.count(batchDeals) != 1 {
		t.Errorf("%d batches, error %v", f.count(batchDeals), first.err)
	}
	isOver = false
	if second := read(t, source, "deals", first.next); second.err != nil || len(second.tables["deals"]) != 2 {
		t.Errorf("got %v, error %v", second.tables, second.err)
	}
}

func TestSettingsThatCannotBeAreNamed(t *testing.T) {
	for setting, value := range map[string]string{
		"endpoint": "http://api.hubapi.com", "token": "", "api_version": "v3", "tier": "gold", "lookback": "an hour", "daily_share": "all", "sweep": "-1h", "client_id": "only",
		"properties": "deal.amount", "history": "contact.jobtitle",
	} {
		v := connectors.Values{"endpoint": {"https://api.hubapi.com"}, "token": {"x"}, "api_version": {"2026-03"}, "tier": {"free"},
			"lookback": {"60m"}, "daily_share": {"60%"}, "sweep": {"24h"}}
		if _, err := Connector().Open(context.Background(), v); err != nil {
			t.Fatal(err)
		}
		v[setting] = []string{value}
		_, err := Connector().Open(context.Background(), v)
		if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s %q: %v", setting, value, err)
		}
	}
}

func TestCalculatedPropertiesHaveNoHistory(t *testing.T) {
	f := &fake{}
	_, err := f.open(t, connectors.Values{"history": {"deals.score"}}).Streams(context.Background())
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "deals.score is calculated") {
		t.Errorf("error %v", err)
	}
}

func TestCancellingIsNobodysFault(t *testing.T) {
	f := twoDeals(asRecords)
	source := f.open(t, nil)
	streams, err := source.Streams(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range streams {
		for page, err := range source.Read(ctx, s, "") {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: page %v, error %v", s.Name, page, err)
			}
		}
	}
}

package hubspot_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hubspot"
)

// A page of fifty deals with eight histories: what a backfill asks for.
func BenchmarkAListWithHistory(b *testing.B) {
	story := company.Acme(1, 20_000)
	api := hubspot.New(story, &still{at: story.Now})
	const columns = "amount,closedate,dealname,dealstage,dealtype,hs_manual_forecast_category,hs_next_step,hubspot_owner_id,pipeline,hs_created_by_user_id,lead_source"
	const path = deals + "?limit=50&properties=" + columns +
		"&propertiesWithHistory=amount,closedate,dealstage,hs_manual_forecast_category,hs_next_step,hubspot_owner_id"
	after, records, bytes := "", 0, 0
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, path+after, nil)
		r.Header.Set("Authorization", "Bearer "+hubspot.Token)
		api.ServeHTTP(w, r)
		body := w.Body.String()
		bytes += len(body)
		records += strings.Count(body, `"properties":{`)
		after = ""
		if i := strings.LastIndex(body, `"next":{"after":"`); i >= 0 {
			token, _, _ := strings.Cut(body[i+len(`"next":{"after":"`):], `"`)
			after = "&after=" + url.QueryEscape(token)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "deals/s")
	b.ReportMetric(float64(bytes)/float64(records), "B/deal")
}

// A day's increment asks again and again by key.
func BenchmarkASearchByKey(b *testing.B) {
	story := company.Acme(1, 100_000)
	api := hubspot.New(story, &still{at: story.Now})
	ask := `{"filterGroups":[{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"2026-06-20T00:00:00Z"},` +
		`{"propertyName":"hs_object_id","operator":"GT","value":"90000100000"}]}],"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],` +
		`"limit":200,"after":"0","properties":["hs_object_id"]}`
	for b.Loop() {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, deals+"/search", strings.NewReader(ask))
		r.Header.Set("Authorization", "Bearer "+hubspot.Token)
		api.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body.String())
		}
	}
}

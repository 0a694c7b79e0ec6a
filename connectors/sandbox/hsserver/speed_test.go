package hsserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// A tail counts a reply and keeps its end, where the next page is named.
type tail struct {
	header http.Header
	bytes  int
	end    string
}

func (w *tail) Header() http.Header { return w.header }
func (w *tail) WriteHeader(int)     {}
func (w *tail) Write(p []byte) (int, error) {
	w.bytes += len(p)
	w.end = string(p[max(0, len(p)-1000):])
	return len(p), nil
}

// A page of fifty deals with eight histories: what a backfill asks for.
func BenchmarkAListWithHistory(b *testing.B) {
	story := company.Acme(1, 20_000)
	api := hsserver.New(story, &still{at: story.Now})
	const columns = "amount,closedate,dealname,dealstage,dealtype,hs_manual_forecast_category,hs_next_step,hubspot_owner_id,pipeline,hs_created_by_user_id,lead_source"
	const path = deals + "?limit=50&properties=" + columns +
		"&propertiesWithHistory=amount,closedate,dealstage,hs_manual_forecast_category,hs_next_step,hubspot_owner_id"
	after, records, bytes := "", 0, 0
	for b.Loop() {
		w := &tail{header: http.Header{}}
		r := httptest.NewRequest(http.MethodGet, path+after, nil)
		r.Header.Set("Authorization", "Bearer "+hsserver.Token)
		api.ServeHTTP(w, r)
		bytes += w.bytes
		records += 50 // but for the last page
		after = ""
		if i := strings.LastIndex(w.end, `"next":{"after":"`); i >= 0 {
			token, _, _ := strings.Cut(w.end[i+len(`"next":{"after":"`):], `"`)
			after = "&after=" + url.QueryEscape(token)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "deals/s")
	b.ReportMetric(float64(bytes)/float64(records), "B/deal")
}

// A day's increment asks again and again by key.
func BenchmarkASearchByKey(b *testing.B) {
	story := company.Acme(1, 100_000)
	api := hsserver.New(story, &still{at: story.Now})
	ask := `{"filterGroups":[{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"2026-06-20T00:00:00Z"},` +
		`{"propertyName":"hs_object_id","operator":"GT","value":"90000100000"}]}],"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],` +
		`"limit":200,"after":"0","properties":["hs_object_id"]}`
	for b.Loop() {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, deals+"/search", strings.NewReader(ask))
		r.Header.Set("Authorization", "Bearer "+hsserver.Token)
		api.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body.String())
		}
	}
}

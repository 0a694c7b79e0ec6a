package salesforce

import (
	"encoding/json"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestTheOrgsAllowances(t *testing.T) {
	const place = "GET /services/data/v67.0/limits"
	said := func(calls, jobs, megabytes string) string {
		return `{"DailyApiRequests":{"Max":1000,"Remaining":` + calls + `,"Ant Migration Tool":{"Max":0,"Remaining":0}},"SingleEmail":{"Max":5000,"Remaining":4999},` +
			`"DailyBulkV2QueryJobs":{"Max":10000,"Remaining":` + jobs + `},"DailyBulkV2QueryFileStorageMB":{"Max":976562,"Remaining":` + megabytes + `}}`
	}

	t.Run("19. of calls are known before anything is read, and nothing is where the share is used", func(t *testing.T) {
		o := newOrg(t)
		o.on(place, gives(said("150", "10000", "976562")))
		a := o.open()
		_, err := a.Streams(t.Context())
		mends(t, err, fault.Them, "850 of the org's 1000 API calls", "daily_share of 80 %")
		for _, c := range o.calls {
			if strings.Contains(c.place, "describe") || strings.Contains(c.place, "composite") {
				t.Errorf("%s was asked all the same", c.place)
			}
		}
	})

	t.Run("19. of jobs and of results stop what would need one", func(t *testing.T) {
		for words, reply := range map[string]string{
			"9000 of the org's 10000 Bulk API query jobs":              said("1000", "1000", "976562"),
			"781250 of the org's 976562 megabytes of Bulk API results": said("1000", "10000", "195312"),
		} {
			o := newOrg(t)
			o.on(place, gives(reply))
			o.job(1)
			a := o.open()
			s := o.stream(a, "Opportunity")
			_, err := take(a, s, "")
			mends(t, err, fault.Them, words, "run again later")
			if len(o.to("POST "+jobs)) != 0 {
				t.Error("a job was made")
			}
			if _, err := take(a, s, afterBackfill(s, "2026-03-30T11:55:00Z")); err != nil {
				t.Errorf("an increment needs no job: %v", err)
			}
		}
	})

	t.Run("that the user may not look at stop nothing", func(t *testing.T) {
		for _, refusal := range []struct {
			status int
			code   string
		}{{403, "FORBIDDEN"}, {403, "INSUFFICIENT_ACCESS"}, {404, "NOT_FOUND"}, {400, "UNKNOWN_EXCEPTION"}} {
			o := newOrg(t)
			o.on(place, refuses(refusal.status, refusal.code, "no"))
			if _, err := o.open().Streams(t.Context()); err != nil {
				t.Error(err)
			}
		}
		o := newOrg(t)
		o.on(place, gives(`["odd"]`))
		if _, err := o.open().Streams(t.Context()); err != nil {
			t.Error(err)
		}
	})

	t.Run("as a real org writes them are read", func(t *testing.T) {
		var recording struct{ Response struct{ Body string } }
		if err := json.Unmarshal([]byte(fixture(t, "camel_quarkus_wiremock/getLimits.json")), &recording); err != nil {
			t.Fatal(err)
		}
		for _, reply := range []string{fixture(t, "camel/limits.json"), recording.Response.Body} {
			o := newOrg(t)
			o.on(place, gives(reply))
			a := o.open()
			a.askLimits(t.Context())
			if u := a.Usage(); u != (connectors.Usage{Used: 2, Limit: 15000}) {
				t.Errorf("used are %+v", u)
			}
		}
	})
}

package salesforce

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestJobThatFails(t *testing.T) {
	fails := func(message string) http.HandlerFunc {
		return gives(fmt.Sprintf(`{"state":"Failed","errorMessage":%q,"retries":15}`, message))
	}

	t.Run("for time is asked for in halves, until all is read", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			o.on("GET "+oneJob,
				fails("QUERY_TIMEOUT: Your query request was running for too long."),
				gives(`{"state":"JobComplete","numberRecordsProcessed":1}`))
			o.on(results, gives(csvOf(s, row("006000000000001")), "Sforce-NumberOfRecords", "1"))
			o.on("GET /services/data/v67.0/queryAll", gives(`{"totalSize":1,"done":true,"records":`+jsonOf(row("006000000000002"))+`}`))
			got, err := take(a, s, "")
			if err != nil || !slices.Equal(ids(got), []string{"006000000000001", "006000000000002"}) {
				t.Fatalf("came %v, %v", ids(got), err)
			}
			halves := o.to("POST " + jobs)
			if len(halves) != 2 || !strings.Contains(halves[1].body, "2012-08") {
				t.Errorf("asked for %v", halves)
			}
			if q := o.to("GET /services/data/v67.0/queryAll")[0].query.Get("q"); !strings.Contains(q, "SystemModstamp > 2012-08") || !strings.Contains(q, "<= 2026-03-31T11:55:00Z") {
				t.Errorf("the other half is %s", q)
			}
		})
	})

	t.Run("after 15 tries of Salesforce's own is asked for in halves too", func(t *testing.T) {
		if err := failed(job{ID: "1", State: "Failed", Message: "Retried more than fifteen times"}); !isTooSlow(err) {
			t.Errorf("%v is not taken for too slow", err)
		}
	})

	t.Run("because Bulk can't do it goes by REST, before any row", func(t *testing.T) {
		for _, refused := range []func(o *org){
			func(o *org) {
				o.on("POST "+jobs, refuses(400, "INVALIDENTITY", "Entity 'Opportunity' is not supported by the Bulk API."))
			},
			func(o *org) {
				o.on("GET "+oneJob, fails("FeatureNotEnabled : Cannot serialize value for 'x' in CSV format"))
			},
			func(o *org) {
				o.on("GET "+oneJob, fails("Selecting compound data not supported in Bulk Query"))
			},
		} {
			inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
				o.job(1)
				refused(o)
				o.on("GET /services/data/v67.0/queryAll", gives(`{"totalSize":1,"done":true,"records":`+jsonOf(row("006000000000002"))+`}`))
				got, err := take(a, s, "")
				if err != nil || !slices.Equal(ids(got), []string{"006000000000002"}) {
					t.Errorf("came %v, %v", ids(got), err)
				}
			})
		}
	})

	t.Run("for another reason says the reason", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			o.on("GET "+oneJob, fails("INVALID_FIELD: No such column 'Amount' on entity 'Opportunity'."))
			_, err := take(a, s, "")
			mends(t, err, fault.You, "Opportunity.Amount can't be read")
		})
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			o.on("GET "+oneJob, fails("Max bulk v2 query result size stored (1000000000) kb per 24 hrs has been exceeded"))
			_, err := take(a, s, "")
			mends(t, err, fault.Them, "24 hrs", "run again later")
		})
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			o.on("GET "+oneJob, gives(`{"state":"Aborted"}`))
			_, err := take(a, s, "")
			mends(t, err, fault.Them, "aborted")
		})
	})

	t.Run("or shows no progress for too long is given up", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			a.pace.stalled = 20 * a.pace.pollTo
			o.on("GET "+oneJob, gives(`{"state":"InProgress","numberRecordsProcessed":7}`))
			_, err := take(a, s, "")
			mends(t, err, fault.Them, "without progress")
		})
	})

	t.Run("is asked for again when the answer is lost, and what was left over is aborted", func(t *testing.T) {
		const made = `"operation":"queryAll","object":"Opportunity","createdById":"005000000000001","createdDate":"2026-03-31T12:00:%02d.000+0000"`
		for _, lost := range []http.HandlerFunc{
			refuses(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred"), refuses(502, "", ""), refuses(503, "SERVER_UNAVAILABLE", ""), refuses(504, "", ""),
			gives(`{"id":"750000000000009"`), // broken off
			gives("<html>502</html>", "Content-Type", "text/html"),
		} {
			inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
				o.job(1)
				o.on("POST "+jobs, lost, lost, gives(fmt.Sprintf(`{"id":"750000000000001","state":"UploadComplete",`+made+`}`, 9)))
				o.on(results, gives(csvOf(s, row("006000000000001")), "Sforce-NumberOfRecords", "1"))
				others := []string{
					fmt.Sprintf(`{"id":"750000000000001","state":"InProgress",`+made+`}`, 9), // the job itself
					fmt.Sprintf(`{"id":"750000000000002","state":"InProgress",`+made+`}`, 1), // left over
					fmt.Sprintf(`{"id":"750000000000003","state":"JobComplete",`+made+`}`, 1),
					strings.Replace(fmt.Sprintf(`{"id":"750000000000004","state":"InProgress",`+made+`}`, 1), "005000000000001", "005000000000002", 1),
					strings.Replace(fmt.Sprintf(`{"id":"750000000000005","state":"InProgress",`+made+`}`, 1), "Opportunity", "Task", 1),
					strings.Replace(fmt.Sprintf(`{"id":"750000000000006","state":"InProgress",`+made+`}`, 1), "T12", "T11", 1),
				}
				o.on("GET "+jobs, gives(`{"done":true,"records":[`+strings.Join(others, ",")+`]}`))
				got, err := take(a, s, "")
				if err != nil || !slices.Equal(ids(got), []string{"006000000000001"}) {
					t.Fatalf("came %v, %v", ids(got), err)
				}
				if aborted := o.to("PATCH " + jobs + "/750000000000002"); len(aborted) != 1 || aborted[0].body != `{"state":"Aborted"}` {
					t.Errorf("the job that was left over: %v", aborted)
				}
				for _, c := range o.calls {
					if strings.HasPrefix(c.place, "PATCH") && !strings.HasSuffix(c.place, "2") {
						t.Errorf("aborted by %s", c.place)
					}
				}
			})
		}
	})

	t.Run("is aborted when nobody will come back to it", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			a.pace.stalled = 2 * a.pace.pollTo
			o.on("GET "+oneJob, gives(`{"state":"InProgress","numberRecordsProcessed":7}`))
			o.on("PATCH "+oneJob, gives(`{"state":"Aborted"}`))
			if _, err := take(a, s, ""); err == nil || len(o.to("PATCH "+oneJob)) != 1 {
				t.Errorf("%d aborts, %v", len(o.to("PATCH "+oneJob)), err)
			}
		})
	})
}

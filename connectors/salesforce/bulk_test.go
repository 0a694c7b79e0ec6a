package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"merit/connectors"
	"merit/connectors/fault"
)

const (
	jobs    = "/services/data/v67.0/jobs/query"
	oneJob  = jobs + "/750000000000001"
	results = "GET " + oneJob + "/results"
)

// job lets the org take a job and be done with it at the second look.
func (o *org) job(processed int) {
	o.on("POST "+jobs, gives(`{"id":"750000000000001","state":"UploadComplete","operation":"queryAll"}`))
	o.on("GET "+oneJob,
		gives(`{"id":"750000000000001","state":"InProgress","numberRecordsProcessed":0}`),
		gives(fmt.Sprintf(`{"id":"750000000000001","state":"JobComplete","numberRecordsProcessed":%d}`, processed)))
}

// pages is a job's result of pages of so many rows each, chained by locators.
func (o *org) pages(s connectors.Stream, sizes ...int) []string {
	all := []string{}
	bodies := map[string]http.HandlerFunc{}
	for i, n := range sizes {
		var rows []map[string]string
		for range n {
			id := fmt.Sprintf("006%012d", len(all))
			all = append(all, id)
			rows = append(rows, row(id, "Amount", "10.50"))
		}
		here, next := locator(i), "null"
		if i+1 < len(sizes) {
			next = locator(i + 1)
		}
		bodies[here] = gives(csvOf(s, rows...), "Content-Type", "text/csv", "Sforce-Locator", next, "Sforce-NumberOfRecords", fmt.Sprint(n))
	}
	o.on(results, func(w http.ResponseWriter, r *http.Request) { bodies[r.URL.Query().Get("locator")](w, r) })
	return all
}

func locator(page int) string {
	if page == 0 {
		return ""
	}
	return fmt.Sprintf("MTAwMD%d", page)
}

// inBulk gives a test an org, and an account that hardly waits between two looks at
// a job. (conc keeps channels for reuse, which synctest's bubbles don't allow.)
func inBulk(t *testing.T, test func(t *testing.T, o *org, a *account, s connectors.Stream)) {
	o := newOrg(t)
	a := o.open()
	test(t, o, a, o.stream(a, "Opportunity"))
}

func TestBackfill(t *testing.T) {
	t.Run("gives every row of every page, in order", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(9)
			want := o.pages(s, 3, 2, 1, 3)
			got, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(ids(got), want) {
				t.Errorf("came %v, is %v", ids(got), want)
			}
			if got[0].rows[0]["Amount"] != "10.5" {
				t.Errorf("the amount is %v", got[0].rows[0])
			}
		})
	})

	t.Run("asks for a job up to 5 minutes before the server's time, with deleted rows", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(0)
			o.pages(s, 0)
			if _, err := take(a, s, ""); err != nil {
				t.Fatal(err)
			}
			var asked map[string]string
			if err := json.Unmarshal([]byte(o.to("POST " + jobs)[0].body), &asked); err != nil {
				t.Fatal(err)
			}
			if asked["operation"] != "queryAll" || asked["contentType"] != "CSV" || asked["lineEnding"] != "LF" || asked["columnDelimiter"] != "COMMA" {
				t.Errorf("asked for %v", asked)
			}
			if q := asked["query"]; !strings.HasPrefix(q, "SELECT Id, Name, ") || !strings.HasSuffix(q, " FROM Opportunity WHERE SystemModstamp <= 2026-03-31T11:55:00Z") ||
				!strings.Contains(q, "IsDeleted") || strings.Contains(q, "merit_deleted") {
				t.Errorf("asked for %s", q)
			}
			if got := o.to(results)[0].query.Get("maxRecords"); got != "25000" {
				t.Errorf("asked for pages of %s", got)
			}
		})
	})

	t.Run("no locator at all is the last page too", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			o.on(results, gives(csvOf(s, row("006000000000001")), "Sforce-NumberOfRecords", "1"))
			got, err := take(a, s, "")
			if err != nil || len(ids(got)) != 1 {
				t.Errorf("came %v, %v", got, err)
			}
		})
	})

	t.Run("an empty object is read, and known to be", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(0)
			o.on(results, gives("", "Sforce-NumberOfRecords", "0", "Sforce-Locator", "null"))
			got, err := take(a, s, "")
			if err != nil || len(got) != 1 || got[0].next == "" {
				t.Errorf("came %v, %v", got, err)
			}
		})
	})

	t.Run("goes on at the page after the last one kept, with the same job", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(6)
			want := o.pages(s, 2, 2, 2)
			whole, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			for kept := 1; kept < 3; kept++ {
				before := len(o.to("POST " + jobs))
				rest, err := take(o.open(), s, whole[kept-1].next)
				if err != nil {
					t.Fatal(err)
				}
				if got := append(ids(whole[:kept]), ids(rest)...); !slices.Equal(got, want) {
					t.Errorf("after page %d came %v", kept, got)
				}
				if len(o.to("POST "+jobs)) != before {
					t.Error("a second job was made")
				}
			}
		})
	})

	t.Run("a job that Salesforce has forgotten is asked for again, whole", func(t *testing.T) {
		for _, forgotten := range []http.HandlerFunc{
			refuses(404, "NOT_FOUND", "The requested resource does not exist"),
			refuses(409, "CONFLICT", "Job was created with another API version"),
		} {
			inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
				o.job(4)
				want := o.pages(s, 2, 2)
				whole, err := take(a, s, "")
				if err != nil {
					t.Fatal(err)
				}
				o.on("GET "+oneJob, forgotten, gives(`{"state":"JobComplete","numberRecordsProcessed":4}`))
				rest, err := take(o.open(), s, whole[0].next)
				if err != nil || !slices.Equal(ids(rest), want) {
					t.Errorf("came %v, %v", ids(rest), err)
				}
			})
		}
	})

	t.Run("a job left half read is finished, then what came since is read", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(4)
			o.pages(s, 2, 2)
			whole, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			o.date = o.date.AddDate(0, 0, 1)
			o.on("GET /services/data/v67.0/queryAll", gives(`{"totalSize":1,"done":true,"records":`+jsonOf(row("006000000000099"))+`}`))
			rest, err := take(o.open(), s, whole[0].next)
			if err != nil || !slices.Contains(ids(rest), "006000000000099") {
				t.Fatalf("came %v, %v", ids(rest), err)
			}
			asked := o.to("GET /services/data/v67.0/queryAll")[0].query.Get("q")
			if !strings.HasSuffix(asked, "WHERE SystemModstamp > 2026-03-31T11:45:00Z AND SystemModstamp <= 2026-04-01T11:55:00Z") {
				t.Errorf("asked for %s", asked)
			}
		})
	})

	t.Run("a column that came since means reading from the beginning", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(2)
			want := o.pages(s, 2)
			whole, err := take(a, s, "")
			if err != nil {
				t.Fatal(err)
			}
			opportunity, _ := objectNamed("Opportunity")
			o.describes("Opportunity", append(fieldsOf(opportunity), "Partner__c string")...)
			more := o.open("fields", "Opportunity.Partner__c")
			wider := o.stream(more, "Opportunity")
			o.pages(wider, 2)
			again, err := take(more, wider, last(whole))
			if err != nil || !slices.Equal(ids(again), want) {
				t.Errorf("came %v, %v", ids(again), err)
			}
		})
	})
}

func TestBackfillThatIsNotWhole(t *testing.T) {
	t.Run("a page with fewer rows than its header says is no page", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(2)
			o.on(results, gives(csvOf(s, row("006000000000001")), "Sforce-NumberOfRecords", "2", "Sforce-Locator", "null"))
			got, err := take(a, s, "")
			mends(t, err, fault.Them, "said 2 rows and gave 1")
			if len(got) != 0 {
				t.Errorf("a short page was given: %v", got)
			}
		})
	})

	t.Run("fewer rows than the job processed move no cursor past it", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(5)
			o.pages(s, 2, 2)
			got, err := take(a, s, "")
			mends(t, err, fault.Them, "5 rows were processed and 4 given")
			if len(got) != 1 || !strings.Contains(string(got[0].next), `"job"`) {
				t.Errorf("came %v", got)
			}
		})
	})

	t.Run("a count that never adds up is tried with a job anew", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(5)
			o.pages(s, 2, 2)
			first, _ := take(a, s, "")
			_, err := take(o.open(), s, last(first))
			mends(t, err, fault.Them, "5 rows were processed")
			if got := len(o.to("POST " + jobs)); got != 2 {
				t.Errorf("%d jobs were made", got)
			}
		})
	})

	t.Run("locators that go round in a circle end the reading", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(4)
			o.on(results, gives(csvOf(s, row("006000000000001")), "Sforce-NumberOfRecords", "1", "Sforce-Locator", "again"))
			_, err := take(a, s, "")
			mends(t, err, fault.Them, "circle")
			if got := len(o.to(results)); got > 3 {
				t.Errorf("asked %d times", got)
			}
		})
	})

	t.Run("a column that is missing from the result is not taken for null", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(1)
			o.on(results, gives("\"Id\",\"Name\"\n\"006000000000001\",\"x\"\n", "Sforce-NumberOfRecords", "1"))
			_, err := take(a, s, "")
			mends(t, err, fault.Them, "columns that were asked for")
		})
	})

	t.Run("a reader that walks away leaves nothing behind", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			o.job(10)
			o.pages(s, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
			running := goleak.IgnoreCurrent()
			for p, err := range a.Read(t.Context(), s, "") {
				if err != nil {
					t.Fatal(err)
				}
				release(p)
				break
			}
			if got := len(o.to(results)); got > 1+pagesAtOnce {
				t.Errorf("%d pages were asked for, for a reader of one", got)
			}
			goleak.VerifyNone(t, running)
		})
	})
}

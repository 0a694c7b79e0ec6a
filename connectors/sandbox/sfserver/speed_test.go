package sfserver_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// nowhere takes a reply and forgets it.
type nowhere struct {
	header http.Header
	bytes  int64
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(int)             {}
func (n *nowhere) Write(p []byte) (int, error) { n.bytes += int64(len(p)); return len(p), nil }

const wideQuery = "SELECT Id, IsDeleted, AccountId, Name, StageName, Amount, Probability, CloseDate, Type, NextStep, LeadSource, IsClosed, IsWon, " +
	"ForecastCategory, OwnerId, CreatedDate, CreatedById, LastModifiedDate, LastModifiedById, SystemModstamp FROM "

// BenchmarkResults renders a job's rows: the sandbox must not be the slow side of a
// bench of readers.
func BenchmarkResults(b *testing.B) {
	const deals = 50_000
	org := open(acme(1, deals))
	for _, packing := range []string{"identity", "gzip"} {
		b.Run(packing, func(b *testing.B) {
			id := org.job(b, "queryAll", wideQuery+"Opportunity")
			request := httptest.NewRequest(http.MethodGet, home+"/jobs/query/"+id+"/results?maxRecords=1000000", nil)
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Accept-Encoding", packing)
			for b.Loop() {
				org.api.ServeHTTP(&nowhere{header: http.Header{}}, request)
			}
			b.ReportMetric(float64(deals)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkPages reads the same rows by REST.
func BenchmarkPages(b *testing.B) {
	const deals = 20_000
	org := open(acme(1, deals))
	for b.Loop() {
		for next := home + "/queryAll?q=" + escape(wideQuery+"Opportunity"); next != ""; {
			reply := org.get(next)
			body, err := io.ReadAll(reply.Body)
			if err != nil {
				b.Fatal(err)
			}
			next = ""
			if at := bytes.Index(body[:min(300, len(body))], []byte(`"nextRecordsUrl":"`)); at >= 0 {
				rest := body[at+len(`"nextRecordsUrl":"`):]
				next = string(rest[:bytes.IndexByte(rest, '"')])
			}
		}
	}
	b.ReportMetric(float64(deals)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

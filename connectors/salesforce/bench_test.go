package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/rest"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// roundTrip is how long each call of the bench takes before its first byte, as one
// to a data centre on another continent does.
const roundTrip = 100 * time.Millisecond

// BenchmarkWholeBackfill reads OpportunityHistory from the beginning out of a sandbox
// 100 ms away, and then reads the same job's pages of the same size one after the
// other by their locators, decoding them by the same code. MERIT_BENCH_ROWS sets the
// size, 5,000,000 without it. MiB is the largest resident size of the whole process,
// sandbox included.
//
// A real org's machines are not this one: the sandbox renders each page before the
// clock runs, and both readers get it from a file.
func BenchmarkWholeBackfill(b *testing.B) {
	rows := 5_000_000
	if text := os.Getenv("MERIT_BENCH_ROWS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		rows = n
	}
	org := &farAway{box: sandbox.New(manyChanges(rows)), dir: b.TempDir()}
	server := httptest.NewServer(org)
	b.Cleanup(server.Close)
	a, s := benched(b, server.URL)
	job := ""
	note := func(c connectors.Cursor) {
		if at, err := positionAt(c, selected(s.Tables[0])); err == nil && at.Job != nil {
			job = at.Job.ID
		}
	}
	backfill(b, a, s, note)
	org.away.Store(int64(roundTrip))
	b.ResetTimer()
	for range b.N {
		began := time.Now()
		ours := backfill(b, a, s, note)
		side := time.Since(began)
		peak := residentMiB(b)
		began = time.Now()
		theirs := oneAfterAnother(b, a, s, job)
		sequential := time.Since(began)
		if ours != rows || theirs != rows {
			b.Fatalf("%d rows side by side, %d one after the other, of %d", ours, theirs, rows)
		}
		b.ReportMetric(float64(rows)/side.Seconds(), "rows/s")
		b.ReportMetric(float64(rows)/sequential.Seconds(), "sequential_rows/s")
		b.ReportMetric(sequential.Seconds()/side.Seconds(), "x_sequential")
		b.ReportMetric(peak, "MiB")
	}
}

// A farAway org answers each call after a while, and pages out of files once they
// have been asked for.
type farAway struct {
	box  http.Handler
	dir  string
	away atomic.Int64
}

func (f *farAway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(time.Duration(f.away.Load()))
	if !strings.HasSuffix(r.URL.Path, "/results") {
		f.box.ServeHTTP(w, r)
		return
	}
	query := r.URL.Query()
	if query.Get("locator") == "" {
		query.Set("locator", "MA") // the sandbox's first row, so that both ways share a file
		r.URL.RawQuery = query.Encode()
	}
	name := filepath.Join(f.dir, url.QueryEscape(query.Encode()))
	if _, err := os.Stat(name + ".header"); err != nil {
		recorder := httptest.NewRecorder()
		f.box.ServeHTTP(recorder, r)
		header, err := json.Marshal(recorder.Header())
		if err = errors.Join(err, os.WriteFile(name, recorder.Body.Bytes(), 0o600), os.WriteFile(name+".header", header, 0o600)); err != nil {
			panic(err) // there is no bench without its files
		}
	}
	text, err := os.ReadFile(name + ".header")
	if err == nil {
		header := w.Header()
		err = json.Unmarshal(text, &header)
	}
	if err != nil {
		panic(err)
	}
	page, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	defer page.Close()
	_, _ = io.Copy(w, page) // the reader may have gone
}

// manyChanges is a story of deals with a hundred changes each, which all deals share:
// rows without memory.
func manyChanges(rows int) *company.Company {
	const each = 100
	story := company.Acme(1, 1)
	deal := story.Deals[0]
	begin := story.Now.Add(-300 * 24 * time.Hour)
	deal.CreatedAt, deal.DeletedAt, deal.History, deal.Changes = company.At(begin), 0, nil, nil
	for i := range each {
		deal.Changes = append(deal.Changes, company.Change{
			At: company.At(begin.Add(time.Duration(i) * time.Hour)), Field: company.Amount, Value: strconv.Itoa(1000 + i),
		})
	}
	story.Deals = make([]company.Deal, rows/each)
	for i := range story.Deals {
		story.Deals[i] = deal
	}
	return story
}

func benched(b *testing.B, address string) (*account, connectors.Stream) {
	source, err := Connector().Open(context.Background(), boxSettings(address))
	if err != nil {
		b.Fatal(err)
	}
	streams, err := source.Streams(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range streams {
		if s.Name == "OpportunityHistory" {
			return source.(*account), s
		}
	}
	b.Fatal("no history")
	return nil, connectors.Stream{}
}

// backfill reads a stream and lets its rows go.
func backfill(b *testing.B, a *account, s connectors.Stream, seen func(connectors.Cursor)) int {
	rows := 0
	for p, err := range a.Read(context.Background(), s, "") {
		if err != nil {
			b.Fatal(err)
		}
		for _, batch := range p.Batches {
			rows += int(batch.Records.NumRows())
		}
		seen(p.Next)
		release(p)
	}
	return rows
}

// oneAfterAnother reads a job's pages as a simple client does.
func oneAfterAnother(b *testing.B, a *account, s connectors.Stream, job string) int {
	rows := 0
	for locator := ""; ; {
		query := url.Values{"maxRecords": {strconv.Itoa(a.pace.pageRows)}}
		if locator != "" {
			query.Set("locator", locator)
		}
		reply, err := a.api.Do(context.Background(), rest.Call{Path: a.path("jobs", "query", job, "results"), Query: query})
		if err != nil {
			b.Fatal(err)
		}
		last, err := csvPage(reply.Body, target{Table: s.Tables[0]}, 0, a.pace.partRows, func(p part) error {
			rows += int(p.rows)
			release(p.Page)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		rows += int(last.rows)
		release(last.Page)
		reply.Body.Close()
		if locator = reply.Header.Get("Sforce-Locator"); locator == "null" {
			return rows
		}
	}
}

// residentMiB is the largest resident size of this process so far.
func residentMiB(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n := 0.0
			if _, err := fmt.Sscanf(kb, "%f", &n); err != nil {
				b.Fatal(err)
			}
			return n / 1024
		}
	}
	b.Fatal("no VmHWM")
	return 0
}

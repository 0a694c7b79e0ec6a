package hubspot

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"merit/connectors"
)

// childReads names the portal that a process of its own is to read.
const childReads = "MERIT_TEST_HUBSPOT"

// endless is a portal of any number of deals, each made when it is asked for.
type endless struct {
	fake  *fake
	deals int64
}

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isList := strings.HasSuffix(r.URL.Path, "/deals") && strings.HasPrefix(r.URL.Path, "/crm/objects/")
	if !isList || r.URL.Query().Get("archived") == "true" || r.URL.Query().Get("limit") == "1" {
		e.fake.ServeHTTP(w, r)
		return
	}
	from, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	to := min(from+batchWithHistory, e.deals)
	var body bytes.Buffer
	body.WriteString(`{"results":[`)
	for id := from + 1; id <= to; id++ {
		if id > from+1 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":"%d","properties":{"dealname":"Deal %d","dealstage":"s3","pipeline":"default","amount":"%d.75","hubspot_owner_id":"%d"},"propertiesWithHistory":{"dealstage":[`, id, id, id%90_000, id%200+1)
		for version := 3; version >= 1; version-- {
			fmt.Fprintf(&body, `{"value":"s%d","timestamp":"2026-0%d-01T0%d:00:00.%03dZ","sourceType":"CRM_UI","sourceId":"userId:%d","updatedByUserId":%d}`, version, version, id%10, id%1000, id%200, id%200)
			if version > 1 {
				body.WriteByte(',')
			}
		}
		fmt.Fprintf(&body, `],"pipeline":[{"value":"default","timestamp":"2026-01-01T00:00:00Z"}],"amount":[{"value":"%d.75","timestamp":"2026-01-01T00:00:00Z"}],"hubspot_owner_id":[{"value":"%d","timestamp":"2026-01-01T00:00:00Z"}]},"updatedAt":"2026-03-01T00:00:00Z","archived":false}`, id%90_000, id%200+1)
	}
	body.WriteByte(']')
	if to < e.deals {
		fmt.Fprintf(&body, `,"paging":{"next":{"after":"%d"}}`, to)
	}
	body.WriteByte('}')
	w.Header().Set("Date", "Wed, 01 Apr 2026 12:00:00 GMT")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body.Bytes())
}

// TestReadingInAProcessOfItsOwn is what that process runs.
func TestReadingInAProcessOfItsOwn(t *testing.T) {
	endpoint := os.Getenv(childReads)
	if endpoint == "" {
		t.Skip("this is a part of BenchmarkMemory")
	}
	source, err := Connector().Open(context.Background(), connectors.Values{
		"token": {"x"}, "endpoint": {endpoint}, "api_version": {"2026-09"}, "tier": {"unlimited"}, "lookback": {"60m"}, "daily_share": {"60%"}, "sweep": {"0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	streams, err := source.Streams(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rows := int64(0)
	for page, err := range source.Read(context.Background(), streams[0], "") {
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Batches {
			if b.Table == "deals" {
				rows += b.Records.NumRows()
			}
		}
		release(page)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if peak, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Printf("\nchild %d %s\n", rows, strings.Fields(peak)[0])
		}
	}
}

// BenchmarkMemory reads more and more deals, each time in a process of its own, and
// prints the most memory that it ever held: it must not grow with them.
func BenchmarkMemory(b *testing.B) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		b.Skip("this system does not say how much memory a process held")
	}
	peaks := map[int64]float64{}
	for _, deals := range []int64{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("%d deals", deals), func(b *testing.B) {
			for b.Loop() {
				peaks[deals] = resident(b, deals)
			}
			b.ReportMetric(peaks[deals], "MiB")
		})
	}
	if peaks[100_000] > 0 && peaks[1_000_000] > 1.1*peaks[100_000] {
		b.Errorf("ten times the deals took %.2f of the memory", peaks[1_000_000]/peaks[100_000])
	}
}

func resident(b *testing.B, deals int64) float64 {
	b.Helper()
	server := httptest.NewServer(&endless{fake: &fake{}, deals: deals})
	defer server.Close()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^TestReadingInAProcessOfItsOwn$", "-test.v")
	child.Env = append(os.Environ(), childReads+"="+server.URL)
	said, err := child.CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, said)
	}
	for line := range strings.Lines(string(said)) {
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != "child" {
			continue
		}
		kib, err := strconv.ParseFloat(words[2], 64)
		if err != nil || words[1] != strconv.FormatInt(deals, 10) {
			b.Fatalf("%s, %v", line, err)
		}
		fmt.Printf("%s deals with history and links: %.0f MiB resident at most\n", words[1], kib/1024)
		return kib / 1024
	}
	b.Fatalf("the process said nothing: %s", said)
	return 0
}

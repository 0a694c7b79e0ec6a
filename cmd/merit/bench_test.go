package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"merit/connectors/sandbox"
)

// BenchmarkWholeExtraction reads an unthrottled sandbox, which runs in a process
// of its own on the same machine, into a new lake: the built command as a user
// runs it. The floor is a client that asks for the same pages in the same order
// and throws them away. MERIT_BENCH_DEALS sets the size, 500,000 without it.
func BenchmarkWholeExtraction(b *testing.B) {
	merit, err := filepath.Abs("../../bin/merit")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(merit); err != nil {
		b.Fatal("make build comes first")
	}
	deals := 500_000
	if text := os.Getenv("MERIT_BENCH_DEALS"); text != "" {
		if deals, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for _, crm := range []struct {
		name, stream string
		floor        func(endpoint string) (rows int, err error)
	}{
		{"salesforce", "salesforce.Opportunity", discardBulk},
		{"hubspot", "hubspot.deals", discardDeals},
	} {
		b.Run(crm.name, func(b *testing.B) {
			for range b.N {
				extraction(b, merit, crm.name, crm.stream, deals, crm.floor)
			}
		})
	}
}

func extraction(b *testing.B, merit, crm, stream string, deals int, floor func(string) (int, error)) {
	dir := filepath.Join(b.TempDir(), "project")
	endpoint := startSandbox(b, merit, "--size", strconv.Itoa(deals), "--init", dir, "--as", crm)

	began := time.Now()
	rows, err := floor(endpoint)
	if err != nil {
		b.Fatal(err)
	}
	discarding := time.Since(began)
	if rows < deals*9/10 { // some deals of the story are deleted, a list does not show them
		b.Fatalf("the floor saw %d of %d deals", rows, deals)
	}

	b.ResetTimer()
	began = time.Now()
	read := exec.Command(merit, "read", "--project", dir, stream)
	out, err := read.CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	reading := time.Since(began)
	b.StopTimer()
	used := read.ProcessState.SysUsage().(*syscall.Rusage)
	total := allRows.FindSubmatch(out)
	if total == nil {
		b.Fatalf("no total in\n%s", out)
	}
	written, err := strconv.Atoi(string(total[1]))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(written)/reading.Seconds(), "rows/s") // of all the stream's tables: history and links too
	b.ReportMetric(float64(rows)/reading.Seconds(), "deals/s")
	b.ReportMetric(float64(rows)/discarding.Seconds(), "floor_deals/s")
	b.ReportMetric(discarding.Seconds()/reading.Seconds(), "of_floor")
	b.ReportMetric(float64(used.Maxrss)/1024, "MiB")
}

// allRows is the footer of what merit read prints.
var allRows = regexp.MustCompile(`(?m)^ *all +(\d+) `)

var endpointLine = regexp.MustCompile(`endpoint +(http://\S+)`)

// startSandbox starts merit sandbox on a free port and waits until it says where
// it answers.
func startSandbox(b *testing.B, merit string, args ...string) string {
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, merit, append([]string{"sandbox", "--port", "0"}, args...)...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was killed
	})
	endpoint := ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := endpointLine.FindStringSubmatch(lines.Text()); found != nil {
			endpoint = found[1]
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return endpoint
		}
	}
	b.Fatal("the sandbox did not start")
	return ""
}

// ask sends one request with the sandbox's token and counts the lines or bytes of
// the inflated body.
func ask(method, address, body string, each io.Writer) (http.Header, error) {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+sandbox.Token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	var text io.Reader = reply.Body
	if reply.Header.Get("Content-Encoding") == "gzip" {
		if text, err = gzip.NewReader(text); err != nil {
			return nil, err
		}
	}
	if reply.StatusCode >= 300 {
		problem, _ := io.ReadAll(io.LimitReader(text, 1000))
		return nil, fmt.Errorf("%s %s: %s %s", method, address, reply.Status, problem)
	}
	_, err = io.Copy(each, text)
	return reply.Header, err
}

// discardBulk makes the same Bulk 2.0 query job as the connector does and reads
// its pages one after the other.
func discardBulk(endpoint string) (int, error) {
	const api = "/services/data/v67.0"
	var described struct{ Fields []struct{ Name, Type string } }
	var text strings.Builder
	if _, err := ask("GET", endpoint+api+"/sobjects/Opportunity/describe", "", &text); err != nil {
		return 0, err
	}
	if err := json.Unmarshal([]byte(text.String()), &described); err != nil {
		return 0, err
	}
	var fields []string
	for _, f := range described.Fields {
		if f.Type != "address" && f.Type != "location" && f.Type != "base64" {
			fields = append(fields, f.Name)
		}
	}
	query, err := json.Marshal(map[string]string{"operation": "queryAll", "query": "SELECT " + strings.Join(fields, ",") + " FROM Opportunity"})
	if err != nil {
		return 0, err
	}
	text.Reset()
	if _, err := ask("POST", endpoint+api+"/jobs/query", string(query), &text); err != nil {
		return 0, err
	}
	var job struct{ ID, State string }
	if err := json.Unmarshal([]byte(text.String()), &job); err != nil {
		return 0, err
	}
	for job.State != "JobComplete" {
		text.Reset()
		if _, err := ask("GET", endpoint+api+"/jobs/query/"+job.ID, "", &text); err != nil {
			return 0, err
		}
		if err := json.Unmarshal([]byte(text.String()), &job); err != nil {
			return 0, err
		}
	}
	rows, locator := 0, ""
	for {
		page := url.Values{"maxRecords": {"50000"}}
		if locator != "" {
			page.Set("locator", locator)
		}
		header, err := ask("GET", endpoint+api+"/jobs/query/"+job.ID+"/results?"+page.Encode(), "", io.Discard)
		if err != nil {
			return 0, err
		}
		count, err := strconv.Atoi(header.Get("Sforce-NumberOfRecords"))
		if err != nil {
			return 0, err
		}
		rows += count
		if locator = header.Get("Sforce-Locator"); locator == "null" || locator == "" {
			return rows, nil
		}
	}
}

// discardDeals lists all deals' ids, then reads them with history, 50 a call.
func discardDeals(endpoint string) (int, error) {
	const (
		objects    = "/crm/objects/2026-09/deals"
		properties = `["dealname","amount","dealstage","pipeline","closedate","createdate","hubspot_owner_id","dealtype","hs_next_step"]`
		history    = `["dealstage","amount","closedate","hubspot_owner_id","hs_next_step","pipeline","hs_manual_forecast_category"]`
	)
	rows, after := 0, ""
	for {
		var page struct {
			Results []struct{ ID string }
			Paging  struct{ Next struct{ After string } }
		}
		var text strings.Builder
		query := url.Values{"limit": {"100"}}
		if after != "" {
			query.Set("after", after)
		}
		if _, err := ask("GET", endpoint+objects+"?"+query.Encode(), "", &text); err != nil {
			return 0, err
		}
		if err := json.Unmarshal([]byte(text.String()), &page); err != nil {
			return 0, err
		}
		for begin := 0; begin < len(page.Results); begin += 50 {
			var ids []string
			for _, r := range page.Results[begin:min(begin+50, len(page.Results))] {
				ids = append(ids, `{"id":"`+r.ID+`"}`)
			}
			body := `{"inputs":[` + strings.Join(ids, ",") + `],"properties":` + properties + `,"propertiesWithHistory":` + history + `}`
			if _, err := ask("POST", endpoint+objects+"/batch/read", body, io.Discard); err != nil {
				return 0, err
			}
			rows += len(ids)
		}
		if after = page.Paging.Next.After; after == "" {
			return rows, nil
		}
	}
}

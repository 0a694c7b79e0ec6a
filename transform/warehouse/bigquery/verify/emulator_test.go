package verify

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/bigquery-emulator/server"
	"github.com/goccy/bigquery-emulator/types"

	"merit/transform/warehouse"
	"merit/transform/warehouse/bigquery"
	"merit/transform/warehouse/warehousetest"
)

// serveEmulator, in the environment, has this test binary be the emulator and
// nothing else: its memory grows with every statement, and a fault in it ends it.
const serveEmulator = "MERIT_SERVE_EMULATOR"

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(serveEmulator) == "" {
		// A history takes the emulator seconds, not milliseconds.
		for name, value := range map[string]string{"rapid.checks": "3", "rapid.shrinktime": "1s"} {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
		os.Exit(m.Run())
	}
	e, err := server.New(server.TempStorage)
	if err == nil {
		err = e.Load(server.StructSource(types.NewProject(project)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(e.TestServer().URL)
	go func() {
		// The analyzer inside holds a heap of its own, at most 2 GB, and gives back only
		// what Go has collected, which sees no need to.
		for range time.Tick(300 * time.Millisecond) {
			runtime.GC()
		}
	}()
	io.Copy(io.Discard, os.Stdin) // until whoever started it is gone
}

// emulator is BigQuery's API on loopback. Where it is known not to be BigQuery, the
// shim before it makes up for that, and for nothing else.
func emulator(t testing.TB) (url string, s *shim) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveEmulator+"=1")
	child.Stderr = os.Stderr
	alive, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	at, err := neturl.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	s = &shim{next: httputil.NewSingleHostReverseProxy(at)}
	served := httptest.NewServer(s)
	t.Cleanup(func() { served.Close(); alive.Close(); child.Wait() })
	return served.URL, s
}

// A shim makes the emulator do a create or replace whole or not at all, as BigQuery
// does: it makes the table beside, under another name, and only then drops the old
// one. The emulator refuses the statement for a name that exists. It can also be
// told to fail a job.
type shim struct {
	next http.Handler
	mu   sync.Mutex
	fail func(sql string) bool // nil: nothing fails
}

// failing has the jobs fail whose statement is told; nil: none.
func (s *shim) failing(which func(sql string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = which
}

func (s *shim) fails(sql string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail != nil && s.fail(sql)
}

var replaces = regexp.MustCompile("(?is)^\\s*create\\s+or\\s+replace\\s+table\\s+(`[^`]+`\\.`[^`]+`)")

func (s *shim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isJob := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/jobs") && !strings.Contains(r.URL.Path, "/upload/")
	if strings.Contains(r.URL.Path, "/upload/") && r.Method == http.MethodPost {
		if err := intDecimals(r); err != nil {
			refuse(w, err.Error())
			return
		}
	}
	if !isJob {
		s.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var job struct {
		Configuration struct {
			DryRun bool `json:"dryRun"`
			Query  *struct {
				Query string `json:"query"`
			} `json:"query"`
		} `json:"configuration"`
	}
	_ = json.Unmarshal(body, &job)
	if q := job.Configuration.Query; q != nil && !job.Configuration.DryRun {
		if s.fails(q.Query) {
			refuse(w, "made to fail")
			return
		}
		if parts := strings.Split(strings.TrimSuffix(strings.TrimSpace(q.Query), ";"), ";\n"); len(parts) > 1 && !strings.Contains(q.Query, "transaction") {
			for _, part := range parts { // of a script it runs the first statement only
				if answer := s.ask(r, part); answer.Code != http.StatusOK {
					refuse(w, answer.Body.String())
					return
				}
			}
		}
		if m := replaces.FindStringSubmatch(q.Query); m != nil {
			beside := strings.TrimSuffix(m[1], "`") + "__beside`"
			tried := strings.Replace(q.Query, m[1], beside, 1)
			s.ask(r, "drop table if exists "+beside)
			if answer := s.ask(r, tried); answer.Code != http.StatusOK {
				refuse(w, answer.Body.String())
				return
			}
			s.ask(r, "drop table if exists "+beside)
			s.ask(r, "drop table if exists "+m[1])
		}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	s.next.ServeHTTP(w, r)
}

func (s *shim) ask(of *http.Request, sql string) *httptest.ResponseRecorder {
	body, _ := json.Marshal(map[string]any{"query": sql, "useLegacySql": false})
	r := httptest.NewRequest(http.MethodPost, "/bigquery/v2/projects/"+project+"/queries", bytes.NewReader(body)).WithContext(context.WithoutCancel(of.Context()))
	answer := httptest.NewRecorder()
	s.next.ServeHTTP(answer, r)
	return answer
}

func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": http.StatusBadRequest, "message": why, "errors": []map[string]string{{"reason": "invalidQuery", "message": why}},
	}})
}

func opened(t testing.TB, url string) *bigquery.Warehouse {
	t.Helper()
	w, err := bigquery.Open(context.Background(), bigquery.Settings{Project: project, Dataset: "merit", Location: "EU", Endpoint: url})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestContract(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse {
		url, _ := emulator(t)
		return opened(t, url)
	})
}

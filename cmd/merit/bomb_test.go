package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// A CRM, or whoever stands between, that answers everything with 1 GiB of zeros in a
// megabyte must neither fill the machine nor be taken for a CRM.
func TestBombsEndCleanlyWithinBoundedMemory(t *testing.T) {
	var zeros bytes.Buffer
	w := gzip.NewWriter(&zeros)
	block := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	story := company.Acme(11, 60)
	for _, crm := range []string{"salesforce", "hubspot"} {
		for name, isBomb := range map[string]func(*http.Request) bool{
			"everything":         func(*http.Request) bool { return true },
			"but for signing in": func(r *http.Request) bool { return !strings.Contains(r.URL.Path, "oauth") },
			"lists and queries": func(r *http.Request) bool {
				return strings.Contains(r.URL.Path, "/crm/objects/") || strings.Contains(r.URL.Path, "queryAll") || strings.Contains(r.URL.Path, "/results")
			},
		} {
			t.Run(crm+" "+name, func(t *testing.T) {
				behind := sandbox.New(story)
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !isBomb(r) {
						behind.ServeHTTP(w, r)
						return
					}
					w.Header().Set("Content-Type", "application/json")
					w.Header().Set("Content-Encoding", "gzip")
					_, _ = w.Write(zeros.Bytes()) // whoever sees what it is hangs up
				}))
				defer server.Close()
				project := filepath.Join(t.TempDir(), "p")
				if err := writeStoryProject(project, story, []storySource{{crm, server.URL}}); err != nil {
					t.Fatal(err)
				}
				var said bytes.Buffer
				command := exec.Command("merit", "run", "--project", project)
				command.Stderr = &said
				_ = command.Run() // the exit code says it
				if code := command.ProcessState.ExitCode(); code != 3 {
					t.Errorf("exit code %d: %s", code, said.String())
				}
				if !strings.Contains(said.String(), "inflates too far") {
					t.Errorf("said was %s", said.String())
				}
				if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss > 400<<10 {
					t.Errorf("%d MiB of memory were taken", usage.Maxrss>>10)
				}
			})
		}
	}
}

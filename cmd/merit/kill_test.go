package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// A deadlyCRM kills its client when so many requests have come, and goes on as if
// nothing had happened with the next one.
type deadlyCRM struct {
	http.Handler
	mu     sync.Mutex
	client *exec.Cmd
	left   int // requests until the kill; 0: never
}

func (d *deadlyCRM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	if d.left--; d.left == 0 {
		_ = d.client.Process.Kill() // SIGKILL: nothing can be tidied up
	}
	d.mu.Unlock()
	d.Handler.ServeHTTP(w, r)
}

// run starts merit and gives whether it ended well.
func (d *deadlyCRM) run(t *testing.T, killAt int, args ...string) bool {
	t.Helper()
	command := exec.Command("merit", args...)
	command.Stderr = os.Stderr
	d.mu.Lock()
	d.client, d.left = command, killAt
	err := command.Start()
	d.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	return command.Wait() == nil
}

func TestAfterKillsInTheMiddleOfReadingTheNextRunCompletesWithTheSameBytes(t *testing.T) {
	for _, crm := range []string{"salesforce", "hubspot"} {
		t.Run(crm, func(t *testing.T) {
			story := company.Acme(11, 120)
			deadly := &deadlyCRM{Handler: sandbox.New(story)}
			server := httptest.NewServer(deadly)
			defer server.Close()
			killed, clean := filepath.Join(t.TempDir(), "killed"), filepath.Join(t.TempDir(), "clean")
			for _, dir := range []string{killed, clean} {
				if err := writeStoryProject(dir, story, []storySource{{crm, server.URL}}); err != nil {
					t.Fatal(err)
				}
			}
			if !deadly.run(t, 0, "run", "--quiet", "--project", clean) {
				t.Fatal("the run without a kill failed")
			}
			kills := 0
			for killAt := 3; ; killAt += 4 {
				if deadly.run(t, killAt, "run", "--quiet", "--project", killed) {
					break
				}
				if kills++; kills > 100 {
					t.Fatal("it never completes")
				}
			}
			if kills < 3 {
				t.Errorf("only %d kills came in the middle of reading", kills)
			}
			if a, b := published(t, clean), published(t, killed); a != b {
				t.Errorf("after %d kills other tables are published than without any: %s, %s", kills, a, b)
			}
		})
	}
}

// published names the version that readers see; its name is the hash of its bytes.
func published(t *testing.T, project string) string {
	t.Helper()
	version, err := filepath.EvalSymlinks(filepath.Join(project, "published", "current"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(version)
}

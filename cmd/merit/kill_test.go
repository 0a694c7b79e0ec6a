package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// A deadlyCRM sends its client a signal when so many requests have come, and goes
// on as if nothing had happened with the next one.
type deadlyCRM struct {
	http.Handler
	signal os.Signal
	mu     sync.Mutex
	client *exec.Cmd
	left   int       // requests until the signal; 0: never
	told   time.Time // when the signal was sent
}

func (d *deadlyCRM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	if d.left--; d.left == 0 {
		d.told = time.Now()
		_ = d.client.Process.Signal(d.signal) // a client that is gone already has no signal to get
	}
	d.mu.Unlock()
	d.Handler.ServeHTTP(w, r)
}

// run starts merit and gives its exit code, -1 when a signal ended it.
func (d *deadlyCRM) run(t *testing.T, killAt int, args ...string) int {
	t.Helper()
	command := exec.Command("merit", args...)
	d.mu.Lock()
	d.client, d.left = command, killAt
	err := command.Start()
	d.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // the exit code says it
	return command.ProcessState.ExitCode()
}

func TestAfterKillsInTheMiddleOfReadingTheNextRunCompletesWithTheSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	for _, crm := range []string{"salesforce", "hubspot"} {
		t.Run(crm, func(t *testing.T) {
			t.Parallel()
			story := company.Acme(11, 120)
			deadly := &deadlyCRM{Handler: sandbox.New(story), signal: os.Kill} // SIGKILL: nothing can be tidied up
			server := httptest.NewServer(deadly)
			defer server.Close()
			killed, clean := filepath.Join(t.TempDir(), "killed"), filepath.Join(t.TempDir(), "clean")
			for _, dir := range []string{killed, clean} {
				if err := writeStoryProject(dir, story, []storySource{{crm, server.URL}}); err != nil {
					t.Fatal(err)
				}
			}
			if code := deadly.run(t, 0, "run", "--quiet", "--project", clean); code != 0 {
				t.Fatalf("the run without a kill ended with %d", code)
			}
			kills := 0
			for killAt := 3; ; killAt += 4 {
				code := deadly.run(t, killAt, "run", "--quiet", "--project", killed)
				if code == 0 {
					break
				}
				if code != -1 {
					t.Fatalf("a run after %d kills ended with %d", kills, code)
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

func TestCtrlCStopsCleanlyAndTheNextRunGoesOn(t *testing.T) {
	story := company.Acme(12, 60)
	crm := &deadlyCRM{Handler: sandbox.New(story), signal: os.Interrupt}
	server := httptest.NewServer(crm)
	defer server.Close()
	dir := filepath.Join(t.TempDir(), "project")
	if err := writeStoryProject(dir, story, []storySource{{"salesforce", server.URL}}); err != nil {
		t.Fatal(err)
	}
	if code := crm.run(t, 9, "run", "--quiet", "--project", dir); code != 130 {
		t.Errorf("the interrupted run ended with %d, not 130", code)
	}
	if _, err := os.Stat(filepath.Join(dir, "published")); err == nil {
		t.Error("something was published")
	}
	if code := crm.run(t, 0, "run", "--quiet", "--project", dir); code != 0 {
		t.Errorf("the next run ended with %d", code)
	}
}

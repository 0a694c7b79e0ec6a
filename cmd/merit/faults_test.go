package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/lake"
)

// seedFlag repeats a run that failed: it printed its seed.
var seedFlag = flag.Uint64("merit.seed", 0, "seed of the fault tests; 0 takes the same one each time, in a soak a new one")

// callFlag repeats what one call gone wrong does: a failure printed its name.
var callFlag = flag.String("merit.call", "", "of the calls that go wrong, those whose name has this in it")

func faultDice(t *testing.T) *rand.Rand {
	seed := *seedFlag
	switch {
	case seed != 0:
	case os.Getenv("MERIT_SOAK") != "":
		seed = rand.Uint64()
	default:
		seed = 20261122 // a commit is asked what the one before it was asked
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run it again with -merit.seed=%d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 2))
}

// times is how often a fault is tried: the smaller count but in a soak.
func times(usual, soak int) int {
	if os.Getenv("MERIT_SOAK") != "" {
		return soak
	}
	return usual
}

// matrix prints a line of the fault matrix, which `make soak` gathers.
func matrix(t *testing.T, number, fault string, count int, must string) {
	violations := 0
	if t.Failed() {
		violations = 1
	}
	printMatrix(number, fault, count, violations, must)
}

func printMatrix(number, fault string, count, violations int, must string) {
	if os.Getenv("MERIT_SOAK") != "" {
		fmt.Printf("matrix|%s|%s|%d|%d|%s\n", number, fault, count, violations, must)
	}
}

// isWhole verifies the lake of a project as another process finds it.
func isWhole(t *testing.T, project string) {
	t.Helper()
	l, err := lake.Open(filepath.Join(project, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := l.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range v.Damages {
		t.Errorf("%s", d)
	}
	datasets, err := l.Datasets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range datasets { // a head that can be read names files that are there
		if _, err := d.Head(context.Background()); err != nil {
			t.Errorf("%s.%s: %v", d.Source(), d.Stream(), err)
		}
	}
}

// TestKilledAtAnyTimeTheProjectIsWholeAndTheNextRunEndsAsIfNothingHadBeen kills the
// real process at random times while it reads, and wants the tables of a run that
// was never killed. kill_test.go kills runs in their other steps.
func TestKilledAtAnyTimeTheProjectIsWholeAndTheNextRunEndsAsIfNothingHadBeen(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	dice := faultDice(t)
	story := company.Acme(21, 25)
	server := httptest.NewServer(sandbox.New(story))
	defer server.Close()
	dir := t.TempDir()
	fresh := func(name string) string {
		project := filepath.Join(dir, name)
		if err := writeStoryProject(project, story, []storySource{{"salesforce", server.URL}}); err != nil {
			t.Fatal(err)
		}
		return project
	}
	merit := func(command, project string) {
		if out, err := exec.Command("merit", command, "--quiet", "--project", project).CombinedOutput(); err != nil {
			t.Fatalf("merit %s: %v: %s", command, err, out)
		}
	}
	clean := fresh("clean")
	began := time.Now()
	merit("read", clean)
	whole := time.Since(began)
	merit("run", clean)

	wanted, kills, ended := times(50, 1000), 0, 0
	for kills < wanted {
		project := fresh(fmt.Sprint("killed", ended))
		for kills < wanted && killedAfter(t, project, time.Duration(dice.Int64N(int64(whole)))) {
			kills++
			isWhole(t, project)
		}
		if ended++; ended%10 == 1 || kills == wanted {
			merit("run", project)
			if got, want := published(t, project), published(t, clean); got != want {
				t.Errorf("after %d kills %s is published, not %s", kills, got, want)
			}
		}
	}
	t.Logf("%d kills, %d projects", kills, ended)
	matrix(t, "F2", "SIGKILL of the real process at a random time", kills, "I1 to I6 after a restart")
}

// killedAfter runs merit and kills it after a while; false when it had ended well by then.
func killedAfter(t *testing.T, project string, after time.Duration) bool {
	t.Helper()
	command := exec.Command("merit", "read", "--quiet", "--project", project)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(after, func() { _ = command.Process.Kill() })
	defer kill.Stop()
	_ = command.Wait() // the state says it
	switch code := command.ProcessState.ExitCode(); code {
	case -1:
		return true
	case 0:
		return false
	default:
		t.Fatalf("a run ended with %d", code)
		return false
	}
}

// A gatedCRM answers nobody until its gate opens.
type gatedCRM struct {
	http.Handler
	came chan struct{} // somebody asked
	gate chan struct{}
	once sync.Once
}

func (g *gatedCRM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.once.Do(func() { close(g.came) })
	<-g.gate
	g.Handler.ServeHTTP(w, r)
}

func TestOfTwoRunsOnOneProjectOneGoesOnAndTheOtherExitsFive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	story := company.Acme(22, 20)
	count := times(20, 200)
	var server *httptest.Server
	project := filepath.Join(t.TempDir(), "project")
	for range count {
		crm := &gatedCRM{Handler: sandbox.New(story), came: make(chan struct{}), gate: make(chan struct{})}
		server = httptest.NewServer(crm)
		_ = os.Remove(filepath.Join(project, "merit.yml"))
		if _, err := os.Stat(project); err != nil {
			if err := writeStoryProject(project, story, []storySource{{"salesforce", server.URL}}); err != nil {
				t.Fatal(err)
			}
		} else if err := writeNew(filepath.Join(project, "merit.yml"), storySettings(story, []storySource{{"salesforce", server.URL}}, "2024-Q3")); err != nil {
			t.Fatal(err)
		}
		first := exec.Command("merit", "read", "--quiet", "--project", project)
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		<-crm.came // the first one holds the project and waits for the CRM
		second := exec.Command("merit", "read", "--quiet", "--project", project)
		_ = second.Run()
		close(crm.gate)
		_ = first.Wait()
		if a, b := first.ProcessState.ExitCode(), second.ProcessState.ExitCode(); a != 0 || b != 5 {
			t.Errorf("they ended with %d and %d", a, b)
		}
		server.Close()
	}
	isWhole(t, project)
	matrix(t, "F8", "two processes on one project", count, "one wins, the other exits 5, nothing torn")
}

func TestToldToStopItStopsWithinFiveSecondsAndCanGoOn(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	dice := faultDice(t)
	story := company.Acme(23, 40)
	count, stopped := times(20, 100), 0
	dir := t.TempDir()
	for n := 0; stopped < count; n++ {
		signal := []os.Signal{os.Interrupt, syscall.SIGTERM}[n%2]
		crm := &deadlyCRM{Handler: sandbox.New(story), signal: signal}
		server := httptest.NewServer(crm)
		project := filepath.Join(dir, fmt.Sprint("project", n))
		if err := writeStoryProject(project, story, []storySource{{"salesforce", server.URL}}); err != nil {
			t.Fatal(err)
		}
		code := crm.run(t, 2+dice.IntN(20), "read", "--quiet", "--project", project)
		if took := time.Since(crm.told); code == 130 && took > 5*time.Second {
			t.Errorf("it stopped %s after it was told to", took)
		}
		if code == 130 {
			stopped++
			isWhole(t, project)
			code = crm.run(t, 0, "read", "--quiet", "--project", project)
		}
		if code != 0 {
			t.Errorf("%v: a run ended with %d", signal, code)
		}
		server.Close()
		if n > 10*count {
			t.Fatal("the signals come too late")
		}
	}
	matrix(t, "F10", "SIGTERM or SIGINT while reading", count, "stops within 5 s, can go on")
}

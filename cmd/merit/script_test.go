package main

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// update is what make golden sets: the files that scripts compare with are rewritten.
var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	// The commands that tests start share two processors with each other and with other
	// packages' tests: one thread each is fastest. That threads change no byte is shown
	// by the warehouse's own tests.
	if os.Getenv("GOMAXPROCS") == "" {
		os.Setenv("GOMAXPROCS", "1")
	}
	testscript.Main(m, map[string]func(){"merit": meritRecounted})
}

// TestScripts runs testdata/script/*.txt: the command as its user types it, against
// a sandbox CRM on loopback.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	crms, clouds := scriptCRMs{}, scriptClouds{}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SHARED", sharedData())
			env.Setenv("GOMAXPROCS", os.Getenv("GOMAXPROCS"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "shared":
				return sharedData() != "", nil
			case "soak":
				return os.Getenv("MERIT_SOAK") != "", nil
			}
			return false, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"crm":      crms.serve,
			"advance":  crms.advance,
			"hide":     crms.hide,
			"down":     crms.down,
			"refuse":   crms.refuse,
			"exits":    exits,
			"same":     same,
			"webpages": webPages,
			"answers":  answers,
			// a lake in a bucket
			"cloud": clouds.serve,
			"lease": clouds.hold,
			"flip":  clouds.flip,
			// what payouts must withstand
			"everybyte": everyByte,
			"eachfile":  eachFile,
			"duck":      duck,
		},
	})
}

// sharedData is the folder of real data sets beside the checkout, "" when it is
// not there: they are not ours to ship.
func sharedData() string {
	path, err := filepath.Abs("../../../shared/data")
	if err != nil {
		return ""
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// scriptCRMs are the sandboxes that scripts have started, by script and name.
type scriptCRMs map[string]*scriptCRM

type scriptCRM struct {
	sandbox *sandbox.Sandbox
	server  *httptest.Server
}

// crm NAME acme SEED SIZE | crm NAME folder DIR: serves a company, sets $NAME to
// its endpoint and writes a project that reads it into the folder NAME.
func (c scriptCRMs) serve(ts *testscript.TestScript, _ bool, args []string) {
	var story *company.Company
	if args[1] == "acme" {
		seed, err := strconv.ParseUint(args[2], 10, 64)
		ts.Check(err)
		size, err := strconv.Atoi(args[3])
		ts.Check(err)
		story = company.Acme(seed, size)
	} else {
		var err error
		story, err = company.FromFolder(ts.MkAbs(args[2]))
		ts.Check(err)
	}
	crm := &scriptCRM{sandbox: sandbox.New(story)}
	crm.server = httptest.NewServer(crm.sandbox)
	ts.Defer(crm.server.Close)
	ts.Setenv(args[0], crm.server.URL)
	c[ts.Getenv("WORK")+args[0]] = crm
	connector := args[len(args)-1]
	ts.Check(writeStoryProject(ts.MkAbs(args[0]), story, []storySource{{connector, crm.server.URL}}))
}

func (c scriptCRMs) named(ts *testscript.TestScript, name string) *scriptCRM {
	crm := c[ts.Getenv("WORK")+name]
	if crm == nil {
		ts.Fatalf("no crm is called %s", name)
	}
	return crm
}

// advance NAME DAYS|DURATION moves the CRM's clock.
func (c scriptCRMs) advance(ts *testscript.TestScript, _ bool, args []string) {
	passed, err := time.ParseDuration(args[1]) // 10m, or a number of days
	if days, isDays := strconv.Atoi(args[1]); isDays == nil {
		passed, err = time.Duration(days)*24*time.Hour, nil
	}
	ts.Check(err)
	c.named(ts, args[0]).sandbox.Clock().Advance(passed)
}

// hide NAME OBJECT FIELD takes a field from the account's sight.
func (c scriptCRMs) hide(ts *testscript.TestScript, _ bool, args []string) {
	c.named(ts, args[0]).sandbox.Hide(args[1], args[2])
}

// down NAME stops the CRM.
func (c scriptCRMs) down(ts *testscript.TestScript, _ bool, args []string) {
	c.named(ts, args[0]).server.Close()
}

// exits CODE COMMAND … runs the command, which must end with just that code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if want := args[0]; strconv.Itoa(code) != want {
		ts.Fatalf("%v ended with exit code %d, not %s", args[1:], code, want)
	}
}

// same A B: two folders hold the same files with the same bytes.
func same(ts *testscript.TestScript, neg bool, args []string) {
	a, b := treeOf(ts, ts.MkAbs(args[0])), treeOf(ts, ts.MkAbs(args[1]))
	differ := ""
	for name, text := range a {
		if b[name] != text {
			differ = name
		}
	}
	for name := range b {
		if _, there := a[name]; !there {
			differ = name
		}
	}
	if (differ != "") != neg {
		ts.Fatalf("%s and %s: what differs is %q", args[0], args[1], differ)
	}
	if len(a) == 0 {
		ts.Fatalf("%s holds no file", args[0])
	}
}

func treeOf(ts *testscript.TestScript, root string) map[string]string {
	files := map[string]string{}
	ts.Check(filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[name] = string(text)
		return err
	}))
	return files
}

// refuse NAME TEXT STATUS [BODY]: calls with the text are answered so from now on; 0: no more.
func (c scriptCRMs) refuse(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[2])
	ts.Check(err)
	body := ""
	if len(args) > 3 {
		body = args[3]
	}
	c.named(ts, args[0]).sandbox.Refuse(args[1], status, body)
}

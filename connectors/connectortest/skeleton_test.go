package connectortest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What make new-connector writes passes the contract as it stands, in a module of its own.
func TestTheSkeletonOfAConnectorKeepsTheContract(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a module")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(in string, args ...string) {
		t.Helper()
		command := exec.Command("go", args...)
		command.Dir = in
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	run(root, "run", ".ci/newconnector.go", "-into", filepath.Join(dir, "pipedrive"), "pipedrive")
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			text = []byte(strings.Replace(string(text), "module merit\n", "module example\n", 1) + "\nrequire merit v0.0.0\nreplace merit => " + root + "\n")
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(dir, "test", "./pipedrive")
}

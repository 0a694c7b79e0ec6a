package pipelines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"merit/pipelines/project"
)

func TestKeysAndSecretsThatOthersCanReadAreNamed(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{
		"keys/cfo.key": 0o644, "keys/safe.key": 0o600, "keys/cfo.pub": 0o644, "secrets/token": 0o640, "secrets/safe": 0o400, "session": 0o606,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	settings := "sources:\n  crm:\n    connector: any\n    token: file:secrets/token\n    client_secret: file:secrets/safe\n    token_file: session\n    private_key: file:secrets/missing\n"
	if err := os.WriteFile(filepath.Join(dir, project.FileName), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := strings.Join(Exposed(p), "\n")
	for name, want := range map[string]bool{"cfo.key": true, "safe.key": false, "cfo.pub": false, "secrets/token": true, "secrets/safe": false, "session": true, "missing": false} {
		if strings.Contains(found, name) != want {
			t.Errorf("%s is named: %v\n%s", name, !want, found)
		}
	}
}

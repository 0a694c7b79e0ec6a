package pipelines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/pipelines/project"
)

// A run that is killed while it writes leaves half a line: it is no line, and the next
// run writes over it. What stands twice was shown once.
func TestWhatWasShownSurvivesAKilledRun(t *testing.T) {
	p := &project.Project{Dir: t.TempDir()}
	if all, whole, err := readShown(p); err != nil || len(all) != 0 || whole != 0 {
		t.Fatalf("before anything was shown: %v %d %v", all, whole, err)
	}
	path := p.Path(shownFile)
	first := `{"kind":"award","id":"a","rep_id":"ann","shown_at":"2026-03-01T00:00:00Z","name":"two","text":"w"}` + "\n"
	if err := appendShown(path, 0, []byte(first+first+`{"kind":"award","id":"b","rep`)); err != nil {
		t.Fatal(err)
	}
	all, whole, err := readShown(p)
	if err != nil || len(all) != 1 || whole != int64(2*len(first)) {
		t.Fatalf("after a killed run: %v %d %v", all, whole, err)
	}
	if err := appendShown(path, whole, []byte(strings.Replace(first, `"a"`, `"c"`, 1))); err != nil {
		t.Fatal(err)
	}
	if all, _, err = readShown(p); err != nil || len(all) != 2 || all[1].ID != "c" {
		t.Errorf("after the next run: %v %v", all, err)
	}
	if err := os.WriteFile(filepath.Join(p.Dir, shownFile), []byte("no JSON\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err = readShown(p); err == nil || fault.WhoMends(err) != fault.You || !strings.HasPrefix(err.Error(), "recognition/shown.jsonl:1: ") {
		t.Errorf("a line that is none: %v", err)
	}
}

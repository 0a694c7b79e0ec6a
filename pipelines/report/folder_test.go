package report

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAFolderIsWrittenWhereItsBytesChange(t *testing.T) {
	root := filepath.Join(t.TempDir(), "report")
	write := func(pages map[string]string, audiences ...string) Written {
		t.Helper()
		f, err := openFolder(root)
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range pages {
			if err := f.put(name, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		w, err := f.finish(audiences)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	all := map[string]string{"people/ann/index.html": "ann", "people/bob/index.html": "bob", "teams/east/index.html": "east"}
	if w := write(all, "people", "teams"); w.Pages != 3 || w.Changed != 4 { // and the mark
		t.Errorf("the first time: %+v", w)
	}
	if w := write(all, "people", "teams"); w.Changed != 0 || w.Removed != 0 {
		t.Errorf("the second time something was written: %+v", w)
	}
	all["people/bob/index.html"] = "bob, changed"
	if w := write(all, "people", "teams"); w.Changed != 1 {
		t.Errorf("one page is another: %+v", w)
	}
	// Ann was erased; the teams' pages are nobody's business this time.
	if w := write(map[string]string{"people/bob/index.html": "bob, changed"}, "people"); w.Removed != 1 || w.Changed != 0 {
		t.Errorf("ann is gone: %+v", w)
	}
	if _, err := os.Stat(filepath.Join(root, "people", "ann")); !os.IsNotExist(err) {
		t.Errorf("the folder of somebody who is gone stays: %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "teams", "east", "index.html")); err != nil {
		t.Errorf("another audience's page went: %v", err)
	}
}

func TestAFolderOfSomebodyElseIsNotTouched(t *testing.T) {
	root := t.TempDir()
	photo := filepath.Join(root, "people", "holiday.html")
	if err := os.MkdirAll(filepath.Dir(photo), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(photo, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFolder(root); err == nil {
		t.Fatal("a folder that holds something else was taken")
	}
	if text, err := os.ReadFile(photo); err != nil || string(text) != "mine" {
		t.Errorf("it was touched: %q, %v", text, err)
	}
}

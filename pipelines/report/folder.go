package report

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"merit/connectors/fault"
)

// mark tells a folder of pages from one that somebody else fills: what is stale in
// the first is removed, the second is not touched.
const mark = ".merit-report"

// A folder writes files whose bytes differ from what is there.
type folder struct {
	root    string
	mu      sync.Mutex
	made    map[string]bool // every file of this run, by its path below root
	changed int
}

// openFolder makes the folder, readable by its owner only: who else may read it is
// for the owner to say, once, by its mode.
func openFolder(root string) (*folder, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "the folder of the pages: %w", err)
	}
	_, err = os.Stat(filepath.Join(root, mark))
	if len(entries) > 0 && err != nil {
		return nil, fault.Errorf(fault.You, "%s holds files that are no pages of merit report; name an empty folder", root)
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fault.Errorf(fault.You, "the folder of the pages: %w", err)
	}
	f := &folder{root: root, made: map[string]bool{}}
	return f, f.put(mark, []byte("Made by merit report, which removes what it does not make any more.\n"))
}

// put writes a file beside its name and renames it over, unless its bytes are there.
func (f *folder) put(name string, text []byte) error {
	f.mu.Lock()
	twice := f.made[name]
	f.made[name] = true
	f.mu.Unlock()
	if twice {
		return fault.Errorf(fault.Us, "two pages are called %s", name)
	}
	path := filepath.Join(f.root, filepath.FromSlash(name))
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fault.Errorf(fault.You, "write the page %s: %w", name, err)
	}
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return fault.Errorf(fault.You, "write the page %s: %w", name, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fault.Errorf(fault.You, "write the page %s: %w", name, err)
	}
	f.mu.Lock()
	f.changed++
	f.mu.Unlock()
	return nil
}

// finish removes the audiences' files that were not made again: a page of somebody
// who was erased must not stay.
func (f *folder) finish(audiences []string) (Written, error) {
	w := Written{Changed: f.changed}
	for name := range f.made {
		if strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".svg") {
			w.Pages++
		}
	}
	var folders []string
	err := filepath.WalkDir(f.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == f.root {
			return err
		}
		name, err := filepath.Rel(f.root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		top, _, _ := strings.Cut(name, "/")
		if top != name && !slices.Contains(audiences, top) {
			return nil
		}
		if d.IsDir() {
			folders = append(folders, path)
			return nil
		}
		if f.made[name] || top == name {
			return nil
		}
		w.Removed++
		return os.Remove(path)
	})
	if err != nil {
		return w, fault.Errorf(fault.You, "remove stale pages: %w", err)
	}
	for _, path := range slices.Backward(folders) {
		if entries, err := os.ReadDir(path); err == nil && len(entries) == 0 {
			if err := os.Remove(path); err != nil {
				return w, fault.Errorf(fault.You, "remove stale pages: %w", err)
			}
		}
	}
	return w, nil
}

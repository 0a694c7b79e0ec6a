package pipelines

import (
	"io/fs"
	"regexp"
)

// A fillable folder of views lacks those that read raw tables of which there is
// none: nobody asked for them, or nobody dropped a file for them. A view of which
// some tables are there and others not stays, and says which one is missing.
type fillable struct {
	fs.FS
	raw map[string]bool
}

var rawTable = regexp.MustCompile(`\braw\.([A-Za-z_][A-Za-z0-9_]*)`)

// ReadFile is a view's text.
func (f fillable) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(f.FS, name)
	if err != nil {
		return nil, err
	}
	for _, found := range rawTable.FindAllSubmatch(text, -1) {
		if f.raw[string(found[1])] {
			return text, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

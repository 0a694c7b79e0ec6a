package pipelines

import (
	"fmt"
	"io/fs"

	"merit/transform/sqltext"
)

// availableViews are a connector's views without those that read raw tables of which
// there is none: nobody asked for them, or nobody dropped a file for them. A view of
// which some tables are there and others not stays, and says which one is missing.
type availableViews struct {
	fs.FS
	raw map[string]string
}

// ReadFile is a view's text.
func (a availableViews) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(a.FS, name)
	if err != nil {
		return nil, err
	}
	view, err := sqltext.ReadView(string(text))
	if err != nil {
		return nil, fmt.Errorf("the view %s: %w", name, err)
	}
	for _, table := range view.Tables {
		if _, there := a.raw[table]; there {
			return text, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

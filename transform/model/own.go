package model

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// OwnPrefix begins the name of every model of a project's own, so that no later version
// of Merit takes it.
const OwnPrefix = "own_"

// OwnFolders are where models of a project's own may lie.
var OwnFolders = []string{"audits", "core", "marts", "metrics"}

// largestOwnFile is more than any model needs: the files come from outside.
const largestOwnFile = 1 << 20

// LoadWithOwn reads Merit's models and a project's own beside them, which keep the same
// rules. own may be nil.
func LoadWithOwn(models, own fs.FS) (*Graph, error) {
	if own == nil {
		return Load(models)
	}
	if wrong, err := misplaced(own); err != nil {
		return nil, err
	} else if len(wrong) > 0 {
		return nil, fault.Errorf(fault.You, "models of this project:\n%s", strings.Join(wrong, "\n"))
	}
	g, wrong, err := load(layers{models, own})
	for i := range wrong {
		wrong[i] = "models/" + wrong[i]
	}
	switch {
	case err != nil:
		// Merit's own models are held by its tests, so that this is the project's to mend,
		// whatever the error says of itself.
		return nil, fault.Errorf(fault.You, "models of this project: %s", err.Error())
	case len(wrong) > 0:
		return nil, fault.Errorf(fault.You, "models of this project:\n%s", strings.Join(wrong, "\n"))
	}
	return g, nil
}

// IsOwn tells whether the model is a project's own.
func (m *Model) IsOwn() bool { return strings.HasPrefix(m.Short(), OwnPrefix) && m.File != "" }

// misplaced names whatever lies in a project's folder of models and is none.
func misplaced(own fs.FS) (wrong []string, err error) {
	err = fs.WalkDir(own, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fault.Errorf(fault.You, "models: %w", err)
		}
		name, folder := path.Base(file), path.Dir(file)
		switch {
		case file == "." || strings.HasPrefix(name, "."):
		case folder == "." && entry.IsDir():
			if !slices.Contains(OwnFolders, name) {
				wrong = append(wrong, fmt.Sprintf("models/%s: no such kind of model%s", file, fault.Instead(name, OwnFolders)))
				return fs.SkipDir
			}
		case folder == ".":
			if path.Ext(name) == ".sql" {
				wrong = append(wrong, fmt.Sprintf("models/%s: a model lies in a folder of its kind: %s", file, strings.Join(OwnFolders, ", ")))
			}
		case entry.IsDir():
			wrong = append(wrong, fmt.Sprintf("models/%s: models lie in models/KIND/NAME.sql, no deeper", file))
			return fs.SkipDir
		case path.Ext(name) == ".sql" && !strings.HasPrefix(name, OwnPrefix):
			wrong = append(wrong, fmt.Sprintf("models/%s: a model of your own is called %s…, so that no later version of Merit takes its name: %s%s", file, OwnPrefix, OwnPrefix, name))
		case path.Ext(name) == ".sql" || strings.HasSuffix(name, "_test.md"):
			if about, err := entry.Info(); err != nil || !about.Mode().IsRegular() || about.Size() > largestOwnFile {
				wrong = append(wrong, fmt.Sprintf("models/%s: a model is a regular file of at most 1 MiB", file))
			}
		}
		return nil
	})
	return wrong, err
}

// layers are Merit's files and a project's own, which are told apart by their names.
type layers struct{ merits, own fs.FS }

func (l layers) read(file string) ([]byte, error) {
	if l.own != nil && strings.HasPrefix(path.Base(file), OwnPrefix) {
		return fs.ReadFile(l.own, file)
	}
	return fs.ReadFile(l.merits, file)
}

// glob are the files of that form, Merit's first.
func (l layers) glob(pattern string) ([]string, error) {
	files, err := fs.Glob(l.merits, pattern)
	if err != nil || l.own == nil {
		return files, err
	}
	own, err := fs.Glob(l.own, pattern)
	own = slices.DeleteFunc(own, func(file string) bool { return !strings.HasPrefix(path.Base(file), OwnPrefix) })
	return append(files, own...), errors.Join(err)
}

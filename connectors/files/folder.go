package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// A file is one that lies in the folder, and the table that it is for.
type file struct {
	name  string // from the folder on
	table string
	kind  kind
}

type kind int

const (
	isCSV kind = iota
	isTSV
	isJSON
	isParquet
)

var kinds = map[string]kind{".csv": isCSV, ".tsv": isTSV, ".json": isJSON, ".jsonl": isJSON, ".ndjson": isJSON, ".parquet": isParquet}

// notes are files for people, which are left alone.
var notes = []string{".md", ".txt"}

// list is what lies in the folder, in the order of names. Names that begin with a
// dot or an underscore are passed over: what is still being copied has such names.
func (d *drop) list() ([]file, error) {
	var files []file
	err := fs.WalkDir(d.folder, ".", func(name string, entry fs.DirEntry, err error) error {
		hidden := name != "." && strings.ContainsAny(path.Base(name)[:1], "._~")
		switch {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden || entry.IsDir() || slices.Contains(notes, strings.ToLower(path.Ext(name))):
			return nil
		}
		if err := d.mustBeRegular(name); err != nil {
			return err
		}
		f, err := d.classify(name)
		files = append(files, f)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "folder %s is not there", d.name)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	var known fault.Error
	if err != nil && !errors.As(err, &known) {
		return nil, fault.Errorf(fault.You, "look into folder %s: %w", d.name, err)
	}
	return files, err
}

// mustBeRegular refuses what is no file, and links that lead out of the folder.
func (d *drop) mustBeRegular(name string) error {
	about, err := fs.Stat(d.folder, name)
	if err == nil && !about.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return fault.Errorf(fault.You, "%s: %w", d.path(name), err)
	}
	return nil
}

// classify says what a file is and which table it is for: by the setting tables,
// else by its name (deals.csv, deals-2026-03.csv), else by its folder (deals/x.csv).
func (d *drop) classify(name string) (file, error) {
	extension := strings.ToLower(path.Ext(name))
	k, known := kinds[extension]
	if !known {
		return file{}, fault.Errorf(fault.You, "%s is neither CSV (.csv, .tsv) nor JSON (.json, .jsonl, .ndjson) nor Parquet (.parquet)", d.path(name))
	}
	f := file{name: name, kind: k}
	for _, p := range d.patterns {
		for _, one := range []string{name, path.Base(name)} {
			if matches, err := path.Match(p.glob, one); err == nil && matches {
				f.table = p.table
				return f, nil
			}
		}
	}
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	for _, t := range d.tables {
		if stem == t.Name || strings.HasPrefix(stem, t.Name+"-") || strings.HasPrefix(stem, t.Name+".") {
			f.table = t.Name
		}
	}
	if folder := path.Base(path.Dir(name)); f.table == "" {
		if _, err := d.table(folder); err == nil {
			f.table = folder
		}
	}
	if f.table == "" {
		return f, fault.Errorf(fault.You, "%s: its name says no table; call it deals.csv or deals-2026-03.csv, or name its table under tables:; there are %s", d.path(name), d.names())
	}
	return f, nil
}

// path is a file's name for people.
func (d *drop) path(name string) string { return path.Join(d.name, name) }

// content is the hash of all that is in a file.
func (d *drop) content(name string) (string, error) {
	opened, err := d.folder.Open(name)
	if err != nil {
		return "", fault.Errorf(fault.You, "%s: %w", d.path(name), err)
	}
	defer opened.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, opened); err != nil {
		return "", fault.Errorf(fault.You, "%s: %w", d.path(name), err)
	}
	return hex.EncodeToString(hash.Sum(nil)[:sha256.Size/2]), nil
}

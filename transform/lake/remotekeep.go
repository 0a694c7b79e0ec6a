package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"maps"
	"merit/transform/lake/bucket"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// clean removes objects of a table that nothing names, and copies of files that
// nothing names. Versions of the metadata are the catalog's own: those go that are
// older than all that the newest one remembers.
func (r *remoteFiles) clean(ctx context.Context, t *table.Table, named map[string]bool, before time.Time, all bool, done *Cleaned) error {
	key, err := r.key("clean up", t.Location())
	if err != nil {
		return err
	}
	oldest := oldestVersion(t)
	left := maps.Clone(named) // that were not seen yet
	var orphans []bucket.Object
	for object, err := range r.store.List(ctx, key+"/") {
		if err != nil {
			return err
		}
		name := r.join(object.Key)
		delete(left, name)
		if named[name] || !all && object.Changed.After(before) {
			continue
		}
		if n := versionNumber(name); strings.HasSuffix(name, ".metadata.json") && (n < 0 || n >= oldest) {
			continue
		}
		orphans = append(orphans, object)
	}
	if err := refuseWhenMissing(left); err != nil {
		return err
	}
	for _, object := range orphans {
		if err := r.Remove(r.join(object.Key)); err != nil {
			return err
		}
		done.Files++
		done.Bytes += object.Size
	}
	return r.cleanCopies(t.Location(), named)
}

// cleanCopies removes this machine's copies of files that nothing names.
func (r *remoteFiles) cleanCopies(location string, named map[string]bool) error {
	folder := r.local(location)
	return r.copies.WalkDir(folder, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return ignoreGone(err)
		}
		if named[r.real(location)+filepath.ToSlash(strings.TrimPrefix(at, folder))] {
			return nil
		}
		return ignoreGone(r.copies.Remove(at))
	})
}

var versionFile = regexp.MustCompile(`^([0-9]{5,9})-[^/]*\.metadata\.json$`)

// versionNumber is what catalogs begin the name of a table's version with; -1 when
// this one does not.
func versionNumber(name string) int {
	parts := versionFile.FindStringSubmatch(path.Base(name))
	if parts == nil {
		return -1
	}
	n, _ := strconv.Atoi(parts[1])
	return n
}

// oldestVersion is the lowest number among the versions that a table's newest one
// remembers, itself among them; 0 when their names have none.
func oldestVersion(t *table.Table) int {
	oldest := versionNumber(t.MetadataLocation())
	for previous := range t.Metadata().PreviousFiles() {
		if n := versionNumber(previous.MetadataFile); n < oldest {
			oldest = n
		}
	}
	return max(oldest, 0)
}

// fresh are the files of a bucket as they lie there, past the copies: what is to be
// verified or searched. A file is held in memory while it is open; the lake's own
// have tens of megabytes at most.
type fresh struct{ *remoteFiles }

func (f fresh) Open(name string) (icebergio.File, error) {
	key, err := f.key("open", name)
	if err != nil {
		return nil, err
	}
	body, found, err := f.store.Get(f.until, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err == nil && int64(len(content)) != found.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return &heldFile{Reader: bytes.NewReader(content), name: path.Base(name), size: found.Size}, nil
}

// A heldFile is a whole file in memory.
type heldFile struct {
	*bytes.Reader
	name string
	size int64
}

func (h *heldFile) Close() error               { return nil }
func (h *heldFile) Stat() (fs.FileInfo, error) { return h, nil }
func (h *heldFile) Name() string               { return h.name }
func (h *heldFile) Size() int64                { return h.size }
func (h *heldFile) Mode() fs.FileMode          { return 0o400 }
func (h *heldFile) ModTime() time.Time         { return time.Time{} }
func (h *heldFile) IsDir() bool                { return false }
func (h *heldFile) Sys() any                   { return nil }

// checkCopy looks at this machine's copy of a file in a bucket, when there is one: it
// is what warehouses read.
func (t *tableCheck) checkCopy(name string, written sum) {
	at := t.lake.copyOf(name)
	if at == "" {
		return
	}
	file, err := os.Open(at)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.damaged(at, "can't be read: %v", err)
		return
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		t.damaged(at, "can't be read: %v", err)
	} else if sumOf(hash) != written {
		t.damaged(at, "is another file than %s, whose copy it is; remove it and it is fetched again", name)
	}
}

// Search looks for texts in every byte of every file of a source, and in every
// decoded value of its Parquet files; in a bucket, in the objects and in the copies
// on this machine.
func (l *Lake) Search(ctx context.Context, source string, matches Match) (Searched, error) {
	files, isRemote := l.disk.(*remoteFiles)
	if !isRemote {
		return Search(ctx, filepath.FromSlash(l.join(source)), matches)
	}
	done, err := Search(ctx, files.local(l.join(source)), matches)
	if err != nil {
		return done, err
	}
	for object, err := range files.store.List(ctx, source+"/") {
		if err != nil {
			return done, err
		}
		name := l.join(object.Key)
		opened, err := fresh{files}.Open(name)
		if err != nil {
			return done, err
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			return done, err
		}
		if err := done.look(name, content, matches); err != nil {
			return done, err
		}
	}
	return done, nil
}

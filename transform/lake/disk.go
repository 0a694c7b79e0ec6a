package lake

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	icebergio "github.com/apache/iceberg-go/io"
)

// A disk is a folder to which iceberg-go writes, made durable. The library's own
// local IO never calls fsync, so that a power cut could leave a snapshot whose
// files are empty. Here a file is written beside its name (.part), synced,
// renamed, and its folder synced; the rename that publishes a commit comes last
// by the library's own order and is answered only after its folder is synced.
type disk struct {
	root    string
	escaped string // root as net/url writes it: how iceberg-go builds the paths of its metadata
	// before is asked before each operation that changes the disk; tests put
	// faults there. Nil outside of them.
	before func(operation, path string) error

	mutex  sync.Mutex
	claims map[string]string // a version's claim → the metadata file waiting for it
}

const (
	partSuffix   = ".part"
	claimSuffix  = ".claim"
	rootProperty = "merit.root" // tells openDisk that the IO asked for is ours
)

func newDisk(root string) *disk {
	return &disk{root: root, escaped: (&url.URL{Path: root}).EscapedPath(), claims: map[string]string{}}
}

// useDurableDisk replaces iceberg-go's local IO, once. iceberg-go asks for an IO
// by the scheme of a path, and a local path has none; whoever opens tables
// without our property still gets the library's own.
var useDurableDisk = sync.OnceFunc(func() {
	icebergio.Unregister("")
	icebergio.Register("", openDisk)
})

func openDisk(_ context.Context, _ *url.URL, properties map[string]string) (icebergio.IO, error) {
	if root := properties[rootProperty]; root != "" {
		return newDisk(root), nil
	}
	return icebergio.LocalFS{}, nil
}

// local gives the path of name and refuses whatever lies outside of the lake.
func (d *disk) local(operation, name string) (string, error) {
	path := strings.TrimPrefix(name, "file://")
	if d.escaped != d.root && strings.HasPrefix(path, d.escaped+"/") {
		rest, err := url.PathUnescape(path[len(d.escaped):])
		if err != nil {
			return "", &fs.PathError{Op: operation, Path: name, Err: err}
		}
		path = d.root + rest
	}
	inside, err := filepath.Rel(d.root, path)
	if err != nil || !filepath.IsLocal(inside) {
		return "", &fs.PathError{Op: operation, Path: name, Err: errors.New("is not inside the lake")}
	}
	return filepath.Join(d.root, inside), nil
}

// change is local for an operation that changes the disk.
func (d *disk) change(operation, name string) (string, error) {
	path, err := d.local(operation, name)
	if err == nil {
		err = d.ask(operation, path)
	}
	return path, err
}

func (d *disk) ask(operation, path string) error {
	if d.before == nil {
		return nil
	}
	if err := d.before(operation, path); err != nil {
		return &fs.PathError{Op: operation, Path: path, Err: err}
	}
	return nil
}

func (d *disk) Open(name string) (icebergio.File, error) {
	path, err := d.local("open", name)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

func (d *disk) ReadFile(name string) ([]byte, error) {
	path, err := d.local("read", name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func (d *disk) Stat(name string) (fs.FileInfo, error) {
	path, err := d.local("stat", name)
	if err != nil {
		return nil, err
	}
	if temporary, claimed := d.claimed(path); claimed {
		path = temporary
	}
	return os.Stat(path)
}

func (d *disk) WalkDir(root string, visit fs.WalkDirFunc) error {
	path, err := d.local("walk", root)
	if err != nil {
		return err
	}
	return filepath.WalkDir(path, visit)
}

// Create gives a writer whose Close makes the file durable under its name.
func (d *disk) Create(name string) (icebergio.FileWriter, error) {
	path, err := d.change("create", name)
	if err != nil {
		return nil, err
	}
	if err := d.makeFolders(filepath.Dir(path)); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path+partSuffix, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	w := &durableFile{disk: d, file: file, path: path}
	w.Writer = bufio.NewWriterSize(recordingWriter{w}, 256<<10)
	return w, nil
}

// WriteFile is what the catalog writes its version hint with. The hint saves
// other engines a listing of the folder and decides nothing, so it is not synced.
func (d *disk) WriteFile(name string, content []byte) error {
	path, err := d.change("write", name)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

func (d *disk) Remove(name string) error {
	path, err := d.local("remove", name)
	if err != nil {
		return err
	}
	if temporary, claimed := d.claimed(path); claimed {
		d.release(path)
		path = temporary
	}
	if err := d.ask("remove", path); err != nil {
		return err
	}
	return os.Remove(path)
}

func (d *disk) RemoveAll(name string) error {
	path, err := d.change("remove", name)
	if err != nil {
		return err
	}
	return os.RemoveAll(path)
}

func (d *disk) MkdirAll(name string) error {
	path, err := d.local("mkdir", name)
	if err != nil {
		return err
	}
	return d.makeFolders(path)
}

// Rename moves the version hint only, which is not synced (see WriteFile).
func (d *disk) Rename(from, to string) error {
	source, err := d.local("rename", from)
	if err != nil {
		return err
	}
	target, err := d.change("rename", to)
	if err != nil {
		return err
	}
	return os.Rename(source, target)
}

// RenameNoReplace publishes a version of a table's metadata: of two writers one
// gets the name. The catalog first renames the file to a claim of the version;
// a process that died between the two would bar all others for a minute, so
// claims are kept in memory only. The link below is what decides.
func (d *disk) RenameNoReplace(from, to string) error {
	source, err := d.local("link", from)
	if err != nil {
		return err
	}
	target, err := d.change("link", to)
	if err != nil {
		return err
	}
	if strings.HasSuffix(target, claimSuffix) {
		return d.claim(target, source)
	}
	claim := source
	if temporary, claimed := d.claimed(source); claimed {
		source = temporary
	}
	if err := os.Link(source, target); err != nil {
		return err
	}
	d.release(claim)
	d.discard(source) // published already; what stays is an orphan that nobody reads
	return d.syncFolder(filepath.Dir(target))
}

func (d *disk) claim(claim, temporary string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if _, taken := d.claims[claim]; taken {
		return &fs.PathError{Op: "claim", Path: claim, Err: fs.ErrExist}
	}
	d.claims[claim] = temporary
	return nil
}

func (d *disk) claimed(path string) (temporary string, ok bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	temporary, ok = d.claims[path]
	return temporary, ok
}

func (d *disk) release(claim string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	delete(d.claims, claim)
}

// makeFolders makes path and its parents for the owner only, each of them durable.
func (d *disk) makeFolders(path string) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: path, Err: errors.New("is a file")}
		}
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := d.makeFolders(parent); err != nil {
			return err
		}
	}
	if err := d.ask("mkdir", path); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.syncFolder(parent)
}

func (d *disk) syncFolder(path string) error {
	if err := d.ask("sync", path); err != nil {
		return err
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// discard removes a file that nobody will miss.
func (d *disk) discard(path string) {
	if d.ask("remove", path) == nil {
		_ = os.Remove(path)
	}
}

// A durableFile is a file being written under its name with .part behind it.
type durableFile struct {
	*bufio.Writer
	disk   *disk
	file   *os.File
	path   string
	failed error // the first write that did not work: the file must not get its name
	size   int64
}

// recordingWriter keeps the first error, for Close is called after failed writes too.
type recordingWriter struct{ *durableFile }

func (w recordingWriter) Write(p []byte) (int, error) {
	if w.failed != nil {
		return 0, w.failed
	}
	err := w.disk.ask("write", w.path)
	n := 0
	if err == nil {
		n, err = w.file.Write(p)
	}
	w.size += int64(n)
	w.failed = err
	return n, err
}

// ReadFrom is there because iceberg-go asks for it.
func (f *durableFile) ReadFrom(r io.Reader) (int64, error) { return f.Writer.ReadFrom(r) }

// Close makes the file durable under its name, or removes it and says why not.
func (f *durableFile) Close() error {
	if err := f.finish(); err != nil {
		f.disk.discard(f.path + partSuffix)
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

func (f *durableFile) finish() error {
	err := f.Flush()
	if err == nil {
		err = f.disk.ask("sync", f.path)
	}
	if err == nil {
		err = f.file.Sync()
	}
	if err := errors.Join(err, f.file.Close()); err != nil {
		return err
	}
	if err := f.disk.ask("rename", f.path); err != nil {
		return err
	}
	if err := os.Rename(f.path+partSuffix, f.path); err != nil {
		return err
	}
	return f.disk.syncFolder(filepath.Dir(f.path))
}

// Abandon ends the file without giving it its name.
func (f *durableFile) Abandon() {
	_ = f.file.Close()
	f.disk.discard(f.path + partSuffix)
}

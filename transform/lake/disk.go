package lake

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	icebergio "github.com/apache/iceberg-go/io"
)

// A disk is a folder to which iceberg-go writes, made durable. The library's own
// local IO never calls fsync, so that a power cut could leave a snapshot whose
// files are empty. Here a file is written beside its name (.part), synced and
// renamed; the folders of all files of a commit are synced before the link that
// publishes it, and its own folder after it, before it is answered.
type disk struct {
	layout
	// before is asked before each operation that changes the disk; tests put
	// faults there. Nil outside of them.
	before func(operation, path string) error
	files  fileSystem

	mutex    sync.Mutex
	sums     map[string]sum  // of the files that were made and that no commit names yet, by path
	unsynced map[string]bool // folders with names that a power cut could still take away
}

const partSuffix = ".part"

func newDisk(root string) *disk {
	return &disk{layout: layout{root}, files: osFiles{}, sums: map[string]sum{}, unsynced: map[string]bool{}}
}

// local gives the path of name and refuses whatever lies outside of the lake.
func (d *disk) local(operation, name string) (string, error) {
	inside, err := d.canonical(name)
	if err != nil {
		return "", &fs.PathError{Op: operation, Path: name, Err: err}
	}
	return filepath.Join(d.root, filepath.FromSlash(inside)), nil
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
	return d.files.OpenFile(path, os.O_RDONLY, 0)
}

func (d *disk) ReadFile(name string) ([]byte, error) {
	path, err := d.local("read", name)
	if err != nil {
		return nil, err
	}
	return readAll(d.files, path)
}

func (d *disk) Stat(name string) (fs.FileInfo, error) {
	path, err := d.local("stat", name)
	if err != nil {
		return nil, err
	}
	return d.files.Stat(path)
}

func (d *disk) WalkDir(root string, visit fs.WalkDirFunc) error {
	path, err := d.local("walk", root)
	if err != nil {
		return err
	}
	return d.files.WalkDir(path, visit)
}

// Create gives a writer whose Close makes the file durable under its name.
func (d *disk) Create(name string) (icebergio.FileWriter, error) {
	if isManifestList(name) {
		return &listWriter{names: d.layout, create: func() (icebergio.FileWriter, error) { return d.create(name) }}, nil
	}
	return d.create(name)
}

func (d *disk) create(name string) (*durableFile, error) {
	path, err := d.change("create", name)
	if err != nil {
		return nil, err
	}
	if err := d.makeFolders(filepath.Dir(path)); err != nil {
		return nil, err
	}
	file, err := d.files.OpenFile(path+partSuffix, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	w := &durableFile{disk: d, file: file, path: path, hash: sha256.New()}
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
	file, err := d.files.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func (d *disk) Remove(name string) error {
	path, err := d.local("remove", name)
	if err != nil {
		return err
	}
	if err := d.ask("remove", path); err != nil {
		return err
	}
	return d.files.Remove(path)
}

func (d *disk) RemoveAll(name string) error {
	path, err := d.change("remove", name)
	if err != nil {
		return err
	}
	return d.files.RemoveAll(path)
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
	return d.files.Rename(source, target)
}

// publish gives a version of a table's metadata its name, from which on it is true:
// of two writers one gets the name, and nothing is ever replaced. All that was written
// for it has its own name for good before.
func (d *disk) publish(temporary, version string) error {
	if err := d.syncNames(filepath.Dir(filepath.Dir(version))); err != nil {
		return err
	}
	if err := d.ask("link", version); err != nil {
		return err
	}
	if err := d.files.Link(temporary, version); err != nil {
		return err
	}
	d.discard(temporary) // what stays is an orphan that nobody reads
	return d.syncFolder(filepath.Dir(version))
}

// makeFolders makes path and its parents for the owner only, each of them durable.
func (d *disk) makeFolders(path string) error {
	if info, err := d.files.Stat(path); err == nil {
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
	if err := d.files.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.syncFolder(parent)
}

func (d *disk) syncFolder(path string) error {
	if err := d.ask("sync", path); err != nil {
		return err
	}
	return d.files.SyncFolder(path)
}

// hasName notes that a file has got its name in a folder that is still to be synced:
// a commit brings several files, and each folder is synced once for all of them.
func (d *disk) hasName(path string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.unsynced[filepath.Dir(path)] = true
}

// syncNames makes the names of all files below a folder durable.
func (d *disk) syncNames(below string) error {
	d.mutex.Lock()
	var folders []string
	for folder := range d.unsynced {
		if strings.HasPrefix(folder, below+string(filepath.Separator)) {
			folders = append(folders, folder)
		}
	}
	d.mutex.Unlock()
	slices.Sort(folders)
	for _, folder := range folders {
		if err := d.syncFolder(folder); err != nil {
			return err
		}
		d.mutex.Lock()
		delete(d.unsynced, folder)
		d.mutex.Unlock()
	}
	return nil
}

// discard removes a file that nobody will miss.
func (d *disk) discard(path string) {
	if d.ask("remove", path) == nil {
		_ = d.files.Remove(path)
	}
}

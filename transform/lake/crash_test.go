package lake

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A crashDisk is a file system in memory that can lose its power. Of what was not
// synced, each block of a file and each name in a folder is there afterwards or is
// not, by a throw of dice: file systems may write in any order.
type crashDisk struct {
	mutex sync.Mutex
	root  *node
}

// A node is a file or a folder, as it is and as a power cut would leave it.
type node struct {
	names, lasting   map[string]*node // of a folder
	content, durable []byte           // of a file
}

// crashBlock is small, so that files of a few rows have many blocks to lose.
const crashBlock = 256

func newCrashDisk() *crashDisk { return &crashDisk{root: newFolder()} }

func newFolder() *node { return &node{names: map[string]*node{}, lasting: map[string]*node{}} }

// afterPowerCut is what is left when each part that was not synced stays with a
// probability.
func (c *crashDisk) afterPowerCut(dice *rand.Rand, stays float64) *crashDisk {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	left := map[*node]*node{} // a file of two names stays one
	var cut func(*node) *node
	cut = func(n *node) *node {
		if done, there := left[n]; there {
			return done
		}
		after := &node{}
		left[n] = after
		if n.names == nil {
			after.content = cutContent(n, dice, stays)
			after.durable = after.content
			return after
		}
		after.names = map[string]*node{}
		all := slices.Sorted(maps.Keys(n.names))
		for name := range n.lasting {
			if n.names[name] == nil {
				all = append(all, name)
			}
		}
		slices.Sort(all) // the dice must fall the same way for one seed
		for _, name := range all {
			child := n.lasting[name]
			if now := n.names[name]; now != child && dice.Float64() < stays {
				child = now
			}
			if child != nil {
				after.names[name] = cut(child)
			}
		}
		after.lasting = maps.Clone(after.names)
		return after
	}
	return &crashDisk{root: cut(c.root)}
}

func cutContent(n *node, dice *rand.Rand, stays float64) []byte {
	if bytes.Equal(n.content, n.durable) {
		return n.content
	}
	size := len(n.durable)
	if dice.Float64() < stays {
		size = len(n.content)
	}
	after := make([]byte, size)
	copy(after, n.durable)
	for at := 0; at < size; at += crashBlock {
		if end := min(at+crashBlock, size, len(n.content)); end > at && dice.Float64() < stays {
			copy(after[at:end], n.content[at:end])
		}
	}
	return after
}

func (c *crashDisk) find(path string) *node {
	at := c.root
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part == "" {
			continue
		}
		if at == nil || at.names == nil {
			return nil
		}
		at = at.names[part]
	}
	return at
}

func notThere(operation, path string) error {
	return &fs.PathError{Op: operation, Path: path, Err: fs.ErrNotExist}
}

// place gives the folder of a path, and the name there.
func (c *crashDisk) place(operation, path string) (*node, string, error) {
	folder := c.find(filepath.Dir(path))
	if folder == nil || folder.names == nil {
		return nil, "", notThere(operation, path)
	}
	return folder, filepath.Base(path), nil
}

func (c *crashDisk) OpenFile(path string, flags int, _ fs.FileMode) (openFile, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	folder, name, err := c.place("open", path)
	if err != nil {
		return nil, err
	}
	file := folder.names[name]
	switch {
	case file == nil && flags&os.O_CREATE == 0:
		return nil, notThere("open", path)
	case file == nil:
		file = &node{}
		folder.names[name] = file
	case flags&os.O_TRUNC != 0:
		file.content = nil
	}
	return &crashFile{disk: c, node: file, name: name}, nil
}

func (c *crashDisk) Stat(path string) (fs.FileInfo, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	n := c.find(path)
	if n == nil {
		return nil, notThere("stat", path)
	}
	return nodeState{filepath.Base(path), n}, nil
}

func (c *crashDisk) ReadDir(path string) ([]fs.DirEntry, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	n := c.find(path)
	if n == nil || n.names == nil {
		return nil, notThere("readdir", path)
	}
	var entries []fs.DirEntry
	for _, name := range slices.Sorted(maps.Keys(n.names)) {
		entries = append(entries, fs.FileInfoToDirEntry(nodeState{name, n.names[name]}))
	}
	return entries, nil
}

func (c *crashDisk) WalkDir(root string, visit fs.WalkDirFunc) error {
	info, err := c.Stat(root)
	if err != nil {
		return visit(root, nil, err)
	}
	err = c.walk(root, fs.FileInfoToDirEntry(info), visit)
	if errors.Is(err, fs.SkipDir) || errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

func (c *crashDisk) walk(at string, entry fs.DirEntry, visit fs.WalkDirFunc) error {
	if err := visit(at, entry, nil); err != nil || !entry.IsDir() {
		return err
	}
	entries, err := c.ReadDir(at)
	if err != nil {
		return visit(at, entry, err)
	}
	for _, inner := range entries {
		err := c.walk(path.Join(at, inner.Name()), inner, visit)
		if err != nil && !(errors.Is(err, fs.SkipDir) && inner.IsDir()) {
			return err
		}
	}
	return nil
}

func (c *crashDisk) Mkdir(path string, _ fs.FileMode) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	folder, name, err := c.place("mkdir", path)
	if err != nil {
		return err
	}
	if folder.names[name] != nil {
		return &fs.PathError{Op: "mkdir", Path: path, Err: fs.ErrExist}
	}
	folder.names[name] = newFolder()
	return nil
}

func (c *crashDisk) Rename(from, to string) error {
	return c.give("rename", from, to, true)
}

func (c *crashDisk) Link(from, to string) error {
	return c.give("link", from, to, false)
}

// give lets a file have another name, instead of its own or beside it.
func (c *crashDisk) give(operation, from, to string, moves bool) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	source, old, err := c.place(operation, from)
	if err != nil {
		return err
	}
	target, name, err := c.place(operation, to)
	if err != nil {
		return err
	}
	file := source.names[old]
	if file == nil {
		return notThere(operation, from)
	}
	if !moves && target.names[name] != nil {
		return &fs.PathError{Op: operation, Path: to, Err: fs.ErrExist}
	}
	target.names[name] = file
	if moves {
		delete(source.names, old)
	}
	return nil
}

func (c *crashDisk) Remove(path string) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	folder, name, err := c.place("remove", path)
	if err != nil || folder.names[name] == nil {
		return notThere("remove", path)
	}
	delete(folder.names, name)
	return nil
}

func (c *crashDisk) RemoveAll(path string) error {
	if err := c.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (c *crashDisk) SyncFolder(path string) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	n := c.find(path)
	if n == nil || n.names == nil {
		return notThere("sync", path)
	}
	n.lasting = maps.Clone(n.names)
	return nil
}

// A crashFile is an open file of a crashDisk.
type crashFile struct {
	disk *crashDisk
	node *node
	name string
	at   int64
}

func (f *crashFile) Write(p []byte) (int, error) {
	f.disk.mutex.Lock()
	defer f.disk.mutex.Unlock()
	grown := append(slices.Clone(f.node.content[:f.at]), p...) // never in place: what is durable shares it
	f.node.content = grown
	f.at += int64(len(p))
	return len(p), nil
}

func (f *crashFile) reader() *bytes.Reader {
	f.disk.mutex.Lock()
	defer f.disk.mutex.Unlock()
	return bytes.NewReader(f.node.content)
}

func (f *crashFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *crashFile) ReadAt(p []byte, at int64) (int, error) { return f.reader().ReadAt(p, at) }

func (f *crashFile) Seek(to int64, whence int) (int64, error) {
	reader := f.reader()
	if whence == io.SeekCurrent {
		to, whence = to+f.at, io.SeekStart
	}
	at, err := reader.Seek(to, whence)
	f.at = at
	return at, err
}

func (f *crashFile) Sync() error {
	f.disk.mutex.Lock()
	defer f.disk.mutex.Unlock()
	f.node.durable = f.node.content
	return nil
}

func (f *crashFile) Stat() (fs.FileInfo, error) { return nodeState{f.name, f.node}, nil }
func (f *crashFile) Close() error               { return nil }

type nodeState struct {
	name string
	node *node
}

func (s nodeState) Name() string       { return s.name }
func (s nodeState) Size() int64        { return int64(len(s.node.content)) }
func (s nodeState) IsDir() bool        { return s.node.names != nil }
func (s nodeState) ModTime() time.Time { return time.Time{} }
func (s nodeState) Sys() any           { return nil }
func (s nodeState) Mode() fs.FileMode {
	if s.IsDir() {
		return fs.ModeDir | 0o700
	}
	return 0o600
}

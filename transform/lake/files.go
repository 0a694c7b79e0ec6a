package lake

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A fileSystem is what a disk stands on: the operating system's files, or in tests
// a memory that can lose its power.
type fileSystem interface {
	OpenFile(path string, flags int, mode fs.FileMode) (openFile, error)
	Stat(path string) (fs.FileInfo, error)
	ReadDir(path string) ([]fs.DirEntry, error)
	WalkDir(root string, visit fs.WalkDirFunc) error
	Mkdir(path string, mode fs.FileMode) error
	Rename(from, to string) error
	Link(from, to string) error // fails when there is a file of that name
	Remove(path string) error
	RemoveAll(path string) error
	SyncFolder(path string) error
}

// An openFile is a file that is read or written.
type openFile interface {
	io.ReadWriteSeeker
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
}

type osFiles struct{}

func (osFiles) OpenFile(path string, flags int, mode fs.FileMode) (openFile, error) {
	file, err := os.OpenFile(path, flags, mode)
	if err != nil {
		return nil, err // not a nil file in an interface that is not nil
	}
	return file, nil
}

func (osFiles) Stat(path string) (fs.FileInfo, error)           { return os.Stat(path) }
func (osFiles) ReadDir(path string) ([]fs.DirEntry, error)      { return os.ReadDir(path) }
func (osFiles) WalkDir(root string, visit fs.WalkDirFunc) error { return filepath.WalkDir(root, visit) }
func (osFiles) Mkdir(path string, mode fs.FileMode) error       { return os.Mkdir(path, mode) }
func (osFiles) Rename(from, to string) error                    { return os.Rename(from, to) }
func (osFiles) Link(from, to string) error                      { return os.Link(from, to) }
func (osFiles) Remove(path string) error                        { return os.Remove(path) }
func (osFiles) RemoveAll(path string) error                     { return os.RemoveAll(path) }

func (osFiles) SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func readAll(files fileSystem, path string) ([]byte, error) {
	file, err := files.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(file)
	return content, errors.Join(err, file.Close())
}

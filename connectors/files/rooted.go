package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"merit/connectors/fault"
)

// A rooted folder opens regular files alone, and none outside it: a link that leads out,
// a pipe that nobody writes to and a device are refused, whoever dropped them.
type rooted struct{ root *os.Root }

func openRooted(folder string) (fs.FS, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.You, "folder %s is not there", folder)
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "look into folder %s: %w", folder, err)
	}
	return rooted{root}, nil
}

var errNotRegular = errors.New("is no regular file: a pipe, a device or a link to something else is not read")

// Open opens a file or a folder. It does not wait for a pipe's other end.
func (r rooted) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	file, err := r.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	about, err := file.Stat()
	if err == nil && !about.Mode().IsRegular() && !about.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

package lake

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"
)

// A durableFile is a file being written under its name with .part behind it.
type durableFile struct {
	*bufio.Writer
	disk   *disk
	file   openFile
	path   string
	failed error // the first write that did not work: the file must not get its name
	size   int64
	hash   hash.Hash // of what was written
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
		w.hash.Write(p[:n])
	}
	w.size += int64(n)
	w.failed = err
	return n, err
}

// ReadFrom is there because iceberg-go asks for it.
func (f *durableFile) ReadFrom(r io.Reader) (int64, error) { return f.Writer.ReadFrom(r) }

// Close makes the file durable and gives it its name, or removes it and says why not.
// The name itself is durable once its folder is synced, before a commit needs it.
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
	if err := f.disk.files.Rename(f.path+partSuffix, f.path); err != nil {
		return err
	}
	f.disk.note(f.path, sumOf(f.hash))
	f.disk.hasName(f.path)
	return nil
}

// Abandon ends the file without giving it its name.
func (f *durableFile) Abandon() {
	_ = f.file.Close()
	f.disk.discard(f.path + partSuffix)
}

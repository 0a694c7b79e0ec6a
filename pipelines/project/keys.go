package project

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// KeyOrNew is a key of the project, or a new one that is kept nowhere yet.
func KeyOrNew(p *Project, name string) ([]byte, error) {
	key, err := os.ReadFile(p.Path(name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, 32)
	_, err = rand.Read(key)
	return key, err
}

// KeepKey writes a key that is not there yet.
func KeepKey(p *Project, name string, key []byte) error {
	path := p.Path(name)
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return WriteSynced(path, key)
}

// WriteSynced writes a whole file beside its name and renames it there.
func WriteSynced(path string, content []byte) error {
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Canonical is the one JSON text of a value: no spaces, members in the order of
// the type or of the alphabet, nothing escaped that need not be. Any type that
// encoding/json knows will do, since what is logged differs from kind to kind.
func Canonical(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write as JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// strict reads the one JSON text of a value and refuses every other one.
func strict[T any](text []byte, into *T) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("it is not readable: %w", err)
	}
	again, err := Canonical(*into)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) {
		return errors.New("it is not written as the log writes it")
	}
	return nil
}

// replace writes beside the file and renames over it.
func replace(path string, text []byte) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part.Name())) }()
	_, err = part.Write(text)
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

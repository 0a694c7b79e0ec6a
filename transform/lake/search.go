package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Searched is what Search went through, and where it found something.
type Searched struct {
	Files, Values int // files, and decoded values of Parquet files
	Found         []string
}

// Search looks for texts in every byte of every file in a folder, and in every
// decoded value of its Parquet files, with a library that did not write them. Large
// and small letters are one.
func Search(ctx context.Context, folder string, texts []string) (Searched, error) {
	var done Searched
	wanted := lowered(texts)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return done.look(path, content, wanted)
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return done, err
}

func lowered(texts []string) [][]byte {
	var wanted [][]byte
	for _, text := range texts {
		wanted = append(wanted, bytes.ToLower([]byte(text)))
	}
	return wanted
}

// look goes through one file.
func (s *Searched) look(path string, content []byte, wanted [][]byte) error {
	s.Files++
	if holds(content, wanted) {
		s.Found = append(s.Found, path)
		return nil
	}
	if !strings.HasSuffix(path, ".parquet") {
		return nil
	}
	found, err := s.searchValues(content, wanted)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if found != "" {
		s.Found = append(s.Found, path+", column "+found)
	}
	return nil
}

func holds(content []byte, wanted [][]byte) bool {
	content = bytes.ToLower(content)
	for _, text := range wanted {
		if bytes.Contains(content, text) {
			return true
		}
	}
	return false
}

// searchValues gives the first column in which something was found.
func (s *Searched) searchValues(content []byte, wanted [][]byte) (string, error) {
	file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", err
	}
	found := ""
	for _, group := range file.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			err := eachValue(chunk, func(_ int, value parquet.Value) error {
				s.Values++
				if kind := value.Kind(); found == "" && (kind == parquet.ByteArray || kind == parquet.FixedLenByteArray) && holds(value.ByteArray(), wanted) {
					found = strings.Join(file.Schema().Columns()[i], ".")
				}
				return nil
			})
			if err != nil {
				return "", err
			}
		}
	}
	return found, nil
}

package lake

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/iceberg-go/table"
	"github.com/parquet-go/parquet-go"
)

// Searched is what a search went through, and where it found something.
type Searched struct {
	Files, Values int // files, and decoded values of Parquet files
	Found         []string
}

// Add puts two searches together.
func (s *Searched) Add(other Searched) {
	s.Files, s.Values, s.Found = s.Files+other.Files, s.Values+other.Values, append(s.Found, other.Found...)
}

// A Match tells whether a text holds what is looked for.
type Match func(text string) bool

// AnyOf matches texts that contain one of several, large and small letters alike.
func AnyOf(texts []string) Match {
	var wanted []string
	for _, text := range texts {
		wanted = append(wanted, strings.ToLower(text))
	}
	return func(text string) bool {
		text = strings.ToLower(text)
		for _, one := range wanted {
			if strings.Contains(text, one) {
				return true
			}
		}
		return false
	}
}

// Mentions matches texts in which anybody who was ever erased at a source is known by an
// address or by an id that means one record whatever stands beside it. Names and numbers
// mean others too: those are looked for in the lake, by column.
func (f *ErasureList) Mentions(source string) Match {
	return func(text string) bool { return f.mentions(source, text, sought{}) || f.mentionsGlued(source, text) }
}

// mentionsGlued looks in bytes that are no text, where a length or the next value may
// stand without a gap before and behind an address or an id.
func (f *ErasureList) mentionsGlued(source, text string) bool {
	if f.isEmpty(source) {
		return false
	}
	const gap = 2 // bytes of a length that may read as letters
	for next, at := nextWord(text, 0); next.to > 0; next, at = nextWord(text, at) {
		one := text[next.from:next.to]
		switch {
		case strings.Contains(one, "@") && len(one) < 400:
			for before := range min(gap+1, len(one)) {
				for behind := range min(gap+1, len(one)-before) {
					if f.has(source, "", one[before:len(one)-behind]) {
						return true
					}
				}
			}
		case len(one) > 15:
			for from := range len(one) - 14 {
				if part := one[from : from+15]; isCased(part) && f.has(source, "", part) {
					return true
				}
			}
		}
	}
	return false
}

// Search looks through every byte of every file in a folder, and through every decoded
// value of its Parquet files, with a library that did not write them.
func Search(ctx context.Context, folder string, matches Match) (Searched, error) {
	var done Searched
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
		return done.look(path, content, matches)
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return done, err
}

// look goes through one file.
func (s *Searched) look(path string, content []byte, matches Match) error {
	s.Files++
	if matches(string(content)) {
		s.Found = append(s.Found, path)
		return nil
	}
	if strings.HasSuffix(path, ".xlsx") {
		return s.lookInto(path, content, matches)
	}
	if !strings.HasSuffix(path, ".parquet") {
		return nil
	}
	found, err := s.searchValues(content, matches)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if found != "" {
		s.Found = append(s.Found, path+", column "+found)
	}
	return nil
}

// lookInto goes through what a workbook, which is an archive, holds.
func (s *Searched) lookInto(path string, content []byte, matches Match) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, part := range archive.File {
		opened, err := part.Open()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		text, err := io.ReadAll(io.LimitReader(opened, 1<<30))
		if err := errors.Join(err, opened.Close()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if s.Values++; matches(string(text)) {
			s.Found = append(s.Found, path+", part "+part.Name)
			return nil
		}
	}
	return nil
}

// searchValues gives the first column in which something was found.
func (s *Searched) searchValues(content []byte, matches Match) (string, error) {
	file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", err
	}
	found := ""
	for _, group := range file.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			err := eachValue(chunk, func(_ int, value parquet.Value) error {
				s.Values++
				if kind := value.Kind(); found == "" && (kind == parquet.ByteArray || kind == parquet.FixedLenByteArray) && matches(string(value.ByteArray())) {
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

// Remaining looks for everybody who was ever erased at a source: in every data file that
// any snapshot names, by what each column tells of people, and in every byte of every
// file that the source's tables have.
func (l *Lake) Remaining(ctx context.Context, source string) (Searched, error) {
	var done Searched
	err := l.eachStored(ctx, source, func(s *tableWriter, path string) error {
		count := Erased{}
		if err := s.countMentions(ctx, path, &count); err != nil {
			return err
		}
		if count != (Erased{}) {
			done.Found = append(done.Found, fmt.Sprintf("%s (%d rows, %d cells)", path, count.Rows, count.Cells))
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	found, err := l.Search(ctx, source, l.forgotten.Mentions(source))
	done.Add(found)
	return done, err
}

// Mentioned counts what an erasure of those on the list would change in a source's tables.
func (l *Lake) Mentioned(ctx context.Context, source string) (Erased, error) {
	var count Erased
	err := l.eachStored(ctx, source, func(s *tableWriter, path string) error { return s.countMentions(ctx, path, &count) })
	return count, err
}

// eachStored visits every data file that any snapshot of a source's tables names.
func (l *Lake) eachStored(ctx context.Context, source string, visit func(s *tableWriter, path string) error) error {
	return l.eachTable(ctx, func(t *table.Table) error {
		if t.Identifier()[0] != source {
			return nil
		}
		s, err := l.tableWriterOf(t)
		if err != nil {
			return err
		}
		named, err := l.namedFiles(t)
		if err != nil {
			return err
		}
		for path := range named {
			if !strings.HasSuffix(path, ".parquet") {
				continue
			}
			if err := visit(s, path); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		return nil
	})
}

func (s *tableWriter) countMentions(ctx context.Context, path string, count *Erased) error {
	read, err := s.readFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() {
		for _, records := range read {
			records.Release()
		}
	}()
	columns, err := s.concatenate(read)
	if err != nil {
		return err
	}
	defer releaseAll(columns)
	if e := s.erasureOf(columns, columns[0].Len()); !e.isNothing() {
		e.count(count)
	}
	return nil
}

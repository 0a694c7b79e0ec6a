package duckdb

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// unfinished begins the names of folders that no reader is shown.
const unfinished = ".new-"

// removeUnfinished takes away what an interrupted publish left.
func removeUnfinished(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unfinished) {
			if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep gives a finished folder its name once all that is in it is on disk.
func keep(fresh, version string) error {
	entries, err := os.ReadDir(fresh)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(fresh, entry.Name())
		// A BI tool that opens the database for writing by mistake is stopped here.
		if err := os.Chmod(path, 0o444); err != nil {
			return err
		}
		if err := synced(path); err != nil {
			return err
		}
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	if err := synced(fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, version); err != nil {
		return err
	}
	return synced(filepath.Dir(version))
}

// synced returns once a file, or a folder's list of names, is on disk.
func synced(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// show makes a kept version the one that readers find: the folder, then the
// database file. Either is whole at any time, and a publish that was cut between
// the two is finished by the next.
func show(folder, version string) error {
	target := filepath.Join(versionsFolder, version)
	link := filepath.Join(folder, currentLink)
	if shown, err := os.Readlink(link); err != nil || shown != target {
		if err := renamedOver(link, func(path string) error { return os.Symlink(target, path) }); err != nil {
			return err
		}
	}
	database := filepath.Join(folder, databaseFile)
	source := filepath.Join(folder, target, databaseFile)
	same, err := sameFile(source, database)
	if err != nil {
		return err
	}
	if !same {
		if err := renamedOver(database, func(path string) error { return linkOrCopy(source, path) }); err != nil {
			return err
		}
	}
	if err := synced(folder); err != nil {
		return err
	}
	return removeOld(filepath.Join(folder, versionsFolder), version, keptVersions)
}

// RemoveSuperseded removes every version but the one that readers are shown.
func (db *DB) RemoveSuperseded(folder string) error {
	shown, err := os.Readlink(filepath.Join(folder, currentLink))
	if err != nil {
		return fmt.Errorf("the version that is shown: %w", err)
	}
	return removeOld(filepath.Join(folder, versionsFolder), filepath.Base(shown), 1)
}

// renamedOver makes something beside a name and renames it over.
func renamedOver(path string, create func(path string) error) error {
	beside := path + ".new"
	if err := os.RemoveAll(beside); err != nil {
		return err
	}
	if err := create(beside); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// linkOrCopy gives a file a second name, or, where the disk can't, a second copy.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	copied, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(copied, source); err != nil {
		copied.Close()
		return err
	}
	if err := copied.Sync(); err != nil {
		copied.Close()
		return err
	}
	return copied.Close()
}

// sameFile tells whether two names have the same bytes; the second may be absent.
func sameFile(one, other string) (bool, error) {
	a, err := os.Stat(one)
	if err != nil {
		return false, err
	}
	b, err := os.Stat(other)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if os.SameFile(a, b) {
		return true, nil
	}
	if a.Size() != b.Size() {
		return false, nil
	}
	left, err := digest(one)
	if err != nil {
		return false, err
	}
	right, err := digest(other)
	return left == right, err
}

// removeOld keeps the version shown and the latest before it, so many in all.
func removeOld(versions, shown string, kept int) error {
	entries, err := os.ReadDir(versions)
	if err != nil {
		return err
	}
	type version struct {
		name string
		at   int64
	}
	var old []version
	for _, entry := range entries {
		if entry.Name() == shown || strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		about, err := entry.Info()
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
		old = append(old, version{entry.Name(), about.ModTime().UnixNano()})
	}
	slices.SortFunc(old, func(a, b version) int { return cmp.Compare(b.at, a.at) })
	for i, v := range old {
		if i < kept-1 {
			continue
		}
		if err := os.RemoveAll(filepath.Join(versions, v.name)); err != nil {
			return err
		}
	}
	return nil
}

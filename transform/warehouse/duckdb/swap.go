package duckdb

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"merit/connectors/fault"
)

// unfinished begins the names of folders that no reader is shown.
const unfinished = ".new-"

// markFile says that the folder of versions beside it is ours. Only there is anything
// removed, and only what has a name as we give it.
const (
	markFile = ".merit"
	markText = "Merit publishes here, and removes what it published before.\n"
)

var (
	versionName    = regexp.MustCompile(`^[0-9a-f]{24}$`)
	unfinishedName = regexp.MustCompile(`^\.new-[0-9]+$`)
)

// ownFolder makes the folder of versions, or refuses one that somebody else keeps there.
func ownFolder(folder string) error {
	if err := mayReplace(folder); err != nil {
		return err
	}
	versions := filepath.Join(folder, versionsFolder)
	mark := filepath.Join(folder, markFile)
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	entries, err := os.ReadDir(versions)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if !isOurs(versions, entry.Name()) {
			return fault.Errorf(fault.You, "%s is not a folder that Merit made: it has %s; name an empty folder, or one of Merit's own, under publish", versions, entry.Name())
		}
	}
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return err
	}
	// Readers get in where the owner of the folder above lets them, whatever the umask.
	if err := os.Chmod(versions, 0o755); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte(markText), 0o644)
}

// mayReplace refuses names that readers know where something else than ours has them.
func mayReplace(folder string) error {
	link := filepath.Join(folder, currentLink)
	about, err := os.Lstat(link)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(filepath.Join(folder, databaseFile)); err == nil {
			if _, err := os.Stat(filepath.Join(folder, versionsFolder)); err != nil {
				return fault.Errorf(fault.You, "%s is not one that Merit published; name another folder under publish", filepath.Join(folder, databaseFile))
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	target, _ := os.Readlink(link)
	if about.Mode()&fs.ModeSymlink == 0 || filepath.Dir(target) != versionsFolder {
		return fault.Errorf(fault.You, "%s is not Merit's own link; name another folder under publish", link)
	}
	return nil
}

// isOurs tells folders that a publish made or began: by the name, and by what is in it.
func isOurs(versions, name string) bool {
	if unfinishedName.MatchString(name) {
		return true
	}
	if !versionName.MatchString(name) {
		return false
	}
	about, err := os.Lstat(filepath.Join(versions, name, databaseFile))
	return err == nil && about.Mode().IsRegular()
}

// removeUnfinished takes away what an interrupted publish left.
func removeUnfinished(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if unfinishedName.MatchString(entry.Name()) {
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
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
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
		if entry.Name() == shown || !versionName.MatchString(entry.Name()) || !isOurs(versions, entry.Name()) {
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

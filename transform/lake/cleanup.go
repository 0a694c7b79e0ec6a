package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// Cleaned is what CleanUp removed.
type Cleaned struct {
	Files int
	Bytes int64
}

// CleanUp removes the files of the lake that nothing names: those of crashed runs,
// and of snapshots that have expired. Files that were changed within young are left
// alone, for a commit may be about to name them; with the lake held for one writer,
// young may be 0.
//
// A table of which a named file is not found is left as it is, and named in the error:
// then something is not understood, and what seems to be an orphan may be that file.
func (l *Lake) CleanUp(ctx context.Context, young time.Duration) (Cleaned, error) {
	var done Cleaned
	var refused []error
	err := l.eachTable(ctx, func(t *table.Table) error {
		if err := l.cleanTable(ctx, t, young, &done); err != nil {
			refused = append(refused, fmt.Errorf("cleaning up %s: %w", strings.Join(t.Identifier(), "."), err))
		}
		return ctx.Err()
	})
	return done, errors.Join(append(refused, err)...)
}

func (l *Lake) cleanTable(ctx context.Context, t *table.Table, young time.Duration, done *Cleaned) error {
	if !mayRemoveFiles(t) {
		return nil
	}
	named, err := l.namedFiles(t)
	if err != nil {
		return err
	}
	if files, isRemote := l.disk.(*remoteFiles); isRemote {
		return files.clean(ctx, t, named, l.now().Add(-young), young == 0, done)
	}
	return l.disk.(*disk).clean(ctx, t, named, l.now().Add(-young), young == 0, done)
}

// clean removes files in a table's folder that nothing names.
func (d *disk) clean(ctx context.Context, t *table.Table, named map[string]bool, before time.Time, all bool, done *Cleaned) error {
	left := maps.Clone(named) // that were not seen yet
	orphans := map[string]int64{}
	err := d.WalkDir(t.Location(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := d.real(filepath.ToSlash(path))
		delete(left, name)
		if named[name] || entry.Name() == "version-hint.text" {
			return nil
		}
		if versionName.MatchString(entry.Name()) && filepath.Base(filepath.Dir(path)) == "metadata" {
			return nil // a version: one of those that are kept, or newer than this process knows
		}
		info, err := entry.Info()
		if err != nil || !all && info.ModTime().After(before) {
			return ignoreGone(err)
		}
		orphans[path] = info.Size()
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if err := refuseWhenMissing(left); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(orphans)) {
		if err := d.Remove(path); err != nil {
			if err = ignoreGone(err); err != nil {
				return err
			}
			continue
		}
		done.Files++
		done.Bytes += orphans[path]
	}
	return nil
}

// refuseWhenMissing is what clean-up does when snapshots name files that are not there.
func refuseWhenMissing(missing map[string]bool) error {
	if len(missing) == 0 {
		return nil
	}
	return fault.Errorf(fault.You, "%s is named by a snapshot and is not there (%d such files); nothing was removed; merit verify names what is damaged",
		slices.Min(slices.Collect(maps.Keys(missing))), len(missing))
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// namedFiles are all that a table's snapshots name, by real path: lists, manifests, data
// and statistics.
func (l *Lake) namedFiles(t *table.Table, except ...int64) (map[string]bool, error) {
	named := namedFiles{lake: l, files: map[string]bool{}}
	for _, snapshot := range t.Metadata().Snapshots() {
		if slices.Contains(except, snapshot.SnapshotID) {
			continue
		}
		if err := named.addSnapshot(&snapshot); err != nil {
			return nil, fmt.Errorf("snapshot %d: %w", snapshot.SnapshotID, err)
		}
	}
	for file := range t.Metadata().Statistics() {
		if _, err := named.add(file.StatisticsPath); err != nil {
			return nil, err
		}
	}
	for file := range t.Metadata().PartitionStatistics() {
		if _, err := named.add(file.StatisticsPath); err != nil {
			return nil, err
		}
	}
	return named.files, nil
}

// namedFiles gathers files under their real paths, however they are spelled.
type namedFiles struct {
	lake  *Lake
	files map[string]bool
}

func (n namedFiles) add(file string) (isNew bool, err error) {
	place, err := n.lake.canonical(file)
	if err != nil {
		return false, fmt.Errorf("%s: %w", file, err)
	}
	real := n.lake.join(place)
	isNew = !n.files[real]
	n.files[real] = true
	return isNew, nil
}

func (n namedFiles) addSnapshot(snapshot *table.Snapshot) error {
	if _, err := n.add(snapshot.ManifestList); err != nil {
		return err
	}
	manifests, err := snapshot.Manifests(n.lake.disk)
	if err != nil {
		return err
	}
	for _, manifest := range manifests {
		isNew, err := n.add(manifest.FilePath())
		if err != nil {
			return err
		}
		if !isNew {
			continue // snapshots share most of them
		}
		files, err := n.lake.manifests.files(n.lake.disk, manifest)
		if err != nil {
			return fmt.Errorf("manifest %s: %w", manifest.FilePath(), err)
		}
		for _, file := range files {
			if _, err := n.add(file.FilePath()); err != nil {
				return fmt.Errorf("manifest %s: %w", manifest.FilePath(), err)
			}
		}
	}
	return nil
}

package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"
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
func (l *Lake) CleanUp(ctx context.Context, young time.Duration) (Cleaned, error) {
	var done Cleaned
	err := l.eachTable(ctx, func(t *table.Table) error {
		if err := l.cleanTable(ctx, t, young, &done); err != nil {
			return fmt.Errorf("cleaning up %s: %w", strings.Join(t.Identifier(), "."), err)
		}
		return nil
	})
	return done, err
}

func (l *Lake) cleanTable(ctx context.Context, t *table.Table, young time.Duration, done *Cleaned) error {
	named, err := l.namedFiles(t)
	if err != nil {
		return err
	}
	if files, isRemote := l.disk.(*remoteFiles); isRemote {
		return files.clean(ctx, t, named, l.now().Add(-young), young == 0, done)
	}
	disk := l.disk.(*disk)
	before := l.now().Add(-young)
	return disk.WalkDir(t.Location(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || named[path] || entry.Name() == "version-hint.text" {
			return err
		}
		if versionName.MatchString(entry.Name()) && filepath.Base(filepath.Dir(path)) == "metadata" {
			return nil // a version: one of those that are kept, or newer than this process knows
		}
		info, err := entry.Info()
		if err != nil || young > 0 && info.ModTime().After(before) {
			return ignoreGone(err)
		}
		if err := disk.Remove(path); err != nil {
			return ignoreGone(err)
		}
		done.Files++
		done.Bytes += info.Size()
		return ctx.Err()
	})
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// namedFiles are all that a table's snapshots name: lists, manifests, data.
func (l *Lake) namedFiles(t *table.Table, except ...int64) (map[string]bool, error) {
	named := map[string]bool{}
	for _, snapshot := range t.Metadata().Snapshots() {
		if slices.Contains(except, snapshot.SnapshotID) {
			continue
		}
		named[snapshot.ManifestList] = true
		manifests, err := snapshot.Manifests(l.disk)
		if err != nil {
			return nil, fmt.Errorf("snapshot %d: %w", snapshot.SnapshotID, err)
		}
		for _, manifest := range manifests {
			if named[manifest.FilePath()] {
				continue
			}
			named[manifest.FilePath()] = true
			files, err := l.manifests.files(l.disk, manifest)
			if err != nil {
				return nil, fmt.Errorf("manifest %s: %w", manifest.FilePath(), err)
			}
			for _, file := range files {
				named[file.FilePath()] = true
			}
		}
	}
	return named, nil
}

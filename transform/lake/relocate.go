package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// Upgrade brings tables to what this version of Merit writes and other engines can
// read, and tells how many it changed. The lake itself reads them as they are.
//
// Real paths of files are written into the metadata of tables in which they are spelled
// otherwise: of a lake that was moved, copied, restored or mounted elsewhere, and of one
// that an earlier version wrote with escaped paths. Columns of earlier versions that
// have names which Iceberg reserves are renamed. Data files stay as they are.
func (l *Lake) Upgrade(ctx context.Context) (int, error) {
	done := 0
	err := l.eachTable(ctx, func(t *table.Table) error {
		isMoved, err := l.relocate(ctx, t)
		if err != nil {
			return fmt.Errorf("relocating %s: %w", strings.Join(t.Identifier(), "."), err)
		}
		if isMoved {
			if t, err = l.catalog.LoadTable(ctx, t.Identifier()); err != nil {
				return err
			}
		}
		isRenamed, err := l.renameColumns(ctx, t)
		if isMoved || isRenamed {
			done++
		}
		return err
	})
	return done, err
}

func (l *Lake) renameColumns(ctx context.Context, t *table.Table) (bool, error) {
	if !slices.ContainsFunc(t.Schema().Fields(), func(f iceberg.NestedField) bool { return currentName(f.Name) != f.Name }) {
		return false, nil
	}
	if err := l.checkFence(t.CurrentSnapshot(), strings.Join(t.Identifier(), ".")); err != nil {
		return false, err
	}
	renamed, err := renameReserved(ctx, t)
	return renamed != nil, err
}

// outdated says what Upgrade would change of a table; "" for nothing.
func (l *Lake) outdated(location string, metadata table.Metadata) string {
	var what []string
	if l.isElsewhere(location, metadata) {
		what = append(what, "its metadata names files by other paths than they have")
	}
	for _, field := range metadata.CurrentSchema().Fields() {
		if now := currentName(field.Name); now != field.Name {
			what = append(what, "its column "+field.Name+" has a name that Iceberg reserves and will be "+now)
		}
	}
	return strings.Join(what, "; ")
}

// isElsewhere tells whether a table's metadata spells paths otherwise than they are.
func (l *Lake) isElsewhere(location string, metadata table.Metadata) bool {
	if real := l.real(metadata.Location()); location != real {
		return true
	}
	for _, snapshot := range metadata.Snapshots() {
		if snapshot.ManifestList != l.real(snapshot.ManifestList) {
			return true
		}
	}
	return false
}

func (l *Lake) relocate(ctx context.Context, t *table.Table) (bool, error) {
	folder, isLocal := l.catalog.(*folderCatalog)
	if !isLocal {
		return false, nil
	}
	head, err := folder.head(t.Identifier())
	if err != nil || !l.isElsewhere(head.location, head.metadata) {
		return false, err
	}
	if err := l.checkFence(t.CurrentSnapshot(), strings.Join(t.Identifier(), ".")); err != nil {
		return false, err
	}
	r := &relocation{lake: l, manifests: map[string]writtenManifest{}}
	lists := map[int64]string{}
	for _, snapshot := range head.metadata.Snapshots() {
		list, err := r.rewriteSnapshot(ctx, &snapshot)
		if err != nil {
			return false, fmt.Errorf("snapshot %d: %w", snapshot.SnapshotID, err)
		}
		if list != "" {
			lists[snapshot.SnapshotID] = list
		}
	}
	keepAll := func(map[string]json.RawMessage) error { return nil }
	if err := folder.replaceLists(l, folder.open(t.Identifier(), head), head, lists, keepAll); err != nil {
		return false, err
	}
	return true, folder.removeVersions(t.Identifier(), head.number)
}

// A relocation rewrites the lists and manifests of one table with real paths.
type relocation struct {
	lake      *Lake
	manifests map[string]writtenManifest // by the path in the list: snapshots share most of them
}

// A writtenManifest is where a manifest with real paths is.
type writtenManifest struct {
	path  string
	bytes int64
}

// rewriteSnapshot gives the real path of a snapshot's list of manifests, "" when all
// that it names is spelled so already.
func (r *relocation) rewriteSnapshot(ctx context.Context, snapshot *table.Snapshot) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	real := r.lake.real(snapshot.ManifestList)
	content, err := readFileOf(r.lake, snapshot.ManifestList)
	if err != nil {
		return "", err
	}
	rewritten, changed, err := withEntries(content, func(entry map[string]any) (bool, error) {
		name, _ := entry["manifest_path"].(string)
		bytes, _ := entry["manifest_length"].(int64)
		now, err := r.rewriteManifest(name, bytes)
		if err != nil {
			return false, fmt.Errorf("manifest %s: %w", name, err)
		}
		entry["manifest_path"], entry["manifest_length"] = now.path, now.bytes
		return now.path != name, nil
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", real, err)
	}
	if !changed {
		if real == snapshot.ManifestList {
			return "", nil
		}
		return real, nil
	}
	return r.write(real, fmt.Sprintf("snap-%d-%s.avro", snapshot.SnapshotID, uuid.NewString()), rewritten)
}

func (r *relocation) rewriteManifest(name string, bytes int64) (writtenManifest, error) {
	if done, there := r.manifests[name]; there {
		return done, nil
	}
	done := writtenManifest{path: r.lake.real(name), bytes: bytes}
	content, err := readFileOf(r.lake, name)
	if err != nil {
		return done, err
	}
	rewritten, changed, err := withPaths(content, r.lake.real)
	if err != nil {
		return done, err
	}
	if changed {
		done.bytes = int64(len(rewritten))
		if done.path, err = r.write(done.path, uuid.NewString()+"-m0.avro", rewritten); err != nil {
			return done, err
		}
	}
	r.manifests[name] = done
	return done, nil
}

// write puts a file beside an older one.
func (r *relocation) write(beside, name string, content []byte) (string, error) {
	written := path.Dir(beside) + "/" + name
	file, err := r.lake.disk.Create(written)
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	return written, errors.Join(err, file.Close())
}

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

	"merit/connectors/fault"
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

// Relocate tells the lake's metadata, and the catalog, that the lake lies where the
// settings say: all its files were moved, copied or restored to there. It tells how many
// tables were somewhere else. A file that is named and not there refuses the table
// before anything is changed. Each stream's checkpoints move in one commit; a process
// that dies in between does it again from the start.
func (l *Lake) Relocate(ctx context.Context) (int, error) {
	remote, isRemote := l.catalog.(*remoteCatalog)
	if !isRemote {
		return l.Upgrade(ctx)
	}
	remote.relocates = true
	defer func() { remote.relocates = false }()
	elsewhere := map[string]bool{} // source.table
	err := l.eachTable(ctx, func(t *table.Table) error {
		at, err := remote.locationOf(ctx, t.Identifier())
		if err != nil || at == l.real(t.Location()) {
			return err
		}
		elsewhere[strings.Join(t.Identifier(), ".")] = true
		if err := l.isComplete(ctx, t); err != nil {
			return fmt.Errorf("relocating %s from %s: %w", strings.Join(t.Identifier(), "."), at, err)
		}
		return nil
	})
	if err != nil || len(elsewhere) == 0 {
		return 0, err
	}
	datasets, err := l.Datasets(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range datasets {
		if err := d.relocate(ctx, remote.files, elsewhere); err != nil {
			return 0, fmt.Errorf("relocating %s.%s: %w", d.source, d.stream, err)
		}
	}
	return len(elsewhere), l.eachTable(ctx, func(t *table.Table) error { return l.relocateEmpty(ctx, remote, t) })
}

// relocateEmpty moves a table into which nothing was read yet.
func (l *Lake) relocateEmpty(ctx context.Context, remote *remoteCatalog, t *table.Table) error {
	name := strings.Join(t.Identifier(), ".")
	at, err := remote.locationOf(ctx, t.Identifier())
	if err != nil || at == l.real(t.Location()) {
		return err
	}
	if t.CurrentSnapshot() != nil {
		return fault.Errorf(fault.You, "%s is still in %s: no checkpoint of its stream names it; run `merit relocate` after `merit read`, or remove the table from the catalog", name, at)
	}
	needs := []table.Requirement{table.AssertTableUUID(t.Metadata().TableUUID())}
	if _, _, err := remote.CommitTable(ctx, t.Identifier(), needs, []table.Update{table.NewSetLocationUpdate(l.real(t.Location()))}); err != nil {
		return fmt.Errorf("relocating %s: %w", name, err)
	}
	return nil
}

// relocate moves a stream's tables in the catalog.
func (d *Dataset) relocate(ctx context.Context, files *remoteFiles, elsewhere map[string]bool) error {
	main, err := d.loadMain(ctx)
	if err != nil || main == nil || main.CurrentSnapshot() == nil {
		return err
	}
	moving := func(t *table.Table) (remaking, error) {
		r := &relocation{lake: d.lake, manifests: map[string]writtenManifest{}}
		of := remaking{rewrite: r.rewriteSnapshot}
		if elsewhere[strings.Join(t.Identifier(), ".")] {
			of.also = []table.Update{table.NewSetLocationUpdate(d.lake.real(t.Location()))}
		}
		return of, nil
	}
	companions, err := d.companions(ctx, main)
	if err != nil {
		return err
	}
	return d.remakeAll(ctx, files, main, companions, moving)
}

// isComplete refuses a table of which a file that a snapshot names is not there.
func (l *Lake) isComplete(ctx context.Context, t *table.Table) error {
	named, err := l.namedFiles(t)
	if err != nil {
		return fault.Errorf(fault.You, "not all of its files are in %s: %w", l.root, err)
	}
	files := l.disk.(*remoteFiles)
	key, err := files.key("list", t.Location())
	if err != nil {
		return err
	}
	for object, err := range files.store.List(ctx, key+"/") {
		if err != nil {
			return err
		}
		delete(named, files.join(object.Key))
	}
	return refuseWhenMissing(named)
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

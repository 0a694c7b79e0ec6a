package lake

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// Verified is what Verify looked at, and all that is not as it was written.
type Verified struct {
	Tables, Snapshots, Files int
	Rows, Bytes              int64 // of data files
	Damages                  []Damage
	Shared                   []string // tables of which another engine wrote files: Merit knows no sums of those
	Outdated                 []Damage // tables that the next reading brings up to date; nothing is wrong with them
}

// A Damage is a file that is not as it was written, and what is wrong with it.
type Damage struct{ Path, What string }

func (d Damage) String() string { return d.Path + ": " + d.What }

// Verify reads every file that any snapshot names: is it there, has it its size and
// its sum, as many rows as the manifest says, and each row the hash that it was
// given? Rows are read with a library that shares no code with the one that wrote
// them. Then the chain of commits: each snapshot's parent, order, time and pins.
//
// The version hint is left out: it decides nothing, and each commit renews it. seen,
// which may be nil, is told of each data file before it is read.
func (l *Lake) Verify(ctx context.Context, seen func(path string)) (Verified, error) {
	v := &verifier{lake: l, seen: seen, snapshots: map[string]map[int64]bool{}, newest: map[string]int64{}}
	sources, err := l.catalog.ListNamespaces(ctx, nil)
	if err != nil {
		return v.Verified, fmt.Errorf("lake %s: %w", l.root, err)
	}
	for _, source := range sources {
		for ident, err := range l.catalog.ListTables(ctx, source) {
			if err != nil {
				return v.Verified, fmt.Errorf("tables of %s: %w", source[0], err)
			}
			if err := v.verifyTable(ctx, ident); err != nil {
				return v.Verified, fmt.Errorf("table %s: %w", strings.Join(ident, "."), err)
			}
		}
	}
	for _, p := range v.pins {
		switch isThere := v.snapshots[p.table][p.snapshot]; {
		case !isThere && p.isHead && v.newest[p.table] > p.at:
			v.Outdated = append(v.Outdated, Damage{Path: p.table, What: "is ahead of its stream's checkpoint, since a reading broke off, and the snapshot that belongs to it is not kept"})
		case !isThere:
			v.damaged(p.by, "names snapshot %d of %s, which is not there", p.snapshot, p.table)
		}
	}
	return v.Verified, nil
}

// A verifier goes through one lake.
type verifier struct {
	Verified
	lake      *Lake
	seen      func(path string)
	snapshots map[string]map[int64]bool // by source.table
	newest    map[string]int64          // by source.table: when its newest snapshot was made, in milliseconds
	pins      []namedPin                // looked at when all tables are known
	location  string                    // of the table at hand, as its metadata has it
}

// A namedPin is a snapshot that another table's snapshot needs.
type namedPin struct {
	by, table string
	snapshot  int64
	isHead    bool  // by the newest checkpoint, for which a newer snapshot will do
	at        int64 // when that checkpoint was made, in milliseconds
}

func (v *verifier) damaged(path, what string, args ...any) {
	d := Damage{Path: path, What: fmt.Sprintf(what, args...)}
	if !slices.Contains(v.Damages, d) {
		v.Damages = append(v.Damages, d)
	}
}

// verifyTable gives an error only where nothing can be said of the files.
func (v *verifier) verifyTable(ctx context.Context, ident table.Identifier) error {
	opened, readable, err := v.openFresh(ctx, ident)
	if err != nil || !readable {
		return err
	}
	v.Tables++
	if what := v.lake.outdated(v.location, opened.Metadata()); what != "" {
		v.Outdated = append(v.Outdated, Damage{Path: strings.Join(ident, "."), What: what})
	}
	files, err := opened.FS(ctx)
	if err != nil {
		return err
	}
	if remote, isRemote := files.(*remoteFiles); isRemote {
		files = fresh{remote}
	}
	t := &tableCheck{
		verifier: v, table: opened, files: files, checked: map[string]bool{},
		sums: parseSums(opened.Properties()[sumsProperty]), orders: lastOrders(opened.Metadata()),
	}
	t.isShared = slices.ContainsFunc(opened.Metadata().Snapshots(), func(s table.Snapshot) bool {
		return !isOurs(&s) || summaryOf(&s)[adoptedProperty] != ""
	})
	if t.isShared {
		v.Shared = append(v.Shared, strings.Join(ident, "."))
	}
	v.snapshots[ident[0]+"."+ident[1]] = map[int64]bool{}
	for _, snapshot := range opened.Metadata().Snapshots() {
		v.snapshots[ident[0]+"."+ident[1]][snapshot.SnapshotID] = true
		v.newest[ident[0]+"."+ident[1]] = max(v.newest[ident[0]+"."+ident[1]], snapshot.TimestampMs)
		v.Snapshots++
		if err := ctx.Err(); err != nil {
			return err
		}
		t.checkSnapshot(ctx, &snapshot)
	}
	t.checkChain()
	return nil
}

// openFresh opens a table from what lies on the disk now, and looks at the seals of
// all versions that are still there.
func (v *verifier) openFresh(ctx context.Context, ident table.Identifier) (opened *table.Table, readable bool, err error) {
	folder, inFolder := v.lake.catalog.(*folderCatalog)
	if !inFolder {
		if opened, err = v.lake.catalog.LoadTable(ctx, ident); err != nil {
			return nil, false, err
		}
		v.location = v.lake.real(opened.Location())
		return opened, true, nil
	}
	number, path, err := folder.newest(ident)
	if err != nil {
		return nil, false, err
	}
	for n := number; n > 0; n-- {
		older := filepath.Join(filepath.Dir(path), fmt.Sprintf("v%d.metadata.json", n))
		content, err := folder.disk.ReadFile(older)
		if err != nil && n < number {
			break // cleaned up, and all before it
		}
		v.Files++
		if err != nil {
			v.damaged(older, "can't be read: %v", err)
			return nil, false, nil
		}
		if !isSealed(content) {
			v.damaged(older, "is not as it was sealed")
		}
		if n < number {
			continue
		}
		metadata, err := table.ParseMetadataBytes(content)
		if err != nil {
			v.damaged(older, "is no Iceberg metadata: %v", err)
			return nil, false, nil
		}
		found, err := folder.versionOf(ident, n, older, metadata)
		if err != nil {
			v.damaged(older, "%v", err)
			return nil, false, nil
		}
		opened, v.location = folder.open(ident, found), found.location
	}
	return opened, true, nil
}

// A tableCheck is one table being verified.
type tableCheck struct {
	*verifier
	table   *table.Table
	files   opener
	sums    map[string]sum
	orders  int64           // the highest _order that any snapshot tells
	checked map[string]bool // by path: snapshots share most files

	isShared bool // another engine made snapshots of it, whose files have no sums
}

func lastOrders(metadata table.Metadata) int64 {
	var highest int64
	for _, snapshot := range metadata.Snapshots() {
		if order, err := lastOrder(&snapshot); err == nil {
			highest = max(highest, order)
		}
	}
	return highest
}

// checkSnapshot looks at all files that a snapshot names.
func (t *tableCheck) checkSnapshot(ctx context.Context, snapshot *table.Snapshot) {
	if !t.checkFile(snapshot.ManifestList, -1) {
		return
	}
	manifests, err := snapshot.Manifests(t.files)
	if err != nil {
		t.damaged(snapshot.ManifestList, "can't be read as a list of manifests: %v", err)
		return
	}
	for _, manifest := range manifests {
		if t.checked[t.lake.real(manifest.FilePath())] || !t.checkFile(manifest.FilePath(), manifest.Length()) {
			continue
		}
		for entry, err := range manifest.Entries(t.files, true) {
			if err != nil {
				t.damaged(manifest.FilePath(), "can't be read as a manifest: %v", err)
				break
			}
			t.checkData(ctx, entry.DataFile())
		}
	}
}

// checkFile tells whether a file is there as it was written. size -1: nobody wrote it down.
func (t *tableCheck) checkFile(path string, size int64) (whole bool) {
	path = t.lake.real(path)
	if t.checked[path] {
		return true
	}
	t.checked[path] = true
	t.Files++
	file, err := t.files.Open(path)
	if err != nil {
		t.damaged(path, "is missing: %v", err)
		return false
	}
	defer file.Close()
	hash := sha256.New()
	read, err := io.Copy(hash, file)
	if err != nil {
		t.damaged(path, "can't be read: %v", err)
		return false
	}
	if size >= 0 && read != size {
		t.damaged(path, "has %d bytes instead of %d", read, size)
		return false
	}
	written, known := t.sums[markOf(t.lake.inTable(t.table.Location(), path))]
	switch {
	case known && written != sumOf(hash):
		t.damaged(path, "has another sum than when it was written")
		return false
	case !known && t.isShared:
		return true // another engine wrote it; rows are still held against their hashes
	case !known:
		t.damaged(path, "has no sum in the table's metadata")
		return false
	}
	t.checkCopy(path, written)
	return true
}

func (t *tableCheck) checkData(ctx context.Context, file iceberg.DataFile) {
	path := t.lake.real(file.FilePath())
	if t.checked[path] || ctx.Err() != nil {
		return
	}
	if t.seen != nil {
		t.seen(path)
	}
	if !t.checkFile(path, file.FileSizeBytes()) {
		return
	}
	t.Bytes += file.FileSizeBytes()
	rows, err := t.checkRows(path)
	if err != nil {
		t.damaged(path, "%v", err)
		return
	}
	if rows != file.Count() {
		t.damaged(path, "has %d rows instead of %d", rows, file.Count())
	}
	t.Rows += rows
}

// checkChain looks at how the snapshots follow each other.
func (t *tableCheck) checkChain() {
	metadata, path := t.table.Metadata(), t.table.MetadataLocation()
	isMain := t.table.Properties()[roleProperty] == mainRole
	for at := metadata.CurrentSnapshot(); at != nil; {
		order, err := lastOrder(at)
		switch {
		case err != nil:
			t.damaged(path, "%v", err)
		case isMain:
			t.notePins(at, path)
		}
		if at.ParentSnapshotID == nil {
			return
		}
		parent := metadata.SnapshotByID(*at.ParentSnapshotID)
		if parent == nil {
			return // expired, and all before it
		}
		before, err := lastOrder(parent)
		if err == nil && (before > order || !committedAt(at).After(committedAt(parent)) || parent.SequenceNumber >= at.SequenceNumber) {
			t.damaged(path, "snapshot %d does not follow its parent %d: _order %s, at %s, after %d, at %s", at.SnapshotID, parent.SnapshotID,
				strconv.FormatInt(order, 10), committedAt(at), before, committedAt(parent))
		}
		at = parent
	}
}

func (t *tableCheck) notePins(at *table.Snapshot, path string) {
	pins, err := pinsOf(at)
	if err != nil {
		t.damaged(path, "snapshot %d: %v", at.SnapshotID, err)
		return
	}
	source := t.table.Identifier()[0]
	for _, p := range pins {
		if p.Snapshot != 0 {
			isHead := at.SnapshotID == t.table.CurrentSnapshot().SnapshotID
			t.pins = append(t.pins, namedPin{by: path, table: source + "." + p.Table, snapshot: p.Snapshot, isHead: isHead, at: at.TimestampMs})
		}
	}
}

var errRowHash = errors.New("a row does not have the hash that it was given")

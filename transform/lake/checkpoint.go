package lake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	icebergio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
)

// A Checkpoint is all of a dataset at one moment: where reading goes on, and
// exactly the files that hold what was read until there.
type Checkpoint struct {
	Cursor connectors.Cursor
	Tables []Pinned  // the stream's tables in its order, then its rejects
	At     time.Time // when it was committed
}

// IsZero tells that nothing has been read yet.
func (c Checkpoint) IsZero() bool { return len(c.Tables) == 0 }

// A Pinned is one table at one snapshot. Its rows are all that were ever read: of
// the rows of a key the one with the highest Version counts (null is the lowest),
// among equals the one with the highest _order.
//
// Schema has all columns that the table has today, _order and _hash among them.
// A file lacks those that came after it, and then they are null; it may hold a
// column in a narrower type, or under the name that Former says it had.
type Pinned struct {
	Table    string
	Key      []string
	Version  string // "" when reading order decides
	Snapshot int64  // 0 when the table has no rows yet
	Files    []File
	Rows     int64
	Schema   *arrow.Schema
	Former   map[string][]string // by column
}

// Contents is a text that is another one when the table's rows are others.
func (p Pinned) Contents() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %v %s\n", p.Key, p.Version, p.Former, p.Schema)
	for _, file := range p.Files {
		fmt.Fprintf(&b, "%q %d %d\n", file.Path, file.Bytes, file.Rows)
	}
	return b.String()
}

// A File is a Parquet file, by its absolute path or its URL in a bucket. It never changes.
type File struct {
	Path        string
	Bytes, Rows int64
	Copy        string // of a file in a bucket: where Fetch brings it on this machine
}

// Here is where the file can be read on this machine; in a bucket, after Fetch.
func (f File) Here() string {
	if f.Copy != "" {
		return f.Copy
	}
	return f.Path
}

// What a snapshot says of itself, beside Iceberg's own figures.
const (
	cursorProperty = "merit.cursor" // main table only: where reading goes on
	atProperty     = "merit.at"     // when it was committed, in UTC
	pinsProperty   = "merit.pins"   // main table only: the snapshots that belong together
	orderProperty  = "merit.order"  // the highest _order in the table
	writerProperty = "merit.writer" // which Append wrote it
	fenceProperty  = "merit.fence"  // the number of the lock that its process held
)

// A pin says which snapshot of a table belongs to a checkpoint.
type pin struct {
	Table    string   `json:"table"`
	Snapshot int64    `json:"snapshot,string,omitempty"` // none for the main table, whose snapshot says this
	Key      []string `json:"key"`
	Version  string   `json:"version,omitempty"`
}

// Head is the newest checkpoint; a zero one when nothing was read yet.
func (d *Dataset) Head(ctx context.Context) (Checkpoint, error) {
	return d.pick(ctx, func(main *table.Table) (*table.Snapshot, error) { return main.CurrentSnapshot(), nil })
}

// At is the newest checkpoint that was committed at t or before; a zero one when
// there was none yet, and an error when there was one that is no longer kept.
func (d *Dataset) At(ctx context.Context, t time.Time) (Checkpoint, error) {
	return d.pick(ctx, func(main *table.Table) (*table.Snapshot, error) {
		var newest *table.Snapshot // not along the parents: expired ones are missing there
		for _, snapshot := range checkpointsOf(main.Metadata()) {
			at := committedAt(&snapshot)
			if !at.After(t) && (newest == nil || at.After(committedAt(newest))) {
				newest = &snapshot
			}
		}
		if first, known := firstRead(main.Metadata()); newest == nil && main.CurrentSnapshot() != nil && (!known || !first.After(t)) {
			return nil, d.notKept(main.Metadata(), t)
		}
		return newest, nil
	})
}

// Pinned is the checkpoint that pins just these snapshots, by table; a zero one when
// none does any more: it expired, or an erasure has rewritten it.
func (d *Dataset) Pinned(ctx context.Context, snapshots map[string]int64) (Checkpoint, error) {
	return d.pick(ctx, func(main *table.Table) (*table.Snapshot, error) {
		for _, snapshot := range main.Metadata().Snapshots() {
			if pinsJust(&snapshot, snapshots) {
				return &snapshot, nil
			}
		}
		return nil, nil
	})
}

func pinsJust(main *table.Snapshot, snapshots map[string]int64) bool {
	pins, err := pinsOf(main)
	if err != nil || len(pins) == 0 {
		return false
	}
	for i, p := range pins {
		at := p.Snapshot
		if i == 0 {
			at = main.SnapshotID
		}
		if wanted, named := snapshots[p.Table]; !named || wanted != at {
			return false
		}
	}
	return true
}

func (d *Dataset) pick(ctx context.Context, which func(*table.Table) (*table.Snapshot, error)) (Checkpoint, error) {
	if err := d.checkNames(); err != nil {
		return Checkpoint{}, err
	}
	main, err := d.loadMain(ctx)
	if err != nil || main == nil {
		return Checkpoint{}, err
	}
	snapshot, err := which(main)
	if snapshot == nil {
		return Checkpoint{}, err
	}
	return d.checkpoint(ctx, main, snapshot)
}

// checkpoint gathers what a snapshot of the main table pins. Tables that are open
// already need not be given.
func (d *Dataset) checkpoint(ctx context.Context, main *table.Table, snapshot *table.Snapshot, open ...*table.Table) (Checkpoint, error) {
	c := Checkpoint{Cursor: cursorOf(snapshot), At: committedAt(snapshot)}
	pins, err := pinsOf(snapshot)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%s.%s, snapshot %d: %w", d.source, d.stream, snapshot.SnapshotID, err)
	}
	for i, p := range pins {
		pinned, at := main, snapshot
		if i > 0 {
			isHead := snapshot.SnapshotID == main.CurrentSnapshot().SnapshotID
			if pinned, at, err = d.companion(ctx, p, isHead, open); err != nil {
				return Checkpoint{}, err
			}
		}
		one, err := d.pinTable(ctx, p, pinned, at)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("table %s.%s: %w", d.source, p.Table, err)
		}
		c.Tables = append(c.Tables, one)
	}
	return c, nil
}

// companion finds the table and the snapshot that a pin means; no snapshot when
// the table was empty.
//
// Where a reading died between the commits of companion and main table, the catalog may
// have only the companion's newer snapshot: some keep one a table, and another engine may
// have expired the others. For the head that one will do. It has all rows of the one that
// is pinned, since none is ever taken away, and those ahead of the cursor, which are read again.
func (d *Dataset) companion(ctx context.Context, p pin, isHead bool, open []*table.Table) (*table.Table, *table.Snapshot, error) {
	var found *table.Table
	for _, t := range open {
		if t.Identifier()[1] == p.Table {
			found = t
		}
	}
	if found == nil {
		loaded, err := d.load(ctx, p.Table)
		if err != nil {
			return nil, nil, err
		}
		if loaded == nil {
			return nil, nil, fmt.Errorf("table %s.%s is gone, which %s needs", d.source, p.Table, d.stream)
		}
		found = loaded
	}
	at := found.SnapshotByID(p.Snapshot)
	if at != nil || p.Snapshot == 0 {
		return found, at, nil
	}
	if head := found.CurrentSnapshot(); isHead && head != nil {
		return found, head, notOurs(head)
	}
	return nil, nil, fault.Errorf(fault.You, "table %s.%s has no snapshot %d any more, which this checkpoint of %s needs: another engine expired it, or the catalog keeps only the newest",
		d.source, p.Table, p.Snapshot, d.stream)
}

// pinTable tells a table's files at a snapshot, which is nil for a table without any.
func (d *Dataset) pinTable(ctx context.Context, p pin, pinned *table.Table, at *table.Snapshot) (Pinned, error) {
	schema, err := shapeOf(pinned.Schema())
	if err != nil {
		return Pinned{}, err
	}
	one := Pinned{Table: p.Table, Key: p.Key, Version: p.Version, Schema: schema.plain()}
	one.Former = formerNames(pinned.Metadata(), one.Schema.Fields())
	if at == nil {
		return one, nil
	}
	one.Snapshot = at.SnapshotID
	err = d.lake.eachFile(ctx, pinned, at, func(file iceberg.DataFile) {
		path := d.lake.real(file.FilePath())
		one.Files = append(one.Files, File{Path: path, Bytes: file.FileSizeBytes(), Rows: file.Count(), Copy: d.lake.copyOf(path)})
		one.Rows += file.Count()
	})
	slices.SortFunc(one.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return one, err
}

// eachFile visits a snapshot's data files, with the bounds of their columns.
func (l *Lake) eachFile(ctx context.Context, t *table.Table, at *table.Snapshot, visit func(iceberg.DataFile)) error {
	disk, err := t.FS(ctx)
	if err != nil {
		return err
	}
	manifests, err := at.Manifests(disk)
	if err != nil {
		return err
	}
	for _, manifest := range manifests {
		files, err := l.manifests.files(disk, manifest)
		if err != nil {
			return fmt.Errorf("manifest %s: %w", manifest.FilePath(), err)
		}
		for _, file := range files {
			visit(file)
		}
	}
	return nil
}

// A manifestCache keeps manifests that were read. They never change, and snapshots share
// most of them.
type manifestCache struct {
	mutex sync.Mutex
	read  map[string][]iceberg.DataFile
}

// manifestsCached is how many manifests are kept; more than a few datasets need.
const manifestsCached = 1000

func (s *manifestCache) files(disk icebergio.IO, manifest iceberg.ManifestFile) ([]iceberg.DataFile, error) {
	s.mutex.Lock()
	files, there := s.read[manifest.FilePath()]
	s.mutex.Unlock()
	if there {
		return files, nil
	}
	projection := iceberg.ManifestEntryProjection{IncludePruningStats: true}
	for entry, err := range iceberg.EntriesWithProjection(disk, manifest, true, projection) {
		if err != nil {
			return nil, err
		}
		files = append(files, entry.DataFile())
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.read == nil || len(s.read) >= manifestsCached {
		s.read = map[string][]iceberg.DataFile{}
	}
	s.read[manifest.FilePath()] = files
	return files, nil
}

func summaryOf(snapshot *table.Snapshot) iceberg.Properties {
	if snapshot == nil || snapshot.Summary == nil {
		return nil
	}
	return snapshot.Summary.Properties
}

func cursorOf(snapshot *table.Snapshot) connectors.Cursor {
	return connectors.Cursor(summaryOf(snapshot)[cursorProperty])
}

func pinsOf(snapshot *table.Snapshot) ([]pin, error) {
	var pins []pin
	if err := notOurs(snapshot); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(summaryOf(snapshot)[pinsProperty]), &pins); err != nil {
		return nil, fmt.Errorf("%s: %w", pinsProperty, err)
	}
	if len(pins) == 0 {
		return nil, fmt.Errorf("%s names no table", pinsProperty)
	}
	for i := range pins { // an earlier version may have written them
		pins[i].Version = currentName(pins[i].Version)
		for k, column := range pins[i].Key {
			pins[i].Key[k] = currentName(column)
		}
	}
	return pins, nil
}

// committedAt is when a snapshot was committed, by our own mark, which is finer
// than Iceberg's and never goes back.
func committedAt(snapshot *table.Snapshot) time.Time {
	if snapshot == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, summaryOf(snapshot)[atProperty])
	if err != nil {
		return time.UnixMilli(snapshot.TimestampMs).UTC()
	}
	return at
}

// lastOrder is the highest _order that a table holds.
func lastOrder(snapshot *table.Snapshot) (int64, error) {
	if snapshot == nil {
		return 0, nil
	}
	if err := notOurs(snapshot); err != nil {
		return 0, err
	}
	order, err := strconv.ParseInt(summaryOf(snapshot)[orderProperty], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("snapshot %d: %s: %w", snapshot.SnapshotID, orderProperty, err)
	}
	return order, nil
}

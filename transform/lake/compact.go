package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// Compacted counts what Compact did: files that became fewer.
type Compacted struct{ Before, After int }

// What is compacted. A group is sorted in memory, which its limits bound; DuckDB
// and BigQuery read files of this size as fast as larger ones.
const (
	groupRows  = 250_000
	groupBytes = 16 << 20
	smallRows  = groupRows / 2
	smallBytes = groupBytes / 2
	fewFiles   = 8 // fewer small files than this are left alone
)

// Compact brings the many small files of increments together into few, in each of
// which rows are sorted by key, version and order. No row is lost or changed: all
// that was ever read stays, the cursor too, and older snapshots keep their files
// until they expire.
func (d *Dataset) Compact(ctx context.Context) (Compacted, error) {
	var done Compacted
	main, err := d.loadMain(ctx)
	if err != nil || main == nil || main.CurrentSnapshot() == nil {
		return done, err
	}
	head := main.CurrentSnapshot()
	pins, err := pinsOf(head)
	if err != nil {
		return done, fmt.Errorf("%s.%s: %w", d.source, d.stream, err)
	}
	writer, err := newWriter()
	if err != nil {
		return done, err
	}
	at := d.lake.nextInstant(head)
	isNew := false
	for i := range pins[1:] {
		p := &pins[i+1]
		companion, _, err := d.companion(ctx, *p, true, nil)
		if err != nil {
			return done, err
		}
		made, err := d.compactTable(ctx, *p, companion, d.lake.summary(at, writer), &done)
		if err != nil {
			return done, err
		}
		if made != nil {
			p.Snapshot, isNew = made.CurrentSnapshot().SnapshotID, true
		}
	}
	summary := d.lake.summary(at, writer)
	summary[cursorProperty], summary[sinceProperty] = summaryOf(head)[cursorProperty], since(main, at)
	text, err := json.Marshal(pins)
	if err != nil {
		return done, err
	}
	summary[pinsProperty] = string(text)
	made, err := d.compactTable(ctx, pins[0], main, summary, &done)
	if err != nil || made != nil || !isNew {
		return done, err
	}
	return done, d.repin(ctx, main, summary)
}

// repin commits which snapshots belong together, after a companion got a new one.
func (d *Dataset) repin(ctx context.Context, main *table.Table, summary iceberg.Properties) error {
	name := d.source + "." + main.Identifier()[1]
	if err := d.lake.checkFence(main.CurrentSnapshot(), name); err != nil {
		return err
	}
	shape, err := shapeOf(main.Schema())
	if err != nil {
		return err
	}
	summary[orderProperty] = summaryOf(main.CurrentSnapshot())[orderProperty]
	change := main.NewTransaction()
	if err := appendNothing(ctx, change, shape.arrow, summary); err != nil {
		return fmt.Errorf("compacting %s: %w", name, err)
	}
	if _, err := change.Commit(ctx); err != nil {
		return fmt.Errorf("compacting %s: %w", name, err)
	}
	return nil
}

// compactTable replaces small files; nil when there are too few of them.
//
// The library plans and commits such a rewrite, too; its own rewriting would not
// sort, and would lose the encodings that filewriter.go chooses.
func (d *Dataset) compactTable(ctx context.Context, p pin, t *table.Table, summary iceberg.Properties, done *Compacted) (*table.Table, error) {
	head := t.CurrentSnapshot()
	name := d.source + "." + p.Table
	if head == nil {
		return nil, nil
	}
	if err := d.lake.checkFence(head, name); err != nil {
		return nil, err
	}
	var small []iceberg.DataFile
	err := d.lake.eachFile(ctx, t, head, func(f iceberg.DataFile) {
		if f.Count() < smallRows && f.FileSizeBytes() < smallBytes {
			small = append(small, f)
		}
	})
	if err != nil || len(small) < fewFiles {
		return nil, err
	}
	summary[orderProperty] = summaryOf(head)[orderProperty]
	change := t.NewTransaction()
	rewrite := change.NewRewrite(summary)
	for _, group := range groupsOf(small) {
		if len(group) < 2 {
			continue
		}
		one, err := d.sortTogether(ctx, p, t, group)
		if err != nil {
			return nil, fmt.Errorf("compacting %s: %w", name, err)
		}
		rewrite.ApplyResult(table.CompactionGroupResult{OldDataFiles: group, NewDataFiles: []iceberg.DataFile{one}})
		done.Before, done.After = done.Before+len(group), done.After+1
	}
	if err := rewrite.Commit(ctx); err != nil {
		return nil, fmt.Errorf("compacting %s: %w", name, err)
	}
	committed, err := change.Commit(ctx)
	if err != nil {
		return nil, fmt.Errorf("compacting %s: %w", name, err)
	}
	return committed, nil
}

// groupsOf puts files together that are sorted in one go, in reading order.
func groupsOf(files []iceberg.DataFile) [][]iceberg.DataFile {
	slices.SortFunc(files, func(a, b iceberg.DataFile) int { return strings.Compare(a.FilePath(), b.FilePath()) })
	var groups [][]iceberg.DataFile
	var rows, bytes int64
	for _, f := range files {
		rows, bytes = rows+f.Count(), bytes+f.FileSizeBytes()
		if len(groups) == 0 || rows > groupRows || bytes > groupBytes {
			groups = append(groups, nil)
			rows, bytes = f.Count(), f.FileSizeBytes()
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], f)
	}
	return groups
}

// History says how long checkpoints are kept for --as-of.
type History struct {
	Keep  time.Duration // older ones expire, but for the one that stood when this began
	Every time.Duration // of those older than this only each day's last stays; 0: all stay
}

// Expire lets go of checkpoints that are older than the history wants, and tells
// how many. Their files are removed by CleanUp.
func (d *Dataset) Expire(ctx context.Context, history History) (int, error) {
	main, err := d.loadMain(ctx)
	if err != nil || main == nil || main.CurrentSnapshot() == nil || !mayRemoveFiles(main) {
		return 0, err
	}
	needed := referenced(main.Metadata())
	needed[main.CurrentSnapshot().SnapshotID] = true
	kept, gone := history.divide(checkpointsOf(main.Metadata()), needed, d.lake.now())
	pinned := map[string]map[int64]bool{}
	for _, snapshot := range kept {
		pins, err := pinsOf(&snapshot)
		if err != nil {
			return 0, fmt.Errorf("%s.%s: %w", d.source, d.stream, err)
		}
		for _, p := range pins[1:] {
			if pinned[p.Table] == nil {
				pinned[p.Table] = map[int64]bool{}
			}
			pinned[p.Table][p.Snapshot] = true
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	if err := d.dropSnapshots(ctx, main, gone); err != nil {
		return 0, err
	}
	for name, wanted := range pinned {
		companion, err := d.load(ctx, name)
		if err != nil {
			return 0, err
		}
		if companion == nil || companion.CurrentSnapshot() == nil {
			continue
		}
		var unpinned []int64
		needed := referenced(companion.Metadata())
		for _, snapshot := range companion.Metadata().Snapshots() {
			if !wanted[snapshot.SnapshotID] && !needed[snapshot.SnapshotID] && snapshot.SnapshotID != companion.CurrentSnapshot().SnapshotID {
				unpinned = append(unpinned, snapshot.SnapshotID)
			}
		}
		if err := d.dropSnapshots(ctx, companion, unpinned); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

// divide parts the snapshots that stay from those that go. Those that are needed always stay.
func (h History) divide(all []table.Snapshot, needed map[int64]bool, now time.Time) (kept []table.Snapshot, gone []int64) {
	slices.SortFunc(all, func(a, b table.Snapshot) int { return committedAt(&a).Compare(committedAt(&b)) })
	for i, snapshot := range all {
		at := committedAt(&snapshot)
		last := i == len(all)-1
		var next time.Time
		if !last {
			next = committedAt(&all[i+1])
		}
		expired := !last && !next.After(now.Add(-h.Keep)) // not what stood when the history began
		sameDay := !last && next.UTC().Truncate(24*time.Hour).Equal(at.UTC().Truncate(24*time.Hour))
		thinned := h.Every > 0 && sameDay && at.Before(now.Add(-h.Every))
		if !needed[snapshot.SnapshotID] && (expired || thinned) {
			gone = append(gone, snapshot.SnapshotID)
			continue
		}
		kept = append(kept, snapshot)
	}
	return kept, gone
}

// dropSnapshots takes snapshots out of a table's metadata. Files are left to CleanUp.
func (d *Dataset) dropSnapshots(ctx context.Context, t *table.Table, ids []int64) error {
	if len(ids) == 0 || !mayRemoveFiles(t) {
		return nil
	}
	name := strings.Join(t.Identifier(), ".")
	head := t.CurrentSnapshot()
	if err := d.lake.checkFence(head, name); err != nil {
		return err
	}
	named, err := d.lake.namedFiles(t, ids...)
	if err != nil {
		return fmt.Errorf("expiring %s: %w", name, err)
	}
	needs := []table.Requirement{table.AssertRefSnapshotID(table.MainBranch, &head.SnapshotID)}
	updates := []table.Update{table.NewRemoveSnapshotsUpdate(ids, false)}
	if sums := t.Properties()[sumsProperty]; sums != "" {
		updates = append(updates, table.NewSetPropertiesUpdate(iceberg.Properties{
			sumsProperty: d.lake.keepSums(sums, t.Location(), named),
		}))
	}
	if _, _, err := d.lake.catalog.CommitTable(ctx, t.Identifier(), needs, updates); err != nil {
		return fmt.Errorf("expiring %s: %w", name, err)
	}
	return nil
}

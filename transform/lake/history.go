package lake

import (
	"slices"
	"time"

	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// sinceProperty is when the stream's first checkpoint was committed; the main table's
// snapshots say it. By it a checkpoint that is no longer kept is told from one that never was.
const sinceProperty = "merit.since"

// firstRead is when a stream was first read, by what its main table still says; false
// when that can't be told any more.
func firstRead(metadata table.Metadata) (time.Time, bool) {
	oldest := metadata.CurrentSnapshot()
	if oldest == nil {
		return time.Time{}, false
	}
	for _, snapshot := range checkpointsOf(metadata) {
		if said, err := time.Parse(time.RFC3339Nano, summaryOf(&snapshot)[sinceProperty]); err == nil {
			return said, true
		}
		if committedAt(&snapshot).Before(committedAt(oldest)) {
			oldest = &snapshot
		}
	}
	return committedAt(oldest), oldest.ParentSnapshotID == nil && oldest.SequenceNumber <= 1
}

// since is what a new snapshot of the main table says of the first one; "" when nobody knows.
func since(head *table.Table, at time.Time) string {
	if head.CurrentSnapshot() == nil {
		return at.Format(time.RFC3339Nano)
	}
	first, known := firstRead(head.Metadata())
	if !known {
		return ""
	}
	return first.Format(time.RFC3339Nano)
}

// checkpointsOf are a main table's snapshots that readings made, and those that count as
// such. What lies on branches of other engines does not.
func checkpointsOf(metadata table.Metadata) []table.Snapshot {
	aside := onOtherBranches(metadata)
	return slices.DeleteFunc(metadata.Snapshots(), func(s table.Snapshot) bool { return !isOurs(&s) || aside[s.SnapshotID] })
}

// onOtherBranches are the snapshots that other engines made on branches beside main.
func onOtherBranches(metadata table.Metadata) map[int64]bool {
	onMain := map[int64]bool{}
	for at := metadata.CurrentSnapshot(); at != nil && !onMain[at.SnapshotID]; at = parentOf(metadata, at) {
		onMain[at.SnapshotID] = true
	}
	aside := map[int64]bool{}
	for name, ref := range metadata.Refs() {
		if name == table.MainBranch || ref.SnapshotRefType != table.BranchRef {
			continue
		}
		for at := metadata.SnapshotByID(ref.SnapshotID); at != nil && !onMain[at.SnapshotID] && !aside[at.SnapshotID]; at = parentOf(metadata, at) {
			if isOurs(at) && summaryOf(at)[adoptedProperty] == "" {
				break // a checkpoint, of which a later one may have expired
			}
			aside[at.SnapshotID] = true
		}
	}
	return aside
}

func parentOf(metadata table.Metadata, s *table.Snapshot) *table.Snapshot {
	if s.ParentSnapshotID == nil {
		return nil
	}
	return metadata.SnapshotByID(*s.ParentSnapshotID)
}

// referenced are the snapshots that tags and branches of other engines need: none of
// them may expire.
func referenced(metadata table.Metadata) map[int64]bool {
	needed := onOtherBranches(metadata)
	for name, ref := range metadata.Refs() {
		if name != table.MainBranch {
			needed[ref.SnapshotID] = true
		}
	}
	return needed
}

// mayRemoveFiles tells whether the owner of the catalog lets files of a table be removed:
// "gc.enabled" is false where others may know of snapshots that this metadata does not name.
func mayRemoveFiles(t *table.Table) bool { return t.Properties().GetBool("gc.enabled", true) }

// notKept refuses to go back to where no checkpoint is kept any more.
func (d *Dataset) notKept(metadata table.Metadata, t time.Time) error {
	oldest := metadata.CurrentSnapshot()
	for _, snapshot := range checkpointsOf(metadata) {
		if committedAt(&snapshot).Before(committedAt(oldest)) {
			oldest = &snapshot
		}
	}
	return fault.Errorf(fault.You, "what %s.%s held at %s is no longer kept: its oldest checkpoint is of %s; earlier ones expired (history in merit.yml, or another engine's "+
		"expire_snapshots), or the catalog keeps only the newest", d.source, d.stream, t.UTC().Format(time.RFC3339), committedAt(oldest).Format(time.RFC3339))
}

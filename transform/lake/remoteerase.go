package lake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// eraseRemote takes everybody on the list out of a source's tables in a bucket. A
// catalog lets nobody change a snapshot, so every snapshot of a table that has the
// person is replaced by a new one, with the cursor, the instant and the order of the old one,
// and then the old ones are removed. At each moment the main table's checkpoints name
// snapshots that are there:
//
//  1. companions: the new snapshots come beside the old ones;
//  2. main table: new snapshots that name the companions' new ones take the place of
//     the old ones, in one commit;
//  3. companions: snapshots that no checkpoint names are removed;
//  4. files that nothing names any longer are removed, the objects and the copies.
//
// A process that dies in between does it again from the start.
func (l *Lake) eraseRemote(ctx context.Context, source string) (Erased, error) {
	var done Erased
	files := l.disk.(*remoteFiles)
	switch keeps, err := files.store.Keeps(ctx); {
	case err != nil:
		return done, err
	case keeps != "":
		return done, fault.Errorf(fault.You, "erasing people in %s: the bucket keeps %s; switch that off, or what is erased can be had back", l.root, keeps)
	}
	datasets, err := l.Datasets(ctx)
	if err != nil {
		return done, err
	}
	for _, d := range datasets {
		if d.source != source {
			continue
		}
		err := d.eraseRemote(ctx, files, &done)
		if err != nil && strings.Contains(err.Error(), unsupported) {
			return done, fault.Errorf(fault.You, "this catalog lets nobody replace a snapshot, so nobody can be erased from a lake that it keeps; move the lake to a folder or to another catalog: erasing in %s.%s: %w", d.source, d.stream, err)
		}
		if err != nil {
			return done, fmt.Errorf("erasing in %s.%s: %w", d.source, d.stream, err)
		}
	}
	if _, err = l.CleanUp(ctx, 0); err != nil {
		return done, err
	}
	return done, l.refuseKeptFiles(ctx, source)
}

// refuseKeptFiles names tables of which an erasure had to leave the earlier files.
func (l *Lake) refuseKeptFiles(ctx context.Context, source string) error {
	return l.eachTable(ctx, func(t *table.Table) error {
		if t.Identifier()[0] != source || mayRemoveFiles(t) {
			return nil
		}
		return fault.Errorf(fault.You, "%s was rewritten, but its earlier files are still there: the catalog says gc.enabled=false, since it keeps earlier versions itself; "+
			"let the catalog's own garbage collection remove them (Nessie: nessie-gc)", strings.Join(t.Identifier(), "."))
	})
}

func (d *Dataset) eraseRemote(ctx context.Context, files *remoteFiles, done *Erased) error {
	main, err := d.loadMain(ctx)
	if err != nil || main == nil || main.CurrentSnapshot() == nil {
		return err
	}
	companions, err := d.companions(ctx, main)
	if err != nil {
		return err
	}
	return d.remakeAll(ctx, files, main, companions, func(t *table.Table) (remaking, error) {
		w, err := d.lake.tableWriterOf(t)
		e := &eraser{table: w, done: done, files: map[string]replacement{}, manifests: map[string][]iceberg.ManifestFile{}}
		return remaking{rewrite: e.rewriteSnapshot}, err
	})
}

// A remaking says what new snapshots of a table are like.
type remaking struct {
	rewrite func(context.Context, *table.Snapshot) (list string, err error) // "" when the old list stays
	also    []table.Update                                                  // is changed in the same commit; something is, even when all lists stay
}

// remakeAll replaces the snapshots of a stream's tables, the companions' first.
func (d *Dataset) remakeAll(ctx context.Context, files *remoteFiles, main *table.Table, companions []*table.Table, how func(*table.Table) (remaking, error)) error {
	moved := map[string]map[int64]int64{} // table → old snapshot → new one
	for _, t := range companions {
		of, err := how(t)
		if err != nil {
			return err
		}
		if moved[t.Identifier()[1]], err = d.remake(ctx, t, nil, of); err != nil {
			return err
		}
	}
	of, err := how(main)
	if err != nil {
		return err
	}
	if _, err = d.remake(ctx, main, moved, of); err != nil {
		return err
	}
	if err := d.dropUnpinned(ctx, companions); err != nil {
		return err
	}
	return d.removeOldVersions(ctx, files, append(companions, main))
}

// companions are the tables that any checkpoint names beside the main one.
func (d *Dataset) companions(ctx context.Context, main *table.Table) ([]*table.Table, error) {
	var found []*table.Table
	for _, snapshot := range checkpointsOf(main.Metadata()) {
		pins, err := pinsOf(&snapshot)
		if err != nil {
			return nil, err
		}
		for _, p := range pins[1:] {
			if slices.ContainsFunc(found, func(t *table.Table) bool { return t.Identifier()[1] == p.Table }) {
				continue
			}
			t, err := d.load(ctx, p.Table)
			if err != nil {
				return nil, err
			}
			if t != nil && t.CurrentSnapshot() != nil {
				found = append(found, t)
			}
		}
	}
	return found, nil
}

// remake replaces a table's snapshots by new ones, and tells which took the place of
// which; none when nothing changed and no companion moved. moved is nil for a companion,
// whose old snapshots stay for now.
func (d *Dataset) remake(ctx context.Context, t *table.Table, moved map[string]map[int64]int64, of remaking) (map[int64]int64, error) {
	name := strings.Join(t.Identifier(), ".")
	if err := d.lake.checkFence(t.CurrentSnapshot(), name); err != nil {
		return nil, err
	}
	old := onceEach(t.Metadata().Snapshots())
	isChanged := len(of.also) > 0 || len(old) < len(t.Metadata().Snapshots()) // one before broke off
	for _, companion := range moved {
		isChanged = isChanged || len(companion) > 0
	}
	lists := map[int64]string{}
	for _, same := range old {
		newest := same[len(same)-1]
		list, err := of.rewrite(ctx, &newest)
		if err != nil {
			return nil, fmt.Errorf("%s, snapshot %d: %w", name, newest.SnapshotID, err)
		}
		lists[newest.SnapshotID] = list
		isChanged = isChanged || list != ""
	}
	if !isChanged {
		return nil, nil
	}
	updates := slices.Clone(of.also)
	became := map[int64]int64{}
	for i, same := range old {
		newest := same[len(same)-1]
		made, err := d.lake.remade(newest, lists[newest.SnapshotID], moved)
		if err != nil {
			return nil, err
		}
		made.SequenceNumber, made.ParentSnapshotID = t.Metadata().LastSequenceNumber()+int64(i)+1, newest.ParentSnapshotID
		if parent := newest.ParentSnapshotID; parent != nil && became[*parent] != 0 {
			now := became[*parent]
			made.ParentSnapshotID = &now
		}
		for _, one := range same {
			became[one.SnapshotID] = made.SnapshotID
		}
		updates = append(updates, table.NewAddSnapshotUpdate(&made))
	}
	updates = append(updates, movedRefs(t.Metadata(), became)...)
	if moved != nil {
		updates = append(updates, table.NewRemoveSnapshotsUpdate(idsOf(t.Metadata().Snapshots()), false))
	}
	_, _, err := d.lake.catalog.CommitTable(ctx, t.Identifier(), []table.Requirement{
		table.AssertTableUUID(t.Metadata().TableUUID()), table.AssertRefSnapshotID(table.MainBranch, &t.CurrentSnapshot().SnapshotID),
	}, updates)
	return became, err
}

// movedRefs lets main, and tags and branches of other engines, name the snapshots that
// took the place of those that they named.
func movedRefs(metadata table.Metadata, became map[int64]int64) []table.Update {
	var updates []table.Update
	for name, ref := range metadata.Refs() {
		var refAge, snapshotAge int64
		keep := 0
		if ref.MaxRefAgeMs != nil {
			refAge = *ref.MaxRefAgeMs
		}
		if ref.MaxSnapshotAgeMs != nil {
			snapshotAge = *ref.MaxSnapshotAgeMs
		}
		if ref.MinSnapshotsToKeep != nil {
			keep = *ref.MinSnapshotsToKeep
		}
		updates = append(updates, table.NewSetSnapshotRefUpdate(name, became[ref.SnapshotID], ref.SnapshotRefType, refAge, snapshotAge, keep))
	}
	return updates
}

// onceEach gathers the snapshots that tell of one commit, in the order in which commits
// were made: there are several of one where an erasure broke off after companions'
// snapshots were replaced.
func onceEach(all []table.Snapshot) [][]table.Snapshot {
	slices.SortFunc(all, func(a, b table.Snapshot) int { return cmp.Compare(a.SequenceNumber, b.SequenceNumber) })
	var gathered [][]table.Snapshot
	place := map[string]int{}
	for _, one := range all {
		commit := summaryOf(&one)[atProperty] + " " + summaryOf(&one)[writerProperty]
		if !isOurs(&one) { // on a branch of another engine
			commit = strconv.FormatInt(one.SnapshotID, 10)
		}
		at, there := place[commit]
		if !there {
			at = len(gathered)
			place[commit] = at
			gathered = append(gathered, nil)
		}
		gathered[at] = append(gathered[at], one)
	}
	return gathered
}

// remade is a snapshot that tells what an old one told, of other files. Its instant
// for us is the old one's; Iceberg's own must not go back.
func (l *Lake) remade(old table.Snapshot, list string, moved map[string]map[int64]int64) (table.Snapshot, error) {
	made := table.Snapshot{
		SnapshotID: rand.Int64(), TimestampMs: max(l.now().UnixMilli(), old.TimestampMs), ManifestList: old.ManifestList, SchemaID: old.SchemaID,
		Summary: &table.Summary{Operation: old.Summary.Operation, Properties: iceberg.Properties{}},
	}
	if list != "" {
		made.ManifestList = list
	}
	for name, value := range old.Summary.Properties {
		if strings.HasPrefix(name, "merit.") || name == "engine-name" { // figures of rows and files would be wrong
			made.Summary.Properties[name] = value
		}
	}
	if moved == nil || !isOurs(&old) {
		return made, nil
	}
	pins, err := pinsOf(&old)
	if err != nil {
		return made, err
	}
	for i := range pins {
		if now, did := moved[pins[i].Table][pins[i].Snapshot]; did {
			pins[i].Snapshot = now
		}
	}
	text, err := json.Marshal(pins)
	made.Summary.Properties[pinsProperty] = string(text)
	return made, err
}

func idsOf(snapshots []table.Snapshot) []int64 {
	var ids []int64
	for _, snapshot := range snapshots {
		ids = append(ids, snapshot.SnapshotID)
	}
	return ids
}

// dropUnpinned removes companions' snapshots that no checkpoint names.
func (d *Dataset) dropUnpinned(ctx context.Context, companions []*table.Table) error {
	main, err := d.loadMain(ctx)
	if err != nil {
		return err
	}
	pinned := map[string]map[int64]bool{}
	for _, snapshot := range checkpointsOf(main.Metadata()) {
		pins, err := pinsOf(&snapshot)
		if err != nil {
			return err
		}
		for _, p := range pins[1:] {
			if pinned[p.Table] == nil {
				pinned[p.Table] = map[int64]bool{}
			}
			pinned[p.Table][p.Snapshot] = true
		}
	}
	for _, t := range companions {
		now, err := d.load(ctx, t.Identifier()[1])
		if err != nil {
			return err
		}
		var unpinned []int64
		needed := referenced(now.Metadata())
		for _, id := range idsOf(now.Metadata().Snapshots()) {
			if !pinned[now.Identifier()[1]][id] && !needed[id] && id != now.CurrentSnapshot().SnapshotID {
				unpinned = append(unpinned, id)
			}
		}
		if err := d.dropSnapshots(ctx, now, unpinned); err != nil {
			return err
		}
	}
	return nil
}

// removeOldVersions removes earlier versions of the tables' metadata, which tell of
// snapshots that are no more.
func (d *Dataset) removeOldVersions(ctx context.Context, files *remoteFiles, tables []*table.Table) error {
	for _, t := range tables {
		now, err := d.load(ctx, t.Identifier()[1])
		if err != nil {
			return err
		}
		for previous := range now.Metadata().PreviousFiles() {
			if previous.MetadataFile == now.MetadataLocation() {
				continue
			}
			if err := ignoreGone(files.Remove(previous.MetadataFile)); err != nil {
				return err
			}
		}
	}
	return nil
}

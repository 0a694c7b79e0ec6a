package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"merit/connectors"
)

// Erased counts what Erase took out of the lake.
type Erased struct{ Rows, Cells, Files int }

// Resolve finds by what else a source knows the people on the list: the records that
// have a forgotten address, the addresses of forgotten records. It adds them to the
// list and gives them.
func (l *Lake) Resolve(ctx context.Context, source string, list *ErasureList, first []Identity) ([]Identity, error) {
	l.SetErasureList(list)
	found := slices.Clone(first)
	for grew := true; grew; {
		grew = false
		err := l.eachStored(ctx, source, func(s *tableWriter, path string) error {
			more, err := s.identities(ctx, path)
			for _, who := range more {
				if list.Add(who) {
					found, grew = append(found, who), true
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// tableWriterOf opens a table to rewrite its files.
func (l *Lake) tableWriterOf(t *table.Table) (*tableWriter, error) {
	ident := t.Identifier()
	s := &tableWriter{dataset: l.Dataset(ident[0], t.Properties()[streamProperty]), table: t}
	s.spec.Name = ident[1]
	var err error
	if s.shape, err = shapeOf(t.Schema()); err != nil {
		return nil, err
	}
	s.spec.Key, err = s.dataset.keyOf(context.Background(), ident[1])
	return s, err
}

// keyOf finds a table's key in the pins of its stream.
func (d *Dataset) keyOf(ctx context.Context, name string) ([]string, error) {
	main, err := d.loadMain(ctx)
	if err != nil || main == nil || main.CurrentSnapshot() == nil {
		return nil, err
	}
	pins, err := pinsOf(main.CurrentSnapshot())
	if err != nil {
		return nil, err
	}
	for _, p := range pins {
		if p.Table == name {
			return p.Key, nil
		}
	}
	return nil, nil
}

// identities are what a file's rows tell of people on the list: all ids, addresses and
// names of a row that is the record of one of them.
func (s *tableWriter) identities(ctx context.Context, path string) ([]Identity, error) {
	if !s.tellsOfPeople() {
		return nil, nil
	}
	read, err := s.readFile(ctx, path)
	if err != nil {
		return nil, err
	}
	var found []Identity
	for _, records := range read {
		columns := make([]arrow.Array, s.shape.arrow.NumFields())
		for at, field := range s.shape.arrow.Fields() {
			if here := records.Schema().FieldIndices(field.Name); len(here) > 0 {
				columns[at] = records.Column(here[0])
			}
		}
		for i := range int(records.NumRows()) {
			if !s.isOwn(columns, i) {
				continue
			}
			for _, who := range append(s.ownIdentities(columns, i), s.namesOf(columns, i)...) {
				who.Value = strings.Clone(who.Value)
				found = append(found, who)
				if who.Stream != nameKind && MeansOneRecord(who.Value) {
					found = append(found, Identity{Source: who.Source, Value: who.Value})
				}
			}
		}
		records.Release()
	}
	return found, nil
}

// tellsOfPeople tells whether rows of the table give several identities to one person.
func (s *tableWriter) tellsOfPeople() bool {
	for _, field := range s.shape.arrow.Fields() {
		if s.declared().of(s.spec.Name, field.Name).Own {
			return true
		}
	}
	return false
}

// namesOf are the names of the person whose record a row is.
func (s *tableWriter) namesOf(columns []arrow.Array, row int) []Identity {
	var parts []string
	for at, field := range s.shape.arrow.Fields() {
		texts, isText := columns[at].(*array.String)
		if isText && texts.IsValid(row) && s.declared().of(s.spec.Name, field.Name).Says == connectors.SaysName {
			parts = append(parts, texts.Value(row))
		}
	}
	var found []Identity
	for _, name := range namesOf(parts) {
		found = append(found, Identity{Source: s.dataset.source, Stream: nameKind, Value: name})
	}
	return found
}

// Erase takes everybody on the list out of a source's tables, in every snapshot: the
// checkpoints stay, with their cursors and their times, and tell what they would
// have told had those people never been. What is erased can't be had back.
func (l *Lake) Erase(ctx context.Context, source string) (Erased, error) {
	var done Erased
	if _, err := l.Upgrade(ctx); err != nil {
		return done, err
	}
	folder, local := l.catalog.(*folderCatalog)
	if !local {
		return l.eraseRemote(ctx, source)
	}
	err := l.eachTable(ctx, func(t *table.Table) error {
		if t.Identifier()[0] != source || t.CurrentSnapshot() == nil {
			return nil
		}
		s, err := l.tableWriterOf(t)
		if err != nil {
			return err
		}
		if err := l.checkFence(t.CurrentSnapshot(), strings.Join(t.Identifier(), ".")); err != nil {
			return err
		}
		e := &eraser{table: s, done: &done, files: map[string]replacement{}, manifests: map[string][]iceberg.ManifestFile{}}
		if err := e.rewrite(ctx, folder); err != nil {
			return fmt.Errorf("erasing in %s: %w", strings.Join(t.Identifier(), "."), err)
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	_, err = l.CleanUp(ctx, 0)
	return done, err
}

// An eraser rewrites one table.
type eraser struct {
	table     *tableWriter
	done      *Erased
	files     map[string]replacement            // by path
	manifests map[string][]iceberg.ManifestFile // by path: what took its place, or itself
}

// A replacement says what became of a data file.
type replacement struct {
	changed bool
	file    iceberg.DataFile // nil when no row is left
}

// rewrite makes the table's next version: the same snapshots, with other lists of
// files where somebody was in them. Older versions, and what only they name, go.
func (e *eraser) rewrite(ctx context.Context, folder *folderCatalog) error {
	t := e.table.table
	changed := map[int64]string{} // snapshot → its new list
	for _, snapshot := range t.Metadata().Snapshots() {
		list, err := e.rewriteSnapshot(ctx, &snapshot)
		if err != nil {
			return fmt.Errorf("snapshot %d: %w", snapshot.SnapshotID, err)
		}
		if list != "" {
			changed[snapshot.SnapshotID] = list
		}
	}
	if len(changed) == 0 {
		return nil
	}
	head, err := folder.head(t.Identifier())
	if err != nil {
		return err
	}
	if head.path != t.MetadataLocation() {
		return ErrOvertaken
	}
	if err := folder.replaceLists(e.table.dataset.lake, t, head, changed, withoutFigures); err != nil {
		return err
	}
	return folder.removeVersions(t.Identifier(), head.number)
}

// rewriteSnapshot gives the path of a snapshot's new list of manifests, "" when
// nobody was in it.
func (e *eraser) rewriteSnapshot(ctx context.Context, snapshot *table.Snapshot) (string, error) {
	lake := e.table.dataset.lake
	manifests, err := snapshot.Manifests(lake.disk)
	if err != nil {
		return "", err
	}
	var left []iceberg.ManifestFile
	isNew := false
	for _, manifest := range manifests {
		rewritten, done := e.manifests[manifest.FilePath()]
		if !done {
			if rewritten, err = e.rewriteManifest(ctx, manifest); err != nil {
				return "", fmt.Errorf("manifest %s: %w", manifest.FilePath(), err)
			}
			e.manifests[manifest.FilePath()] = rewritten
		}
		isNew = isNew || len(rewritten) != 1 || rewritten[0].FilePath() != manifest.FilePath()
		left = append(left, rewritten...)
	}
	if !isNew {
		return "", nil
	}
	path := lake.joined(e.table.table.Location(), "metadata", fmt.Sprintf("snap-%d-%s.avro", snapshot.SnapshotID, uuid.NewString()))
	file, err := lake.disk.Create(path)
	if err != nil {
		return "", err
	}
	err = iceberg.WriteManifestList(2, file, snapshot.SnapshotID, snapshot.ParentSnapshotID, &snapshot.SequenceNumber, 0, left)
	return path, errors.Join(err, file.Close())
}

// rewriteManifest gives the manifest itself when nobody is in its files, and otherwise
// what takes its place: one of the files that stay, one of those that are new. A manifest
// has files of one partition spec; new files have none, so that nothing of an erased
// person is left in a partition's name.
func (e *eraser) rewriteManifest(ctx context.Context, manifest iceberg.ManifestFile) ([]iceberg.ManifestFile, error) {
	lake, t := e.table.dataset.lake, e.table.table
	entries := map[int][]iceberg.ManifestEntry{} // by partition spec
	isNew := false
	unpartitioned := unpartitioned(t)
	none := unpartitioned.ID()
	for entry, err := range manifest.Entries(lake.disk, false) {
		if err != nil {
			return nil, err
		}
		file, spec := entry.DataFile(), int(manifest.PartitionSpecID())
		if entry.Status() == iceberg.EntryStatusDELETED {
			isNew = true // it names a file that other snapshots have, with the bounds of its keys
			continue
		}
		became, err := e.rewriteFile(ctx, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.FilePath(), err)
		}
		if became.changed {
			isNew, file, spec = true, became.file, none
		}
		if file == nil {
			continue
		}
		snapshotID, sequence := entry.SnapshotID(), entry.SequenceNum()
		entries[spec] = append(entries[spec], iceberg.NewManifestEntry(entry.Status(), &snapshotID, &sequence, entry.FileSequenceNum(), file))
	}
	if !isNew {
		return []iceberg.ManifestFile{manifest}, nil
	}
	var left []iceberg.ManifestFile
	for _, spec := range slices.Sorted(maps.Keys(entries)) {
		written, err := e.writeManifest(manifest, spec, entries[spec])
		if err != nil {
			return nil, err
		}
		left = append(left, written)
	}
	return left, nil
}

// writeManifest writes entries that were in another manifest, and says of them what that one did.
func (e *eraser) writeManifest(of iceberg.ManifestFile, spec int, entries []iceberg.ManifestEntry) (iceberg.ManifestFile, error) {
	lake, t := e.table.dataset.lake, e.table.table
	layout := t.Metadata().PartitionSpecByID(spec)
	if layout == nil {
		return nil, fmt.Errorf("the table has no partition spec %d", spec)
	}
	path := lake.joined(t.Location(), "metadata", uuid.NewString()+"-m0.avro")
	out, err := lake.disk.Create(path)
	if err != nil {
		return nil, err
	}
	written, err := iceberg.WriteManifest(path, out, 2, *layout, t.Schema(), of.SnapshotID(), entries)
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, err
	}
	return iceberg.NewManifestFile(2, path, written.Length(), written.PartitionSpecID(), of.SnapshotID()).
		SequenceNum(of.SequenceNum(), of.MinSequenceNum()).
		AddedFiles(written.AddedDataFiles()).ExistingFiles(written.ExistingDataFiles()).
		AddedRows(written.AddedRows()).ExistingRows(written.ExistingRows()).
		Partitions(written.Partitions()).Build(), nil
}

// rewriteFile rewrites a data file without those who are to be forgotten.
func (e *eraser) rewriteFile(ctx context.Context, file iceberg.DataFile) (replacement, error) {
	if done, there := e.files[file.FilePath()]; there {
		return done, nil
	}
	made, err := e.table.writeWithout(ctx, file, e.done)
	e.files[file.FilePath()] = made
	return made, err
}

// replaceLists publishes a table's next version, in which snapshots have other lists
// of manifests. edit may change what else a snapshot with another list says.
func (c *folderCatalog) replaceLists(l *Lake, t *table.Table, head version, lists map[int64]string, edit func(snapshot map[string]json.RawMessage) error) error {
	content, err := json.Marshal(t.Metadata())
	if err != nil {
		return err
	}
	edited, err := editSnapshots(content, lists, edit)
	if err != nil {
		return err
	}
	metadata, err := table.ParseMetadataBytes(edited)
	if err != nil {
		return err
	}
	location := c.folder(t.Identifier())
	sums := c.disk.notedSums(location)
	noted := c.disk.addSums(t.Properties()[sumsProperty], location, sums)
	named, err := l.namedFiles(c.open(t.Identifier(), version{metadata: metadata}))
	if err != nil {
		return err
	}
	metadata, err = table.UpdateTableMetadata(metadata, []table.Update{table.NewSetPropertiesUpdate(iceberg.Properties{
		sumsProperty: c.disk.keepSums(noted, location, named), sealProperty: emptySeal,
	})}, "")
	if err != nil {
		return err
	}
	if _, err := c.publish(t.Identifier(), head.number+1, metadata); err != nil {
		return err
	}
	c.disk.forgetSums(sums)
	return nil
}

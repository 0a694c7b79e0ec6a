package lake

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
)

// A tableWriter is one table while an Append runs: rows go in by take, lie in files
// after flush, and belong to the table after commit.
type tableWriter struct {
	dataset  *Dataset
	spec     connectors.Table // with the names that columns have in the lake
	told     *arrow.Schema    // as the connector has them
	table    *table.Table
	shape    shape
	order    int64 // the last one given out
	dedupes  bool  // the table had rows before: leave out those that come again
	extents  []extent
	indexed  bool
	waiting  []hashedBatch // rows that are still to be sifted
	writing  *fileWriter
	written  []iceberg.DataFile // complete files that no commit names yet
	progress Progress
}

// openTableWriter opens a table, makes it, or gives it the columns that are new.
func (d *Dataset) openTableWriter(ctx context.Context, spec connectors.Table, role string) (*tableWriter, error) {
	told := spec.Schema
	spec = withLakeNames(spec)
	if err := checkTable(spec); err != nil {
		return nil, err
	}
	s := &tableWriter{dataset: d, spec: spec, told: told, progress: Progress{Table: spec.Name}}
	opened, err := d.load(ctx, spec.Name)
	if err == nil && opened == nil {
		opened, err = d.create(ctx, spec, role)
	}
	if err != nil {
		return nil, err
	}
	if owner := opened.Properties()[streamProperty]; owner != d.stream || opened.Properties()[roleProperty] != role {
		return nil, fault.Errorf(fault.Us, "table %s.%s belongs to the stream %s as its %s table, not to %s as its %s table",
			d.source, spec.Name, owner, opened.Properties()[roleProperty], d.stream, role)
	}
	s.table = opened
	if err := d.lake.checkFence(opened.CurrentSnapshot(), d.source+"."+spec.Name); err != nil {
		return nil, err
	}
	if err := s.evolve(ctx); err != nil {
		return nil, err
	}
	if s.order, err = lastOrder(s.table.CurrentSnapshot()); err != nil {
		return nil, fmt.Errorf("table %s.%s: %w", d.source, spec.Name, err)
	}
	s.dedupes = s.order > 0
	return s, nil
}

// create makes an empty table. Bounds are kept for the columns by which files
// are left out of a look-up; of the others, counts.
func (d *Dataset) create(ctx context.Context, spec connectors.Table, role string) (*table.Table, error) {
	schema, err := newSchema(spec)
	if err != nil {
		return nil, err
	}
	properties := iceberg.Properties{
		table.PropertyFormatVersion:               "2",
		streamProperty:                            d.stream,
		roleProperty:                              role,
		keyProperty:                               strings.Join(spec.Key, ","),
		table.DefaultWriteMetricsModeKey:          "counts",
		table.ManifestMergeEnabledKey:             "true",
		table.ManifestMinMergeCountKey:            "10", // a head has at most so many manifests to read
		table.MetadataDeleteAfterCommitEnabledKey: "true",
		table.MetadataPreviousVersionsMaxKey:      "20", // time travel goes by snapshots, not by these
	}
	for _, column := range append([]string{spec.Version, OrderColumn}, spec.Key...) {
		if column != "" {
			properties[table.MetricsModeColumnConfPrefix+"."+column] = "full"
		}
	}
	namespace := table.Identifier{d.source}
	err = d.lake.catalog.CreateNamespace(ctx, namespace, nil)
	if err != nil && !errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return nil, fmt.Errorf("source %s: %w", d.source, err)
	}
	ident := table.Identifier{d.source, spec.Name}
	options := []catalog.CreateTableOpt{catalog.WithProperties(properties)}
	if order, sorts := sortOrder(spec, schema); sorts {
		options = append(options, catalog.WithSortOrder(order))
	}
	created, err := d.lake.catalog.CreateTable(ctx, ident, schema, options...)
	if errors.Is(err, catalog.ErrTableAlreadyExists) {
		created, err = d.load(ctx, spec.Name)
		if err == nil && created == nil {
			err = ErrOvertaken // it is being made by another process at this moment
		}
	}
	if err != nil {
		return nil, fmt.Errorf("table %s.%s: %w", d.source, spec.Name, err)
	}
	return created, nil
}

// evolve gives the table the columns that are new or wider at the source. A
// column that is gone there stays, null from now on.
func (s *tableWriter) evolve(ctx context.Context) error {
	renamed, err := renameReserved(ctx, s.table)
	if err != nil {
		return err
	}
	if renamed != nil {
		s.table = renamed
	}
	held, err := shapeOf(s.table.Schema())
	if err != nil {
		return err
	}
	more, err := held.additions(s.dataset.source, s.spec)
	if err != nil {
		return err
	}
	if more != nil {
		change := s.table.NewTransaction()
		if err := change.UpdateSchema(true, false).UnionByNameWith(more).Commit(); err != nil {
			return fmt.Errorf("columns of %s.%s: %w", s.dataset.source, s.spec.Name, err)
		}
		if s.table, err = change.Commit(ctx); err != nil {
			return fmt.Errorf("columns of %s.%s: %w", s.dataset.source, s.spec.Name, err)
		}
	}
	s.shape, err = shapeOf(s.table.Schema())
	return err
}

// indexFiles notes the files in which rows will be looked up, once there are any.
func (s *tableWriter) indexFiles(ctx context.Context) error {
	if s.indexed {
		return nil
	}
	s.indexed = true
	return s.dataset.lake.eachFile(ctx, s.table, s.table.CurrentSnapshot(), func(f iceberg.DataFile) {
		s.extents = append(s.extents, s.extentOf(f))
	})
}

// take brings rows of the table in. It does not keep records.
func (s *tableWriter) take(ctx context.Context, records arrow.RecordBatch) error {
	if err := s.checkColumns(records.Schema()); err != nil {
		return err
	}
	if records.NumRows() == 0 {
		return nil
	}
	if s.told != s.spec.Schema {
		records = inLakeNames(records, s.spec.Schema)
		defer records.Release()
	}
	columns, err := s.shape.arrange(records)
	if err != nil {
		return fault.Errorf(fault.Us, "table %s: %w", s.spec.Name, err)
	}
	s.progress.Read += records.NumRows()
	columns, left, err := s.withoutForgotten(ctx, columns, int(records.NumRows()))
	if err != nil || left == 0 {
		releaseAll(columns)
		return err
	}
	rows, err := s.newHashedBatch(columns, left)
	if err != nil {
		releaseAll(columns)
		return fault.Errorf(fault.Us, "table %s: %w", s.spec.Name, err)
	}
	if !s.dedupes {
		defer rows.release()
		return s.write(rows.columns, rows.hashes)
	}
	s.waiting = append(s.waiting, rows)
	if s.isChunk() {
		return s.dedupe(ctx)
	}
	return nil
}

func (s *tableWriter) checkColumns(came *arrow.Schema) error {
	wanted := s.told
	if came == wanted {
		return nil
	}
	same := came.NumFields() == wanted.NumFields()
	for i := 0; same && i < wanted.NumFields(); i++ {
		same = came.Field(i).Name == wanted.Field(i).Name && arrow.TypeEqual(came.Field(i).Type, wanted.Field(i).Type)
	}
	if !same {
		return fault.Errorf(fault.Us, "a batch of table %s has other columns than the table: %s", s.spec.Name, came)
	}
	return nil
}

// write puts rows behind those already in the file being written.
func (s *tableWriter) write(columns []arrow.Array, hashes []uint64) error {
	if s.writing == nil {
		folder := s.dataset.lake.joined(s.table.Location(), "data")
		started, err := newFileWriter(s.dataset.lake.disk, folder, s.shape, s.order+1, columns)
		if err != nil {
			return err
		}
		s.writing = started
	}
	if err := s.writing.write(columns, s.order+1, hashes); err != nil {
		return err
	}
	s.order += int64(len(hashes))
	s.progress.New += int64(len(hashes))
	return nil
}

// complete ends the file being written: durable, but nobody's yet.
func (s *tableWriter) complete(ctx context.Context) error {
	if s.writing == nil {
		return nil
	}
	finished := s.writing
	s.writing = nil
	if err := finished.finish(); err != nil {
		return err
	}
	described, err := table.FileToDataFile(ctx, s.dataset.lake.disk, finished.path,
		s.table.Schema(), unpartitioned(s.table), 0, s.table.Properties())
	if err != nil {
		return fmt.Errorf("reading back %s: %w", finished.path, err)
	}
	s.written = append(s.written, described)
	if s.dedupes {
		s.extents = append(s.extents, s.extentOf(described))
	}
	return nil
}

// flush brings all rows taken so far into complete files.
func (s *tableWriter) flush(ctx context.Context) error {
	if err := s.dedupe(ctx); err != nil {
		return err
	}
	return s.complete(ctx)
}

// commit publishes the complete files as the table's next snapshot, an empty one
// when there are none. It fails when somebody else committed since the table was opened.
func (s *tableWriter) commit(ctx context.Context, summary iceberg.Properties) error {
	summary[orderProperty] = strconv.FormatInt(s.order, 10)
	change := s.table.NewTransaction()
	var err error
	if len(s.written) > 0 {
		err = change.AddDataFiles(ctx, s.written, summary, table.WithoutAutoNameMapping(), table.WithoutDuplicateCheck())
	} else {
		err = appendNothing(ctx, change, s.shape.arrow, summary)
	}
	if err != nil {
		return fmt.Errorf("committing %s.%s: %w", s.dataset.source, s.spec.Name, err)
	}
	s.written = nil // from here on the table may name them, whatever is answered
	committed, err := change.Commit(ctx)
	if err != nil {
		return s.explain(ctx, err, summary[writerProperty])
	}
	s.table = committed
	return nil
}

func appendNothing(ctx context.Context, change *table.Transaction, schema *arrow.Schema, summary iceberg.Properties) error {
	none, err := array.NewRecordReader(schema, nil)
	if err != nil {
		return err
	}
	defer none.Release()
	return change.Append(ctx, none, summary)
}

// ErrOvertaken says that another process committed to the same table meanwhile.
// What it committed stands; what this one read is read again by the next run.
var ErrOvertaken = errors.New("another process wrote to it meanwhile")

// explain tells a lost race from a commit that did not work.
func (s *tableWriter) explain(ctx context.Context, failure error, writer string) error {
	name := s.dataset.source + "." + s.spec.Name
	now, err := s.dataset.load(ctx, s.spec.Name)
	if err == nil && now != nil {
		before, head := s.table.CurrentSnapshot(), now.CurrentSnapshot()
		moved := head != nil && (before == nil || before.SnapshotID != head.SnapshotID)
		if moved && summaryOf(head)[writerProperty] != writer {
			return fault.Errorf(fault.You, "committing %s: %w (%w)", name, ErrOvertaken, failure)
		}
	}
	return fmt.Errorf("committing %s: %w", name, failure)
}

// abort ends the store: what is not committed is left to nobody.
func (s *tableWriter) abort() {
	for _, rows := range s.waiting {
		rows.release()
	}
	s.waiting = nil
	if s.writing != nil {
		s.writing.abandon()
		s.writing = nil
	}
	for _, f := range s.written {
		_ = s.dataset.lake.disk.Remove(f.FilePath()) // an orphan otherwise, which nobody reads
	}
	s.written = nil
}

// unpartitioned is the way in which Merit lays files out, whatever partition fields
// somebody has added since: Iceberg lets each file have its own.
func unpartitioned(t *table.Table) iceberg.PartitionSpec {
	for _, spec := range t.Metadata().PartitionSpecs() {
		if spec.IsUnpartitioned() {
			return spec
		}
	}
	return t.Spec()
}

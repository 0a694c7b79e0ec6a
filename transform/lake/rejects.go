package lake

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
)

// RejectsTable is the name of the table that keeps a stream's rejects: values that
// did not fit their column, as they came.
func RejectsTable(stream string) string { return stream + "_rejects" }

// rejectColumns are the columns of a table of rejects. All of them are its key: a
// reject that comes again with its record is the same one.
func rejectColumns() []string {
	return []string{"table_name", "record_key", "column_name", "value", "reason"}
}

func rejectsOf(stream string) connectors.Table {
	var fields []arrow.Field
	for _, name := range rejectColumns() {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return connectors.Table{Name: RejectsTable(stream), Key: rejectColumns(), Schema: arrow.NewSchema(fields, nil)}
}

// openRejects opens the table of rejects if there is one.
func (in *appendSession) openRejects(ctx context.Context) error {
	there, err := in.dataset.load(ctx, RejectsTable(in.stream.Name))
	if err != nil || there == nil {
		return err
	}
	opened, err := in.dataset.openTableWriter(ctx, rejectsOf(in.stream.Name), companionRole)
	if err != nil {
		return err
	}
	in.writers = append(in.writers, opened)
	return nil
}

// takeRejects keeps a page's rejects. The first ones make their table.
func (in *appendSession) takeRejects(ctx context.Context, rejects []connectors.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	name := RejectsTable(in.stream.Name)
	s := in.tableWriter(name)
	if s == nil {
		opened, err := in.dataset.openTableWriter(ctx, rejectsOf(in.stream.Name), companionRole)
		if err != nil {
			return err
		}
		in.writers = append(in.writers, opened)
		s = opened
	}
	built := array.NewRecordBuilder(memory.DefaultAllocator, s.spec.Schema)
	defer built.Release()
	for _, r := range rejects {
		for i, value := range []string{r.Table, r.Key, r.Column, r.Value, r.Reason} {
			built.Field(i).(*array.StringBuilder).Append(value)
		}
	}
	records := built.NewRecordBatch()
	defer records.Release()
	in.rows[name] += records.NumRows()
	return s.take(ctx, records)
}

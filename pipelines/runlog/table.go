package runlog

import (
	"time"

	"merit/transform/warehouse"
)

// Relation is the published table of runs.
func Relation() warehouse.Relation {
	return warehouse.Relation{
		Schema: "plan", Name: "run_log", Comment: "every command that read, built or published, and how it ended", Grain: "one row a run", Key: []string{"run_id"},
		Columns: []warehouse.Column{
			{Name: "run_id", Type: "varchar", Comment: "its beginning, in UTC, to the microsecond"},
			{Name: "command", Type: "varchar", Comment: "run, read or build"},
			{Name: "started_at", Type: "timestamp with time zone", Comment: "when it began, by this machine's clock"},
			{Name: "ended_at", Type: "timestamp with time zone", Comment: "when it ended"},
			{Name: "seconds", Type: "double", Comment: "how long it took"},
			{Name: "as_of", Type: "timestamp with time zone", Comment: "the instant that its numbers speak of; null: nothing was built", Nullable: true},
			{Name: "is_good", Type: "boolean", Comment: "true: it ended well"},
			{Name: "fault", Type: "varchar", Comment: "why it did not; null: it did", Nullable: true},
			{Name: "tables_built", Type: "bigint", Comment: "tables that were built"},
			{Name: "rows_read", Type: "bigint", Comment: "rows that came from the sources"},
			{Name: "rows_new", Type: "bigint", Comment: "of them, those that the lake did not have"},
			{Name: "rows_rejected", Type: "bigint", Comment: "values that did not fit their column, kept apart"},
			{Name: "api_calls", Type: "bigint", Comment: "calls of the day that the sources counted by then"},
		},
	}
}

// Rows are the runs as rows of that table.
func Rows(records []Run) [][]any {
	var rows [][]any
	for _, r := range records {
		var read, fresh, rejects, calls int64
		for _, s := range r.Streams {
			for _, t := range s.Tables {
				read, fresh, rejects = read+t.Read, fresh+t.New, rejects+t.Rejects
			}
		}
		for _, u := range r.Budgets {
			calls += u.Used
		}
		rows = append(rows, []any{r.StartedAt.UTC().Format("20060102T150405.000000Z"), r.Command, r.StartedAt, r.EndedAt, r.EndedAt.Sub(r.StartedAt).Seconds(),
			orNull[time.Time](r.AsOf), r.Fault == "", orNull[string](r.Fault), int64(r.Built), read, fresh, rejects, calls})
	}
	return rows
}

func orNull[T comparable](value T) any {
	var nothing T
	if value == nothing {
		return nil
	}
	return value
}

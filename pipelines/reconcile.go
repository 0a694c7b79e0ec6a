package pipelines

import (
	"context"
	"fmt"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/runlog"
	"merit/transform/lake"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// What a CRM counts of its own records is held against what the lake has of them. More
// than the CRM has may be there: what was purged since, and history of deals that are
// gone. Fewer is a shortfall: a check fails where a payout stands on it, and the next
// reading lists all ids, by which the missing records are named.

// violation is a shortfall as a check that does not hold.
func violation(s runlog.Shortfall) model.Violation {
	samples := s.Ranges
	if len(samples) == 0 {
		samples = []string{"the next reading lists all ids and tells which"}
	}
	return model.Violation{Table: s.Source + "." + s.Object, Check: "complete", Rows: s.Counted - s.Kept, Samples: samples,
		Rule: fmt.Sprintf("the lake has each of the %d records that the CRM counts up to %s; `merit read --full %s.%s` reads all again",
			s.Counted, s.Until.UTC().Format(time.RFC3339), s.Source, s.Object)}
}

// Shortfalls are those that the last load found.
func (j *Job) Shortfalls() []runlog.Shortfall { return j.shortfalls }

// reconcile holds a source's counts against the lake.
func (j *Job) reconcile(ctx context.Context, source string, checkpoints []lake.Checkpoint, progress func(connectors.Cursor) connectors.Standing) error {
	streams := map[string]lake.Checkpoint{}
	hasCounts := false
	for _, c := range checkpoints {
		for _, t := range c.Tables {
			streams[t.Table] = c
			hasCounts = hasCounts || t.Table == connectors.CountsTable && t.Schema.HasField("date_moves")
		}
	}
	if !hasCounts {
		return nil // nothing was counted, or by an earlier version
	}
	schema := `"` + strings.ReplaceAll(rawSchema(source), `"`, `""`) + `"`
	counts, err := j.rows(ctx, `select counts.object_name, counts.date_column, counts.records, counts.created_until, counts.counted_at, counts.date_moves, counts.deleted_at_column
		from (
			select all_counts.object_name, all_counts.date_column, all_counts.records, all_counts.created_until, all_counts.counted_at, all_counts.date_moves,
				all_counts.deleted_at_column, row_number() over (partition by all_counts.object_name order by all_counts.counted_on desc) as place
			from `+schema+`.`+connectors.CountsTable+` as all_counts
		) as counts
		where counts.place = 1
		order by counts.object_name`)
	if err != nil {
		return err
	}
	for _, row := range counts {
		c := count{Row: row, schema: schema}
		at, isRead := streams[row.Text("object_name")]
		if !isRead || !c.finds(at.Tables) || row.IsNull("date_moves") {
			continue
		}
		if err := j.holdAgainst(ctx, source, c, at, progress); err != nil {
			return err
		}
	}
	return nil
}

// holdAgainst holds one count against the lake. What the stream was not read up to yet is
// said and no shortfall.
func (j *Job) holdAgainst(ctx context.Context, source string, c count, at lake.Checkpoint, progress func(connectors.Cursor) connectors.Standing) error {
	query, args := c.kept()
	kept, err := j.results().Count(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("count the lake's %s of %s: %w", c.Text("object_name"), source, err)
	}
	s := runlog.Shortfall{Source: source, Object: c.Text("object_name"), Counted: c.Int("records"), Kept: kept, Until: c.Time("created_until")}
	if s.Kept >= s.Counted {
		return nil
	}
	if progress != nil {
		if until := progress(at.Cursor).Until; until.IsZero() || until.Before(s.Until) {
			j.seen(Event{Notice: s.Sentence()})
			return nil
		}
	}
	if s.Ranges, err = j.missingRanges(ctx, c); err != nil {
		return err
	}
	_, s.IsPaidOn = j.lineage().StandsOn(source, []string{s.Object})
	j.shortfalls = append(j.shortfalls, s)
	if !s.IsPaidOn {
		j.seen(Event{Notice: s.Sentence()})
	}
	return nil
}

// A count is a row of what a CRM counted, with where its records lie in the lake.
type count struct {
	warehouse.Row
	schema    string
	id        string // the column that names a record
	ids       string // the table that lists all ids; "": none was made yet
	canDelete bool
}

// finds looks for its tables among those of the stream.
func (c *count) finds(tables []lake.Pinned) bool {
	isFound := false
	for _, t := range tables {
		switch {
		case t.Table == c.Text("object_name") && len(t.Key) > 0 && t.Schema.HasField(c.Text("date_column")):
			isFound, c.id, c.canDelete = true, t.Key[0], t.Schema.HasField(connectors.DeletedColumn)
		case t.Schema.HasField(connectors.RecordIDColumn) && t.Schema.HasField(connectors.ListedAtColumn):
			c.ids = t.Table
		}
	}
	return isFound
}

func (c count) table(name string) string { return c.schema + `."` + name + `"` }

// kept counts the records that the lake has of those that were counted. Where one can't
// be told to be none of them, it is taken for one: a shortfall is never too large.
func (c count) kept() (string, []any) {
	object, date := c.Text("object_name"), `records."`+c.Text("date_column")+`"`
	query := `select count(distinct records."` + c.id + `") as records from ` + c.table(object) + ` as records where true`
	var args []any
	if !c.Bool("date_moves") {
		query += " and " + date + " <= ?"
		args = append(args, c.Time("created_until"))
	}
	deletedAt := c.Text("deleted_at_column")
	if deletedAt == "" || !c.canDelete {
		return query, args
	}
	query += ` and (not coalesce(records.` + connectors.DeletedColumn + `, false) or records."` + deletedAt + `" is null or records."` + deletedAt + `" > ?)`
	args = append(args, c.Time("created_until"))
	if c.ids == "" {
		return query, args
	}
	// What was made before a complete list of that time, and is not in it, was gone by then.
	query += ` and not exists (
		select 1 from ` + c.table(c.ids) + ` as complete
		where complete.record_id = '` + connectors.AllIDs + `' and complete.listed_at <= ? and ` + date + ` < complete.listed_at
			and not exists (
				select 1 from ` + c.table(c.ids) + ` as listed
				where listed.record_id = cast(records."` + c.id + `" as varchar) and listed.listed_at >= complete.listed_at
			)
	)`
	return query, append(args, c.Time("counted_at"))
}

// mostMissing is how many missing records are named.
const mostMissing = 100_000

// missingRanges are the ids that a complete list has and the lake lacks, as ranges of that
// list. There are none while no list is newer than what went missing.
func (j *Job) missingRanges(ctx context.Context, c count) ([]string, error) {
	if c.ids == "" {
		return nil, nil
	}
	rows, err := j.rows(ctx, fmt.Sprintf(`select listed.record_id, listed.place
		from (
			select ids.record_id, row_number() over (order by length(ids.record_id), ids.record_id) as place
			from %[1]s as ids
			join %[1]s as complete
				on complete.record_id = '%[2]s'
				and ids.listed_at >= complete.listed_at
			where ids.record_id <> '%[2]s'
		) as listed
		left join %[3]s as records
			on cast(records."%[4]s" as varchar) = listed.record_id
		where records."%[4]s" is null
		order by listed.place
		limit %[5]d`, c.table(c.ids), connectors.AllIDs, c.table(c.Text("object_name")), c.id, mostMissing))
	if err != nil {
		return nil, fmt.Errorf("find what the lake lacks of %s: %w", c.Text("object_name"), err)
	}
	var ranges []string
	for first := 0; first < len(rows); {
		last := first
		for last+1 < len(rows) && rows[last+1].Int("place") == rows[last].Int("place")+1 {
			last++
		}
		from, to := fault.Foreign(rows[first].Text("record_id")), fault.Foreign(rows[last].Text("record_id"))
		if first == last {
			ranges = append(ranges, from)
		} else {
			ranges = append(ranges, fmt.Sprintf("%s to %s (%d)", from, to, last-first+1))
		}
		first = last + 1
	}
	return ranges, nil
}

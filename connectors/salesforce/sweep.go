package salesforce

import (
	"context"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
)

// everything stands where an id does in the row that says when a list of all ids was
// last complete.
const everything = connectors.AllIDs

// Columns that no field fills: each row has the instant of its reading.
var (
	recordID = arrow.Field{Name: connectors.RecordIDColumn, Type: arrow.BinaryTypes.String, Nullable: true, Metadata: selecting("Id")}
	listedAt = arrow.Field{Name: connectors.ListedAtColumn, Type: instant, Nullable: true}
	takenOn  = arrow.Field{Name: "taken_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true}
	takenAt  = arrow.Field{Name: "taken_at", Type: instant, Nullable: true}
)

// idTable has when each record was last in a full list of its object, and in row "*"
// when such a list was last complete. Salesforce tells nobody of a record that left
// the recycle bin: but one that has not changed since a complete list, and was not in
// it, is gone.
func idTable(object string) connectors.Table {
	return connectors.Table{
		Name:   object + "_ids",
		Key:    []string{recordID.Name},
		Schema: arrow.NewSchema([]arrow.Field{recordID, listedAt}, nil),
	}
}

// A roll is what is known of the last list of all ids.
type roll struct {
	At    time.Time `json:"at"`               // of the server, when it was asked for
	Count int64     `json:"count"`            // ids in it; at first, rows of the first reading
	Doubt time.Time `json:"doubted,omitzero"` // since when so many are missing that it may be a mistake
}

// doubted is since when a list so much shorter than the one before is held for a change
// of permissions or a bad reply: for a day. Zero: it is believed.
func (l roll) doubted(count int64, now time.Time) time.Time {
	const tooFewToTell = 20
	switch {
	case l.Count < tooFewToTell || count >= l.Count/2:
		return time.Time{}
	case l.Doubt.IsZero():
		return now
	case now.Sub(l.Doubt) >= 23*time.Hour: // a daily run may begin a little earlier than the day before
		return time.Time{}
	}
	return l.Doubt
}

// settled: how long after its listed_at a record's absence counts for nothing, since it
// may have become visible late.
const settled = lag + overlap

// isRollDue tells whether all ids are to be listed: once in a while, and each time while
// there is doubt, so that one bad reply is not a week without a list.
func (r *reading) isRollDue(now time.Time) bool {
	isUsual := r.sweep > 0 && (!r.at.IDs.Doubt.IsZero() || now.Sub(r.at.IDs.At) >= r.sweep)
	return r.ids != nil && (isUsual || r.IsDue(r.object.name))
}

// callRoll lists all ids.
func (r *reading) callRoll(ctx context.Context, now time.Time) error {
	w := window{as: now}
	return r.readWindow(ctx, w)
}

// on is what a window's rows go into: records into the object's table, a list of all
// ids into theirs.
func (r *reading) on(w window) target {
	switch {
	case w.as.IsZero():
		return target{Table: r.table, nuls: &r.nuls}
	case r.object.kind == snapshot:
		return target{Table: r.table, nuls: &r.nuls, fixed: map[string]string{
			takenOn.Name: w.as.Format(time.DateOnly), takenAt.Name: w.as.Format(time.RFC3339),
		}}
	}
	return target{Table: *r.ids, nuls: &r.nuls, fixed: map[string]string{listedAt.Name: w.as.Add(-settled).Format(time.RFC3339)}}
}

// rolled marks a list as complete, unless it is doubtful.
func (r *reading) rolled(p *connectors.Page, w window, count int64) {
	before := r.at.IDs
	r.at.IDs = roll{At: w.as, Count: count}
	if since := before.doubted(count, w.as); !since.IsZero() {
		r.at.IDs = roll{At: w.as, Count: before.Count, Doubt: since}
		r.Warn("%s: %d records are shown where %d were; nothing is taken for deleted before another list, in a day, says so too; does the integration user still see all records?",
			r.object.name, count, before.Count)
		return
	}
	b := decode.NewBuilder(*r.ids)
	defer b.Release()
	b.Set(b.Column(recordID.Name), []byte(everything))
	b.Set(b.Column(listedAt.Name), []byte(w.as.Add(-settled).Format(time.RFC3339)))
	b.EndRow()
	batch, _ := b.Flush() // neither text can be refused
	p.Batches = append(p.Batches, batch)
}

// daily reads what says only how it is now, once a day of the server's.
func (r *reading) daily(ctx context.Context) error {
	now, err := r.now(ctx)
	if err != nil {
		return err
	}
	if r.at.Job != nil {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	if r.at.Until.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return nil
	}
	w := window{as: now}
	return r.readWindow(ctx, w)
}

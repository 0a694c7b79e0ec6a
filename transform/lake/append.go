package lake

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
)

// Progress counts one table's rows since Append began: those that came, and
// those of them that the lake did not have yet.
type Progress struct {
	Table     string
	Read, New int64
}

// Limits say how much may be lost by a crash and how much memory is held.
type limits struct {
	rows       int64         // of one table, after which a commit is made at the end of the page
	bytes      int64         // in files that are being written, likewise
	every      time.Duration // since the last commit, likewise
	grace      time.Duration // for the last commit, once the reading was called off
	chunkRows  int           // held while looking them up in the lake
	chunkBytes int64
}

func usualLimits() limits {
	return limits{rows: 250_000, bytes: 64 << 20, every: 20 * time.Second, grace: 5 * time.Second, chunkRows: 100_000, chunkBytes: 32 << 20}
}

// Append keeps what pages bring and returns the checkpoint that holds it. It
// commits now and then at the end of a page, and once more at the last one.
//
// When pages yields an error, all pages before it are committed and the error is
// returned with their checkpoint: nothing is read twice without need. A process
// that dies loses only what came since its last commit, and the cursor with it.
//
// A row that equals the latest one of its key is not written again, unless the
// dataset was empty when Append began. seen, which may be nil, is told after each
// page what came of the tables, by one goroutine and never after Append.
func (d *Dataset) Append(ctx context.Context, s connectors.Stream, pages iter.Seq2[connectors.Page, error], seen func(Progress)) (Checkpoint, error) {
	in, err := d.openSession(ctx, s, seen)
	if err != nil {
		return Checkpoint{}, err
	}
	// What was read is kept even when the reading is called off: its pages then
	// yield an error, and the last commit is still made, if it is made soon.
	lasting, done := outlasting(ctx, d.lake.limits.grace)
	defer done()
	inbox, kept := make(chan connectors.Page), make(chan struct{})
	var keeping error
	go func() {
		defer close(kept)
		keeping = in.run(lasting, inbox)
	}()
	reading := deliver(ctx, pages, inbox, kept)
	<-kept
	if keeping != nil {
		return Checkpoint{}, errors.Join(keeping, reading)
	}
	main := in.writers[0].table
	if main.CurrentSnapshot() == nil {
		return Checkpoint{}, reading
	}
	var open []*table.Table
	for _, s := range in.writers {
		open = append(open, s.table)
	}
	c, err := d.checkpoint(lasting, main, main.CurrentSnapshot(), open...)
	return c, errors.Join(reading, err)
}

// outlasting is a context that ends some time after another does: a store or a catalog
// that does not answer must not hold up a process that was told to end.
func outlasting(ctx context.Context, grace time.Duration) (context.Context, func()) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel(fmt.Errorf("%w, and there was no answer for %s more", context.Cause(ctx), grace))
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel(nil) }
}

// deliver hands over pages until there are no more, one fails, or nobody takes them.
func deliver(ctx context.Context, pages iter.Seq2[connectors.Page, error], inbox chan<- connectors.Page, kept <-chan struct{}) error {
	defer close(inbox)
	for page, err := range pages {
		if err != nil {
			return err
		}
		select {
		case inbox <- page:
		case <-kept:
			releasePage(page)
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func releasePage(page connectors.Page) {
	for _, batch := range page.Batches {
		batch.Records.Release()
	}
}

// An appendSession takes one stream's pages into its tables while an Append runs.
type appendSession struct {
	dataset *Dataset
	stream  connectors.Stream
	writers []*tableWriter // the stream's tables, the main one first; rejects last, once there are any
	seen    func(Progress)
	writer  string // marks this Append's snapshots

	cursor connectors.Cursor // after the last complete page
	since  time.Time         // of the last commit
	rows   map[string]int64  // by table, that came since
}

func (d *Dataset) openSession(ctx context.Context, s connectors.Stream, seen func(Progress)) (*appendSession, error) {
	if err := d.checkNames(); err != nil {
		return nil, err
	}
	if s.Name != d.stream || len(s.Tables) == 0 {
		return nil, fault.Errorf(fault.Us, "stream %s with %d tables does not go into dataset %s.%s",
			s.Name, len(s.Tables), d.source, d.stream)
	}
	writer, err := newWriter()
	if err != nil {
		return nil, err
	}
	in := &appendSession{
		dataset: d, stream: s, seen: seen, writer: writer,
		since: d.lake.now(), rows: map[string]int64{},
	}
	for i, t := range s.Tables {
		role := companionRole
		if i == 0 {
			role = mainRole
		}
		opened, err := d.openTableWriter(ctx, t, role)
		if err != nil {
			return nil, err
		}
		in.writers = append(in.writers, opened)
	}
	in.cursor = cursorOf(in.writers[0].table.CurrentSnapshot())
	return in, in.openRejects(ctx)
}

// run takes pages until there are no more and commits them.
func (in *appendSession) run(ctx context.Context, inbox <-chan connectors.Page) error {
	defer func() {
		for _, s := range in.writers {
			s.abort()
		}
	}()
	for page := range inbox {
		err := in.take(ctx, page)
		releasePage(page)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", in.dataset.source, in.stream.Name, err)
		}
		if !in.isDue() {
			continue
		}
		if err := in.commit(ctx); err != nil {
			return err
		}
	}
	return in.commit(ctx)
}

// take brings in a whole page.
func (in *appendSession) take(ctx context.Context, page connectors.Page) error {
	for _, batch := range page.Batches {
		s := in.tableWriter(batch.Table)
		if s == nil {
			return fault.Errorf(fault.Us, "a page has rows of table %q, which the stream does not have", batch.Table)
		}
		if err := s.take(ctx, batch.Records); err != nil {
			return err
		}
		in.rows[batch.Table] += batch.Records.NumRows()
	}
	if err := in.takeRejects(ctx, page.Rejects); err != nil {
		return err
	}
	in.cursor = page.Next
	in.report()
	return nil
}

func (in *appendSession) tableWriter(name string) *tableWriter {
	for _, s := range in.writers {
		if s.spec.Name == name {
			return s
		}
	}
	return nil
}

func (in *appendSession) report() {
	if in.seen == nil {
		return
	}
	for _, s := range in.writers {
		in.seen(s.progress)
	}
}

// isDue tells whether enough came since the last commit to make another.
func (in *appendSession) isDue() bool {
	var bytes int64
	for _, s := range in.writers {
		if s.writing != nil {
			bytes += s.writing.bytes()
		}
		if in.rows[s.spec.Name] >= in.dataset.lake.limits.rows {
			return true
		}
	}
	return bytes >= in.dataset.lake.limits.bytes || in.dataset.lake.now().Sub(in.since) >= in.dataset.lake.limits.every
}

// commit publishes what came, the companions first: until the main table's
// snapshot names theirs, no reader sees them. Nothing new, no commit.
func (in *appendSession) commit(ctx context.Context) error {
	isNew := false
	for _, s := range in.writers {
		if err := s.flush(ctx); err != nil {
			return fmt.Errorf("%s.%s: %w", in.dataset.source, in.stream.Name, err)
		}
		isNew = isNew || len(s.written) > 0
	}
	in.report()
	main, companions := in.writers[0], in.writers[1:]
	head := main.table.CurrentSnapshot()
	if isNew || in.hasMoved(cursorOf(head)) {
		at := in.dataset.lake.nextInstant(head)
		for _, s := range companions {
			if len(s.written) == 0 {
				continue
			}
			if err := s.commit(ctx, in.summary(at)); err != nil {
				return err
			}
		}
		summary := in.summary(at)
		summary[cursorProperty], summary[sinceProperty] = string(in.cursor), since(main.table, at)
		pins, err := in.pins()
		if err != nil {
			return err
		}
		summary[pinsProperty] = pins
		if err := main.commit(ctx, summary); err != nil {
			return err
		}
	}
	in.since = in.dataset.lake.now()
	clear(in.rows)
	return nil
}

// hasMoved tells whether the cursor is to be kept even without rows.
func (in *appendSession) hasMoved(from connectors.Cursor) bool {
	idled := in.dataset.lake.idled[in.dataset.source]
	return in.cursor != from && (idled == nil || !idled(from, in.cursor))
}

func (in *appendSession) summary(at time.Time) iceberg.Properties {
	return in.dataset.lake.summary(at, in.writer)
}

// summary is what every snapshot of ours says.
func (l *Lake) summary(at time.Time, writer string) iceberg.Properties {
	said := iceberg.Properties{atProperty: at.Format(time.RFC3339Nano), writerProperty: writer}
	if l.fence > 0 {
		said[fenceProperty] = strconv.FormatInt(l.fence, 10)
	}
	return said
}

// nextInstant is now, or just after the head when the clock was set back:
// checkpoints keep their order.
func (l *Lake) nextInstant(head *table.Snapshot) time.Time {
	at := l.now().UTC()
	if last := committedAt(head); !at.After(last) {
		at = last.Add(time.Microsecond)
	}
	return at
}

func newWriter() (string, error) {
	writer := make([]byte, 8)
	if _, err := rand.Read(writer); err != nil {
		return "", err
	}
	return hex.EncodeToString(writer), nil
}

// pins says which snapshots belong together: the companions' newest ones.
func (in *appendSession) pins() (string, error) {
	var pins []pin
	for i, s := range in.writers {
		p := pin{Table: s.spec.Name, Key: s.spec.Key, Version: s.spec.Version}
		if head := s.table.CurrentSnapshot(); i > 0 && head != nil {
			p.Snapshot = head.SnapshotID
		}
		pins = append(pins, p)
	}
	text, err := json.Marshal(pins)
	return string(text), err
}

package reading

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/pipelines/runlog"
	"merit/transform/lake"
)

// One stream that fails stops nothing but itself: its last good rows stay, and what
// stands on them is named. Which streams a payout stands on follows from the plan, the
// models and the sources' views; those must be there for a run to end well and for a
// payout to be drafted.

// StreamsFailed says which streams could not be read that a payout stands on, or that
// were asked for by name.
type StreamsFailed struct {
	Failed []runlog.Stream
	err    error // of the first one, for who can mend it
}

func (e StreamsFailed) Error() string {
	var lines []string
	for _, f := range e.Failed {
		lines = append(lines, f.Sentence())
	}
	return strings.Join(lines, "\n")
}

// HaveRows tells whether each of them was read as a whole before, so that its last good
// rows can stand in. Half of a first reading is not published.
func (e StreamsFailed) HaveRows() bool {
	return !slices.ContainsFunc(e.Failed, func(s runlog.Stream) bool { return !s.IsWhole })
}

// Unwrap gives the error that says who can mend it.
func (e StreamsFailed) Unwrap() error { return e.err }

// nameFailures completes the records of streams that failed and tells people of them. Its
// error is of those without which a run can't end well.
func (r Reader) nameFailures(records []runlog.Stream, errs map[string]error, only []string) error {
	var failed StreamsFailed
	for i := range records {
		s := &records[i]
		if s.Fault == "" {
			continue
		}
		s.Affects, s.IsPaidOn = r.Lineage.StandsOn(s.Source, s.TableNames())
		if s.IsPaidOn || slices.Contains(only, s.Source+"."+s.Stream) {
			failed.Failed = append(failed.Failed, *s)
			if err := errs[s.Source+"."+s.Stream]; failed.err == nil || fault.WhoMends(err) == fault.Us {
				failed.err = err
			}
			continue
		}
		r.Notice(s.Sentence())
	}
	if len(failed.Failed) == 0 {
		return nil
	}
	return failed
}

// lastGood is when a stream was last read without a failure; what the run log does
// not know is as old as the last commit.
func lastGood(records []runlog.Run, source, stream string, head lake.Checkpoint) time.Time {
	for _, r := range slices.Backward(records) {
		for _, s := range r.Streams {
			if s.Source == source && s.Stream == stream && s.Fault == "" && s.LeftOut == "" {
				return r.EndedAt
			}
		}
	}
	if !wasRead(stream, head, nil) {
		return time.Time{}
	}
	return head.At
}

// isWhole tells whether all of a stream was read once.
func (r Reader) isWhole(source, stream string, head lake.Checkpoint) bool {
	if !wasRead(stream, head, nil) {
		return false
	}
	at := slices.IndexFunc(r.Sources, func(s project.Source) bool { return s.Name == source })
	return at < 0 || r.Sources[at].Connector.Stands == nil || !r.Sources[at].Connector.Stands(head.Cursor).IsPartial
}

// wasRead tells whether anything of a stream ever came.
func wasRead(stream string, head lake.Checkpoint, progress func(connectors.Cursor) connectors.Standing) bool {
	for _, t := range head.Tables {
		if t.Rows > 0 && t.Table != lake.RejectsTable(stream) {
			return true
		}
	}
	return head.Cursor != "" && progress != nil && !progress(head.Cursor).Until.IsZero()
}

// believed passes pages on, and takes a stream that is suddenly left out for what it
// is once rows of it came: a failure, for rows that stay as they are would be taken
// for today's.
func believed(pages iter.Seq2[connectors.Page, error], wasRead bool, leftOut *error) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		for page, err := range pages {
			if page.LeftOut != nil && wasRead {
				for _, b := range page.Batches {
					b.Records.Release()
				}
				yield(connectors.Page{}, fault.Error{Who: fault.WhoMends(page.LeftOut),
					Err: fmt.Errorf("it could be read before and now can't: %w", page.LeftOut)})
				return
			}
			if page.LeftOut != nil {
				*leftOut = page.LeftOut
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// makeEmpty gives a stream of which nothing was ever read its tables, and the reason
// why they are empty, so that the rest can be computed. Its next reading is its first.
func (r Reader) makeEmpty(ctx context.Context, source string, stream connectors.Stream, why string) error {
	dataset := r.Lake.Dataset(source, stream.Name)
	head, err := dataset.Head(ctx)
	if err != nil || !head.IsZero() {
		return err
	}
	t := stream.Tables[0]
	empty := connectors.Page{Rejects: []connectors.Reject{{Table: t.Name, Key: "*", Column: t.Key[0], Reason: why}}}
	_, err = dataset.Append(ctx, stream, func(yield func(connectors.Page, error) bool) { yield(empty, nil) }, nil)
	return err
}

// concernsAll tells whether an error ends the whole reading and not one stream's.
func concernsAll(ctx context.Context, err error) bool {
	return ctx.Err() != nil || connectors.IsOfAccount(err) || errors.Is(err, lake.ErrOvertaken)
}

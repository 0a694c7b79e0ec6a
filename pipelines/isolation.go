package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/runlog"
	"merit/transform/lake"
	"merit/transform/sqltext"
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

// haveRows tells whether each of them was read as a whole before, so that its last good
// rows can stand in. Half of a first reading is not published.
func (e StreamsFailed) haveRows() bool {
	return !slices.ContainsFunc(e.Failed, func(s runlog.Stream) bool { return !s.IsWhole })
}

// Unwrap gives the error that says who can mend it.
func (e StreamsFailed) Unwrap() error { return e.err }

// nameFailures completes the records of streams that failed and tells people of them. Its
// error is of those without which a run can't end well.
func (j *Job) nameFailures(records []runlog.Stream, errs map[string]error, only []string) error {
	var failed StreamsFailed
	for i := range records {
		r := &records[i]
		if r.Fault == "" {
			continue
		}
		r.Affects, r.IsPaidOn = j.standsOn(r.Source, r.TableNames())
		if r.IsPaidOn || slices.Contains(only, r.Source+"."+r.Stream) {
			failed.Failed = append(failed.Failed, *r)
			if err := errs[r.Source+"."+r.Stream]; failed.err == nil || fault.WhoMends(err) == fault.Us {
				failed.err = err
			}
			continue
		}
		j.seen(Event{Notice: r.Sentence()})
	}
	if len(failed.Failed) == 0 {
		return nil
	}
	return failed
}

// standsOn are the metrics and published tables that are computed from a source's raw
// tables, and whether a payout is. Where the plan can't be read, everything may be.
func (j *Job) standsOn(source string, tables []string) (affected []string, isPaidOn bool) {
	staged := j.stagedFrom(source, tables)
	for _, m := range j.Graph.Models() {
		isShown := m.Header.Metric != nil || strings.HasPrefix(m.Name, "marts.")
		if isShown && slices.ContainsFunc(j.Graph.Upstream(m.Name), func(name string) bool { return staged[name] }) {
			affected = append(affected, m.Name)
		}
	}
	in, err := j.Inputs()
	for name := range j.paidFrom(in.Plan, err != nil) {
		isPaidOn = isPaidOn || staged[name]
	}
	return affected, isPaidOn
}

// stagedFrom are the staging tables for which the source's view reads any of its raw
// tables.
func (j *Job) stagedFrom(source string, tables []string) map[string]bool {
	staged := map[string]bool{}
	at := slices.IndexFunc(j.Sources, func(s project.Source) bool { return s.Name == source })
	if at < 0 {
		return staged
	}
	for _, r := range j.Contract {
		if r.Schema != "staging" {
			continue
		}
		text, err := fs.ReadFile(j.Sources[at].Connector.Views, r.Name+".sql")
		if err != nil {
			continue
		}
		view, err := sqltext.ReadView(string(text))
		if err != nil { // staging says so; until then it may read anything
			staged[r.Schema+"."+r.Name] = true
		}
		for _, table := range view.Tables {
			if slices.Contains(tables, table) {
				staged[r.Schema+"."+r.Name] = true
			}
		}
	}
	return staged
}

// paidFrom are all tables that a payout is computed from: the scores and what they
// are made of, of the metrics only those that some version of the plan pays on.
func (j *Job) paidFrom(p *plan.Plan, isUnknown bool) map[string]bool {
	paid := map[string]bool{}
	if p != nil {
		for _, v := range p.Versions {
			for _, role := range v.Roles {
				for name := range maps.Keys(role.Metrics) {
					paid["metrics."+name] = true
				}
			}
			for _, pool := range v.Pools {
				paid["metrics."+pool.Metric] = true
			}
		}
	}
	found := map[string]bool{}
	var follow func(string)
	follow = func(name string) {
		if found[name] || strings.HasPrefix(name, "metrics.") && !paid[name] && !isUnknown {
			return
		}
		found[name] = true
		if m := j.Graph.Model(name); m != nil {
			for _, need := range m.Needs {
				follow(need)
			}
		}
	}
	for _, root := range []string{"scores.rep_scores", "core.rep_periods", "core.quotas"} {
		follow(root)
	}
	return found
}

// mustBeReadWell refuses to draft a payout from a stream whose last reading failed.
func (j *Job) mustBeReadWell() error {
	failed, err := j.failed()
	if err != nil {
		return err
	}
	var without []string
	for _, r := range failed {
		if _, r.IsPaidOn = j.standsOn(r.Source, r.TableNames()); r.IsPaidOn {
			without = append(without, r.Sentence())
		}
	}
	if len(without) == 0 {
		return nil
	}
	return fault.Errorf(fault.You, "no payout is drafted from rows that may be old; `merit run` until they are read, or leave a stream out in %s (without:) if nobody is to be paid by it:\n%s",
		project.FileName, strings.Join(without, "\n"))
}

// Failures are sentences on the streams whose last reading failed.
func (j *Job) Failures() []string {
	failed, err := j.failed()
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, r := range failed {
		all = append(all, r.Sentence())
	}
	return all
}

// failed are the streams that are wanted and whose last reading failed.
func (j *Job) failed() ([]runlog.Stream, error) {
	records, err := runlog.Read(j.Project)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(runlog.LastReadings(records), func(r runlog.Stream) bool { return r.Fault == "" || !j.isRead(r.Source, r.Stream) }), nil
}

func (j *Job) isRead(source, stream string) bool {
	return slices.ContainsFunc(j.Sources, func(s project.Source) bool { return s.Name == source && s.Reads(stream) })
}

// lastGood is when a stream was last read without a failure; what the run log does
// not know is as old as the last commit.
func (j *Job) lastGood(records []runlog.Run, source, stream string, head lake.Checkpoint) time.Time {
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
func (j *Job) isWhole(source, stream string, head lake.Checkpoint) bool {
	if !wasRead(stream, head, nil) {
		return false
	}
	at := slices.IndexFunc(j.Sources, func(s project.Source) bool { return s.Name == source })
	return at < 0 || j.Sources[at].Connector.Stands == nil || !j.Sources[at].Connector.Stands(head.Cursor).IsPartial
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
func (j *Job) makeEmpty(ctx context.Context, source string, stream connectors.Stream, why string) error {
	dataset := j.Lake.Dataset(source, stream.Name)
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

package reading

import (
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/pipelines/runlog"
)

// MustBeReadWell refuses to draft a payout from a stream whose last reading failed, or of
// which the lake lacks records.
func MustBeReadWell(p *project.Project, l Lineage) error {
	failed, err := failed(p, l.Sources)
	if err != nil {
		return err
	}
	var without []string
	for _, r := range failed {
		if _, r.IsPaidOn = l.StandsOn(r.Source, r.TableNames()); r.IsPaidOn {
			without = append(without, r.Sentence())
		}
	}
	runs, err := runlog.Read(p)
	if err != nil {
		return err
	}
	for _, s := range runlog.LastShortfalls(runs) {
		if s.IsPaidOn && isRead(l.Sources, s.Source, s.Object) {
			without = append(without, s.Sentence())
		}
	}
	if len(without) == 0 {
		return nil
	}
	return fault.Errorf(fault.You, "no payout is drafted from rows that may be old or missing; `merit run` until they are read, or leave a stream out in %s (without:) if nobody is to be paid by it:\n%s",
		project.FileName, strings.Join(without, "\n"))
}

// Failures are sentences on the streams whose last reading failed.
func Failures(p *project.Project, l Lineage) []string {
	failed, err := failed(p, l.Sources)
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
func failed(p *project.Project, sources []project.Source) ([]runlog.Stream, error) {
	records, err := runlog.Read(p)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(runlog.LastReadings(records), func(r runlog.Stream) bool { return r.Fault == "" || !isRead(sources, r.Source, r.Stream) }), nil
}

func isRead(sources []project.Source, source, stream string) bool {
	return slices.ContainsFunc(sources, func(s project.Source) bool { return s.Name == source && s.Reads(stream) })
}

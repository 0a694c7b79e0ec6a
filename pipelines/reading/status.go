package reading

import (
	"context"
	"fmt"
	"slices"
	"time"

	"merit/connectors"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// A StreamStatus is what the lake knows of one stream.
type StreamStatus struct {
	Source, Stream string
	Rows           int64
	Cursor         connectors.Cursor
	ReadAt         time.Time // when its last checkpoint was committed
	connectors.Standing
}

// Status looks at the lake; no CRM is asked.
func Status(ctx context.Context, l *lake.Lake, sources []project.Source) ([]StreamStatus, error) {
	datasets, err := l.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	var streams []StreamStatus
	for _, d := range datasets {
		head, err := d.Head(ctx)
		if err != nil {
			return nil, err
		}
		s := StreamStatus{Source: d.Source(), Stream: d.Stream(), Cursor: head.Cursor, ReadAt: head.At}
		if at := slices.IndexFunc(sources, func(one project.Source) bool { return one.Name == s.Source }); at >= 0 {
			if stands := sources[at].Connector.Stands; stands != nil {
				s.Standing = stands(head.Cursor)
			}
		}
		for _, t := range head.Tables {
			s.Rows += t.Rows
		}
		streams = append(streams, s)
	}
	return streams, nil
}

const (
	// quietFor: in a company at work some record changes every day; a week without
	// any is more often a lost permission or a frozen copy than a holiday.
	quietFor = 7 * 24 * time.Hour
	// BehindBy: streams of a source are read together.
	BehindBy = 24 * time.Hour
)

// Stale says which sources bring nothing new though reading goes well, and which
// streams were left behind by the others of their source. It goes by the CRM's own
// times, and asks no clock.
func Stale(streams []StreamStatus) []string {
	newest, until := map[string]time.Time{}, map[string]time.Time{}
	var names []string
	for _, s := range streams {
		if !slices.Contains(names, s.Source) {
			names = append(names, s.Source)
		}
		newest[s.Source], until[s.Source] = Later(newest[s.Source], s.Newest), Later(until[s.Source], s.Until)
	}
	var said []string
	for _, source := range names {
		if age := until[source].Sub(newest[source]); !newest[source].IsZero() && age >= quietFor {
			said = append(said, fmt.Sprintf("%s: everything up to %s is read, and the newest of all records is of %s, %d days before; does the account still see what changes?",
				source, until[source].UTC().Format(time.RFC3339), newest[source].UTC().Format(time.RFC3339), int(age.Hours()/24)))
		}
	}
	for _, s := range streams {
		if !s.Until.IsZero() && until[s.Source].Sub(s.Until) >= BehindBy {
			said = append(said, fmt.Sprintf("%s.%s is read up to %s only, and other streams of %s up to %s",
				s.Source, s.Stream, s.Until.UTC().Format(time.RFC3339), s.Source, until[s.Source].UTC().Format(time.RFC3339)))
		}
	}
	return said
}

// Later is the later of two instants.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

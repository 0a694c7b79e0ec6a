package reading

import (
	"context"
	"errors"

	"merit/connectors"
	"merit/pipelines/privacy"
	"merit/pipelines/project"
)

// A Finding is what a look at one source gave, without reading any record.
type Finding struct {
	Source   string
	Streams  []connectors.Stream
	Usage    *connectors.Usage
	Warnings []string // and what of it can't be read
	Privacy  []string // where each policy of merit.yml holds
	Err      error
}

// Preflight signs in to every source and asks what the account may read. All
// sources are looked at, also when one of them has a fault.
func Preflight(ctx context.Context, p *project.Project, sources []project.Source) ([]Finding, error) {
	var findings []Finding
	var faults error
	for _, s := range sources {
		f := Finding{Source: s.Name}
		source, err := s.Open(ctx)
		if err == nil {
			choose(p, source, s, nil)
			f.Streams, err = source.Streams(ctx)
		}
		if err == nil {
			var g *privacy.Guard
			if g, err = privacy.New(p, s, f.Streams); err == nil {
				f.Privacy = g.Told()
			}
		}
		if err == nil {
			_, err = narrow(s, f.Streams, nil)
			f.Usage, f.Warnings = usage(source), append(unreadable(s, f.Streams), warnings(source)...)
		}
		if err != nil {
			f.Err = named(s, err)
			faults = errors.Join(faults, f.Err)
		}
		findings = append(findings, f)
	}
	return findings, faults
}

// unreadable says of the streams that are wanted which can't be read today, and why.
func unreadable(s project.Source, streams []connectors.Stream) []string {
	reasons := map[string]string{}
	for _, stream := range streams {
		if stream.Unreadable != nil && s.Reads(stream.Name) {
			reasons[stream.Name] = stream.Unreadable.Error()
		}
	}
	var all []string
	for _, text := range byReason(reasons) {
		all = append(all, "can't be read: "+text)
	}
	return all
}

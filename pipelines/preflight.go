package pipelines

import (
	"context"
	"errors"

	"merit/connectors"
)

// A Finding is what a look at one source gave, without reading any record.
type Finding struct {
	Source  string
	Streams []connectors.Stream
	Usage   *connectors.Usage
	Remarks []string
	Err     error
}

// Preflight signs in to every source and asks what the account may read. All
// sources are looked at, also when one of them has a fault.
func (j *Job) Preflight(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	var faults error
	for _, s := range j.Sources {
		f := Finding{Source: s.Name}
		source, err := s.Open(ctx)
		if err == nil {
			f.Streams, err = source.Streams(ctx)
		}
		if err == nil {
			_, err = narrow(s, f.Streams, nil)
			f.Usage, f.Remarks = usage(source), remarks(source)
		}
		if err != nil {
			f.Err = named(s, err)
			faults = errors.Join(faults, f.Err)
		}
		findings = append(findings, f)
	}
	return findings, faults
}

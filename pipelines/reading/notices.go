package reading

import (
	"context"
	"slices"
	"strings"

	"merit/connectors"
	"merit/pipelines/runlog"
)

// warn tells what a source noticed and which of its streams an account has nothing of.
func (r Reader) warn(name string, source connectors.Source, records []runlog.Stream) {
	for _, warning := range warnings(source) {
		r.Notice(name + ": " + warning)
	}
	leftOut := map[string]string{}
	for _, stream := range records {
		if stream.LeftOut != "" {
			leftOut[stream.Stream] = stream.LeftOut
		}
	}
	for _, text := range byReason(leftOut) {
		r.Notice(name + ": left out: " + text)
	}
}

// byReason joins the names that have one reason in common.
func byReason(reasons map[string]string) []string {
	names := map[string][]string{}
	for name, reason := range reasons {
		names[reason] = append(names[reason], name)
	}
	var all []string
	for reason, of := range names {
		slices.Sort(of)
		all = append(all, strings.Join(of, ", ")+" ("+reason+")")
	}
	slices.Sort(all)
	return all
}

// warnings are what a source noticed by the way.
func warnings(source connectors.Source) []string {
	if w, ok := source.(connectors.Warner); ok {
		return w.Warnings()
	}
	return nil
}

// tellStale says what seems to stand still.
func (r Reader) tellStale(ctx context.Context) error {
	streams, err := Status(ctx, r.Lake, r.Sources)
	if err != nil {
		return err
	}
	for _, notice := range Stale(streams) {
		r.Notice(notice)
	}
	return nil
}

package reading

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"merit/connectors"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/transform/lake"
	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// Fills says of every source and staging table whether what is not there can
// be taken for nothing: only of what was read, and as far as the rest.
func Fills(sources []project.Source, contract []warehouse.Relation, checkpoints map[string][]lake.Checkpoint) ([]plan.Stream, error) {
	var streams []plan.Stream
	for _, source := range sources {
		tables, newest := readTables(source.Connector.Stands, checkpoints[source.Name])
		for _, r := range contract {
			if r.Schema != "staging" {
				continue
			}
			stream, err := streamOf(source, r.Name, tables, newest)
			if err != nil {
				return nil, err
			}
			streams = append(streams, stream)
		}
	}
	return streams, nil
}

// A readTable is a raw table as far as it was read.
type readTable struct {
	rows  int64
	until time.Time // zero: the source does not say
}

// readTables are a source's raw tables by name, and how far the furthest of them
// was read.
func readTables(stands func(connectors.Cursor) connectors.Standing, checkpoints []lake.Checkpoint) (map[string]readTable, time.Time) {
	tables, newest := map[string]readTable{}, time.Time{}
	for _, checkpoint := range checkpoints {
		var until time.Time
		if stands != nil {
			until = stands(checkpoint.Cursor).Until
			newest = Later(newest, until)
		}
		for _, t := range checkpoint.Tables {
			tables[t.Table] = readTable{t.Rows, until}
		}
	}
	return tables, newest
}

// streamOf is what a staging table gets from a source.
func streamOf(source project.Source, name string, tables map[string]readTable, newest time.Time) (plan.Stream, error) {
	stream := plan.Stream{Source: source.Name, Name: name, State: plan.LeftOut}
	text, err := fs.ReadFile(source.Connector.Views, name+".sql")
	if errors.Is(err, fs.ErrNotExist) {
		return stream, nil
	}
	if err != nil {
		return stream, fmt.Errorf("the view %s of %s: %w", name, source.Name, err)
	}
	view, err := sqltext.ReadView(string(text))
	if err != nil {
		return stream, fmt.Errorf("the view %s of %s: %w", name, source.Name, err)
	}
	for _, read := range view.Tables {
		table, isRead := tables[read]
		if !isRead || source.Connector.EmptyIsAbsent && table.rows == 0 {
			continue
		}
		if stream.State == plan.LeftOut {
			stream.State = plan.Fresh
		}
		if !table.until.IsZero() && (stream.ReadUntil.IsZero() || table.until.Before(stream.ReadUntil)) {
			stream.ReadUntil = table.until
		}
	}
	if stream.State == plan.Fresh && !stream.ReadUntil.IsZero() && newest.Sub(stream.ReadUntil) >= BehindBy {
		stream.State = plan.Stale
	}
	return stream, nil
}

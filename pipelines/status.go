package pipelines

import (
	"context"
	"time"

	"merit/connectors"
)

// A StreamStatus is what the lake knows of one stream.
type StreamStatus struct {
	Source, Stream string
	Rows           int64
	Cursor         connectors.Cursor
	ReadAt         time.Time // when its last checkpoint was committed
}

// Status looks at the lake; no CRM is asked.
func (j *Job) Status(ctx context.Context) ([]StreamStatus, error) {
	datasets, err := j.Lake.Datasets(ctx)
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
		for _, t := range head.Tables {
			s.Rows += t.Rows
		}
		streams = append(streams, s)
	}
	return streams, nil
}

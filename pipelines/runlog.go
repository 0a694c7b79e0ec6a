package pipelines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"merit/connectors"
	"merit/pipelines/project"
)

// A Record is how one command on a project ended. The list of them is only ever
// appended to.
type Record struct {
	Command   string                      `json:"command"`
	StartedAt time.Time                   `json:"started_at"`
	EndedAt   time.Time                   `json:"ended_at"`
	AsOf      time.Time                   `json:"as_of,omitzero"`
	Built     int                         `json:"built,omitempty"` // tables
	Streams   []StreamRecord              `json:"streams,omitempty"`
	Budgets   map[string]connectors.Usage `json:"api_calls,omitempty"`    // by source
	Quality   map[string]int64            `json:"data_quality,omitempty"` // rows of marts.data_quality, by kind
	Fault     string                      `json:"fault,omitempty"`        // "" is a good end
}

// A StreamRecord is what one stream brought.
type StreamRecord struct {
	Source string        `json:"source"`
	Stream string        `json:"stream"`
	Tables []TableRecord `json:"tables,omitempty"`

	LeftOut  string    `json:"left_out,omitempty"`   // why an account has nothing of it
	Fault    string    `json:"fault,omitempty"`      // why it could not be read; "" is a good end
	LastGood time.Time `json:"last_good,omitzero"`   // of one that failed: when it was last read well
	Affects  []string  `json:"affects,omitempty"`    // of one that failed: metrics and published tables that stand on it
	IsPaidOn bool      `json:"is_paid_on,omitempty"` // of one that failed: a payout stands on it
	IsWhole  bool      `json:"-"`                    // all of it was read once
}

// A TableRecord is what came for one table of a stream.
type TableRecord struct {
	Table   string `json:"table"`
	Read    int64  `json:"read"`
	New     int64  `json:"new"` // rows that the lake did not have yet
	Rejects int64  `json:"rejects,omitempty"`
}

func runLog(p *project.Project) string { return filepath.Join(p.State(), "runs.jsonl") }

// Remember appends the record.
func Remember(p *project.Project, r Record) (err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.State(), 0o700); err != nil {
		return fmt.Errorf("remember this run: %w", err)
	}
	file, err := os.OpenFile(runLog(p), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("remember this run: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.Write(append(line, '\n'))
	return err
}

// Records are all that is remembered, the oldest first. A last line that a crash
// cut short is passed over.
func Records(p *project.Project) ([]Record, error) {
	text, err := os.ReadFile(runLog(p))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []Record
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		var r Record
		if err := json.Unmarshal(lines.Bytes(), &r); err == nil {
			records = append(records, r)
		}
	}
	return records, lines.Err()
}

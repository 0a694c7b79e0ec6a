// Package runlog remembers how each command on a project ended: a file that is only
// ever appended to, and the published table made of it.
package runlog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"merit/connectors"
	"merit/pipelines/project"
)

// A Run is how one command on a project ended.
type Run struct {
	Command   string                      `json:"command"`
	StartedAt time.Time                   `json:"started_at"`
	EndedAt   time.Time                   `json:"ended_at"`
	AsOf      time.Time                   `json:"as_of,omitzero"`
	Built     int                         `json:"built,omitempty"` // tables
	Streams   []Stream                    `json:"streams,omitempty"`
	Budgets   map[string]connectors.Usage `json:"api_calls,omitempty"`    // by source
	Quality   map[string]int64            `json:"data_quality,omitempty"` // rows of marts.data_quality, by kind
	Fault     string                      `json:"fault,omitempty"`        // "" is a good end

	Shortfalls []Shortfall `json:"shortfalls,omitempty"` // records that the CRM has and the lake lacks
}

// A Stream is what one stream brought.
type Stream struct {
	Source string  `json:"source"`
	Stream string  `json:"stream"`
	Tables []Table `json:"tables,omitempty"`

	LeftOut  string    `json:"left_out,omitempty"`   // why an account has nothing of it
	Fault    string    `json:"fault,omitempty"`      // why it could not be read; "" is a good end
	LastGood time.Time `json:"last_good,omitzero"`   // of one that failed: when it was last read well
	Affects  []string  `json:"affects,omitempty"`    // of one that failed: metrics and published tables that stand on it
	IsPaidOn bool      `json:"is_paid_on,omitempty"` // of one that failed: a payout stands on it
	IsWhole  bool      `json:"-"`                    // all of it was read once
}

// A Table is what came for one table of a stream.
type Table struct {
	Table   string `json:"table"`
	Read    int64  `json:"read"`
	New     int64  `json:"new"` // rows that the lake did not have yet
	Rejects int64  `json:"rejects,omitempty"`
}

func path(p *project.Project) string { return filepath.Join(p.State(), "runs.jsonl") }

// Append adds a run to the log.
func Append(p *project.Project, r Run) (err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.State(), 0o700); err != nil {
		return fmt.Errorf("remember this run: %w", err)
	}
	file, err := os.OpenFile(path(p), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("remember this run: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.Write(append(line, '\n'))
	return err
}

// Read gives all that is remembered, the oldest first. A last line that a crash
// cut short is passed over.
func Read(p *project.Project) ([]Run, error) {
	text, err := os.ReadFile(path(p))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []Run
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		var r Run
		if err := json.Unmarshal(lines.Bytes(), &r); err == nil {
			records = append(records, r)
		}
	}
	return records, lines.Err()
}

// Sentence says what failed, how old its rows are and what stands on them.
func (s Stream) Sentence() string {
	age := "nothing of it was ever read"
	if !s.LastGood.IsZero() {
		age = "its rows stay as they were read on " + s.LastGood.UTC().Format(time.RFC3339)
	}
	text := fmt.Sprintf("%s.%s could not be read: %s; %s", s.Source, s.Stream, s.Fault, age)
	if len(s.Affects) > 0 {
		text += "; on them stand " + shortList(s.Affects)
	}
	if s.IsPaidOn {
		text += "; a payout stands on it"
	}
	return text
}

// shortList names a few and counts the rest.
func shortList(names []string) string {
	const most = 6
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// TableNames are the names of its tables.
func (r Stream) TableNames() []string {
	var names []string
	for _, t := range r.Tables {
		names = append(names, t.Table)
	}
	return names
}

// LastReadings are how each stream was last read, by source and stream.
func LastReadings(records []Run) []Stream {
	last := map[string]Stream{}
	for _, r := range records {
		for _, s := range r.Streams {
			last[s.Source+"."+s.Stream] = s
		}
	}
	var all []Stream
	for _, name := range slices.Sorted(maps.Keys(last)) {
		all = append(all, last[name])
	}
	return all
}

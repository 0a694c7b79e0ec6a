package recount

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// frozen is a folder of a period as somebody would get it on a stick: what was
// signed, and the inputs that it was computed from.
type frozen struct {
	inputs    string
	heading   heading
	plan      version
	roster    []row
	quotas    []row
	standings []standing
	measures  []measure
	evidence  []record
	later     []record
	lines     []line
	flags     []flag
}

type heading struct {
	Period    string `json:"period"`
	StartsOn  string `json:"starts_on"`
	EndsOn    string `json:"ends_on"`
	startsOn  time.Time
	endsOn    time.Time
	totalDays int
}

type row map[string]string

type standing struct {
	Period, RepID, Role, Team, Score, Tier, Multiplier, Currency, BonusTarget, Potential string
	Days, LeaveDays, PeriodDays                                                          int
	IsHeld                                                                               bool
	Spans                                                                                []span
	Measures                                                                             []total
}

type span struct {
	Days, LeaveDays       int
	BonusTarget, Currency string
}

type total struct {
	Metric, Kind, Value, Numerator, Denominator, Missing string
	Samples                                              int
}

type measure struct {
	RepID      string `json:"rep_id"`
	Role       string `json:"role"`
	Metric     string `json:"metric"`
	Value      string `json:"value"`
	Attainment string `json:"attainment"`
	WeightUsed string `json:"weight_used"`
	Samples    string `json:"samples"`
}

type record struct {
	ID          string `json:"evidence_id"`
	Period      string `json:"period"`
	RepID       string `json:"rep_id"`
	Role        string `json:"role"`
	Metric      string `json:"metric"`
	Numerator   string `json:"numerator"`
	Denominator string `json:"denominator"`
	Excluded    string `json:"excluded"`
}

type line struct {
	Period         string `json:"period"`
	ForPeriod      string `json:"for_period"`
	RepID          string `json:"rep_id"`
	Role           string `json:"role"`
	Kind           string `json:"kind"`
	Pool           string `json:"pool"`
	Score          string `json:"score"`
	Tier           string `json:"tier"`
	Multiplier     string `json:"multiplier"`
	PaidDays       int    `json:"paid_days"`
	LeaveDays      int    `json:"leave_days"`
	PeriodDays     int    `json:"period_days"`
	Currency       string `json:"currency"`
	ExportedBefore string `json:"exported_before"`
	TruthNow       string `json:"truth_now"`
	Amount         string `json:"amount"`
	State          string `json:"state"`
}

type flag struct {
	RepID  string `json:"rep_id"`
	Period string `json:"period"`
	Kind   string `json:"kind"`
}

type version struct {
	Version       string          `yaml:"version"`
	EffectiveFrom string          `yaml:"effective_from"`
	Roles         map[string]role `yaml:"roles"`
	Tiers         []tier          `yaml:"tiers"`
	Limits        *limits         `yaml:"limits"`
	MinimumWeight string          `yaml:"minimum_weight"`
	BelowMinimum  string          `yaml:"below_minimum_weight"`
	Unsound       string          `yaml:"unsound_records"`
	Recovery      *struct {
		From string `yaml:"from"`
		Most string `yaml:"most_percent"`
	} `yaml:"recovery"`
	Eligibility struct {
		MinimumDays int    `yaml:"minimum_days"`
		Counted     string `yaml:"counted"`
		OnLastDay   bool   `yaml:"on_last_day"`
	} `yaml:"eligibility"`
	Budgets []struct {
		Currency string `yaml:"currency"`
		Amount   string `yaml:"amount"`
		When     string `yaml:"when_exceeded"`
	} `yaml:"budgets"`
	Pools []pool `yaml:"pools"`
}

type role struct {
	Metrics map[string]mix `yaml:"metrics"`
	Tiers   []tier         `yaml:"tiers"`
	Limits  *limits        `yaml:"limits"`
}

type mix struct {
	Weight      string `yaml:"weight"`
	Floor       string `yaml:"floor"`
	Target      string `yaml:"target"`
	Cap         string `yaml:"cap"`
	MinSamples  string `yaml:"min_samples"`
	WhenMissing string `yaml:"when_missing"`
	Normalise   string `yaml:"normalise"`
}

type tier struct {
	Tier       string `yaml:"tier"`
	From       string `yaml:"from"`
	Multiplier string `yaml:"multiplier"`
}

type limits struct {
	CapPercent   string            `yaml:"cap_percent"`
	FloorPercent string            `yaml:"floor_percent"`
	Cap          map[string]string `yaml:"cap"`
	Floor        map[string]string `yaml:"floor"`
}

type pool struct {
	Pool       string            `yaml:"pool"`
	Teams      []string          `yaml:"teams"`
	Roles      []string          `yaml:"roles"`
	Amount     string            `yaml:"amount"`
	Currency   string            `yaml:"currency"`
	Metric     string            `yaml:"metric"`
	Target     string            `yaml:"target"`
	Floor      string            `yaml:"floor"`
	Cap        string            `yaml:"cap"`
	MinSamples string            `yaml:"min_samples"`
	SharedBy   string            `yaml:"shared_by"`
	Weights    map[string]string `yaml:"weights"`
}

// open reads a folder of a period: draft, or locked.
func open(folder string) (*frozen, error) {
	inputs := filepath.Join(folder, "inputs")
	f := &frozen{inputs: inputs}
	headings, err := readLines[heading](filepath.Join(inputs, "heading.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(headings) != 1 {
		return nil, fmt.Errorf("%s: %d headings, not one", folder, len(headings))
	}
	f.heading = headings[0]
	if err := f.heading.parse(); err != nil {
		return nil, err
	}
	if f.roster, err = readTable(filepath.Join(inputs, "roster.csv")); err != nil {
		return nil, err
	}
	if f.quotas, err = readTable(filepath.Join(inputs, "quotas.csv")); err != nil {
		return nil, err
	}
	if f.plan, err = readPlan(filepath.Join(inputs, "plan.yml"), f.heading.EndsOn); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		path string
		read func(string) error
	}{
		{filepath.Join(inputs, "standings.jsonl"), into(&f.standings)},
		{filepath.Join(inputs, "measures.jsonl"), into(&f.measures)},
		{filepath.Join(inputs, "evidence.jsonl"), into(&f.evidence)},
		{filepath.Join(inputs, "later.jsonl"), into(&f.later)},
		{filepath.Join(inputs, "flags.jsonl"), into(&f.flags)},
		{filepath.Join(folder, "lines.jsonl"), into(&f.lines)},
	} {
		if err := file.read(file.path); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (h *heading) parse() error {
	var err error
	if h.startsOn, err = time.Parse(time.DateOnly, h.StartsOn); err != nil {
		return err
	}
	if h.endsOn, err = time.Parse(time.DateOnly, h.EndsOn); err != nil {
		return err
	}
	h.totalDays = days(h.startsOn, h.endsOn)
	return nil
}

// days counts both ends.
func days(from, to time.Time) int { return int(to.Sub(from).Hours()/24) + 1 }

func into[T any](rows *[]T) func(string) error {
	return func(path string) error {
		read, err := readLines[T](path)
		*rows = read
		return err
	}
}

func readLines[T any](path string) ([]T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []T
	scan := bufio.NewScanner(bytes.NewReader(data))
	scan.Buffer(nil, 1<<24)
	for scan.Scan() {
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		var one T
		if err := json.Unmarshal(scan.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		rows = append(rows, one)
	}
	return rows, scan.Err()
}

// readTable reads a CSV by its titles; a line that begins with # is a comment.
func readTable(path string) ([]row, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	reader.Comment, reader.FieldsPerRecord = '#', -1
	titles, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rows []row
	for {
		cells, err := reader.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		r := row{}
		for i, title := range titles {
			if i < len(cells) {
				r[strings.TrimSpace(title)] = strings.TrimSpace(cells[i])
			}
		}
		rows = append(rows, r)
	}
}

// readPlan is the version in force on a quarter's last day.
func readPlan(path, day string) (version, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return version{}, err
	}
	var plan struct {
		Versions []version `yaml:"versions"`
	}
	if err := yaml.Unmarshal(data, &plan); err != nil {
		return version{}, fmt.Errorf("%s: %w", path, err)
	}
	var found *version
	for i, v := range plan.Versions {
		if v.EffectiveFrom <= day {
			found = &plan.Versions[i]
		}
	}
	if found == nil {
		return version{}, fmt.Errorf("%s: no version holds on %s", path, day)
	}
	return *found, nil
}

// number is an exact number; text that is none is an error of the file.
func number(text string) *big.Rat {
	n, ok := new(big.Rat).SetString(strings.TrimSpace(text))
	if !ok {
		return nil
	}
	return n
}

func or(text, unless string) *big.Rat {
	if text == "" {
		return number(unless)
	}
	return number(text)
}

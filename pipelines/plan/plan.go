// Package plan is plan.yml: the published rules by which behaviour is measured
// and paid, versioned and effective-dated, and the hand-kept tables beside it
// (roster, quotas, reviews).
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/calendar"
	"merit/pipelines/yamlfile"
)

// A Plan is all versions of the rules, in the order in which they take effect.
type Plan struct {
	Versions []Version `yaml:"versions"`
	file     *yamlfile.File
}

// A Version holds for every period that ends on or after its first day, until
// the next version does.
type Version struct {
	Name          string              `yaml:"version"`
	EffectiveFrom string              `yaml:"effective_from"` // YYYY-MM-DD
	Roles         map[string]Role     `yaml:"roles"`
	Parameters    map[string]Settings `yaml:"parameters"` // by metric
	Tiers         []Tier              `yaml:"tiers"`
	Eligibility   Eligibility         `yaml:"eligibility"`
	from          time.Time
}

// A Role is measured by its own mix of metrics.
type Role struct {
	Title   string            `yaml:"title"`
	Metrics map[string]Metric `yaml:"metrics"`
}

// A Metric says what it takes to earn the points of a metric.
type Metric struct {
	Weight      Decimal `yaml:"weight"`       // of 100
	Floor       Decimal `yaml:"floor"`        // attainment 0, default 0
	Target      Decimal `yaml:"target"`       // attainment 100
	Cap         Decimal `yaml:"cap"`          // highest attainment, default 120
	MinSamples  *int    `yaml:"min_samples"`  // fewer records: shown, not scored; default 3
	WhenMissing string  `yaml:"when_missing"` // redistribute (default), zero, hold
}

// Settings are the parameters of one metric: a text, a number or a list.
type Settings map[string]Values

// Values is a parameter's value, or its values.
type Values []string

// A Tier begins at a score and reaches up to the next one.
type Tier struct {
	Name       string  `yaml:"tier"`
	From       Decimal `yaml:"from"`
	Multiplier Decimal `yaml:"multiplier"`
}

// Eligibility says who is paid at all.
type Eligibility struct {
	MinimumDays int `yaml:"minimum_days"` // in the role within the period
}

// A Decimal is a number exactly as it was written.
type Decimal struct{ apd.Decimal }

// UnmarshalYAML keeps the digits of the file.
func (d *Decimal) UnmarshalYAML(decode func(any) error) error {
	var text string
	if err := decode(&text); err != nil {
		return err
	}
	if _, _, err := d.SetString(text); err != nil || d.Form != apd.Finite {
		return fmt.Errorf("%q is not a number", text)
	}
	return nil
}

// MarshalJSON writes plain digits, so that a version's hash does not depend on notation.
func (d Decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.Plain()) }

// Plain is the number without exponent or trailing zeros.
func (d Decimal) Plain() string {
	var reduced apd.Decimal
	reduced.Reduce(&d.Decimal)
	return reduced.Text('f')
}

// UnmarshalYAML takes a scalar or a list of scalars.
func (v *Values) UnmarshalYAML(decode func(any) error) error {
	var list []string
	if err := decode(&list); err == nil {
		*v = list
		return nil
	}
	var one string
	if err := decode(&one); err != nil {
		return err
	}
	*v = Values{one}
	return nil
}

// A Known metric is one that models/metrics has, with its parameters and their
// defaults.
type Known map[string]Settings

// Open reads plan.yml and checks it against the metrics there are.
func Open(path string, known Known) (*Plan, error) {
	p := &Plan{}
	var err error
	if p.file, err = yamlfile.Read(path, p); err != nil {
		return nil, err
	}
	return p, p.check(known)
}

// Parse is Open for text that is in memory.
func Parse(name string, text []byte, known Known) (*Plan, error) {
	p := &Plan{}
	var err error
	if p.file, err = yamlfile.Parse(name, text, p); err != nil {
		return nil, err
	}
	return p, p.check(known)
}

// For gives the version in force on the last day of the quarter; false before
// the first one.
func (p *Plan) For(q calendar.Quarter) (Version, bool) {
	last := q.LastDay().Format(time.DateOnly)
	for _, v := range slices.Backward(p.Versions) {
		if v.EffectiveFrom <= last {
			return v, true
		}
	}
	return Version{}, false
}

// Hash is the SHA-256 of the version's rules; comments and layout of the file
// do not matter.
func (v Version) Hash() string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a plan that was read can't be written: %v", err)) // only numbers, texts and maps of them
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// RoleNames are in the order of the alphabet.
func (v Version) RoleNames() []string { return slices.Sorted(maps.Keys(v.Roles)) }

// MetricNames of a role are in the order of the alphabet.
func (r Role) MetricNames() []string { return slices.Sorted(maps.Keys(r.Metrics)) }

func list(names []string) string { return strings.Join(names, ", ") }

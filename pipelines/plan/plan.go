// Package plan is plan.yml: the published rules by which behaviour is measured
// and paid, versioned and effective-dated, and the hand-kept tables beside it
// (roster, quotas, reviews).
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/goccy/go-yaml/ast"

	"merit/pipelines/calendar"
	"merit/pipelines/yamlfile"
)

// A Plan is all versions of the rules, in the order in which they take effect.
type Plan struct {
	Versions []Version `yaml:"versions" schema:"required,least=1" doc:"The rules, in the order in which they take effect."`
	file     *yamlfile.File
}

// A Version holds for every period that ends on or after its first day, until
// the next version does.
type Version struct {
	Name          string              `yaml:"version" schema:"required,filled" doc:"What files and statements call it: \"2026.1\"."`
	EffectiveFrom string              `yaml:"effective_from" schema:"required,date" doc:"It holds for every quarter whose last day is on or after this one: 2026-01-01."`
	Roles         map[string]Role     `yaml:"roles" schema:"required,least=1" doc:"Each role of the roster, with its own mix of metrics."`
	Parameters    map[string]Settings `yaml:"parameters" doc:"What the metrics take, by metric; merit docs lists each one's parameters."`
	MinimumWeight *Decimal            `yaml:"minimum_weight" schema:"min=0,max=100,decimals=4" doc:"Of 100 that has to be scored for a tier; below it a score is shown without one. 60 unless said."`
	BelowMinimum  string              `yaml:"below_minimum_weight" schema:"enum=unpaid|hold" doc:"What becomes of the line of who is below it: unpaid (unless said), or hold."`
	OpenDisputes  string              `yaml:"open_disputes" schema:"enum=pay|hold" doc:"What becomes of a line while a dispute about it is open: pay (unless said), or hold."`
	Unsound       string              `yaml:"unsound_records" schema:"enum=hold|pay" doc:"What becomes of a line that stands on records of which a value was not believed: hold (unless said), or pay."`
	DataQuality   map[string]Count    `yaml:"data_quality" doc:"The most rows of marts.data_quality by kind, such as unknown stage: 0. With more, nothing is published. Kinds without a number stop nothing."`
	Recovery      *Recovery           `yaml:"recovery" doc:"How what somebody owes is taken back; without it a negative amount goes to payroll as it is."`
	Drift         *Drift              `yaml:"drift" doc:"When a period's values, gaps and volumes are unlike those of the four periods before; marts.drift lists them."`
	Flags         map[string]Settings `yaml:"flags" doc:"What the flag rules take, by rule, and each one's severity: high, look or off."`
	SignOff       []string            `yaml:"sign_off" doc:"For which scores a line waits until a manager signs: near a tier, truncated history, doubtful data. For none unless said."`
	Tiers         []Tier              `yaml:"tiers" doc:"From low to high; a tier is [from, next tier's from)."`
	Eligibility   Eligibility         `yaml:"eligibility" doc:"Who is paid at all."`
	Limits        Limits              `yaml:"limits" doc:"What a bonus can come to, for roles without limits of their own."`
	Budgets       []Budget            `yaml:"budgets" doc:"The most that all bonuses of a quarter come to, by currency."`
	Pools         []Pool              `yaml:"pools" doc:"What teams earn together and share."`
	OKRs          []OKR               `yaml:"okrs" doc:"Which objective the metrics serve."`
	Recognition   Recognition         `yaml:"recognition" doc:"Boards, badges, streaks, challenges, missions and coaching. Nothing of it enters pay."`
	Programme     Programme           `yaml:"programme" doc:"Pilots, and how far objectives are to come. Nothing of it enters pay."`
	from          time.Time
}

// A Role is measured by its own mix of metrics.
type Role struct {
	Title   string            `yaml:"title" doc:"As people say it."`
	Metrics map[string]Metric `yaml:"metrics" schema:"required,least=1,metrics" doc:"Their weights sum to 100."`
	Tiers   []Tier            `yaml:"tiers" doc:"The role's own; without them the version's hold."`
	Limits  *Limits           `yaml:"limits" doc:"The role's own; without them the version's hold."`
}

// A Metric says what it takes to earn the points of a metric.
type Metric struct {
	Weight      Decimal         `yaml:"weight" schema:"min=0,max=100,decimals=4" doc:"Of 100."`
	Floor       Decimal         `yaml:"floor" doc:"The value that earns nothing; above the target where less is better. 0 unless said."`
	Target      Decimal         `yaml:"target" doc:"The value that earns 100."`
	Cap         *Decimal        `yaml:"cap" schema:"min=0,max=10000,decimals=4" doc:"The highest attainment. 120 unless said."`
	MinSamples  *yamlfile.Whole `yaml:"min_samples" schema:"min=0" doc:"With fewer records a ratio, mean or median is shown, not scored. 3 unless said. A sum counts from the first record on."`
	WhenMissing string          `yaml:"when_missing" schema:"enum=redistribute|zero|hold" doc:"A ratio, mean or median without enough records: redistribute the weight (unless said), count zero, or hold the payout. What is unknown always holds it."`
	Normalise   string          `yaml:"normalise" schema:"enum=potential" doc:"potential: score value ÷ territory potential (or quota) × the role's mean potential, as if all territories were alike."`
	kind        string          // sum, ratio, mean, median
}

// Kind says how evidence makes the value: sum, ratio, mean or median.
func (m Metric) Kind() string { return m.kind }

// Settings are the parameters of one metric: a text, a number or a list.
type Settings map[string]Values

// Values is a parameter's value, or its values.
type Values []string

// A Decimal is a number exactly as it was written.
type Decimal struct{ apd.Decimal }

// largest has room for every amount and target there is, and fits every type
// that a number is handed on in.
var largest = apd.New(1, 15)

// UnmarshalYAML keeps the digits of the file.
func (d *Decimal) UnmarshalYAML(node ast.Node) error {
	text, err := yamlfile.Scalar(node)
	if err != nil {
		return err
	}
	if _, _, err := d.SetString(text); err != nil || d.Form != apd.Finite {
		return yamlfile.Refuse(node, "%q is not a number; write it as 12.5", text)
	}
	if d.Exponent < -9 || new(apd.Decimal).Abs(&d.Decimal).Cmp(largest) >= 0 {
		return yamlfile.Refuse(node, "%q is not below 1000000000000000 with at most nine decimals", text)
	}
	return nil
}

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

// Known are the metrics that models/metrics has, by name.
type Known map[string]Definition

// Rules are the flag rules that models/audits has, by name.
type Rules map[string]Settings

// A Definition is what a plan has to know of a metric.
type Definition struct {
	Kind       string   // sum, ratio, mean, median: how evidence makes the value
	Parameters Settings // with their defaults
	Control    string   // own, shared or outcome: who decides the value
	Spans      []string // week, month, quarter: over which it can be told
	Choices    Settings // the values that a parameter may have, of those that have only some
	NeedsOneOf []string // parameters of which a plan that uses it sets one
}

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

// Only is a plan of which this version has always been in force.
func (p *Plan) Only(v Version) *Plan {
	v.EffectiveFrom, v.from = "0001-01-01", time.Time{}
	return &Plan{Versions: []Version{v}, file: p.file}
}

// Hash is the SHA-256 of the version's rules as Facts tells them; comments and
// layout of the file do not matter, nor does a rule that says what holds anyway, nor
// recognition, which pays nothing.
func (v Version) Hash() string {
	v.Recognition, v.Programme = Recognition{}, Programme{}
	hash := sha256.New()
	for _, f := range v.Facts() {
		fmt.Fprintf(hash, "%q %q\n", f.Path, f.Value)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// RoleNames are in the order of the alphabet.
func (v Version) RoleNames() []string { return slices.Sorted(maps.Keys(v.Roles)) }

// MetricNames of a role are in the order of the alphabet.
func (r Role) MetricNames() []string { return slices.Sorted(maps.Keys(r.Metrics)) }

func list(names []string) string { return strings.Join(names, ", ") }

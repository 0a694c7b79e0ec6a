package plan

import "merit/pipelines/yamlfile"

// A Tier begins at a score and reaches up to the next one.
type Tier struct {
	Name       string  `yaml:"tier" schema:"required,filled" doc:"As statements show it."`
	From       Decimal `yaml:"from" schema:"min=0,max=10000,decimals=2" doc:"The lowest score of the tier."`
	Multiplier Decimal `yaml:"multiplier" schema:"min=0,max=10000,decimals=4" doc:"Of the bonus target."`
}

// Eligibility says who is paid at all.
type Eligibility struct {
	MinimumDays yamlfile.Whole `yaml:"minimum_days" schema:"min=0" doc:"In the quarter, leave taken off."`
	Counted     string         `yaml:"counted" schema:"enum=role|programme" doc:"minimum_days are asked of each role (unless said), or of all roles that a person held together."`
	OnLastDay   bool           `yaml:"on_last_day" doc:"true: who has left before the quarter's last day is not paid."`
}

// Limits bound a bonus; what is left out does not.
type Limits struct {
	FloorPercent *Decimal          `yaml:"floor_percent" schema:"min=0,max=10000,decimals=4" doc:"At least this much of the bonus target for the days in the role, for everybody who is eligible."`
	CapPercent   *Decimal          `yaml:"cap_percent" schema:"min=0,max=10000,decimals=4" doc:"At most this much of the bonus target for the days in the role."`
	Floor        map[string]Amount `yaml:"floor" schema:"currencies" doc:"At least this amount, by currency, for everybody who is eligible."`
	Cap          map[string]Amount `yaml:"cap" schema:"currencies" doc:"At most this amount, by currency."`
}

// An Amount is money of the currency that stands beside it.
type Amount = Decimal

// A Budget is the most that the bonuses of one currency come to in a quarter.
type Budget struct {
	Currency     string `yaml:"currency" schema:"required,currency" doc:"ISO 4217."`
	Amount       Amount `yaml:"amount" schema:"required,min=0" doc:"For one quarter."`
	WhenExceeded string `yaml:"when_exceeded" schema:"required,enum=proportional|by_tier|refuse" doc:"proportional: every bonus is cut by the same share. by_tier: the highest tier is paid first. refuse: no payout is drafted."`
}

// A Pool is what a team earns together and shares.
type Pool struct {
	Name       string             `yaml:"pool" schema:"required,filled" doc:"As statements show it."`
	Teams      []string           `yaml:"teams" doc:"Teams of the roster; none: everybody."`
	Roles      []string           `yaml:"roles" doc:"Roles that take part; none: all."`
	Amount     Amount             `yaml:"amount" schema:"required,min=0" doc:"At a team attainment of 100."`
	Currency   string             `yaml:"currency" schema:"required,currency" doc:"ISO 4217; every member is paid in it."`
	Metric     string             `yaml:"metric" schema:"required,metric" doc:"Of all members' records together; it is in the mix of each role that takes part, with weight 0 if need be."`
	Floor      Decimal            `yaml:"floor" doc:"The value that earns nothing. 0 unless said."`
	Target     Decimal            `yaml:"target" doc:"The value that earns the amount."`
	Cap        *Decimal           `yaml:"cap" schema:"min=0,max=10000,decimals=4" doc:"The highest team attainment. 120 unless said."`
	MinSamples *yamlfile.Whole    `yaml:"min_samples" schema:"min=0" doc:"With fewer records of the whole team the pool is not earned. 3 unless said."`
	SharedBy   string             `yaml:"shared_by" schema:"enum=days|equal|score|target" doc:"By paid days (unless said), in equal parts, by the own score, or by bonus target × days."`
	Weights    map[string]Decimal `yaml:"weights" doc:"What a share counts in a role; 1 unless said."`
}

// An OKR is an objective, and the metrics that serve it.
type OKR struct {
	Name    string   `yaml:"okr" schema:"required,filled" doc:"The objective, in a sentence."`
	KPI     string   `yaml:"kpi" doc:"The figure that leadership looks at."`
	Metrics []string `yaml:"metrics" schema:"required,least=1,metrics" doc:"The metrics that serve it."`
}

// ByPotential is how a metric is normalised by territory and role.
const ByPotential = "potential"

// TiersOf are the role's own tiers, or the version's.
func (v Version) TiersOf(role string) []Tier {
	if own := v.Roles[role].Tiers; len(own) > 0 {
		return own
	}
	return v.Tiers
}

// LimitsOf are the role's own limits, or the version's.
func (v Version) LimitsOf(role string) Limits {
	if own := v.Roles[role].Limits; own != nil {
		return *own
	}
	return v.Limits
}

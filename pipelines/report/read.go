package report

import (
	"context"
	"embed"
	"fmt"
	"iter"
	"time"

	"merit/transform/warehouse"
)

// What pages are made of is read from published tables and the plan's; a file of
// queries/ is one question, in SQL that both engines understand.
//
//go:embed queries/*.sql
var queries embed.FS

// A Reader answers a query; every warehouse.Warehouse does.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) iter.Seq2[warehouse.Row, error]
}

// ask yields the rows of queries/NAME.sql.
func ask(ctx context.Context, r Reader, name string) iter.Seq2[warehouse.Row, error] {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(err) // a file of this binary
	}
	return func(yield func(warehouse.Row, error) bool) {
		for row, err := range r.Query(ctx, string(text)) {
			if err != nil {
				err = fmt.Errorf("what pages read from %s: %w", name, warehouse.NotBuilt(err))
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func maybe(row warehouse.Row, column string) Maybe {
	if row.IsNull(column) {
		return Maybe{}
	}
	return known(row.Float(column))
}

// facts are everything that pages say but for the evidence, which is too much to
// be held at once and comes person by person.
type facts struct {
	asOf     time.Time
	periods  []period
	emails   map[string][]string
	cards    []card // by rep, period and role
	tiers    map[string][]tier
	outcomes map[personPeriod]outcome
	flow     map[personPeriod]flow
	stages   map[personPeriod][]stageDays
	hygiene  map[personPeriod][]hygieneDeal
	forecast map[string][]forecast // by team
	goals    []objective

	flags      []flag
	unmatched  []unmatchedUser
	exclusions []exclusion
	controls   controlTotals

	recognised recognised
	led        led
}

type personPeriod struct{ rep, period string }

type period struct {
	Name, PlanVersion, PlanHash string
	Starts, Ends                time.Time // first and last day
	isOver, hasBegun            bool
}

type card struct {
	rep, period, role, name, team, region string
	score                                 Maybe
	tier                                  string
	weightUsed, weightPlanned             float64
	isHeld, isRunning                     bool
	planVersion                           string
	values                                []value
}

type value struct {
	metric, title, unit           string
	value, normalised, attainment Maybe
	numerator, denominator        float64
	samples                       int64
	isScored                      bool
	floor, target, cap            float64
	weight, points                float64
	reason                        string
}

// shown is what the metric is held against its target by.
func (v value) shown() Maybe {
	if v.normalised.Known {
		return v.normalised
	}
	return v.value
}

// counts tells whether the metric is part of the score.
func (v value) counts() bool { return v.isScored && v.weight > 0 }

type tier struct {
	name             string
	from, multiplier float64
}

type outcome struct {
	won, lost, open int64
	wonAmount       float64
	winRate         Maybe
}

type flow struct {
	start, created, pulledIn, won, lost, slipped, edits, end float64
	withoutRate                                              int64
}

func (f flow) plus(o flow) flow {
	return flow{f.start + o.start, f.created + o.created, f.pulledIn + o.pulledIn, f.won + o.won, f.lost + o.lost,
		f.slipped + o.slipped, f.edits + o.edits, f.end + o.end, f.withoutRate + o.withoutRate}
}

type stageDays struct {
	stage    string
	position Maybe
	visits   float64
	days     float64 // of all visits together
}

type hygieneDeal struct {
	rep, name, stage, missing, url, currency, id string
	isClosed                                     bool
	score                                        float64
	amount                                       Maybe
}

type forecast struct {
	period        string
	reps, without int64
	said, won     float64
	bias, wape    Maybe
}

type objective struct {
	period, okr, kpi, metric, title, unit string
	value, attainment                     Maybe
	measured, scored, atTarget            int64
	verdict, text                         string // of the way to the plan's target
}

type unmatchedUser struct {
	Source, UserID, Name, Team string
	IsActive                   bool
	Deals, Activities          int64
}

// A flag says that a pattern is unusual, never that somebody cheated.
type flag struct {
	id, rule, name, team, period, severity, state, why string
	suspects, lookedAt                                 int64
	decidedBy                                          string
	decidedOn                                          time.Time
	reason                                             string
	score, ifConfirmed                                 Maybe
}

type exclusion struct{ Source, Kind, ID, Reason string }

type controlTotals struct{ totals, deals, wrong int64 }

// read gathers the facts.
func read(ctx context.Context, r Reader) (*facts, error) {
	f := &facts{emails: map[string][]string{}, tiers: map[string][]tier{}, outcomes: map[personPeriod]outcome{}, flow: map[personPeriod]flow{},
		stages: map[personPeriod][]stageDays{}, hygiene: map[personPeriod][]hygieneDeal{}, forecast: map[string][]forecast{}, recognised: newRecognised()}
	if err := take(ctx, r, f.roster()); err != nil {
		return nil, err
	}
	f.sortCards()
	if err := take(ctx, r, f.rest()); err != nil {
		return nil, err
	}
	if err := take(ctx, r, f.recognised.steps()); err != nil {
		return nil, err
	}
	return f, take(ctx, r, f.led.steps())
}

// A step is a query and what becomes of its rows.
type step struct {
	query string
	take  func(warehouse.Row)
}

func take(ctx context.Context, r Reader, steps []step) error {
	for _, s := range steps {
		for row, err := range ask(ctx, r, s.query) {
			if err != nil {
				return err
			}
			s.take(row)
		}
	}
	return nil
}

// roster are the steps that say who there is and when.
func (f *facts) roster() []step {
	return []step{
		{"as_of", func(row warehouse.Row) { f.asOf = row.Time("as_of_at") }},
		{"periods", f.takePeriod},
		{"emails", func(row warehouse.Row) {
			f.emails[row.Text("rep_id")] = append(f.emails[row.Text("rep_id")], row.Text("user_key"))
		}},
		{"tiers", func(row warehouse.Row) {
			key := row.Text("period") + " " + row.Text("role")
			f.tiers[key] = append(f.tiers[key], tier{row.Text("tier"), row.Float("from_score"), row.Float("multiplier")})
		}},
		{"scorecards", f.takeCard},
	}
}

// rest are the steps that say how they stand.
func (f *facts) rest() []step {
	return []step{
		{"metric_values", f.takeValue},
		{"outcomes", func(row warehouse.Row) {
			f.outcomes[of(row)] = outcome{row.Int("won_deals"), row.Int("lost_deals"), row.Int("open_deals"), row.Float("won_amount"), maybe(row, "win_rate")}
		}},
		{"waterfall", func(row warehouse.Row) {
			f.flow[of(row)] = flow{row.Float("start_amount"), row.Float("created_amount"), row.Float("pulled_in_amount"), row.Float("won_amount"),
				row.Float("lost_amount"), row.Float("slipped_amount"), row.Float("edits"), row.Float("end_amount"), row.Int("deals_without_rate")}
		}},
		{"stage_days", func(row warehouse.Row) {
			f.stages[of(row)] = append(f.stages[of(row)], stageDays{row.Text("stage"), maybe(row, "position"), row.Float("visits"), row.Float("days")})
		}},
		{"hygiene", func(row warehouse.Row) {
			f.hygiene[of(row)] = append(f.hygiene[of(row)], hygieneDeal{row.Text("rep_id"), row.Text("name"), row.Text("stage"), row.Text("missing"), row.Text("url"),
				row.Text("currency"), row.Text("deal_id"), row.Bool("is_closed"), row.Float("score"), maybe(row, "amount")})
		}},
		{"forecasts", func(row warehouse.Row) {
			f.forecast[row.Text("team")] = append(f.forecast[row.Text("team")], forecast{row.Text("period"), row.Int("reps"), row.Int("reps_without_forecast"),
				row.Float("forecast"), row.Float("actual"), maybe(row, "bias"), maybe(row, "wape")})
		}},
		{"objectives", func(row warehouse.Row) {
			f.goals = append(f.goals, objective{row.Text("period"), row.Text("okr"), row.Text("kpi"), row.Text("metric"), row.Text("title"), row.Text("unit"),
				maybe(row, "company_value"), maybe(row, "mean_attainment"), row.Int("reps_measured"), row.Int("reps_scored"), row.Int("reps_at_target"), row.Text("verdict"), row.Text("text")})
		}},
		{"unmatched_users", func(row warehouse.Row) {
			f.unmatched = append(f.unmatched, unmatchedUser{row.Text("source"), row.Text("user_id"), row.Text("name"), row.Text("team"), row.Bool("is_active"), row.Int("deals"), row.Int("activities")})
		}},
		{"exclusions", func(row warehouse.Row) {
			f.exclusions = append(f.exclusions, exclusion{row.Text("source"), row.Text("record_type"), row.Text("record_id"), row.Text("reason")})
		}},
		{"flags", func(row warehouse.Row) {
			f.flags = append(f.flags, flag{row.Text("flag_id"), row.Text("rule"), row.Text("name"), row.Text("team"), row.Text("period"), row.Text("severity"), row.Text("state"),
				row.Text("why"), row.Int("suspects"), row.Int("looked_at"), row.Text("decided_by"), row.Time("decided_on"), row.Text("reason"), maybe(row, "score"), maybe(row, "score_if_confirmed")})
		}},
		{"controls", func(row warehouse.Row) {
			f.controls = controlTotals{row.Int("totals"), row.Int("deals"), row.Int("wrong")}
		}},
	}
}

func of(row warehouse.Row) personPeriod { return personPeriod{row.Text("rep_id"), row.Text("period")} }

func (f *facts) takePeriod(row warehouse.Row) {
	f.periods = append(f.periods, period{row.Text("period"), row.Text("plan_version"), row.Text("plan_hash"), row.Time("starts_on"), row.Time("ends_on"),
		!row.Time("ends_at").After(f.asOf), !row.Time("starts_at").After(f.asOf)})
}

func (f *facts) takeCard(row warehouse.Row) {
	team := row.Text("team")
	if team == "" {
		team = noTeam
	}
	f.cards = append(f.cards, card{
		rep: row.Text("rep_id"), period: row.Text("period"), role: row.Text("role"), name: row.Text("name"), team: team, region: row.Text("region"),
		score: maybe(row, "score"), tier: row.Text("tier"), weightUsed: row.Float("weight_used"), weightPlanned: row.Float("weight_planned"),
		isHeld: row.Bool("is_held"), isRunning: row.Bool("is_running"), planVersion: row.Text("plan_version"),
	})
}

// noTeam is what the tables call people without a team, too.
const noTeam = "no team"

// takeValue adds a metric to its card: both come in the order of rep, period and role.
func (f *facts) takeValue(row warehouse.Row) {
	c := f.cardOf(row.Text("rep_id"), row.Text("period"), row.Text("role"))
	if c == nil {
		return
	}
	c.values = append(c.values, value{
		metric: row.Text("metric"), title: row.Text("title"), unit: row.Text("unit"),
		value: maybe(row, "value"), normalised: maybe(row, "normalised_value"), attainment: maybe(row, "attainment"),
		numerator: row.Float("numerator"), denominator: row.Float("denominator"), samples: row.Int("samples"), isScored: row.Bool("is_scored"),
		floor: row.Float("floor_value"), target: row.Float("target_value"), cap: row.Float("cap"), weight: row.Float("weight"), points: row.Float("points"),
		reason: row.Text("reason"),
	})
}

package plan

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/calendar"
)

// Inputs are everything that people decide, as one build uses it.
type Inputs struct {
	Plan       *Plan
	Roster     []Rep
	Quotas     []Quota
	Exclusions []Exclusion
	Rules      Rules          // flag rules with their defaults
	Settable   Rules          // tables of which plan.yml may set something, with their defaults
	Shown      []Shown        // what people were given or shown before
	Decisions  []FlagDecision // the last one on each flag
	Calendar   calendar.Calendar
	Currency   string
	AsOf       time.Time
	First      calendar.Quarter  // earlier periods are not scored
	Sources    []string          // their names, in merit.yml's order
	Addresses  map[string]string // by source, where its records' pages are
	Streams    []Stream
	// DealClasses are what merit.yml says of deals' types.
	DealClasses []DealClass
}

// A Stream says whether a source fills a staging table, and up to when it was read.
type Stream struct {
	Source, Name string
	State        StreamState
	ReadUntil    time.Time // zero: the source does not say
}

// A StreamState says whether what is not there can be taken for nothing.
type StreamState string

const (
	Fresh   StreamState = "fresh"
	Stale   StreamState = "stale"    // read less far than the source's other streams
	LeftOut StreamState = "left out" // the source gives no rows for it
)

// Quarters are those that are scored: from the first one, where a version of the
// plan is in force, up to the one that holds the as-of.
func (in Inputs) Quarters() []calendar.Quarter {
	var scored []calendar.Quarter
	for _, q := range in.Calendar.Quarters(in.First.StartsOn, in.AsOf) {
		if _, ok := in.Plan.For(q); ok {
			scored = append(scored, q)
		}
	}
	return scored
}

// A Row has one value for each column of its table's contract: text, int64,
// float64, bool, time.Time or nil; decimals and dates as text.
type Row = []any

// Tables are the rows of the tables in sql/plan, by name.
func (in Inputs) Tables() map[string][]Row {
	tables := map[string][]Row{
		"as_of":          {{in.AsOf, in.AsOf.In(in.Calendar.Zone).Format(time.DateOnly), in.Calendar.Zone.String(), in.Currency}},
		"reps":           in.reps(),
		"rep_users":      in.repUsers(),
		"quotas":         in.quotas(),
		"exclusions":     in.exclusions(),
		"sources":        in.sources(),
		"streams":        in.streams(),
		"deal_classes":   in.dealClasses(),
		"flag_decisions": {}, "flag_decision_records": {}, "sign_offs": {},
		"periods": {}, "metrics": {}, "settings": {}, "tiers": {}, "okrs": {},
		"boards": {}, "streaks": {}, "badges": {}, "mission_targets": {}, "coaching_topics": {},
		"pilots": {}, "pilot_metrics": {}, "pilot_reps": {}, "objectives": {},
		"challenges": {}, "challenge_teams": {}, "focus": {}, "shown": in.shown(),
	}
	in.addDecisions(tables)
	for _, q := range in.Quarters() {
		v, _ := in.Plan.For(q)
		tables["periods"] = append(tables["periods"], Row{
			q.Name(), q.StartsOn.Format(time.DateOnly), q.LastDay().Format(time.DateOnly),
			q.StartsOn.UTC(), q.EndsOn.UTC(), int64(q.Days()), v.Name, v.Hash(), v.MinimumWeight.Plain(), v.BelowMinimum,
		})
		for _, role := range v.RoleNames() {
			tables["metrics"] = append(tables["metrics"], v.metricRows(q.Name(), role)...)
			for _, tier := range v.TiersOf(role) {
				tables["tiers"] = append(tables["tiers"], Row{q.Name(), role, tier.Name, tier.From.Plain(), tier.Multiplier.Plain()})
			}
		}
		for _, okr := range v.OKRs {
			for _, metric := range okr.Metrics {
				tables["okrs"] = append(tables["okrs"], Row{q.Name(), okr.Name, orNull(okr.KPI), metric})
			}
		}
		tables["settings"] = append(tables["settings"], settingRows(q.Name(), v.Parameters)...)
		tables["settings"] = append(tables["settings"], settingRows(q.Name(), v.ruleSettings(in.Rules))...)
		tables["settings"] = append(tables["settings"], settingRows(q.Name(), v.driftSettings())...)
		tables["settings"] = append(tables["settings"], settingRows(q.Name(), v.signOffSettings())...)
		tables["settings"] = append(tables["settings"], settingRows(q.Name(), v.recognitionSettings(in.Settable))...)
		in.recognitionTables(tables, q.Name(), q.StartsOn, q.LastDay(), v)
		in.programmeTables(tables, q.Name(), q.StartsOn, q.LastDay(), v)
	}
	return tables
}

func (v Version) metricRows(period, role string) []Row {
	var rows []Row
	for _, name := range v.Roles[role].MetricNames() {
		m := v.Roles[role].Metrics[name]
		rows = append(rows, Row{
			period, role, name, m.Weight.Plain(), approximate(m.Floor), approximate(m.Target), m.Cap.Plain(),
			int64(*m.MinSamples), m.WhenMissing, orNull(m.Normalise),
		})
	}
	return rows
}

// approximate is the nearest double: a metric's value is one too, money is not.
func approximate(d Decimal) float64 {
	f, err := strconv.ParseFloat(d.Plain(), 64)
	if err != nil { // digits that strconv can't read do not come out of Plain
		panic(err)
	}
	return f
}

func settingRows(period string, all map[string]Settings) []Row {
	var rows []Row
	for _, metric := range slices.Sorted(maps.Keys(all)) {
		for _, name := range slices.Sorted(maps.Keys(all[metric])) {
			values := slices.Clone(all[metric][name])
			slices.Sort(values)
			for _, value := range slices.Compact(values) {
				rows = append(rows, Row{period, metric, name, value})
			}
		}
	}
	return rows
}

// reps are the roster's rows, each cut where leave begins and ends: a stretch of
// leave is a row of its own whose days are all leave, so that they are taken off
// in the quarter in which they lie.
func (in Inputs) reps() []Row {
	rows := []Row{}
	for _, r := range in.Roster {
		row := func(from time.Time, to *time.Time, leave int64) {
			rows = append(rows, Row{
				r.ID, r.Name, r.Role, orNull(r.Team), orNull(r.Region), orNull(r.Territory), orNull(r.Shift),
				from.Format(time.DateOnly), dayOrNull(to), amountOrNull(r.BonusTarget), r.Currency, leave, orNull(r.TimeZone),
			})
		}
		begin := r.ValidFrom
		for _, leave := range in.withinQuarters(r.Leave) {
			if before := leave.From.AddDate(0, 0, -1); !before.Before(begin) {
				row(begin, &before, 0)
			}
			row(leave.From, &leave.To, int64(leave.To.Sub(leave.From)/(24*time.Hour))+1)
			begin = leave.To.AddDate(0, 0, 1)
		}
		if r.ValidTo == nil || !begin.After(*r.ValidTo) {
			row(begin, r.ValidTo, r.LeaveDays)
		}
	}
	return rows
}

// withinQuarters cuts ranges where a quarter ends.
func (in Inputs) withinQuarters(ranges []DateRange) []DateRange {
	var cut []DateRange
	for _, r := range ranges {
		for {
			noon := time.Date(r.From.Year(), r.From.Month(), r.From.Day(), 12, 0, 0, 0, in.Calendar.Zone)
			last, err := time.Parse(time.DateOnly, in.Calendar.Quarter(noon).LastDay().Format(time.DateOnly))
			if err != nil {
				panic(err) // a date that was just written
			}
			if !r.To.After(last) {
				break
			}
			cut = append(cut, DateRange{r.From, last})
			r.From = last.AddDate(0, 0, 1)
		}
		cut = append(cut, r)
	}
	return cut
}

// repUsers names each user of a rep once, however many rows the person has on
// the roster.
func (in Inputs) repUsers() []Row {
	rows := []Row{}
	seen := map[[3]string]bool{}
	for _, r := range in.Roster {
		for _, u := range r.Users {
			if key := [3]string{r.ID, u.Source, u.Key}; !seen[key] {
				seen[key] = true
				rows = append(rows, Row{r.ID, orNull(u.Source), u.Key})
			}
		}
	}
	return rows
}

func (in Inputs) quotas() []Row {
	rows := []Row{}
	for _, q := range in.Quotas {
		rows = append(rows, Row{q.RepID, q.Period, amountOrNull(q.Quota), amountOrNull(q.Potential)})
	}
	return rows
}

func (in Inputs) exclusions() []Row {
	rows := []Row{}
	for _, e := range in.Exclusions {
		rows = append(rows, Row{e.Source, e.RecordType, e.RecordID, e.Reason})
	}
	return rows
}

func (in Inputs) sources() []Row {
	rows := []Row{}
	for i, name := range in.Sources {
		rows = append(rows, Row{name, int64(i + 1), orNull(in.Addresses[name])})
	}
	return rows
}

func (in Inputs) streams() []Row {
	rows := []Row{}
	for _, s := range in.Streams {
		var until any
		if !s.ReadUntil.IsZero() {
			until = s.ReadUntil
		}
		rows = append(rows, Row{s.Source, s.Name, string(s.State), until})
	}
	return rows
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func dayOrNull(day *time.Time) any {
	if day == nil {
		return nil
	}
	return day.Format(time.DateOnly)
}

func amountOrNull(amount *apd.Decimal) any {
	if amount == nil {
		return nil
	}
	return amount.Text('f')
}

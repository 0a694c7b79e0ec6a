package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Programme is what the programme itself is judged by. Nothing of it enters a score
// or a payout, and it is no part of a version's hash.
type Programme struct {
	Pilots     []Pilot     `yaml:"pilots" doc:"Groups that try something first, and are compared with others like them."`
	Objectives []Objective `yaml:"objectives" doc:"How far an objective's metric is to come, and from where."`
}

// A Pilot is a group that tries something for some weeks while others do not.
type Pilot struct {
	Name    string   `yaml:"pilot" schema:"required,filled" doc:"As people read it."`
	From    string   `yaml:"from" schema:"required,date" doc:"Its first day; as many days before it are what it is held against."`
	To      string   `yaml:"to" schema:"required,date" doc:"Its last day, 28 to 366 days after the first."`
	Reps    []string `yaml:"reps" schema:"required,least=5" doc:"Who takes part, by rep_id; at least five."`
	Metrics []string `yaml:"metrics" schema:"required,least=1,metrics" doc:"What it is to move, and what it must not harm."`
	Match   []string `yaml:"match" doc:"Others are compared who are alike in role, or in role and region: [role] unless said."`
}

// An Objective says from where to where the metric of an OKR is to go in a quarter.
type Objective struct {
	Name     string `yaml:"okr" schema:"required,filled" doc:"One of okrs."`
	Metric   string `yaml:"metric" schema:"required,metric" doc:"One of its metrics."`
	Baseline string `yaml:"baseline" schema:"required,filled" doc:"The quarter from which it starts, such as 2026-Q1."`
	Target   string `yaml:"target" schema:"required,filled" doc:"Where it is to come: a value, or +20% of the baseline's."`
}

const (
	fewestPiloting = 5
	shortestPilot  = 28
	longestPilot   = 366
)

// checkProgramme refuses a comparison that could tell nothing.
func (p *Plan) checkProgramme(place string, v *Version, known Known) error {
	for i := range v.Programme.Pilots {
		pilot, at := &v.Programme.Pilots[i], fmt.Sprintf("%s.pilots[%d]", place, i)
		what := "pilot " + pilot.Name
		if slices.ContainsFunc(v.Programme.Pilots[:i], func(o Pilot) bool { return o.Name == pilot.Name }) {
			return p.file.Errorf(at, "two pilots are called %s", pilot.Name)
		}
		days, err := p.daysOf(at, what, pilot.From, pilot.To)
		if err != nil {
			return err
		}
		if days < shortestPilot || days > longestPilot {
			return p.file.Errorf(at+".to", "%s runs %d days; between %d and %d tell something: twelve weeks are usual", what, days, shortestPilot, longestPilot)
		}
		slices.Sort(pilot.Reps)
		if twice := duplicate(pilot.Reps); twice != "" {
			return p.file.Errorf(at+".reps", "%s names %s twice", what, twice)
		}
		if len(pilot.Reps) < fewestPiloting {
			return p.file.Errorf(at+".reps", "%s has %d people; of fewer than %d nothing can be told", what, len(pilot.Reps), fewestPiloting)
		}
		if len(pilot.Metrics) == 0 {
			return p.file.Errorf(at, "%s has no metric: name what it is to move", what)
		}
		for n, metric := range pilot.Metrics {
			d, err := p.metricOf(fmt.Sprintf("%s.metrics[%d]", at, n), what, metric, known)
			if err != nil {
				return err
			}
			if d.Kind == "median" {
				return p.file.Errorf(fmt.Sprintf("%s.metrics[%d]", at, n), "%s: %s is a median, which can't be held against the days before; take a sum, a ratio or a mean", what, metric)
			}
		}
		if len(pilot.Match) == 0 {
			pilot.Match = []string{"role"}
		}
		if len(pilot.Match) > 2 || !slices.Equal(pilot.Match, []string{"role", "region"}[:len(pilot.Match)]) {
			return p.file.Errorf(at+".match", "%s: match is [role] or [role, region], not [%s]", what, list(pilot.Match))
		}
	}
	return p.checkObjectives(place, v)
}

func duplicate(sorted []string) string {
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return sorted[i]
		}
	}
	return ""
}

func (p *Plan) checkObjectives(place string, v *Version) error {
	for i, o := range v.Programme.Objectives {
		at := fmt.Sprintf("%s.objectives[%d]", place, i)
		of := slices.IndexFunc(v.OKRs, func(okr OKR) bool { return okr.Name == o.Name })
		if of < 0 {
			return p.file.Errorf(at+".okr", "okrs has no %q", o.Name)
		}
		if !slices.Contains(v.OKRs[of].Metrics, o.Metric) {
			return p.file.Errorf(at+".metric", "%q is not served by %s; there are %s", o.Name, o.Metric, list(v.OKRs[of].Metrics))
		}
		if slices.ContainsFunc(v.Programme.Objectives[:i], func(e Objective) bool { return e.Name == o.Name && e.Metric == o.Metric }) {
			return p.file.Errorf(at, "%q has two targets of %s", o.Name, o.Metric)
		}
		if !isPeriod(o.Baseline) {
			return p.file.Errorf(at+".baseline", "baseline %q is not a quarter; write it as 2026-Q1", o.Baseline)
		}
		if _, _, err := o.aim(); err != nil {
			return p.file.Errorf(at+".target", "target %q is neither a value nor a change such as +20%%", o.Target)
		}
	}
	return nil
}

func isPeriod(text string) bool {
	year, quarter, found := strings.Cut(text, "-Q")
	_, err := strconv.Atoi(year)
	return found && err == nil && len(year) == 4 && slices.Contains([]string{"1", "2", "3", "4"}, quarter)
}

// aim is the target as a value, or as a change of the baseline: 0.2 is a fifth more.
func (o Objective) aim() (value, change any, err error) {
	if percent, is := strings.CutSuffix(o.Target, "%"); is {
		n, err := strconv.ParseFloat(strings.TrimPrefix(percent, "+"), 64)
		return nil, n / 100, err
	}
	n, err := strconv.ParseFloat(o.Target, 64)
	return n, nil, err
}

// checkPilotedPeople refuses a pilot of somebody whom the roster does not have.
func (p *Plan) checkPilotedPeople(roster []Rep) error {
	for i, v := range p.Versions {
		for k, pilot := range v.Programme.Pilots {
			for n, id := range pilot.Reps {
				if !slices.ContainsFunc(roster, func(r Rep) bool { return r.ID == id }) {
					return p.file.Errorf(fmt.Sprintf("$.versions[%d].programme.pilots[%d].reps[%d]", i, k, n), "pilot %s: nobody on the roster is %s", pilot.Name, id)
				}
			}
		}
	}
	return nil
}

// programmeTables adds what one quarter's version says of the programme. A pilot
// stands in the version of the quarter in which it begins.
func (in Inputs) programmeTables(tables map[string][]Row, period string, first, last time.Time, v Version) {
	add := func(table string, row ...any) { tables[table] = append(tables[table], row) }
	for _, o := range v.Programme.Objectives {
		value, change, err := o.aim()
		if err != nil {
			panic(err) // it was checked
		}
		add("objectives", period, o.Name, o.Metric, o.Baseline, value, change)
	}
	for _, pilot := range v.Programme.Pilots {
		if pilot.From < first.Format(time.DateOnly) || pilot.From > last.Format(time.DateOnly) {
			continue
		}
		add("pilots", pilot.Name, pilot.From, pilot.To, len(pilot.Match) == 2)
		for _, metric := range pilot.Metrics {
			add("pilot_metrics", pilot.Name, metric)
		}
		for _, id := range pilot.Reps {
			add("pilot_reps", pilot.Name, id)
		}
	}
}

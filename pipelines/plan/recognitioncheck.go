package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"merit/pipelines/yamlfile"
)

// checkRecognition fills in defaults and refuses what would compare people by what
// is not theirs, or run on without an end.
func (p *Plan) checkRecognition(place string, v *Version, known Known) error {
	r := &v.Recognition
	for _, check := range []func(string, *Recognition, Known) error{
		p.checkBoards, p.checkStreaks, p.checkBadges, p.checkChallenges, p.checkMissions, p.checkFocus, p.checkCoaching,
	} {
		if err := check(place, r, known); err != nil {
			return err
		}
	}
	return nil
}

// metricOf is a metric that a part of recognition names, which must be there.
func (p *Plan) metricOf(place, what, metric string, known Known) (Definition, error) {
	if metric == "" {
		return Definition{}, p.file.Errorf(place, "%s has no metric: nobody could say what it is earned by", what)
	}
	definition, there := known[metric]
	if !there {
		return definition, p.file.Errorf(place, "%s: %s", what, known.unknown(metric))
	}
	return definition, nil
}

// ownMetric is one by which people may be compared or spurred on: they decide it.
func (p *Plan) ownMetric(place, what, metric string, known Known) (Definition, error) {
	definition, err := p.metricOf(place, what, metric, known)
	if err != nil {
		return definition, err
	}
	if definition.Control != "own" {
		return definition, p.file.Errorf(place, "%s: %s is %s; only a behaviour that people control themselves belongs there, such as %s", what, metric, controlSaid[definition.Control], known.firstOwn())
	}
	return definition, nil
}

var controlSaid = map[string]string{"outcome": "an outcome, which the customer decides", "shared": "decided by others, too"}

// firstOwn is an example of a metric that people control.
func (k Known) firstOwn() string {
	for _, name := range slices.Sorted(maps.Keys(k)) {
		if k[name].Control == "own" && slices.Contains(k[name].Spans, "week") {
			return name
		}
	}
	return "none"
}

func (p *Plan) sayAll(place, what, metric, span string, d Definition) error {
	if !slices.Contains(d.Spans, span) {
		return p.file.Errorf(place, "%s: %s can't be told by the %s, only by the %s", what, metric, span, list(d.Spans))
	}
	return nil
}

func (p *Plan) twice(place, kind, name string, seen map[string]bool) error {
	if seen[name] {
		return p.file.Errorf(place, "two %s are called %s", kind, name)
	}
	seen[name] = true
	return nil
}

func (p *Plan) checkBoards(place string, r *Recognition, known Known) error {
	seen := map[string]bool{}
	for i := range r.Boards {
		b, at := &r.Boards[i], fmt.Sprintf("%s.boards[%d]", place, i)
		what := "board " + b.Name
		if err := p.twice(at, "boards", b.Name, seen); err != nil {
			return err
		}
		if b.Every == "" {
			b.Every = "week"
		}
		if len(b.Cohort) == 0 {
			b.Cohort = []string{"role", "region"}
		}
		if len(b.Cohort) > len(cohortNames) || !slices.Equal(b.Cohort, cohortNames[:len(b.Cohort)]) {
			return p.file.Errorf(at+".cohort", "%s: a cohort is [role], [role, region] or [role, region, shift], not [%s]", what, list(b.Cohort))
		}
		if b.AtLeast == nil {
			b.AtLeast = whole(fewestOnBoard)
		}
		if *b.AtLeast < fewestOnBoard {
			return p.file.Errorf(at+".at_least", "%s: with fewer than %d people a rank names who is last", what, fewestOnBoard)
		}
		if len(b.Rotation) == 0 {
			return p.file.Errorf(at, "%s has no metric: give it rotation: [METRIC, …]", what)
		}
		for n, metric := range b.Rotation {
			here := fmt.Sprintf("%s.rotation[%d]", at, n)
			d, err := p.ownMetric(here, what, metric, known)
			if err != nil {
				return err
			}
			if err := p.sayAll(here, what, metric, b.Every, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Plan) checkStreaks(place string, r *Recognition, known Known) error {
	seen := map[string]bool{}
	for i := range r.Streaks {
		s, at := &r.Streaks[i], fmt.Sprintf("%s.streaks[%d]", place, i)
		if err := p.twice(at, "streaks", s.Name, seen); err != nil {
			return err
		}
		d, err := p.ownMetric(at+".metric", "streak "+s.Name, s.Metric, known)
		if err != nil {
			return err
		}
		if d.Kind != "sum" {
			return p.file.Errorf(at+".metric", "streak %s: %s is a %s; a day is done by records that are counted", s.Name, s.Metric, d.Kind)
		}
		if s.PerDay == nil {
			s.PerDay = whole(1)
		}
	}
	return nil
}

func (p *Plan) checkBadges(place string, r *Recognition, known Known) error {
	seen := map[string]bool{}
	for i := range r.Badges {
		b, at := &r.Badges[i], fmt.Sprintf("%s.badges[%d]", place, i)
		if err := p.twice(at, "badges", b.Name, seen); err != nil {
			return err
		}
		d, err := p.metricOf(at, "badge "+b.Name, b.Metric, known)
		if err != nil {
			return err
		}
		if !slices.Contains(spanNames, b.Span) {
			return p.file.Errorf(at, "badge %s: span is one of %s, not %q", b.Name, list(spanNames), b.Span)
		}
		if err := p.sayAll(at+".span", "badge "+b.Name, b.Metric, b.Span, d); err != nil {
			return err
		}
		if b.From == nil && b.Span == "quarter" {
			return p.file.Errorf(at, "badge %s: there is no own goal for a quarter; say from:", b.Name)
		}
		if b.Points == nil {
			b.Points = whole(0)
		}
	}
	return nil
}

func (p *Plan) checkChallenges(place string, r *Recognition, known Known) error {
	seen := map[string]bool{}
	for i := range r.Challenges {
		c, at := &r.Challenges[i], fmt.Sprintf("%s.challenges[%d]", place, i)
		what := "challenge " + c.Name
		if err := p.twice(at, "challenges", c.Name, seen); err != nil {
			return err
		}
		d, err := p.ownMetric(at+".metric", what, c.Metric, known)
		if err != nil {
			return err
		}
		if d.Kind != "sum" {
			return p.file.Errorf(at+".metric", "%s: %s is a %s; what counts in a challenge is summed up", what, c.Metric, d.Kind)
		}
		days, err := p.daysOf(at, what, c.From, c.To)
		if err != nil {
			return err
		}
		if days > longestChallenge {
			return p.file.Errorf(at+".to", "%s runs %d days; what runs longer than %d loses its urgency: end it sooner, and start another", what, days, longestChallenge)
		}
		if c.Goal != nil && c.Goal.Sign() <= 0 {
			return p.file.Errorf(at+".goal", "%s: goal %s is not above 0", what, c.Goal.Plain())
		}
		if c.Points == nil {
			c.Points = whole(0)
		}
	}
	return nil
}

// daysOf counts the days of a range, both ends in it.
func (p *Plan) daysOf(place, what, from, to string) (int, error) {
	first, fromErr := time.Parse(time.DateOnly, from)
	last, toErr := time.Parse(time.DateOnly, to)
	switch {
	case fromErr != nil:
		return 0, p.file.Errorf(place+".from", "%s: from %q is not a date; write it as 2026-09-07", what, from)
	case toErr != nil:
		return 0, p.file.Errorf(place+".to", "%s: to %q is not a date; write it as 2026-09-18", what, to)
	case last.Before(first):
		return 0, p.file.Errorf(place+".to", "%s ends before it begins", what)
	}
	return int(last.Sub(first)/(24*time.Hour)) + 1, nil
}

func (p *Plan) checkMissions(place string, r *Recognition, known Known) error {
	seen := map[string]bool{}
	for i := range r.Missions {
		m, at := &r.Missions[i], fmt.Sprintf("%s.missions[%d]", place, i)
		if err := p.twice(at, "missions", m.Name, seen); err != nil {
			return err
		}
		d, err := p.ownMetric(at+".metric", "mission "+m.Name, m.Metric, known)
		if err != nil {
			return err
		}
		if d.Kind != "sum" || !slices.Contains(d.Spans, "week") {
			return p.file.Errorf(at+".metric", "mission %s: a day's part of %s can't be counted; take a metric that is a sum and told by the week", m.Name, m.Metric)
		}
		if m.Points == nil {
			m.Points = whole(0)
		}
	}
	return nil
}

func (p *Plan) checkFocus(place string, r *Recognition, known Known) error {
	for i := range r.Focus {
		f, at := &r.Focus[i], fmt.Sprintf("%s.focus[%d]", place, i)
		what := "the focus of " + f.Team
		if _, err := p.daysOf(at, what, f.From, f.To); err != nil {
			return err
		}
		if len(f.Behaviour) == 0 {
			return p.file.Errorf(at, "%s names no behaviour", what)
		}
		if len(f.Behaviour) > 2 {
			return p.file.Errorf(at+".behaviour", "%s names %d behaviours; nobody looks at more than two", what, len(f.Behaviour))
		}
		if len(f.Outcome) > 1 {
			return p.file.Errorf(at+".outcome", "%s names %d outcomes; one is enough", what, len(f.Outcome))
		}
		for n, metric := range f.Behaviour {
			here := fmt.Sprintf("%s.behaviour[%d]", at, n)
			d, err := p.metricOf(here, what, metric, known)
			if err != nil {
				return err
			}
			if d.Control == "outcome" {
				return p.file.Errorf(here, "%s: %s is an outcome, not a behaviour; put it under outcome:", what, metric)
			}
		}
		for n, metric := range f.Outcome {
			if _, err := p.metricOf(fmt.Sprintf("%s.outcome[%d]", at, n), what, metric, known); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Plan) checkCoaching(place string, r *Recognition, known Known) error {
	for i := range r.Coaching {
		c, at := &r.Coaching[i], fmt.Sprintf("%s.coaching[%d]", place, i)
		if _, err := p.metricOf(at, "coaching "+c.Topic, c.Metric, known); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Coaching[:i], func(o Coaching) bool { return o.Topic == c.Topic && o.Metric == c.Metric }) {
			return p.file.Errorf(at, "coaching %s stands twice for %s", c.Topic, c.Metric)
		}
	}
	return nil
}

// CheckRecognition refuses what the plan sets of tables that take nothing of the kind.
func (p *Plan) CheckRecognition(settable Rules) error {
	for i, v := range p.Versions {
		for _, table := range slices.Sorted(maps.Keys(v.Recognition.Settings)) {
			place := fmt.Sprintf("$.versions[%d].recognition.settings.%s", i, table)
			defaults, there := settable[table]
			if !there {
				names := slices.Sorted(maps.Keys(settable))
				return p.file.Errorf(place, "nothing can be set of %q%s; there are %s", table, meant(table, names), list(names))
			}
			for _, name := range slices.Sorted(maps.Keys(v.Recognition.Settings[table])) {
				values := v.Recognition.Settings[table][name]
				if _, there := defaults[name]; !there {
					names := slices.Sorted(maps.Keys(defaults))
					return p.file.Errorf(place+"."+name, "%s has no setting %q%s; there are %s", table, name, meant(name, names), list(names))
				}
				if len(values) != 1 || !isNumber(values[0]) {
					return p.file.Errorf(place+"."+name, "%s of %s is a number, not %q", name, table, list(values))
				}
			}
		}
	}
	return nil
}

// checkRecognisedTeams refuses a challenge or focus of a team that nobody is in.
func (p *Plan) checkRecognisedTeams(teams []string) error {
	for i, v := range p.Versions {
		at := fmt.Sprintf("$.versions[%d].recognition", i)
		for k, c := range v.Recognition.Challenges {
			for n, team := range c.Teams {
				if !slices.Contains(teams, team) {
					return p.file.Errorf(fmt.Sprintf("%s.challenges[%d].teams[%d]", at, k, n), "challenge %s: nobody on the roster is in team %q%s; there are %s", c.Name, team, meant(team, teams), list(teams))
				}
			}
		}
		for k, f := range v.Recognition.Focus {
			if !slices.Contains(teams, f.Team) {
				return p.file.Errorf(fmt.Sprintf("%s.focus[%d].team", at, k), "nobody on the roster is in team %q%s; there are %s", f.Team, meant(f.Team, teams), list(teams))
			}
		}
	}
	return nil
}

func whole(n int64) *yamlfile.Whole {
	w := yamlfile.Whole(n)
	return &w
}

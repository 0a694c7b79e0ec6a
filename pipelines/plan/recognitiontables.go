package plan

import (
	"maps"
	"slices"
	"time"
)

// recognitionTables adds what one quarter's version says of recognition. What has
// dates of its own stands in the version of the quarter in which it begins.
func (in Inputs) recognitionTables(tables map[string][]Row, period string, first, last time.Time, v Version) {
	add := func(table string, row ...any) { tables[table] = append(tables[table], row) }
	begins := func(day string) bool {
		return first.Format(time.DateOnly) <= day && day <= last.Format(time.DateOnly)
	}
	r := v.Recognition
	for _, b := range r.Boards {
		for i, metric := range b.Rotation {
			add("boards", period, b.Name, int64(i+1), int64(len(b.Rotation)), metric, b.Every, int64(len(b.Cohort)), int64(*b.AtLeast))
		}
	}
	for _, s := range r.Streaks {
		add("streaks", period, s.Name, s.Metric, int64(*s.PerDay))
	}
	for _, b := range r.Badges {
		add("badges", period, b.Name, b.Metric, b.Span, approximateOrNull(b.From), int64(*b.Points))
	}
	for _, m := range r.Missions {
		add("mission_targets", period, m.Name, m.Metric, orNull(m.UnlockedBy), int64(*m.Points))
	}
	for _, c := range r.Coaching {
		add("coaching_topics", period, c.Metric, c.Topic, approximateOrNull(c.Below), orNull(c.Module), orNull(c.Play))
	}
	for _, c := range r.Challenges {
		if !begins(c.From) {
			continue
		}
		add("challenges", c.Name, c.Metric, c.From, c.To, approximateOrNull(c.Goal), int64(*c.Points), len(c.Teams) > 0, period)
		for _, team := range slices.Compact(slices.Sorted(slices.Values(c.Teams))) {
			add("challenge_teams", c.Name, team)
		}
	}
	for _, f := range r.Focus {
		if !begins(f.From) {
			continue
		}
		for _, metric := range f.Behaviour {
			add("focus", f.Team, f.From, f.To, metric, "behaviour")
		}
		for _, metric := range f.Outcome {
			add("focus", f.Team, f.From, f.To, metric, "outcome")
		}
	}
}

// recognitionSettings are the tables' settings as this version has them.
func (v Version) recognitionSettings(settable Rules) map[string]Settings {
	all := map[string]Settings{}
	for table, defaults := range settable {
		all[table] = maps.Clone(defaults)
		maps.Copy(all[table], v.Recognition.Settings[table])
	}
	return all
}

func approximateOrNull(d *Decimal) any {
	if d == nil {
		return nil
	}
	return approximate(*d)
}

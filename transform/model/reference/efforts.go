package reference

import (
	"slices"
	"time"
)

// when an activity took or takes place; of a task, when it is due.
func (a Activity) when() *time.Time {
	for _, at := range []*time.Time{a.OccurredAt, a.CompletedAt, a.CreatedAt} {
		if at != nil {
			return at
		}
	}
	return nil
}

// efforts: what people did, one each.
func (f *Facts) efforts() []Evidence {
	var rows []Evidence
	for _, a := range f.Activities {
		at := a.when()
		if a.IsDeleted || a.Owner == nil || at == nil {
			continue
		}
		count := func(metric string, at time.Time) {
			rows = append(rows, f.counted(metric, f.Users[Ref{a.Source, *a.Owner}], a.Source, at, "activity", a.ID, one())...)
		}
		switch {
		case a.Kind == "call" && a.IsCompleted && lower(a.Direction) != "inbound" && (a.Seconds == nil || *a.Seconds > 0):
			count("calls_logged", *at)
		case a.Kind == "email" && a.IsCompleted && lower(a.Direction) != "inbound":
			count("emails_sent", *at)
		case a.Kind == "note":
			count("notes_logged", *at)
		case a.Kind == "task" && a.IsCompleted && a.CompletedAt != nil && a.CreatedAt != nil:
			// Made up after its day, it was never a promise.
			if f.day(*a.CreatedAt) <= f.day(*at) && f.day(*at) < f.day(*a.CompletedAt) {
				count("overdue_follow_ups_cleared", *a.CompletedAt)
			}
		case a.Kind == "meeting":
			if a.IsCompleted {
				count("meetings_held", *at)
			}
			if asked, isOver := f.askedAbout(*at); isOver && a.CreatedAt != nil && !a.CreatedAt.After(asked) {
				count("meetings_booked_next_week", asked)
			}
		}
	}
	return rows
}

// askedAbout is when a meeting was in next week's calendar: at the end of the week
// before it, or now where that is still going on; false: it is not that week yet.
func (f *Facts) askedAbout(at time.Time) (time.Time, bool) {
	monday := f.midnight(f.monday(f.day(at)), 0)
	if !monday.After(f.AsOf) {
		return monday.Add(-time.Millisecond), true
	}
	return f.AsOf, !f.midnight(f.monday(f.day(at)), -7).After(f.AsOf)
}

// monday is the first day of a date's week.
func (f *Facts) monday(day string) string {
	date := dateOf(day)
	return date.AddDate(0, 0, -(int(date.Weekday())+6)%7).Format(time.DateOnly)
}

// A demo was held, by an activity or by a deal's coming to the stage that the plan
// names.
type demo struct {
	evidence []Evidence
	deals    []string
	at       time.Time
	visit    int // the stay in the demo's stage; 0: an activity
}

func (f *Facts) heldDemos() []demo {
	var held []demo
	subtypes := f.allOf("demos_held", "subtype", "Demo")
	for _, a := range f.Activities {
		at := a.when()
		isOne := slices.ContainsFunc(subtypes, func(s string) bool { return word(&s) == word(a.Subtype) })
		if a.IsDeleted || !a.IsCompleted || a.Owner == nil || at == nil || !isOne || a.Kind != "meeting" && a.Kind != "call" {
			continue
		}
		rows := f.counted("demos_held", f.Users[Ref{a.Source, *a.Owner}], a.Source, *at, "activity", a.ID, one())
		held = append(held, demo{rows, f.about(a)["deal"], *at, 0})
	}
	named := f.allOf("demos_held", "stage")
	for _, d := range f.counting() {
		for _, v := range f.Visits(d) {
			if v.Direction == "forward" && v.IsFurthest && isNamed(named, v.Label, v.Stage) {
				held = append(held, demo{f.ofDeal("demos_held", d, v.EnteredAt, one(), v.IsTruncated), []string{d.ID}, v.EnteredAt, v.Number})
			}
		}
	}
	return held
}

// demos: each one held, and of those old enough to be judged whether the deal came
// to the proposal stage or beyond in time.
func (f *Facts) demos() []Evidence {
	const metric = "demo_to_proposal"
	var rows []Evidence
	within := time.Duration(f.count(metric, "within_days", 30)) * 24 * time.Hour
	for _, held := range f.heldDemos() {
		rows = append(rows, held.evidence...)
		for _, row := range held.evidence {
			if !held.at.Add(within).After(f.AsOf) {
				row.Metric, row.Numerator = metric, truth(f.isProposed(row.Source, held, held.at.Add(within)))
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func (f *Facts) isProposed(source string, held demo, until time.Time) bool {
	isGoal := called(f.allOf("demo_to_proposal", "proposal_stage", "Proposal", "Proposal/Price Quote", "Proposal/Quote"))
	for _, d := range f.Deals {
		if d.Source != source || d.IsDeleted || !slices.Contains(held.deals, d.ID) {
			continue
		}
		for _, v := range f.Visits(d) {
			goal := lowest(f.stagesAt(d.Source, d.Pipeline, v.EnteredAt), isGoal)
			isLater := v.EnteredAt.After(held.at) || held.visit > 0 && v.Number > held.visit
			if isLater && !v.EnteredAt.After(until) && goal > 0 && v.position >= goal && (v.Direction == "first" || v.Direction == "forward") {
				return true
			}
		}
	}
	return false
}

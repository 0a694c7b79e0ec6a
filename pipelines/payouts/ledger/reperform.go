package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"merit/pipelines/calendar"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
)

// sameRoster derives from the roster who was in which role for how many days, on
// which target, and holds the standings of the build against it: a roster that the
// build did not see can't pay.
func sameRoster(standings []payouts.Standing, in plan.Inputs, q calendar.Quarter) error {
	expected := rosterStandings(in, q)
	for _, s := range standings {
		at := slices.IndexFunc(expected, func(e payouts.Standing) bool { return e.RepID == s.RepID && e.Role == s.Role })
		if at < 0 {
			return fmt.Errorf("%s %s as %s: the roster does not have this rep in this role", s.Period, s.RepID, s.Role)
		}
		e := expected[at]
		expected = slices.Delete(expected, at, at+1)
		for _, fact := range []struct{ name, built, roster string }{
			{"name", s.Name, e.Name}, {"team", s.Team, e.Team}, {"currency", s.Currency, e.Currency},
			{"days and targets", words(s.Spans, s.PeriodDays), words(e.Spans, e.PeriodDays)},
			{"days", fmt.Sprintf("%d less %d of leave", s.Days, s.LeaveDays), fmt.Sprintf("%d less %d of leave", e.Days, e.LeaveDays)},
			{"last day", fmt.Sprint("left early: ", s.HasLeft), fmt.Sprint("left early: ", e.HasLeft)},
		} {
			if fact.built != fact.roster {
				return fmt.Errorf("%s %s as %s: the build has the %s %q, the roster %q", s.Period, s.RepID, s.Role, fact.name, fact.built, fact.roster)
			}
		}
	}
	if len(expected) > 0 {
		return fmt.Errorf("%s %s as %s is on the roster, and the build has no score for it", q.Name(), expected[0].RepID, expected[0].Role)
	}
	return nil
}

// words are spans in one text form: amounts with the decimals of their currency.
func words(spans []payouts.Span, periodDays int64) string {
	text := fmt.Sprintf("of %d days", periodDays)
	for _, span := range spans {
		target := span.BonusTarget
		if m, err := payouts.Parse(target, span.Currency); target != "" && err == nil {
			target = m.Text()
		}
		text += fmt.Sprintf("; %d less %d of leave on %s %s", span.Days, span.LeaveDays, cmp.Or(target, "no target"), span.Currency)
	}
	return text
}

// rosterStandings are whom the roster has in a quarter, without any score.
func rosterStandings(in plan.Inputs, q calendar.Quarter) []payouts.Standing {
	var standings []payouts.Standing
	lastDays := map[string]time.Time{}
	stretches := in.Stretches(q)
	slices.SortStableFunc(stretches, func(a, b plan.Stretch) int { return a.LastDay.Compare(b.LastDay) })
	for _, stretch := range stretches {
		at := slices.IndexFunc(standings, func(s payouts.Standing) bool { return s.RepID == stretch.RepID && s.Role == stretch.Role })
		if at < 0 {
			at = len(standings)
			standings = append(standings, payouts.Standing{Period: q.Name(), RepID: stretch.RepID, Role: stretch.Role, PeriodDays: int64(q.Days())})
		}
		s := &standings[at]
		s.Name, s.Team, s.Currency = stretch.Name, stretch.Team, stretch.Currency
		s.Days, s.LeaveDays = s.Days+stretch.Days, s.LeaveDays+stretch.LeaveDays
		s.Spans = append(s.Spans, payouts.Span{Days: stretch.Days, LeaveDays: stretch.LeaveDays, BonusTarget: stretch.BonusTarget, Currency: stretch.Currency})
		if stretch.LastDay.After(lastDays[s.RepID]) {
			lastDays[s.RepID] = stretch.LastDay
		}
	}
	last := q.LastDay().Format(time.DateOnly)
	for i := range standings {
		standings[i].HasLeft = lastDays[standings[i].RepID].Format(time.DateOnly) < last
	}
	return standings
}

// sameDisputes derives from the frozen disputes which lines they hold.
func sameDisputes(f payouts.Frozen, rules payouts.Rules) error {
	var expected []payouts.Flag
	if rules.HoldDisputed {
		expected = payouts.DisputeFlags(f.Heading.Period, f.Disputes, f.Decisions, f.Evidence)
	}
	frozen := slices.DeleteFunc(slices.Clone(f.Flags), func(flag payouts.Flag) bool {
		return flag.Kind != payouts.Disputed || flag.Period != f.Heading.Period
	})
	if !slices.Equal(expected, frozen) {
		return fmt.Errorf("the frozen disputes hold %d lines, the frozen flags %d", len(expected), len(frozen))
	}
	return nil
}

// compareInputs derives from a locked period's frozen files, without any table, who
// was on the roster and what the evidence adds up to, and holds the frozen standings
// against both. It tells false of a period that froze no settings.
func (l *Ledger) compareInputs(one lockedPeriod, known plan.Known, quarter quarterOf) (bool, error) {
	f := one.frozen
	text, there := f.Documents[settingsName]
	if !there {
		return false, nil
	}
	var settings payingSettings
	if err := json.Unmarshal(text, &settings); err != nil {
		return false, fmt.Errorf("inputs/%s: %w", settingsName, err)
	}
	rules, err := plan.Parse("plan.yml", f.Documents["plan.yml"], known)
	if err != nil {
		return false, fmt.Errorf("the frozen plan: %w", err)
	}
	q, err := quarter(one.name)
	if err != nil {
		return false, err
	}
	if first, last := q.StartsOn.Format(time.DateOnly), q.LastDay().Format(time.DateOnly); first != f.Heading.StartsOn || last != f.Heading.EndsOn {
		return false, fmt.Errorf("by today's calendar the quarter is %s to %s, it was locked as %s to %s", first, last, f.Heading.StartsOn, f.Heading.EndsOn)
	}
	version, inForce := rules.For(q)
	if !inForce {
		return false, fmt.Errorf("no version of the frozen plan is in force")
	}
	in := plan.Inputs{Plan: rules, Calendar: l.project.Calendar, Currency: settings.Currency}
	if in.Roster, err = rules.ParseRoster("roster.csv", f.Documents["roster.csv"], settings.Currency); err != nil {
		return false, fmt.Errorf("the frozen roster: %w", err)
	}
	standings := slices.DeleteFunc(slices.Clone(f.Standings), func(s payouts.Standing) bool { return s.Period != one.name })
	if err := sameRoster(standings, in, q); err != nil {
		return false, err
	}
	if err := sameDisputes(f, PayRules(version)); err != nil {
		return false, err
	}
	if err := PayRules(version).SameMeasures(standings, f.Evidence); err != nil {
		return false, err
	}
	return true, PayRules(version).SameMeasurements(standings, f.Measures)
}

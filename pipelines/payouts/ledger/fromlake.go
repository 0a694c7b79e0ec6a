package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/project"
)

// A Rebuild makes a period's tables again from the lake's pinned snapshots and the
// frozen inputs. Decisions on flags count up to a record of the evidence log.
type Rebuild func(ctx context.Context, f payouts.Frozen, decidedBefore int64) (Rebuilt, error)

// Rebuilt is what the tables say that were made again.
type Rebuilt struct {
	Standings []payouts.Standing
	Evidence  []payouts.Evidence
	Measures  []payouts.Measurement
	Flags     []payouts.Flag
	Models    string // SHA-256
}

// A LakeComparison is a period of which the lake says what was signed.
type LakeComparison struct {
	Period                     string
	Evidence, Standings, Flags int
	Snapshots                  int
	ModelsNow, ModelsThen      string
	DecidedBefore              int64
}

// FromLake rebuilds what a period's money was computed from, and holds it against what
// was frozen: every evidence row, score and open flag. Period "" is all that are
// locked; a draft is compared when it is named.
func (l *Ledger) FromLake(ctx context.Context, rebuild Rebuild, period string) ([]LakeComparison, error) {
	var all []LakeComparison
	if _, isLocked := l.period(period); period != "" && !isLocked {
		s, err := l.draft(period)
		if err != nil {
			return nil, err
		}
		one, err := l.compareLake(ctx, rebuild, s.frozen, s.sum)
		return []LakeComparison{one}, err
	}
	for _, one := range l.locked {
		if period != "" && one.name != period {
			continue
		}
		done, err := l.compareLake(ctx, rebuild, one.frozen, one.body.Manifest)
		if err != nil {
			return all, err
		}
		all = append(all, done)
	}
	return all, nil
}

func (l *Ledger) compareLake(ctx context.Context, rebuild Rebuild, f payouts.Frozen, manifest string) (LakeComparison, error) {
	c := LakeComparison{Period: f.Heading.Period, Snapshots: len(f.Snapshots)}
	c.DecidedBefore = l.draftOf(c.Period, manifest)
	settings, err := frozenSettings(f)
	if err != nil {
		return c, err
	}
	now, err := rebuild(ctx, f, c.DecidedBefore)
	if err != nil {
		return c, err
	}
	c.ModelsThen, c.ModelsNow = settings.Models, now.Models
	of := func(period string) bool { return period == c.Period }
	standings := slices.DeleteFunc(slices.Clone(f.Standings), func(s payouts.Standing) bool { return !of(s.Period) })
	flags := slices.DeleteFunc(slices.Clone(f.Flags), func(s payouts.Flag) bool { return !of(s.Period) || s.Kind == payouts.Disputed })
	c.Evidence, c.Standings, c.Flags = len(f.Evidence), len(standings), len(flags)
	var differences []string
	for _, step := range []func() ([]string, error){
		func() ([]string, error) { return apart("evidence row", unlinked(f.Evidence), unlinked(now.Evidence)) },
		func() ([]string, error) { return apart("score", standings, now.Standings) },
		func() ([]string, error) { return apart("measure", f.Measures, now.Measures) },
		func() ([]string, error) { return apart("open flag", flags, now.Flags) },
	} {
		found, err := step()
		if err != nil {
			return c, err
		}
		differences = append(differences, found...)
	}
	if len(differences) == 0 {
		return c, nil
	}
	why := "the tables that it was drafted from were not those that the lake gives"
	if c.ModelsNow != c.ModelsThen {
		why += fmt.Sprintf(", or the models have changed since (%s then, %s now): compare with the Merit that drafted it, %s", short(c.ModelsThen), short(c.ModelsNow), settings.Version)
	}
	return c, fault.Errorf(fault.You, "%s rebuilt from the lake differs in %d places: %s\n  %s", c.Period, len(differences), why, strings.Join(differences[:min(len(differences), mostDifferences)], "\n  "))
}

// mostDifferences bounds a message.
const mostDifferences = 6

// draftOf is the number of the record of the draft with this manifest: what stewards
// decided after it had no part in it.
func (l *Ledger) draftOf(period, manifest string) int64 {
	for _, r := range l.log.Records() {
		var body drafted
		if r.Kind == draftRecord && r.Period == period && jsonBody(r, &body) == nil && body.Manifest == manifest {
			return r.Number
		}
	}
	return 0
}

// unlinked are evidence rows without the address of the record's page, which no money
// depends on and which another endpoint changes.
func unlinked(rows []payouts.Evidence) []payouts.Evidence {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].Link = ""
	}
	return rows
}

// apart names the values that are on one side only.
func apart[T any](what string, frozen, lake []T) ([]string, error) {
	count, order := map[string]int{}, []string{}
	for _, side := range []struct {
		values []T
		sign   int
	}{{frozen, 1}, {lake, -1}} {
		for _, value := range side.values {
			text, err := evidence.Canonical(value)
			if err != nil {
				return nil, err
			}
			if _, seen := count[string(text)]; !seen {
				order = append(order, string(text))
			}
			count[string(text)] += side.sign
		}
	}
	slices.Sort(order)
	var found []string
	for _, text := range order {
		switch n := count[text]; {
		case n > 0:
			found = append(found, fmt.Sprintf("%s in the file, not in the lake: %s", what, clipped(text)))
		case n < 0:
			found = append(found, fmt.Sprintf("%s in the lake, not in the file: %s", what, clipped(text)))
		}
	}
	return found, nil
}

func clipped(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func frozenSettings(f payouts.Frozen) (payingSettings, error) {
	var s payingSettings
	text, there := f.Documents[settingsName]
	if !there {
		return s, fault.Errorf(fault.You, "%s was locked without its settings: it can't be rebuilt from the lake", f.Heading.Period)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("the frozen settings of %s: %w", f.Heading.Period, err)
	}
	return s, nil
}

// FrozenCalendar is the calendar that a period was drafted by. The order of sources
// decides between copies and stands in merit.yml only, so it has to be the same.
func FrozenCalendar(f payouts.Frozen, p *project.Project) (project.CalendarSettings, error) {
	s, err := frozenSettings(f)
	sources := p.SourceOrder()
	if err == nil && !slices.Equal(s.DealClasses, p.DealClasses()) {
		err = fault.Errorf(fault.You, "%s was drafted with other deal_classes than %s has now: put those back to rebuild it", f.Heading.Period, project.FileName)
	}
	if err == nil && !slices.Equal(s.Sources, sources) {
		err = fault.Errorf(fault.You, "%s was drafted with the sources in the order %s, and %s has %s: put them in that order to rebuild it", f.Heading.Period, strings.Join(s.Sources, ", "), project.FileName, strings.Join(sources, ", "))
	}
	return project.CalendarSettings{TimeZone: s.TimeZone, Currency: s.Currency, FiscalYearStarts: s.FiscalYearStarts, FirstPeriod: s.FirstPeriod}, err
}

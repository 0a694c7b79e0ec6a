package reference

import (
	"math/big"
	"slices"
	"time"
)

// All is the evidence of every metric of the catalogue.
func (f *Facts) All() []Evidence {
	var all []Evidence
	for _, d := range f.counting() {
		all = append(all, f.stageTransitions(d)...)
		all = append(all, f.velocity(d)...)
		all = append(all, f.qualified(d)...)
		all = append(all, f.closed(d)...)
		all = append(all, f.hygiene(d)...)
	}
	return slices.Concat(all, f.lostRenewals(), f.renewals(), f.touches(), f.efforts(), f.demos(), f.forecasts(), f.adoption(), f.ramps(), f.besides())
}

func (f *Facts) ofDeal(metric string, d Deal, at time.Time, numerator *big.Rat, truncated bool) []Evidence {
	rep := f.repAt(d.Source, f.OwnerAt(d, at), at)
	if rep == "" {
		return nil
	}
	return []Evidence{{
		Metric: metric, Source: d.Source, Rep: rep, At: at, RecordType: "deal", RecordID: d.ID,
		Numerator: numerator, Denominator: one(), IsTruncated: truncated || f.ownerIsTruncated(d, at),
	}}
}

// stageTransitions: a forward move that reaches a new furthest stage. A plan that
// names exact moves means these and no others.
func (f *Facts) stageTransitions(d Deal) []Evidence {
	var rows []Evidence
	named := f.allOf("stage_advances", "move")
	for _, v := range f.Visits(d) {
		if v.Direction == "forward" && v.IsFurthest && (len(named) == 0 || isNamed(named, v.From+" -> "+v.Label, v.FromID+" -> "+v.Stage)) {
			rows = append(rows, f.ofDeal("stage_advances", d, v.EnteredAt, one(), v.IsTruncated)...)
		}
	}
	return rows
}

// velocity: days from the first entry of A to the first later entry of B or
// beyond. Where the plan names none, A is the first stage and B a win.
func (f *Facts) velocity(d Deal) []Evidence {
	isFrom, isTo := func(Stage) bool { return true }, func(s Stage) bool { return s.IsWon }
	if named := f.allOf("stage_to_stage_days", "from_stage"); len(named) > 0 {
		isFrom = called(named)
	}
	if named := f.allOf("stage_to_stage_days", "to_stage"); len(named) > 0 {
		isTo = called(named)
	}
	var entered *time.Time
	for _, v := range f.Visits(d) {
		stages := f.stagesAt(d.Source, d.Pipeline, v.EnteredAt)
		from, to := lowest(stages, isFrom), lowest(stages, isTo)
		if from == 0 || to == 0 || from >= to {
			continue
		}
		switch {
		case entered == nil && v.position == from:
			entered = &v.EnteredAt
		case entered != nil && v.position >= to:
			if class, _ := f.class(d); !f.isOfClass("stage_to_stage_days", class) {
				return nil
			}
			return f.ofDeal("stage_to_stage_days", d, v.EnteredAt, days(*entered, v.EnteredAt), v.IsTruncated)
		}
	}
	return nil
}

// days from one instant to another, to six digits.
func days(from, to time.Time) *big.Rat {
	return rounded(big.NewRat(to.Sub(from).Microseconds(), 24*60*60*1_000_000), 6)
}

// qualified: created with a lead source of the plan's list and with a score that was
// high enough N days later, or come to the stage that the plan names, whichever was
// first; nothing where the plan names none of these.
func (f *Facts) qualified(d Deal) []Evidence {
	const metric = "qualified_opportunities"
	class, isKnown := f.class(d)
	named, stages := f.allOf(metric, "lead_source"), f.allOf(metric, "stage")
	isSource := len(named) == 0 || d.LeadSource != nil && isNamed(named, *d.LeadSource)
	if isKnown && !f.isOfClass(metric, class, "new") || !isSource || d.CreatedAt.After(f.AsOf) {
		return nil
	}
	var at *time.Time
	truncated := false
	if f.isCreatedWell(d) && f.periodAt(d.CreatedAt) != "" {
		at = &d.CreatedAt
	}
	if entry := f.entered(d, stages); entry != nil && f.periodAt(entry.EnteredAt) != "" && (at == nil || entry.EnteredAt.Before(*at)) {
		at, truncated = &entry.EnteredAt, entry.IsTruncated
	}
	if at == nil {
		return nil
	}
	rows := f.creditedBy(metric, d, *at, truncated)
	for i := range rows {
		rows[i].IsUnknown = !isKnown
	}
	return rows
}

// isCreatedWell tells whether the deal qualifies by its creation.
func (f *Facts) isCreatedWell(d Deal) bool {
	const metric = "qualified_opportunities"
	least := f.setting(metric, "min_score", "")
	if least == "" {
		return len(f.allOf(metric, "lead_source")) > 0 && len(f.allOf(metric, "stage")) == 0
	}
	judged := d.CreatedAt.Add(time.Duration(f.count(metric, "score_after_days", 7)) * 24 * time.Hour)
	if judged.After(f.AsOf) {
		return false
	}
	score := f.scoreAt(d, judged)
	return score != nil && ratOf(*score).Cmp(ratOf(least)) >= 0
}

// creditedBy credits a deal to its owner of then, to whoever made it, or to whom a
// field of it names.
func (f *Facts) creditedBy(metric string, d Deal, at time.Time, truncated bool) []Evidence {
	rep := ""
	switch by := f.setting(metric, "credit", "owner"); by {
	case "owner":
		return f.ofDeal(metric, d, at, one(), truncated)
	case "creator":
		rep = f.repAt(d.Source, d.CreatedBy, at)
	default:
		if key, there := f.Fields[d.Ref][by]; there {
			rep = f.onRoster(f.personOf(d.Source, key), at)
		}
	}
	if rep == "" {
		return nil
	}
	return []Evidence{{Metric: metric, Source: d.Source, Rep: rep, At: at, RecordType: "deal", RecordID: d.ID, Numerator: one(), Denominator: one(), IsTruncated: truncated}}
}

func (f *Facts) scoreAt(d Deal, at time.Time) *string {
	var last *Score
	for _, s := range f.Scores {
		if s.Deal != d.Ref || s.At.After(at) {
			continue
		}
		if last == nil || s.At.After(last.At) || s.At.Equal(last.At) && (s.Ordinal > last.Ordinal || s.Ordinal == last.Ordinal && s.ID > last.ID) {
			last = &s
		}
	}
	if last == nil {
		return nil
	}
	return last.Score
}

func daysBetween(from, to string) int {
	return int(dateOf(to).Sub(dateOf(from)) / (24 * time.Hour))
}

func dateOf(text string) time.Time {
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return date
}

func ratOf(text string) *big.Rat {
	number, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("no number: " + text)
	}
	return number
}

// rounded is half away from zero.
func rounded(r *big.Rat, digits int) *big.Rat { return ratOf(r.FloatString(digits)) }

// Why there is no value.
const (
	Nothing = "nothing happened"
	Unknown = "it is not known"
)

// Value aggregates evidence: a sum, a median, or a ratio (of which a mean is one).
// A sum of nothing is 0, the others need something; where nobody knows what a
// record counts for, nobody knows the value. Without a value it says why.
func Value(rows []Evidence, kind string) (*big.Rat, string) {
	numerator, denominator := new(big.Rat), new(big.Rat)
	var all []*big.Rat
	for _, row := range rows {
		numerator.Add(numerator, row.Numerator)
		denominator.Add(denominator, row.Denominator)
		all = append(all, row.Numerator)
		if row.IsUnknown {
			return nil, Unknown
		}
	}
	switch {
	case kind == "sum":
		return numerator, ""
	case kind == "median" && len(all) > 0:
		slices.SortFunc(all, (*big.Rat).Cmp)
		middle := new(big.Rat).Add(all[(len(all)-1)/2], all[len(all)/2])
		return middle.Quo(middle, big.NewRat(2, 1)), ""
	case denominator.Sign() == 0:
		return nil, Nothing
	}
	return numerator.Quo(numerator, denominator), ""
}

// sumOf is what is known of the evidence's sum.
func sumOf(rows []Evidence) *big.Rat {
	sum := new(big.Rat)
	for _, row := range rows {
		sum.Add(sum, row.Numerator)
	}
	return sum
}

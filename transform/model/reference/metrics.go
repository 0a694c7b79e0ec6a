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
		if v.Direction == "forward" && v.IsFurthest && (len(named) == 0 || slices.Contains(named, v.From+" -> "+v.Label)) {
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
		ladder := f.ladder(d.Source, d.Pipeline, v.EnteredAt)
		from, to := lowest(ladder, isFrom), lowest(ladder, isTo)
		if from == 0 || to == 0 || from >= to {
			continue
		}
		switch {
		case entered == nil && v.rung == from:
			entered = &v.EnteredAt
		case entered != nil && v.rung >= to:
			return f.ofDeal("stage_to_stage_days", d, v.EnteredAt, days(*entered, v.EnteredAt), v.IsTruncated)
		}
	}
	return nil
}

// days from one instant to another, to six digits.
func days(from, to time.Time) *big.Rat {
	return rounded(big.NewRat(to.Sub(from).Microseconds(), 24*60*60*1_000_000), 6)
}

// qualified: created with a lead source of the plan's list and with a score that
// was high enough N days later.
func (f *Facts) qualified(d Deal) []Evidence {
	const metric = "qualified_opportunities"
	if d.CreatedAt.After(f.AsOf) {
		return nil
	}
	named := f.allOf(metric, "lead_source")
	if len(named) > 0 && !slices.ContainsFunc(named, func(name string) bool { return d.LeadSource != nil && word(&name) == word(d.LeadSource) }) {
		return nil
	}
	if least := f.setting(metric, "min_score", ""); least != "" {
		judged := d.CreatedAt.Add(time.Duration(f.count(metric, "score_after_days", 7)) * 24 * time.Hour)
		if judged.After(f.AsOf) {
			return nil
		}
		score := f.scoreAt(d, judged)
		if score == nil || ratOf(*score).Cmp(ratOf(least)) < 0 {
			return nil
		}
	}
	return f.ofDeal(metric, d, d.CreatedAt, one(), false)
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

package reference

import (
	"math/big"
	"time"
)

// All is the evidence of every metric that the reference knows.
func (f *Facts) All() []Evidence {
	var all []Evidence
	for _, d := range f.Deals {
		if d.IsDeleted {
			continue
		}
		all = append(all, f.stageTransitions(d)...)
		all = append(all, f.velocity(d)...)
		all = append(all, f.closedWon(d)...)
		all = append(all, f.hygiene(d)...)
	}
	return append(all, f.touches()...)
}

func (f *Facts) ofDeal(metric string, d Deal, at time.Time, numerator *big.Rat, truncated bool) []Evidence {
	rep := f.repAt(d.Source, f.OwnerAt(d, at), at)
	if rep == "" {
		return nil
	}
	return []Evidence{{
		Metric: metric, Source: d.Source, Rep: rep, At: at, RecordType: "deal", RecordID: d.ID,
		Numerator: numerator, Denominator: big.NewRat(1, 1), IsTruncated: truncated || f.ownerIsTruncated(d, at),
	}}
}

// stageTransitions: a forward move that reaches a new furthest stage.
func (f *Facts) stageTransitions(d Deal) []Evidence {
	var rows []Evidence
	for _, v := range f.Visits(d) {
		if v.Direction == "forward" && v.IsFurthest {
			rows = append(rows, f.ofDeal("stage_transitions", d, v.EnteredAt, big.NewRat(1, 1), v.IsTruncated)...)
		}
	}
	return rows
}

// velocity: days from the first entry of A to the first later entry of B or
// beyond. Where the plan names none, A is the first stage and B a win.
func (f *Facts) velocity(d Deal) []Evidence {
	rungs := f.rungs(d.Source, d.Pipeline)
	from, to := f.setting("pipeline_velocity", "from_stage", ""), f.setting("pipeline_velocity", "to_stage", "")
	fromRung, toRung := 1, 0
	if from != "" {
		fromRung = f.rungOf(d, rungs, from)
	}
	if to != "" {
		toRung = f.rungOf(d, rungs, to)
	} else {
		for _, s := range f.Stages {
			if s.Source == d.Source && s.Pipeline == d.Pipeline && s.IsWon && (toRung == 0 || rungs[s.ID] < toRung) {
				toRung = rungs[s.ID]
			}
		}
	}
	if fromRung == 0 || toRung == 0 || fromRung >= toRung {
		return nil
	}
	var entered *time.Time
	for _, v := range f.Visits(d) {
		switch {
		case entered == nil && v.rung == fromRung:
			entered = &v.EnteredAt
		case entered != nil && v.rung >= toRung:
			days := rounded(big.NewRat(v.EnteredAt.Sub(*entered).Microseconds(), 24*60*60*1_000_000), 6)
			return f.ofDeal("pipeline_velocity", d, v.EnteredAt, days, v.IsTruncated)
		}
	}
	return nil
}

func (f *Facts) rungOf(d Deal, rungs map[string]int, name string) int {
	for _, s := range f.Stages {
		if s.Source == d.Source && s.Pipeline == d.Pipeline && (s.Label == name || s.ID == name) {
			return rungs[s.ID]
		}
	}
	return 0
}

// closedWon: a won deal's recurring amount a year, in the company's currency.
func (f *Facts) closedWon(d Deal) []Evidence {
	if d.Stage == nil {
		return nil
	}
	if stage, known := f.stage(d, *d.Stage); !known || !stage.IsWon {
		return nil
	}
	closed := f.closedAt(d)
	if closed.After(f.AsOf) {
		return nil
	}
	arr := new(big.Rat)
	if d.Amount != nil && (d.Currency == nil || *d.Currency == f.Currency) {
		arr = ratOf(*d.Amount)
		if days := termDays(d); days > 0 {
			arr = rounded(new(big.Rat).Mul(arr, big.NewRat(365, int64(days))), 2)
		}
	}
	return f.ofDeal("closed_won_arr", d, closed, arr, false)
}

// closedAt is when the deal last entered a closed stage, by the CRM or else by
// its history.
func (f *Facts) closedAt(d Deal) time.Time {
	if d.ClosedAt != nil {
		return *d.ClosedAt
	}
	visits := f.Visits(d)
	return visits[len(visits)-1].EnteredAt
}

// termDays is the length of the term, both ends counted; 0: unknown.
func termDays(d Deal) int {
	if d.TermStarts == nil || d.TermEnds == nil || *d.TermEnds < *d.TermStarts {
		return 0
	}
	return daysBetween(*d.TermStarts, *d.TermEnds) + 1
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

// Value aggregates evidence: a sum, or a ratio (of which a mean is one).
func Value(rows []Evidence, kind string) *big.Rat {
	numerator, denominator := new(big.Rat), new(big.Rat)
	for _, row := range rows {
		numerator.Add(numerator, row.Numerator)
		denominator.Add(denominator, row.Denominator)
	}
	if kind == "sum" {
		return numerator
	}
	if denominator.Sign() == 0 {
		return nil
	}
	return numerator.Quo(numerator, denominator)
}

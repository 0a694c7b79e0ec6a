package reference

import (
	"math/big"
	"time"
)

// hygiene: each open or newly closed deal at each period's end, or now.
func (f *Facts) hygiene(d Deal) []Evidence {
	var rows []Evidence
	for _, p := range f.Periods {
		if p.StartsAt.After(f.AsOf) {
			continue
		}
		measured := p.EndsAt.Add(-time.Millisecond)
		if measured.After(f.AsOf) {
			measured = f.AsOf
		}
		score, looked, truncated := f.hygieneAt(d, p, measured)
		if looked {
			rows = append(rows, f.ofDeal("hygiene_score", d, measured, score, truncated)...)
		}
	}
	return rows
}

func (f *Facts) hygieneAt(d Deal, p Period, measured time.Time) (score *big.Rat, looked, truncated bool) {
	var now *Visit
	for _, v := range f.Visits(d) {
		if !v.EnteredAt.After(measured) {
			now = &v
		}
	}
	if now == nil || now.closed && now.EnteredAt.Before(p.StartsAt) {
		return nil, false, false
	}
	required := []string{"amount", "close_on", "next_step"}
	if named := f.Settings["hygiene_score"]["required_field"]; len(named) > 0 {
		required = named
	}
	filled := 0
	for _, field := range required {
		if isFilled(f.valueAt(d, field, measured)) {
			filled++
		}
	}
	score = new(big.Rat).Mul(big.NewRat(1, 2), big.NewRat(int64(filled), int64(len(required))))
	if f.closeDateIsHonest(d, *now, measured) {
		score.Add(score, big.NewRat(1, 4))
	}
	for _, c := range f.Contacts {
		if c.Deal == d.Ref && isFilled(c.Role) {
			score.Add(score, big.NewRat(1, 4))
			break
		}
	}
	return rounded(score, 6), true, now.IsTruncated
}

// valueAt is what a field held at an instant: by its history, or today's value
// where there is none.
func (f *Facts) valueAt(d Deal, field string, at time.Time) *string {
	changes := f.history(d.Ref, field)
	if len(changes) == 0 {
		return map[string]*string{"amount": d.Amount, "close_on": d.CloseOn, "next_step": d.NextStep, "forecast_category": d.Forecast}[field]
	}
	var value *string
	for _, c := range changes {
		if !c.At.After(at) {
			value = c.Value
		}
	}
	return value
}

// closeDateIsHonest: it was pushed twice at most; of an open deal it has not
// passed, of a closed one it was within 14 days.
func (f *Facts) closeDateIsHonest(d Deal, now Visit, measured time.Time) bool {
	promised := f.promise(d, now, measured)
	if !isFilled(promised) {
		return false
	}
	pushes, before := 0, ""
	for _, c := range f.history(d.Ref, "close_on") {
		if c.At.After(measured) {
			break
		}
		if c.Value != nil && before != "" && *c.Value > before {
			pushes++
		}
		before = ""
		if c.Value != nil {
			before = *c.Value
		}
	}
	if pushes > 2 {
		return false
	}
	if !now.closed {
		return *promised >= f.day(measured)
	}
	off := daysBetween(f.day(now.EnteredAt), *promised)
	return -14 <= off && off <= 14
}

// promise is the close date that a deal is held to: that of now, or what a closed
// one said a day before it closed. A deal not a day old is held to the first date
// that it had.
func (f *Facts) promise(d Deal, now Visit, measured time.Time) *string {
	if !now.closed {
		return f.valueAt(d, "close_on", measured)
	}
	changes := f.history(d.Ref, "close_on")
	dayBefore := now.EnteredAt.Add(-24 * time.Hour)
	if len(changes) > 0 && changes[0].At.After(dayBefore) && !changes[0].At.After(now.EnteredAt) {
		return changes[0].Value
	}
	return f.valueAt(d, "close_on", dayBefore)
}

package reference

import (
	"math/big"
	"slices"
	"time"
)

// hygiene: each open or newly closed deal at each period's end, or now: the
// weighted share of what is in order, and of the fields alone.
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
		now := f.visitAt(d, measured)
		isOld := now != nil && now.closed && (now.EnteredAt.Before(p.StartsAt) || f.isClosedBefore(d, p.StartsAt))
		if now == nil || isOld {
			continue
		}
		filled, asked := f.filled(d, measured, now.closed)
		rows = append(rows, f.ofDeal("hygiene_score", d, measured, f.kept(d, *now, measured, share(filled, asked)), now.IsTruncated)...)
		for _, row := range f.ofDeal("data_completeness", d, measured, big.NewRat(filled, 1), now.IsTruncated) {
			if row.Denominator = big.NewRat(asked, 1); asked > 0 {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func (f *Facts) visitAt(d Deal, at time.Time) *Visit {
	var now *Visit
	for _, v := range f.Visits(d) {
		if !v.EnteredAt.After(at) {
			now = &v
		}
	}
	return now
}

// share is a part of what is asked; where nothing is, all of it is there.
func share(part, whole int64) *big.Rat {
	if whole == 0 {
		return one()
	}
	return big.NewRat(part, whole)
}

// filled are the fields that the plan asks for; what is closed has no next step.
func (f *Facts) filled(d Deal, at time.Time, isClosed bool) (filled, asked int64) {
	for _, field := range f.allOf("hygiene_score", "required_field", "amount", "close_on", "next_step") {
		if field == "next_step" && isClosed {
			continue
		}
		asked++
		if isFilled(f.valueAt(d, field, at)) {
			filled++
		}
	}
	return filled, asked
}

// kept weighs the three parts.
func (f *Facts) kept(d Deal, now Visit, measured time.Time, fields *big.Rat) *big.Rat {
	score, all := new(big.Rat), new(big.Rat)
	add := func(name, otherwise string, part *big.Rat) {
		weight := ratOf(f.setting("hygiene_score", name, otherwise))
		all.Add(all, weight)
		score.Add(score, new(big.Rat).Mul(weight, part))
	}
	add("fields_weight", "0.5", fields)
	add("close_date_weight", "0.25", truth(f.closeDateIsHonest(d, now, measured)))
	add("contact_weight", "0.25", truth(f.hasContactWithRole(d)))
	return rounded(score.Quo(score, all), 6)
}

// hasContactWithRole: somebody who is still there has a role in the deal, or in
// one that was merged into it.
func (f *Facts) hasContactWithRole(d Deal) bool {
	for _, c := range f.Contacts {
		deal, contact := f.resolved("deal", c.Deal.Source, &c.Deal.ID), f.resolved("contact", c.Deal.Source, &c.Contact)
		if c.Deal.Source != d.Source || *deal != d.ID || lower(c.Role) == "" {
			continue
		}
		if !slices.ContainsFunc(f.People, func(p Person) bool { return p.Source == d.Source && p.ID == *contact && p.IsDeleted }) {
			return true
		}
	}
	return false
}

// valueAt is what a field held at an instant: by its history, or today's value
// where there is none.
func (f *Facts) valueAt(d Deal, field string, at time.Time) *string {
	changes := f.history(d.Ref, field)
	if len(changes) == 0 {
		return map[string]*string{"amount": d.Amount, "close_on": d.CloseOn, "next_step": d.NextStep, "forecast_category": d.Forecast, "account": f.resolved("account", d.Source, d.Account), "deal_type": d.Type, "lead_source": d.LeadSource}[field]
	}
	var value *string
	if changes[0].IsTruncated { // what the CRM has forgotten was so, as far as anybody knows
		value = changes[0].Value
	}
	for _, c := range changes {
		if !c.At.After(at) {
			value = c.Value
		}
	}
	return value
}

// closeDateIsHonest: people pushed it twice at most while it was open; of an open deal it has not
// passed, of a closed one it was at most 14 days before; both numbers as the plan says.
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
		isStamp := c.Through != nil && *c.Through == "automation" || now.closed && !c.At.Before(now.EnteredAt)
		if c.Value != nil && before != "" && *c.Value > before && !isStamp {
			pushes++
		}
		if c.Value != nil { // a date that was cleared in between was pushed, too
			before = *c.Value
		}
	}
	if pushes > f.count("hygiene_score", "max_pushes", 2) {
		return false
	}
	if !now.closed {
		return *promised >= f.day(measured)
	}
	late := daysBetween(*promised, f.day(now.EnteredAt))
	return late <= f.count("hygiene_score", "max_close_error_days", 14)
}

// promise is the close date that a deal is held to: that of now, or what a closed
// one said a day before it closed. A deal that was not a day old, or whose dates of
// then the CRM has forgotten, is held to the first date that is known.
func (f *Facts) promise(d Deal, now Visit, measured time.Time) *string {
	if !now.closed {
		return f.valueAt(d, "close_on", measured)
	}
	changes := f.history(d.Ref, "close_on")
	dayBefore := now.EnteredAt.Add(-24 * time.Hour)
	isYoung := now.Number == 1 || d.CreatedAt.After(dayBefore)
	if len(changes) > 0 && changes[0].At.After(dayBefore) && (changes[0].IsTruncated || isYoung && !changes[0].At.After(now.EnteredAt)) {
		return changes[0].Value
	}
	return f.valueAt(d, "close_on", dayBefore)
}

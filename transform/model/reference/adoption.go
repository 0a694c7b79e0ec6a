package reference

import (
	"math/big"
	"slices"
	"time"
)

// adoption: working days and weeks with a sign of the rep, and meetings of the
// calendar that were logged.
func (f *Facts) adoption() []Evidence {
	active := f.activeDays()
	rows := f.events()
	type week struct{ rep, period, role, monday string }
	weeks, days := map[week]int{}, map[week]string{}
	for _, rep := range f.repIDs() {
		for _, day := range f.workingDays(rep) {
			at := f.midnight(day, 0)
			isActive := active[[2]string{rep, day}]
			rows = append(rows, roster("crm_active_days", rep, at, "day", rep+" "+day, truth(isActive)))
			w := week{rep, f.periodAt(at), f.RoleAt(rep, at), f.monday(day)}
			if isActive {
				weeks[w]++
			}
			days[w] = max(days[w], day)
		}
	}
	for w, last := range days {
		// A week that runs has time left.
		if sunday := dateOf(w.monday).AddDate(0, 0, 6).Format(time.DateOnly); sunday < f.today() {
			enough := weeks[w] >= f.count("weekly_active", "active_days", 1)
			rows = append(rows, roster("weekly_active", w.rep, f.midnight(last, 0), "week", w.rep+" "+w.monday, truth(enough)))
		}
	}
	return rows
}

func roster(metric, rep string, at time.Time, kind, id string, numerator *big.Rat) Evidence {
	return Evidence{Metric: metric, Source: "roster", Rep: rep, At: at, RecordType: kind, RecordID: id, Numerator: numerator, Denominator: one()}
}

func (f *Facts) repIDs() []string {
	var ids []string
	for _, r := range f.Reps {
		if !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// workingDays of a rep up to today: Monday to Friday on the roster, without
// holidays and leave.
func (f *Facts) workingDays(rep string) []string {
	var working []string
	for _, r := range f.Reps {
		if r.ID != rep || r.IsLeave {
			continue
		}
		for at := f.Periods[0].StartsAt; f.day(at) <= f.today(); at = f.midnight(f.day(at), 1) {
			day := f.day(at)
			isFree := slices.Contains(f.Holidays, [2]string{"all", day}) || slices.Contains(f.Holidays, [2]string{r.Region, day})
			if weekday := dateOf(day).Weekday(); r.From <= day && (r.To == "" || day <= r.To) && weekday != time.Saturday && weekday != time.Sunday && !isFree && f.periodAt(at) != "" {
				working = append(working, day)
			}
		}
	}
	return working
}

// activeDays are the days with a change by hand, an activity logged or a sign-in,
// by rep.
func (f *Facts) activeDays() map[[2]string]bool {
	active := map[[2]string]bool{}
	note := func(rep string, at time.Time) {
		if rep != "" && !at.After(f.AsOf) {
			active[[2]string{rep, f.day(at)}] = true
		}
	}
	for deal, changes := range f.Changes {
		for _, c := range changes {
			if c.By != nil && (c.Through == nil || *c.Through == "user") {
				note(f.Users[Ref{deal.Source, *c.By}], c.At)
			}
		}
	}
	for _, a := range f.Activities {
		if a.Owner != nil && !a.IsDeleted && a.CreatedAt != nil {
			note(f.Users[Ref{a.Source, *a.Owner}], *a.CreatedAt)
		}
	}
	for _, l := range f.Logins {
		if l.IsSuccessful && lower(l.Through) != "integration" {
			note(f.personOf(l.Source, l.User), l.At)
		}
	}
	return active
}

// events: customer meetings of the calendar that are over, 1 when logged: by name,
// or by a meeting of the rep that begins within some minutes of it.
func (f *Facts) events() []Evidence {
	const metric = "meeting_logging_rate"
	var rows []Evidence
	within := time.Duration(f.count(metric, "within_minutes", 30)) * time.Minute
	for _, e := range f.Events {
		ends := e.StartsAt
		if e.EndsAt != nil {
			ends = *e.EndsAt
		}
		rep := f.personOf(e.Source, e.User)
		if !e.HasCustomer || e.IsCancelled || ends.After(f.AsOf) || rep == "" {
			continue
		}
		isLogged := slices.ContainsFunc(f.Activities, func(a Activity) bool {
			at := a.when()
			if a.Owner == nil || a.IsDeleted || at == nil || f.Users[Ref{a.Source, *a.Owner}] != rep {
				return false
			}
			return e.Activity != nil && *e.Activity == a.ID || a.Kind == "meeting" && at.Sub(e.StartsAt).Abs() <= within
		})
		rows = append(rows, f.counted(metric, rep, e.Source, e.StartsAt, "calendar event", e.ID, truth(isLogged))...)
	}
	return rows
}

// ramps: days from being hired to the end of the first quarter in which the quota
// was reached. Of whoever was hired before the first period nobody knows it.
func (f *Facts) ramps() []Evidence {
	var rows []Evidence
	for rep, hired := range f.Hired {
		if hired < f.day(f.Periods[0].StartsAt) {
			continue
		}
		for _, p := range f.Periods {
			last := f.day(p.EndsAt.Add(-time.Millisecond))
			if p.EndsAt.After(f.AsOf) || last < hired {
				continue
			}
			quota := f.QuotaOf(rep, p)
			if quota == nil || quota.Amount.Sign() <= 0 {
				continue
			}
			sold := f.sold(rep, p)
			if least := new(big.Rat).Mul(ratOf(f.setting("ramp_days", "attainment", "0.8")), f.fullQuota(rep, p)); len(sold) > 0 && sumOf(sold).Cmp(least) >= 0 {
				at := p.EndsAt.Add(-time.Millisecond)
				if f.onRoster(rep, at) != "" {
					rows = append(rows, Evidence{Metric: "ramp_days", Source: f.Sources[0], Rep: rep, At: at, RecordType: "period", RecordID: rep + " " + p.Name,
						Numerator: big.NewRat(int64(daysBetween(hired, last)+1), 1), Denominator: one(),
						IsTruncated: slices.ContainsFunc(sold, func(e Evidence) bool { return e.IsTruncated })})
				}
				break
			}
		}
	}
	return rows
}

// fullQuota is what whoever is ramped has to sell: the number in the plan, or else the
// larger one of the rep's own highest quota so far and the middle quota of those who
// hold the rep's role at the quarter's end.
func (f *Facts) fullQuota(rep string, p Period) *big.Rat {
	if said := f.setting("ramp_days", "full_quota", ""); said != "" {
		return ratOf(said)
	}
	full := new(big.Rat)
	for _, earlier := range f.Periods {
		if quota := f.QuotaOf(rep, earlier); !earlier.StartsAt.After(p.StartsAt) && quota != nil && quota.Amount.Cmp(full) > 0 {
			full = quota.Amount
		}
	}
	last := p.EndsAt.Add(-time.Millisecond)
	var peers []*big.Rat
	seen := map[string]bool{}
	for _, r := range f.Reps {
		quota := f.QuotaOf(r.ID, p)
		if !seen[r.ID] && quota != nil && quota.Amount.Sign() > 0 && f.RoleAt(r.ID, last) != "" && f.RoleAt(r.ID, last) == f.RoleAt(rep, last) {
			peers = append(peers, quota.Amount)
		}
		seen[r.ID] = true
	}
	slices.SortFunc(peers, (*big.Rat).Cmp)
	if len(peers) > 0 && peers[(len(peers)-1)/2].Cmp(full) > 0 {
		full = peers[(len(peers)-1)/2]
	}
	return full
}

// sold are a rep's deals won in a period, each with what of the quota's measure is
// credited; listed exclusions are left out.
func (f *Facts) sold(rep string, p Period) []Evidence {
	metric := map[string]string{"amount": "amount", "arr": "total_won_arr", "new_arr": "closed_won_arr"}[f.setting("quota_attainment", "quota_measure", "amount")]
	var rows []Evidence
	for _, d := range f.counting() {
		if d.Stage == nil {
			continue
		}
		stage, known := f.stage(d, *d.Stage)
		if at := f.closedAt(d); !known || !stage.IsWon || at.After(f.AsOf) || at.Before(p.StartsAt) || !at.Before(p.EndsAt) {
			continue
		}
		at := f.closedAt(d)
		for _, e := range slices.Concat(f.credited("amount", d, at, f.companyAmount(d)), f.wonRevenue(d, at)) {
			if e.Metric == metric && e.Rep == rep && !f.isExcluded(e) {
				rows = append(rows, e)
			}
		}
	}
	return rows
}

func (f *Facts) isExcluded(e Evidence) bool {
	_, excluded := f.Exclusions[Record{e.Source, e.RecordType, e.RecordID}]
	return excluded
}

package reference_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/transform/model/reference"
	"merit/transform/warehouse"
)

// territories: what quotas.csv says beside quotas, or without one; of many it says
// nothing.
func (d dice) territories() {
	for _, p := range d.f.Periods {
		for n := 1; n <= 3; n++ {
			key := [2]string{d.rep(n), p.Name}
			if d.chance(40) {
				delete(d.f.Quotas, key)
				continue
			}
			said := d.f.Quotas[key]
			if said.Potential = d.maybe(80, "2000.00", "0.00", "7000.50"); d.chance(10) {
				said.Quota = nil
			}
			d.f.Quotas[key] = said
		}
	}
}

// targets are the quotas that a CRM has: of quarters and of months, halves, years
// and days that are in two of them; said more than once, by any name that a person
// has, in any money.
func (d dice) targets() {
	for _, p := range d.f.Periods {
		for n := 1; n <= 3; n++ {
			user := d.one(fmt.Sprintf("u%d", n), fmt.Sprintf("u%d", n), d.rep(n), d.key())
			for _, days := range d.stretches(p) {
				d.target(user, days)
			}
		}
	}
}

// stretches are some of a period's days, [from, to].
func (d dice) stretches(p reference.Period) [][2]string {
	day := func(at time.Time) string { return at.In(d.f.Zone).Format(time.DateOnly) }
	first, last := day(p.StartsAt), day(p.EndsAt.Add(-time.Millisecond))
	after := func(months, days int) string { return day(p.StartsAt.In(d.f.Zone).AddDate(0, months, days)) }
	months := [][2]string{{first, after(1, -1)}, {after(1, 0), after(2, -1)}, {after(2, 0), last}}
	quarter := [2]string{first, last}
	switch d.IntN(8) {
	case 0:
		return nil
	case 1:
		return months
	case 2: // one of three is missing, or another
		return slices.Delete(months, d.IntN(3), 3)
	case 3:
		return append(months, quarter)
	case 4: // January twice: as many days as a quarter has, or nearly
		return [][2]string{{first, after(2, -1)}, months[0]}
	case 5:
		return [][2]string{{first, after(0, 44)}, {after(0, 45), last}}
	case 6:
		return [][2]string{{first, after(12, -1)}, {last, first}, {after(0, -3), after(1, -1)}, months[1], months[2]}
	}
	return [][2]string{quarter}
}

func (d dice) target(user string, days [2]string) {
	said := 1
	if d.chance(35) {
		said += 1 + d.IntN(3)
	}
	for range said {
		d.f.Targets = append(d.f.Targets, reference.Target{
			Ref: reference.Ref{Source: d.source, ID: fmt.Sprintf("q%03d", 999-len(d.f.Targets))}, User: user, From: days[0], To: days[1],
			Quota: d.maybe(8, "500.00", "0.00", "1500.50", "33.33"), Potential: d.maybe(60, "900.00", "0.00", "12000.10"),
			Currency: d.maybe(50, "USD", "USD", "EUR", "EUR", "EUR", "GBP"), ChangedAt: d.unless(15, d.f.AsOf.Add(time.Duration(d.IntN(9)-7)*24*time.Hour)),
		})
	}
}

func (t tables) quotas(f *reference.Facts) {
	for key, said := range f.Quotas {
		t.add("plan.quotas", with(with(row{"rep_id": key[0], "period": key[1]}, "quota", said.Quota), "potential", said.Potential))
	}
	for _, s := range f.Targets {
		r := row{"source": s.Source, "quota_id": s.ID, "user_key": s.User, "starts_on": s.From, "ends_on": s.To}
		t.add("staging.quotas", at(with(with(with(r, "quota", s.Quota), "potential", s.Potential), "currency", s.Currency), "changed_at", s.ChangedAt))
	}
}

const quotasQuestion = `select rep_id, period, cast(quota as varchar) as quota, quota_from, cast(potential as varchar) as potential, potential_from from core.quotas`

func quotasOf(companies []*reference.Facts) []string {
	var lines []string
	for _, f := range companies {
		for _, rep := range reps(f) {
			for _, p := range f.Periods {
				quota, potential := f.QuotaOf(rep, p), f.PotentialOf(rep, p)
				if quota != nil || potential != nil {
					lines = append(lines, strings.Join([]string{rep, p.Name, told(quota), told(potential)}, " | "))
				}
			}
		}
	}
	return lines
}

func reps(f *reference.Facts) (ids []string) {
	for _, r := range f.Reps {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func told(s *reference.Sum) string {
	if s == nil {
		return "null | null"
	}
	return s.Amount.FloatString(2) + " | " + s.From
}

// quotasAgree compares every rep's quota and potential, where there are any.
func quotasAgree(t *testing.T, companies []*reference.Facts, wh warehouse.Warehouse) {
	want := quotasOf(companies)
	from := map[string]int{}
	for _, line := range want {
		cells := strings.Split(line, " | ")
		kind := map[bool]string{true: "several", false: "one CRM"}[strings.Contains(cells[3], ",")]
		if cells[3] == "quotas.csv" || cells[3] == "null" {
			kind = cells[3]
		}
		from[kind]++
	}
	t.Logf("quotas: %v", from)
	compare(t, want, answer(t, wh, quotasQuestion))
}

// normalisedAgree holds values against the territories: value ÷ potential (or
// quota) × the mean of those in the role that have one, in the period.
func normalisedAgree(t *testing.T, companies []*reference.Facts, wh warehouse.Warehouse) {
	type place struct{ period, role string }
	against := map[[2]string]*big.Rat{} // by rep and period
	for _, f := range companies {
		for _, rep := range reps(f) {
			for _, p := range f.Periods {
				against[[2]string{rep, p.Name}] = f.HeldAgainst(rep, p)
			}
		}
	}
	question := `select rep_id, period, role, value, normalised_value from scores.metric_values where metric = 'closed_won_arr'`
	var rows []warehouse.Row
	sums, counts := map[place]*big.Rat{}, map[place]int64{}
	for row, err := range wh.Query(context.Background(), question) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
		in := place{row.Text("period"), row.Text("role")}
		if potential := against[[2]string{row.Text("rep_id"), in.period}]; potential != nil {
			if counts[in]++; sums[in] == nil {
				sums[in] = new(big.Rat)
			}
			sums[in].Add(sums[in], potential)
		}
	}
	compared := 0
	for _, row := range rows {
		in := place{row.Text("period"), row.Text("role")}
		potential := against[[2]string{row.Text("rep_id"), in.period}]
		if potential == nil || row.IsNull("value") {
			if !row.IsNull("normalised_value") {
				t.Errorf("%s in %v is held against nothing by the words, %s by the SQL", row.Text("rep_id"), in, row.Text("normalised_value"))
			}
			continue
		}
		one, _ := potential.Float64()
		mean, _ := new(big.Rat).Quo(sums[in], big.NewRat(counts[in], 1)).Float64()
		want := row.Float("value") / one * mean
		if got := row.Float("normalised_value"); row.IsNull("normalised_value") || math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
			t.Errorf("%s in %v: %v by the words, %v by the SQL", row.Text("rep_id"), in, want, got)
		}
		compared++
	}
	t.Logf("%d normalised values", compared)
}

package reference_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"merit/transform/model/reference"
)

// A dice throws what a company is made of; what it makes belongs to its source.
type dice struct {
	*rand.Rand
	f      *reference.Facts
	source string
}

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// maybe is one of the texts, or in so many of a hundred cases nothing.
func (d dice) maybe(percentNone int, from ...string) *string {
	if d.chance(percentNone) {
		return nil
	}
	return &from[d.IntN(len(from))]
}

// at is an instant of the half year before the as-of; there are few of them, so
// that things fall together, and some lie at a period's very edge.
func (d dice) at() time.Time {
	if d.chance(6) {
		period := d.f.Periods[d.IntN(len(d.f.Periods))]
		return earlier(d.f.AsOf, period.StartsAt.Add(time.Duration(d.IntN(3)-1)*time.Millisecond))
	}
	return d.f.AsOf.Add(-time.Duration(d.IntN(700)) * 6 * time.Hour)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (d dice) day() string {
	return d.f.AsOf.AddDate(0, 0, d.IntN(200)-150).Format(time.DateOnly)
}

// chaos is a company that no CRM would allow, with a second CRM beside its first.
func chaos(k kind, seed int) *reference.Facts {
	f := plan(k)
	d := dice{rand.New(rand.NewPCG(uint64(seed), 5)), f, fmt.Sprintf("s%d", seed)}
	other := dice{d.Rand, f, fmt.Sprintf("t%d", seed)}
	f.Sources = []string{d.source, other.source}
	if d.chance(50) {
		f.Sources = []string{other.source, d.source}
	}
	d.people()
	d.roster()
	other.people()
	d.pipelines()
	d.earlierLadders()
	other.pipelines()
	d.rates(fmt.Sprintf("X%d", seed), other)
	d.customers()
	for i := range 12 {
		d.deal(fmt.Sprintf("d%d", i))
	}
	for i := range 3 {
		other.deal(fmt.Sprintf("e%d", i))
	}
	d.copies(other)
	d.merges()
	for i := range 40 {
		d.activity(fmt.Sprintf("a%02d", i))
	}
	d.besides()
	if d.chance(50) {
		f.Classes[reference.Ref{Source: d.source, ID: "services"}] = d.one("other", "new", "renewal")
		f.Classes[reference.Ref{Source: d.source, ID: ""}] = d.one("new", "expansion")
	}
	d.territories()
	d.targets()
	other.targets()
	return f
}

func (d dice) company() string { return "c" + d.source[1:] }

func (d dice) rep(n int) string { return fmt.Sprintf("%s-r%d", d.company(), n) }

// people are the users of a source; the fourth is nobody whom the roster knows.
func (d dice) people() {
	for n := 1; n <= 3; n++ {
		user := reference.Ref{Source: d.source, ID: fmt.Sprintf("u%d", n)}
		d.f.Users[user] = d.rep(n)
		d.f.Emails[user] = fmt.Sprintf("%s@%s.example", user.ID, d.source)
	}
}

// roster: one there all the time but for some leave, one who came later, one who
// changed roles and left.
func (d dice) roster() {
	region := "R" + d.company()
	came := d.f.AsOf.AddDate(0, 0, -d.IntN(250)).Format(time.DateOnly)
	d.f.Reps = []reference.Rep{
		{ID: d.rep(1), Role: "ae", Region: region, From: "2024-01-01", To: "2026-02-09"},
		{ID: d.rep(1), Role: "ae", Region: region, From: "2026-02-10", To: "2026-02-16", IsLeave: true},
		{ID: d.rep(1), Role: "ae", Region: region, From: "2026-02-17"},
		{ID: d.rep(2), Role: "csm", From: came},
		{ID: d.rep(3), Role: "ae", From: "2025-01-01", To: "2026-01-31"},
		{ID: d.rep(3), Role: "sdr", From: "2026-02-01", To: "2026-03-20"},
	}
	d.f.Holidays = append(d.f.Holidays, [2]string{region, d.day()}, [2]string{region, d.day()})
	if d.f.Holidays[1] == d.f.Holidays[2] {
		d.f.Holidays = d.f.Holidays[:2]
	}
	d.f.Hired[d.rep(2)], d.f.Hired[d.rep(3)] = came, "2025-01-01"
	for _, p := range d.f.Periods {
		for n := 1; n <= 3; n++ {
			if d.chance(70) {
				quota := d.one("0.00", "10.00", "100.00", "1000.00", "5000.00")
				d.f.Quotas[[2]string{d.rep(n), p.Name}] = reference.Quota{Quota: &quota}
			}
		}
	}
}

func (d dice) one(from ...string) string { return from[d.IntN(len(from))] }

func (d dice) pipelines() {
	for _, pipeline := range []string{"default", "second"} {
		d.f.Stages = append(d.f.Stages, d.stages(pipeline)...)
	}
}

// stages is a pipeline as somebody may have set it up: places that are not in
// order or the same, closed stages anywhere.
func (d dice) stages(pipeline string) []reference.Stage {
	var stages []reference.Stage
	add := func(id string, position int, closed, won bool) {
		stages = append(stages, reference.Stage{Source: d.source, Pipeline: pipeline, ID: id, Label: "Stage " + id, Position: position, IsClosed: closed, IsWon: won})
	}
	open := 2 + d.IntN(4)
	for i := range open {
		add(fmt.Sprintf("%s%d", pipeline[:1], i), 1+d.IntN(2*open), false, false)
	}
	add(pipeline[:1]+"won", d.IntN(9), true, true)
	if d.chance(25) {
		add(pipeline[:1]+"won2", d.IntN(9), true, true)
	}
	add(pipeline[:1]+"lost", d.IntN(9), true, false)
	return stages
}

// earlierLadders: some CRMs tell how a pipeline was set up before, the last of it
// as it is today.
func (d dice) earlierLadders() {
	if !d.chance(40) {
		return
	}
	from := d.at()
	for range 1 + d.IntN(3) {
		to := from.Add(time.Duration(1+d.IntN(300)) * 6 * time.Hour)
		for _, s := range d.stages("default") {
			s.From, s.To = from, &to
			d.f.StageHistory = append(d.f.StageHistory, s)
		}
		from = to
	}
	for _, s := range d.f.Stages {
		if s.Source == d.source && s.Pipeline == "default" {
			s.From = from
			d.f.StageHistory = append(d.f.StageHistory, s)
		}
	}
}

func (d dice) deal(id string) {
	deal := reference.Deal{Ref: reference.Ref{Source: d.source, ID: id}, Pipeline: d.one("default", "default", "second"), CreatedAt: d.at()}
	var stages []string
	for _, s := range d.f.Stages {
		if s.Source == d.source && s.Pipeline == deal.Pipeline {
			stages = append(stages, s.ID, s.ID)
		}
	}
	stages = append(stages, "gone")
	changes := d.history(&deal, stages)
	forget(d, changes)
	deal.Account = d.maybe(20, "acc1", "acc2", "acc3")
	deal.Currency = d.maybe(40, "USD", "USD", "EUR", "X"+d.source[1:], "GBP")
	deal.Type = d.maybe(15, "New Business", "Expansion", " upsell ", "Renewal", "existingbusiness", "Services", "Existing Customer - Downgrade")
	deal.LeadSource = d.maybe(20, "Web", "Partner", "web ")
	deal.CreatedBy = d.maybe(20, "u1", "u2", "u3", "u4")
	if d.chance(60) {
		deal.TermStarts, deal.TermEnds = d.maybe(10, d.day(), d.day()), d.maybe(10, d.day(), d.day(), "2027-06-30")
	}
	deal.IsDeleted = d.chance(10)
	taking := map[string]bool{}
	for n := range d.IntN(3) {
		if contact := fmt.Sprintf("k%d", n+d.IntN(3)*3); !taking[contact] {
			taking[contact] = true
			d.f.Contacts = append(d.f.Contacts, reference.DealContact{Deal: deal.Ref, Contact: contact, Role: d.maybe(50, "champion")})
		}
	}
	d.f.Changes[deal.Ref] = changes
	d.f.Deals = append(d.f.Deals, deal)
	d.settle(len(d.f.Deals) - 1)
	d.sold(deal.Ref)
}

// history throws a deal's changes and leaves it as the last of them does.
func (d dice) history(deal *reference.Deal, stages []string) []reference.Change {
	var changes []reference.Change
	note := func(field string, most, percentNone int, values ...string) *string {
		n := d.IntN(most + 1)
		for range n {
			changes = append(changes, reference.Change{
				ID: fmt.Sprintf("%s-%03d", deal.ID, len(changes)), Field: field, Value: d.maybe(percentNone, values...), At: d.at(), Ordinal: d.IntN(3),
				By: d.maybe(20, "u1", "u2", "u3", "u4"), Through: d.maybe(60, "user", "import", "automation"),
			})
		}
		if n == 0 {
			return d.maybe(percentNone, values...)
		}
		return latest(changes, field)
	}
	days := []string{d.day(), d.day(), d.day(), d.day()}
	deal.Stage = note("stage", 7, 2, stages...)
	deal.Owner = note("owner", 3, 8, "u1", "u2", "u3", "u4")
	deal.Amount = note("amount", 3, 20, "900.00", "12.35", "0.00")
	deal.CloseOn = note("close_on", 5, 10, days...)
	deal.NextStep = note("next_step", 5, 25, "Call", "Send offer")
	deal.Forecast = note("forecast_category", 2, 20, "Commit", "Pipeline")
	return changes
}

// forget marks the oldest row of a field as the oldest that is known.
func forget(d dice, changes []reference.Change) {
	oldest := map[string]int{}
	for i, c := range changes {
		first, there := oldest[c.Field]
		if !there || c.At.Before(changes[first].At) || c.At.Equal(changes[first].At) && c.Ordinal < changes[first].Ordinal {
			oldest[c.Field] = i
		}
	}
	for _, field := range []string{"stage", "owner"} {
		if i, there := oldest[field]; there && d.chance(15) {
			changes[i].IsTruncated = true
		}
	}
}

// settle makes the deal's state of today agree with its history, as the contract
// says it does: the last stage that is known, and the instant of the close.
func (d dice) settle(at int) {
	deal := &d.f.Deals[at]
	visits := d.f.Visits(*deal)
	if len(visits) == 0 {
		return
	}
	last := visits[len(visits)-1]
	deal.Stage = &last.Stage
	for _, s := range d.f.Stages {
		if s.Source == d.source && s.Pipeline == deal.Pipeline && s.ID == last.Stage && s.IsClosed && d.chance(70) {
			deal.ClosedAt = &last.EnteredAt
		}
	}
}

func (d dice) activity(id string) {
	occurred, created := d.at(), d.at()
	if d.chance(70) {
		created = occurred.Add(time.Duration(d.IntN(9)-2) * 12 * time.Hour)
	}
	a := reference.Activity{
		Ref: reference.Ref{Source: d.source, ID: id}, Kind: d.one("call", "email", "email", "meeting", "task", "note"),
		Owner: d.maybe(5, "u1", "u2", "u3", "u4"), Deal: d.maybe(40, "d1", "d2", "d3", "d4", "d10", "d11"), Account: d.maybe(50, "acc1", "acc2", "acc3"),
		Contact: d.maybe(50, "k0", "k1", "k3"), Subject: d.maybe(10, "Hello", " hello ", "Offer"), Subtype: d.maybe(30, "Demo", " demo", "Discovery"),
		Direction: d.maybe(60, "inbound", "outbound"), TextHash: d.maybe(60, "4f", "c2"),
		OccurredAt: d.unless(5, occurred), CreatedAt: d.unless(5, created), IsCompleted: d.chance(80), IsDeleted: d.chance(8),
	}
	if a.IsCompleted && d.chance(60) {
		completed := occurred.Add(time.Duration(d.IntN(8)-1) * 12 * time.Hour)
		a.CompletedAt = &completed
	}
	if d.chance(60) {
		seconds := d.IntN(3) * 60
		a.Seconds = &seconds
	}
	for _, kind := range []string{"deal", "account", "contact"} {
		if d.chance(10) {
			record := map[string]string{"deal": d.one("d5", "d6"), "account": d.one("acc1", "acc2"), "contact": d.one("k1", "k5")}[kind]
			d.f.Links = append(d.f.Links, reference.Link{Activity: a.Ref, Kind: kind, ID: record})
		}
	}
	d.f.Activities = append(d.f.Activities, a)
}

// unless is the instant, or in so many of a hundred cases none.
func (d dice) unless(percent int, at time.Time) *time.Time {
	if d.chance(percent) {
		return nil
	}
	return &at
}

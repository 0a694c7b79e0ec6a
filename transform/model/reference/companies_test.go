package reference_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"merit/connectors/sandbox/company"
	"merit/transform/model/reference"
)

// A dice throws what a company is made of.
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
// that things fall together.
func (d dice) at() time.Time {
	return d.f.AsOf.Add(-time.Duration(d.IntN(700)) * 6 * time.Hour)
}

func (d dice) day() string {
	return d.f.AsOf.AddDate(0, 0, d.IntN(200)-150).Format(time.DateOnly)
}

func chaos(seed int) *reference.Facts {
	f := plan()
	f.AsOf = time.Date(2026, time.April, 15, 12, 0, 0, 0, time.UTC)
	d := dice{rand.New(rand.NewPCG(uint64(seed), 5)), f, fmt.Sprintf("s%d", seed)}
	d.people()
	d.ladders()
	for i := range 12 {
		d.deal(fmt.Sprintf("d%d", i))
	}
	for i := range 40 {
		d.activity(fmt.Sprintf("a%02d", i))
	}
	return f
}

// people: one there all the time, one who came later, one who changed roles and
// left, and one whom the roster does not know.
func (d dice) people() {
	name := func(n int) string { return fmt.Sprintf("%s-r%d", d.source, n) }
	d.f.Reps = []reference.Rep{
		{ID: name(1), Role: "ae", From: "2024-01-01"},
		{ID: name(2), Role: "csm", From: d.f.AsOf.AddDate(0, 0, -d.IntN(100)).Format(time.DateOnly)},
		{ID: name(3), Role: "ae", From: "2025-01-01", To: "2026-01-31"},
		{ID: name(3), Role: "sdr", From: "2026-02-01", To: "2026-03-20"},
	}
	for n := 1; n <= 3; n++ {
		d.f.Users[reference.Ref{Source: d.source, ID: fmt.Sprintf("u%d", n)}] = name(n)
	}
}

func (d dice) ladders() {
	for _, pipeline := range []string{"default", "second"} {
		open := 2 + d.IntN(4)
		for i := range open {
			d.stage(pipeline, fmt.Sprintf("%s%d", pipeline[:1], i), 1+d.IntN(2*open), false, false)
		}
		d.stage(pipeline, pipeline[:1]+"won", d.IntN(9), true, true)
		if d.chance(25) {
			d.stage(pipeline, pipeline[:1]+"won2", d.IntN(9), true, true)
		}
		d.stage(pipeline, pipeline[:1]+"lost", d.IntN(9), true, false)
	}
}

func (d dice) stage(pipeline, id string, position int, closed, won bool) {
	d.f.Stages = append(d.f.Stages, reference.Stage{Source: d.source, Pipeline: pipeline, ID: id, Label: "Stage " + id, Position: position, IsClosed: closed, IsWon: won})
}

func (d dice) deal(id string) {
	deal := reference.Deal{Ref: reference.Ref{Source: d.source, ID: id}, Pipeline: []string{"default", "default", "second"}[d.IntN(3)], CreatedAt: d.at()}
	var stages []string
	for _, s := range d.f.Stages {
		if s.Pipeline == deal.Pipeline {
			stages = append(stages, s.ID, s.ID)
		}
	}
	stages = append(stages, "gone")
	var changes []reference.Change
	note := func(field string, most, percentNone int, values ...string) *string {
		n := d.IntN(most + 1)
		for range n {
			changes = append(changes, reference.Change{
				ID: fmt.Sprintf("%s-%03d", id, len(changes)), Field: field, Value: d.maybe(percentNone, values...), At: d.at(), Ordinal: d.IntN(3),
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
	forget(d, changes)
	deal.Account = d.maybe(20, "acc1", "acc2", "acc3")
	deal.Currency = d.maybe(40, "USD", "USD", "EUR")
	if d.chance(60) {
		deal.TermStarts, deal.TermEnds = d.maybe(10, days...), d.maybe(10, days...)
	}
	deal.IsDeleted = d.chance(10)
	for n := range d.IntN(3) {
		d.f.Contacts = append(d.f.Contacts, reference.DealContact{Deal: deal.Ref, Contact: fmt.Sprintf("k%d", n+d.IntN(3)*3), Role: d.maybe(50, "champion")})
	}
	d.f.Changes[deal.Ref] = changes
	d.f.Deals = append(d.f.Deals, deal)
	d.settle(len(d.f.Deals) - 1)
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
		if s.Pipeline == deal.Pipeline && s.ID == last.Stage && s.IsClosed && d.chance(70) {
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
		Ref: reference.Ref{Source: d.source, ID: id}, Kind: []string{"call", "email", "email", "meeting", "task", "note"}[d.IntN(6)],
		Owner: d.maybe(5, "u1", "u2", "u3", "u4"), Deal: d.maybe(40, "d1", "d2", "d3", "d4", "d5"), Account: d.maybe(50, "acc1", "acc2", "acc3"),
		Contact: d.maybe(50, "k0", "k1", "k3"), Subject: d.maybe(10, "Hello", " hello ", "Offer"),
		OccurredAt: &occurred, CreatedAt: &created, IsCompleted: d.chance(80), IsDeleted: d.chance(8),
	}
	if d.chance(60) {
		seconds := d.IntN(3) * 60
		a.Seconds = &seconds
	}
	d.f.Activities = append(d.f.Activities, a)
}

// acme is a story as any CRM would tell it that forgets nothing.
func acme(seed int) *reference.Facts {
	story := company.Acme(uint64(seed), 40)
	f := plan()
	f.AsOf = story.Now
	source := fmt.Sprintf("s%d", seed)
	now := company.At(story.Now)
	for i, u := range story.Users {
		rep := fmt.Sprintf("%s-r%d", source, i)
		f.Users[reference.Ref{Source: source, ID: nameOf("u", i)}] = rep
		if u.Role == "manager" {
			continue
		}
		left := ""
		if u.LeftAt != 0 {
			left = u.LeftAt.Time().Format(time.DateOnly)
		}
		f.Reps = append(f.Reps, reference.Rep{ID: rep, Role: u.Role, From: u.CreatedAt.Time().Format(time.DateOnly), To: left})
	}
	for _, s := range story.Stages {
		f.Stages = append(f.Stages, reference.Stage{Source: source, Pipeline: "default", ID: s.Name, Label: s.Name, Position: s.SortOrder, IsClosed: s.IsClosed, IsWon: s.IsWon})
	}
	for i := range story.Deals {
		if story.Deals[i].ExistsAt(now) {
			addDeal(f, story, source, i)
		}
	}
	for i, a := range story.Activities {
		if a.CreatedAt <= now {
			f.Activities = append(f.Activities, activityOf(a, source, i, now))
		}
	}
	return f
}

func nameOf(kind string, index int) string { return kind + strconv.Itoa(index) }

// indexed is the id of a record that may be none.
func indexed(kind string, index int) *string {
	if index == company.None {
		return nil
	}
	return orNone(nameOf(kind, index))
}

var fieldNames = map[company.Field]string{
	company.StageName: "stage", company.Amount: "amount", company.CloseOn: "close_on", company.Owner: "owner",
	company.NextStep: "next_step", company.Forecast: "forecast_category",
}

func addDeal(f *reference.Facts, story *company.Company, source string, index int) {
	told := &story.Deals[index]
	now := company.At(story.Now)
	state := told.At(now)
	d := reference.Deal{
		Ref: reference.Ref{Source: source, ID: nameOf("d", index)}, Pipeline: "default", Account: indexed("acc", told.Account), Owner: indexed("u", state.Owner),
		Stage: orNone(state.Stage), Amount: orNone(state.Amount), CloseOn: orNone(state.CloseOn), NextStep: orNone(state.NextStep), Forecast: orNone(state.Forecast),
		CreatedAt: told.CreatedAt.Time(), IsDeleted: state.Deleted,
	}
	if stage, known := story.Stage(state.Stage); known && stage.IsClosed {
		closed := state.StagedAt.Time()
		d.ClosedAt = &closed
	}
	for i, c := range told.Changes {
		if c.At > now {
			break
		}
		value := orNone(c.Value)
		if c.Field == company.Owner {
			value = indexed("u", company.UserIndex(c.Value))
		}
		f.Changes[d.Ref] = append(f.Changes[d.Ref], reference.Change{
			ID: fmt.Sprintf("%s-%04d", d.ID, i), Field: fieldNames[c.Field], Value: value, At: c.At.Time(), Ordinal: i,
		})
	}
	for _, r := range told.Contacts {
		f.Contacts = append(f.Contacts, reference.DealContact{Deal: d.Ref, Contact: nameOf("k", r.Contact), Role: orNone(r.Name)})
	}
	f.Deals = append(f.Deals, d)
}

func activityOf(a company.Activity, source string, index int, now company.Instant) reference.Activity {
	kinds := map[company.Kind]string{company.Call: "call", company.Email: "email", company.Meeting: "meeting", company.Task: "task", company.Note: "note"}
	occurred, created := a.OccurredAt.Time(), a.CreatedAt.Time()
	told := reference.Activity{
		Ref: reference.Ref{Source: source, ID: fmt.Sprintf("a%05d", index)}, Kind: kinds[a.Kind], Owner: indexed("u", a.Owner), Deal: indexed("d", a.Deal),
		Account: indexed("acc", a.Account), Contact: indexed("k", a.Contact), Subject: orNone(a.Subject), OccurredAt: &occurred, CreatedAt: &created,
		IsCompleted: a.CompletedAt != 0 && a.CompletedAt <= now, IsDeleted: company.DeletedBy(a.DeletedAt, now),
	}
	if a.Kind == company.Call || a.Kind == company.Meeting {
		told.Seconds = &a.Seconds
	}
	return told
}

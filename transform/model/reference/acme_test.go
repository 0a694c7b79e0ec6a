package reference_test

import (
	"fmt"
	"strconv"
	"time"

	"merit/connectors/sandbox/company"
	"merit/transform/model/reference"
)

// acme is a story as any CRM would tell it that forgets nothing.
func acme(k kind, seed int) *reference.Facts {
	story := company.Acme(uint64(seed), 40)
	k.asOf = story.Now
	f := plan(k)
	source := fmt.Sprintf("s%d", seed)
	f.Sources = []string{source}
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
	for i, q := range story.Quotas {
		if amount := q.AmountAt(now); q.CreatedAt <= now {
			f.Targets = append(f.Targets, reference.Target{
				Ref: reference.Ref{Source: source, ID: nameOf("q", i)}, User: nameOf("u", q.User), From: q.StartsOn, To: q.EndsOn, Quota: &amount,
			})
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

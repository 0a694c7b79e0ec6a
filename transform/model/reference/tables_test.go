package reference_test

import (
	"fmt"
	"slices"
	"time"

	"merit/transform/model"
	"merit/transform/model/reference"
)

// A row is one row of a staging or plan table, by column; null is not named.
type row map[string]any

// plan is what the companies of one build have in common: a calendar, a zone, a
// currency and the plan's parameters, those that it doesn't name as the metrics'
// headers say.
func plan(k kind) *reference.Facts {
	zone, err := time.LoadLocation(k.zone)
	if err != nil {
		panic(err)
	}
	f := &reference.Facts{
		AsOf: k.asOf, Zone: zone, Currency: "USD", Users: map[reference.Ref]string{}, Emails: map[reference.Ref]string{}, Changes: map[reference.Ref][]reference.Change{},
		Settings: k.settings, Exclusions: map[reference.Record]string{}, Quotas: map[[2]string]reference.Quota{}, Fields: map[reference.Ref]map[string]string{},
		Merges: map[reference.Record]string{}, Classes: map[reference.Ref]string{}, Beside: reference.Beside{Hired: map[string]string{}, Holidays: [][2]string{{"all", "2026-01-01"}}},
	}
	for i, day := range k.quarters {
		if i == len(k.quarters)-1 {
			break
		}
		f.Periods = append(f.Periods, reference.Period{Name: fmt.Sprintf("%d-Q%d", 2025+i/4, i%4+1), StartsAt: midnight(day, zone), EndsAt: midnight(k.quarters[i+1], zone)})
	}
	return f
}

func midnight(day string, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		panic(err)
	}
	return at
}

// tables are the rows of all companies' tables.
type tables map[string][]row

func (t tables) add(table string, r row) { t[table] = append(t[table], r) }

func tablesOf(companies []*reference.Facts, metrics []*model.Model) tables {
	t := tables{}
	t.plan(companies[0], metrics)
	for _, f := range companies {
		t.people(f)
		t.deals(f)
		t.activities(f)
		t.beside(f)
	}
	return t
}

func (t tables) plan(f *reference.Facts, metrics []*model.Model) {
	t.add("plan.as_of", row{"as_of_at": f.AsOf, "today_on": f.AsOf.In(f.Zone).Format(time.DateOnly), "time_zone": f.Zone.String(), "currency": f.Currency})
	for _, p := range f.Periods {
		if p.StartsAt.After(f.AsOf) {
			continue
		}
		last := p.EndsAt.AddDate(0, 0, -1)
		t.add("plan.periods", row{
			"period": p.Name, "starts_on": p.StartsAt.Format(time.DateOnly), "ends_on": last.Format(time.DateOnly), "starts_at": p.StartsAt, "ends_at": p.EndsAt,
			"days": int(last.Sub(p.StartsAt).Hours()/24+0.5) + 1, "plan_version": "1", "plan_hash": "none",
		})
		for _, m := range metrics {
			for _, role := range []string{"ae", "sdr", "csm", "partner"} {
				measured := row{"period": p.Name, "role": role, "metric": m.Short(), "weight": "20",
					"floor_value": 0.0, "target_value": 1.0, "cap": "120", "min_samples": 3, "when_missing": "redistribute"}
				if m.Short() == "closed_won_arr" {
					measured["normalise_by"] = "potential"
				}
				t.add("plan.metrics", measured)
			}
			for name, values := range m.Header.Parameters {
				if given := f.Settings[m.Short()][name]; given != nil {
					values = given
				}
				for _, value := range values {
					t.add("plan.settings", row{"period": p.Name, "metric": m.Short(), "name": name, "value": value})
				}
			}
		}
	}
}

func (t tables) people(f *reference.Facts) {
	for of, class := range f.Classes {
		t.add("plan.deal_classes", row{"source": of.Source, "deal_type": of.ID, "deal_class": class})
	}
	for i, source := range f.Sources {
		t.add("plan.sources", row{"source": source, "place": i + 1})
	}
	for _, r := range f.Reps {
		leave := 0
		if r.IsLeave {
			leave = int(midnight(r.To, time.UTC).Sub(midnight(r.From, time.UTC)).Hours()/24) + 1
		}
		t.add("plan.reps", with(with(row{"rep_id": r.ID, "name": r.ID, "role": r.Role, "valid_from": r.From, "currency": "USD", "leave_days": leave}, "valid_to", orNone(r.To)), "region", orNone(r.Region)))
	}
	for user, rep := range f.Users {
		t.add("plan.rep_users", row{"rep_id": rep, "source": user.Source, "user_key": user.ID})
		t.add("staging.users", with(row{"source": user.Source, "user_id": user.ID, "is_active": true}, "email", orNone(f.Emails[user])))
	}
	t.quotas(f)
	for record, reason := range f.Exclusions {
		t.add("plan.exclusions", row{"source": record.Source, "record_type": record.Kind, "record_id": record.ID, "reason": reason})
	}
	for rep, day := range f.Hired {
		t.add("staging.employees", row{"source": f.Sources[0], "employee_id": rep, "hired_on": day, "valid_from": day})
	}
	for _, h := range f.Holidays {
		if h[0] != "all" || len(t["staging.holidays"]) == 0 {
			t.add("staging.holidays", row{"source": f.Sources[0], "region": h[0], "day_on": h[1]})
		}
	}
}

func (t tables) deals(f *reference.Facts) {
	stage := func(s reference.Stage) row {
		return row{"source": s.Source, "pipeline_id": s.Pipeline, "stage_id": s.ID, "label": s.Label, "position": s.Position, "is_closed": s.IsClosed, "is_won": s.IsWon}
	}
	for _, s := range f.Stages {
		t.add("staging.stages", stage(s))
	}
	for _, s := range f.StageHistory {
		r := stage(s)
		r["valid_from"] = s.From
		t.add("staging.stage_history", at(r, "valid_to", s.To))
	}
	for _, d := range f.Deals {
		t.add("staging.deals", dealRow(d))
		for _, c := range f.Changes[d.Ref] {
			t.add("staging.deal_changes", with(with(with(row{"source": d.Source, "change_id": c.ID, "deal_id": d.ID, "field": c.Field,
				"changed_at": c.At, "ordinal": c.Ordinal, "is_truncated": c.IsTruncated}, "new_value", c.Value), "changed_by", c.By), "changed_through", c.Through))
		}
		for name, value := range f.Fields[d.Ref] {
			t.add("staging.deal_fields", row{"source": d.Source, "deal_id": d.ID, "field": name, "value": value})
		}
	}
	for _, l := range f.Lines {
		r := row{"source": l.Deal.Source, "line_id": l.ID, "deal_id": l.Deal.ID, "is_deleted": l.IsDeleted}
		if l.IsRecurring != nil {
			r["is_recurring"] = *l.IsRecurring
		}
		t.add("staging.deal_lines", with(with(with(r, "amount", l.Amount), "term_starts_on", l.Starts), "term_ends_on", l.Ends))
	}
	for _, c := range f.Credits {
		r := row{"source": c.Deal.Source, "credit_id": c.ID, "deal_id": c.Deal.ID, "user_id": c.User, "kind": c.Kind, "is_deleted": c.IsDeleted}
		t.add("staging.deal_credits", at(at(with(r, "weight", c.Weight), "created_at", c.CreatedAt), "changed_at", c.ChangedAt))
	}
	for _, s := range f.Scores {
		t.add("staging.deal_scores", with(row{"source": s.Deal.Source, "score_id": s.ID, "deal_id": s.Deal.ID, "scored_at": s.At, "ordinal": s.Ordinal}, "score", s.Score))
	}
	for _, e := range f.Copies {
		t.add("staging.external_ids", row{"source": e.Deal.Source, "record_type": "deal", "record_id": e.Deal.ID, "system": e.System, "external_id": e.ID})
	}
	for record, into := range f.Merges {
		t.add("staging.merges", row{"source": record.Source, "record_type": record.Kind, "record_id": record.ID, "into_id": into})
	}
}

func (t tables) activities(f *reference.Facts) {
	for _, c := range f.Contacts {
		t.add("staging.deal_contacts", with(row{"source": c.Deal.Source, "deal_id": c.Deal.ID, "contact_id": c.Contact, "is_primary": false}, "role", c.Role))
	}
	for _, p := range f.People {
		t.add("staging.contacts", with(row{"source": p.Source, "contact_id": p.ID, "is_deleted": p.IsDeleted}, "account_id", p.Account))
	}
	for _, a := range f.Activities {
		t.add("staging.activities", activityRow(a))
	}
	for _, l := range f.Links {
		t.add("staging.activity_links", row{"source": l.Activity.Source, "activity_id": l.Activity.ID, "record_type": l.Kind, "record_id": l.ID})
	}
}

func dealRow(d reference.Deal) row {
	r := row{"source": d.Source, "deal_id": d.ID, "pipeline_id": d.Pipeline, "created_at": d.CreatedAt, "is_deleted": d.IsDeleted}
	for column, value := range map[string]*string{
		"account_id": d.Account, "owner_id": d.Owner, "stage_id": d.Stage, "amount": d.Amount, "currency": d.Currency, "close_on": d.CloseOn,
		"next_step": d.NextStep, "forecast_category": d.Forecast, "deal_type": d.Type, "lead_source": d.LeadSource, "created_by": d.CreatedBy, "term_starts_on": d.TermStarts, "term_ends_on": d.TermEnds,
	} {
		with(r, column, value)
	}
	if d.ClosedAt != nil {
		r["closed_at"] = *d.ClosedAt
	}
	return r
}

func activityRow(a reference.Activity) row {
	r := row{"source": a.Source, "activity_id": a.ID, "kind": a.Kind, "is_completed": a.IsCompleted, "is_deleted": a.IsDeleted}
	for column, value := range map[string]*string{"owner_id": a.Owner, "deal_id": a.Deal, "account_id": a.Account, "contact_id": a.Contact, "subject": a.Subject,
		"subtype": a.Subtype, "direction": a.Direction, "text_hash": a.TextHash} {
		with(r, column, value)
	}
	at(at(at(r, "occurred_at", a.OccurredAt), "completed_at", a.CompletedAt), "created_at", a.CreatedAt)
	if a.Seconds != nil {
		r["duration_seconds"] = *a.Seconds
	}
	return r
}

func at(r row, column string, instant *time.Time) row {
	if instant != nil {
		r[column] = *instant
	}
	return r
}

func with(r row, column string, value *string) row {
	if value != nil {
		r[column] = *value
	}
	return r
}

func orNone(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// latest is the value that a field has in the end.
func latest(changes []reference.Change, field string) *string {
	ordered := slices.Clone(changes)
	slices.SortStableFunc(ordered, func(a, b reference.Change) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		if a.Ordinal != b.Ordinal {
			return a.Ordinal - b.Ordinal
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	var value *string
	for _, c := range ordered {
		if c.Field == field {
			value = c.Value
		}
	}
	return value
}

package reference_test

import (
	"fmt"
	"slices"
	"time"

	"merit/transform/model/reference"
)

// A row is one row of a staging or plan table, by column; null is not named.
type row map[string]any

var metrics = []string{"stage_transitions", "pipeline_velocity", "closed_won_arr", "hygiene_score", "qualified_touch_rate"}

// plan is what all companies have in common.
func plan() *reference.Facts {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	f := &reference.Facts{
		Zone: zone, Currency: "USD", Users: map[reference.Ref]string{}, Changes: map[reference.Ref][]reference.Change{},
		Settings: map[string]map[string][]string{
			"hygiene_score": {
				"required_field": {"amount", "close_on", "next_step", "forecast_category"}, "fields_weight": {"0.5"},
				"close_date_weight": {"0.25"}, "contact_weight": {"0.25"}, "max_pushes": {"2"}, "max_close_error_days": {"14"},
			},
			"qualified_touch_rate": {"within_days": {"2"}},
		},
	}
	for year := 2024; year <= 2026; year++ {
		for quarter := range 4 {
			starts := time.Date(year, time.Month(3*quarter+1), 1, 0, 0, 0, 0, zone)
			f.Periods = append(f.Periods, reference.Period{Name: fmt.Sprintf("%d-Q%d", year, quarter+1), StartsAt: starts, EndsAt: starts.AddDate(0, 3, 0)})
		}
	}
	return f
}

func tablesOf(companies []*reference.Facts) map[string][]row {
	tables := planTables(companies[0])
	add := func(table string, r row) { tables[table] = append(tables[table], r) }
	for _, f := range companies {
		for _, r := range f.Reps {
			add("plan.reps", with(row{"rep_id": r.ID, "name": r.ID, "role": r.Role, "valid_from": r.From, "currency": "USD", "leave_days": 0}, "valid_to", orNone(r.To)))
		}
		for user, rep := range f.Users {
			add("plan.rep_users", row{"rep_id": rep, "source": user.Source, "user_key": user.ID})
			add("staging.users", row{"source": user.Source, "user_id": user.ID, "is_active": true})
		}
		for _, s := range f.Stages {
			add("staging.stages", row{"source": s.Source, "pipeline_id": s.Pipeline, "stage_id": s.ID, "label": s.Label, "position": s.Position, "is_closed": s.IsClosed, "is_won": s.IsWon})
		}
		for _, d := range f.Deals {
			add("staging.deals", dealRow(d))
			for _, c := range f.Changes[d.Ref] {
				add("staging.deal_changes", with(row{"source": d.Source, "change_id": c.ID, "deal_id": d.ID, "field": c.Field,
					"changed_at": c.At, "ordinal": c.Ordinal, "is_truncated": c.IsTruncated}, "new_value", c.Value))
			}
		}
		for _, c := range f.Contacts {
			add("staging.deal_contacts", with(row{"source": c.Deal.Source, "deal_id": c.Deal.ID, "contact_id": c.Contact, "is_primary": false}, "role", c.Role))
		}
		contacts := map[reference.Ref]bool{}
		for _, c := range f.Contacts {
			contacts[reference.Ref{Source: c.Deal.Source, ID: c.Contact}] = true
		}
		for c := range contacts {
			add("staging.contacts", row{"source": c.Source, "contact_id": c.ID, "is_deleted": false})
		}
		for _, a := range f.Activities {
			add("staging.activities", activityRow(a))
		}
	}
	return tables
}

func planTables(f *reference.Facts) map[string][]row {
	tables := map[string][]row{
		"plan.as_of": {{"as_of_at": f.AsOf, "today_on": f.AsOf.In(f.Zone).Format(time.DateOnly), "time_zone": f.Zone.String(), "currency": f.Currency}},
	}
	for _, p := range f.Periods {
		if p.StartsAt.After(f.AsOf) {
			continue
		}
		last := p.EndsAt.AddDate(0, 0, -1)
		tables["plan.periods"] = append(tables["plan.periods"], row{
			"period": p.Name, "starts_on": p.StartsAt.Format(time.DateOnly), "ends_on": last.Format(time.DateOnly), "starts_at": p.StartsAt, "ends_at": p.EndsAt,
			"days": int(last.Sub(p.StartsAt).Hours()/24+0.5) + 1, "plan_version": "1", "plan_hash": "none",
		})
		for _, metric := range metrics {
			for _, role := range []string{"ae", "sdr", "csm", "partner"} {
				tables["plan.metrics"] = append(tables["plan.metrics"], row{"period": p.Name, "role": role, "metric": metric, "weight": "20",
					"floor_value": 0.0, "target_value": 1.0, "cap": "120", "min_samples": 3, "when_missing": "redistribute"})
			}
			for name, values := range f.Settings[metric] {
				for _, value := range values {
					tables["plan.settings"] = append(tables["plan.settings"], row{"period": p.Name, "metric": metric, "name": name, "value": value})
				}
			}
		}
	}
	return tables
}

func dealRow(d reference.Deal) row {
	r := row{"source": d.Source, "deal_id": d.ID, "pipeline_id": d.Pipeline, "created_at": d.CreatedAt, "is_deleted": d.IsDeleted}
	for column, value := range map[string]*string{
		"account_id": d.Account, "owner_id": d.Owner, "stage_id": d.Stage, "amount": d.Amount, "currency": d.Currency, "close_on": d.CloseOn,
		"next_step": d.NextStep, "forecast_category": d.Forecast, "term_starts_on": d.TermStarts, "term_ends_on": d.TermEnds,
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
	for column, value := range map[string]*string{"owner_id": a.Owner, "deal_id": a.Deal, "account_id": a.Account, "contact_id": a.Contact, "subject": a.Subject} {
		with(r, column, value)
	}
	if a.OccurredAt != nil {
		r["occurred_at"] = *a.OccurredAt
	}
	if a.CreatedAt != nil {
		r["created_at"] = *a.CreatedAt
	}
	if a.Seconds != nil {
		r["duration_seconds"] = *a.Seconds
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

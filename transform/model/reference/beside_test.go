package reference_test

import (
	"merit/transform/model/reference"
)

// beside are the tables of records that are neither deals nor activities.
func (t tables) beside(f *reference.Facts) {
	for _, r := range f.Rates {
		t.add("staging.rates", with(row{"source": r.Source, "currency": r.Currency, "valid_from": r.From, "units": r.Units, "worth": r.Worth}, "valid_to", orNone(r.To)))
	}
	for _, c := range f.Forecasts {
		r := row{"source": c.Source, "forecast_id": c.ID, "user_key": c.User, "starts_on": c.From, "ends_on": c.To, "category": c.Category, "is_adjusted": c.IsAdjusted, "taken_at": c.TakenAt}
		t.add("staging.forecasts", with(with(r, "amount", c.Amount), "currency", c.Currency))
	}
	for _, r := range f.Renewals {
		one := row{"source": r.Source, "renewal_id": r.ID, "account_id": r.Account, "due_on": r.DueOn, "outcome": r.Outcome, "is_deleted": r.IsDeleted}
		for column, value := range map[string]*string{
			"renewal_deal_id": r.RenewalDeal, "owner_id": r.Owner, "due_amount": r.Due, "renewed_amount": r.Renewed, "term_starts_on": r.Starts, "currency": r.Currency,
		} {
			with(one, column, value)
		}
		t.add("staging.renewals", at(one, "decided_at", r.DecidedAt))
	}
	for _, d := range f.Documents {
		t.add("staging.documents", at(with(row{"source": d.Source, "document_id": d.ID, "kind": d.Kind, "is_deleted": d.IsDeleted}, "owner_id", d.Owner), "sent_at", d.SentAt))
	}
	for _, l := range f.Logins {
		t.add("staging.logins", with(row{"source": l.Source, "login_id": l.ID, "user_key": l.User, "logged_in_at": l.At, "is_successful": l.IsSuccessful}, "through", l.Through))
	}
	for _, e := range f.Events {
		one := row{"source": e.Source, "event_id": e.ID, "user_key": e.User, "starts_at": e.StartsAt, "has_customer": e.HasCustomer, "is_cancelled": e.IsCancelled}
		t.add("staging.calendar_events", with(at(one, "ends_at", e.EndsAt), "activity_id", e.Activity))
	}
	for _, l := range f.Learning {
		one := row{"source": l.Source, "learning_id": l.ID, "user_key": l.User, "module": "Pricing", "is_required": l.IsRequired}
		t.add("staging.learning", at(with(one, "due_on", l.DueOn), "completed_at", l.CompletedAt))
	}
	for _, s := range f.Sessions {
		t.add("staging.coaching", at(row{"source": s.Source, "session_id": s.ID, "user_key": s.User}, "held_at", s.HeldAt))
	}
	for _, a := range f.Actions {
		one := row{"source": a.Source, "action_id": a.ID, "user_key": a.User, "agreed_at": f.AsOf}
		t.add("staging.coaching_actions", at(with(one, "due_on", a.DueOn), "done_at", a.DoneAt))
	}
	for _, c := range f.Contributions {
		one := row{"source": c.Source, "contribution_id": c.ID, "kind": c.Kind, "user_key": c.User, "occurred_at": c.At}
		if c.Quantity != nil {
			one["quantity"] = *c.Quantity
		}
		t.add("staging.contributions", one)
	}
}

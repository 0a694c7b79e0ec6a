package pipelines

import (
	"fmt"
	"strconv"
	"time"

	story "merit/connectors/sandbox/company"
	"merit/transform/warehouse"
)

// staged is an invented company as the rows of the staging contract, as a CRM tells
// it that forgets nothing. Over the wire each of hundreds of companies would take minutes.
type staged struct {
	*story.Company
	now       story.Instant
	rows      map[string][]map[string]any
	knowsWhat bool // the CRM says by what a change was made, as HubSpot does
}

const stagedSource = "crm"

func stage(c *story.Company, knowsWhat bool) *staged {
	s := &staged{Company: c, now: story.At(c.Now), rows: map[string][]map[string]any{}, knowsWhat: knowsWhat}
	for i, u := range c.Users {
		s.add("users", map[string]any{"user_id": id("u", i), "name": u.Name, "email": u.Email, "is_active": u.LeftAt == 0})
	}
	for _, st := range c.Stages {
		s.add("stages", map[string]any{
			"pipeline_id": "default", "stage_id": st.Name, "label": st.Name, "position": int64(st.SortOrder),
			"probability": fmt.Sprintf("%d.%02d", st.Probability/100, st.Probability%100), "is_closed": st.IsClosed, "is_won": st.IsWon,
		})
	}
	for i, a := range c.Accounts {
		s.add("accounts", map[string]any{"account_id": id("acc", i), "name": a.Name, "owner_id": id("u", a.Owner), "created_at": a.CreatedAt.Time(), "is_deleted": false})
	}
	for i, k := range c.Contacts {
		s.add("contacts", map[string]any{"contact_id": id("k", i), "account_id": id("acc", k.Account), "owner_id": id("u", k.Owner), "created_at": k.CreatedAt.Time(), "is_deleted": false})
	}
	for i := range c.Deals {
		if c.Deals[i].ExistsAt(s.now) && s.isOfTheLastYear(i) {
			s.deal(i)
		}
	}
	for i := range c.Activities {
		if c.Activities[i].CreatedAt <= s.now && c.Activities[i].OccurredAt > s.now-lastYear {
			s.activity(i)
		}
	}
	for _, row := range c.Files["holidays"][1:] {
		s.add("holidays", map[string]any{"region": row[0], "day_on": row[1], "name": row[2]})
	}
	return s
}

// What was over a year before the story's now is left out: no rule looks back so far
// from the quarters in which cheats are planted.
const lastYear = story.Instant(366 * 24 * 60 * 60 * 1000)

func (s *staged) isOfTheLastYear(i int) bool {
	state := s.Deals[i].At(s.now)
	st, known := s.Stage(state.Stage)
	return !known || !st.IsClosed || state.StagedAt > s.now-lastYear
}

func id(kind string, index int) any {
	if index == story.None {
		return nil
	}
	return kind + strconv.Itoa(index)
}

func (s *staged) add(table string, values map[string]any) {
	values["source"] = stagedSource
	s.rows[table] = append(s.rows[table], values)
}

// of are the rows of a table in the order of its columns.
func (s *staged) of(r warehouse.Relation) [][]any {
	rows := make([][]any, 0, len(s.rows[r.Name]))
	for _, values := range s.rows[r.Name] {
		row := make([]any, len(r.Columns))
		for i, column := range r.Columns {
			row[i] = values[column.Name]
		}
		rows = append(rows, row)
	}
	return rows
}

func textOrNone(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (s *staged) deal(i int) {
	d := &s.Deals[i]
	state := d.At(s.now)
	values := map[string]any{
		"deal_id": id("d", i), "name": d.Name, "account_id": id("acc", d.Account), "owner_id": id("u", state.Owner), "pipeline_id": "default",
		"stage_id": textOrNone(state.Stage), "amount": textOrNone(state.Amount), "close_on": textOrNone(state.CloseOn), "deal_type": d.Type, "lead_source": d.LeadSource,
		"next_step": textOrNone(state.NextStep), "forecast_category": textOrNone(state.Forecast), "created_by": id("u", d.CreatedBy),
		"created_at": d.CreatedAt.Time(), "seen_at": d.Changes[0].At.Time(), "changed_at": state.ModifiedAt.Time(), "is_deleted": state.Deleted,
	}
	if st, known := s.Stage(state.Stage); known && st.IsClosed {
		values["closed_at"] = state.StagedAt.Time()
	}
	s.add("deals", values)
	fields := map[story.Field]string{story.StageName: "stage", story.Amount: "amount", story.CloseOn: "close_on", story.Owner: "owner", story.NextStep: "next_step", story.Forecast: "forecast_category"}
	for n, c := range d.Changes {
		if c.At > s.now {
			break
		}
		value := textOrNone(c.Value)
		if c.Field == story.Owner {
			value = id("u", story.UserIndex(c.Value))
		}
		change := map[string]any{
			"change_id": fmt.Sprintf("d%d-%04d", i, n), "deal_id": id("d", i), "field": fields[c.Field], "new_value": value,
			"changed_at": c.At.Time(), "ordinal": int64(n), "changed_by": id("u", int(c.By)), "is_truncated": false,
		}
		if s.knowsWhat {
			change["changed_through"] = map[story.Through]string{story.ByHand: "user", story.ByImport: "import", story.ByIntegration: "integration", story.ByAutomation: "automation"}[c.Through]
		}
		s.add("deal_changes", change)
	}
	for n, r := range d.Contacts {
		s.add("deal_contacts", map[string]any{"deal_id": id("d", i), "contact_id": id("k", r.Contact), "role": textOrNone(r.Name), "is_primary": n == 0})
	}
	for n, c := range d.Credits {
		if c.CreatedAt > s.now || c.Kind == story.Overlay {
			continue
		}
		kind := "split"
		if c.Kind == story.Member {
			kind = "team"
		}
		s.add("deal_credits", map[string]any{
			"credit_id": fmt.Sprintf("d%d-c%d", i, n), "deal_id": id("d", i), "user_id": id("u", c.User), "kind": kind, "role": textOrNone(c.Role),
			"weight": textOrNone(c.PercentAt(s.now)), "created_at": c.CreatedAt.Time(), "changed_at": c.ModifiedAt(s.now).Time(), "is_deleted": story.DeletedBy(c.DeletedAt, s.now),
		})
	}
}

func (s *staged) activity(i int) {
	a := &s.Activities[i]
	values := map[string]any{
		"activity_id": id("a", i), "kind": [...]string{"call", "email", "meeting", "task", "note"}[a.Kind], "subtype": textOrNone(a.Subtype),
		"owner_id": id("u", a.Owner), "deal_id": id("d", a.Deal), "account_id": id("acc", a.Account), "contact_id": id("k", a.Contact), "subject": textOrNone(a.Subject),
		"occurred_at": a.OccurredAt.Time(), "created_at": a.CreatedAt.Time(), "is_completed": a.CompletedAt != 0 && a.CompletedAt <= s.now, "is_deleted": story.DeletedBy(a.DeletedAt, s.now),
	}
	if a.CompletedAt != 0 && a.CompletedAt <= s.now {
		values["completed_at"] = a.CompletedAt.Time()
	}
	if a.Kind == story.Call || a.Kind == story.Meeting {
		values["duration_seconds"] = int64(a.Seconds)
	}
	s.add("activities", values)
}

// dayOf is the day of an instant, in UTC.
func dayOf(at story.Instant) time.Time { return at.Time().Truncate(24 * time.Hour) }

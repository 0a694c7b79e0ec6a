package hubspot

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"merit/connectors/connectortest"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// smallTruth is what the small streams must give, by the story.
func (a *acme) smallTruth(t *testing.T, truth connectortest.Truth) {
	truth["account"] = connectortest.Rows{strconv.Itoa(hsserver.PortalID): {"timeZone": a.story.TimeZone, "companyCurrency": a.story.Currency}}
	properties := connectortest.Rows{}
	for _, o := range objects() {
		if o.isSplits {
			continue
		}
		names, err := a.portal.Properties(o.name)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			properties[connectortest.Key(o.name, name)] = connectortest.Row{"merit_deleted": "false"}
		}
	}
	truth["properties"] = properties
	truth["stage_versions"] = a.layouts()
	truth["record_counts"] = a.counted()
	// The contract reads when the story's present begins, and again later.
	teams := connectortest.Rows{}
	for _, at := range []time.Time{a.story.Now, a.clock.now} {
		for i, u := range a.story.Users {
			if u.Team != "" && u.CreatedAt <= company.At(at) && (u.LeftAt == 0 || u.LeftAt > company.At(at)) {
				teams[connectortest.Key(at.UTC().Format(time.DateOnly), a.portal.TeamID(u.Team), hsserver.UserID(a.story, i))] = connectortest.Row{"team_name": u.Team}
			}
		}
	}
	truth["team_members"] = teams
	truth["logins"], truth["forecast_submissions"], truth["exchange_rates"] = a.everyLogin(), a.submissions(t), a.rates(t)
	truth["forecast_types"] = connectortest.Rows{"1": {"amountProperty": "amount"}}
	truth["audit_logs"] = connectortest.Rows{"audit-1": {"action": "UPDATE"}}
}

// rebuilt are the instants at which the pipeline was set up anew.
func (a *acme) rebuilt() []company.Instant {
	var all []company.Instant
	for _, l := range a.story.StageSetups {
		if l.Until <= company.At(a.clock.now) {
			all = append(all, l.Until)
		}
	}
	return all
}

func (a *acme) zone(t *testing.T) *time.Location {
	zone, err := time.LoadLocation(a.story.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// layouts are the stages, each time that the pipeline was set up.
func (a *acme) layouts() connectortest.Rows {
	stages := connectortest.Rows{}
	for _, from := range append([]company.Instant{company.At(a.story.Begin)}, a.rebuilt()...) {
		setUp, _ := a.story.StagesAt(from)
		for i, s := range setUp {
			stages[connectortest.Key("default", hsserver.StageID(a.story, i), from.Time().Format(time.RFC3339Nano))] = connectortest.Row{
				"label": s.Name, "is_assumed": "false", "isClosed": strconv.FormatBool(s.IsClosed),
				"probability": fmt.Sprintf("%d.%02d0000000", s.Probability/100, s.Probability%100),
			}
		}
	}
	return stages
}

func (a *acme) everyLogin() connectortest.Rows {
	logins := connectortest.Rows{}
	for i, l := range a.story.Logins {
		if l.At <= company.At(a.clock.now) {
			logins[hsserver.LoginID(i)] = connectortest.Row{
				"email": a.story.Users[l.User].Email, "loginAt": l.At.Time().Format(time.RFC3339Nano), "loginSucceeded": strconv.FormatBool(!l.Failed),
			}
		}
	}
	return logins
}

func (a *acme) submissions(t *testing.T) connectortest.Rows {
	said, submissions := 0, connectortest.Rows{}
	for _, f := range a.story.Forecasts {
		if f.Category == "Commit" && f.At <= company.At(a.clock.now) {
			said++
		}
	}
	for _, id := range a.ids(t, "forecasts") {
		for _, v := range a.portal.Past("forecasts", id, "hs_amount") {
			submissions[connectortest.Key(id, v.At.Time().Format(time.RFC3339Nano))] = connectortest.Row{"objectType": "FORECAST", "archived": "false", "properties": `{"hs_amount":"` + v.Value + `"}`}
		}
	}
	if len(submissions) != said {
		t.Fatalf("the portal tells of %d submissions, the story of %d", len(submissions), said)
	}
	return submissions
}

func (a *acme) rates(t *testing.T) connectortest.Rows {
	rates := connectortest.Rows{}
	for _, c := range a.story.Currencies {
		for _, r := range c.Rates {
			if from, err := time.ParseInLocation(time.DateOnly, r.From, a.zone(t)); err == nil && !from.After(a.clock.now) {
				rates[strconv.Itoa(len(rates)+1)] = connectortest.Row{"fromCurrencyCode": c.Code, "toCurrencyCode": a.story.Currency, "effectiveAt": from.UTC().Format(time.RFC3339Nano)}
			}
		}
	}
	return rates
}

// counted are the objects that are counted, on each day on which a reading began.
func (a *acme) counted() connectortest.Rows {
	rows := connectortest.Rows{}
	for day := a.story.Now; !day.After(a.clock.now); day = day.Add(7 * 24 * time.Hour) { // by which time is let pass
		for _, o := range objects() {
			if date, isDated := o.createdProperty(); isDated && !o.isSplits {
				rows[connectortest.Key(o.name, day.Format(time.DateOnly))] = connectortest.Row{"date_column": date}
			}
		}
	}
	return rows
}

package hubspot

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"merit/connectors/connectortest"
	"merit/connectors/sandbox/company"
	sandbox "merit/connectors/sandbox/hubspot"
)

// smallTruth is what the small streams must give, by the story.
func (a *acme) smallTruth(t *testing.T, truth connectortest.Truth) {
	truth["account"] = connectortest.Rows{strconv.Itoa(sandbox.PortalID): {"timeZone": a.story.TimeZone, "companyCurrency": a.story.Currency}}
	properties := connectortest.Rows{}
	for _, o := range objects() {
		names, err := a.portal.Properties(o.name)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			properties[connectortest.Key(o.name, name)] = connectortest.Row{"_deleted": "false"}
		}
	}
	truth["properties"] = properties
	begin := company.At(a.story.Begin)
	const day = 24 * 60 * 60 * 1000
	stages := connectortest.Rows{}
	for i, s := range a.story.Stages {
		for _, from := range []company.Instant{begin, begin - 365*day} {
			stages[connectortest.Key("default", sandbox.StageID(a.story, i), from.Time().Format(time.RFC3339Nano))] =
				connectortest.Row{"label": s.Name, "is_assumed": "false", "isClosed": strconv.FormatBool(s.IsClosed)}
		}
	}
	truth["stage_versions"] = stages
	// The contract reads when the story's present begins, and again later.
	teams := connectortest.Rows{}
	for _, at := range []time.Time{a.story.Now, a.clock.now} {
		for i, u := range a.story.Users {
			if u.Team != "" && u.CreatedAt <= company.At(at) && (u.LeftAt == 0 || u.LeftAt > company.At(at)) {
				teams[connectortest.Key(at.UTC().Format(time.DateOnly), a.portal.TeamID(u.Team), sandbox.UserID(a.story, i))] = connectortest.Row{"team_name": u.Team}
			}
		}
	}
	truth["team_members"] = teams
	logins, submissions := connectortest.Rows{}, connectortest.Rows{}
	for at := begin; at <= company.At(a.clock.now); at += 7 * day {
		for i, u := range a.story.Users {
			when := at + company.Instant(i)*1000
			if u.CreatedAt > at || u.LeftAt != 0 && u.LeftAt <= at || when > company.At(a.clock.now) {
				continue
			}
			logins[fmt.Sprintf("%d-%s", when, sandbox.UserID(a.story, i))] = connectortest.Row{"email": u.Email}
			submissions[connectortest.Key(strconv.Itoa(64_000_000_000+3*i), when.Time().Format(time.RFC3339Nano))] = connectortest.Row{"eventType": "SUBMISSION"}
		}
	}
	truth["logins"], truth["forecast_submissions"] = logins, submissions
	truth["audit_logs"] = connectortest.Rows{"audit-1": {"action": "UPDATE"}}
}

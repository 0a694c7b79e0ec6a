package hubspot

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// A clock stands still until it is told otherwise.
type clock struct {
	mu  sync.RWMutex
	now time.Time // to be set while nobody asks
}

func (c *clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now
}

// move lets time pass while somebody may ask.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// An acme is the invented company as a portal, and what a reader must find in it.
type acme struct {
	story  *company.Company
	clock  *clock
	portal *hsserver.API
	server *httptest.Server
	gate   *connectortest.Breaker
	truths connectortest.Truth // at an instant
	toldAt time.Time
	lists  map[string]map[string]bool // of live ids by object, as they were when first asked for
}

func newAcme(t testing.TB, size int, options ...hsserver.Option) *acme {
	story := company.Acme(7, size)
	a := &acme{story: story, clock: &clock{now: story.Now}}
	a.portal = hsserver.New(story, a.clock, options...)
	a.gate = connectortest.NewBreaker(a.portal)
	a.server = httptest.NewServer(a.gate)
	t.Cleanup(a.server.Close)
	return a
}

func (a *acme) settings() connectors.Values {
	return connectors.Values{
		"token": {hsserver.Token}, "endpoint": {a.server.URL}, "api_version": {"2026-09"}, "tier": {"unlimited"}, "lookback": {"60m"}, "daily_share": {"60%"}, "sweep": {"0"},
	}
}

func TestTheContract(t *testing.T) {
	connectortest.Run(t, Connector(), func(t *testing.T) connectortest.Account {
		// Short pages and lists of associations that go on: neither may end a scan.
		a := newAcme(t, 1100, hsserver.ShortPages(7), hsserver.AssociationPage(2))
		return connectortest.Account{
			Settings: a.settings(),
			Truth:    func() connectortest.Truth { return a.truth(t) },
			Advance:  func() { a.clock.now = a.clock.now.Add(7 * 24 * time.Hour) },
			Break:    a.gate.Break,
			Mend:     a.gate.Mend,
			Overlap:  time.Hour,
			Whole:    []string{"owners", "pipeline_stages", "account", "properties", "stage_versions", "exchange_rates", "forecast_types"},
		}
	})
}

// truth is what the story adds up to by the clock, told by the sandbox's own model.
func (a *acme) truth(t *testing.T) connectortest.Truth {
	if a.truths == nil || !a.toldAt.Equal(a.clock.now) {
		a.truths, a.toldAt = a.work(t), a.clock.now
	}
	return a.truths
}

// work works out that truth.
func (a *acme) work(t *testing.T) connectortest.Truth {
	truth := connectortest.Truth{"deal_history": a.histories(t), "owners": a.people(), "pipeline_stages": a.pipelineStages()}
	for _, o := range objects() {
		if o.isSplits {
			truth[o.name] = a.allShares(t)
			continue
		}
		rows := connectortest.Rows{}
		live, archived, err := a.portal.IDs(o.name)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range live {
			rows[id] = a.record(t, o, id, "false")
		}
		for _, id := range archived {
			rows[id] = a.record(t, o, id, "true")
		}
		truth[o.name] = rows
	}
	a.smallTruth(t, truth)
	return truth
}

func (a *acme) record(t *testing.T, o object, id, deleted string) connectortest.Row {
	row := connectortest.Row{idColumn: id, connectors.DeletedColumn: deleted}
	value := func(property string) string {
		text, _, err := a.portal.Value(o.name, id, property)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, p := range o.texts {
		row[p] = value(p)
	}
	for _, p := range o.instants {
		row[p] = asInstant(value(p))
	}
	for _, p := range o.numbers {
		row[p] = asDecimal(value(p))
	}
	return row
}

// histories are the changes of the story's deals, as HubSpot would remember them:
// the newest twenty of each property.
func (a *acme) histories(t *testing.T) connectortest.Rows {
	rows := connectortest.Rows{}
	kept := a.known(t, "deals")
	for i, deal := range a.story.Deals {
		id := hsserver.DealID(a.story, i)
		if !kept[id] {
			continue
		}
		for property, field := range map[string]company.Field{
			"dealstage": company.StageName, "amount": company.Amount, "closedate": company.CloseOn,
			"hubspot_owner_id": company.Owner, "hs_next_step": company.NextStep, "hs_manual_forecast_category": company.Forecast,
		} {
			a.versions(rows, id, property, deal, field)
		}
		// The pipeline never changes here: one version, as old as the record.
		first := company.Change{At: deal.CreatedAt, By: int32(deal.CreatedBy)}
		if len(deal.Changes) > 0 {
			first.At, first.Through = deal.Changes[0].At, deal.Changes[0].Through
		}
		a.version(rows, id, "pipeline", first, 0, false)
	}
	return rows
}

func (a *acme) versions(rows connectortest.Rows, id, property string, deal company.Deal, field company.Field) {
	var versions []company.Change
	for _, c := range deal.Changes {
		isCleared := c.Value == "" || field == company.Owner && c.Value[0] == '-'
		if c.Field == field && c.At <= company.At(a.clock.now) && !(isCleared && len(versions) == 0) {
			versions = append(versions, c)
		}
	}
	oldest := max(0, len(versions)-versionsKept)
	for k := len(versions) - 1; k >= oldest; k-- {
		ordinal := 0
		for later := k + 1; later < len(versions) && versions[later].At == versions[k].At; later++ {
			ordinal++
		}
		v := versions[k]
		if field == company.CloseOn && v.Through == company.ByAutomation && a.closesAt(deal, v.At) {
			v.Through = stampedByHubSpot
		}
		a.version(rows, id, property, v, ordinal, k == oldest && len(versions) >= versionsKept)
	}
}

const stampedByHubSpot = company.Through(100)

func (a *acme) closesAt(deal company.Deal, at company.Instant) bool {
	return slices.ContainsFunc(deal.Changes, func(c company.Change) bool {
		return c.At == at && c.Field == company.StageName && slices.ContainsFunc(a.story.Stages, func(s company.Stage) bool {
			return s.Name == c.Value && s.IsClosed
		})
	})
}

func (a *acme) version(rows connectortest.Rows, id, property string, c company.Change, ordinal int, isTruncated bool) {
	source, kind, user := noSource, "CRM_UI", ""
	if c.By >= 0 {
		user = hsserver.UserID(a.story, int(c.By))
	}
	switch c.Through {
	case company.ByHand:
		if user != "" {
			source = "userId:" + user
		}
	case company.ByImport:
		source, kind = "1839201", "IMPORT"
	case company.ByIntegration:
		source, kind, user = "62515", "INTEGRATION", ""
	case company.ByAutomation:
		source, kind, user = "enrollmentId:7390111;actionExecutionIndex:0", "AUTOMATION_PLATFORM", ""
	case stampedByHubSpot:
		source, kind, user = "close-date-automation", "INTERNAL_PROCESSING", ""
	}
	row := connectortest.Row{
		"object_id": id, "property": property, "timestamp": c.At.Time().Format(time.RFC3339Nano), "source_id": source,
		"ordinal": strconv.Itoa(ordinal), "is_truncated": strconv.FormatBool(isTruncated), "source_type": kind, "updated_by_user_id": user,
	}
	if property == "amount" {
		row["value"], row["number"] = c.Value, asDecimal(c.Value)
	}
	rows[connectortest.Key(id, property, row["timestamp"], source, row["ordinal"], row["is_truncated"])] = row
}

// known are the ids that can still be read, in the recycle bin or out of it.
func (a *acme) known(t *testing.T, object string) map[string]bool {
	live, archived, err := a.portal.IDs(object)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, id := range slices.Concat(live, archived) {
		ids[id] = true
	}
	return ids
}

func (a *acme) people() connectortest.Rows {
	rows := connectortest.Rows{}
	now := company.At(a.clock.now)
	for i, u := range a.story.Users {
		if u.CreatedAt > now {
			continue
		}
		rows[hsserver.OwnerID(a.story, i)] = connectortest.Row{
			"email": u.Email, connectors.DeletedColumn: strconv.FormatBool(u.LeftAt != 0 && u.LeftAt <= now),
			"userIdIncludingInactive": hsserver.UserID(a.story, i), "team": u.Team,
		}
	}
	return rows
}

func (a *acme) pipelineStages() connectortest.Rows {
	rows := connectortest.Rows{}
	for i, s := range a.story.Stages {
		rows[connectortest.Key("default", hsserver.StageID(a.story, i))] = connectortest.Row{
			"label": s.Name, "isClosed": strconv.FormatBool(s.IsClosed), "displayOrder": strconv.Itoa(i),
			"probability": fmt.Sprintf("%d.%02d0000000", s.Probability/100, s.Probability%100),
		}
	}
	return rows
}

func asInstant(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// asDecimal writes a plain number without zeros at its end.
func asDecimal(text string) string {
	if text == "" {
		return ""
	}
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

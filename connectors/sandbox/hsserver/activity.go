package hsserver

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"merit/connectors/sandbox/company"
)

// What an account says of itself besides its records: teams, earlier pipelines,
// who signed in and what was submitted as forecast.

// teamsOfUsers serves GET /settings/users/2026-03/teams; this portal is not in the beta
// of the later path.
func (a *API) teamsOfUsers(dst []byte, _ *http.Request) (int, []byte, error) {
	if err := a.granted("settings.users.teams.read"); err != nil {
		return 0, nil, err
	}
	type team struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Users     []string `json:"userIds"`
		Secondary []string `json:"secondaryUserIds"`
	}
	results := []team{}
	for name, id := range a.portal.teams {
		if name == "" {
			continue
		}
		t := team{ID: strconv.Itoa(id), Name: name, Users: []string{}, Secondary: []string{}}
		for i, u := range a.portal.story.Users {
			if u.Team == name && u.CreatedAt <= a.now() && (u.LeftAt == 0 || u.LeftAt > a.now()) {
				t.Users = append(t.Users, text(userNumber(i)))
			}
		}
		results = append(results, t)
	}
	slices.SortFunc(results, func(x, y team) int { return int(must(x.ID) - must(y.ID)) })
	return appendJSON(dst, map[string]any{"results": results})
}

// audit serves GET /crm/pipelines/{version}/{type}/{pipeline}/audit, newest first:
// the pipeline each time that somebody changed it.
func (a *API) audit(dst []byte, r *http.Request) (int, []byte, error) {
	if r.PathValue("type") != "deals" || r.PathValue("pipeline") != pipelineID {
		return 0, nil, notFound()
	}
	type entry struct {
		PortalID   int    `json:"portalId"`
		Identifier string `json:"identifier"`
		Action     string `json:"action"`
		Timestamp  string `json:"timestamp"`
		Raw        any    `json:"rawObject"`
	}
	results := []entry{}
	for _, at := range a.portal.setUps(a.now()) {
		raw := map[string]any{"id": pipelineID, "label": "Sales Pipeline", "displayOrder": 0, "stages": a.stageReplies(at)}
		action := "UPDATE"
		if at == company.At(a.portal.story.Begin) {
			action = "CREATE"
		}
		results = append(results, entry{PortalID, pipelineID, action, iso(at), raw})
	}
	return appendJSON(dst, map[string]any{"results": results})
}

// setUps are the instants at which the stages were set up anew, newest first.
func (p *portal) setUps(now company.Instant) []company.Instant {
	all := []company.Instant{company.At(p.story.Begin)}
	for _, l := range p.story.StageSetups {
		if l.Until <= now {
			all = append([]company.Instant{l.Until}, all...)
		}
	}
	return all
}

// An event is something that happened at an instant, as a member of a list.
type event struct {
	at     company.Instant
	fields func() map[string]any
}

// events pages through a list of what occurred, newest first, as asked for.
func (a *API) events(dst []byte, r *http.Request, all []event) (int, []byte, error) {
	query := r.URL.Query()
	limit, err := limitOf(query.Get("limit"), usualPage, listPage)
	if err != nil {
		return 0, nil, err
	}
	after, err := readToken(query.Get("after"))
	if err != nil {
		return 0, nil, err
	}
	from, err := bound(query, "occurredAfter", 0)
	if err != nil {
		return 0, nil, err
	}
	to, err := bound(query, "occurredBefore", a.now()+1)
	if err != nil {
		return 0, nil, err
	}
	now := a.now()
	all = slices.DeleteFunc(all, func(e event) bool { return e.at > now || e.at < from || e.at >= to })
	slices.Reverse(all)
	first := min(int(after), len(all))
	last := min(first+a.shorten(limit), len(all))
	results := []map[string]any{}
	for _, e := range all[first:last] {
		results = append(results, e.fields())
	}
	if last == len(all) {
		return appendJSON(dst, map[string]any{"results": results})
	}
	_, dst, err = appendJSON(append(dst, `{"results":`...), results)
	query.Set("after", token(int64(last)))
	return http.StatusOK, append(appendPaging(dst, query.Get("after"), r.URL.Path+"?"+query.Encode()), '}'), err
}

func bound(query url.Values, name string, otherwise company.Instant) (company.Instant, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return company.Instant(ms), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, invalid("%s is not an instant: %s", name, text)
	}
	return company.At(at), nil
}

// logins serves GET /account-info/{version}/activity/login.
func (a *API) logins(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("account-info.security.read"); err != nil {
		return 0, nil, err
	}
	var all []event
	for i, l := range a.portal.story.Logins {
		all = append(all, event{l.At, func() map[string]any {
			agent := "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
			if l.Through == company.ByMobile {
				agent = "HubSpotMobile/4.1 (iPhone; iOS 18.2)"
			}
			return map[string]any{
				"id": LoginID(i), "loginAt": iso(l.At), "userId": userNumber(int(l.User)), "userAgent": agent,
				"email": a.portal.story.Users[l.User].Email, "loginSucceeded": !l.Failed,
			}
		}})
	}
	return a.events(dst, r, all)
}

// LoginID is the id of the story's login at index i.
func LoginID(i int) string { return "login-" + strconv.Itoa(i) }

// auditLogs serves GET /account-info/{version}/activity/audit-logs.
func (a *API) auditLogs(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("account-info.security.read"); err != nil {
		return 0, nil, err
	}
	begin := company.At(a.portal.story.Begin)
	return a.events(dst, r, []event{{begin, func() map[string]any {
		return map[string]any{
			"id": "audit-1", "occurredAt": iso(begin), "category": "PIPELINE", "subCategory": "STAGE", "action": "UPDATE",
			"targetObjectId": pipelineID, "actingUser": map[string]any{"userId": userNumber(0)},
		}
	}}})
}

// submissions serves GET /forecast-submissions/{version}-beta/events: each time
// that somebody said what a quarter will bring.
func (a *API) submissions(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("forecast-read"); err != nil {
		return 0, nil, err
	}
	var all []event
	for i, f := range a.portal.books.forecasts {
		for _, said := range f.said {
			all = append(all, event{said.At, func() map[string]any {
				return map[string]any{
					"objectId": text(forecastsFrom + int64(i)*forecastsBy), "occurredAt": iso(said.At), "objectType": "FORECAST", "archived": false,
					"properties": map[string]string{"hs_amount": said.Amount},
				}
			}})
		}
	}
	slices.SortStableFunc(all, func(x, y event) int { return cmp.Compare(x.at, y.at) })
	return a.events(dst, r, all)
}

// forecastTypes serves GET /forecast-settings/{version}/forecast-types: the one type
// that there is, as an object, which is the reply that HubSpot describes.
func (a *API) forecastTypes(dst []byte, _ *http.Request) (int, []byte, error) {
	if err := a.granted("forecast-read"); err != nil {
		return 0, nil, err
	}
	begin := company.At(a.portal.story.Begin)
	return appendJSON(dst, map[string]any{
		"id": "1", "forecastTypeId": 1, "forecastName": "Deal forecast", "defaultType": true, "objectTypeId": "0-3",
		"amountProperty": "amount", "dateProperty": "closedate", "weightedAmountProperty": "hs_projected_amount",
		"amountOrDatePropertyRestrictedForUser": false,
		"createdAt":                             iso(begin), "createdAtTimestamp": int64(begin), "createdBy": userNumber(0),
		"updatedAt": iso(begin), "updatedTimestamp": int64(begin), "updatedBy": userNumber(0),
	})
}

// rates serves GET /settings/currencies/{version}/exchange-rates: what one unit of
// another currency is worth in the company's, with six decimals.
func (a *API) rates(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("settings.currencies.read"); err != nil {
		return 0, nil, err
	}
	type rate struct {
		ID        string  `json:"id"`
		From      string  `json:"fromCurrencyCode"`
		To        string  `json:"toCurrencyCode"`
		Rate      float64 `json:"conversionRate"`
		Effective string  `json:"effectiveAt"`
		Created   string  `json:"createdAt"`
		Updated   string  `json:"updatedAt"`
		Visible   bool    `json:"visibleInUI"`
	}
	results := []rate{}
	const decimals = 1_000_000
	for _, c := range a.portal.story.Currencies {
		for _, is := range c.Rates {
			day, ok := dayNumber(is.From)
			units, err := strconv.ParseFloat(is.Units, 64)
			if !ok || err != nil || units <= 0 {
				return 0, nil, fmt.Errorf("rate of %s from %q: %q", c.Code, is.From, is.Units)
			}
			at := company.Instant(day*msADay) - company.Instant(a.portal.offset(day*msADay))
			if at > a.now() {
				continue
			}
			results = append(results, rate{text(int64(len(results) + 1)), c.Code, a.portal.story.Currency,
				math.Round(decimals/units) / decimals, iso(at), iso(at), iso(at), true})
		}
	}
	return appendJSON(dst, map[string]any{"results": results})
}

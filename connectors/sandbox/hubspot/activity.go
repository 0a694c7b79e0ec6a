package hubspot

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"merit/connectors/sandbox/company"
)

// What an account says of itself besides its records: teams, earlier pipelines,
// who signed in and what was submitted as forecast.

// teamsOfUsers serves GET /settings/v3/users/teams, the one path of teams that
// every account has; this portal is not in the beta of the dated one.
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

// audit serves GET /crm/pipelines/{version}/{type}/{pipeline}/audit, newest first.
// Before the story began, the ladder was half as steep.
func (a *API) audit(dst []byte, r *http.Request) (int, []byte, error) {
	if r.PathValue("type") != "deals" || r.PathValue("pipeline") != pipelineID {
		return 0, nil, notFound()
	}
	type entry struct {
		PortalID   int    `json:"portalId"`
		Identifier string `json:"identifier"`
		Action     string `json:"action"`
		Timestamp  string `json:"timestamp"`
		Raw        string `json:"rawObject"`
	}
	begin := company.At(a.portal.story.Begin)
	var results []entry
	for age, action := range []string{"UPDATE", "CREATE"} {
		stages := a.stageReplies()
		if age == 1 {
			for i := range stages {
				if p, err := strconv.ParseFloat(stages[i].Metadata["probability"], 64); err == nil && stages[i].Metadata["isClosed"] == "false" {
					stages[i].Metadata["probability"] = strconv.FormatFloat(p/2, 'f', -1, 64)
				}
			}
		}
		raw, err := json.Marshal(map[string]any{"id": pipelineID, "label": "Sales Pipeline", "displayOrder": 0, "stages": stages})
		if err != nil {
			return 0, nil, err
		}
		const year = 365
		results = append(results, entry{PortalID, pipelineID, action, iso(begin - company.Instant(age)*year*msADay), string(raw)})
	}
	return appendJSON(dst, map[string]any{"results": results})
}

// An event is something that happened at an instant, as a member of a list.
type event struct {
	at     company.Instant
	fields map[string]any
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
	results := []map[string]any{}
	for _, e := range all {
		if e.at <= a.now() && e.at >= from && e.at < to {
			results = append(results, e.fields)
		}
	}
	slices.Reverse(results)
	first := min(int(after), len(results))
	last := min(first+a.shorten(limit), len(results))
	if last == len(results) {
		return appendJSON(dst, map[string]any{"results": results[first:last]})
	}
	_, dst, err = appendJSON(append(dst, `{"results":`...), results[first:last])
	query.Set("after", token(int64(last)))
	return http.StatusOK, append(appendPaging(dst, query.Get("after"), r.URL.Path+"?"+query.Encode()), '}'), err
}

func bound(query url.Values, name string, otherwise company.Instant) (company.Instant, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, invalid("%s is not an instant: %s", name, text)
	}
	return company.At(at), nil
}

// weeks calls for each user and week of the story that is over.
func (a *API) weeks(use func(user int, at company.Instant)) {
	const week = 7 * msADay
	for at := company.At(a.portal.story.Begin); at <= a.now(); at += week {
		for i, u := range a.portal.story.Users {
			if u.CreatedAt <= at && (u.LeftAt == 0 || u.LeftAt > at) {
				use(i, at+company.Instant(i)*msASecond)
			}
		}
	}
}

// logins serves GET /account-info/{version}/activity/login: each user signs in
// once a week.
func (a *API) logins(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("account-info.security.read"); err != nil {
		return 0, nil, err
	}
	var all []event
	a.weeks(func(i int, at company.Instant) {
		all = append(all, event{at, map[string]any{
			"id": text(int64(at)) + "-" + text(userNumber(i)), "loginAt": iso(at), "userId": userNumber(i),
			"email": a.portal.story.Users[i].Email, "loginSucceeded": true,
		}})
	})
	return a.events(dst, r, all)
}

// auditLogs serves GET /account-info/{version}/activity/audit-logs.
func (a *API) auditLogs(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("account-info.security.read"); err != nil {
		return 0, nil, err
	}
	begin := company.At(a.portal.story.Begin)
	return a.events(dst, r, []event{{begin, map[string]any{
		"id": "audit-1", "occurredAt": iso(begin), "category": "PIPELINE", "subCategory": "STAGE", "action": "UPDATE",
		"targetObjectId": pipelineID, "actingUser": map[string]any{"userId": userNumber(0)},
	}}})
}

// submissions serves GET /forecast-submissions/{version}-beta/events: each user
// says once a week what will come.
func (a *API) submissions(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("forecast-read"); err != nil {
		return 0, nil, err
	}
	var all []event
	a.weeks(func(i int, at company.Instant) {
		all = append(all, event{at, map[string]any{
			"objectId": text(forecastsFrom + int64(i)*forecastsBy), "occurredAt": iso(at), "eventType": "SUBMISSION",
			"properties": map[string]string{"hs_submission_amount": text(10_000 * int64(i+1))},
		}})
	})
	return a.events(dst, r, all)
}

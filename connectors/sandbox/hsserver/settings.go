package hsserver

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"merit/connectors/sandbox/company"
)

// The replies of this file are small and few; they are marshalled.

const ownersPage = 100

func appendJSON(dst []byte, v any) (int, []byte, error) {
	reply, err := json.Marshal(v)
	return http.StatusOK, append(dst, reply...), err
}

func iso(at company.Instant) string { return string(appendInstant(nil, at)) }

type stageReply struct {
	ID           string            `json:"id"`
	Label        string            `json:"label"`
	DisplayOrder int               `json:"displayOrder"`
	Archived     bool              `json:"archived"`
	CreatedAt    string            `json:"createdAt"`
	UpdatedAt    string            `json:"updatedAt"`
	Metadata     map[string]string `json:"metadata"`
	Permissions  string            `json:"writePermissions"`
}

// pipelines serves GET /crm/pipelines/{version}/{type}. Stages come in no order:
// only displayOrder tells theirs.
func (a *API) pipelines(dst []byte, r *http.Request) (int, []byte, error) {
	o, err := a.object(r.PathValue("type"))
	if err != nil {
		return 0, nil, err
	}
	if o.name != "deals" {
		return 0, nil, invalid("%s have no pipelines", o.name)
	}
	updated, stages := iso(a.portal.setUps(a.now())[0]), a.stageReplies(a.now())
	type pipeline struct {
		ID           string       `json:"id"`
		Label        string       `json:"label"`
		DisplayOrder int          `json:"displayOrder"`
		Archived     bool         `json:"archived"`
		CreatedAt    string       `json:"createdAt"`
		UpdatedAt    string       `json:"updatedAt"`
		Stages       []stageReply `json:"stages"`
	}
	return appendJSON(dst, map[string][]pipeline{"results": {{
		ID: pipelineID, Label: "Sales Pipeline", CreatedAt: iso(0), UpdatedAt: updated, Stages: stages,
	}}})
}

// stageReplies are the stages as they were set up at an instant.
func (a *API) stageReplies(at company.Instant) []stageReply {
	setUp, since := a.portal.story.StagesAt(at)
	var stages []stageReply
	for i, s := range a.portal.stages {
		stages = append(stages, stageReply{
			ID: s.id, Label: s.label, DisplayOrder: i, CreatedAt: iso(0), UpdatedAt: iso(since),
			Permissions: "CRM_PERMISSIONS_ENFORCEMENT",
			Metadata:    map[string]string{"isClosed": strconv.FormatBool(s.closed), "probability": probabilityText(setUp[i].Probability)},
		})
	}
	slices.Reverse(stages)
	return stages
}

type optionReply struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

type propertyReply struct {
	UpdatedAt       string          `json:"updatedAt"`
	CreatedAt       string          `json:"createdAt"`
	Name            string          `json:"name"`
	Label           string          `json:"label"`
	Type            string          `json:"type"`
	FieldType       string          `json:"fieldType"`
	Description     string          `json:"description"`
	GroupName       string          `json:"groupName"`
	Options         []optionReply   `json:"options"`
	DisplayOrder    int             `json:"displayOrder"`
	Calculated      bool            `json:"calculated"`
	ExternalOptions bool            `json:"externalOptions"`
	HasUniqueValue  bool            `json:"hasUniqueValue"`
	Hidden          bool            `json:"hidden"`
	HubspotDefined  bool            `json:"hubspotDefined,omitempty"`
	ShowCurrency    bool            `json:"showCurrencySymbol,omitempty"`
	Modification    map[string]bool `json:"modificationMetadata"`
	FormField       bool            `json:"formField"`
	Sensitivity     string          `json:"dataSensitivity"`
}

// properties serves GET /crm/properties/{version}/{type}; nothing was archived.
func (a *API) properties(dst []byte, r *http.Request) (int, []byte, error) {
	o, err := a.object(r.PathValue("type"))
	if err != nil {
		return 0, nil, err
	}
	archived, err := flag(r.URL.Query(), "archived")
	if err != nil {
		return 0, nil, err
	}
	results := []propertyReply{}
	begin := iso(company.At(a.portal.story.Begin))
	for i, q := range o.catalogue.Load().sorted {
		if archived {
			break
		}
		reply := propertyReply{
			UpdatedAt: begin, CreatedAt: begin, Name: q.name, Label: q.label, Type: q.kind, FieldType: q.field,
			GroupName: q.group, Options: []optionReply{}, DisplayOrder: i, Calculated: q.calculated, ExternalOptions: q.outside,
			HubspotDefined: !q.custom, ShowCurrency: q.money, Sensitivity: "non_sensitive",
			Modification: map[string]bool{"archivable": q.custom, "readOnlyDefinition": !q.custom, "readOnlyValue": q.calculated},
		}
		for k, choice := range q.options {
			reply.Options = append(reply.Options, optionReply{Label: choice.label, Value: choice.value, DisplayOrder: k})
		}
		results = append(results, reply)
	}
	return appendJSON(dst, map[string][]propertyReply{"results": results})
}

type teamReply struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Primary bool   `json:"primary"`
}

type ownerReply struct {
	ID             string      `json:"id"`
	Email          string      `json:"email"`
	Type           string      `json:"type"`
	FirstName      string      `json:"firstName"`
	LastName       string      `json:"lastName"`
	UserID         *int64      `json:"userId,omitempty"` // a deactivated owner has none any more
	UserIDInactive int64       `json:"userIdIncludingInactive"`
	CreatedAt      string      `json:"createdAt"`
	UpdatedAt      string      `json:"updatedAt"`
	Archived       bool        `json:"archived"`
	Teams          []teamReply `json:"teams,omitempty"`
}

// owners serves GET /crm/owners/{version}: those who can own today or, asked for
// archived ones, those who no longer can. Nobody is in both lists.
func (a *API) owners(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("crm.objects.owners.read"); err != nil {
		return 0, nil, err
	}
	query := r.URL.Query()
	limit, err := limitOf(query.Get("limit"), ownersPage, 5*ownersPage)
	if err != nil {
		return 0, nil, err
	}
	after, err := readToken(query.Get("after"))
	if err != nil {
		return 0, nil, err
	}
	archived, err := flag(query, "archived")
	if err != nil {
		return 0, nil, err
	}
	email := query.Get("email")
	if _, err := mail.ParseAddress(email); email != "" && err != nil {
		return 0, nil, invalid("Invalid email: %s", email)
	}
	ids := a.portal.owners
	results, more := []ownerReply{}, false
	for _, i := range ids.sorted(a.portal.indices(len(ids.ids), func(i int) bool { return a.isOwner(i, archived) }, ids)) {
		u := a.portal.story.Users[i]
		if ids.ids[i] <= after || email != "" && !strings.EqualFold(email, u.Email) {
			continue
		}
		if more = len(results) == limit; more {
			break
		}
		results = append(results, a.owner(int(i), archived))
	}
	if !more {
		return appendJSON(dst, map[string][]ownerReply{"results": results})
	}
	_, dst, err = appendJSON(append(dst, `{"results":`...), results)
	query.Set("after", token(must(results[len(results)-1].ID)))
	return http.StatusOK, append(appendPaging(dst, query.Get("after"), r.URL.Path+"?"+query.Encode()), '}'), err
}

// must reads an id that this package wrote.
func must(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (a *API) isOwner(i int, archived bool) bool {
	u, now := a.portal.story.Users[i], a.now()
	return u.CreatedAt <= now && (u.LeftAt != 0 && u.LeftAt <= now) == archived
}

func (a *API) owner(i int, archived bool) ownerReply {
	u := a.portal.story.Users[i]
	first, last, _ := strings.Cut(u.Name, " ")
	user := userNumber(i)
	o := ownerReply{
		ID: OwnerID(a.portal.story, i), Email: u.Email, Type: "PERSON", FirstName: first, LastName: last,
		UserID: &user, UserIDInactive: user, CreatedAt: iso(u.CreatedAt), UpdatedAt: iso(u.CreatedAt), Archived: archived,
	}
	if archived {
		o.UserID, o.UpdatedAt = nil, iso(u.LeftAt)
	}
	if team := a.portal.teams[u.Team]; u.Team != "" {
		o.Teams = []teamReply{{ID: strconv.Itoa(team), Name: u.Team, Primary: true}}
	}
	return o
}

// details serves GET /account-info/{version}/details.
func (a *API) details(dst []byte, _ *http.Request) (int, []byte, error) {
	now := a.clock.Now().In(a.portal.zone)
	_, ahead := now.Zone()
	return appendJSON(dst, struct {
		PortalID  int      `json:"portalId"`
		Account   string   `json:"accountType"`
		TimeZone  string   `json:"timeZone"`
		Currency  string   `json:"companyCurrency"`
		Others    []string `json:"additionalCurrencies"`
		Offset    string   `json:"utcOffset"`
		OffsetMs  int      `json:"utcOffsetMilliseconds"`
		UIDomain  string   `json:"uiDomain"`
		DataHosts string   `json:"dataHostingLocation"`
	}{PortalID, "STANDARD", a.portal.zone.String(), a.portal.story.Currency, a.portal.otherCurrencies(), now.Format("-07:00"),
		ahead * msASecond, "app.hubspot.com", "na1"})
}

func (p *portal) otherCurrencies() []string {
	codes := []string{}
	for _, c := range p.story.Currencies {
		codes = append(codes, c.Code)
	}
	return codes
}

// dailyUsage serves GET /account-info/{version}/api-usage/daily/private-apps.
// The count starts anew at midnight in the portal's zone.
func (a *API) dailyUsage(dst []byte, _ *http.Request) (int, []byte, error) {
	used, limit := a.meter.usage()
	now := a.clock.Now().In(a.portal.zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, a.portal.zone)
	type usage struct {
		Name        string `json:"name"`
		UsageLimit  int64  `json:"usageLimit"`
		Current     int64  `json:"currentUsage"`
		CollectedAt string `json:"collectedAt"`
		FetchStatus string `json:"fetchStatus"`
		ResetsAt    string `json:"resetsAt"`
	}
	return appendJSON(dst, map[string][]usage{"results": {{
		"private-apps-api-calls-daily", limit, used, iso(company.At(now)), "SUCCESS", iso(company.At(midnight)),
	}}})
}

// recordLimits serves GET /crm/limits/{version}/records: how many records there
// are of each object, archived ones not counted.
func (a *API) recordLimits(dst []byte, _ *http.Request) (int, []byte, error) {
	const limit = 15_000_000
	type usage struct {
		TypeID     string  `json:"objectTypeId"`
		Singular   string  `json:"singularLabel"`
		Plural     string  `json:"pluralLabel"`
		Limit      int     `json:"limit"`
		Usage      int     `json:"usage"`
		Percentage float64 `json:"percentage"`
	}
	type custom struct {
		ByType     []usage `json:"byObjectType"`
		Limit      int     `json:"overallLimit"`
		Percentage float64 `json:"overallPercentage"`
		Usage      int     `json:"overallUsage"`
	}
	var reply struct {
		Custom  custom  `json:"customObjectTypes"`
		HubSpot []usage `json:"hubspotDefinedObjectTypes"`
	}
	reply.Custom.ByType = []usage{}
	title := func(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
	for _, o := range a.objects {
		n := len(o.view(a.now()).live)
		reply.HubSpot = append(reply.HubSpot, usage{o.typeID, title(o.singular), title(o.name), limit, n, 100 * float64(n) / limit})
	}
	return appendJSON(dst, reply)
}

// Package salesforce is a sandbox CRM that speaks Salesforce's protocol: OAuth client
// credentials, describe, REST queries with locators and Bulk API 2.0 query jobs, as
// Salesforce's documentation and recorded replies describe them, surprises included:
//
//   - Bulk 2.0 writes instants as …Z and quotes everything, REST writes …+0000;
//   - doubles look as Java writes them, 1.25E7 from ten million on;
//   - a page may be shorter than was asked for, and the last locator of a job is "null";
//   - rows of a job come in no order of time;
//   - what field-level security hides is absent, as if it had never been;
//   - deleted rows, and activities older than a year, come only with queryAll.
package sfserver

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"merit/connectors/sandbox/company"
)

// Access is how one signs in.
type Access struct {
	ClientID     string
	ClientSecret string
	Token        string // taken as it is, as an access token from elsewhere
}

// An API is one org. It may be called by many at once.
type API struct {
	story   *company.Company
	clock   company.Clock
	access  Access
	zone    *time.Location
	objects []object
	books   *books
	stages  map[string]*company.Stage
	trouble trouble

	mu      sync.Mutex
	hidden  map[string]bool // "object.field", lower case
	minted  int             // access tokens so far
	used    int             // the last of them that somebody came with
	expired int             // of them, how many are no longer taken
	bearer  *trusted        // nil: no assertion is taken
	refresh string          // the refresh token of now; "": there is none

	rotations int   // of refresh tokens so far
	calls     int64 // of the running day
	day       string
	cursors   map[string]*cursor
	jobs      map[string]*job
	serial    int64         // of cursors and jobs
	purge     time.Duration // deleted records vanish so long after; 0: never
}

// New opens an org that shows the story as of the clock.
func New(story *company.Company, clock company.Clock, access Access) *API {
	zone, err := time.LoadLocation(story.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	kept := booksOf(story)
	a := &API{
		story: story, clock: clock, access: access, zone: zone, objects: catalogue(story, kept), books: kept, stages: map[string]*company.Stage{},
		hidden: map[string]bool{}, cursors: map[string]*cursor{}, jobs: map[string]*job{},
	}
	for i := range story.Stages {
		a.stages[story.Stages[i].Name] = &story.Stages[i]
	}
	return a
}

// Hide takes a field away from the user we are, as field-level security does.
func (a *API) Hide(object, field string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hidden[strings.ToLower(object+"."+field)] = true
}

// Show gives a field back.
func (a *API) Show(object, field string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.hidden, strings.ToLower(object+"."+field))
}

func (a *API) isHidden(object, field string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hidden[strings.ToLower(object+"."+field)]
}

// Purge empties the recycle bin of what was deleted so long ago, now and from now on.
func (a *API) Purge(after time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.purge = after
}

// look gives the story as it can be seen now.
func (a *API) look() *view {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &view{story: a.story, now: company.At(a.clock.Now()), zone: a.zone, stages: a.stages, books: a.books, purge: a.purge}
}

func (a *API) object(name string) *object {
	for i := range a.objects {
		if strings.EqualFold(a.objects[i].name, name) {
			return &a.objects[i]
		}
	}
	return nil
}

// Versions that an org answers to in 2026: those below are retired.
const (
	oldestVersion  = 31
	newestVersion  = 67
	resultPagesMin = 58 // resultPages came with 58.0
	dailyCalls     = 100_000
)

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", a.clock.Now().UTC().Format(http.TimeFormat))
	rest, ok := strings.CutPrefix(r.URL.Path, "/services/")
	switch {
	case !ok:
		notFound().write(w)
	case rest == "oauth2/token":
		a.signIn(w, r)
	case rest == "data" || rest == "data/":
		a.listVersions(w)
	default:
		a.serveVersion(w, r, strings.TrimPrefix(rest, "data/"))
	}
}

func notFound() *refusal {
	return refuse(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

func (a *API) listVersions(w http.ResponseWriter) {
	type version struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	seasons := []string{"Spring", "Summer", "Winter"}
	var versions []version
	for v := oldestVersion; v <= newestVersion; v++ {
		// Summer '26 is 67.0; three versions make a year.
		year := 26 - (newestVersion-v)/3
		versions = append(versions, version{
			Label: fmt.Sprintf("%s '%02d", seasons[v%3], year), URL: fmt.Sprintf("/services/data/v%d.0", v), Version: fmt.Sprintf("%d.0", v),
		})
	}
	writeJSON(w, http.StatusOK, versions)
}

// serveVersion answers what needs a session: vNN.0/resource.
func (a *API) serveVersion(w http.ResponseWriter, r *http.Request, path string) {
	name, rest, _ := strings.Cut(path, "/")
	version := 0
	if _, err := fmt.Sscanf(name, "v%d.0", &version); err != nil || version < oldestVersion || version > newestVersion {
		notFound().write(w)
		return
	}
	if !a.signedIn(r) {
		refuse(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid").write(w)
		return
	}
	if a.strikes(w) {
		return
	}
	used, daily := a.countCall(), a.daily()
	w.Header().Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", used, daily))
	if used > daily {
		refuse(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").write(w)
		return
	}
	if problem := a.route(w, r, version, strings.Trim(rest, "/")); problem != nil {
		problem.write(w)
	}
}

func (a *API) route(w http.ResponseWriter, r *http.Request, version int, path string) *refusal {
	first, rest, _ := strings.Cut(path, "/")
	switch {
	case first == "jobs":
		return a.serveJobs(w, r, version, rest)
	case first == "composite" && rest == "" && r.Method == http.MethodPost:
		return a.serveComposite(w, r, version)
	case r.Method != http.MethodGet:
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are GET", r.Method)
	case first == "limits":
		return a.serveLimits(w)
	case first == "sobjects":
		return a.serveObjects(w, version, rest)
	case first == "query" || first == "queryAll":
		return a.serveQuery(w, r, version, first, rest)
	}
	return notFound()
}

// countCall counts one call of the org's day.
func (a *API) countCall() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if today := a.clock.Now().UTC().Format(time.DateOnly); today != a.day {
		a.day, a.calls = today, 0
	}
	a.calls++
	return a.calls
}

func (a *API) serveLimits(w http.ResponseWriter) *refusal {
	type limit struct{ Max, Remaining int64 }
	a.mu.Lock()
	used, jobs := a.calls, int64(len(a.jobs))
	a.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]limit{
		"DailyApiRequests":              {a.daily(), max(0, a.daily()-used)},
		"DailyBulkV2QueryJobs":          {10_000, 10_000 - jobs},
		"DailyBulkV2QueryFileStorageMB": {976_562, 976_562},
	})
	return nil
}

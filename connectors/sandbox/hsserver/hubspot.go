// Package hubspot is a sandbox CRM that speaks HubSpot's protocol: the dated
// paths of 2026-03 and 2026-09, one portal, read only.
//
// It is a strict CRM, not a convenient one. What HubSpot forgets (all but the
// newest versions of a property), hides (deactivated owners, archived records,
// records younger than the search index), refuses (the 10,001st search result)
// or spells oddly, it forgets, hides, refuses and spells so too.
package hsserver

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"merit/connectors/sandbox/company"
)

// Token is the one access token that the sandbox takes.
const Token = "sandbox-token"

// maxURL is where a request is refused with 414. HubSpot doesn't say where it
// does; Airbyte's connector keeps to 15,000 characters.
const maxURL = 15_000

// An API is a portal on the wire.
type API struct {
	portal  *portal
	clock   company.Clock
	objects []*object
	ties    *ties
	meter   *meter
	mux     *http.ServeMux

	lag       time.Duration
	shortPage int64 // every so manieth page is short; 0: none
	tiesAPage int
	denied    []string

	requests atomic.Int64
	pages    atomic.Int64
	buffers  sync.Pool
	hiding   sync.Mutex
	world    sync.RWMutex // held for writing while something happens

	before     func(*API, *http.Request)
	dailySet   bool
	troubleNth int64
	troubles   []int
	partNth    int64
	batches    atomic.Int64
	late       *lateHistory
	tokens     map[string]time.Time // of OAuth, with their ends
	issued     int64
}

// An Option makes the sandbox more like a certain portal on a certain day.
type Option func(*API)

// Limits enforces the tier's rate limits; without it there are none.
func Limits(t Tier) Option {
	return func(a *API) {
		daily := a.meter.daily
		a.meter.allowance = t.allowance()
		if a.dailySet {
			a.meter.daily = daily
		}
	}
}

// IndexLag lets searches see the portal as it was so long ago. Lists and batch
// reads are not behind.
func IndexLag(d time.Duration) Option {
	return func(a *API) { a.lag = d }
}

// Without takes a scope from the app, such as crm.objects.owners.read.
func Without(scope string) Option {
	return func(a *API) { a.denied = append(a.denied, scope) }
}

// ShortPages makes every nth page of lists and searches half as long as asked
// for though more follow.
func ShortPages(nth int) Option {
	return func(a *API) { a.shortPage = int64(nth) }
}

// AssociationPage sets how many associations of one record come in one reply;
// 500 otherwise.
func AssociationPage(n int) Option {
	return func(a *API) { a.tiesAPage = n }
}

// New gives the story as a HubSpot portal, as it is by the clock.
func New(story *company.Company, clock company.Clock, options ...Option) *API {
	p := newPortal(story)
	a := &API{
		portal: p, clock: clock, objects: p.objects(), ties: newTies(p),
		meter:     &meter{allowance: Unlimited.allowance(), wall: time.Now},
		tiesAPage: 500,
	}
	a.buffers.New = func() any { return new([]byte) }
	p.ties = a.ties
	for _, set := range options {
		set(a)
	}
	a.mux = a.routes()
	return a
}

// A handler appends its reply to dst and gives the status with it, or an error.
type handler func(dst []byte, r *http.Request) (int, []byte, error)

func (a *API) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /crm/objects/{version}/{type}":                        a.list,
		"GET /crm/objects/{version}/{type}/{id}":                   a.one,
		"POST /crm/objects/{version}/{type}/search":                a.search,
		"POST /crm/objects/{version}/{type}/batch/read":            a.batch,
		"POST /crm/associations/{version}/{from}/{to}/batch/read":  a.associations,
		"GET /crm/pipelines/{version}/{type}":                      a.pipelines,
		"GET /crm/properties/{version}/{type}":                     a.properties,
		"GET /crm/owners/{version}":                                a.owners,
		"GET /crm/owners/{version}/{$}":                            a.owners,
		"GET /crm/limits/{version}/records":                        a.recordLimits,
		"GET /crm/pipelines/{version}/{type}/{pipeline}/audit":     a.audit,
		"GET /settings/users/{version}/teams":                      a.teamsOfUsers,
		"GET /account-info/{version}/activity/login":               a.logins,
		"GET /account-info/{version}/activity/audit-logs":          a.auditLogs,
		"GET /forecast-submissions/{version}/events":               a.submissions,
		"GET /settings/currencies/{version}/exchange-rates":        a.rates,
		"POST /deal-splits/{version}/batch/read":                   a.splits,
		"GET /forecast-settings/{version}/forecast-types":          a.forecastTypes,
		"POST /oauth/{version}/token":                              a.token,
		"GET /account-info/{version}/details":                      a.details,
		"GET /account-info/{version}/api-usage/daily/private-apps": a.dailyUsage,
		"/": func([]byte, *http.Request) (int, []byte, error) { return 0, nil, notFound() },
	} {
		h := strict(pattern, h)
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, h) })
	}
	return mux
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func (a *API) serve(w http.ResponseWriter, r *http.Request, h handler) {
	n := a.requests.Add(1)
	correlation := fmt.Sprintf("%08x-5a4d-4b0c-8000-%012x", n, n)
	header := w.Header()
	header.Set("Date", a.clock.Now().UTC().Format(http.TimeFormat))
	header.Set("Content-Type", "application/json;charset=utf-8")
	header.Set("X-HubSpot-Correlation-Id", correlation)

	buffer := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(buffer)
	if a.before != nil {
		a.before(a, r)
	}
	a.world.RLock()
	defer a.world.RUnlock()
	var status int
	var body []byte
	err := a.admit(r, header)
	if err == nil {
		err = a.trouble(n, header)
	}
	if err == nil {
		status, body, err = h((*buffer)[:0], r)
	}
	if err != nil {
		f := new(fault)
		if !errors.As(err, &f) {
			f = &fault{code: http.StatusInternalServerError, Message: err.Error()}
		}
		answer := *f
		answer.Status, answer.CorrelationID = "error", correlation
		if answer.PolicyName != "" {
			answer.RequestID = correlation
		}
		status, body = f.code, appendFault((*buffer)[:0], &answer)
	}
	*buffer = body
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that hung up is nobody's fault
}

// admit refuses a request that no handler should see.
func (a *API) admit(r *http.Request, header http.Header) error {
	if len(r.RequestURI) > maxURL {
		return &fault{code: http.StatusRequestURITooLong, Message: "URI Too Long"}
	}
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/oauth/") {
		return nil
	}
	if err := a.signedIn(r.Header.Get("Authorization")); err != nil {
		return err
	}
	day := a.clock.Now().In(a.portal.zone).Format(time.DateOnly)
	if refusal := a.meter.take(strings.HasSuffix(r.URL.Path, "/search"), day, header); refusal != nil {
		return refusal
	}
	if v := strings.TrimSuffix(r.PathValue("version"), "-beta"); v != "" && v != "2026-03" && v != "2026-09" {
		return notFound()
	}
	return nil
}

func (a *API) signedIn(authorization string) error {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok || token == "" {
		return unsigned()
	}
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return malformedToken()
		}
	}
	if token != Token && !a.isIssued(token) {
		return unsigned()
	}
	return nil
}

// Hide takes a property from what the app can see, as field permissions do: it
// is in no catalogue and no record, and a search by it is refused.
func (a *API) Hide(object, property string) {
	a.hiding.Lock()
	defer a.hiding.Unlock()
	for _, o := range a.objects {
		if o.called(object) {
			o.catalogue.Store(o.catalogue.Load().without(property))
		}
	}
}

// object finds the record type that a path names, if the app may read it.
func (a *API) object(name string) (*object, error) {
	i := slices.IndexFunc(a.objects, func(o *object) bool { return o.called(name) })
	if i < 0 {
		return nil, unknownObject(name)
	}
	return a.objects[i], a.granted(a.objects[i].scope)
}

func (a *API) granted(scope string) error {
	if slices.Contains(a.denied, scope) {
		return missingScope(scope)
	}
	return nil
}

func (a *API) now() company.Instant { return company.At(a.clock.Now()) }

// Package sandbox is a CRM on this machine that speaks Salesforce's and HubSpot's
// protocols over one company's story: for trying Merit without an account, and for
// tests that know the truth.
//
// Time stands still in it until it is told to go on, so that a test says when
// something changes and no reply depends on when it was asked for.
package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
	"merit/connectors/sandbox/sfserver"
)

// How one signs in; anything else is refused as the real CRM refuses it.
const (
	ClientID     = "sandbox-client"
	ClientSecret = "sandbox-secret"
	Token        = hsserver.Token
)

// A Sandbox serves both protocols at one address.
type Sandbox struct {
	story      *company.Company
	clock      *Clock
	salesforce *sfserver.API
	hubspot    *hsserver.API
	latency    time.Duration
	portal     []hsserver.Option
	refusals   refusals
}

// An Option makes the sandbox more like a certain CRM on a certain day.
type Option func(*Sandbox)

// Latency lets every reply wait so long, as a CRM at the other end of a wire does.
func Latency(d time.Duration) Option { return func(s *Sandbox) { s.latency = d } }

// Portal sets what HubSpot's side enforces: its limits, its index lag.
func Portal(options ...hsserver.Option) Option {
	return func(s *Sandbox) { s.portal = append(s.portal, options...) }
}

// New opens a sandbox in which it is story.Now.
func New(story *company.Company, options ...Option) *Sandbox {
	s := &Sandbox{story: story, clock: &Clock{now: story.Now}}
	for _, set := range options {
		set(s)
	}
	s.salesforce = sfserver.New(story, s.clock, sfserver.Access{ClientID: ClientID, ClientSecret: ClientSecret, Token: Token})
	s.hubspot = hsserver.New(story, s.clock, s.portal...)
	return s
}

// Clock is the sandbox's own; it stands still until it is told to go on.
func (s *Sandbox) Clock() *Clock { return s.clock }

// Company is the story that the sandbox tells.
func (s *Sandbox) Company() *company.Company { return s.story }

// Salesforce is the side that speaks Salesforce's protocol, with its truth.
func (s *Sandbox) Salesforce() *sfserver.API { return s.salesforce }

// HubSpot is the side that speaks HubSpot's protocol, with its truth.
func (s *Sandbox) HubSpot() *hsserver.API { return s.hubspot }

// Hide takes a field away from the user we are: Hide("Opportunity", "Amount") at
// Salesforce, Hide("deals", "amount") at HubSpot.
func (s *Sandbox) Hide(object, field string) {
	s.salesforce.Hide(object, field)
	s.hubspot.Hide(object, field)
}

// A Clock is frozen time.
type Clock struct {
	mu  sync.RWMutex
	now time.Time
}

// Now is the sandbox's present.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now
}

// Advance moves the present on; it never goes back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(0, d))
}

func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	if command, ours := strings.CutPrefix(r.URL.Path, "/sandbox/"); ours {
		s.command(w, r, command)
		return
	}
	if !pause(r.Context(), s.latency) {
		return
	}
	if s.refuse(w, r) {
		return
	}
	if strings.HasPrefix(r.URL.Path, "/services/") {
		s.salesforce.ServeHTTP(w, r)
		return
	}
	s.hubspot.ServeHTTP(w, r)
}

// pause waits, unless the caller goes away meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Truth is how many records a reader of each side should find now, by object, the
// deleted and archived ones too as long as the CRM shows them.
type Truth struct {
	Now        time.Time      `json:"now"`
	Salesforce map[string]int `json:"salesforce"`
	HubSpot    map[string]int `json:"hubspot"`
}

// Truth counts what a reader of each side should find.
func (s *Sandbox) Truth() Truth {
	return Truth{Now: s.clock.Now(), Salesforce: s.salesforce.Counts(), HubSpot: s.hubspot.Counts()}
}

// command answers the sandbox's own addresses, which no CRM has.
func (s *Sandbox) command(w http.ResponseWriter, r *http.Request, command string) {
	want := http.MethodPost
	if command == "truth" {
		want = http.MethodGet
	}
	if r.Method != want {
		reply(w, http.StatusMethodNotAllowed, map[string]string{"error": fmt.Sprintf("/sandbox/%s takes %s", command, want)})
		return
	}
	if err := s.obey(command, r); err != nil {
		reply(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	if command == "truth" {
		reply(w, http.StatusOK, s.Truth())
		return
	}
	reply(w, http.StatusOK, map[string]time.Time{"now": s.clock.Now()})
}

func (s *Sandbox) obey(command string, r *http.Request) error {
	query := r.URL.Query()
	switch command {
	case "truth":
		return nil
	case "advance":
		days, err := strconv.Atoi(query.Get("days"))
		if err != nil || days < 0 {
			return fmt.Errorf("days=%q is not a number of days, such as /sandbox/advance?days=7", query.Get("days"))
		}
		s.clock.Advance(time.Duration(days) * 24 * time.Hour)
	case "hide":
		object, field := query.Get("object"), query.Get("field")
		if object == "" || field == "" {
			return fmt.Errorf("which field? /sandbox/hide?object=Opportunity&field=Amount")
		}
		s.Hide(object, field)
	case "refuse":
		status, err := strconv.Atoi(query.Get("status"))
		if err != nil || query.Get("call") == "" || status != 0 && (status < 200 || status > 599) {
			return fmt.Errorf("which calls, and how? /sandbox/refuse?call=/forecast-submissions&status=400; status=0 ends it")
		}
		s.Refuse(query.Get("call"), status, query.Get("body"))
	case "expire":
		s.salesforce.Expire()
	default:
		return fmt.Errorf("/sandbox/%s: there are advance, hide, refuse, expire and truth", command)
	}
	return nil
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The caller may have gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// Package hubspot reads one HubSpot portal: deals with the history of their
// properties and their associations, companies, contacts, activities, owners and
// pipelines.
//
// Whatever finds a record (the list, the archived list, a search), deals are read
// by POST batch/read, where no number of properties makes a URL too long. What is
// particular about the API, and what is done about it, stands numbered in README.md.
package hubspot

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/incremental"
	"merit/connectors/rest"
)

//go:embed views/*.sql
var views embed.FS

// The dated versions that have every path we call. Each is supported for 18
// months; v3 and v4 end in 2027 (HubSpot's API reference, "Versioning").
func versions() []string { return []string{"2026-09", "2026-03"} }

// Connector gives the connector by which merit.yml names this CRM.
func Connector() connectors.Connector {
	sub, err := fs.Sub(views, "views")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	return connectors.Connector{
		Name:  "hubspot",
		Title: "HubSpot",
		Settings: []connectors.Setting{
			{Name: "token", Secret: true, Help: "A service key or private-app token, such as ${HUBSPOT_TOKEN}; README.md lists the scopes it needs."},
			{Name: "client_id", Help: "The client id of an OAuth app, instead of token."},
			{Name: "client_secret", Secret: true, Help: "The OAuth app's secret, such as ${HUBSPOT_CLIENT_SECRET}."},
			{Name: "refresh_token", Secret: true, Help: "What the OAuth app got when it was installed, such as ${HUBSPOT_REFRESH_TOKEN}."},
			{Name: "endpoint", Default: "https://api.hubapi.com", Help: "The API's host; only sandboxes have another, such as http://127.0.0.1:8080."},
			{Name: "api_version", Default: versions()[0], Help: "The dated version of the API to speak: 2026-09 or 2026-03."},
			{Name: "tier", Default: "professional", Help: "The subscription that sets the rate limit: free, professional, enterprise, or unlimited for a sandbox."},
			{Name: "properties", List: true, Help: "Properties to read besides those that Merit needs, such as deals.renewal_date."},
			{Name: "history", List: true, Help: "Properties whose history is read too, such as deals.renewal_date."},
			{Name: "objects", List: true, Help: "Custom objects to read, such as p123_machine; or one that may be missing otherwise, such as leads, which then must not."},
			{Name: "daily_share", Default: "60%", Help: "Share of the account's calls of the day, all apps' together, at which reading stops until tomorrow, such as 60%; 100% is no limit of ours."},
			{Name: "sweep", Was: "reconcile", Default: "24h", Help: "How often everything is listed, by which is found what was purged, merged or linked without a trace, such as 24h; 0 is never."},
			{Name: "lookback", Default: "60m", Help: "By how much each reading overlaps the one before, such as 60m; HubSpot's search shows changes late."},
		},
		Views:  sub,
		People: people(),
		Open:   open,
		Stands: stands,
		Idled:  idled,
	}
}

// longestLookback is a week: whoever needs more sweeps.
const longestLookback = 7 * 24 * time.Hour

// A portal is one HubSpot account, signed in.
type portal struct {
	incremental.WarningList
	incremental.Listing
	incremental.Choice
	api      *rest.API
	version  string        // 2026-09
	objects  []object      // with what merit.yml adds
	lookback time.Duration // by which readings overlap
	sweep    time.Duration // between two sweeps of all ids; 0: never
	day      *day
	refused  map[string]error // soft streams that can't be read today, and why
	bodies   *bodies
	pace     *pace
	// Calls for the associations of many records at once are rejected here.
	isCareful atomic.Bool
	seen      atomic.Int64 // HubSpot's clock at some reply, epoch ms; 0: there was none
	opened    atomic.Int64 // the same before anything was read
}

func open(_ context.Context, v connectors.Values) (connectors.Source, error) {
	wire := http.DefaultTransport.(*http.Transport).Clone()
	wire.MaxIdleConnsPerHost = 2 * callsAtOnce // streams are read side by side
	return openOver(wire, v)
}

// openOver opens the account over a wire of the caller's.
func openOver(wire http.RoundTripper, v connectors.Values) (*portal, error) {
	base, err := endpoint(v.Text("endpoint"))
	if err != nil {
		return nil, err
	}
	k, err := keyOf(v)
	if err != nil {
		return nil, err
	}
	version := v.Text("api_version")
	if !slices.Contains(versions(), version) {
		return nil, fault.Errorf(fault.You, "hubspot: api_version is %q, but must be one of %s", version, strings.Join(versions(), ", "))
	}
	share, err := incremental.Percent("hubspot", v, "daily_share", "60%")
	if err != nil {
		return nil, err
	}
	p := &portal{version: version, day: &day{share: share}, bodies: newBodies()}
	p.pace, err = paceOf(v.Text("tier"), p.day, wire)
	if err != nil {
		return nil, err
	}
	kept, err := withCustom(objects(), v.List("objects"))
	if err != nil {
		return nil, err
	}
	if p.objects, err = withExtras(kept, v.List("properties"), v.List("history")); err != nil {
		return nil, err
	}
	if p.lookback, err = incremental.Duration("hubspot", v, "lookback", "60m", longestLookback); err != nil {
		return nil, err
	}
	if p.sweep, err = incremental.Duration("hubspot", v, "sweep", "24h", recycled); err != nil {
		return nil, err
	}
	k.api = rest.Open(rest.Config{Name: "hubspot", Base: base, Judge: judgeSignIn, Transport: wire})
	p.api = rest.Open(rest.Config{
		Name:      "hubspot",
		Base:      base,
		SignIn:    k.signIn,
		Judge:     k.judge,
		Refuses:   isRefusal,
		Observe:   p.look,
		Transport: guard{k, p.pace},
	})
	return p, nil
}

// Usage is what the account has used of its calls of the day, by the headers of
// the replies. All apps of the account share them.
func (p *portal) Usage() connectors.Usage { return p.day.usage() }

// path is a place in the version we speak; the version stands after the API's
// name: /crm/objects/2026-09/deals.
func (p *portal) path(api string, rest ...string) string {
	return "/" + strings.Join(append([]string{api, p.version}, rest...), "/")
}

func endpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fault.Errorf(fault.You, "hubspot: endpoint is %q, but must be an address such as https://api.hubapi.com", text)
	}
	if u.Scheme == "http" && !rest.IsLoopback(u.Hostname()) {
		return nil, fault.Errorf(fault.You,
			"hubspot: endpoint %s would send the token unencrypted; write https:// (http:// is for a sandbox on this machine)", u.Redacted())
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fault.Errorf(fault.You, "hubspot: endpoint must be the host alone, such as %s://%s", u.Scheme, u.Host)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

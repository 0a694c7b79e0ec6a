// Package salesforce reads one Salesforce org: its objects by Bulk API 2.0 and by
// REST, with the history that Salesforce keeps beside them.
//
// What is particular about that API, and what is done about it, stands numbered in
// README.md.
package salesforce

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
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

// Connector gives the connector by which merit.yml names this CRM.
func Connector() connectors.Connector {
	sub, err := fs.Sub(views, "views")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	return connectors.Connector{
		Name:     "salesforce",
		Title:    "Salesforce",
		Settings: allSettings(),
		Views:    sub,
		People:   people(),
		Open:     open,
		Stands:   stands,
		Idled:    idled,
	}
}

// allSettings are what merit.yml may say of an org.
func allSettings() []connectors.Setting {
	return []connectors.Setting{
		{Name: "endpoint", Required: true, Help: "The org's My Domain address, such as https://acme.my.salesforce.com (a sandbox: https://acme--uat.sandbox.my.salesforce.com)."},
		{Name: "client_id", Help: "Consumer key of an External Client App with the client credentials flow, such as ${SALESFORCE_CLIENT_ID}."},
		{Name: "client_secret", Secret: true, Help: "Consumer secret of the same app, such as ${SALESFORCE_CLIENT_SECRET}."},
		{Name: "private_key", Secret: true, Help: "RSA key in PEM form of the certificate that the app knows, such as file:/etc/merit/salesforce.pem; signs in by JWT bearer instead of client_secret."},
		{Name: "username", Help: "Whose session a private_key opens, such as merit@acme.com."},
		{Name: "audience", Help: "For whom a private_key signs: https://login.salesforce.com, or https://test.salesforce.com for a sandbox org."},
		{Name: "token_file", Help: "A file with a refresh token, such as secrets/salesforce.token; rewritten whenever Salesforce gives a new one."},
		{Name: "access_token", Secret: true, Help: "A session instead of client_id and client_secret, such as ${SALESFORCE_ACCESS_TOKEN}; good for trials, since it ends after some hours."},
		{Name: "api_version", Default: "v67.0", Help: "The version of the API to speak, v58.0 or later."},
		{Name: "daily_share", Default: usualShare, Help: "Share of the org's daily API calls, all integrations' together, at which reading stops until the next run, such as 80%; 100% is no limit of ours."},
		{Name: "refresh", Default: "24h", Help: "How often an object with formula fields among those read is read as a whole, such as 24h; 0 is never."},
		{Name: "sweep", Default: "168h", Help: "How often all ids are listed, by which records are found that left the recycle bin before their deletion was seen, such as 168h; 0 is never."},
		{Name: "objects", List: true, Help: "Objects to read with all their fields besides those that Merit needs, such as Case or Renewal__c; a question mark says that the org may not have it: Renewal__c?."},
		{Name: "fields", List: true, Help: "Fields to read besides those that Merit needs, such as Opportunity.Partner__c."},
	}
}

// An account is one org, signed in as its integration user.
type account struct {
	api     *rest.API
	version string              // v67.0
	extra   map[string][]string // fields that merit.yml asks for, by object
	more    []object            // that merit.yml asks for
	budget  *budget
	bulk    bulkBudget
	pace    pace
	refresh time.Duration // between two readings of what has formulas; 0: none after the first
	sweep   time.Duration // between two lists of all ids; 0: none
	shown   shown
	broken  map[string]error          // streams whose describe failed, and why
	opened  atomic.Pointer[time.Time] // by the server's clock, before anything was read
	incremental.WarningList
	incremental.Listing
	incremental.Choice
}

// A pace is how much is asked for at once and how long is waited.
type pace struct {
	pageRows int           // of a page of a Bulk result
	partRows int           // are given at once
	bulkFrom int64         // an increment of more rows goes by Bulk
	pollFrom time.Duration // first pause between two looks at a job; doubles
	pollTo   time.Duration
	stalled  time.Duration // a job that shows no progress for so long is given up
}

func usualPace() pace {
	return pace{
		// A huge page takes long to arrive and is lost as a whole, a small one costs a
		// call; clients that do this for a living ask for 25,000 to 100,000 rows.
		pageRows: 25_000,
		partRows: 4_096,  // twice as many take half as much memory again, and no less time
		bulkFrom: 10_000, // five REST pages; from there on a job needs fewer calls
		pollFrom: 100 * time.Millisecond,
		pollTo:   30 * time.Second,
		stalled:  2 * time.Hour,
	}
}

func open(_ context.Context, v connectors.Values) (connectors.Source, error) {
	return openOver(nil, v)
}

// openOver opens an account whose calls go over a transport; nil is the network.
func openOver(transport http.RoundTripper, v connectors.Values) (*account, error) {
	base, err := endpoint(v.Text("endpoint"))
	if err != nil {
		return nil, err
	}
	a := &account{pace: usualPace()}
	if err := a.set(v); err != nil {
		return nil, err
	}
	signIn, err := signInBy(v, base, transport)
	if err != nil {
		return nil, err
	}
	a.api = rest.Open(rest.Config{
		Name:      "salesforce",
		Base:      base,
		SignIn:    signIn.token,
		Judge:     judge{canSignIn: signIn.again, budget: a.budget}.verdict,
		Refuses:   isRefusal,
		Observe:   a.budget.observe,
		Transport: guard{next: orNetwork(transport), budget: a.budget},
	})
	return a, nil
}

// set takes what merit.yml says of reading.
func (a *account) set(v connectors.Values) (err error) {
	if a.version, err = apiVersion(v.Text("api_version")); err != nil {
		return err
	}
	if a.extra, err = extraFields(v.List("fields")); err != nil {
		return err
	}
	if a.more, err = configured(v.List("objects")); err != nil {
		return err
	}
	if a.refresh, err = incremental.Duration("salesforce", v, "refresh", "24h", longest); err != nil {
		return err
	}
	if a.sweep, err = incremental.Duration("salesforce", v, "sweep", "168h", longest); err != nil {
		return err
	}
	share, err := incremental.Percent("salesforce", v, "daily_share", usualShare)
	a.budget, a.bulk.share = &budget{share: share}, share
	return err
}

// longest is a year: what is done less often is not done.
const longest = 366 * 24 * time.Hour

// Usage is what the org has used of its API calls of the last 24 hours, by the
// header that every reply carries.
func (a *account) Usage() connectors.Usage { return a.budget.usage() }

// path is the place of a resource in the version we speak.
func (a *account) path(parts ...string) string {
	return "/services/data/" + a.version + "/" + strings.Join(parts, "/")
}

func endpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fault.Errorf(fault.You,
			"salesforce: endpoint is %q, but must be an address such as https://acme.my.salesforce.com", text)
	}
	if u.Scheme == "http" && !rest.IsLoopback(u.Hostname()) {
		return nil, fault.Errorf(fault.You,
			"salesforce: endpoint %s would send the sign-in unencrypted; write https:// (http:// is for a sandbox on this machine)", u.Redacted())
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fault.Errorf(fault.You,
			"salesforce: endpoint must be the host alone, such as %s://%s", u.Scheme, u.Host)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// oldestVersion has the last thing we need: opaque Bulk locators came with v49,
// OpportunityHistory.PrevAmount with v50, result pages with v58 (Salesforce's Bulk
// API 2.0 and object references).
const (
	newestKnown   = "v67.0"
	oldestVersion = 58
)

func apiVersion(text string) (string, error) {
	if text == "" {
		return newestKnown, nil
	}
	major, ok := strings.CutSuffix(strings.TrimPrefix(text, "v"), ".0")
	number, err := strconv.Atoi(major)
	if !ok || err != nil {
		return "", fault.Errorf(fault.You, "salesforce: api_version is %q, but must look like %s", text, newestKnown)
	}
	if number < oldestVersion {
		return "", fault.Errorf(fault.You, "salesforce: api_version %s is too old; v%d.0 is the oldest that gives what Merit reads", text, oldestVersion)
	}
	return "v" + major + ".0", nil
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// extraFields sorts "Opportunity.Partner__c" by object. Names that are not plain
// identifiers never reach a query.
func extraFields(list []string) (map[string][]string, error) {
	extra := map[string][]string{}
	for _, entry := range list {
		name, field, ok := strings.Cut(entry, ".")
		if !ok || !fieldName.MatchString(field) {
			return nil, fault.Errorf(fault.You, "salesforce: fields has %q, but each must look like Opportunity.Partner__c", entry)
		}
		o, known := objectNamed(name)
		if !known {
			return nil, fault.Errorf(fault.You, "salesforce: fields has %q, but %s is not among the objects that are read: %s", entry, name, objectNames())
		}
		if !slices.Contains(extra[o.name], field) {
			extra[o.name] = append(extra[o.name], field)
		}
	}
	return extra, nil
}

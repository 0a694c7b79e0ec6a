package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestSignIn(t *testing.T) {
	t.Run("by client credentials at the org's own address", func(t *testing.T) {
		o := newOrg(t)
		if _, err := o.open().now(context.Background()); err != nil {
			t.Fatal(err)
		}
		minted := o.to("POST /services/oauth2/token")
		if len(minted) != 1 {
			t.Fatalf("signed in %d times", len(minted))
		}
		form, err := url.ParseQuery(minted[0].body)
		if err != nil {
			t.Fatal(err)
		}
		if form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "consumer-key" || form.Get("client_secret") != "hunter2" {
			t.Errorf("the form was %q", minted[0].body)
		}
		if minted[0].token != "" {
			t.Error("the sign-in itself carried a token")
		}
		if got := o.to("GET /services/data")[0].token; got != "00Dtoken" {
			t.Errorf("calls carry the token %q", got)
		}
	})

	t.Run("a ready token asks nobody", func(t *testing.T) {
		o := newOrg(t)
		a, err := openOver(o, connectors.Values{"endpoint": {"https://acme.my.salesforce.com"}, "access_token": {"00Dready"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.now(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(o.to("POST /services/oauth2/token")) != 0 || o.to("GET /services/data")[0].token != "00Dready" {
			t.Errorf("calls: %+v", o.calls)
		}
	})

	t.Run("a session that ended is renewed once for all who met it", func(t *testing.T) {
		o := newOrg(t)
		o.on("GET /services/data", refuses(401, "INVALID_SESSION_ID", "Session expired or invalid"), gives(`[{"version":"67.0"}]`))
		o.on("POST /services/oauth2/token",
			gives(`{"access_token":"first","instance_url":"https://acme.my.salesforce.com"}`),
			gives(`{"access_token":"second","instance_url":"https://acme.my.salesforce.com"}`))
		if _, err := o.open().Streams(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := len(o.to("POST /services/oauth2/token")); got != 2 {
			t.Errorf("signed in %d times, not twice", got)
		}
		for _, c := range o.to("GET /services/data/v67.0/sobjects/Account/describe") {
			if c.token != "second" {
				t.Errorf("a call still carries %q", c.token)
			}
		}
	})

	t.Run("a ready token that ended is the person's to replace", func(t *testing.T) {
		o := newOrg(t)
		o.on("GET /services/data", refuses(401, "INVALID_SESSION_ID", "Session expired or invalid"))
		a, err := openOver(o, connectors.Values{"endpoint": {"https://acme.my.salesforce.com"}, "access_token": {"00Dready"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.now(context.Background())
		mends(t, err, fault.You, "access_token", "expired")
		if strings.Contains(err.Error(), "00Dready") {
			t.Errorf("the token is in the error: %v", err)
		}
	})
}

func TestSignInRefused(t *testing.T) {
	for _, c := range []struct{ body, word string }{
		{`{"error":"invalid_client","error_description":"invalid client credentials"}`, "client_secret"},
		{`{"error":"invalid_client_id","error_description":"client identifier invalid"}`, "client_id is not known"},
		{`{"error":"invalid_grant","error_description":"no client credentials user enabled"}`, "run-as user"},
		{`{"error":"invalid_grant","error_description":"request not supported on this domain"}`, "My Domain"},
		{`{"error":"inactive_org","error_description":"organization is not active"}`, "not active"},
	} {
		t.Run(c.word, func(t *testing.T) {
			o := newOrg(t)
			o.on("POST /services/oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(400)
				w.Write([]byte(c.body))
			})
			_, err := o.open().Streams(context.Background())
			mends(t, err, fault.You, c.word)
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the secret is in the error: %v", err)
			}
			if got := len(o.to("POST /services/oauth2/token")); got != 1 {
				t.Errorf("asked %d times with the same wrong secret", got)
			}
		})
	}
}

func TestSignInWhenSalesforceIsUnwell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(t)
		o.on("POST /services/oauth2/token", refuses(503, "SERVER_UNAVAILABLE", "busy"),
			gives(`{"access_token":"late","instance_url":"https://acme.my.salesforce.com"}`))
		if _, err := o.open().now(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestInstanceURL(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "acme.my.salesforce.com"}
	for _, c := range []struct{ said, want string }{
		{"", "https://acme.my.salesforce.com"},
		{"https://acme.my.salesforce.com", "https://acme.my.salesforce.com"},
		{"https://na139.salesforce.com", "https://na139.salesforce.com"},
		{"https://acme.file.force.com", "https://acme.file.force.com"},
		{"https://evil.example", ""},
		{"https://salesforce.com.evil.example", ""},
		{"https://evilsalesforce.com", ""},
		{"http://na139.salesforce.com", ""},
		{"https://na139.salesforce.com:8443", ""},
		{"https://user@evil.example/x.salesforce.com", ""},
	} {
		got, err := instanceURL(c.said, base)
		if c.want == "" {
			if err == nil {
				t.Errorf("%q is accepted as %s", c.said, got)
			}
			continue
		}
		if err != nil || got.String() != c.want {
			t.Errorf("%q gives %v, %v; want %s", c.said, got, err, c.want)
		}
	}
	local := &url.URL{Scheme: "http", Host: "127.0.0.1:4711"}
	if got, err := instanceURL("http://127.0.0.1:4711", local); err != nil || got.Host != local.Host {
		t.Errorf("a sandbox on this machine gives %v, %v", got, err)
	}
	if got, err := instanceURL("http://127.0.0.1:9", local); err == nil {
		t.Errorf("another port on this machine is accepted as %s", got)
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		name string
		v    connectors.Values
		word string
	}{
		{"no endpoint", settings("endpoint", ""), ""},
		{"endpoint without scheme", connectors.Values{"endpoint": {"acme.my.salesforce.com"}, "access_token": {"x"}}, "https://acme.my.salesforce.com"},
		{"unencrypted endpoint", connectors.Values{"endpoint": {"http://acme.my.salesforce.com"}, "access_token": {"x"}}, "unencrypted"},
		{"endpoint with a path", connectors.Values{"endpoint": {"https://acme.my.salesforce.com/services"}, "access_token": {"x"}}, "host alone"},
		{"login host with client credentials", connectors.Values{"endpoint": {"https://login.salesforce.com"}, "client_id": {"x"}, "client_secret": {"y"}}, "My Domain"},
		{"no sign-in", connectors.Values{"endpoint": {"https://acme.my.salesforce.com"}}, "client_id and client_secret"},
		{"both sign-ins", settings("access_token", "x"), "not several"},
		{"version before what is needed", settings("api_version", "v50.0"), "too old"},
		{"version that is none", settings("api_version", "latest"), "must look like v67.0"},
		{"field without object", settings("fields", "Partner__c"), "Opportunity.Partner__c"},
		{"field of an object that is not read", settings("fields", "Case.Reason"), "Case is not among"},
		{"field that is SOQL", settings("fields", "Opportunity.Id FROM User"), "must look like"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "no endpoint" {
				delete(c.v, "endpoint")
			}
			_, err := openOver(newOrg(t), c.v)
			mends(t, err, fault.You, c.word)
		})
	}
}

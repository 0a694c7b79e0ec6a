package hubspot

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

const (
	// The token endpoint that goes on after February 2027, when those of v1 end
	// (changelog, "v1 OAuth API deprecation"). It takes a form, and nothing in the
	// URL. Its version is its own: it does not follow that of the objects.
	oauthPath = "/oauth/2026-03/token"
	// A token lives for 30 minutes (OAuth guide). It is renewed before that, for a
	// call that is under way when it dies is a call lost.
	renewalMargin = 3 * time.Minute
)

// A key is how an account is entered: by a token that a person made, or by one
// that OAuth renews.
type key struct {
	token   connectors.Secret // of a service key or private app; empty with OAuth
	client  string
	secret  connectors.Secret
	refresh connectors.Secret
	api     *rest.API // for signing in

	mu      sync.Mutex
	current string // the access token of OAuth
	renewAt time.Time
}

func keyOf(v connectors.Values) (*key, error) {
	k := &key{token: v.Secret("token"), client: v.Text("client_id"), secret: v.Secret("client_secret"), refresh: v.Secret("refresh_token")}
	given := 0
	for _, isGiven := range []bool{k.client != "", !k.secret.IsEmpty(), !k.refresh.IsEmpty()} {
		if isGiven {
			given++
		}
	}
	switch {
	case k.token.IsEmpty() && given == 0:
		return nil, fault.Errorf(fault.You, "hubspot: token is empty; give a service key or private-app token, such as ${HUBSPOT_TOKEN}, "+
			"or client_id, client_secret and refresh_token of an OAuth app")
	case !k.token.IsEmpty() && given > 0:
		return nil, fault.Errorf(fault.You, "hubspot: give either token or client_id, client_secret and refresh_token, not both")
	case k.token.IsEmpty() && given < 3:
		return nil, fault.Errorf(fault.You, "hubspot: OAuth needs client_id, client_secret and refresh_token, all three")
	}
	return k, nil
}

func (k *key) isOAuth() bool { return k.token.IsEmpty() }

// signIn gives the token. Package rest sees to it that one caller at a time asks.
func (k *key) signIn(ctx context.Context) (rest.Token, error) {
	if !k.isOAuth() {
		return rest.Token{Secret: k.token}, nil
	}
	var reply struct {
		Token   string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Seconds int64  `json:"expires_in"`
	}
	sent := time.Now()
	err := k.api.JSON(ctx, rest.Call{Method: http.MethodPost, Path: oauthPath, Form: url.Values{
		"grant_type": {"refresh_token"}, "client_id": {k.client},
		"client_secret": {k.secret.Reveal()}, "refresh_token": {k.refresh.Reveal()},
	}}, &reply)
	if err != nil {
		return rest.Token{}, err
	}
	if reply.Token == "" {
		return rest.Token{}, fault.Errorf(fault.Them, "hubspot: the sign-in gave no access token")
	}
	if reply.Refresh != "" {
		k.refresh = connectors.NewSecret(reply.Refresh) // only ever here, one caller at a time
	}
	life := time.Duration(reply.Seconds) * time.Second
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current, k.renewAt = reply.Token, sent.Add(life-min(renewalMargin, life/2))
	return rest.Token{Secret: connectors.NewSecret(reply.Token)}, nil
}

// isOld tells whether a request carries a token that is about to die.
func (k *key) isOld(r *http.Request) bool {
	if !k.isOAuth() {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && token == k.current && !time.Now().Before(k.renewAt)
}

// A guard keeps requests with an old token from the wire, and answers them itself
// as HubSpot soon would. So renewing early and renewing late are one path.
type guard struct {
	key  *key
	wire http.RoundTripper
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.key.isOld(r) {
		return g.wire.RoundTrip(r)
	}
	if r.Body != nil {
		r.Body.Close()
	}
	return &http.Response{
		Status: "401 Unauthorized", StatusCode: http.StatusUnauthorized, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"status":"error","message":"the access token is about to expire"}`)),
	}, nil
}

// judge is HubSpot's, but for a token that can be renewed.
func (k *key) judge(f rest.Failure) rest.Verdict {
	v := judge(f)
	if f.Status == http.StatusUnauthorized && k.isOAuth() {
		v.Act = rest.SignInAgain
	}
	return v
}

// judgeSignIn: whoever is not let in has to mend it.
func judgeSignIn(f rest.Failure) rest.Verdict {
	switch f.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return rest.Verdict{Act: rest.Fail, Err: connectors.OfAccount(fault.Errorf(fault.You,
			"HubSpot refuses the sign-in (%d: %s); are client_id, client_secret and refresh_token right, and is the app still installed?",
			f.Status, complaintIn(f.Body).said()))}
	}
	return judge(f)
}

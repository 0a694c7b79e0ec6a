package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A signIn is how tokens are had.
type signIn struct {
	token func(context.Context) (rest.Token, error)
	again bool // a session that has ended can be replaced
}

// signInBy chooses what the settings give: a ready token, a refresh token, a key that
// signs, or client credentials. There is no SOAP login: v65 dropped it and Summer '27
// retires it.
func signInBy(v connectors.Values, base *url.URL, transport http.RoundTripper) (signIn, error) {
	ready, key, id := v.Secret("access_token"), v.Secret("private_key"), v.Secret("client_id")
	secret, file := v.Secret("client_secret"), v.Text("token_file")
	desk := tokenDesk{
		api:  rest.Open(rest.Config{Name: "salesforce", Base: base, Judge: judgeSignIn, Transport: transport}),
		base: base, id: id, secret: secret,
	}
	ways := 0
	for _, given := range []bool{!ready.IsEmpty(), file != "", !key.IsEmpty()} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1 || !ready.IsEmpty() && (!id.IsEmpty() || !secret.IsEmpty()):
		return signIn{}, fault.Errorf(fault.You,
			"salesforce: give either access_token, or client_id and client_secret, or client_id and private_key, or client_id and token_file, not several")
	case !ready.IsEmpty():
		return signIn{token: func(context.Context) (rest.Token, error) { return rest.Token{Secret: ready}, nil }}, nil
	case id.IsEmpty() || ways == 0 && secret.IsEmpty():
		return signIn{}, fault.Errorf(fault.You,
			"salesforce: client_id and client_secret of an External Client App are needed to sign in (or client_id with private_key or token_file, or an access_token)")
	case file != "":
		return signIn{token: refresh{desk: desk, file: file}.token, again: true}, nil
	case !key.IsEmpty():
		by, err := bearerBy(desk, v)
		return signIn{token: by.token, again: true}, err
	case isSharedLogin(base.Hostname()):
		return signIn{}, fault.Errorf(fault.You,
			"salesforce: endpoint %s can't issue tokens by client credentials; write the org's own My Domain, such as https://acme.my.salesforce.com", base)
	}
	return signIn{token: desk.byCredentials, again: true}, nil
}

func isSharedLogin(host string) bool {
	return host == "login.salesforce.com" || host == "test.salesforce.com"
}

// A tokenDesk is the org's token endpoint. No flow tells when a token ends: it is
// replaced when a call is refused.
type tokenDesk struct {
	api        *rest.API
	base       *url.URL
	id, secret connectors.Secret
}

// An issued token, and the refresh token that replaces the one that was used.
type issued struct {
	AccessToken  string `json:"access_token"`
	InstanceURL  string `json:"instance_url"`
	RefreshToken string `json:"refresh_token"`
}

// byCredentials mints a token at the org's My Domain by client credentials.
func (d tokenDesk) byCredentials(ctx context.Context) (rest.Token, error) {
	_, token, err := d.ask(ctx, url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {d.id.Reveal()},
		"client_secret": {d.secret.Reveal()},
	}, false)
	return token, err
}

// ask sends a form. once: it must not be sent again when it may have been heard.
func (d tokenDesk) ask(ctx context.Context, form url.Values, once bool) (issued, rest.Token, error) {
	var reply issued
	err := d.api.JSON(ctx, rest.Call{Method: http.MethodPost, Path: "/services/oauth2/token", Form: form, Once: once}, &reply)
	if err != nil {
		return reply, rest.Token{}, err
	}
	if reply.AccessToken == "" {
		return reply, rest.Token{}, fault.Errorf(fault.Them, "salesforce: %s answered the sign-in without an access token", d.base.Host)
	}
	instance, err := instanceURL(reply.InstanceURL, d.base)
	if err != nil {
		return reply, rest.Token{}, err
	}
	return reply, rest.Token{Secret: connectors.NewSecret(reply.AccessToken), Base: instance}, nil
}

// instanceURL says where calls go from now on. A token is only ever sent to the
// endpoint itself or to a host of Salesforce's: the reply can't name a stranger.
func instanceURL(text string, base *url.URL) (*url.URL, error) {
	if text == "" {
		return base, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fault.Errorf(fault.Them, "salesforce: the sign-in at %s named an instance that is no address", base.Host)
	}
	if u.Scheme == base.Scheme && u.Host == base.Host {
		return base, nil
	}
	host := strings.ToLower(u.Hostname())
	isSalesforce := strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".force.com")
	if u.Scheme != "https" || u.Port() != "" || !isSalesforce {
		return nil, fault.Errorf(fault.You,
			"salesforce: the sign-in at %s would send the token on to %s, which is neither that host nor Salesforce's; check endpoint", base.Host, u.Host)
	}
	return &url.URL{Scheme: "https", Host: host}, nil
}

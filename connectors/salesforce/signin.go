package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"merit/connectors"
	"merit/connectors/rest"
)

// A signIn is how tokens are had.
type signIn struct {
	token func(context.Context) (rest.Token, error)
	again bool // a session that has ended can be replaced
}

// signInBy chooses what the settings give: client credentials or a ready token.
// There is no SOAP login: v65 dropped it and Summer '27 retires it.
func signInBy(v connectors.Values, base *url.URL, transport http.RoundTripper) (signIn, error) {
	ready, id, secret := v.Secret("access_token"), v.Secret("client_id"), v.Secret("client_secret")
	switch {
	case !ready.IsEmpty() && (!id.IsEmpty() || !secret.IsEmpty()):
		return signIn{}, connectors.Faultf(connectors.You, "salesforce: give either access_token, or client_id and client_secret, not both")
	case !ready.IsEmpty():
		return signIn{token: func(context.Context) (rest.Token, error) { return rest.Token{Secret: ready}, nil }}, nil
	case id.IsEmpty() || secret.IsEmpty():
		return signIn{}, connectors.Faultf(connectors.You, "salesforce: client_id and client_secret of an External Client App are needed to sign in (or an access_token)")
	case isSharedLogin(base.Hostname()):
		return signIn{}, connectors.Faultf(connectors.You,
			"salesforce: endpoint %s can't issue tokens by client credentials; write the org's own My Domain, such as https://acme.my.salesforce.com", base)
	}
	mint := clientCredentials{
		api:  rest.Open(rest.Config{Name: "salesforce", Base: base, Judge: judgeSignIn, Transport: transport}),
		base: base, id: id, secret: secret,
	}
	return signIn{token: mint.token, again: true}, nil
}

func isSharedLogin(host string) bool {
	return host == "login.salesforce.com" || host == "test.salesforce.com"
}

// clientCredentials mints tokens at the org's My Domain. The flow has no refresh
// token and no expiry that is told: a token is replaced when a call is refused.
type clientCredentials struct {
	api        *rest.API
	base       *url.URL
	id, secret connectors.Secret
}

func (c clientCredentials) token(ctx context.Context) (rest.Token, error) {
	var reply struct {
		AccessToken string `json:"access_token"`
		InstanceURL string `json:"instance_url"`
	}
	err := c.api.JSON(ctx, rest.Call{
		Method: http.MethodPost,
		Path:   "/services/oauth2/token",
		Form: url.Values{
			"grant_type":    {"client_credentials"},
			"client_id":     {c.id.Reveal()},
			"client_secret": {c.secret.Reveal()},
		},
	}, &reply)
	if err != nil {
		return rest.Token{}, err
	}
	if reply.AccessToken == "" {
		return rest.Token{}, connectors.Faultf(connectors.Them, "salesforce: %s answered the sign-in without an access token", c.base.Host)
	}
	instance, err := instanceURL(reply.InstanceURL, c.base)
	if err != nil {
		return rest.Token{}, err
	}
	return rest.Token{Secret: connectors.NewSecret(reply.AccessToken), Base: instance}, nil
}

// instanceURL says where calls go from now on. A token is only ever sent to the
// endpoint itself or to a host of Salesforce's: the reply can't name a stranger.
func instanceURL(text string, base *url.URL) (*url.URL, error) {
	if text == "" {
		return base, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, connectors.Faultf(connectors.Them, "salesforce: the sign-in at %s named an instance that is no address", base.Host)
	}
	if u.Scheme == base.Scheme && u.Host == base.Host {
		return base, nil
	}
	host := strings.ToLower(u.Hostname())
	isSalesforce := strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".force.com")
	if u.Scheme != "https" || u.Port() != "" || !isSalesforce {
		return nil, connectors.Faultf(connectors.You,
			"salesforce: the sign-in at %s would send the token on to %s, which is neither that host nor Salesforce's; check endpoint", base.Host, u.Host)
	}
	return &url.URL{Scheme: "https", Host: host}, nil
}

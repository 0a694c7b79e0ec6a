package salesforce

import (
	"context"
	"crypto/rsa"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// assertionLife: Salesforce takes an assertion that ends within five minutes; three
// leave room for a call that is slow.
const assertionLife = 3 * time.Minute

// A bearer signs in with a key whose certificate the app knows (the JWT bearer flow).
// Nothing secret but the key is kept, and the key never leaves this machine.
type bearer struct {
	desk               tokenDesk
	key                *rsa.PrivateKey
	username, audience string
}

// bearerBy reads the settings of the flow. The audience is said, never guessed from
// the host: a sandbox behind a My Domain looks like any other host.
func bearerBy(d tokenDesk, v connectors.Values) (bearer, error) {
	b := bearer{desk: d, username: v.Text("username"), audience: v.Text("audience")}
	if b.username == "" {
		return b, fault.Errorf(fault.You, "salesforce: private_key needs username, whose the session will be")
	}
	u, err := url.Parse(b.audience)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" {
		return b, fault.Errorf(fault.You,
			"salesforce: audience is %q; private_key needs https://login.salesforce.com, or https://test.salesforce.com for a sandbox org", b.audience)
	}
	b.key, err = jwt.ParseRSAPrivateKeyFromPEM([]byte(v.Secret("private_key").Reveal()))
	if err != nil {
		// The reader's own words might hold what it read.
		return b, fault.Errorf(fault.You, "salesforce: private_key is no RSA key in PEM form; write file: before the path of one")
	}
	return b, nil
}

func (b bearer) token(ctx context.Context) (rest.Token, error) {
	now, err := serverTime(ctx, b.desk.api) // an assertion by a clock that is wrong is refused
	if err != nil {
		return rest.Token{}, err
	}
	assertion, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": b.desk.id.Reveal(), "sub": b.username, "aud": b.audience, "exp": now.Add(assertionLife).Unix(),
	}).SignedString(b.key)
	if err != nil {
		return rest.Token{}, fault.Errorf(fault.You, "salesforce: private_key can't sign: %w", err)
	}
	_, token, err := b.desk.ask(ctx, url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
		"assertion":  {assertion},
	}, false)
	return token, err
}

// serverTime is the time by the Date of a reply. The list of versions is asked for
// it, which costs nothing of the day's calls and needs no permission.
func serverTime(ctx context.Context, api *rest.API) (time.Time, error) {
	date := ""
	err := api.Read(ctx, rest.Call{Path: "/services/data"}, func(reply *rest.Reply) error {
		date = reply.Header.Get("Date")
		return skim(reply)
	})
	if err != nil {
		return time.Time{}, err
	}
	now, err := http.ParseTime(date)
	if err != nil {
		return time.Time{}, fault.Errorf(fault.Them, "a reply came without its Date, by which windows are cut: %w", err)
	}
	return now.UTC().Truncate(time.Second), nil
}

package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
)

// A catalogTransport is what every call to the catalog goes through. iceberg-go's client would
// follow a catalog's word to any host with the token, would wait for ever, asks for
// keys of the bucket that nobody needs, and repeats nothing; here calls go to the
// hosts that the settings name, and those that only ask are repeated.
type catalogTransport struct {
	under    http.RoundTripper
	hosts    map[string]bool // scheme://host
	tokens   string          // where tokens are had
	attempts int

	mutex   sync.Mutex
	secrets []string // that were sent: no error may show them
}

const usualCatalogAttempts = 6

func newCatalogTransport(r Remote) (*catalogTransport, error) {
	c := r.Catalog
	d := &catalogTransport{under: c.Transport, hosts: map[string]bool{}, attempts: c.Attempts, secrets: []string{c.Token.Reveal(), c.ClientSecret.Reveal()}}
	if d.under == nil {
		d.under = http.DefaultTransport
	}
	if d.attempts == 0 {
		d.attempts = usualCatalogAttempts
	}
	for _, text := range []string{c.URI, c.TokenURI} {
		u, err := url.Parse(text)
		if err != nil || text != "" && (u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http") || text == "" && text == c.URI {
			return nil, fault.Errorf(fault.You, "%q is not the address of a catalog; write it as https://catalog.example/iceberg", text)
		}
		if u.Scheme == "http" && !connectors.IsLoopback(u.Hostname()) {
			return nil, fault.Errorf(fault.You, "%s would send the catalog's token unencrypted; write https:// (http:// is for a catalog on this machine)", u.Redacted())
		}
		d.hosts[u.Scheme+"://"+u.Host] = true
	}
	d.tokens = c.TokenURI
	d.under = tokenRecorder{transport: d, under: d.under}
	if c.Google {
		client, err := bucket.GoogleClient(r.Store.Credentials, d.under, "https://www.googleapis.com/auth/cloud-platform")
		if err != nil {
			return nil, err
		}
		d.under = client.Transport
	}
	if c.Signing.Service != "" {
		d.under = signer{Signing: c.Signing, keys: bucket.KeysOf(r.Store), under: d.under, now: time.Now}
	}
	d.under = bucket.Watched(d.under)
	return d, nil
}

// RoundTrip makes a call, again when it only asks and the catalog is unwell.
func (d *catalogTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if at := r.URL.Scheme + "://" + r.URL.Host; !d.hosts[at] {
		return nil, fault.Errorf(fault.Them, "%w, %s: if that is right, say so in the settings", bucket.ErrStranger, at)
	}
	r = r.Clone(r.Context())
	r.Header.Del("X-Iceberg-Access-Delegation") // the bucket's keys are in the settings
	isToken := strings.HasSuffix(r.URL.Path, "/oauth/tokens") || d.tokens != "" && strings.HasPrefix(r.URL.String(), d.tokens)
	asks := r.Method == http.MethodGet || r.Method == http.MethodHead || isToken
	for n := 0; ; n++ {
		reply, err := d.under.RoundTrip(r)
		if !asks || n+1 >= d.attempts || !isUnwell(reply, err) || r.Context().Err() != nil {
			return reply, err
		}
		if reply != nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(reply.Body, 64<<10))
			reply.Body.Close()
		}
		if err := pause(r.Context(), n); err != nil {
			return nil, err
		}
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// isUnwell tells what may be over in a moment.
func isUnwell(reply *http.Response, err error) bool {
	if err != nil {
		var known fault.Error
		return !errors.As(err, &known)
	}
	return reply.StatusCode == http.StatusTooManyRequests || reply.StatusCode >= 500 && reply.StatusCode != http.StatusNotImplemented
}

// pause waits before attempt n+1: longer each time, two seconds at most.
func pause(ctx context.Context, n int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(min(100*time.Millisecond<<n, 2*time.Second))):
		return nil
	}
}

// tokenRecorder sees each call as it is sent, signed by whomever.
type tokenRecorder struct {
	transport *catalogTransport
	under     http.RoundTripper
}

func (n tokenRecorder) RoundTrip(r *http.Request) (*http.Response, error) {
	n.transport.remember(r.Header.Get("Authorization"))
	return n.under.RoundTrip(r)
}

func (d *catalogTransport) remember(authorization string) {
	_, token, _ := strings.Cut(authorization, " ")
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, known := range d.secrets {
		if known == token {
			return
		}
	}
	d.secrets = append(d.secrets[:min(len(d.secrets), 8)], token) // the settings' own, and the newest tokens
}

// redact leaves out of an error what the catalog repeats of our secrets.
func (d *catalogTransport) redact(err error) error {
	if err == nil {
		return nil
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	text := err.Error()
	for _, secret := range d.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
			text = strings.ReplaceAll(text, url.QueryEscape(secret), "[redacted]")
		}
	}
	if text = fault.Printable(text); text == err.Error() {
		return err
	}
	return redactedError{text: text, of: err}
}

// A redactedError error reads otherwise and is the same.
type redactedError struct {
	text string
	of   error
}

func (c redactedError) Error() string                 { return c.text }
func (c redactedError) Is(target error) bool          { return errors.Is(c.of, target) }
func (c redactedError) As(target any) bool            { return errors.As(c.of, target) }
func (c redactedError) Format(s fmt.State, verb rune) { _, _ = io.WriteString(s, c.text) }

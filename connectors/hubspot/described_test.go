package hubspot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors"
)

// Every call that a reading makes is one that HubSpot describes, with parameters of the
// kinds that it describes. make foreign-hubspot-spec holds the same against the whole
// description.
func TestEveryCallIsAsHubSpotDescribesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, w := simulated(80)
		d := &described{next: w, calls: descriptions(t), made: map[string]bool{}}
		p, err := openOver(d, connectors.Values{
			"token": {"sandbox-token"}, "endpoint": {"https://api.hubapi.com"}, "api_version": {"2026-09"}, "tier": {"unlimited"},
			"lookback": {"60m"}, "daily_share": {"100%"}, "sweep": {"24h"},
		})
		if err != nil {
			t.Fatal(err)
		}
		since := map[string]connectors.Cursor{}
		for range 2 {
			streams, err := p.Streams(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range streams {
				for page, err := range p.Read(t.Context(), s, since[s.Name]) {
					if err != nil {
						t.Fatal(err)
					}
					since[s.Name] = page.Next
					release(page)
				}
			}
			a.clock.now = a.clock.now.Add(3 * time.Hour)
		}
		for _, why := range d.wrong {
			t.Error(why)
		}
		for _, c := range d.calls {
			if !d.made[c.method+" "+c.path] && !strings.Contains(c.path, "members") && !strings.Contains(c.path, "/settings/users/") {
				t.Errorf("%s %s is described, and nobody calls it", c.method, c.path)
			}
		}
	})
}

// A description is one line of testdata/described/parameters.txt.
type description struct {
	method, path     string
	query            map[string]string // kind by name
	body, mustBeBody []string
}

func descriptions(t *testing.T) []description {
	t.Helper()
	text, err := os.ReadFile("testdata/described/parameters.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []description
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] == "#" {
			continue
		}
		d := description{method: words[0], path: words[1], query: map[string]string{}}
		inBody := false
		for _, word := range words[2:] {
			rest, isBody := strings.CutPrefix(word, "body:")
			inBody = inBody || isBody
			if !inBody {
				name, kind, _ := strings.Cut(word, ":")
				d.query[name] = kind
				continue
			}
			name, isRequired := strings.CutSuffix(rest, "!")
			if d.body = append(d.body, name); isRequired {
				d.mustBeBody = append(d.mustBeBody, name)
			}
		}
		all = append(all, d)
	}
	return all
}

// described stands between a reader and HubSpot and notes what is not as described.
type described struct {
	next  http.RoundTripper
	calls []description
	mu    sync.Mutex
	made  map[string]bool
	wrong []string
}

func (d *described) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	d.mu.Lock()
	d.note(r, body)
	d.mu.Unlock()
	return d.next.RoundTrip(r)
}

func (d *described) note(r *http.Request, body []byte) {
	at := slices.IndexFunc(d.calls, func(c description) bool {
		fits, err := path.Match(c.path, r.URL.Path)
		return err == nil && fits && c.method == r.Method
	})
	tell := func(format string, args ...any) {
		text := r.Method + " " + r.URL.Path + " " + fmt.Sprintf(format, args...)
		if !slices.Contains(d.wrong, text) {
			d.wrong = append(d.wrong, text)
		}
	}
	if at < 0 {
		tell("is no call that HubSpot describes")
		return
	}
	c := d.calls[at]
	d.made[c.method+" "+c.path] = true
	for name, values := range r.URL.Query() {
		kind, isKnown := c.query[name]
		if !isKnown {
			tell("has the parameter %s, which is not described", name)
		}
		for _, value := range values {
			if !isOfKind(kind, value) {
				tell("has %s=%s, which is described as %s", name, value, kind)
			}
		}
	}
	if len(c.body) == 0 {
		return
	}
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		tell("has no JSON object as its body")
	}
	for name := range members {
		if !slices.Contains(c.body, name) {
			tell("has %s in its body, which is not described", name)
		}
	}
	for _, name := range c.mustBeBody {
		if members[name] == nil {
			tell("lacks %s in its body, which is required", name)
		}
	}
}

func isOfKind(kind, value string) bool {
	var err error
	switch kind {
	case "boolean":
		_, err = strconv.ParseBool(value)
	case "integer":
		_, err = strconv.ParseInt(value, 10, 32)
	case "milliseconds":
		var ms int64
		ms, err = strconv.ParseInt(value, 10, 64)
		if err == nil && ms < 1_000_000_000_000 {
			err = fmt.Errorf("%d are no milliseconds of this century", ms)
		}
	case "instant":
		_, err = time.Parse(time.RFC3339, value)
	}
	return err == nil
}

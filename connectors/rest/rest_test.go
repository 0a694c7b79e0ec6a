package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "canary/secret+1234=="

// signedIn gives the canary as token.
func signedIn(context.Context) (rest.Token, error) {
	return rest.Token{Secret: connectors.NewSecret(canary)}, nil
}

// serve opens an API on a server of its own.
func serve(t *testing.T, c rest.Config, handler http.HandlerFunc) *rest.API {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c.Name = "acme"
	if c.Base == nil {
		c.Base = parse(t, server.URL)
	}
	if c.Transport == nil {
		c.Transport = server.Client().Transport
	}
	return rest.Open(c)
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// get calls and reads all of the reply.
func get(api *rest.API, c rest.Call) (string, error) {
	reply, err := api.Do(context.Background(), c)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	return string(text), err
}

func mends(t *testing.T, err error, who fault.Party, part string) {
	t.Helper()
	if err == nil || fault.WhoMends(err) != who || !strings.Contains(err.Error(), part) {
		t.Errorf("got the error %v, of party %d; wanted party %d and %q", err, fault.WhoMends(err), who, part)
	}
}

func TestACallArrivesAsItWasMeant(t *testing.T) {
	var seen *http.Request
	var body string
	api := serve(t, rest.Config{SignIn: signedIn}, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		seen, body = r, string(text)
		fmt.Fprint(w, `{"ok":true}`)
	})
	for _, c := range []struct {
		call           rest.Call
		line, kind, is string
	}{
		{rest.Call{Path: "/a/b?x=1&y=2", Query: url.Values{"q": {"select Id from O'Neil"}}}, "GET /a/b?q=select+Id+from+O%27Neil&x=1&y=2", "", ""},
		{rest.Call{Method: "POST", Path: "/token", Form: url.Values{"grant_type": {"x"}}}, "POST /token", "application/x-www-form-urlencoded", "grant_type=x"},
		{rest.Call{Method: "POST", Path: "/search", JSON: map[string]int{"limit": 200}}, "POST /search", "application/json", `{"limit":200}`},
		{rest.Call{Method: "DELETE", Path: "/jobs/query/7"}, "DELETE /jobs/query/7", "", ""},
		{rest.Call{Path: "/with%2Fslash/and%20space"}, "GET /with%2Fslash/and%20space", "", ""},
	} {
		if text, err := get(api, c.call); err != nil || text != `{"ok":true}` {
			t.Fatalf("%s gives %q, %v", c.line, text, err)
		}
		if line := seen.Method + " " + seen.URL.RequestURI(); line != c.line || seen.Header.Get("Content-Type") != c.kind || body != c.is {
			t.Errorf("it arrived as %s, %s, %s; wanted %s, %s, %s", line, seen.Header.Get("Content-Type"), body, c.line, c.kind, c.is)
		}
		if seen.Header.Get("Authorization") != "Bearer "+canary || seen.Header.Get("Accept-Encoding") != "gzip" || seen.Header.Get("Accept") != "application/json" {
			t.Errorf("%s arrived with the header %v", c.line, seen.Header)
		}
	}
}

func TestAPathMayNotLeadToAnotherHost(t *testing.T) {
	api := serve(t, rest.Config{SignIn: signedIn}, func(w http.ResponseWriter, r *http.Request) { t.Errorf("%s was called", r.URL) })
	for _, path := range []string{"https://evil.example/x", "//evil.example/x", "x", "", "https:/evil", ":"} {
		_, err := get(api, rest.Call{Path: path})
		mends(t, err, fault.Us, "a path must begin with / and name no host")
	}
}

func TestTheTokenSaysWhereCallsGo(t *testing.T) {
	called := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { called = r.URL.Path }))
	defer server.Close()
	there := parse(t, server.URL+"/instance/")
	api := rest.Open(rest.Config{Name: "acme", Base: parse(t, "http://127.0.0.1:1"), Transport: server.Client().Transport,
		SignIn: func(context.Context) (rest.Token, error) {
			return rest.Token{Secret: connectors.NewSecret(canary), Base: there}, nil
		}})
	if _, err := get(api, rest.Call{Path: "/x"}); err != nil || called != "/instance/x" {
		t.Errorf("called %q, %v", called, err)
	}
}

func TestATokenMayNotLeadFromHTTPSToHTTP(t *testing.T) {
	api := rest.Open(rest.Config{Name: "acme", Base: parse(t, "https://login.example"), SignIn: func(context.Context) (rest.Token, error) {
		return rest.Token{Secret: connectors.NewSecret(canary), Base: parse(t, "http://plain.example")}, nil
	}})
	_, err := get(api, rest.Call{Path: "/x"})
	mends(t, err, fault.Them, "the sign-in leads from https to http://plain.example")
}

func TestRedirectsStayOnTheHost(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host was called, with the header %v", r.Header)
	}))
	defer stranger.Close()
	api := serve(t, rest.Config{SignIn: signedIn}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusMovedPermanently)
		case "/here":
			fmt.Fprint(w, r.Header.Get("Authorization"))
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		default:
			http.Redirect(w, r, stranger.URL+"/login?next=x", http.StatusTemporaryRedirect)
		}
	})
	if text, err := get(api, rest.Call{Path: "/moved"}); err != nil || text != "Bearer "+canary {
		t.Errorf("a redirect on the same host gives %q, %v", text, err)
	}
	_, err := get(api, rest.Call{Path: "/away"})
	mends(t, err, fault.Them, "where the token must not go")
	_, err = get(api, rest.Call{Method: "POST", Path: "/away", JSON: 1})
	mends(t, err, fault.Them, "redirect refused")
	_, err = get(api, rest.Call{Method: "POST", Path: "/moved", JSON: 1})
	mends(t, err, fault.Them, "redirect refused")
	_, err = get(api, rest.Call{Path: "/circle"})
	mends(t, err, fault.Them, "redirect refused")
}

func TestTextThatIsNoUTF8IsRefused(t *testing.T) {
	api := serve(t, rest.Config{Retries: -1}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{\"label\": \"Sales P\xff\xfeipeline\"}")
	})
	got := map[string]string{}
	mends(t, api.JSON(context.Background(), rest.Call{Path: "/pipelines"}, &got), fault.Them, "acme GET /pipelines: the reply is no UTF-8")
	if len(got) > 0 {
		t.Errorf("a label came through as %q", got)
	}
}

func TestAWebPageIsNoData(t *testing.T) {
	pages := 0
	api := serve(t, rest.Config{Retries: -1}, func(w http.ResponseWriter, r *http.Request) {
		pages++
		if r.URL.Path == "/page" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		} else {
			w.Header().Set("Content-Type", "application/json")
		}
		fmt.Fprint(w, "<html>We are down for maintenance</html>")
	})
	_, err := get(api, rest.Call{Path: "/page"})
	mends(t, err, fault.Them, "acme GET /page: a web page came instead of data")
	mends(t, api.JSON(context.Background(), rest.Call{Path: "/lies"}, new(map[string]any)), fault.Them, "is not the JSON that was asked for")
	if _, err := get(api, rest.Call{Path: "/page", Header: http.Header{"Accept": {"text/html"}}}); err != nil {
		t.Errorf("a page that was asked for: %v", err)
	}
}

func TestErrorsSayWhatWasCalledAndWhoMends(t *testing.T) {
	api := serve(t, rest.Config{Retries: -1}, func(w http.ResponseWriter, r *http.Request) {
		status := 0
		fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.WriteHeader(status)
		fmt.Fprintf(w, "{\"message\":\n  \"no\"}%s", strings.Repeat(" x", 1<<20))
	})
	for status, who := range map[int]fault.Party{
		400: fault.Us, 403: fault.You, 404: fault.Us, 401: fault.You, 409: fault.Us,
		429: fault.Them, 423: fault.Them, 500: fault.Them, 503: fault.Them, 304: fault.Them,
	} {
		_, err := get(api, rest.Call{Path: fmt.Sprintf("/%d?secret=query", status)})
		mends(t, err, who, fmt.Sprintf("acme GET /%d: status %d", status, status))
		if len(err.Error()) > 500 || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret=query") {
			t.Errorf("the error is too long, has lines, or shows the query: %v", err)
		}
	}
}

func TestAJudgeDecides(t *testing.T) {
	quota := fault.Errorf(fault.Them, "the daily quota is used up")
	calls := 0
	api := serve(t, rest.Config{Judge: func(f rest.Failure) rest.Verdict {
		var body struct{ Code string }
		if json.Unmarshal(f.Body, &body) == nil && body.Code == "REQUEST_LIMIT_EXCEEDED" {
			return rest.Verdict{Act: rest.Fail, Err: quota}
		}
		return rest.ByStatus(f)
	}}, func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"code":"REQUEST_LIMIT_EXCEEDED"}`)
	})
	_, err := get(api, rest.Call{Path: "/x"})
	if !errors.Is(err, quota) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	mends(t, err, fault.Them, "acme GET /x: the daily quota is used up")
}

func TestEachAttemptIsObservedAndTakesItsTurn(t *testing.T) {
	seen, turns := 0, 0
	limiter := rate.NewLimiter(rate.Inf, 1)
	api := serve(t, rest.Config{
		Observe: func(h http.Header) {
			if h.Get("Sforce-Limit-Info") == "api-usage=18/5000" {
				seen++
			}
		},
		Limit: func(r *http.Request) *rate.Limiter {
			turns++
			if r.URL.Path == "/free" {
				return nil
			}
			return limiter
		},
		Judge: func(rest.Failure) rest.Verdict { return rest.Verdict{Act: rest.Retry, Wait: 1} },
	}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sforce-Limit-Info", "api-usage=18/5000")
		if seen == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	get(api, rest.Call{Path: "/x"})
	get(api, rest.Call{Path: "/free"})
	if seen != 3 || turns != 3 {
		t.Errorf("observed %d replies and asked for %d turns, not 3", seen, turns)
	}
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	form := url.Values{"client_secret": {"canary&form"}, "grant_type": {"client_credentials"}}
	var judged string
	api := serve(t, rest.Config{SignIn: signedIn, Retries: -1, Judge: func(f rest.Failure) rest.Verdict {
		judged = string(f.Body)
		return rest.ByStatus(f)
	}}, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "you sent %s and %s, that is %s", r.Header.Get("Authorization"), r.PostForm, r.PostForm.Encode())
	})
	_, err := get(api, rest.Call{Method: "POST", Path: "/oauth", Form: form})
	broken := rest.Open(rest.Config{Name: "acme", Base: parse(t, "http://127.0.0.1:1"), SignIn: signedIn, Retries: -1})
	_, dial := get(broken, rest.Call{Path: "/x?q=canary", Query: url.Values{"token": {canary}}})
	token, _ := signedIn(context.Background())
	for what, text := range map[string]string{
		"the error":            fmt.Sprintf("%v %+v %#v %q", err, err, err, err),
		"the error of a dial":  fmt.Sprintf("%v %+v", dial, dial),
		"what the Judge saw":   judged,
		"a token":              fmt.Sprintf("%v %+v %s", token, token, token),
		"the API":              fmt.Sprintf("%v %+v", api, api),
		"a chain of its parts": chain(err),
	} {
		if strings.Contains(text, "canary") {
			t.Errorf("%s shows a secret: %s", what, text)
		}
	}
	if !strings.Contains(judged, "client_credentials") || !strings.Contains(judged, "[redacted]") {
		t.Errorf("more was blacked out than secrets: %s", judged)
	}
	mends(t, dial, fault.Them, "acme GET /x: ")
}

// chain prints every error inside of err.
func chain(err error) string {
	var out strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&out, "%v %+v %#v\n", err, err, err)
	}
	return out.String()
}

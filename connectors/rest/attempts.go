package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"merit/connectors"
	"merit/connectors/fault"
)

const (
	// Salesforce ends a query after two minutes and says so; who is silent for
	// longer than that has hung.
	headerPatience = 3 * time.Minute
	// A host that can't be reached is asked less often than one that is unwell.
	dialRetries  = 3
	maxRedirects = 3
)

var errStranger = errors.New("redirect refused")

// attempts are the tries of one Call. go-retryablehttp runs them; what may be
// retried, when, and how the end reads is decided here, for each of its defaults
// does harm: it retries a POST answered 500, waits for any Retry-After however
// long, has no jitter, and gives up without the reason.
type attempts struct {
	api  *API
	call Call
	pass pass

	count    int
	body     *body // of the attempt under way
	signedIn bool  // again
	wait     time.Duration
	renew    bool
	err      error // of the last attempt
	final    bool  // there will be no further attempt, because of err
}

// run makes the attempts.
func (t *attempts) run(ctx context.Context) (*Reply, error) {
	request, err := t.request(ctx)
	if err != nil {
		return nil, err
	}
	client := retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: t, CheckRedirect: t.redirect},
		RetryMax:     t.api.config.Retries,
		CheckRetry:   t.check,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return t.wait },
		PrepareRetry: t.prepare,
		ErrorHandler: t.over,
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	t.api.spare.earn()
	return &Reply{Status: response.StatusCode, Header: response.Header, Body: response.Body, Attempts: t.count}, nil
}

func (t *attempts) request(ctx context.Context) (*retryablehttp.Request, error) {
	u, err := target(t.pass.Base, t.call)
	if err != nil {
		return nil, err
	}
	var content []byte
	kind := ""
	switch {
	case t.call.Form != nil:
		content, kind = []byte(t.call.Form.Encode()), "application/x-www-form-urlencoded"
	case t.call.JSON != nil:
		if content, err = json.Marshal(t.call.JSON); err != nil {
			return nil, fault.Errorf(fault.Us, "its JSON body: %w", err)
		}
		kind = "application/json"
	}
	var raw any
	if kind != "" {
		raw = content
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, t.call.Method, u.String(), raw)
	if err != nil {
		return nil, fault.Errorf(fault.Us, "the request: %w", err)
	}
	request.Header = t.call.Header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if request.Header.Get("Accept") == "" {
		request.Header.Set("Accept", "application/json")
	}
	request.Header.Set("Accept-Encoding", "gzip")
	return request, nil
}

// RoundTrip is one attempt: it takes its turn, shows the token to the account's
// own host, and wraps the body.
func (t *attempts) RoundTrip(request *http.Request) (*http.Response, error) {
	c := t.api.config
	caller := request.Context()
	if c.Limit != nil {
		if limiter := c.Limit(request); limiter != nil {
			if err := limiter.Wait(caller); err != nil {
				return nil, err
			}
		}
	}
	ctx, watch := newWatch(caller, max(headerPatience, c.IdleRead))
	request = request.Clone(ctx)
	if t.pass.number > 0 && request.URL.Host == t.pass.Base.Host {
		request.Header.Set("Authorization", "Bearer "+t.pass.Secret.Reveal())
	}
	response, err := c.Transport.RoundTrip(request)
	watch.timer.Stop()
	if err != nil {
		if errors.Is(context.Cause(ctx), errIdle) {
			err = fmt.Errorf("silent for %s", max(headerPatience, c.IdleRead))
		}
		watch.end()
		return nil, err
	}
	if c.Observe != nil {
		c.Observe(response.Header)
	}
	t.body = &body{
		ctx: ctx, caller: caller, watch: watch, idle: c.IdleRead, raw: response.Body, gzipped: isGzip(response), most: c.MaxBody, streams: t.call.Stream, claim: &claim{},
	}
	if !t.call.Stream {
		t.body.most = min(c.MaxBody, maxBuffered)
	}
	response.Body = t.body
	return response, nil
}

// redirect follows a GET on the account's own host, a few times.
func (t *attempts) redirect(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
		return fmt.Errorf("%w: it leads to %s://%s, where the token must not go; if that is the account's own host, make it the endpoint",
			errStranger, next.URL.Scheme, next.URL.Host)
	}
	if before[0].Method != http.MethodGet || len(before) > maxRedirects {
		return fmt.Errorf("%w: %d in a row for %s", errStranger, len(before), before[0].Method)
	}
	return nil
}

// check decides after each attempt, as retryablehttp asks.
func (t *attempts) check(ctx context.Context, response *http.Response, err error) (bool, error) {
	t.count++
	if ctx.Err() != nil {
		if response != nil {
			response.Body.Close()
		}
		return t.stop(context.Cause(ctx))
	}
	if err == nil && response.StatusCode/100 == 2 && !t.isPage(response) && !t.isRefusal() {
		return false, nil
	}
	f := t.failure(response, err)
	if errors.Is(f.Err, errStranger) {
		return t.stop(fault.Error{Who: fault.Them, Err: f.Err})
	}
	verdict := t.api.config.Judge(f)
	if verdict.Err == nil {
		verdict.Err = describe(f)
	}
	if isUnreachable(f.Err) {
		verdict.Err = connectors.OfAccount(verdict.Err)
	}
	if why := t.decide(f, &verdict); why != nil {
		return t.stop(why)
	}
	t.err = verdict.Err
	return true, nil
}

// stop is check's answer that there will be no further attempt.
func (t *attempts) stop(why error) (bool, error) {
	t.err, t.final = why, true
	return false, why
}

// decide prepares the next attempt, or says why there is none.
func (t *attempts) decide(f Failure, v *Verdict) error {
	c := t.api.config
	switch v.Act {
	case SignInAgain:
		if c.SignIn == nil || t.signedIn {
			return v.Err
		}
		t.signedIn, t.renew, t.wait = true, true, 0
		return nil
	case Retry:
	default:
		return v.Err
	}
	unclear := f.Status >= 500 || f.Status < 300 && !isDial(f.Err)
	if t.call.Once && unclear {
		return fmt.Errorf("it may have been carried out, and is not repeated: %w", v.Err)
	}
	if isDial(f.Err) && t.count > dialRetries {
		return t.afterAll(v.Err)
	}
	t.wait = backoff(t.count-1, c.MaxWait)
	asked := v.Wait
	if asked <= 0 {
		asked, _ = retryAfter(f.Header)
	}
	if asked > c.MaxWait {
		return fault.Errorf(fault.Them, "it asks to wait %s, and we wait %s at most: %w", asked.Round(time.Second), c.MaxWait, v.Err)
	}
	if asked > 0 {
		t.wait = min(asked+backoff(0, c.MaxWait), c.MaxWait)
	}
	if t.count <= c.Retries && !t.api.spare.take() {
		return fault.Errorf(fault.Them, "too many calls had to be repeated lately: %w", v.Err)
	}
	return nil
}

// prepare makes the request ready for another attempt: with a new token when the
// last one was refused.
func (t *attempts) prepare(request *http.Request) error {
	if !t.renew {
		return nil
	}
	t.renew = false
	fresh, err := t.api.door.after(request.Context(), t.pass.number)
	if err == nil {
		t.pass = fresh
		request.Host = ""
		request.URL, err = target(fresh.Base, t.call)
	}
	if err != nil {
		t.stop(connectors.OfAccount(fmt.Errorf("signing in again: %w", err)))
	}
	return err
}

// over gives the error in the end. retryablehttp's own names neither the status
// nor who can mend it.
func (t *attempts) over(_ *http.Response, err error, _ int) (*http.Response, error) {
	switch {
	case t.err == nil: // nothing was attempted
		return nil, fault.Error{Who: fault.Us, Err: err}
	case t.final:
		return nil, t.err
	}
	return nil, t.afterAll(t.err)
}

func (t *attempts) afterAll(err error) error {
	if t.count == 1 {
		return err
	}
	return fmt.Errorf("after %d attempts: %w", t.count, err)
}

// failure reads what a Judge may see, and lets the reply go.
func (t *attempts) failure(response *http.Response, err error) Failure {
	if err != nil {
		var outer *url.Error // names the whole URL, query and all
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return Failure{Err: err}
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxFailure)) // a broken one is judged by its status
	response.Body.Close()
	response.Body = http.NoBody
	return Failure{Status: response.StatusCode, Header: response.Header, Body: t.blackOut(text)}
}

// blackOut removes what the other side echoes of our secrets.
func (t *attempts) blackOut(text []byte) []byte {
	hide := []string{t.pass.Secret.Reveal()}
	for name, values := range t.call.Form {
		name = strings.ToLower(name)
		for _, word := range []string{"secret", "token", "password", "assertion", "code"} {
			if strings.Contains(name, word) {
				hide = append(hide, values...)
			}
		}
	}
	for _, secret := range hide {
		for _, form := range formsOf(secret) {
			text = bytes.ReplaceAll(text, []byte(form), []byte("[redacted]"))
		}
	}
	return text
}

// isRefusal tells whether a good status stands above a refusal. What is read piece by piece
// is not waited for.
func (t *attempts) isRefusal() bool {
	refuses := t.api.config.Refuses
	return refuses != nil && t.body != nil && !t.call.Stream && refuses(t.body.start())
}

// isPage tells whether a web page came where data was asked for: a maintenance
// notice, a login form, a proxy.
func (t *attempts) isPage(r *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "text/html" && !strings.Contains(t.call.Header.Get("Accept"), "text/html")
}

// Package rest is HTTP done once for all CRMs: signing in, waiting, retrying,
// watching the budget, and keeping secrets out of what people read.
//
// Its promise: Do gives a good reply or a Fault, in bounded time and with a
// bounded number of calls, and a body that was cut off never looks complete.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"merit/connectors"
	"merit/connectors/fault"
)

const (
	defaultRetries  = 6
	defaultMaxWait  = 60 * time.Second
	defaultIdleRead = 60 * time.Second
	defaultMaxBody  = 2 << 30
	maxFailure      = 64 << 10 // of an error's body: the CRMs' are a few hundred bytes
)

// A Config says how one account is reached: all that differs between CRMs. Its
// functions are called from many goroutines.
type Config struct {
	Name      string                               // opens every error: "salesforce"
	Base      *url.URL                             // where calls go until a Token says otherwise
	SignIn    func(context.Context) (Token, error) // before the first call, and when Judge says SignInAgain; uses an API of its own
	Judge     func(Failure) Verdict                // reads a reply that is not 2xx; nil: ByStatus
	Refuses   func(start []byte) bool              // tells by its first 512 bytes that a 2xx reply is a refusal, for Judge to read; may be nil
	Observe   func(http.Header)                    // sees the header of every reply; may be nil
	Limit     func(*http.Request) *rate.Limiter    // each attempt takes one of its tokens; nil: none
	Transport http.RoundTripper                    // nil: http.DefaultTransport's settings
	Retries   int                                  // after the first attempt; 0: 6, negative: none
	MaxWait   time.Duration                        // before a retry; 0: 60 s
	MaxBody   int64                                // inflated bytes of one reply; 0: 2 GiB
	IdleRead  time.Duration                        // how long a body may bring nothing; 0: 60 s
}

// A Token is what a sign-in gave. It is sent as "Authorization: Bearer …", and
// only to the host of its Base.
type Token struct {
	Secret connectors.Secret
	Base   *url.URL // nil: that of the Config
}

// A Call is one request. Path begins with "/" and may have a query of its own.
type Call struct {
	Method string // "": GET
	Path   string
	Query  url.Values
	Form   url.Values // a form as body
	JSON   any        // a JSON body
	Header http.Header
	Stream bool // the reply is read piece by piece and never held as a whole; it may be as large as MaxBody
	Once   bool // must not be sent again when it may have been carried out already
}

// A Reply is 2xx. Its Body is inflated, capped, and watched for standing still;
// one that was cut off ends in a Fault of Them, never in io.EOF. Close it.
type Reply struct {
	Status   int
	Header   http.Header
	Body     io.ReadCloser
	Attempts int // that the call took; of more than one, the others may have been carried out too
}

// An API is one account's HTTP interface. It is for many goroutines.
type API struct {
	config Config
	door   door
	spare  budget
}

// Open makes an API; it calls nothing yet.
func Open(c Config) *API {
	if c.Judge == nil {
		c.Judge = ByStatus
	}
	if c.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 32 // streams are read side by side
		c.Transport = t
	}
	if c.Retries == 0 {
		c.Retries = defaultRetries
	}
	c.Retries = max(c.Retries, 0)
	c.MaxWait = orDefault(c.MaxWait, defaultMaxWait)
	c.IdleRead = orDefault(c.IdleRead, defaultIdleRead)
	c.MaxBody = orDefault(c.MaxBody, defaultMaxBody)
	return &API{config: c, door: newDoor(c), spare: newBudget()}
}

func orDefault[T time.Duration | int64](value, otherwise T) T {
	if value <= 0 {
		return otherwise
	}
	return value
}

// Do calls until there is a 2xx reply or no hope of one. Everything else is an
// error: a Fault, or ctx's own. Redirects to another host are refused.
func (a *API) Do(ctx context.Context, c Call) (*Reply, error) {
	if c.Method == "" {
		c.Method = http.MethodGet
	}
	token, err := a.door.token(ctx)
	if err != nil {
		return nil, connectors.OfAccount(fmt.Errorf("%s sign-in: %w", a.config.Name, err))
	}
	t := &attempts{api: a, call: c, pass: token}
	reply, err := t.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s %s %s: %w", a.config.Name, c.Method, pathOnly(c.Path), err)
	}
	return reply, nil
}

// JSON calls and decodes a small reply into a struct. A body that breaks off is
// asked for again.
func (a *API) JSON(ctx context.Context, c Call, into any) error {
	return a.Read(ctx, c, func(r *Reply) error { return DecodeJSON(r, into) })
}

// DecodeJSON decodes a small reply.
func DecodeJSON(r *Reply, into any) error { return decodeJSON(r.Body, into) }

// Read calls and hands the reply to use. When the body breaks off (cut, idle,
// broken gzip) and the call may be repeated, it calls again, within the retries,
// and use starts anew: it must forget what it read. Read closes the body.
func (a *API) Read(ctx context.Context, c Call, use func(*Reply) error) error {
	for attempt := 0; ; attempt++ {
		reply, err := a.Do(ctx, c)
		if err != nil {
			return err
		}
		err = use(reply)
		reply.Body.Close()
		if err == nil {
			return nil
		}
		if !isBroken(err) {
			return fmt.Errorf("%s %s %s: %w", a.config.Name, orGet(c.Method), pathOnly(c.Path), err)
		}
		if c.Once || attempt >= a.config.Retries || !a.spare.take() {
			return err
		}
		if err := sleep(ctx, backoff(attempt, a.config.MaxWait)); err != nil {
			return err
		}
	}
}

// decodeJSON reads one JSON value and nothing behind it. Text that is no UTF-8 is
// refused: the decoder would write other characters in its place, and tell nobody.
func decodeJSON(r io.Reader, into any) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err // of the line, and said by who reads from it
	}
	if !utf8.Valid(body) {
		return fault.Errorf(fault.Them, "the reply is no UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(into); errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return fault.Errorf(fault.Them, "%w: its JSON has no end", errBroken)
	} else if err != nil {
		return fault.Errorf(fault.Them, "the reply is not the JSON that was asked for: %w", InJSON(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return fault.Errorf(fault.Them, "the reply goes on behind its JSON")
	}
	return nil
}

// InJSON says in words what a decoder found, without Go's names of types.
func InJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON from its byte %d on", syntax.Offset)
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("its member %s is of another kind: %s", wrong.Field, wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("it is of another kind: %s", wrong.Value)
	}
	return err
}

// target is the URL of a path at base. A path that names a host is refused: it
// came out of a reply, and the token would follow it.
func target(base *url.URL, c Call) (*url.URL, error) {
	ref, err := url.Parse(c.Path)
	if err != nil || ref.IsAbs() || ref.Host != "" || ref.User != nil || !strings.HasPrefix(c.Path, "/") {
		return nil, fault.Errorf(fault.Us, "a path must begin with / and name no host")
	}
	u := *base
	u.Path = strings.TrimSuffix(base.Path, "/") + ref.Path
	u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + ref.EscapedPath()
	query := ref.Query()
	for name, values := range c.Query {
		query[name] = append(query[name], values...)
	}
	u.RawQuery = query.Encode()
	u.Fragment, u.RawFragment = "", ""
	return &u, nil
}

func pathOnly(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

func orGet(method string) string {
	if method == "" {
		return http.MethodGet
	}
	return method
}

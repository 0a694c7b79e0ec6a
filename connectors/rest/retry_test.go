package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A crm answers each attempt as told, in memory, so that a test can run in fake
// time. It notes when it was called.
type crm struct {
	mu     sync.Mutex
	times  []time.Time
	tokens []string
	answer func(attempt int, r *http.Request) (*http.Response, error)
}

func (c *crm) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.times = append(c.times, time.Now())
	c.tokens = append(c.tokens, r.Header.Get("Authorization"))
	n := len(c.times)
	c.mu.Unlock()
	response, err := c.answer(n, r)
	if response != nil {
		response.Request = r
	}
	return response, err
}

// waits are the times between the attempts.
func (c *crm) waits() []time.Duration {
	var out []time.Duration
	for i := 1; i < len(c.times); i++ {
		out = append(out, c.times[i].Sub(c.times[i-1]))
	}
	return out
}

// open is an API on the crm.
func (c *crm) open(t *testing.T, config rest.Config) *rest.API {
	config.Name, config.Transport, config.Base = "acme", c, parse(t, "https://acme.example")
	return rest.Open(config)
}

// reply is an answer; header in pairs.
func reply(status int, text string, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// always answers the same.
func always(status int, header ...string) *crm {
	return &crm{answer: func(int, *http.Request) (*http.Response, error) { return reply(status, "", header...), nil }}
}

func TestWhatIsUnwellIsAskedAgainEverMorePatiently(t *testing.T) {
	for _, status := range []int{408, 423, 425, 429, 500, 502, 503, 504, 521, 599} {
		synctest.Test(t, func(t *testing.T) {
			c := always(status)
			_, err := get(c.open(t, rest.Config{MaxWait: 10 * time.Second}), rest.Call{Path: "/x"})
			mends(t, err, fault.Them, fmt.Sprintf("acme GET /x: after 7 attempts: status %d", status))
			bound := 500 * time.Millisecond
			for i, wait := range c.waits() {
				if wait > bound {
					t.Errorf("wait %d before status %d is %s, over its bound of %s", i+1, status, wait, bound)
				}
				bound = min(2*bound, 10*time.Second)
			}
			if len(c.times) != 7 {
				t.Errorf("status %d is asked for %d times", status, len(c.times))
			}
		})
	}
}

func TestWaitsAreSpreadSoThatCallersDoNotComeBackTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := map[time.Duration]bool{}
		for range 20 {
			c := always(503)
			get(c.open(t, rest.Config{Retries: 1}), rest.Call{Path: "/x"})
			waits[c.waits()[0]] = true
		}
		if len(waits) < 15 {
			t.Errorf("20 callers wait only %d different times", len(waits))
		}
	})
}

func TestWhatNoRetryMendsIsAskedOnce(t *testing.T) {
	for _, status := range []int{400, 402, 403, 404, 405, 409, 410, 414, 422, 501, 505} {
		synctest.Test(t, func(t *testing.T) {
			c := always(status, "Retry-After", "1")
			_, err := get(c.open(t, rest.Config{}), rest.Call{Path: "/x"})
			if len(c.times) != 1 || err == nil {
				t.Errorf("status %d is asked for %d times, %v", status, len(c.times), err)
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	// The server's clock is a year behind: only its own Date tells what its dates
	// mean.
	server := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	date := server.Format(http.TimeFormat)
	for what, c := range map[string]struct {
		after       string
		least, most time.Duration
	}{
		"seconds":             {"7", 7 * time.Second, 7500 * time.Millisecond},
		"a fraction":          {"1.5", 1500 * time.Millisecond, 2 * time.Second},
		"a date":              {server.Add(9 * time.Second).Format(http.TimeFormat), 9 * time.Second, 9500 * time.Millisecond},
		"an old form of date": {server.Add(9 * time.Second).Format("Monday, 02-Jan-06 15:04:05 GMT"), 9 * time.Second, 9500 * time.Millisecond},
		"a date in the past":  {server.Add(-time.Hour).Format(http.TimeFormat), 0, 500 * time.Millisecond},
		"less than nothing":   {"-5", 0, 500 * time.Millisecond},
		"no number":           {"NaN", 0, 500 * time.Millisecond},
		"junk":                {"soon", 0, 500 * time.Millisecond},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm := always(429, "Retry-After", c.after, "Date", date)
				get(crm.open(t, rest.Config{Retries: 1}), rest.Call{Path: "/x"})
				if wait := crm.waits()[0]; wait < c.least || wait > c.most {
					t.Errorf("Retry-After %s waits %s", c.after, wait)
				}
			})
		})
	}
}

func TestNobodyIsWaitedForBeyondReason(t *testing.T) {
	for after, says := range map[string]string{"3600": "1h0m0s", "99999999999999999999": "8760h0m0s"} {
		synctest.Test(t, func(t *testing.T) {
			crm := always(503, "Retry-After", after)
			_, err := get(crm.open(t, rest.Config{MaxWait: time.Minute}), rest.Call{Path: "/x"})
			mends(t, err, fault.Them, "it asks to wait "+says+", and we wait 1m0s at most")
			if len(crm.times) != 1 {
				t.Errorf("it was asked %d times", len(crm.times))
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		crm := always(429)
		_, err := get(crm.open(t, rest.Config{Judge: func(rest.Failure) rest.Verdict {
			return rest.Verdict{Act: rest.Retry, Wait: 2 * time.Hour, Err: fault.Errorf(fault.Them, "the daily limit is used up")}
		}}), rest.Call{Path: "/x"})
		mends(t, err, fault.Them, "it asks to wait 2h0m0s, and we wait 1m0s at most: the daily limit is used up")
	})
}

func TestATroubledCallSucceedsInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := []string{}
		c := &crm{answer: func(n int, r *http.Request) (*http.Response, error) {
			text, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(text))
			switch n {
			case 1:
				return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
			case 2:
				return reply(200, "<html>", "Content-Type", "text/html"), nil
			case 3:
				return reply(503, strings.Repeat("x", 1<<20)), nil
			}
			return reply(200, "fine"), nil
		}}
		text, err := get(c.open(t, rest.Config{}), rest.Call{Method: "POST", Path: "/search", JSON: "q"})
		if text != "fine" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
		if got := strings.Join(bodies, " "); got != `"q" "q" "q" "q"` {
			t.Errorf("the attempts sent %s", got)
		}
	})
}

func TestACallToBeMadeOnceIsNotRepeatedWhenItMayHaveWorked(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for what, c := range map[string]struct {
		first func() (*http.Response, error)
		again bool
	}{
		"500":          {func() (*http.Response, error) { return reply(500, ""), nil }, false},
		"503":          {func() (*http.Response, error) { return reply(503, ""), nil }, false},
		"reset":        {func() (*http.Response, error) { return nil, reset }, false},
		"429":          {func() (*http.Response, error) { return reply(429, ""), nil }, true},
		"not reached":  {func() (*http.Response, error) { return nil, dial }, true},
		"signed out":   {func() (*http.Response, error) { return reply(401, ""), nil }, true},
		"a page, 200":  {func() (*http.Response, error) { return reply(200, "", "Content-Type", "text/html"), nil }, false},
		"bad request ": {func() (*http.Response, error) { return reply(400, ""), nil }, false},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm := &crm{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return c.first()
					}
					return reply(200, ""), nil
				}}
				_, err := get(crm.open(t, rest.Config{SignIn: signedIn}), rest.Call{Method: "POST", Path: "/jobs/query", JSON: 1, Once: true})
				if again := len(crm.times) == 2; again != c.again || again != (err == nil) {
					t.Errorf("%d calls, %v", len(crm.times), err)
				}
			})
		})
	}
}

func TestAHostThatIsNotThereIsGivenUpSoon(t *testing.T) {
	for what, c := range map[string]struct {
		err   error
		calls int
		who   fault.Party
		says  string
	}{
		"refused":    {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 4, fault.Them, "after 4 attempts: no reply: dial: connection refused"},
		"no name":    {&net.OpError{Op: "dial", Err: &net.DNSError{Name: "acme.example", IsNotFound: true}}, 4, fault.You, `there is no host "acme.example"; is the endpoint right?`},
		"unreliable": {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, 7, fault.Them, "after 7 attempts: no reply: read: connection reset"},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm := &crm{answer: func(int, *http.Request) (*http.Response, error) { return nil, c.err }}
				_, err := get(crm.open(t, rest.Config{}), rest.Call{Path: "/x"})
				mends(t, err, c.who, c.says)
				if len(crm.times) != c.calls {
					t.Errorf("%d calls, not %d", len(crm.times), c.calls)
				}
			})
		})
	}
}

func TestManyStreamsTogetherDoNotHammerACRMThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := always(503)
		api := crm.open(t, rest.Config{})
		var failed atomic.Int64
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				if _, err := get(api, rest.Call{Path: "/x"}); err != nil {
					failed.Add(1)
				}
			})
		}
		wait.Wait()
		if n := len(crm.times); n > 150 || failed.Load() != 100 {
			t.Errorf("100 calls became %d, %d failed", n, failed.Load())
		}
		_, err := get(api, rest.Call{Path: "/x"})
		mends(t, err, fault.Them, "too many calls had to be repeated lately: status 503")
	})
}

func TestARoughConnectionIsNeverGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &crm{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n%3 == 0 {
				return reply(502, ""), nil
			}
			return reply(200, ""), nil
		}}
		api := crm.open(t, rest.Config{})
		for i := range 1000 {
			if _, err := get(api, rest.Call{Path: "/x"}); err != nil {
				t.Fatalf("call %d: %v", i, err)
			}
		}
	})
}

func TestCancellingEndsTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := always(503, "Retry-After", "50")
		api := crm.open(t, rest.Config{})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := api.Do(ctx, rest.Call{Path: "/x"})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("ended after %s with %v", time.Since(began), err)
		}
	})
}

func TestWhoStandsStillIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := io.Pipe()
		crm := &crm{answer: func(_ int, r *http.Request) (*http.Response, error) {
			context.AfterFunc(r.Context(), func() { to.CloseWithError(context.Cause(r.Context())) }) // as net/http does
			response := reply(200, "")
			response.Body, response.ContentLength = from, -1
			return response, nil
		}}
		api := crm.open(t, rest.Config{IdleRead: 30 * time.Second})
		go func() {
			for range 10 { // slow, but alive
				time.Sleep(29 * time.Second)
				io.WriteString(to, strings.Repeat("x", 70_000))
			}
		}()
		began := time.Now()
		text, err := get(api, rest.Call{Path: "/x"})
		mends(t, err, fault.Them, "the reply broke off after 700000 bytes: nothing more came for 30s")
		if text != strings.Repeat("x", 700_000) || time.Since(began) != 10*29*time.Second+30*time.Second {
			t.Errorf("%d bytes came in %s", len(text), time.Since(began))
		}
	})
}

func TestASlowReaderIsNotTakenForASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := always(200)
		crm.answer = func(_ int, r *http.Request) (*http.Response, error) {
			response := reply(200, "ab")
			response.Body = io.NopCloser(&obedient{r.Context(), strings.NewReader("ab")})
			return response, nil
		}
		reply, err := crm.open(t, rest.Config{IdleRead: time.Second}).Do(context.Background(), rest.Call{Path: "/x"})
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		for range 2 {
			time.Sleep(time.Hour)
			if _, err := io.ReadFull(reply.Body, make([]byte, 1)); err != nil {
				t.Errorf("after an hour of other work: %v", err)
			}
		}
	})
}

// obedient reads until its context ends.
type obedient struct {
	ctx context.Context
	r   io.Reader
}

func (o *obedient) Read(p []byte) (int, error) {
	if o.ctx.Err() != nil {
		return 0, o.ctx.Err()
	}
	return o.r.Read(p)
}

func TestWhoNeverAnswersIsAskedAgainAndThenLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &crm{answer: func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		_, err := get(crm.open(t, rest.Config{Retries: 2}), rest.Call{Path: "/x"})
		mends(t, err, fault.Them, "after 3 attempts: no reply: silent for 3m0s")
	})
}

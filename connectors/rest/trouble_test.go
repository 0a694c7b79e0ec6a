package rest_test

import (
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// troubles are the ways in which a call goes wrong at a real CRM; each gives an
// answer in place of the right one.
var troubles = map[string]func(r *http.Request, right string) (*http.Response, error){
	"429 with seconds": func(*http.Request, string) (*http.Response, error) { return reply(429, "", "Retry-After", "2"), nil },
	"429 with nothing": func(*http.Request, string) (*http.Response, error) { return reply(429, ""), nil },
	"429 with a past day": func(*http.Request, string) (*http.Response, error) {
		return reply(429, "", "Retry-After", "Fri, 01 Jan 1999 00:00:00 GMT"), nil
	},
	"500": func(*http.Request, string) (*http.Response, error) { return reply(500, "{"), nil },
	"502 as a page": func(*http.Request, string) (*http.Response, error) {
		return reply(502, "<html>", "Content-Type", "text/html"), nil
	},
	"503": func(*http.Request, string) (*http.Response, error) { return reply(503, ""), nil },
	"504": func(*http.Request, string) (*http.Response, error) { return reply(504, ""), nil },
	"401": func(*http.Request, string) (*http.Response, error) { return reply(401, ""), nil },
	"a page with 200": func(*http.Request, string) (*http.Response, error) {
		return reply(200, "<html>", "Content-Type", "text/html"), nil
	},
	"reset": func(*http.Request, string) (*http.Response, error) {
		return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	},
	"not reached": func(*http.Request, string) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	},
	"another host": func(*http.Request, string) (*http.Response, error) {
		return reply(302, "", "Location", "https://evil.example/"), nil
	},
	"cut body": func(_ *http.Request, right string) (*http.Response, error) {
		r := reply(200, "")
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(right[:len(right)/2]), iotest.ErrReader(io.ErrUnexpectedEOF)))
		return r, nil
	},
	"cut gzip": func(_ *http.Request, right string) (*http.Response, error) {
		zipped := zip(right)
		return reply(200, string(zipped[:len(zipped)/2]), "Content-Encoding", "gzip"), nil
	},
	"flipped bit in gzip": func(_ *http.Request, right string) (*http.Response, error) {
		zipped := zip(right)
		zipped[len(zipped)-5] ^= 4
		return reply(200, string(zipped), "Content-Encoding", "gzip"), nil
	},
	"a body that stands still": func(r *http.Request, right string) (*http.Response, error) {
		from, to := io.Pipe()
		context.AfterFunc(r.Context(), func() { to.CloseWithError(context.Cause(r.Context())) })
		go io.WriteString(to, right[:len(right)/3])
		response := reply(200, "")
		response.Body, response.ContentLength = from, -1
		return response, nil
	},
	"silence": func(r *http.Request, _ string) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	},
}

func TestEachTroubleIsMendedOrTold(t *testing.T) {
	right := noise(10_000)
	for what, trouble := range troubles {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &crm{answer: func(n int, r *http.Request) (*http.Response, error) {
					if n == 1 {
						return trouble(r, right)
					}
					return reply(200, right), nil
				}}
				text, err := readAll(c.open(t, rest.Config{SignIn: signedIn}))
				if what == "another host" {
					mends(t, err, fault.Them, "where the token must not go")
					return
				}
				if err != nil || text != right || len(c.times) != 2 {
					t.Errorf("%d calls gave %d bytes of %d, %v", len(c.times), len(text), len(right), err)
				}
			})
		})
	}
}

// Whatever goes wrong, and however often: what is read is right, or a Fault says
// why it is not there; soon enough, and with a bounded number of calls.
func TestUnderAnyTroubleNothingWrongIsRead(t *testing.T) {
	right := noise(10_000)
	kinds := slices.Sorted(maps.Keys(troubles))
	good, bad := 0, 0
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			share := 0.05 + rnd.Float64()*0.95
			c := &crm{answer: func(_ int, r *http.Request) (*http.Response, error) {
				if rnd.Float64() < share {
					return troubles[kinds[rnd.IntN(len(kinds))]](r, right)
				}
				return reply(200, string(zip(right)), "Content-Encoding", "gzip"), nil
			}}
			began := time.Now()
			text, err := readAll(c.open(t, rest.Config{SignIn: signedIn}))
			switch {
			case err == nil && text != right:
				t.Fatalf("seed %d: a wrong text was read as if it were whole", seed)
			case err == nil:
				good++
			default:
				bad++
				if who := fault.WhoMends(err); who == fault.Us || strings.Contains(err.Error(), "canary") {
					t.Errorf("seed %d ends with %v", seed, err)
				}
			}
			if n := len(c.times); n > 49 || time.Since(began) > 3*time.Hour {
				t.Errorf("seed %d took %d calls and %s", seed, n, time.Since(began))
			}
		})
	}
	if good < 20 || bad == 0 {
		t.Errorf("%d reads came through and %d did not: the troubles are too few or too many to show anything", good, bad)
	}
}

// readAll reads one reply as a connector does that keeps nothing of a broken one.
func readAll(api *rest.API) (string, error) {
	var text []byte
	err := api.Read(context.Background(), rest.Call{Path: "/x"}, func(r *rest.Reply) (err error) {
		text, err = io.ReadAll(r.Body)
		return err
	})
	return string(text), err
}

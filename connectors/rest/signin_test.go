package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A gate signs in slowly and counts.
type gate struct {
	count  atomic.Int64
	refuse error
}

func (g *gate) signIn(ctx context.Context) (rest.Token, error) {
	select {
	case <-ctx.Done():
		return rest.Token{}, context.Cause(ctx)
	case <-time.After(time.Second):
	}
	n := g.count.Add(1)
	return rest.Token{Secret: connectors.NewSecret(fmt.Sprintf("token %d", n))}, g.refuse
}

func TestManyCallersSignInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		valid := "Bearer token 1"
		c := &crm{answer: func(_ int, r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") != valid {
				return reply(401, "INVALID_SESSION_ID"), nil
			}
			return reply(200, ""), nil
		}}
		api := c.open(t, rest.Config{SignIn: g.signIn})
		all := func() {
			var wait sync.WaitGroup
			for range 20 {
				wait.Go(func() {
					if _, err := get(api, rest.Call{Path: "/x"}); err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
		}
		all()
		if g.count.Load() != 1 || len(c.times) != 20 {
			t.Errorf("20 callers signed in %d times and called %d times", g.count.Load(), len(c.times))
		}
		valid = "Bearer token 2" // the session expires
		all()
		if g.count.Load() != 2 {
			t.Errorf("when the session expired, 20 callers signed in %d times", g.count.Load()-1)
		}
	})
}

func TestATokenRefusedTwiceIsForAPersonToMend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		c := always(401)
		_, err := get(c.open(t, rest.Config{SignIn: g.signIn}), rest.Call{Path: "/x"})
		mends(t, err, fault.You, "acme GET /x: status 401")
		if len(c.times) != 2 || g.count.Load() != 2 {
			t.Errorf("%d calls, %d sign-ins", len(c.times), g.count.Load())
		}
	})
}

func TestASignInThatWasRefusedIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate{refuse: fault.Errorf(fault.You, "invalid client credentials")}
		c := always(200)
		api := c.open(t, rest.Config{SignIn: g.signIn})
		for range 5 {
			_, err := get(api, rest.Call{Path: "/x"})
			mends(t, err, fault.You, "acme sign-in: invalid client credentials")
		}
		if g.count.Load() != 1 || len(c.times) != 0 {
			t.Errorf("tried %d times, which locks accounts; %d calls without a token", g.count.Load(), len(c.times))
		}
	})
}

func TestASignInThatFailedForNowIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate{refuse: fault.Errorf(fault.Them, "down")}
		c := always(200)
		api := c.open(t, rest.Config{SignIn: g.signIn})
		_, err := get(api, rest.Call{Path: "/x"})
		mends(t, err, fault.Them, "acme sign-in: down")
		g.refuse = nil
		if _, err := get(api, rest.Call{Path: "/x"}); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoWaitsForAnothersSignInCanLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gate
		api := always(200).open(t, rest.Config{SignIn: g.signIn})
		go get(api, rest.Call{Path: "/x"})
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		began := time.Now()
		if _, err := api.Do(ctx, rest.Call{Path: "/x"}); !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
			t.Errorf("left after %s with %v", time.Since(began), err)
		}
		time.Sleep(time.Minute) // lets the other one end
	})
}

func TestWithoutSignInNoTokenIsSent(t *testing.T) {
	c := always(401)
	_, err := get(c.open(t, rest.Config{}), rest.Call{Path: "/x"})
	mends(t, err, fault.You, "status 401")
	if len(c.times) != 1 || c.tokens[0] != "" {
		t.Errorf("%d calls with %q", len(c.times), c.tokens)
	}
}

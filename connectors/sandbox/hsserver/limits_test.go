package hsserver_test

import (
	"net/http"
	"testing"
	"time"

	"merit/connectors/sandbox/hsserver"
)

func TestBurstsRollOverTenSeconds(t *testing.T) {
	wall := &still{at: time.Unix(1000, 0)}
	c := open(t, small(), hsserver.Limits(hsserver.Professional), hsserver.Wall(wall.Now))
	call := func() (*http.Response, object) { return c.send(http.MethodGet, deals, nil) }
	for i := range 190 {
		response, _ := call()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("call %d is refused", i+1)
		}
		wall.move(10 * time.Millisecond)
	}
	response, reply := call()
	equal(t, "status", response.StatusCode, http.StatusTooManyRequests)
	equal(t, "policy", reply["policyName"], any("TEN_SECONDLY_ROLLING"))
	equal(t, "error type", reply["errorType"], any("RATE_LIMIT"))
	equal(t, "Retry-After", response.Header.Get("Retry-After"), "")
	for name, want := range map[string]string{"Max": "190", "Remaining": "0", "Interval-Milliseconds": "10000", "Daily": "625000", "Daily-Remaining": "624810"} {
		equal(t, name, response.Header.Get("X-HubSpot-RateLimit-"+name), want)
	}
	wall.move(10*time.Second - 1900*time.Millisecond) // exactly the first call is ten seconds old
	response, _ = call()
	equal(t, "after ten seconds", response.StatusCode, http.StatusOK)
	response, _ = call()
	equal(t, "the window rolls, it is not emptied", response.StatusCode, http.StatusTooManyRequests)
}

func TestSearchesHaveALimitOfTheirOwn(t *testing.T) {
	wall := &still{at: time.Unix(1000, 0)}
	c := open(t, small(), hsserver.Limits(hsserver.Free), hsserver.Wall(wall.Now))
	ask := find(10, "0", where("hs_object_id", "GT", "0"))
	for range 5 {
		c.post(deals+"/search", ask, http.StatusOK)
	}
	response, reply := c.send(http.MethodPost, deals+"/search", ask)
	equal(t, "sixth search", response.StatusCode, http.StatusTooManyRequests)
	equal(t, "message", reply["message"], any("You have reached your secondly limit."))
	equal(t, "header of a search", response.Header.Get("X-HubSpot-RateLimit-Max"), "")
	c.get(deals)
	wall.move(time.Second)
	c.post(deals+"/search", ask, http.StatusOK)
}

func TestTheDayEndsAtMidnightInThePortalsZone(t *testing.T) {
	wall := &still{at: time.Unix(1000, 0)}
	c := open(t, small(), hsserver.Wall(wall.Now), hsserver.Allow(10, 3))
	for range 3 {
		c.get(deals)
	}
	response, reply := c.send(http.MethodGet, deals, nil)
	equal(t, "status", response.StatusCode, http.StatusTooManyRequests)
	equal(t, "policy", reply["policyName"], any("DAILY"))
	c.clock.move(15 * time.Hour) // 23:00 in New York
	response, _ = c.send(http.MethodGet, deals, nil)
	equal(t, "before midnight", response.StatusCode, http.StatusTooManyRequests)
	c.clock.move(time.Hour)
	c.get(deals)
}

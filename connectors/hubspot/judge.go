package hubspot

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// Statuses that HubSpot's error handling guide knows beside the common ones.
const (
	statusMigrating = 477 // the account is being moved to another region; Retry-After says how long
	statusMalformed = 530 // the token can't be one
)

const (
	// HubSpot's own client waits so long before it asks again.
	afterTooMany = 10 * time.Second
	afterASecond = time.Second
	// A locked record wants at least 2 s (HubSpot's error handling guide).
	afterALock = 2 * time.Second
)

// A complaint is the body of a reply that refuses.
type complaint struct {
	Message  string                     `json:"message"`
	Category string                     `json:"category"`
	Policy   string                     `json:"policyName"`
	Context  map[string]json.RawMessage `json:"context"`
	Errors   []struct {
		Message string                     `json:"message"`
		Context map[string]json.RawMessage `json:"context"`
	} `json:"errors"`
}

// judge says what a refused call means, and who can mend it.
func judge(f rest.Failure) rest.Verdict {
	if own := (fault.Error{}); errors.As(f.Err, &own) { // we did not call, for the day is over
		return rest.Verdict{Act: rest.Fail, Err: connectors.OfAccount(own)}
	}
	c := complaintIn(f.Body)
	isHidden := f.Status/100 == 2 && c.Category != ""
	if isHidden {
		f.Status = statusOf(c.Category)
	}
	for _, m := range meanings() {
		if m.fits(f.Status, c) {
			return m.verdict(f.Status, c)
		}
	}
	v := rest.ByStatus(f)
	if isHidden {
		v.Err = fault.Errorf(fault.Them, "HubSpot is unwell (%s, under a good status): %s", c.Category, c.said())
	}
	return v
}

// isRefusal tells a refusal under a good status: {"status": "error", …}.
func isRefusal(start []byte) bool {
	return errorStatus.Match(start) && !bytes.Contains(start, []byte(`"results"`))
}

var errorStatus = regexp.MustCompile(`^\s*\{[^{\[]*"status"\s*:\s*"error"`)

// statusOf is the status that HubSpot's categories of refusals have otherwise.
func statusOf(category string) int {
	switch category {
	case "VALIDATION_ERROR":
		return http.StatusBadRequest
	case "INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION":
		return http.StatusUnauthorized
	case "MISSING_SCOPES", "BANNED":
		return http.StatusForbidden
	case notFound:
		return http.StatusNotFound
	case "RATE_LIMITS":
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}

// A refusal is what this account or token may not read.
type refusal struct{ error }

// isRefused tells whether a permission, an add-on or the thing itself is missing,
// and not whether something went wrong.
func isRefused(err error) bool {
	var r refusal
	return errors.As(err, &r)
}

// complaintIn is what HubSpot says of a refused call, as far as it is JSON.
func complaintIn(body []byte) complaint {
	var c complaint
	if json.Unmarshal(body, &c) != nil {
		return complaint{}
	}
	return c
}

// said is HubSpot's own sentence.
func (c complaint) said() string {
	if c.Message == "" {
		return "it gives no reason"
	}
	return fault.Foreign(c.Message)
}

// scopes are those that would do; they stand beside the complaint or within one
// of its errors.
func (c complaint) scopes() []string {
	found := scopesIn(c.Context)
	for _, e := range c.Errors {
		found = append(found, scopesIn(e.Context)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func scopesIn(context map[string]json.RawMessage) []string {
	var found []string
	for _, name := range []string{"requiredGranularScopes", "requiredScopes"} {
		var scopes []string
		if json.Unmarshal(context[name], &scopes) == nil {
			for _, scope := range scopes {
				found = append(found, fault.Foreign(scope))
			}
		}
	}
	return found
}

package hubspot

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
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
	switch f.Status {
	case http.StatusUnauthorized, statusMalformed:
		return failAll(fault.You, "HubSpot refuses the token (%d: %s); make a new one and give it as token", f.Status, c.said())
	case http.StatusForbidden:
		if scopes := c.scopes(); len(scopes) > 0 {
			return refuse("the token lacks the scope %s; add it to the service key or private app", strings.Join(scopes, " or "))
		}
		return refuse("the token may not do this: %s", c.said())
	case http.StatusPaymentRequired:
		return refuse("the account's subscription lacks this: %s", c.said())
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return refuse("HubSpot does not know this path or object (%s); are endpoint and api_version right?", c.said())
	case http.StatusBadRequest:
		if strings.HasPrefix(c.Message, "Unable to infer object type") {
			return refuse("the account has no such object (%s)", c.said())
		}
		return rest.Verdict{Act: rest.Fail, Err: fault.Error{Who: fault.Us, Err: rejected{fmt.Errorf("HubSpot does not understand the call (400: %s)", c.said())}}}
	case http.StatusTooManyRequests:
		return tooMany(c)
	case http.StatusRequestURITooLong:
		return fail(fault.Us, "the URL is too long")
	case http.StatusLocked:
		return rest.Verdict{Act: rest.Retry, Wait: afterALock, Err: fault.Errorf(fault.Them, "locked: %s", c.said())}
	case statusMigrating:
		return rest.Verdict{Act: rest.Retry, Err: fault.Errorf(fault.Them, "HubSpot is moving this account to another data centre; run again later")}
	}
	return rest.ByStatus(f)
}

// tooMany tells HubSpot's limits apart: a second and ten seconds pass, the day is
// over. Its name comes in either case, and sometimes only in the message.
func tooMany(c complaint) rest.Verdict {
	policy := strings.ToUpper(c.Policy + " " + c.Message)
	switch {
	case strings.Contains(policy, "DAILY"):
		return failAll(fault.Them, "all calls that the account may make today are used; what was read is kept, "+
			"and the next run goes on from there (HubSpot counts anew at midnight in the account's time zone)")
	case strings.Contains(policy, "TEN_SECONDLY"):
		return rest.Verdict{Act: rest.Retry, Wait: afterTooMany, Err: fault.Errorf(fault.Them, "too many calls in ten seconds, again and again; is tier right, or another app busy?")}
	case strings.Contains(policy, "SECONDLY"):
		return rest.Verdict{Act: rest.Retry, Wait: afterASecond, Err: fault.Errorf(fault.Them, "too many calls in a second, again and again; is another app busy?")}
	}
	return rest.Verdict{Act: rest.Retry, Err: fault.Errorf(fault.Them, "too many calls: %s", c.said())}
}

func fail(who fault.Party, format string, args ...any) rest.Verdict {
	return rest.Verdict{Act: rest.Fail, Err: fault.Errorf(who, format, args...)}
}

// failAll is fail for what concerns the account as a whole.
func failAll(who fault.Party, format string, args ...any) rest.Verdict {
	return rest.Verdict{Act: rest.Fail, Err: connectors.OfAccount(fault.Errorf(who, format, args...))}
}

// A refusal is what this account or token may not read.
type refusal struct{ error }

func refuse(format string, args ...any) rest.Verdict {
	return rest.Verdict{Act: rest.Fail, Err: fault.Error{Who: fault.You, Err: refusal{fmt.Errorf(format, args...)}}}
}

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

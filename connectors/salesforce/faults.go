package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// An apiError is what Salesforce itself said: a code that programs can tell apart,
// and a sentence for people. It rides inside a Fault.
type apiError struct {
	status  int
	code    string // INVALID_FIELD …; "" when the body had none
	message string
}

func (e apiError) Error() string {
	switch {
	case e.code != "" && e.message != "":
		return e.code + ": " + e.message
	case e.code != "" || e.message != "":
		return e.code + e.message
	case e.status != 0:
		return fmt.Sprintf("HTTP %d", e.status)
	}
	return "without a reason"
}

// hasCode tells whether err is what Salesforce says by one of these codes.
func hasCode(err error, codes ...string) bool {
	var e apiError
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.code == code {
			return true
		}
	}
	return false
}

// hasStatus tells whether err is a reply with this status.
func hasStatus(err error, status int) bool {
	var e apiError
	return errors.As(err, &e) && e.status == status
}

// readError reads the two shapes an error has: a list of {message, errorCode} from
// the API, {error, error_description} from the sign-in.
func readError(f rest.Failure) apiError {
	e := apiError{status: f.Status}
	var list []struct {
		Message   string `json:"message"`
		ErrorCode string `json:"errorCode"`
	}
	if json.Unmarshal(f.Body, &list) == nil && len(list) > 0 {
		e.code, e.message = oneLine(list[0].ErrorCode), oneLine(list[0].Message)
		return e
	}
	var oauth struct {
		Error            string `json:"error"`
		ErrorDescription string `json:"error_description"`
		Message          string `json:"message"`
		ErrorCode        string `json:"errorCode"`
	}
	if json.Unmarshal(f.Body, &oauth) == nil {
		e.code = oneLine(oauth.Error + oauth.ErrorCode)
		e.message = oneLine(oauth.ErrorDescription + oauth.Message)
	}
	return e
}

// isRefusal tells a refusal under a good status, which says what a bad one would.
func isRefusal(start []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(start), []byte("[")) && bytes.Contains(start, []byte(`"errorCode"`))
}

// oneLine folds the several lines of a SOQL error, which draws an arrow under the
// query, into one.
func oneLine(text string) string {
	return fault.Foreign(text)
}

// A judge says what a refused call means.
type judge struct {
	canSignIn bool // a session that has ended can be replaced by signing in again
	budget    *budget
}

func (j judge) verdict(f rest.Failure) rest.Verdict {
	if errors.Is(f.Err, errShare) {
		u := j.budget.usage()
		return failAll(fault.Them,
			"%d of the org's %d API calls of the last 24 hours are used, which is the daily_share of %d %%; run again later, reading goes on where it stopped", u.Used, u.Limit, j.budget.share)
	}
	e := readError(f)
	if f.Status < 300 && e.code == "" {
		return rest.ByStatus(f) // no reply at all, or a web page instead of one
	}
	if isTransient(e) {
		return rest.Verdict{Act: rest.Retry, Err: fault.Errorf(fault.Them, "Salesforce is unwell: %w", e)}
	}
	switch e.code {
	case "INVALID_SESSION_ID":
		return j.session(e)
	case "REQUEST_LIMIT_EXCEEDED":
		return j.limit(e)
	}
	return rest.Verdict{Act: rest.Fail, Err: explain(e)}
}

// isTransient tells the refusals that pass by themselves: Salesforce's edge answers
// 406, 420 and 429 under load, the application 5xx. A query that took too long is
// not among them, whatever its status: asking again takes as long.
func isTransient(e apiError) bool {
	if e.code == "QUERY_TIMEOUT" {
		return false
	}
	switch e.status {
	case 406, 408, 420, http.StatusTooManyRequests:
		return true
	}
	return e.status >= 500 || e.code == "SERVER_UNAVAILABLE" || e.code == "UNABLE_TO_LOCK_ROW"
}

func (j judge) session(e apiError) rest.Verdict {
	if j.canSignIn {
		return rest.Verdict{Act: rest.SignInAgain, Err: fault.Errorf(fault.You,
			"a session just signed in is refused (%w); check the session settings and allowed IP ranges of the integration user", e)}
	}
	return failAll(fault.You,
		"access_token is wrong, expired or revoked (%w); set a new one, or sign in by client_id and client_secret, which renews itself", e)
}

// failAll ends the reading of every stream.
func failAll(who fault.Party, format string, args ...any) rest.Verdict {
	return rest.Verdict{Act: rest.Fail, Err: connectors.OfAccount(fault.Errorf(who, format, args...))}
}

// limit tells the two apart that share one code: the day's calls are used up, which
// no retry mends, or too many calls run at this moment, which passes in seconds.
func (j judge) limit(e apiError) rest.Verdict {
	isDaily := strings.Contains(e.message, "TotalRequests") || j.budget.isSpent()
	if strings.Contains(e.message, "Concurrent") || !isDaily {
		return rest.Verdict{Act: rest.Retry, Err: fault.Errorf(fault.Them,
			"too many calls run in this org at once: %w", e)}
	}
	u := j.budget.usage()
	return failAll(fault.Them,
		"the org's API calls of the last 24 hours are used up (%d of %d): %w; run again later, reading goes on where it stopped", u.Used, u.Limit, e)
}

var noSuchColumn = regexp.MustCompile(`No such column '([^']+)' on (?:entity|sobject of type) '?([A-Za-z0-9_]+)'?`)

// hiddenField names the field that a query was refused for: it was readable when
// the columns were listed, and is not any more. Nil: the sentence names none.
func hiddenField(e apiError) error {
	if m := noSuchColumn.FindStringSubmatch(e.message); m != nil {
		return fault.Error{Who: fault.You, Err: unreadable{object: m[2], field: m[1], cause: e}}
	}
	return nil
}

// unreadable is a field that is needed and that this account is not shown.
type unreadable struct {
	object, field string
	cause         error
}

func (u unreadable) Error() string {
	return fmt.Sprintf("%s.%s can't be read by this account: field-level security hides it or it does not exist; give the integration user Read access to it", u.object, u.field)
}

func (u unreadable) Unwrap() error { return u.cause }

// judgeSignIn reads the refusals of the token endpoint, which have codes of OAuth.
func judgeSignIn(f rest.Failure) rest.Verdict {
	if f.Status < 300 {
		return rest.ByStatus(f)
	}
	e := readError(f)
	if isTransient(e) {
		return rest.Verdict{Act: rest.Retry, Err: fault.Errorf(fault.Them, "Salesforce is unwell: %w", e)}
	}
	advice := "check client_id, client_secret and endpoint"
	switch {
	case e.code == "invalid_client_id" || strings.Contains(e.message, "client identifier"):
		advice = "client_id is not known to this org; check it, and that endpoint is the org the app was made in"
	case e.code == "invalid_client":
		advice = "client_secret (or client_id) is wrong"
	case strings.Contains(e.message, "no client credentials user"):
		advice = "name a run-as user in the app's client credentials policy"
	case strings.Contains(e.message, "not supported on this domain"):
		advice = "endpoint must be the org's own My Domain"
	case e.code == "unsupported_grant_type":
		advice = "turn the flow on in the app that client_id names"
	case strings.Contains(e.message, "expired access/refresh token"):
		advice = "the refresh token in token_file is used up or revoked; authorize the app anew"
	case strings.Contains(e.message, "approved this consumer"):
		advice = "let the user of username use the app, beforehand authorized by a profile or permission set"
	case strings.Contains(e.message, "audience is invalid"):
		advice = "audience is https://login.salesforce.com, for a sandbox org https://test.salesforce.com"
	case e.code == "invalid_grant" && strings.Contains(e.message, "assertion"):
		advice = "private_key does not belong to the certificate of the app, or client_id is another app's"
	case e.code == "inactive_user" || e.code == "inactive_org":
		advice = "the integration user or the org is not active"
	}
	return rest.Verdict{Act: rest.Fail, Err: fault.Errorf(fault.You, "signing in is refused (%w): %s", e, advice)}
}

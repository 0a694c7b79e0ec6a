package hubspot

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A meaning is what a refusal of HubSpot's means, who can mend it and how. README.md
// shows the table, and each row has its test.
type meaning struct {
	status int           // with this status; 0 is any
	words  string        // with these words in its policy or sentence, in upper case; "" is any
	who    fault.Party   // who can mend it
	what   string        // what has happened
	advice string        // what to do
	kind   kind          // what becomes of the call
	wait   time.Duration // before it is repeated; 0: as long as Retry-After says
}

// A kind is what becomes of a refused call and of its stream.
type kind int

const (
	fails    kind = iota // the stream fails
	notThere             // the account has it not or may not read it: an optional stream is left out
	rejects              // the call itself is not understood; a smaller one may be
	repeated             // it is made again
	ofAll                // every stream would meet it
)

const goesOn = "what was read is kept, and the next run goes on from there"

// meanings are read from the top; the first that fits counts.
func meanings() []meaning {
	return []meaning{
		{status: http.StatusUnauthorized, who: fault.You, kind: ofAll, what: "HubSpot refuses the token", advice: "make a new one and give it as token"},
		{status: statusMalformed, who: fault.You, kind: ofAll, what: "HubSpot refuses the token", advice: "make a new one and give it as token"},
		{status: http.StatusForbidden, who: fault.You, kind: notThere, what: "the token may not do this", advice: "add the scope that is named to the service key or private app"},
		{status: http.StatusPaymentRequired, who: fault.You, kind: notThere, what: "the account's subscription lacks this", advice: "leave the stream out (without:), or upgrade"},
		{status: http.StatusNotFound, who: fault.You, kind: notThere, what: "HubSpot does not know this path or object", advice: "are endpoint and api_version right?"},
		{status: http.StatusMethodNotAllowed, who: fault.You, kind: notThere, what: "HubSpot does not know this path or object", advice: "are endpoint and api_version right?"},
		{status: http.StatusBadRequest, words: "UNABLE TO INFER OBJECT TYPE", who: fault.You, kind: notThere, what: "the account has no such object", advice: "mend its name under objects in merit.yml"},
		{status: http.StatusBadRequest, words: "PROPERTY", who: fault.Them, kind: fails, what: "a property went away while it was read", advice: "run again: the list of properties is read again first"},
		{status: http.StatusBadRequest, who: fault.Us, kind: rejects, what: "HubSpot does not understand the call", advice: "report it with this line"},
		{status: http.StatusUnprocessableEntity, who: fault.Us, kind: rejects, what: "HubSpot does not understand the call", advice: "report it with this line"},
		{status: http.StatusRequestURITooLong, who: fault.Us, kind: fails, what: "the URL is too long", advice: "report it with this line"},
		{status: http.StatusTooManyRequests, words: "DAILY", who: fault.Them, kind: ofAll, what: "all calls that the account may make today are used",
			advice: goesOn + " (HubSpot counts again from 0 at midnight in the account's time zone)"},
		{status: http.StatusTooManyRequests, words: "TEN_SECONDLY", who: fault.Them, kind: repeated, wait: afterTooMany, what: "too many calls in ten seconds, again and again", advice: "is tier right, or another app busy?"},
		{status: http.StatusTooManyRequests, words: "SECONDLY", who: fault.Them, kind: repeated, wait: afterASecond, what: "too many calls in a second, again and again", advice: "is another app busy?"},
		{status: http.StatusTooManyRequests, who: fault.Them, kind: repeated, what: "too many calls", advice: "run again later"},
		{status: http.StatusLocked, who: fault.Them, kind: repeated, wait: afterALock, what: "a record is locked", advice: "run again later"},
		{status: statusMigrating, who: fault.Them, kind: repeated, what: "HubSpot is moving this account to another data centre", advice: "run again later"},
	}
}

// fits tells whether a refusal is this one. A sentence that names a property that does
// not exist has more than one form; a list of scopes is one of 403 alone.
func (m meaning) fits(status int, c complaint) bool {
	if m.status != status {
		return false
	}
	said := strings.ToUpper(c.Policy + " " + c.Message)
	if m.words == "PROPERTY" {
		return strings.Contains(said, "PROPERTY") && strings.Contains(said, "DOES NOT EXIST")
	}
	return strings.Contains(said, m.words)
}

// verdict is what is done about it.
func (m meaning) verdict(status int, c complaint) rest.Verdict {
	err := fmt.Errorf("%s (%d: %s); %s", m.what, status, c.said(), m.advice)
	if scopes := c.scopes(); m.status == http.StatusForbidden && len(scopes) > 0 {
		err = fmt.Errorf("the token lacks the scope %s; add it to the service key or private app", strings.Join(scopes, " or "))
	}
	switch m.kind {
	case notThere:
		err = refusal{err}
	case rejects:
		err = rejected{err, c.Category}
	case ofAll:
		return rest.Verdict{Act: rest.Fail, Err: connectors.OfAccount(fault.Error{Who: m.who, Err: err})}
	case repeated:
		return rest.Verdict{Act: rest.Retry, Wait: m.wait, Err: fault.Error{Who: m.who, Err: err}}
	}
	return rest.Verdict{Act: rest.Fail, Err: fault.Error{Who: m.who, Err: err}}
}

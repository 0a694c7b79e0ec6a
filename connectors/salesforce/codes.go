package salesforce

import (
	"net/http"
	"strings"

	"merit/connectors"
	"merit/connectors/fault"
)

// A meaning is what a refusal of Salesforce's means, who can mend it and how. README.md
// shows the table, and each row has its test.
type meaning struct {
	codes  []string // one of these, or whatever it is when there is none
	words  string   // with these words in its sentence; "" is any
	status int      // with this status; 0 is any
	who    fault.Party
	what   string // what has happened
	advice string // what to do
	isAll  bool   // every stream would meet it
}

const runAgain = "run again later, reading goes on where it stopped"

// meanings are read from the top; the first that fits counts. Refusals that pass by
// themselves, such as 503, are repeated before anything is looked up here.
func meanings() []meaning {
	return []meaning{
		{words: "requires a filter", who: fault.You, what: "an object can only be asked for record by record",
			advice: "take it out of objects in merit.yml"},
		{words: "Implementation restriction", who: fault.You, what: "an object asks for a wide permission",
			advice: "give the integration user View All Data"},
		{codes: []string{"INVALID_TYPE"}, who: fault.You, what: "an object can't be read by this account",
			advice: "give the integration user Read access to it"},
		{codes: []string{"INVALID_FIELD"}, who: fault.You, what: "a field can't be read by this account",
			advice: "give the integration user Read access to it"},
		{codes: []string{"QUERY_TIMEOUT", jobTooSlow}, who: fault.Them, what: "a query took too long", advice: runAgain},
		{codes: []string{"INVALID_QUERY_LOCATOR", "INVALID_LOCATOR"}, who: fault.Them, what: "the rest of a result is not there any more",
			advice: runAgain},
		{codes: []string{"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"}, who: fault.You, what: "the integration user may not call the API",
			advice: "give it the permission API Enabled", isAll: true},
		{codes: []string{"URL_NOT_RESET"}, who: fault.You, what: "the endpoint is not the org's own address",
			advice: "endpoint must be My Domain, such as https://acme.my.salesforce.com", isAll: true},
		{codes: []string{"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "FUNCTIONALITY_NOT_ENABLED", "FORBIDDEN"}, who: fault.You,
			what: "the integration user lacks a permission", advice: "give it what the sentence names"},
		{codes: []string{"TXN_SECURITY_METERING_ERROR"}, who: fault.You, what: "a transaction security policy stops the reading",
			advice: "give the integration user the permission Exempt from Transaction Security"},
		{codes: []string{"INVALID_QUERY_FILTER_OPERATOR"}, who: fault.You, what: "an object can't be asked for by date, as a big object can't",
			advice: "take it out of objects in merit.yml"},
		{codes: []string{"MALFORMED_QUERY", "MALFORMED_ID"}, who: fault.Us, what: "a query of ours was not understood",
			advice: "report it with this line"},
		{codes: []string{"QUERY_TOO_COMPLICATED"}, who: fault.You, what: "a query has too many formula fields",
			advice: "list fewer of them under fields in merit.yml"},
		{codes: []string{"UNSUPPORTED_API_VERSION"}, who: fault.You, what: "this org does not speak the api_version of merit.yml",
			advice: "set one that it offers", isAll: true},
		{words: "per 24 hrs has been", who: fault.Them, what: "the org's Bulk API allowance of the last 24 hours is used up", advice: runAgain},
		{status: http.StatusUnauthorized, who: fault.You, what: "not signed in", advice: "check client_id and client_secret, or access_token", isAll: true},
		{status: http.StatusForbidden, who: fault.You, what: "the integration user is refused", advice: "give it what the sentence names"},
		{who: fault.Them, what: "Salesforce refused", advice: "run again later"},
	}
}

// fits tells whether a refusal is this one.
func (m meaning) fits(e apiError) bool {
	hasThisCode := len(m.codes) == 0
	for _, code := range m.codes {
		hasThisCode = hasThisCode || e.code == code
	}
	return hasThisCode && (m.status == 0 || e.status == m.status) && strings.Contains(e.message, m.words)
}

// explain is the Fault behind a refusal that asking again won't mend.
func explain(e apiError) error {
	if e.code == "INVALID_FIELD" {
		if hidden := hiddenField(e); hidden != nil {
			return hidden
		}
	}
	for _, m := range meanings() {
		if !m.fits(e) {
			continue
		}
		err := fault.Errorf(m.who, "%s: %w; %s", m.what, e, m.advice)
		if m.isAll {
			return connectors.OfAccount(err)
		}
		return err
	}
	return fault.Errorf(fault.Them, "Salesforce refused: %w", e)
}

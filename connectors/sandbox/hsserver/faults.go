package hsserver

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A fault is a reply that is not what was asked for, in HubSpot's words.
type fault struct {
	code int // HTTP status; not part of the body

	Status        string              `json:"status,omitempty"`
	Message       string              `json:"message"`
	CorrelationID string              `json:"correlationId,omitempty"`
	Errors        []detail            `json:"errors,omitempty"`
	Context       map[string][]string `json:"context,omitempty"`
	Links         map[string]string   `json:"links,omitempty"`
	Category      string              `json:"category,omitempty"`
	SubCategory   string              `json:"subCategory,omitempty"`
	ErrorType     string              `json:"errorType,omitempty"`
	PolicyName    string              `json:"policyName,omitempty"`
	RequestID     string              `json:"requestId,omitempty"`
}

// A detail is one of several things wrong with a request.
type detail struct {
	Message string              `json:"message"`
	Context map[string][]string `json:"context,omitempty"`
}

func (f *fault) Error() string { return f.Message }

func invalid(format string, args ...any) *fault {
	return &fault{code: http.StatusBadRequest, Category: "VALIDATION_ERROR", Message: fmt.Sprintf(format, args...)}
}

func notFound() *fault {
	return &fault{code: http.StatusNotFound, Category: "OBJECT_NOT_FOUND", Message: "resource not found"}
}

// unknownObject has no category, as recorded from HubSpot.
func unknownObject(name string) *fault {
	return &fault{code: http.StatusBadRequest, Message: "Unable to infer object type from: " + name}
}

func unsigned() *fault {
	return &fault{
		code:     http.StatusUnauthorized,
		Category: "INVALID_AUTHENTICATION",
		Message: "Authentication credentials not found. This API supports OAuth 2.0 authentication " +
			"and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
	}
}

// statusMalformedToken is Cloudflare's 530, which HubSpot's edge answers a token
// with that can't be one.
const statusMalformedToken = 530

func malformedToken() *fault {
	return &fault{code: statusMalformedToken, Message: "The access token is malformed."}
}

func missingScope(scope string) *fault {
	const scopes = "https://developers.hubspot.com/scopes"
	return &fault{
		code:     http.StatusForbidden,
		Category: "MISSING_SCOPES",
		Message: "This app hasn't been granted all required scopes to make this call. " +
			"Read more about required scopes here: " + scopes + ".",
		Errors: []detail{{
			Message: "One or more of the following scopes are required.",
			Context: map[string][]string{"requiredGranularScopes": {scope}},
		}},
		Links: map[string]string{"scopes": scopes},
	}
}

// missingIDs is the part of a 207 reply that names the records not found.
func missingIDs(o *object, ids []string) *fault {
	return &fault{
		Status:   "error",
		Category: "OBJECT_NOT_FOUND",
		Message:  "Could not get some " + o.upper() + " objects, they may be deleted or not exist. Check that ids are valid.",
		Context:  map[string][]string{"ids": ids},
	}
}

func unassociated(from, to *object, id string) *fault {
	return &fault{
		Status:      "error",
		Category:    "OBJECT_NOT_FOUND",
		SubCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
		Message:     "No " + to.singular + " is associated with " + from.singular + " " + id + ".",
		Context: map[string][]string{
			"fromObjectId":   {id},
			"fromObjectType": {from.singular},
			"toObjectType":   {to.singular},
		},
	}
}

func invalidIdentifier(id string) *fault {
	return &fault{
		Status:      "error",
		Category:    "VALIDATION_ERROR",
		SubCategory: "crm.associations.INVALID_IDENTIFIER",
		Message:     id + " is not a valid ID",
		Context:     map[string][]string{"id": {id}},
	}
}

func appendFault(dst []byte, f *fault) []byte {
	body, err := json.Marshal(f)
	if err != nil { // texts and lists of texts always marshal
		panic(err)
	}
	return append(dst, body...)
}

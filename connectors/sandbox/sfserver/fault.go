package sfserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A refusal is an error as the API words it: a list of one, with a message and a code.
type refusal struct {
	status  int
	Message string `json:"message"`
	Code    string `json:"errorCode"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// pointAt words an error at a place in the query, with the caret that the API draws.
func pointAt(query string, at int, code, format string, args ...any) *refusal {
	at = min(at, len(query))
	from, to := max(0, at-25), min(len(query), at+25)
	message := fmt.Sprintf("\n%s\n%s^\nERROR at Row:1:Column:%d\n%s",
		query[from:to], strings.Repeat(" ", at-from), at+1, fmt.Sprintf(format, args...))
	return &refusal{status: http.StatusBadRequest, Code: code, Message: message}
}

func (r *refusal) write(w http.ResponseWriter) {
	writeJSON(w, r.status, []*refusal{r})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	// The client may have gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

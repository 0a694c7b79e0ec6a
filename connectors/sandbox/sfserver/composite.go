package sfserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// partsACall is how much one composite call may ask for.
const partsACall = 25

// serveComposite answers several GETs at once, which count as one call.
func (a *API) serveComposite(w http.ResponseWriter, r *http.Request, version int) *refusal {
	var ask struct {
		Parts []struct{ Method, URL, ReferenceID string } `json:"compositeRequest"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&ask); err != nil {
		return refuse(http.StatusBadRequest, "JSON_PARSER_ERROR", "The request body could not be read: %v", err)
	}
	if len(ask.Parts) > partsACall {
		return refuse(http.StatusBadRequest, "LIMIT_EXCEEDED", "Composite API: at most %d subrequests", partsACall)
	}
	type part struct {
		Body   json.RawMessage   `json:"body"`
		Header map[string]string `json:"httpHeaders"`
		Status int               `json:"httpStatusCode"`
		Name   string            `json:"referenceId"`
	}
	parts := make([]part, len(ask.Parts))
	for i, p := range ask.Parts {
		path, ok := strings.CutPrefix(p.URL, fmt.Sprintf("/services/data/v%d.0/", version))
		reply := &aside{header: http.Header{}, status: http.StatusOK}
		problem := notFound()
		if ok && p.Method == http.MethodGet && strings.HasPrefix(path, "sobjects") {
			problem = a.serveObjects(reply, version, strings.Trim(strings.TrimPrefix(path, "sobjects"), "/"))
		}
		if problem != nil {
			problem.write(reply)
		}
		parts[i] = part{Body: reply.body.Bytes(), Header: map[string]string{}, Status: reply.status, Name: p.ReferenceID}
	}
	writeJSON(w, http.StatusOK, map[string][]part{"compositeResponse": parts})
	return nil
}

// An aside is a reply that goes into another one.
type aside struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *aside) Header() http.Header         { return a.header }
func (a *aside) WriteHeader(status int)      { a.status = status }
func (a *aside) Write(p []byte) (int, error) { return a.body.Write(p) }

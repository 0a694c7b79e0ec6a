package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// refusals are calls that are answered with a status and a body of somebody's choice,
// whatever the CRM behind the sandbox would say: a bad day of one of its parts.
type refusals struct {
	mu  sync.RWMutex
	all map[string]refusal // by the text that such a call has in its address or body
}

type refusal struct {
	status int
	body   string
}

// Refuse answers each call whose address or body has the text with the status and the
// body, the CRM's own shape of an error without one; status 0 ends that.
func (s *Sandbox) Refuse(text string, status int, body string) {
	s.refusals.mu.Lock()
	defer s.refusals.mu.Unlock()
	if s.refusals.all == nil {
		s.refusals.all = map[string]refusal{}
	}
	s.refusals.all[text] = refusal{status, body}
	if status == 0 {
		delete(s.refusals.all, text)
	}
}

// refuse answers a call that is to be refused; false: it is not.
func (s *Sandbox) refuse(w http.ResponseWriter, r *http.Request) bool {
	s.refusals.mu.RLock()
	defer s.refusals.mu.RUnlock()
	if len(s.refusals.all) == 0 {
		return false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	address, err := url.QueryUnescape(r.URL.RequestURI())
	if err != nil {
		address = r.URL.RequestURI()
	}
	for text, refusal := range s.refusals.all {
		if !strings.Contains(address, text) && !bytes.Contains(body, []byte(text)) {
			continue
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(refusal.status)
		answer := refusal.body
		if answer == "" {
			answer = `{"status":"error","message":"refused by the sandbox","category":"SANDBOX"}`
			if strings.HasPrefix(r.URL.Path, "/services/") {
				answer = `[{"errorCode":"SANDBOX","message":"refused by the sandbox"}]`
			}
		}
		_, _ = io.WriteString(w, answer) // a client that hung up is nobody's fault
		return true
	}
	return false
}

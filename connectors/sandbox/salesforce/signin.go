package salesforce

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// signIn mints an access token by the client credentials flow.
func (a *API) signIn(w http.ResponseWriter, r *http.Request) {
	type problem struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if r.Method != http.MethodPost {
		writeJSON(w, http.StatusBadRequest, problem{"invalid_request", "must be HTTP POST"})
		return
	}
	clientID, secret, basic := r.BasicAuth()
	if !basic {
		clientID, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		writeJSON(w, http.StatusBadRequest, problem{"unsupported_grant_type", "grant type not supported"})
	case !same(clientID, a.access.ClientID):
		writeJSON(w, http.StatusBadRequest, problem{"invalid_client_id", "client identifier invalid"})
	case !same(secret, a.access.ClientSecret):
		writeJSON(w, http.StatusBadRequest, problem{"invalid_client", "invalid client credentials"})
	default:
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		home := scheme + "://" + r.Host
		writeJSON(w, http.StatusOK, map[string]string{
			"access_token": a.mint(), "instance_url": home, "token_type": "Bearer", "scope": "api",
			"id":        home + "/id/" + string(appendID(nil, prefixOrganization, 0)) + "/" + string(appendID(nil, prefixUser, 0)),
			"issued_at": strconv.FormatInt(a.clock.Now().UnixMilli(), 10),
		})
	}
}

func same(got, want string) bool { return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 }

const mintedPrefix = "00DSb0000000000!"

func (a *API) mint() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.minted++
	return fmt.Sprintf("%s%s.%d", mintedPrefix, a.access.Token, a.minted)
}

// Expire ends all sessions minted so far; whoever signs in anew goes on.
func (a *API) Expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expired = a.minted
}

func (a *API) signedIn(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		token, ok = strings.CutPrefix(r.Header.Get("Authorization"), "OAuth ")
	}
	if !ok {
		return false
	}
	if same(token, a.access.Token) {
		return true
	}
	serial, ok := strings.CutPrefix(token, mintedPrefix+a.access.Token+".")
	number, err := strconv.Atoi(serial)
	a.mu.Lock()
	defer a.mu.Unlock()
	return ok && err == nil && number > a.expired && number <= a.minted
}

package sfserver

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// signIn mints an access token by client credentials, by an assertion that a trusted
// key signed, or for a refresh token.
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
	switch r.PostFormValue("grant_type") {
	case "client_credentials":
		switch {
		case !same(clientID, a.access.ClientID):
			writeJSON(w, http.StatusBadRequest, problem{"invalid_client_id", "client identifier invalid"})
		case !same(secret, a.access.ClientSecret):
			writeJSON(w, http.StatusBadRequest, problem{"invalid_client", "invalid client credentials"})
		default:
			a.issue(w, r, "")
		}
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		if reason := a.assertionIsWrong(r.PostFormValue("assertion")); reason != "" {
			writeJSON(w, http.StatusBadRequest, problem{"invalid_grant", reason})
			return
		}
		a.issue(w, r, "")
	case "refresh_token":
		next, ok := a.rotate(r.PostFormValue("refresh_token"))
		if !ok || !same(clientID, a.access.ClientID) {
			writeJSON(w, http.StatusBadRequest, problem{"invalid_grant", "expired access/refresh token"})
			return
		}
		a.issue(w, r, next)
	default:
		writeJSON(w, http.StatusBadRequest, problem{"unsupported_grant_type", "grant type not supported"})
	}
}

// issue answers with a new access token, and with a refresh token if there is one.
func (a *API) issue(w http.ResponseWriter, r *http.Request, refresh string) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	home := scheme + "://" + r.Host
	reply := map[string]string{
		"access_token": a.mint(), "instance_url": home, "token_type": "Bearer", "scope": "api",
		"id":        home + "/id/" + string(appendID(nil, prefixOrganization, 0)) + "/" + string(appendID(nil, prefixUser, 0)),
		"issued_at": strconv.FormatInt(a.clock.Now().UnixMilli(), 10),
	}
	if refresh != "" {
		reply["refresh_token"] = refresh
	}
	writeJSON(w, http.StatusOK, reply)
}

// Trust lets a user sign in by assertions that the key's owner signs.
func (a *API) Trust(username, audience string, key *rsa.PublicKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bearer = &trusted{username: username, audience: audience, key: key}
}

// Rotating gives the org's first refresh token; each one is good for one use.
func (a *API) Rotating() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh = refreshPrefix + "1"
	a.rotations = 1
	return a.refresh
}

const refreshPrefix = "5AepSandbox."

// rotate ends a refresh token and gives the one after it.
func (a *API) rotate(used string) (next string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refresh == "" || !same(used, a.refresh) {
		return "", false
	}
	a.rotations++
	a.refresh = refreshPrefix + strconv.Itoa(a.rotations)
	return a.refresh, true
}

// trusted is whom an assertion may speak for, and by what key.
type trusted struct {
	username, audience string
	key                *rsa.PublicKey
}

// assertionIsWrong says why an assertion is not taken; "" when it is.
func (a *API) assertionIsWrong(assertion string) string {
	a.mu.Lock()
	by := a.bearer
	a.mu.Unlock()
	parts := strings.Split(assertion, ".")
	if by == nil || len(parts) != 3 {
		return "invalid assertion"
	}
	var text [3][]byte
	for i, part := range parts {
		plain, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return "invalid assertion"
		}
		text[i] = plain
	}
	var header struct{ Alg string }
	var claims struct {
		Iss, Sub, Aud string
		Exp           int64
	}
	if json.Unmarshal(text[0], &header) != nil || json.Unmarshal(text[1], &claims) != nil || header.Alg != "RS256" {
		return "invalid assertion"
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	left := claims.Exp - a.clock.Now().Unix()
	switch {
	case rsa.VerifyPKCS1v15(by.key, crypto.SHA256, digest[:], text[2]) != nil:
		return "invalid assertion"
	case !same(claims.Iss, a.access.ClientID):
		return "client identifier invalid"
	case claims.Sub != by.username:
		return "user hasn't approved this consumer"
	case claims.Aud != by.audience:
		return "audience is invalid"
	case left <= 0 || left > 300: // five minutes
		return "expired authorization code"
	}
	return ""
}

func same(got, want string) bool { return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 }

const mintedPrefix = "00DSb0000000000!"

func (a *API) mint() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.minted++
	return fmt.Sprintf("%s%s.%d", mintedPrefix, a.access.Token, a.minted)
}

// Expire ends all sessions that were used so far; whoever signs in anew, or has just
// done so, goes on.
func (a *API) Expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expired = a.used
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
	isGood := ok && err == nil && number > a.expired && number <= a.minted
	if isGood {
		a.used = max(a.used, number)
	}
	return isGood
}

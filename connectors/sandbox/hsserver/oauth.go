package hsserver

import (
	"net/http"
	"strconv"
	"time"
)

// token serves POST /oauth/{version}/token: a new access token for the refresh
// token. It takes a form; what stands in the URL is not looked at.
func (a *API) token(dst []byte, r *http.Request) (int, []byte, error) {
	if err := r.ParseForm(); err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return 0, nil, invalid("the body is no form")
	}
	form := r.PostForm
	switch {
	case form.Get("grant_type") != "refresh_token":
		return 0, nil, &fault{code: http.StatusBadRequest, Message: "unsupported grant_type", Category: "BAD_GRANT_TYPE"}
	case form.Get("client_id") != ClientID || form.Get("client_secret") != ClientSecret:
		return 0, nil, &fault{code: http.StatusBadRequest, Message: "missing or invalid client secret", Category: "BAD_CLIENT_SECRET"}
	case form.Get("refresh_token") != RefreshToken:
		return 0, nil, &fault{code: http.StatusBadRequest, Message: "missing or invalid refresh token", Category: "BAD_REFRESH_TOKEN"}
	}
	a.hiding.Lock()
	defer a.hiding.Unlock()
	a.issued++
	given := "sandbox-access-" + strconv.FormatInt(a.issued, 10)
	if a.tokens == nil {
		a.tokens = map[string]time.Time{}
	}
	a.tokens[given] = a.meter.wall().Add(tokenLife)
	return appendJSON(dst, map[string]any{
		"access_token": given, "refresh_token": RefreshToken, "token_type": "bearer", "expires_in": int(tokenLife / time.Second),
	})
}

// isIssued tells whether a token is one that was given out and still lives.
func (a *API) isIssued(token string) bool {
	a.hiding.Lock()
	defer a.hiding.Unlock()
	until, ok := a.tokens[token]
	return ok && a.meter.wall().Before(until)
}

// SignIns is how many access tokens were given out.
func (a *API) SignIns() int64 {
	a.hiding.Lock()
	defer a.hiding.Unlock()
	return a.issued
}

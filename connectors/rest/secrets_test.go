package rest_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/rest"
)

// What a server echoes of our secrets is redacted in every form in which it is known to.
func TestSecretsAreRedactedInEveryForm(t *testing.T) {
	const secret = `s3cr3t/+"%value-of-ours`
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{
		"plain": secret, "in an address": url.QueryEscape(secret), "in a path": url.PathEscape(secret), "in JSON": string(quoted), "in hex": hex.EncodeToString([]byte(secret)),
	}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.RawURLEncoding} {
		forms[name] = encoding.EncodeToString([]byte(secret))
		for _, id := range []string{"a", "ab", "abc", "client-id"} {
			forms[name+" of "+id] = encoding.EncodeToString([]byte(id + ":" + secret))
			forms[name+" of "+id+" in JSON"] = encoding.EncodeToString([]byte(`{"k":"` + id + `","s":"` + secret + `"}`))
		}
	}
	for name, form := range forms {
		api := serve(t, rest.Config{SignIn: func(context.Context) (rest.Token, error) {
			return rest.Token{Secret: connectors.NewSecret(secret)}, nil
		}}, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(418)
			io.WriteString(w, "you sent "+form+" to us")
		})
		err := api.JSON(context.Background(), rest.Call{Path: "/x"}, new(any))
		if err == nil || !strings.Contains(err.Error(), "[redacted]") || strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), form) {
			t.Errorf("%s: %v", name, err)
		}
		if word := longest(err.Error()); len(word) > 60 {
			t.Errorf("%s: %q is left", name, word)
		}
	}
}

func longest(text string) (word string) {
	for _, w := range strings.Fields(text) {
		if len(w) > len(word) {
			word = w
		}
	}
	return word
}

func TestLoopbackIsAnAddressAndNoBeginningOfAName(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.8.9.10": true, "localhost": true, "LOCALHOST": true, "::1": true, "::ffff:127.0.0.1": true,
		"127.evil.example": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false, "0.0.0.0": false, "10.0.0.1": false, "128.0.0.1": false, "": false, "::2": false,
	} {
		if rest.IsLoopback(host) != want {
			t.Errorf("%s is loopback: %v", host, !want)
		}
	}
}

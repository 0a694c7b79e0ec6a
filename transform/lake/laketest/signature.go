package laketest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// checkSignature computes a call's Signature Version 4 from nothing but Amazon's
// description of it, and compares. It puts the body back.
func checkSignature(r *http.Request, accessKey, secretKey, service, region string) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	fields := map[string]string{}
	said, isV4 := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	for part := range strings.SplitSeq(said, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	at := r.Header.Get("X-Amz-Date")
	if !isV4 || len(at) < 8 {
		return errors.New("the call is not signed by Signature Version 4")
	}
	scope := at[:8] + "/" + region + "/" + service + "/aws4_request"
	if want := accessKey + "/" + scope; fields["Credential"] != want {
		return fmt.Errorf("it is signed as %s, not as %s", fields["Credential"], want)
	}
	if !strings.Contains(fields["SignedHeaders"], "host") || !strings.Contains(fields["SignedHeaders"], "x-amz-date") {
		return errors.New("host and date are not signed")
	}
	text := "AWS4-HMAC-SHA256\n" + at + "\n" + scope + "\n" + sumOf(canonical(r, fields["SignedHeaders"], body))
	key := []byte("AWS4" + secretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = keyed(key, part)
	}
	if hex.EncodeToString(keyed(key, text)) != fields["Signature"] {
		return errors.New("the signature does not match")
	}
	return nil
}

// canonical is a call as its signature means it.
func canonical(r *http.Request, signed string, body []byte) []byte {
	var text strings.Builder
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	segments := strings.Split(path, "/")
	for i := range segments { // escaped once more, but for S3
		segments[i] = strings.ReplaceAll(url.QueryEscape(segments[i]), "+", "%20")
	}
	fmt.Fprintf(&text, "%s\n%s\n", r.Method, strings.Join(segments, "/"))
	var query []string
	for name, values := range r.URL.Query() {
		for _, value := range values {
			query = append(query, strings.ReplaceAll(url.QueryEscape(name)+"="+url.QueryEscape(value), "+", "%20"))
		}
	}
	slices.Sort(query)
	text.WriteString(strings.Join(query, "&") + "\n")
	for name := range strings.SplitSeq(signed, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		fmt.Fprintf(&text, "%s:%s\n", name, strings.Join(strings.Fields(value), " "))
	}
	fmt.Fprintf(&text, "\n%s\n%s", signed, sumOf(body))
	return []byte(text.String())
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(text))
	return mac.Sum(nil)
}

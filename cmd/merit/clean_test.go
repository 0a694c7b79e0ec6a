package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"merit/connectors/sandbox/company"
)

func TestNoControlCharacterButNewlinesGetsOut(t *testing.T) {
	var out bytes.Buffer
	w := &cleanWriter{to: &out}
	for _, part := range []string{"a\x1b[31mb\r\n", "\u202ex", "caf\xc3", "\xa9\n", "\x9b1m \xff\n"} {
		if n, err := io.WriteString(w, part); n != len(part) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if want := "a [31mb \nxcafé\n�1m �\n"; out.String() != want {
		t.Errorf("got %q, not %q", out.String(), want)
	}
}

// A CRM that has gone bad answers everything with text for a terminal.
func TestWhatACRMSaysCannotWriteToTheTerminal(t *testing.T) {
	const evil = `bad\u001b[2J\u001b]0;x\u0007\r\nmerit: everything is fine \u202eenif\u202c\u009b31m \u2028 merit: done`
	for connector, body := range map[string]string{
		"salesforce": `[{"errorCode": "` + evil + `", "message": "` + evil + `"}]`,
		"hubspot":    `{"message": "` + evil + `", "category": "` + evil + `", "errors": [{"message": "` + evil + `", "context": {"requiredScopes": ["` + evil + `"]}}]}`,
	} {
		for _, status := range []int{200, 400, 401, 403, 404, 500} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			dir := filepath.Join(t.TempDir(), connector)
			if err := writeStoryProject(dir, company.Acme(3, 5), []storySource{{connector, server.URL}}); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"check", "status"} {
				var out bytes.Buffer
				run([]string{command, "--project", dir}, &out, &out)
				for line := range strings.Lines(out.String()) {
					if strings.HasPrefix(line, "merit: everything") || strings.HasPrefix(line, "merit: done") {
						t.Errorf("%s, %d: the CRM wrote a line of its own: %q", connector, status, out.String())
					}
				}
				if at := strings.IndexFunc(out.String(), func(c rune) bool { return c != '\n' && unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }); at >= 0 {
					t.Errorf("%s, %d: %q", connector, status, out.String())
				}
			}
			server.Close()
		}
	}
}

// The lines that the files of a project have reach errors too.
func TestWhatAFileSaysCannotWriteToTheTerminal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	if err := writeStoryProject(dir, company.Acme(3, 5), []storySource{{"salesforce", "http://127.0.0.1:1"}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "roster.csv"), []byte("rep_id,name,email,role,valid_from\nx\x1b[2J,y,z@x.example,\x1b]0;x\x07,2024-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := run([]string{"check", "--project", dir}, &out, &out); code == 0 {
		t.Errorf("ended with 0: %s", out.String())
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\r\t") {
		t.Errorf("%q", out.String())
	}
}

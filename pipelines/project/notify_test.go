package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func openWith(t *testing.T, channel string) (*Project, error) {
	t.Helper()
	dir := t.TempDir()
	text := "sources:\n  crm: {connector: hubspot}\nnotify:\n  channels:\n    wins: " + channel + "\n"
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(dir)
}

func TestAMistakeInAChannelIsNamed(t *testing.T) {
	for channel, says := range map[string]string{
		"{kind: irc, url: '${HOOK}'}":                        "kind is",
		"{kind: slack, url: 'https://hooks.example/secret'}": "is a secret",
		"{kind: slack}": "is a secret",
		"{kind: slack, url: '${HOOK}', audience: 'person:ann'}": "read by many",
		"{kind: slack, url: '${HOOK}', quiet: '25:00-08:00'}":   "are not hours",
		"{kind: slack, url: '${HOOK}', quiet: '08:00-08:00'}":   "begins when it ends",
		"{kind: slack, url: '${HOOK}', zone: Mars/One}":         "IANA",
		"{kind: slack, url: '${HOOK}', colour: red}":            "colour",
		"{kind: teams, url: '${HOOK}'}\n  days: 91":             "between 1 and 90",
	} {
		if _, err := openWith(t, channel); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", channel, err)
		}
	}
}

func TestAChannelsAddressIsHTTPSOrOfThisMachineAndNeverInAnError(t *testing.T) {
	p, err := openWith(t, "{kind: slack, url: '${MERIT_TEST_HOOK}', quiet: '19:00-08:00', zone: America/New_York}")
	if err != nil {
		t.Fatal(err)
	}
	for address, good := range map[string]bool{
		"https://hooks.example/T/sesame": true, "http://127.0.0.1:9/sesame": true, "http://[::1]:9/sesame": true,
		"http://hooks.example/sesame": false, "http://127.0.0.1.example/sesame": false, "ftp://127.0.0.1/sesame": false,
		"https://ann:sesame@hooks.example/": false, "sesame": false, "https://hooks.example/%zzsesame": false,
	} {
		t.Setenv("MERIT_TEST_HOOK", address)
		channels, err := p.Channels()
		if (err == nil) != good || err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", address, err)
		}
		if good && (!channels[0].Quiet.Holds(time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)) || channels[0].Quiet.Holds(time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC))) {
			t.Error("22:00 in New York is quiet, 10:00 is not")
		}
	}
}

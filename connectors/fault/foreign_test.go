package fault_test

import (
	"strings"
	"testing"

	"merit/connectors/fault"
)

func TestForeignTextIsOneHarmlessLine(t *testing.T) {
	for text, want := range map[string]string{
		"no access\r\nmerit: everything is fine": "no access merit: everything is fine",
		"\x1b[2J\x1b]0;title\x07gone":            "[2J ]0;title gone",
		"a\u202eb\u2066c\u200bd\ufeffe":          "abcde",
		"tab\tand\vfeed\fand\u0085and\u2028end":  "tab and feed and and end",
		"Zu\u0308rich, 東京, עברית":                "Zu\u0308rich, 東京, עברית",
		"broken \xff UTF-8":                      "broken � UTF-8",
		"\x9b31m eight-bit":                      "�31m eight-bit",
		strings.Repeat("x", 10_000):              strings.Repeat("x", 300) + " …",
		"\x00\x7f":                               "",
	} {
		if got := fault.Foreign(text); got != want {
			t.Errorf("%q gives %q, not %q", text, got, want)
		}
	}
}

func TestPrintableKeepsLinesAndNothingElseThatMoves(t *testing.T) {
	if got := fault.Printable("one\n  two\x1b[1A\rthree\u202e"); got != "one\n  two [1A three" {
		t.Errorf("%q", got)
	}
}

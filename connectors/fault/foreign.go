package fault

import (
	"strings"
	"unicode"
)

// mostForeign is how much of another program's text is quoted; CRMs say a sentence or two.
const mostForeign = 300

// Foreign is what another program says, as it may stand in an error of ours: one line,
// without anything that moves a cursor, hides or reorders text, and no longer than
// people read.
func Foreign(text string) string {
	line := strings.Join(strings.Fields(strings.Map(visible, strings.ToValidUTF8(text, "�"))), " ")
	if runes := []rune(line); len(runes) > mostForeign {
		return string(runes[:mostForeign]) + " …"
	}
	return line
}

// Printable is text of ours as a terminal may get it: lines, and nothing that moves the
// cursor, hides or reorders what is read.
func Printable(text string) string {
	lines := strings.Split(strings.ToValidUTF8(text, "�"), "\n")
	for i, line := range lines {
		lines[i] = strings.Map(visible, line)
	}
	return strings.Join(lines, "\n")
}

// visible drops the runes that are no text: control characters, which become a space,
// and format characters such as bidirectional marks.
func visible(r rune) rune {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

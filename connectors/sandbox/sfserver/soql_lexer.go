package sfserver

import (
	"strings"
	"time"

	"merit/connectors/sandbox/company"
)

// A token is a piece of a statement and where it begins.
type token struct {
	kind tokenKind
	text string
	at   int
}

type tokenKind uint8

const (
	end    tokenKind = iota
	word             // a name, a keyword, true, false or null
	quoted           // a text, without its quotation marks
	number           // a number, a date or an instant
	sign             // an operator or a bracket
)

func lex(text string) ([]token, *refusal) {
	var tokens []token
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case isLetter(c):
			from := i
			for i < len(text) && (isLetter(text[i]) || isDigit(text[i]) || text[i] == '.') {
				i++
			}
			tokens = append(tokens, token{word, text[from:i], from})
		case isDigit(c) || c == '-' || c == '+' || c == '.':
			from := i
			for i++; i < len(text) && (isDigit(text[i]) || strings.IndexByte("-+.:TZtzeE", text[i]) >= 0); {
				i++
			}
			tokens = append(tokens, token{number, text[from:i], from})
		case c == '\'':
			inside, after, closed := unquote(text, i)
			if !closed {
				return nil, pointAt(text, i, "MALFORMED_QUERY", "unexpected token: <EOF>")
			}
			tokens = append(tokens, token{quoted, inside, i})
			i = after
		case i+1 < len(text) && strings.Contains(" <= >= != <> ", " "+text[i:i+2]+" "):
			tokens = append(tokens, token{sign, text[i : i+2], i})
			i += 2
		case strings.IndexByte("(),=<>", c) >= 0:
			tokens = append(tokens, token{sign, text[i : i+1], i})
			i++
		default:
			return nil, pointAt(text, i, "MALFORMED_QUERY", "line 1:%d no viable alternative at character '%c'", i, c)
		}
	}
	return append(tokens, token{end, "", len(text)}), nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// unquote reads a text from its opening quotation mark on.
func unquote(text string, at int) (inside string, after int, closed bool) {
	var b strings.Builder
	for i := at + 1; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'':
			return b.String(), i + 1, true
		case '\\':
			if i++; i < len(text) {
				b.WriteByte(escaped(text[i]))
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", len(text), false
}

func escaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// readInstant reads 2026-07-01T08:00:00Z, with or without a fraction, with Z, +00:00
// or +0000; a bare date is its midnight.
func readInstant(text string) (company.Instant, bool) {
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02",
	} {
		if at, err := time.Parse(layout, text); err == nil {
			return company.At(at), true
		}
	}
	return 0, false
}

// isDecimal tells whether text is a plain decimal number.
func isDecimal(text string) bool {
	text = strings.TrimPrefix(text, "-")
	whole, fraction, _ := strings.Cut(text, ".")
	return whole+fraction != "" && strings.Trim(whole+fraction, "0123456789") == ""
}

package model

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind is what a token is.
type kind int

const (
	word    kind = iota // an identifier or keyword, in lower case
	quoted              // an identifier in double quotes, without them
	literal             // a text in single quotes, without them
	number
	comment // -- to the end of the line, or /* */, without the marks
	symbol  // one character, or ::, ||, <=, >=, <>, !=, //
)

// A token is one word of SQL and where it stands.
type token struct {
	kind  kind
	text  string
	line  int // the first is 1
	start int // bytes
	end   int
}

func (t token) is(words ...string) bool {
	if t.kind != word && t.kind != symbol {
		return false
	}
	for _, w := range words {
		if t.text == w {
			return true
		}
	}
	return false
}

func (t token) isName() bool { return t.kind == word || t.kind == quoted }

// tokenize takes SQL apart, comments included. It knows what DuckDB and GoogleSQL
// write alike; it does not know a grammar.
func tokenize(sql string) ([]token, error) {
	var tokens []token
	line := 1
	for at := 0; at < len(sql); {
		r, size := utf8.DecodeRuneInString(sql[at:])
		if unicode.IsSpace(r) {
			line += strings.Count(sql[at:at+size], "\n")
			at += size
			continue
		}
		t, err := next(sql, at)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		t.line, t.start = line, at
		line += strings.Count(sql[at:t.end], "\n")
		at = t.end
		tokens = append(tokens, t)
	}
	return tokens, nil
}

// next reads the token that begins at a byte.
func next(sql string, at int) (token, error) {
	rest := sql[at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(rest, "--"):
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		return token{kind: comment, text: strings.TrimSpace(rest[2:end]), end: at + end}, nil
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest, "*/")
		if end < 0 {
			return token{}, fmt.Errorf("a comment that does not end")
		}
		return token{kind: comment, text: strings.TrimSpace(rest[2:end]), end: at + end + 2}, nil
	case r == '\'' || r == '"':
		text, length := enclosed(rest, byte(r))
		if length == 0 {
			return token{}, fmt.Errorf("a %c that is not closed", r)
		}
		which := literal
		if r == '"' {
			which = quoted
		}
		return token{kind: which, text: text, end: at + length}, nil
	case r == '_' || unicode.IsLetter(r):
		end := at + spanOf(rest, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
		return token{kind: word, text: strings.ToLower(sql[at:end]), end: end}, nil
	case unicode.IsDigit(r):
		end := at + spanOf(rest, func(r rune) bool { return r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
		return token{kind: number, text: sql[at:end], end: end}, nil
	}
	for _, pair := range []string{"::", "||", "<=", ">=", "<>", "!=", "//"} {
		if strings.HasPrefix(rest, pair) {
			return token{kind: symbol, text: pair, end: at + 2}, nil
		}
	}
	return token{kind: symbol, text: rest[:size], end: at + size}, nil
}

// enclosed reads a text whose quote is doubled inside it, and how many bytes it
// takes with its quotes; 0 when it does not end.
func enclosed(rest string, quote byte) (string, int) {
	var text strings.Builder
	for i := 1; i < len(rest); i++ {
		if rest[i] != quote {
			text.WriteByte(rest[i])
			continue
		}
		if i+1 < len(rest) && rest[i+1] == quote {
			text.WriteByte(quote)
			i++
			continue
		}
		return text.String(), i + 1
	}
	return "", 0
}

func spanOf(s string, belongs func(rune) bool) int {
	for i, r := range s {
		if !belongs(r) {
			return i
		}
	}
	return len(s)
}

// withoutComments keeps what an engine reads.
func withoutComments(tokens []token) []token {
	kept := make([]token, 0, len(tokens))
	for _, t := range tokens {
		if t.kind != comment {
			kept = append(kept, t)
		}
	}
	return kept
}

// Package sqltext reads SQL as tokens: which tables a query reads, what it calls, and
// what a view says of itself. It knows what DuckDB and GoogleSQL write alike, and no
// grammar. Nothing else in Merit takes SQL apart.
package sqltext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Kind is what a token is.
type Kind int

const (
	Word    Kind = iota // an identifier or keyword, in lower case
	Quoted              // an identifier in double quotes, without them
	Literal             // a text in single quotes, without them
	Number
	Comment // -- to the end of the line, or /* */, without the marks
	Symbol  // one character, or ::, ||, <=, >=, <>, !=, //
)

// A Token is one word of SQL and where it stands.
type Token struct {
	Kind  Kind
	Text  string
	Line  int // the first is 1
	Start int // bytes
	End   int
}

// Is tells whether the token is one of these words or symbols, not in quotes.
func (t Token) Is(words ...string) bool {
	if t.Kind != Word && t.Kind != Symbol {
		return false
	}
	for _, w := range words {
		if t.Text == w {
			return true
		}
	}
	return false
}

// IsName tells whether the token can name something.
func (t Token) IsName() bool { return t.Kind == Word || t.Kind == Quoted }

// Tokenize takes SQL apart, comments included. It knows what DuckDB and GoogleSQL
// write alike; it does not know a grammar.
func Tokenize(sql string) ([]Token, error) {
	var tokens []Token
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
		t.Line, t.Start = line, at
		line += strings.Count(sql[at:t.End], "\n")
		at = t.End
		tokens = append(tokens, t)
	}
	return tokens, nil
}

// next reads the token that begins at a byte.
func next(sql string, at int) (Token, error) {
	rest := sql[at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(rest, "--"):
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		return Token{Kind: Comment, Text: strings.TrimSpace(rest[2:end]), End: at + end}, nil
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest, "*/")
		if end < 0 {
			return Token{}, fmt.Errorf("a comment that does not end")
		}
		return Token{Kind: Comment, Text: strings.TrimSpace(rest[2:end]), End: at + end + 2}, nil
	case r == '\'' || r == '"':
		text, length := enclosed(rest, byte(r))
		if length == 0 {
			return Token{}, fmt.Errorf("a %c that is not closed", r)
		}
		which := Literal
		if r == '"' {
			which = Quoted
		}
		return Token{Kind: which, Text: text, End: at + length}, nil
	case r == '_' || unicode.IsLetter(r):
		end := at + spanOf(rest, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
		return Token{Kind: Word, Text: strings.ToLower(sql[at:end]), End: end}, nil
	case unicode.IsDigit(r):
		end := at + spanOf(rest, func(r rune) bool { return r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
		return Token{Kind: Number, Text: sql[at:end], End: end}, nil
	}
	for _, pair := range []string{"::", "||", "<=", ">=", "<>", "!=", "//"} {
		if strings.HasPrefix(rest, pair) {
			return Token{Kind: Symbol, Text: pair, End: at + 2}, nil
		}
	}
	return Token{Kind: Symbol, Text: rest[:size], End: at + size}, nil
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

// WithoutComments keeps what an engine reads.
func WithoutComments(tokens []Token) []Token {
	kept := make([]Token, 0, len(tokens))
	for _, t := range tokens {
		if t.Kind != Comment {
			kept = append(kept, t)
		}
	}
	return kept
}

// At is the token at a place, a symbol without text outside of them.
func At(tokens []Token, i int) Token {
	if i < 0 || i >= len(tokens) {
		return Token{Kind: Symbol}
	}
	return tokens[i]
}

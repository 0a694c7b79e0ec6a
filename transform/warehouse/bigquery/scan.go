package bigquery

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind is what a piece of SQL is.
type kind int

const (
	space   kind = iota // white space and comments: copied
	word                // identifier or keyword
	quoted              // "an identifier"
	own                 // `an identifier`, BigQuery's own quoting: copied
	literal             // 'a text', a quote within it doubled
	number
	symbol // one character
)

type piece struct {
	kind kind
	text string // as it is written
}

func (p piece) is(words ...string) bool {
	if p.kind != word && p.kind != symbol {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(p.text, w) {
			return true
		}
	}
	return false
}

func (p piece) isName() bool { return p.kind == word || p.kind == quoted }

// scan takes SQL apart; all pieces together are the text again. It knows what
// DuckDB and GoogleSQL write alike, and no grammar.
func scan(sql string) ([]piece, error) {
	var pieces []piece
	for at := 0; at < len(sql); {
		kind, size, err := next(sql[at:])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", 1+strings.Count(sql[:at], "\n"), err)
		}
		pieces = append(pieces, piece{kind, sql[at : at+size]})
		at += size
	}
	return pieces, nil
}

// next tells kind and size of the piece that begins a text.
func next(rest string) (kind, int, error) {
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case unicode.IsSpace(r):
		return space, size, nil
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return space, end, nil
		}
		return space, len(rest), nil
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			return 0, 0, fmt.Errorf("a comment that is not closed")
		}
		return space, end + 4, nil
	case r == '\'' || r == '"' || r == '`':
		size, err := closed(rest, byte(r))
		return map[rune]kind{'\'': literal, '"': quoted, '`': own}[r], size, err
	case r == '_' || unicode.IsLetter(r):
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(rest)
		}
		return word, end, nil
	case unicode.IsDigit(r):
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(rest)
		}
		return number, end, nil
	}
	return symbol, size, nil
}

// closed is the size of a quoted piece; the quote twice is the quote itself.
func closed(rest string, quote byte) (int, error) {
	for i := 1; i < len(rest); i++ {
		if rest[i] != quote {
			continue
		}
		if i+1 < len(rest) && rest[i+1] == quote {
			i++
			continue
		}
		return i + 1, nil
	}
	return 0, fmt.Errorf("a %c that is not closed", quote)
}

// inner is what a quoted piece says.
func (p piece) inner() string {
	quote := p.text[:1]
	return strings.ReplaceAll(p.text[1:len(p.text)-1], quote+quote, quote)
}

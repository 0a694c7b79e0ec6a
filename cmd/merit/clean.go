package main

import (
	"bytes"
	"io"
	"unicode"
	"unicode/utf8"
)

// A cleanWriter lets no control character out but newlines, and nothing that turns the
// direction of writing: what a CRM, a file or a setting says can't write to the operator's
// terminal. The moving line of progress is drawn past it.
type cleanWriter struct {
	to   io.Writer
	rest []byte // of a character whose other bytes are still to come
}

func (w *cleanWriter) Write(p []byte) (int, error) {
	text := append(w.rest, p...)
	w.rest = nil
	var clean bytes.Buffer
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		switch {
		case c == utf8.RuneError && size == 1 && !utf8.FullRune(text):
			w.rest = bytes.Clone(text)
			text = nil
			continue
		case c == '\n':
			clean.WriteByte('\n')
		case unicode.IsControl(c) || c == '\u2028' || c == '\u2029':
			clean.WriteByte(' ')
		case unicode.Is(unicode.Cf, c) && c != '\u200d': // which joins the parts of one emoji
		default:
			clean.WriteRune(c)
		}
		text = text[size:]
	}
	if _, err := w.to.Write(clean.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

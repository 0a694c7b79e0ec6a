package hubspot

import (
	"bytes"
	"slices"
)

// rounded is a number's text with at most our decimals, made in scratch. What
// stands behind the ninth is the noise of a float that an integration wrote
// (1999.9899999999998); refusing such an amount would lose it. A text with an
// exponent stays as it is.
func rounded(text, scratch []byte) []byte {
	point := bytes.IndexByte(text, '.')
	if point < 0 || len(text)-point-1 <= decimals {
		return text
	}
	for _, c := range text[point+1:] {
		if c < '0' || c > '9' {
			return text
		}
	}
	cut := point + 1 + decimals
	out := append(scratch[:0], text[:cut]...)
	if text[cut] < '5' {
		return out
	}
	for i := len(out) - 1; i >= 0; i-- {
		switch c := out[i]; {
		case c == '.':
		case c == '9':
			out[i] = '0'
		case c >= '0' && c < '9':
			out[i]++
			return out
		default: // the sign
			return slices.Insert(out, i+1, '1')
		}
	}
	return slices.Insert(out, 0, '1')
}

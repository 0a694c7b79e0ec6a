package sqltext

import "strings"

// Rewrite is the text with some of its tokens replaced: put gives a text for a number
// of tokens from i on; 0 keeps the token. All that stands between stays as it is.
func Rewrite(text string, tokens []Token, put func(i int) (string, int)) string {
	var b strings.Builder
	from := 0
	for i := 0; i < len(tokens); i++ {
		replaced, count := put(i)
		if count == 0 {
			continue
		}
		b.WriteString(text[from:tokens[i].Start] + replaced)
		i += count - 1
		from = tokens[i].End
	}
	b.WriteString(text[from:])
	return b.String()
}

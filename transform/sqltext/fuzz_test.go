package sqltext

import (
	"strings"
	"testing"
)

// Whatever the text, its tokens are its bytes in order, or its author is told a line;
// what is read from them does not panic.
func FuzzSQL(f *testing.F) {
	for _, seed := range []string{
		"", "select 1", "select a.b, 'it''s' as \"q\" -- c\nfrom core.deals as deals /* x\n */ join (select 1) t on true",
		"with a as (select * from raw.deals) select * from a union all select * from raw.x where y is distinct from 1", "'", "\"", "/*", "(", "from", "--", "1.5::numeric(18, 2)", "\x00é–",
		"-- main: raw.deals\nselect id from raw.deals",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := Tokenize(text)
		if err != nil {
			return
		}
		from := 0
		for _, token := range tokens {
			if token.Start < from || token.End <= token.Start || token.End > len(text) {
				t.Fatalf("token %+v after byte %d of %d", token, from, len(text))
			}
			if between := text[from:token.Start]; strings.TrimSpace(between) != "" {
				t.Fatalf("%q is in no token", between)
			}
			from = token.End
		}
		if rest := text[from:]; strings.TrimSpace(rest) != "" {
			t.Fatalf("%q is in no token", rest)
		}
		if same := Rewrite(text, tokens, func(int) (string, int) { return "", 0 }); same != text {
			t.Fatalf("nothing was put, and %q became %q", text, same)
		}
		_, _ = References(tokens)
		_, _ = ReadView(text)
	})
}

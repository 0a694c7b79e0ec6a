package rest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// formsOf are the texts in which another program may give a secret back: as it is,
// escaped for an address or for JSON, in hex, and in base64, alone or within a longer
// text such as id:secret.
func formsOf(secret string) []string {
	if secret == "" {
		return nil
	}
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret)))}
	if quoted, err := json.Marshal(secret); err == nil {
		forms = append(forms, strings.Trim(string(quoted), `"`))
	}
	// What stands before the secret moves its bits by 0, 2 or 4 places; the characters
	// that its neighbours share are left out.
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		forms = append(forms, encoding.EncodeToString([]byte(secret)))
		for before, shared := range []int{0, 2, 3} {
			encoded := encoding.EncodeToString(append(make([]byte, before), secret...))
			if end := (before + len(secret)) * 8 / 6; end-shared >= leastBase64 {
				forms = append(forms, encoded[shared:end])
			}
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // the longest first: none is left in part
	return slices.Compact(forms)
}

// leastBase64 is shorter than any secret's: so few characters may stand in any text.
const leastBase64 = 8

package project

import (
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/pipelines/yamlfile"
)

// Whatever stands in merit.yml, it is read or its author is told where.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"", "lake: lake\n", "sources:\n  crm: {connector: x, token: ${TOKEN}}\n", "fiscal_year_starts: 13", "warehouse: [", "a: &a [*a]", "? [a]\n: b", "lake: !!binary aaa", "\t", "calendar: {zone: Mars/One}", "lake: 1\nlake: 2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Settings
		if _, err := yamlfile.Parse("merit.yml", text, &s); err != nil && (fault.WhoMends(err) != fault.You || !strings.HasPrefix(err.Error(), "merit.yml")) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

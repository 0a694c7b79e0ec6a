package fault_test

import (
	"fmt"
	"testing"

	"merit/connectors/fault"
)

func TestOfALongListTheNearestAreNamed(t *testing.T) {
	long := []string{"core.deals", "marts.deals", "staging.deals", "core.deal_fields"}
	for i := range 200 {
		long = append(long, fmt.Sprintf("metrics.m%03d", i))
	}
	for _, of := range []struct {
		word  string
		known []string
		want  string
	}{
		{"core.deal", long, `, did you mean "core.deals" or "marts.deals" or "staging.deals"?`},
		{"deals", long, `, did you mean "core.deals" or "marts.deals" or "staging.deals"?`},
		{"CORE.DEALS", long, `, did you mean "core.deals" or "marts.deals" or "staging.deals"?`},
		{"core.deal_field", long, `, did you mean "core.deal_fields"?`},
		{"zzzzzzzz", long[:4], "; there are core.deals, marts.deals, staging.deals, core.deal_fields"},
		{"dael", []string{"deal", "contact"}, "; there are deal, contact"},
		{"contcat", []string{"deal", "contact"}, `, did you mean "contact"?; there are deal, contact`},
		{"x", nil, "; there are none"},
		{"", []string{"a"}, "; there are a"},
	} {
		if got := fault.Instead(of.word, of.known); got != of.want {
			t.Errorf("%q gives %q, not %q", of.word, got, of.want)
		}
	}
	if got, want := fault.Instead("zzzzzzzz", long), "; there are 204, among them core.deals, "; len(got) > 400 || got[:len(want)] != want {
		t.Errorf("%q does not begin with %q", got, want)
	}
}

package results

import "testing"

func TestAScoreHasTwoDigitsWhateverTheWarehouseWrites(t *testing.T) {
	for given, want := range map[string]string{"0": "0.00", "0.00": "0.00", "101.1": "101.10", "79.99": "79.99", "": ""} {
		if got := ofTwoDigits(given); got != want {
			t.Errorf("%q is written %q and not %q", given, got, want)
		}
	}
}

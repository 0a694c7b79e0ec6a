package incremental

import (
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestPercentagesMeanTheSameEverywhere(t *testing.T) {
	for text, want := range map[string]int64{"80%": 80, "80": 80, "80 %": 80, "1%": 1, "100%": 100, "": 60} {
		got, err := Percent("acme", connectors.Values{"daily_share": {text}}, "daily_share", "60%")
		if err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "101%", "-5", "half", "%", "0.8", "80%%", "8e1"} {
		_, err := Percent("acme", connectors.Values{"daily_share": {text}}, "daily_share", "60%")
		if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "60%") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTimesHaveAUnit(t *testing.T) {
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "90m": 90 * time.Minute, "1h30m": 90 * time.Minute, "0": 0, "": time.Hour} {
		got, err := Duration("acme", connectors.Values{"lookback": {text}}, "lookback", "60m", 48*time.Hour)
		if err != nil || got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for text, words := range map[string]string{"60": "write 60m", "7": "write 7m", "1.5": "write 1.5m", "-1h": "such as 60m", "49h": "up to 48h", "an hour": "such as 60m", "1d": "such as 60m"} {
		_, err := Duration("acme", connectors.Values{"lookback": {text}}, "lookback", "60m", 48*time.Hour)
		if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

package incremental

import (
	"strconv"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

// Percent reads a setting that is a share, such as 80%, from 1 % to 100 %; a bare
// number is one of per cent. usual stands for one that is not set.
func Percent(connector string, v connectors.Values, name, usual string) (int64, error) {
	text := v.Text(name)
	if text == "" {
		text = usual
	}
	share, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(text, "%")), 10, 64)
	if err != nil || share < 1 || share > 100 {
		return 0, fault.Errorf(fault.You, "%s: %s is %q, but must be a percentage from 1%% to 100%%, such as %s", connector, name, text, usual)
	}
	return share, nil
}

// Duration reads a setting that is a time, such as 24h or 90m, of at most so much; 0 is
// never. A number without a unit is answered with what it meant.
func Duration(connector string, v connectors.Values, name, usual string, most time.Duration) (time.Duration, error) {
	text := v.Text(name)
	if text == "" {
		text = usual
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil && text != "0" {
		unit := usual[strings.IndexAny(usual, "smh"):]
		return 0, fault.Errorf(fault.You, "%s: %s is %q, a number without a unit; write %s%s", connector, name, text, text, unit)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		return 0, fault.Errorf(fault.You, "%s: %s is %q, but must be a time up to %gh, such as %s; 0 is never", connector, name, text, most.Hours(), usual)
	}
	return d, nil
}

package payouts

import "testing"

// A clawback is for a deal that went, not for one whose history was written anew.
func TestARecordThatMovedInTimeIsToldFromOneThatWent(t *testing.T) {
	deal := func(id, day, excluded string) Evidence {
		return Evidence{Period: "2026-Q1", RepID: "ann", Role: "ae", Metric: "won", Source: "crm", RecordType: "deal", RecordID: id, OccurredAt: day, Numerator: "5", Denominator: "1", Excluded: excluded}
	}
	for name, test := range map[string]struct {
		before, now []Evidence
		changes     string
		takesBack   bool
	}{
		"it moved":                         {[]Evidence{deal("d1", "2026-01-02", "")}, []Evidence{deal("d1", "2026-02-02", "")}, "moved moved ", false},
		"it went":                          {[]Evidence{deal("d1", "2026-01-02", "")}, nil, "gone ", true},
		"it went and another came":         {[]Evidence{deal("d1", "2026-01-02", "")}, []Evidence{deal("d2", "2026-01-02", "")}, "gone new ", true},
		"it moved, and is excluded there":  {[]Evidence{deal("d1", "2026-01-02", "")}, []Evidence{deal("d1", "2026-02-02", "copy")}, "", true},
		"it counted twice, and moved once": {[]Evidence{deal("d1", "2026-01-02", ""), deal("d1", "2026-01-03", "")}, []Evidence{deal("d1", "2026-02-02", "")}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			Identify(test.before)
			Identify(test.now)
			changes, takesBack := "", false
			for _, d := range Differences(test.before, test.now) {
				changes, takesBack = changes+string(d.Change)+" ", takesBack || d.takesBack()
			}
			if test.changes != "" && changes != test.changes || takesBack != test.takesBack {
				t.Errorf("%s, takes back: %v", changes, takesBack)
			}
		})
	}
}

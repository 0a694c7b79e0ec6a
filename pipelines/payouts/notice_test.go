package payouts

import (
	"strings"
	"testing"
)

func TestWhatIsOutOfTheUsualIsPutBeforeApprovers(t *testing.T) {
	bonus := func(rep, amount, target string) Entry {
		return with(paid(rep, amount), func(e *Entry) { e.Period, e.For, e.BonusTarget = "2026-Q2", "2026-Q2", target })
	}
	before := []Entry{bonus("ann", "100.00", "1000.00"), bonus("bob", "900.00", "1000.00"), bonus("gone", "5.00", "1000.00"), bonus("name", "1.00", "1000.00")}
	now := []Entry{
		bonus("ann", "300.01", "1000.00"), bonus("bob", "900.00", "2000.00"), bonus("new", "2000.01", "1000.00"),
		with(bonus("name", "1.00", "1000.00"), func(e *Entry) { e.Name = "=NAME" }),
		with(bonus("name", "-5.00", "1000.00"), func(e *Entry) { e.For, e.Kind = "2026-Q1", Adjustment }),
	}
	want := `rep_id,what,before,now
,in all payable in USD,"1006.00, 4 lines","3196.02, 5 lines"
ann,more than three times the last period,100.00 USD,300.01 USD
bob,another bonus target,1000.00 USD,2000.00 USD
gone,not on the roster as ae any more,5.00 USD,
name,another name,NAME,'=NAME
name,"below zero in all, and the plan has no rule to recover it",,'-4.00 USD
new,more than twice the bonus target,1000.00 USD,2000.01 USD
new,new on the roster as ae,,2000.01 USD
`
	if got := string(NoticesCSV(Notices(Frozen{Entries: now}, &Frozen{Entries: before}))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Without an earlier period nobody is new, and an amount can still be too high.
	if got := string(NoticesCSV(Notices(Frozen{Entries: now[2:3]}, nil))); strings.Contains(got, "new on") || !strings.Contains(got, "twice") {
		t.Error(got)
	}
}

package payouts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
)

func half() *RecoveryRule { return &RecoveryRule{MostPercent: *apd.New(50, 0)} }

// told is each line as rep, kind, state and amount.
func told(entries []Entry) string {
	var lines []string
	for _, e := range entries {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", e.RepID, e.Kind, e.State, e.Amount))
	}
	return strings.Join(lines, "\n")
}

func correction(rep, amount string) Entry {
	return with(paid(rep, amount), func(e *Entry) { e.Period, e.For, e.Kind = "2026-Q2", "2026-Q1", Clawback })
}

func own(rep, amount string, kind Kind) Entry {
	return with(paid(rep, amount), func(e *Entry) { e.Period, e.For, e.Kind = "2026-Q2", "2026-Q2", kind })
}

func TestWhatIsOwedIsRecoveredFromBonusesOnlyAndTheRestIsCarried(t *testing.T) {
	owed := map[string]Money{AccountKey("ann", "USD"): {Currency: "USD"}, AccountKey("eve", "USD"): {Currency: "USD"}}
	before, err := Parse("100.00", "USD")
	if err != nil {
		t.Fatal(err)
	}
	owed[AccountKey("ann", "USD")], owed[AccountKey("gone", "USD")] = before, before
	entries, balances, err := Recover("2026-Q2", []Entry{
		correction("ann", "-4500.00"), own("ann", "1000.01", Bonus), own("ann", "70.00", TeamPool),
		correction("bob", "-30.00"), own("bob", "800.00", Bonus),
		correction("cho", "-7588.01"),
		own("dan", "5.00", Bonus),
		with(correction("fay", "-9.00"), func(e *Entry) { e.State = Held }),
	}, owed, half())
	if err != nil {
		t.Fatal(err)
	}
	want := `ann clawback booked -4500.00
ann bonus payable 1000.01
ann pool payable 70.00
bob clawback booked -30.00
bob bonus payable 800.00
cho clawback booked -7588.01
dan bonus payable 5.00
fay clawback held -9.00
ann recovery payable -500.00
bob recovery payable -30.00`
	if got := told(entries); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	table := `rep_id,currency,owed_before,booked,recovered,owed_after
ann,USD,100.00,4500.00,500.00,4100.00
bob,USD,0.00,30.00,30.00,0.00
cho,USD,0.00,7588.01,0.00,7588.01
gone,USD,100.00,0.00,0.00,100.00
`
	if got := string(BalancesCSV(balances)); got != table {
		t.Errorf("got\n%s\nwant\n%s", got, table)
	}
	// What was locked is what the next period finds.
	after := Owed(entries)
	if got := after[AccountKey("ann", "USD")].Text(); got != "4000.00" { // the 100.00 of before are of an earlier file
		t.Error(got)
	}
	if reason := entries[8].Reason; reason != "4600.00 USD is owed: 100.00 from before, 4500.00 booked now; recovered from bonuses of 1000.01, at most 50 %; 4100.00 is carried forward" {
		t.Error(reason)
	}
}

func TestWithoutARuleNothingIsBooked(t *testing.T) {
	lines := []Entry{correction("ann", "-4500.00"), own("ann", "1000.00", Bonus)}
	entries, balances, err := Recover("2026-Q2", lines, nil, nil)
	if err != nil || told(entries) != "ann clawback payable -4500.00\nann bonus payable 1000.00" || balances != nil {
		t.Errorf("%s %v %v", told(entries), balances, err)
	}
}

func TestCurrenciesAndAllAmountsAreKeptApart(t *testing.T) {
	yen := func(e *Entry) { e.Currency = "JPY" }
	all := half()
	all.TakesAll = true
	entries, _, err := Recover("2026-Q2", []Entry{
		with(correction("ann", "-500"), yen), own("ann", "1000.00", Bonus), with(own("ann", "301", TeamPool), yen),
	}, nil, all)
	if err != nil {
		t.Fatal(err)
	}
	if got := told(entries[3:]); got != "ann recovery payable -150" { // half of 301 yen, rounded down; dollars pay no yen
		t.Error(got)
	}
}

// A settled balance is not a correction of the quarter in which it was recovered.
func TestARecoveryIsNoPartOfWhatAPeriodPaid(t *testing.T) {
	entries, _, err := Recover("2026-Q2", []Entry{correction("ann", "-100.00"), own("ann", "1000.00", Bonus)}, nil, half())
	if err != nil {
		t.Fatal(err)
	}
	truth := []Entry{own("ann", "1000.00", Bonus)}
	if got := Adjustments("2026-Q3", Closed{Period: "2026-Q2", Paid: entries[1:], Truth: truth}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	// … and what was booked for the first quarter is settled there.
	first := []Entry{with(paid("ann", "100.00"), func(e *Entry) { e.Period, e.For, e.Kind = "2026-Q1", "2026-Q1", Bonus }), entries[0]}
	if got := Adjustments("2026-Q3", Closed{Period: "2026-Q1", Paid: first, Truth: []Entry{with(first[0], func(e *Entry) { e.Amount = "0.00" })}}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

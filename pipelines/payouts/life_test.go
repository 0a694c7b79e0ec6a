package payouts

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// paid is a line of 2026-Q1 as it was locked.
func paid(rep, amount string) Entry {
	return Entry{
		Period: "2026-Q1", For: "2026-Q1", RepID: rep, Name: strings.ToUpper(rep), Role: "ae", Kind: Bonus, Currency: "USD", Amount: amount, State: Payable,
		Reason: "as it was", PlanVersion: "1", PlanHash: "abc",
	}
}

func with(e Entry, change func(*Entry)) Entry {
	change(&e)
	return e
}

func won(rep, deal, amount string) Evidence {
	return Evidence{Period: "2026-Q1", RepID: rep, Role: "ae", Metric: "closed_won_arr", OccurredAt: "2026-02-01T10:00:00Z", Source: "crm", RecordType: "deal", RecordID: deal, Numerator: amount, Denominator: "1"}
}

// The story of one locked quarter, told by hand:
//
//	ann  was paid 9000.00, a deal is gone, truth 4500.00                    → clawback  −4500.00
//	bob  was paid 3000.00, a deal came late, truth 6000.00                  → adjustment 3000.00
//	cho  was held, is decided, truth 5000.00                                → release    5000.00
//	dan  was held, is held still: 700.00                                    → release, held, 700.00
//	eve  was paid 1000.00 and −250.00 since, truth 750.00                   → nothing
//	fay  was paid 2000.00, is not on that roster any more                   → adjustment −2000.00
//	gil  was paid 800.00, a deal was excluded by a decision, truth 0        → clawback  −800.00
//	hal  was paid 400.00, a new flag holds 600.00                           → adjustment 200.00, held
//	ida  was paid 500.00 as ae, and 90.00 in EUR; the pool gives 20.00 more → adjustment 20.00, nothing in EUR
func quarter() Closed {
	held := func(e *Entry) { e.State, e.Reason = Held, "a flag was open" }
	euro := func(e *Entry) { e.Currency = "EUR" }
	locked := []Evidence{won("ann", "d1", "600.00"), won("ann", "d2", "600.00"), won("bob", "d3", "700.00"), won("gil", "d4", "100.00")}
	now := []Evidence{won("ann", "d1", "600.00"), won("bob", "d3", "700.00"), won("bob", "d5", "400.00"), won("gil", "d4", "100.00")}
	now[3].Excluded = "test deal"
	Identify(locked)
	Identify(now)
	return Closed{
		Period: "2026-Q1",
		Paid: []Entry{
			paid("ann", "9000.00"), paid("bob", "3000.00"), with(paid("cho", "5000.00"), held), with(paid("dan", "700.00"), held),
			paid("eve", "1000.00"), with(paid("eve", "-250.00"), func(e *Entry) { e.Period, e.Kind = "2026-Q2", Adjustment }),
			paid("fay", "2000.00"), paid("gil", "800.00"), paid("hal", "400.00"), paid("ida", "500.00"), with(paid("ida", "90.00"), euro),
		},
		Truth: []Entry{
			paid("ann", "4500.00"), paid("bob", "6000.00"), paid("cho", "5000.00"), with(paid("dan", "700.00"), held), paid("eve", "750.00"),
			with(paid("gil", "0.00"), func(e *Entry) { e.State = NotEligible }), with(paid("hal", "600.00"), held),
			paid("ida", "500.00"), with(paid("ida", "20.00"), func(e *Entry) { e.Kind, e.Pool = TeamPool, "east" }), with(paid("ida", "90.00"), euro),
		},
		Differences: Differences(locked, now),
	}
}

func TestGoldenLateChangesOfALockedQuarterAreLinesOfTheOpenOne(t *testing.T) {
	entries := Adjustments("2026-Q2", quarter())
	golden(t, "late_changes.csv", EntriesCSV(entries))
	golden(t, "late_changes_evidence.csv", DifferencesCSV(quarter().Differences))

	// Once they are locked too, nothing is left to be put right but what is held.
	settled := quarter()
	settled.Paid = append(settled.Paid, entries...)
	for _, e := range Adjustments("2026-Q3", settled) {
		if e.State != Held {
			t.Errorf("%s is adjusted twice: %+v", e.RepID, e)
		}
	}
}

// Whatever becomes of a quarter over the years, in the end exactly the truth was
// exported; and while anything is held, nothing is paid or taken back.
func TestAllThatWasExportedIsTheTruthWhateverBecomesOfAQuarter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := func(kind Kind, label string) Entry {
			cents := rapid.Int64Range(0, 100_000).Draw(t, label)
			e := paid("ann", apd.New(cents, -2).Text('f'))
			e.Kind, e.State = kind, rapid.SampledFrom([]State{Payable, Payable, Held, NotEligible}).Draw(t, label+" state")
			if e.State == NotEligible {
				e.Amount = "0.00"
			}
			return e
		}
		truth := func() []Entry { return []Entry{line(Bonus, "bonus"), line(TeamPool, "pool")} }
		exportedOf := func(entries []Entry) Money {
			sum := Money{Currency: "USD"}
			for _, e := range entries {
				if e.State == Payable {
					sum = plus(sum, e.money())
				}
			}
			return sum
		}
		locked := truth()
		for range rapid.IntRange(1, 8).Draw(t, "later quarters") {
			before, now := exportedOf(locked), truth()
			entries := Adjustments("later", Closed{Period: "2026-Q1", Paid: locked, Truth: now})
			for i := range entries {
				entries[i].Period = "later"
			}
			locked = append(locked, entries...)
			want := exportedOf(now)
			if now[0].State == Held || now[1].State == Held {
				want = before
			}
			if got := exportedOf(locked); got.Text() != want.Text() {
				t.Fatalf("%s was exported, %s is right: %+v", got.Text(), want.Text(), entries)
			}
		}
	})
}

func TestAManifestFindsEveryChangedByteOfEveryFile(t *testing.T) {
	files := map[string][]byte{"payout.csv": EntriesCSV([]Entry{paid("ann", "1.00")}), "inputs/plan.yml": []byte("a: 1\n"), "empty": {}}
	text := ManifestText("2026-Q1", "now", "1 abc", files)
	if err := CheckManifest(text, "2026-Q1", files); err != nil {
		t.Fatal(err)
	}
	if err := CheckManifest(text, "2026-Q2", files); err == nil {
		t.Error("it is of another period")
	}
	for name, good := range files {
		for at := range good {
			bad := bytes.Clone(good)
			bad[at] ^= 1
			files[name] = bad
			if err := CheckManifest(text, "2026-Q1", files); err == nil || !strings.Contains(err.Error(), name) {
				t.Fatalf("byte %d of %s: %v", at, name, err)
			}
		}
		delete(files, name)
		if err := CheckManifest(text, "2026-Q1", files); err == nil {
			t.Errorf("%s was taken away", name)
		}
		files[name] = good
	}
	files["added"] = nil
	if err := CheckManifest(text, "2026-Q1", files); err == nil {
		t.Error("a file was added")
	}
}

func TestTheSameEntriesGiveTheSameWorkbook(t *testing.T) {
	f := Frozen{Heading: Heading{Period: "2026-Q1", TimeZone: "UTC"}}
	for i := range 50 {
		f.Entries = append(f.Entries, paid(fmt.Sprintf("rep%02d", i), "12.50"))
	}
	f.Controls = []Control{{Name: "lines", Count: 50, Amount: "625.00", Currency: "USD", Difference: "0"}}
	first, err := f.Files()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := f.Files()
		if err != nil {
			t.Fatal(err)
		}
		for name := range first {
			if !bytes.Equal(first[name], again[name]) {
				t.Fatalf("%s is another one", name)
			}
		}
	}
	thawed, err := ReadFrozen(first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := thawed.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name := range first {
		if !bytes.Equal(first[name], again[name]) {
			t.Errorf("%s is another one when it is made from the frozen inputs", name)
		}
	}
}

func TestAnOpenFlagHoldsTheOwnLinesAndLosesNone(t *testing.T) {
	entries := []Entry{paid("ann", "10.00"), paid("bob", "20.00")}
	Rules{}.Hold(entries, []Flag{{Period: "2026-Q1", RepID: "ann", Rule: "bulk_stage_update"}, {Period: "2025-Q4", RepID: "bob", Rule: "outlier"}})
	if entries[0].State != Held || entries[0].Amount != "10.00" || !strings.HasSuffix(entries[0].Reason, "held until the flag bulk_stage_update is reviewed") || entries[1].State != Payable {
		t.Errorf("%+v", entries)
	}
}

func TestAppendOnlyFilesMayGrowAndNothingElse(t *testing.T) {
	before := PrefixOf("disputes.csv", []byte("a,b\n1,2\n"))
	for text, ok := range map[string]bool{"a,b\n1,2\n": true, "a,b\n1,2\n3,4\n": true, "a,b\n": false, "a,b\n1,3\n": false, "": false} {
		if err := before.Check([]byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAStatementEscapesWhatItIsGivenAndNamesFilesSafely(t *testing.T) {
	e := paid("../../etc/passwd", "1.00")
	e.Name = `<script>alert(1)</script>`
	f := Frozen{Heading: Heading{Period: "2026-Q1", TimeZone: "UTC"}, Entries: []Entry{e}}
	files, err := f.Statements()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name) {
			t.Errorf("a file named %q", name)
		}
		if bytes.Contains(text, []byte("<script")) {
			t.Error("a script of a stranger runs in it")
		}
		for _, outside := range []string{"http://", "https://", "src=", "@import", "url("} {
			if bytes.Contains(text, []byte(outside)) {
				t.Errorf("it needs something from elsewhere: %s", outside)
			}
		}
	}
}

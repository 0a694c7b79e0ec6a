package ledger

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"merit/connectors/fault"
	"merit/pipelines/calendar"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/project"
)

// finance is a project with a draft of 2026-Q1 that paula has signed; carl and
// dora may approve, and it takes both.
func finance(t *testing.T, change func(*payouts.Frozen)) *project.Project {
	t.Helper()
	p := &project.Project{Dir: t.TempDir(), Calendar: calendar.Calendar{Zone: time.UTC, StartMonth: time.January}}
	p.Settings.Files.Payouts, p.Settings.Calendar = "payouts", project.CalendarSettings{TimeZone: "UTC", Currency: "USD", FiscalYearStarts: 1}
	p.Settings.Payouts = project.PayoutSettings{Approvers: []string{"keys/carl.pub", "keys/dora.pub"}, Approvals: 2}
	keys := map[string]evidence.Key{}
	for _, name := range []string{"paula", "carl", "dora"} {
		key, err := evidence.NewKey(p.Path("keys"), name)
		check(t, err)
		keys[name] = key
	}
	draftBy(t, p, keys["paula"], change)
	return p
}

// opened is the ledger of a project as it lies there.
func opened(t *testing.T, p *project.Project) *Ledger {
	t.Helper()
	l, err := Open(p)
	check(t, err)
	return l
}

// moves is the one metric of these tests, and oneMove a plan that pays the target for one.
var moves = plan.Known{"moves": {Kind: "sum"}}

const oneMove = `versions:
  - version: "1"
    effective_from: 2020-01-01
    roles: {ae: {metrics: {moves: {weight: 100, target: 1}}}}
    tiers: [{tier: gold, from: 100, multiplier: 1}]
`

// draftBy writes a draft as a preparer signs it: whatever change makes of the inputs,
// the files are what they give.
func draftBy(t *testing.T, j *project.Project, key evidence.Key, change func(*payouts.Frozen)) {
	t.Helper()
	l, err := Open(j)
	check(t, err)
	f := payouts.Frozen{
		Heading:  payouts.Heading{Period: "2026-Q1", StartsOn: "2026-01-01", EndsOn: "2026-03-31", AsOf: "2026-04-02T10:00:00Z", TimeZone: "UTC"},
		Evidence: []payouts.Evidence{{ID: "0123", OccurredAt: "2026-02-01T00:00:00Z", Period: "2026-Q1", RepID: "ann", Role: "ae", Metric: "moves", Numerator: "1", Denominator: "1"}},
		Measures: []payouts.Measurement{{Period: "2026-Q1", RepID: "ann", Role: "ae", Metric: "moves", Value: "1", Attainment: "100", Weight: "100", WeightUsed: "100", Samples: "1"}},
		Documents: map[string][]byte{
			"plan.yml": []byte(oneMove), "roster.csv": []byte("rep_id,name,email,role,valid_from,bonus_target,currency\nann,Ann,ann@x,ae,2025-01-01,10.00,USD\n"),
		},
	}
	if change != nil {
		change(&f)
	}
	settings, err := l.payingSettings(Build{})
	check(t, err)
	f.Documents[settingsName], err = evidence.Canonical(settings)
	check(t, err)
	f.Standings, f.Entries = computed(t, l, f)
	payouts.SaltEntries(f.Entries, f.Heading.Salt)
	derived, err := l.derivedNotices(f)
	check(t, err)
	f.Notices = append([]payouts.Notice{}, derived...)
	files, err := f.Files()
	check(t, err)
	sign(t, l, key, f, files)
}

// computed are the score of ann and her line, by the frozen inputs.
func computed(t *testing.T, l *Ledger, f payouts.Frozen) ([]payouts.Standing, []payouts.Entry) {
	t.Helper()
	rules, err := plan.Parse("plan.yml", f.Documents["plan.yml"], moves)
	check(t, err)
	in := plan.Inputs{Plan: rules, Calendar: l.project.Calendar, Currency: "USD"}
	in.Roster, err = rules.ParseRoster("roster.csv", f.Documents["roster.csv"], "USD")
	check(t, err)
	q, version, err := PlanFor(in, "2026-Q1")
	check(t, err)
	standings := rosterStandings(in, q)
	for i := range standings {
		standings[i].PlanVersion, standings[i].PlanHash = version.Name, version.Hash()
		standings[i].Measures = []payouts.Measure{{Metric: "moves", Kind: "sum", Value: "1", Numerator: "1", Denominator: "1", Samples: 1}}
		standings[i].BonusTarget = standings[i].Spans[0].BonusTarget
	}
	standings, err = PayRules(version).Rescore(standings)
	check(t, err)
	f.Standings = standings
	entries, err := recomputeLines(f, "2026-Q1", rules, l.project.Calendar.Parse)
	check(t, err)
	return standings, entries
}

// sign writes files as a draft that a key has signed, whatever they say.
func sign(t *testing.T, l *Ledger, key evidence.Key, f payouts.Frozen, files map[string][]byte) {
	t.Helper()
	text := payouts.ManifestText("2026-Q1", f.Heading.AsOf, "1 abc", payouts.WithSums(files))
	files[payouts.ManifestName] = key.Seal(text)
	check(t, os.MkdirAll(l.path("2026-Q1"), 0o700))
	check(t, payouts.Write(l.path("2026-Q1", "draft"), files))
	check(t, l.rememberDraft("2026-Q1", drafted{Manifest: sumOf([]byte(text)), Preparer: key.Public.Text}))
}

// onTarget changes ann's bonus target.
func onTarget(amount string) func(*payouts.Frozen) {
	return func(f *payouts.Frozen) {
		f.Documents["roster.csv"] = bytes.ReplaceAll(f.Documents["roster.csv"], []byte("10.00"), []byte(amount))
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func approveBoth(t *testing.T, j *project.Project) {
	t.Helper()
	for _, name := range []string{"carl", "dora"} {
		_, err := opened(t, j).Approve("2026-Q1", name, moves)
		check(t, err)
	}
}

// refused is a fault of the person, with these words.
func refused(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), words) {
		t.Fatalf("it should say %q: %v", words, err)
	}
}

func TestALockNeedsAPeriodThatIsOverAndControlTotalsThatAgree(t *testing.T) {
	j := finance(t, func(f *payouts.Frozen) { f.Heading.AsOf = "2026-03-31T23:59:59Z" })
	approveBoth(t, j)
	_, err := opened(t, j).Lock("2026-Q1", moves)
	refused(t, err, "2026-Q1 was not over when the draft's tables were built")

	for _, difference := range []string{"1", "-1", "0.01"} {
		j = finance(t, func(f *payouts.Frozen) {
			f.Controls = []payouts.Control{{Name: "good", Difference: "0.00"}, {Name: "records in the lake against staging", Source: "crm", Item: "deals", Difference: difference}, {Name: "not compared"}}
		})
		approveBoth(t, j)
		_, err = opened(t, j).Lock("2026-Q1", moves)
		refused(t, err, "1 control totals differ without an explanation, the first: records in the lake against staging, crm deals: "+difference)
	}
}

func TestAPreparerUnderAnotherNameIsStillThePreparer(t *testing.T) {
	j := finance(t, nil)
	keys := j.Path("keys")
	for _, end := range []string{".key", ".pub"} { // paula calls herself carl, in merit.yml too
		text, err := os.ReadFile(filepath.Join(keys, "paula"+end))
		check(t, err)
		check(t, os.WriteFile(filepath.Join(keys, "carl"+end), text, 0o600))
	}
	_, err := opened(t, j).Approve("2026-Q1", "carl", moves)
	refused(t, err, "can't approve it")
}

func TestAnApproverWhoDraftedAnEarlierVersionCantApproveTheNextOne(t *testing.T) {
	j := finance(t, nil)
	carl, err := evidence.ReadKey(j.Path("keys/carl.key"))
	check(t, err)
	paula, err := evidence.ReadKey(j.Path("keys/paula.key"))
	check(t, err)
	draftBy(t, j, carl, onTarget("11.00"))
	draftBy(t, j, paula, nil)
	_, err = opened(t, j).Approve("2026-Q1", "carl", moves)
	refused(t, err, "carl prepared a draft of 2026-Q1")
}

func TestAnApprovalHoldsForTheVeryDraftOnly(t *testing.T) {
	j := finance(t, nil)
	approveBoth(t, j)
	paula, err := evidence.ReadKey(j.Path("keys/paula.key"))
	check(t, err)
	draftBy(t, j, paula, onTarget("10.01"))
	_, err = opened(t, j).Lock("2026-Q1", moves)
	refused(t, err, "0 of 2 approvals")
	draftBy(t, j, paula, nil) // the same bytes as were approved, and still another draft
	_, err = opened(t, j).Lock("2026-Q1", moves)
	refused(t, err, "0 of 2 approvals")
	approveBoth(t, j)
	_, err = opened(t, j).Lock("2026-Q1", moves)
	check(t, err)
}

func TestAnApproverWhomTheSettingsNameNoMoreDoesNotCount(t *testing.T) {
	j := finance(t, nil)
	approveBoth(t, j)
	j.Settings.Payouts.Approvers = []string{"keys/carl.pub"}
	_, err := opened(t, j).Lock("2026-Q1", moves)
	refused(t, err, "1 of 2 approvals")
}

func TestALockThatACrashCutShortIsFinishedOrGivenBack(t *testing.T) {
	j := finance(t, nil)
	folder := func(name string) string { return j.Path("payouts/2026-Q1/" + name) }
	approveBoth(t, j)
	// Before the record: it is a draft again.
	check(t, os.Rename(folder("draft"), folder(lockedPart)))
	_, err := opened(t, j).Lock("2026-Q1", moves)
	check(t, err)
	// After the record, before the last name: it is locked.
	check(t, os.Rename(folder("locked"), folder(lockedPart)))
	check(t, os.Remove(folder("checkpoint.txt")))
	_, err = opened(t, j).Export("2026-Q1", Exporting{Layout: "generic"})
	check(t, err)
	if _, err := os.Stat(folder("checkpoint.txt")); err != nil {
		t.Error(err)
	}
	// A locked folder that is gone is not a period that is open again.
	check(t, os.RemoveAll(folder("locked")))
	_, err = Open(j)
	refused(t, err, "2026-Q1 is locked, and")
}

func TestALockedPeriodThatIsSignedAnewIsNotTheOneThatWasLocked(t *testing.T) {
	j := finance(t, nil)
	approveBoth(t, j)
	_, err := opened(t, j).Lock("2026-Q1", moves)
	check(t, err)
	folder := j.Path("payouts/2026-Q1/locked")
	files, err := payouts.ReadFolder(folder)
	check(t, err)
	delete(files, payouts.ManifestName)
	files["payout.csv"] = bytes.ReplaceAll(files["payout.csv"], []byte("10.00"), []byte("99.00"))
	text := payouts.ManifestText("2026-Q1", "2026-04-02T10:00:00Z", "1 abc", files)
	var sealed []byte
	for _, name := range []string{"paula", "carl", "dora"} { // all three conspire, but not the log
		key, err := evidence.ReadKey(j.Path("keys/" + name + ".key"))
		check(t, err)
		if sealed == nil {
			sealed = key.Seal(text)
			continue
		}
		sealed = append(sealed, bytes.TrimPrefix(key.Seal(text), []byte(text+"\n"))...)
	}
	check(t, os.Remove(filepath.Join(folder, "payout.csv")))
	check(t, os.WriteFile(filepath.Join(folder, "payout.csv"), files["payout.csv"], 0o600))
	check(t, os.Remove(filepath.Join(folder, payouts.ManifestName)))
	check(t, os.WriteFile(filepath.Join(folder, payouts.ManifestName), sealed, 0o600))
	_, err = Open(j)
	refused(t, err, "manifest.txt was changed")
}

func TestWhatIsEncryptedToSomebodyIsReadByThatOneAlone(t *testing.T) {
	j := finance(t, nil)
	approveBoth(t, j)
	_, err := opened(t, j).Lock("2026-Q1", moves)
	check(t, err)
	payroll, err := age.GenerateX25519Identity()
	check(t, err)
	other, err := age.GenerateX25519Identity()
	check(t, err)
	done, err := opened(t, j).Export("2026-Q1", Exporting{Layout: "generic", Recipient: payroll.Recipient().String()})
	check(t, err)
	text, err := os.ReadFile(done[0].Path)
	check(t, err)
	decrypted, err := age.Decrypt(bytes.NewReader(text), payroll)
	check(t, err)
	plain, err := io.ReadAll(decrypted)
	check(t, err)
	if !bytes.Contains(plain, []byte("2026-Q1,2026-Q1,ann,ann,bonus,10.00,USD\n")) || bytes.Contains(text, []byte("ann")) {
		t.Errorf("%s", plain)
	}
	var wrong *age.NoIdentityMatchError
	if _, err := age.Decrypt(bytes.NewReader(text), other); !errors.As(err, &wrong) {
		t.Errorf("a stranger reads it: %v", err)
	}
	_, err = opened(t, j).Export("2026-Q1", Exporting{Layout: "generic", Recipient: "age1nonsense"})
	refused(t, err, "--encrypt takes an age recipient")
}

// A dishonest preparer with a Merit of the own making can sign anything.
func TestADraftThatItsInputsDoNotGiveIsNeitherApprovedNorLocked(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  func(files map[string][]byte)
		refused string
	}{
		{"another amount everywhere", func(files map[string][]byte) {
			for name, text := range files {
				if name == "payout.csv" || name == payouts.LinesName {
					files[name] = bytes.ReplaceAll(text, []byte("10.00"), []byte("90.00"))
				}
			}
		}, "is not the file that was signed"},
		{"another target on the frozen roster", func(files map[string][]byte) {
			files["inputs/roster.csv"] = bytes.ReplaceAll(files["inputs/roster.csv"], []byte("10.00"), []byte("90.00"))
		}, "days and targets"},
		{"evidence that nobody counted", func(files map[string][]byte) {
			files["inputs/evidence.jsonl"] = bytes.Repeat(files["inputs/evidence.jsonl"], 2)
		}, "the build counted 1 samples, the evidence has 2 rows"},
		{"another attainment on the statement", func(files map[string][]byte) {
			files["inputs/measures.jsonl"] = bytes.ReplaceAll(files["inputs/measures.jsonl"], []byte(`"attainment":"100"`), []byte(`"attainment":"90"`))
		}, "the build shows the attainment"},
		{"no settings, so that nothing is compared", func(files map[string][]byte) { delete(files, "inputs/"+settingsName) }, "has no inputs/settings.json"},
		{"a statement of another amount", func(files map[string][]byte) {
			files["statements/ann.html"] = bytes.ReplaceAll(files["statements/ann.html"], []byte("10.00"), []byte("1.00"))
		}, "statements/ann.html was recomputed"},
		{"an empty list of changes", func(files map[string][]byte) {
			files["changes.csv"], files["inputs/notices.jsonl"] = []byte("rep_id,what,before,now\n"), []byte("{\"rep_id\":\"\",\"what\":\"all is well\",\"before\":\"\",\"now\":\"\"}\n")
		}, "changes.csv was recomputed"},
		{"approvers of the own", func(files map[string][]byte) {
			files["inputs/"+settingsName] = bytes.Replace(files["inputs/"+settingsName], []byte(`"approvals":2`), []byte(`"approvals":1`), 1)
		}, "drafted under other approvers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := finance(t, nil)
			approveBoth(t, j)
			l := opened(t, j)
			files, err := payouts.ReadFolder(l.path("2026-Q1", "draft"))
			check(t, err)
			for name := range files {
				if name == payouts.ManifestName || strings.HasSuffix(name, ".sha256") {
					delete(files, name)
				}
			}
			f, err := payouts.ReadFrozen(files)
			check(t, err)
			test.change(files)
			paula, err := evidence.ReadKey(j.Path("keys/paula.key"))
			check(t, err)
			sign(t, l, paula, f, files)
			_, err = opened(t, j).Approve("2026-Q1", "carl", moves)
			refused(t, err, test.refused)
			_, err = opened(t, j).Lock("2026-Q1", moves)
			refused(t, err, "")
		})
	}
}

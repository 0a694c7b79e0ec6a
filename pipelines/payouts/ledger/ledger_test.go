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
	"merit/pipelines/project"
)

// finance is a project with a draft of 2026-Q1 that paula has signed; carl and
// dora may approve, and it takes both.
func finance(t *testing.T, change func(*payouts.Frozen)) *project.Project {
	t.Helper()
	p := &project.Project{Dir: t.TempDir(), Calendar: calendar.Calendar{Zone: time.UTC, StartMonth: time.January}}
	p.Settings.Files.Payouts = "payouts"
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

func draftBy(t *testing.T, j *project.Project, key evidence.Key, change func(*payouts.Frozen)) {
	t.Helper()
	f := payouts.Frozen{
		Heading: payouts.Heading{Period: "2026-Q1", StartsOn: "2026-01-01", EndsOn: "2026-03-31", AsOf: "2026-04-02T10:00:00Z", TimeZone: "UTC"},
		Entries: []payouts.Entry{{Period: "2026-Q1", For: "2026-Q1", RepID: "ann", Role: "ae", Kind: payouts.Bonus, Currency: "USD", Amount: "10.00", State: payouts.Payable}},
	}
	if change != nil {
		change(&f)
	}
	files, err := f.Files()
	check(t, err)
	text := payouts.ManifestText("2026-Q1", f.Heading.AsOf, "1 abc", payouts.WithSums(files))
	files[payouts.ManifestName] = key.Seal(text)
	l, err := Open(j)
	check(t, err)
	check(t, os.MkdirAll(l.path("2026-Q1"), 0o700))
	check(t, payouts.Write(l.path("2026-Q1", "draft"), files))
	check(t, l.rememberDraft("2026-Q1", drafted{Manifest: sumOf([]byte(text)), Preparer: key.Public.Text}))
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
		_, err := opened(t, j).Approve("2026-Q1", name)
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
	_, err := opened(t, j).Lock("2026-Q1")
	refused(t, err, "2026-Q1 was not over when the draft's tables were built")

	for _, difference := range []string{"1", "-1", "0.01"} {
		j = finance(t, func(f *payouts.Frozen) {
			f.Controls = []payouts.Control{{Name: "good", Difference: "0.00"}, {Name: "records in the lake against staging", Source: "crm", Item: "deals", Difference: difference}, {Name: "not compared"}}
		})
		approveBoth(t, j)
		_, err = opened(t, j).Lock("2026-Q1")
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
	_, err := opened(t, j).Approve("2026-Q1", "carl")
	refused(t, err, "can't approve it")
}

func TestAnApproverWhoDraftedAnEarlierVersionCantApproveTheNextOne(t *testing.T) {
	j := finance(t, nil)
	carl, err := evidence.ReadKey(j.Path("keys/carl.key"))
	check(t, err)
	paula, err := evidence.ReadKey(j.Path("keys/paula.key"))
	check(t, err)
	draftBy(t, j, carl, func(f *payouts.Frozen) { f.Entries[0].Amount = "11.00" })
	draftBy(t, j, paula, nil)
	_, err = opened(t, j).Approve("2026-Q1", "carl")
	refused(t, err, "carl prepared a draft of 2026-Q1")
}

func TestAnApprovalHoldsForTheVeryDraftOnly(t *testing.T) {
	j := finance(t, nil)
	approveBoth(t, j)
	paula, err := evidence.ReadKey(j.Path("keys/paula.key"))
	check(t, err)
	draftBy(t, j, paula, func(f *payouts.Frozen) { f.Entries[0].Amount = "10.01" })
	_, err = opened(t, j).Lock("2026-Q1")
	refused(t, err, "0 of 2 approvals")
	draftBy(t, j, paula, nil) // the same bytes as were approved, and still another draft
	_, err = opened(t, j).Lock("2026-Q1")
	refused(t, err, "0 of 2 approvals")
	approveBoth(t, j)
	_, err = opened(t, j).Lock("2026-Q1")
	check(t, err)
}

func TestAnApproverWhomTheSettingsNameNoMoreDoesNotCount(t *testing.T) {
	j := finance(t, nil)
	approveBoth(t, j)
	j.Settings.Payouts.Approvers = []string{"keys/carl.pub"}
	_, err := opened(t, j).Lock("2026-Q1")
	refused(t, err, "1 of 2 approvals")
}

func TestALockThatACrashCutShortIsFinishedOrGivenBack(t *testing.T) {
	j := finance(t, nil)
	folder := func(name string) string { return j.Path("payouts/2026-Q1/" + name) }
	approveBoth(t, j)
	// Before the record: it is a draft again.
	check(t, os.Rename(folder("draft"), folder(lockedPart)))
	_, err := opened(t, j).Lock("2026-Q1")
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
	_, err := opened(t, j).Lock("2026-Q1")
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
	_, err := opened(t, j).Lock("2026-Q1")
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

package ledger

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/project"
	"merit/pipelines/review"
)

func TestFraudsBeforeTheLockAreFound(t *testing.T) {
	run(t, approved2, []fraud{
		{"an approval is put into the log again after the same bytes were drafted again", func(t *testing.T, p *project.Project) {
			old := recordOf(t, p, approvalRecord, 0)
			draftBy(t, p, key(t, p, "paula"), onTarget("11.00"))
			draftBy(t, p, key(t, p, "paula"), nil)
			appendAgain(t, p, old, "2026-Q1")
		}, lockIt, "0 of 2 approvals"},
		{"an approval that was withdrawn is put back", func(t *testing.T, p *project.Project) {
			_, err := opened(t, p).Withdraw("2026-Q1", "carl")
			check(t, err)
			appendAgain(t, p, recordOf(t, p, approvalRecord, 0), "2026-Q1")
		}, lockIt, "1 of 2 approvals"},
		{"an approval of another quarter is put under this one", func(t *testing.T, p *project.Project) {
			old := recordOf(t, p, approvalRecord, 0)
			draftBy(t, p, key(t, p, "paula"), onTarget("11.00"))
			appendAgain(t, p, old, "2026-Q1")
		}, lockIt, "0 of 2 approvals"},
		{"somebody else's signature under an approver's name", func(t *testing.T, p *project.Project) {
			draftBy(t, p, key(t, p, "paula"), onTarget("11.00"))
			r := recordOf(t, p, draftRecord, 1)
			var d drafted
			check(t, jsonBody(r, &d))
			text, err := os.ReadFile(inQuarter(p, "draft", payouts.ManifestName))
			check(t, err)
			head, _, _ := strings.Cut(string(text), "\n\n—")
			eve := newKey(t, p, "eve")
			_, err = opened(t, p).log.Append(time.Now(), approvalRecord, "2026-Q1", approved{Manifest: d.Manifest, Approver: key(t, p, "carl").Public.Text, Signature: string(eve.Seal(head + "\n"))})
			check(t, err)
		}, lockIt, "is not signed by carl, whom it names"},
		{"one key under the names of both approvers", func(t *testing.T, p *project.Project) {
			draftBy(t, p, key(t, p, "paula"), onTarget("11.00"))
			rename(t, p, "carl", "dora")
		}, approveBy("dora"), ""},
		{"an approver of one's own in merit.yml", func(t *testing.T, p *project.Project) {
			newKey(t, p, "eve")
			p.Settings.Payouts.Approvers = append(p.Settings.Payouts.Approvers, "keys/eve.pub")
		}, approveBy("eve"), "merit.yml names other approvers"},
		{"another key under an approver's name", func(t *testing.T, p *project.Project) {
			newKey(t, p, "eve")
			rename(t, p, "eve", "carl")
			draftBy(t, p, key(t, p, "paula"), onTarget("11.00"))
		}, approveBy("carl"), "merit.yml names other approvers"},
		{"one approval is enough, says merit.yml", func(t *testing.T, p *project.Project) {
			p.Settings.Payouts.Approvals = 1
		}, lockIt, "merit.yml names other approvers, stewards or managers, another number of approvals"},
		{"another time zone after the approval", func(t *testing.T, p *project.Project) {
			p.Settings.Calendar.TimeZone = "Pacific/Kiritimati"
		}, lockIt, "another calendar"},
		{"a steward of one's own after the approval", func(t *testing.T, p *project.Project) {
			newKey(t, p, "eve")
			p.Settings.Payouts.Stewards = []string{"keys/eve.pub"}
		}, lockIt, "other approvers, stewards or managers"},
		{"a manager of one's own after the approval", func(t *testing.T, p *project.Project) {
			newKey(t, p, "eve")
			p.Settings.Payouts.Managers = []string{"keys/eve.pub"}
		}, lockIt, "managers eve "},
		{"a list of approvers that nobody has signed is put into the log", func(t *testing.T, p *project.Project) {
			eve := newKey(t, p, "eve")
			list, err := opened(t, p).listed()
			check(t, err)
			list.Approvers, list.Needed = []string{eve.Public.Text}, 1
			_, err = opened(t, p).log.Append(time.Now(), approversRecord, "", list)
			check(t, err)
		}, lockIt, "changes the approvers with 0 of 2 signatures"},
		{"a signature under an earlier change of approvers is used again", func(t *testing.T, p *project.Project) {
			p.Settings.Payouts.Approvals = 1
			for _, name := range []string{"carl", "dora"} {
				_, err := opened(t, p).ChangeApprovers(name)
				check(t, err)
			}
			first := recordOf(t, p, changeRecord, 0)
			p.Settings.Payouts.Approvals = 2
			_, err := opened(t, p).ChangeApprovers("carl")
			check(t, err)
			p.Settings.Payouts.Approvals = 1 // back, by what was signed then
			appendAgain(t, p, first, "")
			list, err := opened(t, p).listed()
			check(t, err)
			_, err = opened(t, p).log.Append(time.Now(), approversRecord, "", list)
			check(t, err)
		}, lockIt, "changes the approvers with 0 of 2 signatures"},
		{"an earlier draft is put back in the place of the approved one", func(t *testing.T, p *project.Project) {
			check(t, os.CopyFS(p.Path("kept"), os.DirFS(inQuarter(p, "draft"))))
			draftBy(t, p, key(t, p, "paula"), onTarget("11.00"))
			check(t, os.RemoveAll(inQuarter(p, "draft")))
			check(t, os.CopyFS(inQuarter(p, "draft"), os.DirFS(p.Path("kept"))))
		}, lockIt, "the evidence log knows another one as the last"},
		{"an amount in the approved draft", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "draft", "payout.csv"), "10.00", "99.00")
		}, lockIt, "payout.csv was changed"},
		{"a second payout file beside the approved one", func(t *testing.T, p *project.Project) {
			check(t, os.WriteFile(inQuarter(p, "draft", "payout2.csv"), []byte("x"), 0o600))
		}, lockIt, "payout2.csv was added"},
		{"a file of the draft is a link to the same bytes elsewhere", func(t *testing.T, p *project.Project) {
			check(t, os.Rename(inQuarter(p, "draft", "payout.csv"), p.Path("payout.csv")))
			check(t, os.Symlink(p.Path("payout.csv"), inQuarter(p, "draft", "payout.csv")))
		}, lockIt, "is not a plain file"},
		{"the folder of the draft is a link", func(t *testing.T, p *project.Project) {
			check(t, os.Rename(inQuarter(p, "draft"), p.Path("elsewhere")))
			check(t, os.Symlink(p.Path("elsewhere"), inQuarter(p, "draft")))
		}, lockIt, "is not a plain file"},
		{"the page that approvers look at is taken away", func(t *testing.T, p *project.Project) {
			check(t, os.Remove(inQuarter(p, "draft", payouts.ReviewName)))
		}, lockIt, "review.html is missing"},
		{"a quarter by a name that leads out of the folder", func(*testing.T, *project.Project) {}, func(t *testing.T, p *project.Project) error {
			_, err := opened(t, p).Approve("../2026-Q1", "carl", moves)
			return err
		}, ""},
		{"a quarter in small letters, which some file systems take for the same", func(*testing.T, *project.Project) {}, func(t *testing.T, p *project.Project) error {
			_, err := opened(t, p).Lock("2026-q1", moves)
			return err
		}, ""},
	})
}

func lockedFinance(t *testing.T) *project.Project {
	t.Helper()
	p := finance(t, nil)
	p.Settings.Payouts.Employees = "employees.csv"
	check(t, os.WriteFile(p.Path("employees.csv"), []byte("rep_id,employee\nann,1001\n"), 0o600))
	draftBy(t, p, key(t, p, "paula"), func(f *payouts.Frozen) { f.Documents[employeesName] = []byte("rep_id,employee\nann,1001\n") })
	approveBoth(t, p)
	check(t, lockIt(t, p))
	check(t, exportIt(Exporting{Layout: "generic"})(t, p))
	return p
}

func TestFraudsAfterTheLockAreFound(t *testing.T) {
	run(t, lockedFinance, []fraud{
		{"an amount", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "locked", "payout.csv"), "10.00", "99.00")
		}, verifyAll, "payout.csv was changed"},
		{"a file is gone", func(t *testing.T, p *project.Project) { check(t, os.Remove(inQuarter(p, "locked", "changes.csv"))) }, verifyAll, "changes.csv is missing"},
		{"a file more", func(t *testing.T, p *project.Project) {
			check(t, os.WriteFile(inQuarter(p, "locked", "statements", "eve.html"), nil, 0o600))
		}, verifyAll, "statements/eve.html was added"},
		{"a link to the same bytes", func(t *testing.T, p *project.Project) {
			check(t, os.Rename(inQuarter(p, "locked", "payout.csv"), p.Path("payout.csv")))
			check(t, os.Symlink(p.Path("payout.csv"), inQuarter(p, "locked", "payout.csv")))
		}, verifyAll, "is not a plain file"},
		{"the frozen plan", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "locked", "inputs", "plan.yml"), "multiplier: 1", "multiplier: 9")
		}, verifyAll, "inputs/plan.yml was changed"},
		{"the manifest", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "locked", payouts.ManifestName), "payout.csv", "../payout.csv")
		}, verifyAll, "manifest.txt was changed"},
		{"the whole quarter is taken away", func(t *testing.T, p *project.Project) { check(t, os.RemoveAll(inQuarter(p))) }, verifyAll, "2026-Q1 is locked, and"},
		{"the quarter is copied to be the next one", func(t *testing.T, p *project.Project) {
			check(t, os.CopyFS(p.Path("payouts/2026-Q2"), os.DirFS(inQuarter(p))))
			appendAgain(t, p, recordOf(t, p, lockRecord, 0), "2026-Q2")
		}, verifyAll, "the manifest is not one of 2026-Q2"},
		{"a proof of somebody else's line", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "proofs", "ann.0.txt"), "ann", "bob")
		}, verifyAll, ""},
		{"the last record is cut off", func(t *testing.T, p *project.Project) {
			text, err := os.ReadFile(p.Path("evidence/log.jsonl"))
			check(t, err)
			lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
			check(t, os.WriteFile(p.Path("evidence/log.jsonl"), bytes.Join(lines[:len(lines)-1], nil), 0o600))
		}, verifyAll, ""},
		{"a record twice", func(t *testing.T, p *project.Project) {
			text, err := os.ReadFile(p.Path("evidence/log.jsonl"))
			check(t, err)
			lines := bytes.SplitAfter(text, []byte("\n"))
			check(t, os.WriteFile(p.Path("evidence/log.jsonl"), append(text, lines[len(lines)-2]...), 0o600))
		}, verifyAll, ""},
		{"two records change places", func(t *testing.T, p *project.Project) {
			text, err := os.ReadFile(p.Path("evidence/log.jsonl"))
			check(t, err)
			lines := bytes.SplitAfter(text, []byte("\n"))
			lines[1], lines[2] = lines[2], lines[1]
			check(t, os.WriteFile(p.Path("evidence/log.jsonl"), bytes.Join(lines, nil), 0o600))
		}, verifyAll, ""},
		{"the log's public key is another one", func(t *testing.T, p *project.Project) {
			eve := newKey(t, p, "eve")
			check(t, os.WriteFile(p.Path("evidence/evidence.pub"), []byte(eve.Public.Text+"\n"), 0o600))
		}, verifyAll, ""},
		{"the checkpoint is of another log", func(t *testing.T, p *project.Project) {
			other := lockedFinance(t)
			text, err := os.ReadFile(inQuarter(other, "checkpoint.txt"))
			check(t, err)
			check(t, os.WriteFile(inQuarter(p, "checkpoint.txt"), text, 0o600))
		}, verifyAll, "is not a checkpoint of this evidence log"},
		{"the frozen roster", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "locked", "inputs", "roster.csv"), "10.00", "96000.00")
		}, verifyAll, "inputs/roster.csv was changed"},
		{"line ends of another system in a signed file", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "locked", "payout.csv"), "\n", "\r\n")
		}, verifyAll, "payout.csv was changed"},
		{"an invisible mark before a signed file", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "locked", "payout.csv"), "period,", "\ufeffperiod,")
		}, verifyAll, "payout.csv was changed"},
		{"the draft lies beside the lock again, with another amount", func(t *testing.T, p *project.Project) {
			check(t, os.CopyFS(inQuarter(p, "draft"), os.DirFS(inQuarter(p, "locked"))))
			edit(t, inQuarter(p, "draft", "payout.csv"), "10.00", "99.00")
		}, func(t *testing.T, p *project.Project) error { return approveBy("carl")(t, p) }, "is locked and never changes"},
		{"the approvals of a locked quarter are taken back", func(*testing.T, *project.Project) {}, func(t *testing.T, p *project.Project) error {
			_, err := opened(t, p).Withdraw("2026-Q1", "carl")
			return err
		}, ""},
		{"the log is emptied", func(t *testing.T, p *project.Project) { check(t, os.Truncate(p.Path("evidence/log.jsonl"), 0)) }, verifyAll, ""},
		{"it is drafted again", func(*testing.T, *project.Project) {}, func(t *testing.T, p *project.Project) error {
			_, err := opened(t, p).Approve("2026-Q1", "carl", moves)
			return err
		}, "is locked and never changes"},
	})
}

func TestFraudsOfAPayrollClerkAreFound(t *testing.T) {
	again := func(reason string, with ...func(*Exporting)) func(*testing.T, *project.Project) error {
		how := Exporting{Layout: "oracle", Again: reason, PayDate: "2026-04-15"}
		for _, change := range with {
			change(&how)
		}
		return exportIt(how)
	}
	nothing := func(*testing.T, *project.Project) {}
	employees := func(text string) func(*testing.T, *project.Project) {
		return func(t *testing.T, p *project.Project) {
			check(t, os.WriteFile(p.Path("employees.csv"), []byte(text), 0o600))
		}
	}
	register := func(t *testing.T, p *project.Project, text string) error {
		t.Helper()
		check(t, os.WriteFile(p.Path("register.csv"), []byte("employee,amount,currency\n"+text), 0o600))
		_, err := opened(t, p).Paid("2026-Q1", p.Path("register.csv"))
		return err
	}
	own := func(t *testing.T, p *project.Project, columns string) {
		t.Helper()
		check(t, os.WriteFile(p.Path("own.yml"), []byte("title: Own\nrows: line\nnegative: write\ncolumns:\n"+columns), 0o600))
	}
	ownLayout := func(t *testing.T, p *project.Project) error {
		return exportIt(Exporting{Layout: p.Path("own.yml"), Again: "the first was not used"})(t, p)
	}
	run(t, lockedFinance, []fraud{
		{"the same lines in another layout", nothing, exportIt(Exporting{Layout: "oracle"}), ""},
		{"the same lines again after the file was taken away", func(t *testing.T, p *project.Project) { check(t, os.RemoveAll(inQuarter(p, "export"))) },
			exportIt(Exporting{Layout: "paychex"}), ""},
		{"again without a reason", nothing, again("  \t"), "--again needs the reason"},
		{"an amount in the file that was handed over", func(t *testing.T, p *project.Project) {
			edit(t, inQuarter(p, "export", "generic.csv"), "10.00", "99.00")
		}, verifyAll, "generic.csv is not what was exported"},
		{"another payroll number after the approval", employees("rep_id,employee\nann,6666\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "an approver has to answer for the change"},
		{"… signed by somebody who is no approver", func(t *testing.T, p *project.Project) {
			employees("rep_id,employee\nann,6666\n")(t, p)
			newKey(t, p, "eve")
		}, exportIt(Exporting{Layout: "generic", Again: "x", Key: "eve"}), "is not among the approvers in force"},
		{"a code of the own after the approval", func(_ *testing.T, p *project.Project) {
			p.Settings.Payouts.Payroll = map[string]project.PayrollCode{"earning_code": {Text: "MINE"}}
		}, exportIt(Exporting{Layout: "generic", Again: "x"}), "an approver has to answer for the change"},
		{"two people with one number, with zeros before it", employees("rep_id,employee\nann,1001\nbob,001001\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "two reps would be paid to one person"},
		{"… in full width", employees("rep_id,employee\nann,1001\nbob,１００１\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "two reps would be paid to one person"},
		{"… with a blank that can't be seen", employees("rep_id,employee\nann,1001\nbob,10\u200b01\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "two reps would be paid to one person"},
		{"… with a hyphen", employees("rep_id,employee\nann,1001\nbob,10-01\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "two reps would be paid to one person"},
		{"a layout of the own, which nobody answers for", func(t *testing.T, p *project.Project) {
			own(t, p, "  - {title: who, field: employee}\n  - {title: pay, field: amount}\n")
		}, ownLayout, "no approver has answered for"},
		{"a layout that pays twice", func(t *testing.T, p *project.Project) {
			own(t, p, "  - {title: who, field: employee}\n  - {title: pay, field: amount}\n  - {title: bonus, field: amount}\n")
		}, ownLayout, "everybody would be paid 2 times"},
		{"a layout that pays everybody's to one", func(t *testing.T, p *project.Project) {
			own(t, p, "  - {title: who, text: \"6666\"}\n  - {title: pay, field: amount}\n")
		}, ownLayout, "no column that says who is paid"},
		{"a pay period that runs backwards", nothing, again("x", func(how *Exporting) { how.PayPeriod = "2026-04-30..2026-04-01" }), "before it begins"},
		{"a pay date within the quarter", nothing, again("x", func(how *Exporting) { how.PayDate = "2026-03-31" }), "is not after 2026-03-31"},
		{"again after payroll has paid", func(t *testing.T, p *project.Project) {
			check(t, register(t, p, "1001,10.00,USD\n"))
		}, exportIt(Exporting{Layout: "paychex", Again: "lost"}), ""},
		{"a register of another quarter", func(t *testing.T, p *project.Project) {
			check(t, os.WriteFile(p.Path("register.csv"), []byte("employee,amount,currency\n1001,10.00,USD\n"), 0o600))
			text, err := os.ReadFile(p.Path("register.csv"))
			check(t, err)
			_, err = opened(t, p).log.Append(time.Now(), paidRecord, "2025-Q4", settled{Register: sumOf(text)})
			check(t, err)
		}, func(t *testing.T, p *project.Project) error { return register(t, p, "1001,10.00,USD\n") }, "this register was given for 2025-Q4 already"},
		{"the list of what was paid", func(t *testing.T, p *project.Project) {
			check(t, register(t, p, "1001,9.00,USD\n"))
			edit(t, inQuarter(p, "paid", "paid.csv"), "9.00", "10.00")
		}, verifyAll, "paid.csv is not what the register gave"},
		{"a number in Arabic digits that is somebody's", employees("rep_id,employee\nann,1001\nbob,\u0661\u0660\u0660\u0661\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "two reps would be paid to one person"},
		{"a number with a Cyrillic letter", employees("rep_id,employee\nann,a7\nbob,\u04307\n"), exportIt(Exporting{Layout: "generic", Again: "x"}), "two reps would be paid to one person"},
		{"only one currency, so that the lines seem to be others", nothing, again("", func(how *Exporting) { how.Currency = "USD" }), ""},
		{"again under a name of the layout in capitals", nothing, exportIt(Exporting{Layout: "GENERIC"}), ""},
		{"the folder of exports is a link to another place", func(t *testing.T, p *project.Project) {
			check(t, os.Rename(inQuarter(p, "export"), p.Path("away")))
			edit(t, p.Path("away/generic.csv"), "10.00", "99.00")
			check(t, os.Symlink(p.Path("away"), inQuarter(p, "export")))
		}, verifyAll, ""},
		{"a register with an amount in the writing of another country", nothing, func(t *testing.T, p *project.Project) error { return register(t, p, "1001,\"10,00\",USD\n") }, ""},
		{"a register without a number", nothing, func(t *testing.T, p *project.Project) error { return register(t, p, ",10.00,USD\n") }, ""},
		{"a register without a row", nothing, func(t *testing.T, p *project.Project) error { return register(t, p, "") }, "the register has no row"},
	})
}

// What a register says is told in words, line by line; nothing of it is believed.
func TestARegisterThatPaysOthersOrMoreIsTold(t *testing.T) {
	for text, state := range map[string]string{
		"1001,10.00,USD\n":                  "paid",
		"01001,10.00,USD\n":                 "paid", // a system that fills up with zeros
		"1001,10.01,USD\n":                  "paid another amount",
		"1001,10.00,USD\n1001,10.00,USD\n":  "paid another amount",
		"1001,10.00,EUR\n":                  "not paid",
		"6666,10.00,USD\n":                  "not paid",
		"1001,10.00,USD\n6666,500.00,USD\n": "paid without being in any payroll file",
	} {
		p := lockedFinance(t)
		check(t, os.WriteFile(p.Path("register.csv"), []byte("employee,amount,currency\n"+text), 0o600))
		done, err := opened(t, p).Paid("2026-Q1", p.Path("register.csv"))
		check(t, err)
		if table := string(payouts.SettlementsCSV(done.All)); !strings.Contains(table, ","+state+"\n") {
			t.Errorf("%q should be %q:\n%s", text, state, table)
		}
	}
}

// A steward of one's own: the list in merit.yml is swapped for as long as it takes to
// dismiss a flag. A manager's key signs off scores and decides on no flag.
func TestADecisionOfWhoWasNoStewardInForceCountsForNothing(t *testing.T) {
	p := finance(t, nil)
	dana, eve, mo := newKey(t, p, "dana"), newKey(t, p, "eve"), newKey(t, p, "mo")
	p.Settings.Payouts.Stewards, p.Settings.Payouts.Managers = []string{"keys/dana.pub"}, []string{"keys/mo.pub"}
	draftBy(t, p, key(t, p, "paula"), nil)
	sign := func(k evidence.Key, flag, decision string) {
		t.Helper()
		listed := []evidence.Public{k.Public} // what merit.yml says for the moment
		check(t, review.Append(opened(t, p).log, time.Now(), review.Decision{FlagID: flag, Decision: decision, Reason: "nothing wrong", Records: []review.RecordKey{}}, k, listed))
	}
	decide := func(k evidence.Key, flag string) { sign(k, flag, review.Dismissed) }
	decide(eve, "before any list was in force")
	decide(dana, "before")
	approveBoth(t, p)
	decide(eve, "after")
	decide(dana, "after")
	counted, ignored, err := Decisions(p, 0)
	check(t, err)
	if len(counted) != 2 || counted[0].Key != dana.Public.Text || counted[1].Key != dana.Public.Text || len(ignored) != 2 || !strings.Contains(ignored[0], "was no steward in force; it counts for nothing") {
		t.Errorf("%v %q", counted, ignored)
	}
	sign(dana, "score", review.SignedOff)
	sign(mo, "flag", review.Dismissed)
	sign(mo, "score", review.SignedOff)
	signed, ignored, err := Decisions(p, 0)
	check(t, err)
	if len(signed) != 3 || signed[2].Key != mo.Public.Text || signed[2].Decision != review.SignedOff || len(ignored) != 4 || !strings.Contains(ignored[2], "was no manager in force") || !strings.Contains(ignored[3], "was no steward in force") {
		t.Errorf("%v %q", signed, ignored)
	}
	if counted, _, err = Decisions(p, counted[1].Record); err != nil || len(counted) != 1 {
		t.Errorf("a rebuild of an earlier draft looks at earlier decisions only: %v %v", counted, err)
	}
}

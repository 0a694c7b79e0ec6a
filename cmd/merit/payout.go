package main

import (
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
	"merit/pipelines/payouts"
	"merit/pipelines/payouts/ledger"
)

type payoutCommand struct {
	Draft     payoutDraftCommand     `cmd:"" help:"Compute a period's payout lines and write the draft's files, signed by the preparer."`
	Approve   payoutApproveCommand   `cmd:"" help:"Sign a period's draft with an approver's key, never the preparer's."`
	Lock      payoutLockCommand      `cmd:"" help:"Freeze an approved period: it never changes again."`
	Export    payoutExportCommand    `cmd:"" help:"Write a locked period's payroll file."`
	Paid      payoutPaidCommand      `cmd:"" help:"Compare what payroll has paid with what was handed to it."`
	Disputes  payoutDisputesCommand  `cmd:"" help:"The disputes that wait for an answer, with their ids."`
	Restate   payoutRestateCommand   `cmd:"" help:"What a locked period would be by now; the difference flows into the open one."`
	Allow     payoutAllowCommand     `cmd:"" help:"What differs from a locked period in rules or roster; with a key, sign for it."`
	Verify    payoutVerifyCommand    `cmd:"" help:"Check the evidence log, every locked file and its computation; or one line's proof."`
	Approvers payoutApproversCommand `cmd:"" help:"Who may approve; with a key, sign a change of the list."`
	Keygen    payoutKeygenCommand    `cmd:"" help:"Make somebody's key for signing."`
}

// openBooks opens the project's ledger of payouts beside its job.
func (a *app) openBooks(writes bool) (*pipelines.Job, *ledger.Ledger, func() error, error) {
	job, closeAll, err := a.open(func(pipelines.Event) {}, writes)
	if err != nil {
		return nil, nil, nil, err
	}
	books, err := ledger.Open(job.Project)
	if err != nil {
		return nil, nil, nil, errors.Join(err, closeAll())
	}
	return job, books, closeAll, nil
}

type payoutDraftCommand struct {
	Period string `arg:"" help:"Fiscal quarter: 2026-Q1."`
	Key    string `help:"The preparer's key: a name (keys/NAME.key) or a file. Default: payouts.preparer of merit.yml." placeholder:"NAME"`
}

// Help is what merit payout draft --help adds.
func (payoutDraftCommand) Help() string {
	return "Writes payout.csv and payout.xlsx (a line for everybody on the roster, also who gets nothing and why), a printable statement for each rep, control totals, the inputs that all of it was made from, and a manifest of SHA-256 sums that the preparer's key signs. In the open period it adds what locked periods turned out to be off, with the evidence rows that differ. A draft can be made again until the period is locked; one with other bytes needs its approvals anew."
}

// Run is called by the command line.
func (c payoutDraftCommand) Run(a *app) error {
	job, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	draft, err := books.Draft(a.ctx, job.PayoutBuild, c.Period, c.Key)
	if err != nil {
		return err
	}
	if !draft.IsOver {
		fmt.Fprintf(a.err, "note: %s is not over as of the last build: this is what it comes to so far\n", c.Period)
	}
	for _, note := range draft.Notes {
		fmt.Fprintf(a.err, "look at this: %s\n", note)
	}
	a.printTotals("payout "+c.Period, payouts.Sums(draft.Entries))
	a.printf("signed by %s, manifest %s\nwritten to %s\n", draft.Preparer, draft.Manifest[:12], draft.Folder)
	return nil
}

func (a *app) printTotals(title string, totals []payouts.Total) {
	if a.quiet {
		return
	}
	t := a.table(table.Row{title, "lines", "amount", ""})
	for _, total := range totals {
		t.AppendRow(table.Row{total.State, total.Lines, total.Amount.Text(), total.Amount.Currency})
	}
	t.Render()
}

type payoutApproveCommand struct {
	Period   string `arg:"" help:"Fiscal quarter: 2026-Q1."`
	Key      string `help:"The approver's key: a name (keys/NAME.key) or a file." required:"" placeholder:"NAME"`
	Withdraw bool   `help:"Take the approval of this draft back."`
}

// Help is what merit payout approve --help adds.
func (payoutApproveCommand) Help() string {
	return "Signs the manifest of the draft as it lies there. The approvers and how many of them it takes stand under payouts: in merit.yml. A key that prepared any draft of the period can't approve it, by whatever name. An approval holds for one draft and can be withdrawn until the period is locked. The first approval puts the list of approvers in force; another list needs the signatures of those before (`merit payout approvers`)."
}

// Run is called by the command line.
func (c payoutApproveCommand) Run(a *app) error {
	job, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	if c.Withdraw {
		withdrawn, err := books.Withdraw(c.Period, c.Key)
		if err != nil {
			return err
		}
		a.printf("%s no longer approves %s, manifest %s: %d of %d approvals\n", withdrawn.Approver, c.Period, withdrawn.Manifest[:12], withdrawn.Given, withdrawn.Needed)
		return nil
	}
	approval, err := books.Approve(c.Period, c.Key, job.Known())
	if err != nil {
		return err
	}
	for _, total := range approval.Totals {
		a.printf("%s\n", total)
	}
	for _, n := range approval.Notices {
		a.printf("look at this: %s\n", n)
	}
	a.printf("%s approved %s, manifest %s: %d of %d approvals\n", approval.Approver, c.Period, approval.Manifest[:12], approval.Given, approval.Needed)
	return nil
}

type payoutLockCommand struct {
	Period string `arg:"" help:"Fiscal quarter: 2026-Q1."`
}

// Help is what merit payout lock --help adds.
func (payoutLockCommand) Help() string {
	return "Freezes what was drafted and approved, to the byte: files, inputs, plan. It is refused while approvals are missing, while the period is not over, out of order, and when control totals differ. Afterwards payouts/PERIOD/proofs holds a small file for each line, which a rep can check with the public key alone."
}

// Run is called by the command line.
func (c payoutLockCommand) Run(a *app) error {
	job, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	done, err := books.Lock(c.Period, job.Known())
	if err != nil {
		return err
	}
	for _, total := range done.Totals {
		a.printf("%s\n", total)
	}
	a.printf("%s is locked, approved by %v\nfiles   %s\nproofs  %s\n", c.Period, done.Approvers, done.Folder, done.Proofs)
	return nil
}

package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
	"merit/pipelines/payouts"
)

type payoutCommand struct {
	Draft payoutDraftCommand `cmd:"" help:"Compute a period's payout lines and write the draft's files."`
}

type payoutDraftCommand struct {
	Period string `arg:"" help:"Fiscal quarter: 2026-Q1."`
}

// Help is what merit payout draft --help adds.
func (payoutDraftCommand) Help() string {
	return "Writes payout.csv (a line for everybody on the roster, also who gets nothing and why), control_totals.csv, and beside each its SHA-256. A draft can be made again."
}

// Run is called by the command line.
func (c payoutDraftCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	draft, err := job.DraftPayout(a.ctx, c.Period)
	if err != nil {
		return err
	}
	if !draft.IsOver {
		fmt.Fprintf(a.err, "note: %s is not over as of the last build: this is what it comes to so far\n", c.Period)
	}
	if !a.quiet {
		t := a.table(table.Row{"payout " + c.Period, "lines", "amount", ""})
		for _, total := range payouts.Totals(draft.Lines) {
			t.AppendRow(table.Row{total.State, total.Lines, total.Amount.Text(), total.Amount.Currency})
		}
		t.Render()
	}
	a.printf("written to %s\n", draft.Folder)
	return nil
}

// plural is "1 record" or "3 records".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

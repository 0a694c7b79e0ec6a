package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines/payouts/ledger"
	"merit/pipelines/project"
)

type payoutDisputesCommand struct {
	All bool `help:"Those that are answered, too."`
}

// Help is what merit payout disputes --help adds.
func (payoutDisputesCommand) Help() string {
	return "Lists the disputes of disputes.csv with their ids. A row is about a record (evidence_id), a line (rep_id, period) or a deal that is missing (rep_id, period, source, record_id). It is corrected by a new row with its id under supersedes, and answered by one with its id under answers and the decision: accepted, rejected or withdrawn. The answer stands on the statement of the period in which it is given."
}

// Run is called by the command line. It takes no lock.
func (c payoutDisputesCommand) Run(a *app) error {
	p, err := project.Open(a.project)
	if err != nil {
		return err
	}
	books, err := ledger.Open(p)
	if err != nil {
		return err
	}
	questions, err := books.Questions()
	if err != nil {
		return err
	}
	t, listed := a.table(table.Row{"id", "on", "by", "about", "reason", "answer"}), 0
	for _, q := range questions {
		if !q.IsOpen && !c.All {
			continue
		}
		listed++
		t.AppendRow(table.Row{q.ID(), q.On, q.By, q.About(), q.Reason, strings.Join(q.Answers, "; ")})
	}
	if listed == 0 {
		a.printf("no dispute is open\n")
		return nil
	}
	if !a.quiet {
		t.Render()
	}
	return nil
}

// printDisputes says in a line how many disputes wait.
func (a *app) printDisputes(p *project.Project) error {
	books, err := ledger.Open(p)
	if err != nil {
		return err
	}
	questions, err := books.Questions()
	if err != nil || len(questions) == 0 {
		return err
	}
	open := 0
	for _, q := range questions {
		if q.IsOpen {
			open++
		}
	}
	a.printf("disputes: %d open, %d answered; `merit payout disputes` lists them\n", open, len(questions)-open)
	return nil
}

package main

import (
	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
)

type reviewBorderlineCommand struct {
	All bool `help:"Also those that are signed, and those that the plan asks nobody to sign."`
}

// Help is what merit review borderline --help adds.
func (reviewBorderlineCommand) Help() string {
	return "A score is borderline within a point of where a tier begins, on a history that the CRM had forgotten, or under flags that nobody has decided on. sign_off in plan.yml says for which of these reasons a line waits until a manager has signed."
}

// Run is called by the command line.
func (c reviewBorderlineCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	scores, err := job.Borderlines(a.ctx, c.All)
	if err != nil {
		return err
	}
	if len(scores) == 0 {
		a.printf("no score waits for a manager's sign-off\n")
		return nil
	}
	t := a.table(table.Row{"rep", "period", "role", "score", "why", "state", "by"})
	for _, s := range scores {
		t.AppendRow(table.Row{s.RepID, s.Period, s.Role, s.Score.Score, s.Why + ": " + s.Detail, s.State, s.SignedBy})
	}
	t.Render()
	return nil
}

type reviewSignOffCommand struct {
	Rep    string `arg:"" help:"The rep, by rep_id."`
	Period string `arg:"" help:"2026-Q1."`
	Reason string `help:"What was found, for people." required:""`
	Key    string `help:"The manager's key: a name (keys/NAME.key) or a file." required:"" placeholder:"NAME"`
}

// Help is what merit review sign-off --help adds.
func (reviewSignOffCommand) Help() string {
	return "Signs all that waits of this person and period into the evidence log. What is signed is the score as it stands, for the reason as it stands: where either changes, the line waits again. The keys of those who may sign stand under payouts.managers in merit.yml; nobody signs off the own score."
}

// Run is called by the command line.
func (c reviewSignOffCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	signed, err := job.SignOff(a.ctx, c.Rep, c.Period, c.Reason, c.Key)
	if err != nil {
		return err
	}
	for _, s := range signed {
		a.printf("signed off: %s, %s, %s, score %s: %s\n", s.RepID, s.Period, s.Role, s.Score.Score, s.Detail)
	}
	a.printf("`merit build` releases the line\n")
	return nil
}

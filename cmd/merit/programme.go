package main

import (
	"strings"

	"merit/pipelines"
)

type programmeCommand struct {
	Propose programmeProposeCommand `cmd:"" help:"The challenges that the last build proposes, each as a change of plan.yml."`
	Approve programmeApproveCommand `cmd:"" help:"Sign one of them and write it into plan.yml."`
}

type programmeProposeCommand struct{}

// Help is what merit programme propose --help adds.
func (programmeProposeCommand) Help() string {
	return "A challenge is proposed where a behaviour that people decide themselves fell for a team, or for everybody in a role, in the newest month that is over, and more people fell than chance would make (marts.stimuli). Nothing is written."
}

// Run is called by the command line.
func (programmeProposeCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	stimuli, err := job.Stimuli(a.ctx)
	if err != nil {
		return err
	}
	if len(stimuli) == 0 {
		a.printf("nothing fell that a challenge could raise\n")
		return nil
	}
	for _, s := range stimuli {
		a.printf("%s: %s, %s, %s: %s\n", s.ID, s.Role, s.Team, s.Metric, s.Text)
		if s.State != "proposed" {
			a.printf("  a challenge of it runs or is planned already\n")
			continue
		}
		p, err := job.Propose(s)
		if err != nil {
			return err
		}
		a.printf("%s", plusLines(p.Added))
	}
	return nil
}

func plusLines(added string) string {
	var b strings.Builder
	for line := range strings.Lines(added) {
		b.WriteString("+ " + line)
	}
	return b.String()
}

type programmeApproveCommand struct {
	Stimulus string `arg:"" help:"The proposal's id, as programme propose shows it."`
	Reason   string `help:"Why now, for people." required:""`
	Key      string `help:"The manager's key: a name (keys/NAME.key) or a file." required:"" placeholder:"NAME"`
}

// Help is what merit programme approve --help adds.
func (programmeApproveCommand) Help() string {
	return "Signs the approval into the evidence log, with the lines that plan.yml has more and the hashes of the file before and after, then writes them into its last version; no other line changes. A challenge pays nothing and is no part of the plan's hash. The keys of those who may approve stand under payouts.managers in merit.yml."
}

// Run is called by the command line.
func (c programmeApproveCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	p, err := job.ApproveStimulus(a.ctx, c.Stimulus, c.Reason, c.Key)
	if err != nil {
		return err
	}
	a.printf("%s is approved; plan.yml has\n%s`merit build` begins it on %s\n", p.ID, plusLines(p.Added), p.Challenge.From)
	return nil
}

package main

import (
	"maps"
	"slices"
	"strings"
)

type payoutAllowCommand struct {
	Period string `arg:"" help:"A locked fiscal quarter: 2026-Q1."`
	Key    string `help:"An approver, who signs for what differs." placeholder:"NAME"`
}

// Help is what merit payout allow --help adds.
func (payoutAllowCommand) Help() string {
	return "A locked period is judged by its own plan and roster. Where today's differ, the difference is a held line of the open period's draft. Shows what differs; with --key an approver signs for just that, and with as many signatures as are needed the lines are held no more."
}

// Run is called by the command line.
func (c payoutAllowCommand) Run(a *app) error {
	job, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	allowance, err := books.Allow(a.ctx, job.PayoutBuild, c.Period, c.Key)
	if err != nil {
		return err
	}
	if len(allowance.Causes) == 0 {
		a.printf("%s: plan and roster are those that were locked\n", c.Period)
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(allowance.Causes)) {
		a.printf("%s: %s\n", strings.ReplaceAll(key, "\x00", " as "), allowance.Causes[key])
	}
	a.printf("%d of %d signatures\n", allowance.Given, allowance.Needed)
	return nil
}

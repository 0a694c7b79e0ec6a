package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
	"merit/pipelines/review"
)

type reviewCommand struct {
	List       reviewListCommand       `cmd:"" help:"The flags that wait for a decision."`
	Show       reviewShowCommand       `cmd:"" help:"One flag with its records, what was decided, and what a confirmation would change."`
	Confirm    reviewConfirmCommand    `cmd:"" help:"Sign that the flagged evidence is to count for nothing."`
	Dismiss    reviewDismissCommand    `cmd:"" help:"Sign that the flag was looked at and nothing is wrong."`
	Reopen     reviewReopenCommand     `cmd:"" help:"Sign that a decision no longer holds."`
	Borderline reviewBorderlineCommand `cmd:"" help:"The scores that wait for a manager's sign-off."`
	SignOff    reviewSignOffCommand    `cmd:"" name:"sign-off" help:"Sign as a manager that a score may be paid on."`
	Digest     reviewDigestCommand     `cmd:"" help:"Write the steward's week as a file: what waits, what was decided, and whose score hangs on little."`
}

type reviewListCommand struct {
	All  bool `help:"Those that were decided, too."`
	JSON bool `help:"As JSON, one flag a line." name:"json"`
}

// Help is what merit review list --help adds.
func (reviewListCommand) Help() string {
	return "Flags are raised by the rules in models/audits at each build. A flag of severity high holds the payout line of the quarter until it is confirmed or dismissed."
}

// Run is called by the command line.
func (c reviewListCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	flags, err := job.Flags(a.ctx, c.All)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printLines(flags)
	}
	waiting, err := job.Borderlines(a.ctx, false)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		a.printf("%d scores wait for a manager's sign-off: `merit review borderline`\n", len(waiting))
	}
	if len(flags) == 0 {
		a.printf("no flag waits for a decision\n")
		return nil
	}
	t := a.table(table.Row{"flag", "rep", "period", "severity", "state", "records", "score", "if confirmed"})
	for _, f := range flags {
		t.AppendRow(table.Row{f.ID, f.RepID, f.Period, f.Severity, f.State, f.Suspects, f.Score, f.ScoreIfConfirmed})
	}
	t.Render()
	return nil
}

func (a *app) printLines(flags []pipelines.Flag) error {
	encoder := json.NewEncoder(a.out)
	for _, f := range flags {
		if err := encoder.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

type reviewShowCommand struct {
	Flag string `arg:"" help:"The flag's id, as review list shows it."`
}

// Run is called by the command line.
func (c reviewShowCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	flag, err := job.Flag(a.ctx, c.Flag)
	if err != nil {
		return err
	}
	records, err := job.FlagRecords(a.ctx, c.Flag)
	if err != nil {
		return err
	}
	a.printf("%s, %s, %s (%s): %s\n%s\n", flag.RepID, flag.Role, flag.Period, flag.Severity, flag.State, flag.Why)
	if flag.ScoreIfConfirmed != "" {
		a.printf("score %s (%s), if confirmed %s (%s)\n", flag.Score, orNone(flag.Tier), flag.ScoreIfConfirmed, orNone(flag.TierIfConfirmed))
	}
	money, err := job.FlagMoney(a.ctx, flag)
	if err != nil {
		return err
	}
	if money.IfConfirmed != "" {
		a.printf("pays %s, if confirmed %s\n", money.AsItStands, money.IfConfirmed)
	}
	if flag.DecidedBy != "" {
		a.printf("last decision on %s by %s: %s\n", flag.DecidedOn, flag.DecidedBy, flag.Reason)
	}
	if flag.Added > 0 && flag.DecidedBy != "" {
		a.printf("%d records joined since then\n", flag.Added)
	}
	t := a.table(table.Row{"when", "source", "record", "id", "what", "decided"})
	for _, r := range records {
		t.AppendRow(table.Row{r.OccurredAt.Format("2006-01-02 15:04:05Z"), r.Source, r.RecordType, r.RecordID, r.Detail, r.IsDecided})
	}
	t.Render()
	return nil
}

func orNone(tier string) string {
	if tier == "" {
		return "no tier"
	}
	return tier
}

// A verdict is what every decision is given.
type verdict struct {
	Flag   string `arg:"" help:"The flag's id, as review list shows it."`
	Reason string `help:"What was found, for people." required:""`
	Key    string `help:"The steward's key: a name (keys/NAME.key) or a file." required:"" placeholder:"NAME"`
}

func (v verdict) sign(a *app, decision, then string) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	flag, err := job.Review(a.ctx, v.Flag, decision, v.Reason, v.Key)
	if err != nil {
		return err
	}
	a.printf("%s is %s for %s in %s: %d records; %s\n", flag.ID, decision, flag.RepID, flag.Period, flag.Suspects, then)
	return nil
}

type reviewConfirmCommand struct {
	verdict `embed:""`
}

// Help is what merit review confirm --help adds.
func (reviewConfirmCommand) Help() string {
	return "Signs the decision into the evidence log. The flag's evidence rows (what happened to these records at these instants, not the records as a whole) stay in metric_evidence, marked as excluded with the reason, and add nothing from the next build on. The keys of those who may decide stand under payouts.stewards in merit.yml."
}

// Run is called by the command line.
func (c reviewConfirmCommand) Run(a *app) error {
	return c.sign(a, review.Confirmed, "`merit build` takes their evidence out")
}

type reviewDismissCommand struct {
	verdict `embed:""`
}

// Help is what merit review dismiss --help adds.
func (reviewDismissCommand) Help() string {
	return "Signs the decision into the evidence log. The evidence keeps counting and the payout line is released by the next build. Suspicious records that join later open the flag again."
}

// Run is called by the command line.
func (c reviewDismissCommand) Run(a *app) error {
	return c.sign(a, review.Dismissed, "`merit build` releases the line")
}

type reviewReopenCommand struct {
	verdict `embed:""`
}

// Run is called by the command line.
func (c reviewReopenCommand) Run(a *app) error {
	return c.sign(a, review.Reopened, "from the next build on it waits for a decision again")
}

type reviewDigestCommand struct {
	Out string `help:"The file; else digest/WEEK.md in the project." type:"path" placeholder:"FILE"`
}

// Run is called by the command line.
func (c reviewDigestCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	week, text, err := job.Digest(a.ctx)
	if err != nil {
		return err
	}
	path := c.Out
	if path == "" {
		path = job.Project.Path(filepath.Join("digest", week+".md"))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	a.printf("%s\n", path)
	return nil
}

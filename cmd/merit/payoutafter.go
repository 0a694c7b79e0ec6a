package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/connectors/fault"
	"merit/pipelines"
	"merit/pipelines/project"
)

type payoutExportCommand struct {
	Period   string `arg:"" help:"Fiscal quarter: 2026-Q1."`
	Layout   string `help:"generic, adp, gusto, workday, or a .yml file of your own." default:"generic" placeholder:"NAME"`
	Currency string `help:"Only the lines in this currency." placeholder:"CODE"`
	Encrypt  string `help:"Write it encrypted to this age recipient (age1…)." placeholder:"RECIPIENT"`
}

// Help is what merit payout export --help adds.
func (payoutExportCommand) Help() string {
	return "Writes the payable lines of a locked period into payouts/PERIOD/export. Layouts are data: columns, what they hold, and whether the payroll system takes negative amounts. Company codes and the like stand under payouts.payroll in merit.yml, one for all or one for each currency: company_code: {USD: ABC, JPY: JPN}. Where rows don't name their currency, each currency is a file of its own, and one that the payroll system could not tell is refused."
}

// Run is called by the command line.
func (c payoutExportCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	exports, err := job.ExportPayout(c.Period, pipelines.Exporting{Layout: c.Layout, Currency: c.Currency, Recipient: c.Encrypt})
	if err != nil {
		return err
	}
	for _, done := range exports {
		a.printTotals("export "+c.Period, done.Totals)
		a.printf("written to %s\n", done.Path)
		if done.ByHand != "" {
			a.printf("by hand, since the import takes no negative amount: %s\n", done.ByHand)
		}
	}
	return nil
}

type payoutRestateCommand struct {
	Period string `arg:"" help:"A locked fiscal quarter: 2026-Q1."`
}

// Help is what merit payout restate --help adds.
func (payoutRestateCommand) Help() string {
	return "Compares a locked period with what its records say as of the last build. The period stays as it is. The open period's draft carries the difference: adjustments, clawbacks for deals that are gone, releases of what was held."
}

// Run is called by the command line.
func (c payoutRestateCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, true)
	if err != nil {
		return err
	}
	defer closeAll()
	done, err := job.RestatePayout(a.ctx, c.Period)
	if err != nil {
		return err
	}
	if len(done.Entries) == 0 {
		a.printf("%s is what it was: nothing flows into %s\n", c.Period, done.Into)
		return nil
	}
	if !a.quiet {
		t := a.table(table.Row{"rep", "role", "kind", "exported", "truth now", "difference", "", "state"})
		for _, e := range done.Entries {
			t.AppendRow(table.Row{e.RepID, e.Role, e.Kind, e.Before, e.Now, e.Amount, e.Currency, e.State})
		}
		t.Render()
	}
	a.printf("%s differ; `merit payout draft %s` carries it\nwritten to %s\n", plural(len(done.Differences), "evidence row"), done.Into, done.Folder)
	return nil
}

type payoutVerifyCommand struct {
	Period     string `arg:"" optional:"" help:"Fiscal quarter; none: all that are locked."`
	Checkpoint string `help:"A checkpoint that you kept: shows that the log was only added to since." placeholder:"FILE"`
	Proof      string `help:"Check the proof of one payout line instead; needs no project." placeholder:"FILE"`
	PublicKey  string `help:"With --proof: the evidence log's public key, or its file. Default: evidence/evidence.pub of the project." placeholder:"KEY"`
}

// Help is what merit payout verify --help adds.
func (payoutVerifyCommand) Help() string {
	return "Offline. Checks every byte of the evidence log and of every locked file against the signatures, then computes each locked period anew from its frozen inputs and compares all files byte by byte. With --proof it checks one line's proof with nothing but the public key."
}

// Run is called by the command line.
func (c payoutVerifyCommand) Run(a *app) error {
	if c.Proof != "" {
		return c.proof(a)
	}
	var kept []byte
	if c.Checkpoint != "" {
		var err error
		if kept, err = os.ReadFile(c.Checkpoint); err != nil {
			return fault.Errorf(fault.You, "read the checkpoint: %w", err)
		}
	}
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	v, err := job.VerifyPayout(c.Period, kept)
	if err != nil {
		return err
	}
	a.printf("evidence log: %s, every byte as it was signed\n", plural(int(v.Records), "record"))
	if v.Draft != "" {
		a.printf("%s: a draft, as its preparer signed it\n", v.Draft)
	}
	for _, p := range v.Periods {
		a.printf("%s: %s as signed by %s; %d computed anew, the same to the byte; %s good\n", p.Period, plural(p.Files, "file"), strings.Join(p.Signers, ", "), p.Remade, plural(p.Proofs, "proof"))
	}
	a.printf("keep this checkpoint to show later that nothing was taken away:\n\n%s", v.Seal)
	return nil
}

func (c payoutVerifyCommand) proof(a *app) error {
	key := c.PublicKey
	if key == "" {
		key = filepath.Join(a.project, "evidence", "evidence.pub")
	}
	proven, err := pipelines.CheckProof(c.Proof, key)
	if err != nil {
		return err
	}
	a.printf("good: this line was locked for %s on %s (record %d of the evidence log):\n%s\n", proven.Record.Period, proven.Record.At, proven.Record.Number, proven.Line)
	return nil
}

type payoutKeygenCommand struct {
	Name string `arg:"" help:"Whose key: letters, digits and . _ @ -"`
}

// Help is what merit payout keygen --help adds.
func (payoutKeygenCommand) Help() string {
	return "Writes keys/NAME.key, which only its owner may read, and keys/NAME.pub. An approver makes the own key on the own machine and hands over the public half, which belongs under payouts.approvers in merit.yml."
}

// Run is called by the command line.
func (c payoutKeygenCommand) Run(a *app) error {
	p, err := project.Open(a.project)
	if err != nil {
		return err
	}
	public, err := pipelines.NewKey(p, c.Name)
	if err != nil {
		return err
	}
	a.printf("%s\nkeep %s to yourself; the line above is the public half\n", public.Text, p.Path(filepath.Join("keys", c.Name+".key")))
	return nil
}

// plural is "1 record" or "3 records".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

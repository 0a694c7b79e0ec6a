package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/connectors/fault"
	"merit/pipelines"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/project"
)

type payoutExportCommand struct {
	Period    string `arg:"" help:"Fiscal quarter: 2026-Q1."`
	Layout    string `help:"generic, adp, gusto, oracle, paychex, successfactors, ukg, workday, or a .yml file of your own." default:"generic" placeholder:"NAME"`
	Currency  string `help:"Only the lines in this currency." placeholder:"CODE"`
	PayDate   string `help:"When it is paid, for layouts that want it: 2026-04-15." placeholder:"DATE"`
	PayPeriod string `help:"The pay period, for layouts that want it: 2026-04-01..2026-04-15." placeholder:"FROM..TO"`
	Again     string `help:"Why lines that a payroll file pays already are exported again; that file is superseded." placeholder:"REASON"`
	Key       string `help:"An approver, who answers for payroll numbers or codes that were changed since the approval." placeholder:"NAME"`
	Template  string `help:"Fill this CSV or XLSX file that the payroll system gave out: values go under its titles." type:"path" placeholder:"FILE"`
	Encrypt   string `help:"Write it encrypted to this age recipient (age1…)." placeholder:"RECIPIENT"`
}

// Help is what merit payout export --help adds.
func (payoutExportCommand) Help() string {
	return "Writes the payable lines of a locked period into payouts/PERIOD/export. Layouts are data: columns, what they hold, and whether the payroll system takes negative amounts. Company codes and the like stand under payouts.payroll in merit.yml, one for all or one for each currency: company_code: {USD: ABC, JPY: JPN}. Where rows don't name their currency, each currency is a file of its own, and one that the payroll system could not tell is refused. Each line is exported once: another file with the same lines needs --again with the reason."
}

// Run is called by the command line.
func (c payoutExportCommand) Run(a *app) error {
	_, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	exports, err := books.Export(c.Period, ledger.Exporting{Layout: c.Layout, Currency: c.Currency, Recipient: c.Encrypt, Again: c.Again, Key: c.Key, PayDate: c.PayDate, PayPeriod: c.PayPeriod, Template: c.Template})
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
	if left := exports[len(exports)-1].Left; left > 0 {
		a.printf("%s of %s are in no payroll file yet\n", plural(left, "payable line"), c.Period)
	}
	return nil
}

type payoutPaidCommand struct {
	Period   string `arg:"" help:"A locked fiscal quarter: 2026-Q1."`
	Register string `arg:"" help:"CSV file that payroll gives back: employee, amount, currency." type:"path"`
}

// Help is what merit payout paid --help adds.
func (payoutPaidCommand) Help() string {
	return "Compares what payroll says it has paid with what was handed to it, person by person and currency by currency. Only a line that the register has is paid. What differs, is missing or was never handed over is listed in payouts/PERIOD/paid/paid.csv. A later register supersedes an earlier one."
}

// Run is called by the command line.
func (c payoutPaidCommand) Run(a *app) error {
	_, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	done, err := books.Paid(c.Period, c.Register)
	if err != nil {
		return err
	}
	for _, s := range done.All {
		if !s.IsPaid {
			a.printf("%s: exported %s, paid %s %s: %s\n", s.Employee, s.Exported, s.Paid, s.Currency, s.State())
		}
	}
	a.printf("%d of %d are paid as they were handed over\nwritten to %s\n", len(done.All)-done.Differ, len(done.All), done.Path)
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
	job, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	done, err := books.Restate(a.ctx, job.PayoutBuild, c.Period)
	if err != nil {
		return err
	}
	if len(done.Entries) == 0 {
		a.printf("%s is what it was: nothing flows into %s\n", c.Period, done.Into)
		return nil
	}
	if !a.quiet {
		t := a.table(table.Row{"rep", "role", "kind", "locked", "truth now", "difference", "", "state"})
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
	FromLake   bool   `help:"Rebuild the tables from the lake's pinned snapshots, too, and compare every evidence row and score. Takes as long as a build."`
	Checkpoint string `help:"A checkpoint that you kept: shows that the log was only added to since." placeholder:"FILE"`
	Proof      string `help:"Check the proof of one payout line instead; needs no project." placeholder:"FILE"`
	PublicKey  string `help:"With --proof: the evidence log's public key, or its file. Default: evidence/evidence.pub of the project." placeholder:"KEY"`
}

// Help is what merit payout verify --help adds.
func (payoutVerifyCommand) Help() string {
	return "Offline. Checks every byte of the evidence log and of every locked file against the signatures, then computes each locked period anew from its frozen inputs and compares all files byte by byte. With --from-lake it rebuilds what the money was computed from in a scratch database, from the snapshots of the lake that the period pins, and compares. With --proof it checks one line's proof with nothing but the public key."
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
	job, books, closeAll, err := a.openBooks(false)
	if err != nil {
		return err
	}
	defer closeAll()
	v, err := books.Verify(c.Period, kept, job.Known())
	if err != nil {
		return err
	}
	a.printf("evidence log: %s, every byte as it was signed\n", plural(int(v.Records), "record"))
	if v.Draft != "" {
		a.printf("%s: a draft, as its preparer signed it\n", v.Draft)
	}
	for _, p := range v.Periods {
		a.printf("%s: %s as signed by %s; %d computed anew, the same to the byte; %s good\n", p.Period, plural(p.Files, "file"), strings.Join(p.Signers, ", "), p.Remade, plural(p.Proofs, "proof"))
		a.printf("  keys: %s\n", strings.Join(p.Prints, ", "))
		if p.Compared {
			a.printf("  the frozen roster and the frozen evidence give the days, targets and values that were scored\n")
		} else {
			a.printf("  not compared: roster and evidence, since this period was locked without its settings\n")
		}
	}
	if c.FromLake {
		if err := c.fromLake(a, job, books); err != nil {
			return err
		}
	}
	a.printf("keep this checkpoint to show later that nothing was taken away:\n\n%s", v.Seal)
	return nil
}

func (c payoutVerifyCommand) fromLake(a *app, job *pipelines.Job, books *ledger.Ledger) error {
	compared, err := books.FromLake(a.ctx, job.FromLake, c.Period)
	for _, one := range compared {
		if err == nil {
			a.printf("%s: rebuilt from %s of the lake: %s, %s and %s, each the same\n", one.Period, plural(one.Snapshots, "snapshot"), plural(one.Evidence, "evidence row"), plural(one.Standings, "score"), plural(one.Flags, "open flag"))
		}
	}
	return err
}

func (c payoutVerifyCommand) proof(a *app) error {
	key := c.PublicKey
	if key == "" {
		key = filepath.Join(a.project, "evidence", "evidence.pub")
	}
	proven, err := ledger.CheckProof(c.Proof, key)
	if err != nil {
		return err
	}
	a.printf("good: this line was locked for %s on %s (record %d of the evidence log):\n%s\n", proven.Record.Period, proven.Record.At, proven.Record.Number, proven.Line)
	return nil
}

type payoutApproversCommand struct {
	Key string `help:"An approver in force, who signs the change to the list of merit.yml." placeholder:"NAME"`
}

// Help is what merit payout approvers --help adds.
func (payoutApproversCommand) Help() string {
	return "Approvers, how many of them it takes, the calendar and the order of sources change only when as many of the approvers in force as were needed before have signed the change. Shows the list in force and the one of merit.yml with the fingerprint of each key; with --key it signs the change."
}

// Run is called by the command line.
func (c payoutApproversCommand) Run(a *app) error {
	_, books, closeAll, err := a.openBooks(true)
	if err != nil {
		return err
	}
	defer closeAll()
	lists, err := books.ChangeApprovers(c.Key)
	if err != nil {
		return err
	}
	a.printf("in force:     %s\nof merit.yml: %s\n", lists.InForce, lists.Listed)
	if !lists.IsSame {
		a.printf("%d of %d signatures under the change%s\n", len(lists.Signed), lists.Needed, strings.Join(append([]string{""}, lists.Signed...), "\n  "))
	}
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
	public, err := ledger.NewKey(p, c.Name)
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

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"merit/connectors/fault"
	"merit/connectors/sandbox/company"
	"merit/pipelines"
	"merit/pipelines/payouts/ledger"
	"merit/pipelines/project"
)

type demoCommand struct {
	Dir    string   `help:"Folder for the demo's project." default:"demo" type:"path"`
	Seed   uint64   `help:"Another seed is another story." default:"1"`
	Size   int      `help:"How many deals each of the two CRMs has, renewals and expansions not counted." default:"450"`
	Cheats []string `help:"Flag rules that somebody gives cause to, or all." default:"bulk_stage_update,duplicate_activity" placeholder:"NAME,…"`
	Truth  string   `help:"Also write who cheated and who only looks like it, with the records' ids in each CRM." type:"path" placeholder:"FILE"`
}

// Help is what merit demo --help adds.
func (demoCommand) Help() string {
	return "An invented company sells through two CRMs: one sandbox speaks Salesforce's protocol, one HubSpot's. The demo reads both into a lake, builds every table in DuckDB, scores everybody, publishes, drafts a payout and shows where one score came from. Run again it reads only what is new."
}

// demoMark tells a folder that a demo made from one that it must not touch.
const demoMark = ".merit/demo"

// Run is called by the command line.
func (c demoCommand) Run(a *app) error {
	cheats, err := knownCheats(c.Cheats)
	if err != nil {
		return err
	}
	// The same people, other deals in the second CRM.
	stories := company.AcmeInFull(company.Plot{Seed: c.Seed, Size: c.Size, CRMs: 2, Cheats: cheats})
	if c.Truth != "" {
		if err := writeTruth(c.Truth, stories); err != nil {
			return err
		}
	}
	crm, err := serve(stories[0], 0)
	if err != nil {
		return err
	}
	defer crm.stop()
	second, err := serve(stories[1], 0)
	if err != nil {
		return err
	}
	defer second.stop()
	if err := c.project(stories, crm.endpoint, second.endpoint); err != nil {
		return err
	}
	a.project = c.Dir
	a.printf("Acme on two sandbox CRMs: Salesforce's protocol at %s, HubSpot's at %s\n\n", crm.endpoint, second.endpoint)
	if err := (runCommand{}).Run(a); err != nil {
		return err
	}
	period, rep, err := a.demoChoice()
	if err != nil {
		return err
	}
	a.printf("\n")
	if err := a.demoDraft(period); err != nil {
		return err
	}
	a.printf("\nmerit explain --project %s %s %s\n", c.Dir, rep, period)
	if err := (explainCommand{Rep: rep, Period: period, Most: 3}).Run(a); err != nil {
		return err
	}
	a.printf("\n")
	if err := (reportCommand{All: true}).Run(a); err != nil {
		return err
	}
	pages := filepath.Join(c.Dir, "report")
	a.printf(demoEnd, c.Dir, c.Dir, c.Dir, pages, rep, pages, period, pages, pages, c.Dir, rep, period)
	return nil
}

const demoEnd = `
Where things lie
  %s/published   what BI tools read: Parquet files and merit.duckdb
  %s/payouts     the payout draft, its control totals and SHA-256
  %s/lake        the durable copy of the CRM's history, Apache Iceberg tables
Pages to open in a browser
  %s/people/%s/index.html
  %s/finance/%s.html
  %s/steward/index.html
  %s/plan/index.html
Look further
  merit explain --project %s %s %s stage_advances
`

// project writes the demo's project, or points an earlier demo's at the new ports.
func (c demoCommand) project(stories []*company.Company, salesforce, hubspot string) error {
	sources := []storySource{{"hubspot", hubspot}, {"salesforce", salesforce}}
	mark := filepath.Join(c.Dir, demoMark)
	if _, err := os.Stat(mark); err == nil {
		if err := sameDemo(mark, c); err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(c.Dir, "merit.yml")); err != nil {
			return err
		}
		return writeNew(filepath.Join(c.Dir, "merit.yml"), storySettings(stories[0], sources, "2024-Q3"))
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Errorf(fault.You, "the demo's folder: %w", err)
	}
	if len(entries) > 0 {
		return fault.Errorf(fault.You, "%s is not empty and not a demo's; name another folder with --dir", c.Dir)
	}
	if err := writeStoriesProject(c.Dir, stories, sources); err != nil {
		return err
	}
	return writeNew(mark, []byte(c.text()))
}

func (c demoCommand) text() string {
	return fmt.Sprintf("seed %d, size %d, cheats %s\n", c.Seed, c.Size, strings.Join(c.Cheats, ","))
}

func sameDemo(mark string, c demoCommand) error {
	text, err := os.ReadFile(mark)
	if err != nil {
		return err
	}
	if string(text) != c.text() {
		return fault.Errorf(fault.You, "%s holds a demo of %s, not of %s; name another folder with --dir", c.Dir, string(text[:len(text)-1]), c.text()[:len(c.text())-1])
	}
	return nil
}

// demoDraft drafts the period, unless somebody has tried out how it is locked.
func (a *app) demoDraft(period string) error {
	p, err := project.Open(a.project)
	if err != nil {
		return err
	}
	isLocked, err := ledger.IsLocked(p, period)
	if err != nil {
		return err
	}
	if isLocked {
		a.printf("payout %s is locked: %s\n", period, filepath.Join(p.Path(p.Settings.Files.Payouts), period, "locked"))
		return nil
	}
	return (payoutDraftCommand{Period: period}).Run(a)
}

// demoChoice is the newest quarter that is over, and in it the rep with the best
// score.
func (a *app) demoChoice() (period, rep string, err error) {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return "", "", err
	}
	defer closeAll()
	built, err := job.Results()
	if err != nil {
		return "", "", err
	}
	return built.BestOfLastPeriod(a.ctx)
}

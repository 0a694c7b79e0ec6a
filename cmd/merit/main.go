// Command merit turns CRM history into achievement scores that people trust and
// payout files that finance can defend.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"merit/connectors/fault"
	"merit/pipelines"
	"merit/pipelines/project"
)

func main() { os.Exit(start()) }

// start is all of the process but its end.
func start() int {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	ownFiles()
	return run(os.Args[1:], os.Stdout, os.Stderr)
}

// softMemory makes the collector work harder before Go's share of the process
// grows past it: reading stays below 300 MiB, whatever the CRM's size, since the
// linked engines take some 90 of it (make bench prints it). DuckDB's memory is
// apart and has its own setting.
const softMemory = 160 << 20

// A commandLine is all that merit understands. Each command's type and help stand
// in a file of their own.
type commandLine struct {
	Project string `help:"Folder of the project." default:"." type:"path" placeholder:"DIR" env:"MERIT_PROJECT"`
	Log     string `help:"Log every step to standard error: json or text." enum:"json,text," default:"" placeholder:"json|text"`
	Quiet   bool   `help:"Print nothing but errors."`

	Demo      demoCommand      `cmd:"" help:"The whole job on the sandbox CRM, no settings needed."`
	Init      initCommand      `cmd:"" help:"Write a commented project."`
	Check     checkCommand     `cmd:"" help:"Settings valid? Signed in? Every field that is needed readable? Reads no data."`
	Read      readCommand      `cmd:"" help:"Pull what changed since the last time."`
	Build     buildCommand     `cmd:"" help:"Build tables from the lake."`
	Test      testCommand      `cmd:"" help:"Checks on the data, and the worked examples beside each model."`
	Run       runCommand       `cmd:"" help:"Read, load, stage, build, check, publish; what a scheduler calls."`
	Status    statusCommand    `cmd:"" help:"For each stream: rows, freshness, cursor; API budget; how the last run ended."`
	Explain   explainCommand   `cmd:"" help:"From a score down to the CRM records that made it."`
	Report    reportCommand    `cmd:"" help:"The pages that people look at, in a folder for each audience."`
	Notify    notifyCommand    `cmd:"" help:"Send what went well to the channels of Slack and Teams that merit.yml names."`
	BI        biCommand        `cmd:"" name:"bi" help:"A ready project for a BI tool on the published tables."`
	Verify    verifyCommand    `cmd:"" help:"Read every file of the lake: is it as it was written?"`
	Relocate  relocateCommand  `cmd:"" help:"Tell the lake's metadata that the lake was moved, copied or restored to where merit.yml says."`
	Compact   compactCommand   `cmd:"" help:"Bring the lake's small files together, let old checkpoints go, remove what nothing names."`
	Forget    forgetCommand    `cmd:"" help:"Erase a person from every snapshot, and prove it."`
	Payout    payoutCommand    `cmd:"" help:"Payout files."`
	Review    reviewCommand    `cmd:"" help:"Flags, and what stewards decide on them."`
	Plan      planCommand      `cmd:"" help:"The published rules."`
	Programme programmeCommand `cmd:"" help:"What is proposed to raise a behaviour that fell."`
	Models    modelsCommand    `cmd:"" help:"Models of the project's own, in its folder models/."`
	Compile   compileCommand   `cmd:"" help:"The SQL that would run, in either engine's dialect."`
	Schema    schemaCommand    `cmd:"" help:"The JSON Schema of plan.yml or merit.yml, for editors."`
	Docs      docsCommand      `cmd:"" help:"The metric catalogue and the lineage, from the models' own headers."`
	Version   versionCommand   `cmd:"" help:"Merit's version, Go's and DuckDB's; --version says the same."`
	Sandbox   sandboxCommand   `cmd:"" help:"Serve the sandbox CRM: Salesforce's and HubSpot's protocols on localhost."`
}

const description = `Merit turns CRM history into achievement scores and payout files, each number with the records that made it.

Exit codes: 0 done; 1 a fault of Merit's; 2 settings or a permission must be mended; 3 the CRM or warehouse is unwell, run again later;
4 the data failed a check, nothing was published; 5 another run holds this project; 130 interrupted, the next run goes on from there.`

// An app is what every command works with.
type app struct {
	ctx     context.Context
	out     io.Writer // for results
	err     io.Writer // for logs and errors
	screen  io.Writer // for the moving line of progress
	project string
	quiet   bool
	log     string
}

func run(args []string, stdout, screen io.Writer) int {
	stdout, stderr := io.Writer(&cleanWriter{to: stdout}), io.Writer(&cleanWriter{to: screen})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var line commandLine
	exited := -1
	parser, err := kong.New(&line, kong.Name("merit"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "merit:", err)
		return int(fault.Us)
	}
	chosen, err := parser.Parse(asCommands(args))
	if exited >= 0 { // --help was printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "merit: %v; `merit --help` lists the commands\n", err)
		return int(fault.You)
	}
	a := &app{ctx: ctx, out: stdout, err: stderr, screen: screen, project: line.Project, quiet: line.Quiet, log: line.Log}
	if err := chosen.Run(a); err != nil {
		if ctx.Err() != nil {
			fmt.Fprintln(stderr, "merit: stopped; the next run goes on from here")
			return 130
		}
		fmt.Fprintln(stderr, "merit:", fault.Printable(err.Error()))
		return exitCode(err)
	}
	return 0
}

// exitCode tells a scheduler who has to act.
func exitCode(err error) int {
	var failed pipelines.CheckFailed
	switch {
	case errors.Is(err, pipelines.ErrBusy):
		return 5
	case errors.As(err, &failed):
		return 4
	}
	return int(fault.WhoMends(err))
}

// printf writes a result for people; nothing with --quiet.
func (a *app) printf(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.out, format, args...)
	}
}

// open reads the project's settings and gets a job ready; with the project's
// lock held when the work writes.
func (a *app) open(seen func(pipelines.Event), writes bool) (job *pipelines.Job, closeAll func() error, err error) {
	p, err := project.Open(a.project)
	if err != nil {
		return nil, nil, err
	}
	for _, note := range pipelines.Exposed(p) {
		if !a.quiet {
			fmt.Fprintln(a.err, "note:", fault.Printable(note))
		}
	}
	release, number := func() {}, int64(0)
	if writes {
		if number, release, err = pipelines.Lock(p); err != nil {
			return nil, nil, err
		}
	}
	job, err = pipelines.Open(p, parts(), seen)
	if err != nil {
		release()
		return nil, nil, err
	}
	giveBack := func() error { return nil }
	if writes {
		if giveBack, err = job.Hold(a.ctx, number); err != nil {
			release()
			return nil, nil, err
		}
	}
	return job, func() error {
		defer release()
		return errors.Join(job.Close(), giveBack())
	}, nil
}

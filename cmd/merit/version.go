package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"merit/transform/warehouse/duckdb"
)

type versionCommand struct{}

// Help is what merit version --help adds.
func (versionCommand) Help() string {
	return "Which release of Merit this is, from which commit it was built, and with which Go and DuckDB; what to name in a report of a fault."
}

// Run is called by the command line.
func (versionCommand) Run(a *app) error {
	engine, err := duckdb.Version(a.ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "merit %s\n%s %s/%s\nDuckDB %s\n", release(), runtime.Version(), runtime.GOOS, runtime.GOARCH, engine)
	return err
}

// release is the module's version, and the commit where the build knows it.
func release() string {
	info, known := debug.ReadBuildInfo()
	if !known || info.Main.Version == "" {
		return "unknown"
	}
	text := info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			text += ", commit " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			text += ", with changes that are in no commit"
		}
	}
	return text
}

// asCommands are the arguments as the parser knows them: --version is the command version.
func asCommands(args []string) []string {
	if len(args) == 1 && args[0] == "--version" {
		return []string{"version"}
	}
	return args
}

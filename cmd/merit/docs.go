package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"merit/connectors"
	"merit/models"
	"merit/transform/model"
)

type docsCommand struct {
	Models  string `help:"File for the metric catalogue and the lineage." default:"models.md" type:"path" placeholder:"FILE"`
	Command string `help:"File for the manual of the command." default:"merit.md" type:"path" placeholder:"FILE"`
}

// Help is what merit docs --help adds.
func (docsCommand) Help() string {
	return "Writes the metric catalogue with every table's lineage, from the models' own headers, and the manual of this command, from its own help."
}

// Run is called by the command line.
func (c docsCommand) Run(a *app) error {
	graph, err := model.Load(models.Files)
	if err != nil {
		return err
	}
	manual, err := manual()
	if err != nil {
		return err
	}
	for path, text := range map[string]string{c.Models: graph.Catalogue(), c.Command: manual} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return connectors.Faultf(connectors.You, "make the folder: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return connectors.Faultf(connectors.You, "write %s: %w", path, err)
		}
	}
	a.printf("written: %s, %s\n", c.Models, c.Command)
	return nil
}

// manual is the command's own help as Markdown.
func manual() (string, error) {
	parser, err := kong.New(&commandLine{}, kong.Name("merit"), kong.Description(description))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# merit\n\nMade from the command's own help by `make docs`.\n\n%s\n\nEvery command takes\n\n", description)
	writeFlags(&b, parser.Model.Flags)
	for _, leaf := range parser.Model.Leaves(true) {
		fmt.Fprintf(&b, "\n## merit %s\n\n%s\n", strings.TrimPrefix(leaf.FullPath(), "merit "), leaf.Help)
		if leaf.Detail != "" {
			fmt.Fprintf(&b, "\n%s\n", leaf.Detail)
		}
		fmt.Fprintf(&b, "\n    merit %s\n", leaf.Summary())
		if len(leaf.Positional)+len(leaf.Flags) > 0 {
			b.WriteString("\n")
		}
		for _, p := range leaf.Positional {
			fmt.Fprintf(&b, "- `%s`: %s\n", strings.ToUpper(p.Name), p.Help)
		}
		writeFlags(&b, leaf.Flags)
	}
	return b.String(), nil
}

func writeFlags(b *strings.Builder, flags []*kong.Flag) {
	for _, f := range flags {
		if !f.Hidden {
			fmt.Fprintf(b, "- `%s`: %s\n", strings.TrimSpace(f.String()), f.Help)
		}
	}
}

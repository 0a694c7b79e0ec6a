package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/model"
)

type docsCommand struct {
	Models  string `help:"File for the metric catalogue and the lineage." default:"models.md" type:"path" placeholder:"FILE"`
	Command string `help:"File for the manual of the command." default:"merit.md" type:"path" placeholder:"FILE"`
	Privacy string `help:"File for the table of personal data: what lies where." default:"privacy.md" type:"path" placeholder:"FILE"`
	Page    string `help:"File for the same catalogue as one HTML page, each metric's lineage drawn down to the CRM." default:"models.html" type:"path" placeholder:"FILE"`
}

// Help is what merit docs --help adds.
func (docsCommand) Help() string {
	return "Writes the metric catalogue with every table's lineage, from the models' own headers, as Markdown and as a page that needs nothing beside itself; and the manual of this command, from its own help."
}

// Run is called by the command line.
func (c docsCommand) Run(a *app) error {
	graph, err := a.graph()
	if err != nil {
		return err
	}
	manual, err := manual()
	if err != nil {
		return err
	}
	fillers, err := fillers(parts().Connectors)
	if err != nil {
		return err
	}
	page, err := graph.Page(fillers)
	if err != nil {
		return err
	}
	catalogue, err := graph.Catalogue(fillers)
	if err != nil {
		return err
	}
	for path, text := range map[string]string{c.Models: catalogue, c.Command: manual, c.Page: page, c.Privacy: personalData(parts().Connectors)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fault.Errorf(fault.You, "make the folder: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fault.Errorf(fault.You, "write %s: %w", path, err)
		}
	}
	a.printf("written: %s, %s, %s, %s\n", c.Models, c.Page, c.Command, c.Privacy)
	return nil
}

var rawTable = regexp.MustCompile(`\braw\.([A-Za-z_][A-Za-z0-9_]*)`)

// fillers are the CRMs by the staging table that their views fill, with the
// objects that each view reads. Files fill any table, by its own name.
func fillers(all []connectors.Connector) (map[string][]model.Filler, error) {
	byTable := map[string][]model.Filler{}
	for _, c := range all {
		if c.Name == "files" {
			continue
		}
		views, err := fs.Glob(c.Views, "*.sql")
		if err != nil {
			return nil, err
		}
		for _, view := range views {
			text, err := fs.ReadFile(c.Views, view)
			if err != nil {
				return nil, err
			}
			filler := model.Filler{CRM: c.Title}
			for _, found := range rawTable.FindAllStringSubmatch(string(text), -1) {
				if !slices.Contains(filler.Reads, found[1]) {
					filler.Reads = append(filler.Reads, found[1])
				}
			}
			slices.Sort(filler.Reads)
			table := "staging." + strings.TrimSuffix(view, ".sql")
			byTable[table] = append(byTable[table], filler)
		}
	}
	return byTable, nil
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

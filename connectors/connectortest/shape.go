package connectortest

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
)

var (
	plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	rawTable  = regexp.MustCompile(`\braw\.([A-Za-z_][A-Za-z0-9_]*)`)
)

func settingsAreDocumented(t reporter, c connectors.Connector) {
	if !plainName.MatchString(c.Name) || c.Title == "" {
		t.Errorf("the connector's name %q and title %q must be a key for merit.yml and words for people", c.Name, c.Title)
	}
	known := map[string]connectors.Setting{}
	for _, s := range c.Settings {
		if _, twice := known[s.Name]; twice {
			t.Errorf("setting %s is there twice", s.Name)
		}
		known[s.Name] = s
		if !plainName.MatchString(s.Name) {
			t.Errorf("setting %q is no plain name", s.Name)
		}
		if len(strings.Fields(s.Help)) < 3 || !strings.HasSuffix(s.Help, ".") {
			t.Errorf("setting %s has no sentence of help: %q", s.Name, s.Help)
		}
		if s.Secret && s.Default != "" {
			t.Errorf("setting %s is a secret and has a default", s.Name)
		}
		if s.Required && s.Default != "" {
			t.Errorf("setting %s is required and has a default", s.Name)
		}
	}
	settings := t.account().Settings
	for name, values := range settings {
		s, ok := known[name]
		if !ok {
			t.Errorf("the account uses setting %s, which is not documented", name)
		}
		if len(values) > 1 && !s.List {
			t.Errorf("the account gives setting %s as a list, which it is not", name)
		}
	}
	for name, s := range known {
		if s.Required && settings.Text(name) == "" {
			t.Errorf("setting %s is required, yet an account without it was opened", name)
		}
	}
}

func streamsAreStable(t reporter, c connectors.Connector) {
	a := t.account()
	source := open(t, c, a)
	first, again := streams(t, source), streams(t, open(t, c, a))
	if len(first) == 0 {
		t.Fatalf("there are no streams")
	}
	if told, retold := outline(first), outline(again); told != retold {
		t.Errorf("the streams are told differently the second time:\n%s\n%s", told, retold)
	}
	tables := map[string]bool{}
	names := map[string]bool{}
	for _, s := range first {
		if names[s.Name] || s.Name == "" {
			t.Errorf("stream %q is there twice, or has no name", s.Name)
		}
		names[s.Name] = true
		if len(s.Tables) == 0 {
			t.Errorf("stream %s has no table", s.Name)
		}
		for _, table := range s.Tables {
			if tables[table.Name] || table.Name == "" {
				t.Errorf("table %q of stream %s is there twice, or has no name", table.Name, s.Name)
			}
			tables[table.Name] = true
			tableIsSound(t, table)
		}
	}
}

func tableIsSound(t reporter, table connectors.Table) {
	fields := map[string]bool{}
	for _, f := range table.Schema.Fields() {
		if lower := strings.ToLower(f.Name); fields[lower] {
			t.Errorf("table %s has the column %s twice: case does not tell columns apart", table.Name, f.Name)
		} else {
			fields[lower] = true
		}
	}
	if len(table.Key) == 0 {
		t.Errorf("table %s has no key", table.Name)
	}
	for _, name := range table.Key {
		if len(table.Schema.FieldIndices(name)) == 0 {
			t.Errorf("table %s has the key %s, which is no column of it", table.Name, name)
		}
	}
	if table.Version == "" {
		return
	}
	if len(table.Schema.FieldIndices(table.Version)) == 0 {
		t.Errorf("table %s has the version %s, which is no column of it", table.Name, table.Version)
	}
	deleted, ok := table.Schema.FieldsByName(connectors.DeletedColumn)
	if !ok || deleted[0].Type.ID() != arrow.BOOL {
		t.Errorf("table %s has versions, and no boolean %s to say that a record is gone", table.Name, connectors.DeletedColumn)
	}
}

func viewsReadItsTables(t reporter, c connectors.Connector) {
	if c.Views == nil {
		return
	}
	tables := map[string]bool{}
	for _, s := range streams(t, open(t, c, t.account())) {
		for _, table := range s.Tables {
			tables[table.Name] = true
		}
	}
	err := fs.WalkDir(c.Views, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(c.Views, path)
		if err != nil {
			return err
		}
		found := rawTable.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("view %s reads no raw table", path)
		}
		for _, match := range found {
			if !tables[match[1]] {
				t.Errorf("view %s reads raw.%s, and no stream has this table", path, match[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("the views: %v", err)
	}
}

func open(t reporter, c connectors.Connector, a Account) connectors.Source {
	t.Helper()
	source, err := c.Open(context.Background(), a.Settings)
	if err != nil {
		t.Fatalf("opening the account: %v", err)
	}
	return source
}

func streams(t reporter, source connectors.Source) []connectors.Stream {
	t.Helper()
	list, err := source.Streams(context.Background())
	if err != nil {
		t.Fatalf("listing the streams: %v", err)
	}
	return list
}

// outline is all of the streams as text.
func outline(list []connectors.Stream) string {
	var out strings.Builder
	for _, s := range list {
		for _, t := range s.Tables {
			fmt.Fprintf(&out, "%s.%s key %s version %s\n%s\n", s.Name, t.Name, slices.Clone(t.Key), t.Version, t.Schema)
		}
	}
	return out.String()
}

package main

import (
	"errors"
	"io/fs"
	"testing"

	"merit/transform/sqltext"
)

// A view without a stated main table would take a control total from finance without
// a word.
func TestEachViewThatFinanceCountsStatesItsMainTable(t *testing.T) {
	for _, c := range parts().Connectors {
		for _, table := range []string{"deals", "accounts", "contacts", "users"} {
			text, err := fs.ReadFile(c.Views, table+".sql")
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			view, err := sqltext.ReadView(string(text))
			if err != nil || view.Main == "" && view.Without == "" {
				t.Errorf("%s, view %s: no main table: %v", c.Name, table, err)
			}
		}
	}
}

// Staging is filled before the as-of is known, and once.
func TestNoViewDependsOnTheAsOf(t *testing.T) {
	for _, c := range parts().Connectors {
		files, err := fs.Glob(c.Views, "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(c.Views, file)
			if err != nil {
				t.Fatal(err)
			}
			view, err := sqltext.ReadView(string(text))
			if err != nil || view.Calls("as_of", "today") {
				t.Errorf("%s, view %s: it may not ask for the as-of: %v", c.Name, file, err)
			}
		}
	}
}

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

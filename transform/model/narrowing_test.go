package model

import (
	"testing"

	"merit/models"
	"merit/transform/sqltext"
)

// No cast of any model raises: as an engine takes it, each gives null for a number that
// its type does not hold. One record's value stops nobody.
func TestNoCastOfAModelRaises(t *testing.T) {
	g, err := Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	for dialect, safe := range map[string]string{"duckdb": "try_cast", "bigquery": "safe_cast"} {
		casts := 0
		for _, m := range g.Models() {
			query, err := m.Compile(dialect)
			if err != nil {
				t.Fatal(err)
			}
			tokens, err := sqltext.Tokenize(query)
			if err != nil {
				t.Fatal(err)
			}
			for i, token := range tokens {
				switch {
				case token.Is(safe):
					casts++
				case token.Is("cast") && sqltext.At(tokens, i+1).Is("("), token.Is("::"):
					t.Errorf("%s in %s, line %d: a cast that raises", m.File, dialect, token.Line)
				}
			}
		}
		if casts == 0 {
			t.Errorf("%s: no model has a cast", dialect)
		}
	}
}

package model_test

import (
	"regexp"
	"strings"
	"testing"

	"merit/models"
	"merit/transform/model"
)

var isMoney = regexp.MustCompile(`_(amount|arr)$`)

// A sum of money that several published tables show under one name is one sum: what
// stands behind the column begins with the same words, up to the first comma.
func TestMoneyOfOneNameIsOneSum(t *testing.T) {
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	from := map[string]string{}
	shared := 0
	for _, m := range graph.Models() {
		if !strings.HasPrefix(m.Name, "marts.") {
			continue
		}
		for _, column := range m.Columns {
			if !isMoney.MatchString(column.Name) {
				continue
			}
			meaning, _, _ := strings.Cut(column.Comment, ",")
			if before, there := said[column.Name]; there {
				shared++
				if before != meaning {
					t.Errorf("%s is %q in %s and %q in %s: give one of them another name, or say what it is in the same words", column.Name, before, from[column.Name], meaning, m.Name)
				}
				continue
			}
			said[column.Name], from[column.Name] = meaning, m.Name
		}
	}
	if shared == 0 {
		t.Error("no column of money stands in two tables: the test looks at nothing")
	}
}

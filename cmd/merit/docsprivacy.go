package main

import (
	"fmt"
	"slices"
	"strings"

	"merit/connectors"
)

// whatItSays is for people.
var whatItSays = map[connectors.Says]string{
	connectors.SaysText: "text that may name anybody", connectors.SaysID: "id", connectors.SaysAddress: "e-mail address", connectors.SaysName: "name",
}

// whatErasureDoes to a cell that names the person who is erased.
var whatErasureDoes = map[connectors.Says]string{
	connectors.SaysText:    "words that name the person become a tombstone",
	connectors.SaysID:      "becomes a tombstone",
	connectors.SaysAddress: "becomes a tombstone",
	connectors.SaysName:    "goes",
}

// personalData is the table of what tells of people, from the connectors' declarations.
func personalData(all []connectors.Connector) string {
	var b strings.Builder
	b.WriteString(`# Personal data: what lies where

Made from the connectors' declarations (` + "`people.go`" + ` beside each) by ` + "`make docs`" + `. The lake keeps it until an erasure,
a policy or the setting ` + "`history`" + ` ends it; the warehouse and the published tables are made from the lake by each run; accounts
of pay keep what they say as long as the law has companies keep them. Texts of e-mails, notes and calls are never read.

A policy (` + "`privacy.columns`" + ` in merit.yml) names one column and holds for every place of the same property, in every snapshot.
A column that is not declared here is taken for a text that may name anybody.
`)
	for _, c := range all {
		fmt.Fprintf(&b, "\n## %s\n\n| where | what it is | history of it | an erasure |\n|---|---|---|---|\n", c.Title)
		for _, one := range c.People.Columns {
			if one.Says == connectors.SaysNothing && one.Property == "" {
				continue
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", placeOf(one), sayingOf(one), historyOf(c.People, one), erasureOf(one))
		}
	}
	return b.String()
}

func placeOf(one connectors.Personal) string {
	if one.Table == "*" {
		return "`" + one.Column + "` of every table"
	}
	return "`" + one.Table + "." + one.Column + "`"
}

func sayingOf(one connectors.Personal) string {
	if one.Property != "" {
		return one.Property
	}
	return whatItSays[one.Says]
}

func erasureOf(one connectors.Personal) string {
	if one.Says == connectors.SaysNothing {
		return "stays, with nobody's name on it"
	}
	return whatErasureDoes[one.Says]
}

// historyOf names the tables that tell what the column was.
func historyOf(people connectors.People, one connectors.Personal) string {
	var tables []string
	for _, changes := range people.Changes {
		if changes.Of == one.Table {
			tables = append(tables, "`"+changes.Table+"`")
		}
	}
	slices.Sort(tables)
	return strings.Join(slices.Compact(tables), ", ")
}

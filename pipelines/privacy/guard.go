// Package privacy keeps properties out of the lake that merit.yml does not want there.
package privacy

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/project"
)

// keyFile keys the hashes that stand for values in the lake.
const keyFile = "keys/privacy.key"

// A Guard keeps properties out of the lake that merit.yml does not want there: dropped
// ones are null in every row, hashed ones hold a keyed hash, by which equal values are
// still known to be equal. A property lies in a column, in the tables that tell of the
// column's changes, and in other columns that hold the same: a policy holds for all.
type Guard struct {
	project *project.Project
	source  string
	rules   map[string][]rule // by table
	told    []string          // a sentence for each policy: where it holds
	key     []byte
}

// A rule says what becomes of a column's values.
type rule struct {
	column string
	policy string
	by     string   // a column that tells what the value is of; "": every row
	of     []string // what it says then
	notIDs bool     // values that are ids of records stay
	member []string // a JSON object: what is taken out of it
}

func (r rule) String() string {
	switch {
	case r.by != "":
		return fmt.Sprintf("%s where %s is %s", r.column, r.by, strings.Join(r.of, " or "))
	case len(r.member) > 0:
		return fmt.Sprintf("%s within %s", strings.Join(r.member, ", "), r.column)
	}
	return r.column
}

// New reads what merit.yml says of a source's columns, and refuses a column that
// no stream has, or without which rows could not be told apart.
func New(p *project.Project, source project.Source, streams []connectors.Stream) (*Guard, error) {
	g := &Guard{project: p, source: source.Name, rules: map[string][]rule{}}
	columns := p.Settings.Privacy.Columns
	given := map[string]string{} // by place: the policy that reaches it
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		parts := strings.Split(name, ".")
		if len(parts) != 3 || parts[0] != source.Name {
			continue
		}
		if err := mayBePrivate(name, parts[1], parts[2], columns[name], streams); err != nil {
			return nil, err
		}
		if err := g.add(name, parts[1], parts[2], columns[name], source.Connector.People, streams, given); err != nil {
			return nil, err
		}
	}
	if len(g.rules) == 0 {
		return g, nil
	}
	var err error
	g.key, err = project.KeyOrNew(p, keyFile)
	return g, err
}

// Told is a sentence for each policy: where it holds.
func (g *Guard) Told() []string { return g.told }

func mayBePrivate(name, tableName, column, policy string, streams []connectors.Stream) error {
	table := tableNamed(streams, tableName)
	if table == nil || !table.Schema.HasField(column) {
		return fault.Errorf(fault.You, "%s: privacy: %s is no column that is read%s", project.FileName, name, like(tableName, column, streams))
	}
	if policy == project.Keep {
		return nil
	}
	if slices.Contains(table.Key, column) || table.Version == column {
		return fault.Errorf(fault.You, "%s: privacy: %s is part of the table's key or version and has to stay", project.FileName, name)
	}
	if kind := table.Schema.Field(table.Schema.FieldIndices(column)[0]).Type; policy == project.Hash && kind.ID() != arrow.STRING {
		return fault.Errorf(fault.You, "%s: privacy: %s is no text, so it can be dropped but not hashed", project.FileName, name)
	}
	return nil
}

// like names the column that may have been meant: written in other letters.
func like(tableName, column string, streams []connectors.Stream) string {
	for _, stream := range streams {
		for _, table := range stream.Tables {
			if !strings.EqualFold(table.Name, tableName) {
				continue
			}
			for _, field := range table.Schema.Fields() {
				if strings.EqualFold(field.Name, column) {
					return fmt.Sprintf("; %s.%s is", table.Name, field.Name)
				}
			}
		}
	}
	return ""
}

// add puts a policy on every place where the property lies.
func (g *Guard) add(name, table, column, policy string, people connectors.People, streams []connectors.Stream, given map[string]string) error {
	var places []string
	for _, one := range sameProperty(people, table, column) {
		for at, r := range placesOfColumn(people, one) {
			held := tableNamed(streams, at)
			if held == nil || !held.Schema.HasField(r.column) || slices.Contains(held.Key, r.column) {
				continue
			}
			place := at + "." + r.String()
			if other, there := given[place]; there && other != policy {
				return fault.Errorf(fault.You, "%s: privacy: %s is to be %s, and %s holds the same property, which is to be %s: one policy for both", project.FileName, name, policy, place, other)
			}
			if _, there := given[place]; !there {
				given[place] = policy
				if r.policy = policy; policy != project.Keep {
					g.rules[at] = append(g.rules[at], r)
				}
			}
			if place != table+"."+column {
				places = append(places, place)
			}
		}
	}
	slices.Sort(places)
	told := fmt.Sprintf("privacy: %s: %s", name, policy)
	if len(places) > 0 {
		told += "; the same property lies in " + strings.Join(slices.Compact(places), ", ") + ", which is treated likewise"
	}
	g.told = append(g.told, told)
	return nil
}

// sameProperty are the columns that hold the property of one, itself first. An id's
// column stands for itself: by the others records are joined.
func sameProperty(people connectors.People, table, column string) []connectors.Personal {
	same := []connectors.Personal{{Table: table, Column: column}}
	for _, one := range people.Columns {
		if one.Table == table && one.Column == column && one.Says != connectors.SaysID {
			same[0].Property = one.Property
		}
	}
	for _, one := range people.Columns {
		if same[0].Property != "" && one.Property == same[0].Property && (one.Table != table || one.Column != column) {
			same = append(same, one)
		}
	}
	return same
}

// placesOfColumn are a column and the places that tell of its changes, by table; and those
// that tell its property of something else.
func placesOfColumn(people connectors.People, of connectors.Personal) iter.Seq2[string, rule] {
	return func(yield func(string, rule) bool) {
		if !yield(of.Table, rule{column: of.Column}) {
			return
		}
		for _, changes := range people.Changes {
			rules := changesOf(changes, of.Column)
			if changes.Of != of.Table {
				rules = nil
			}
			for _, as := range slices.Sorted(maps.Keys(changes.Names)) {
				for _, value := range changes.Values {
					if of.Property != "" && changes.Names[as] == of.Property {
						rules = append(rules, rule{column: value, by: changes.Column, of: []string{as}, notIDs: true})
					}
				}
			}
			for _, r := range rules {
				if !yield(changes.Table, r) {
					return
				}
			}
		}
	}
}

// changesOf are the values in which a table tells what a column was.
func changesOf(changes connectors.Changes, column string) []rule {
	switch {
	case changes.Column == "" && len(changes.Values) == 0: // a column for each column
		return []rule{{column: column}}
	case changes.Column == "": // a JSON object
		return []rule{{column: changes.Values[0], member: []string{column}}}
	}
	names := []string{column}
	for as, is := range changes.Aliases {
		if is == column {
			names = append(names, as)
		}
	}
	slices.Sort(names[1:])
	var rules []rule
	for _, value := range changes.Values {
		rules = append(rules, rule{column: value, by: changes.Column, of: names})
	}
	return rules
}

func tableNamed(streams []connectors.Stream, name string) *connectors.Table {
	for _, stream := range streams {
		for i := range stream.Tables {
			if stream.Tables[i].Name == name {
				return &stream.Tables[i]
			}
		}
	}
	return nil
}

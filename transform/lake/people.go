package lake

import "merit/connectors"

// Knowing says where each source keeps what tells of persons.
func (l *Lake) Knowing(people map[string]connectors.People) {
	l.people = map[string]declared{}
	for source, said := range people {
		d := declared{columns: map[[2]string]connectors.Personal{}, changes: map[string]connectors.Changes{}, records: map[string]bool{}}
		for _, one := range said.Columns {
			d.columns[[2]string{one.Table, one.Column}] = one
		}
		for _, one := range said.Changes {
			d.changes[one.Table] = one
		}
		for _, table := range said.Records {
			d.records[table] = true
		}
		l.people[source] = d
	}
}

// declared is one source's declaration, to be looked up.
type declared struct {
	columns map[[2]string]connectors.Personal
	changes map[string]connectors.Changes
	records map[string]bool
}

// of is what a column tells of people; one that is not declared may hold any text.
func (d declared) of(table, column string) connectors.Personal {
	if one, there := d.columns[[2]string{table, column}]; there {
		return one
	}
	if one, there := d.columns[[2]string{"*", column}]; there {
		return one
	}
	return connectors.Personal{Table: table, Column: column}
}

// ofValue is what a value of a table of changes tells, by the name of the property that changed.
func (d declared) ofValue(changes connectors.Changes, property string) connectors.Personal {
	if other, there := changes.Aliases[property]; there {
		property = other
	}
	return d.of(changes.Of, property)
}

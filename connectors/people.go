package connectors

// People declares where a source keeps what tells of persons: which columns say who
// somebody is, and which hold what somebody wrote. Privacy policies, erasure, its proof
// and the README's table of personal data all follow from it.
//
// A property is declared once. It holds for the column, for the rows in which a table of
// changes tells what the column was, and for every other column with the same Property.
type People struct {
	Records []string // tables in which each row is a person: an erasure empties all texts but ids
	Columns []Personal
	Changes []Changes
}

// A Personal column tells of a person.
type Personal struct {
	Table, Column string // Table "*": whichever has the column
	Says          Says
	Kind          string // of an id: what counts these persons, as the command names it: contacts, User
	Own           bool   // all own columns of a row are of one person
	Property      string // what it is, for people: "e-mail address of a colleague"; columns of one property hold the same values
	// An id whose kind another column of the row tells: that column, and the kinds by its values.
	KindColumn string
	Kinds      map[string]string
	Before     string // what stands before the id: "userId:"
}

// Says is what a column tells.
type Says int

// What a column tells of a person. Columns that are not declared are taken for texts.
const (
	SaysText    Says = iota // what somebody wrote; may mention anybody
	SaysID                  // names a person by an id
	SaysAddress             // an e-mail address
	SaysName
	SaysNothing // an id of something else, an address of a page: a number in it names no person
)

// Changes is a table that tells what columns of another table were: in rows, each of which
// names its column; in columns of the same names when Column and Values are empty; in a
// JSON object, the one of Values, when Column is.
type Changes struct {
	Table   string
	Of      string            // the table whose columns change
	Column  string            // says which column it was
	Values  []string          // hold what it was
	Aliases map[string]string // how the table names a column, where it is otherwise
	Names   map[string]string // by what Column says: the property of values that are names and no ids
}

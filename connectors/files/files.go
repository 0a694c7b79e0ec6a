// Package files fills any table of the staging contract from files that somebody
// drops into a folder: CSV, JSON or Parquet. A CRM without a connector is fed that
// way, and so is what no CRM knows: learning, coaching, surveys, contributions.
//
// A file counts whole or not at all, and as long as it lies there: each row is
// kept with its file's name, the hash of the file's content and its line, and the
// rows that count are those of the newest listing of the folder.
package files

import (
	"context"
	"io/fs"
	"path"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

// A Table is one table of the staging contract, without its column source.
type Table struct {
	Name    string
	Key     []string
	Columns []Column
}

// A Column has a type of the contract's SQL: varchar, bigint, double, boolean,
// date, timestamp with time zone or numeric(p, s).
type Column struct {
	Name     string
	Type     string
	Nullable bool
}

// Connector reads what the contract's tables can be filled from.
func Connector(contract []Table) connectors.Connector {
	return connectors.Connector{
		EmptyIsAbsent: true,
		Name:          "files",
		Title:         "Files",
		Settings: []connectors.Setting{
			{Name: "folder", Required: true, Path: true, Help: "The folder that files are dropped into, from the project's own folder on: drops."},
			{Name: "tables", List: true, Help: "Which table a file is for where its name doesn't say so: export*.csv = deals."},
			{Name: "columns", List: true, Help: "What a column is called in the files, and in the contract: deals.Close Date = close_on; = - leaves it out."},
			{Name: "values", List: true, Help: "What a column has in every row of files without it: deals.pipeline_id = default."},
			{Name: "time_zone", Help: "The IANA zone of instants that are written without one: America/New_York."},
			{Name: "delimiter", Default: ",", Help: "What stands between the fields of a CSV file: one character, or the word tab."},
		},
		Views:  views(contract),
		Counts: lastListed,
		People: people(contract),
		Open: func(_ context.Context, v connectors.Values) (connectors.Source, error) {
			folder, err := openRooted(v.Text("folder"))
			if err != nil {
				return nil, err
			}
			return open(folder, contract, v)
		},
	}
}

// A drop is one folder.
type drop struct {
	folder    fs.FS
	name      string // of the folder, for errors
	tables    []Table
	patterns  []pattern
	renamed   map[string]map[string]string // by table: name in the files, name in the contract
	constants map[string]map[string]string // by table: column, its value in every row
	zone      *time.Location               // nil: every instant says its own
	delimiter byte
	now       func() time.Time
}

// A pattern says which table the files are for whose names it matches.
type pattern struct{ glob, table string }

func open(folder fs.FS, contract []Table, v connectors.Values) (*drop, error) {
	d := &drop{
		folder: folder, name: v.Text("folder"), tables: contract, delimiter: ',', now: time.Now,
		renamed: map[string]map[string]string{}, constants: map[string]map[string]string{},
	}
	switch text := v.Text("delimiter"); {
	case text == "tab":
		d.delimiter = '\t'
	case len(text) == 1 && text != `"` && text != "\n":
		d.delimiter = text[0]
	case text != "":
		return nil, fault.Errorf(fault.You, "delimiter %q: it is one character, or the word tab", text)
	}
	if name := v.Text("time_zone"); name != "" {
		zone, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			return nil, fault.Errorf(fault.You, "time_zone %q is not a zone of the IANA list; write it as America/New_York", name)
		}
		d.zone = zone
	}
	return d, d.readMappings(v)
}

// readMappings takes the settings tables, columns and values.
func (d *drop) readMappings(v connectors.Values) error {
	for _, line := range v.List("tables") {
		glob, table, found := halves(line)
		if _, err := path.Match(glob, ""); !found || err != nil {
			return fault.Errorf(fault.You, "tables: %q: write it as export*.csv = deals", line)
		}
		if _, err := d.table(table); err != nil {
			return fault.Errorf(fault.You, "tables: %q: %w", line, err)
		}
		d.patterns = append(d.patterns, pattern{glob, table})
	}
	for _, line := range v.List("columns") {
		left, column, found := halves(line)
		table, name, dotted := strings.Cut(left, ".")
		if !found || !dotted {
			return fault.Errorf(fault.You, "columns: %q: write it as deals.Close Date = close_on", line)
		}
		if err := d.known(table, column, column == "-"); err != nil {
			return fault.Errorf(fault.You, "columns: %q: %w", line, err)
		}
		put(d.renamed, table, name, column)
	}
	for _, line := range v.List("values") {
		left, value, found := halves(line)
		table, column, dotted := strings.Cut(left, ".")
		if !found || !dotted {
			return fault.Errorf(fault.You, "values: %q: write it as deals.pipeline_id = default", line)
		}
		if err := d.known(table, column, false); err != nil {
			return fault.Errorf(fault.You, "values: %q: %w", line, err)
		}
		put(d.constants, table, column, value)
	}
	return nil
}

func put(into map[string]map[string]string, table, name, value string) {
	if into[table] == nil {
		into[table] = map[string]string{}
	}
	into[table][name] = value
}

// halves are what stands before and behind the last equals sign.
func halves(line string) (left, right string, found bool) {
	at := strings.LastIndexByte(line, '=')
	if at < 0 {
		return line, "", false
	}
	left, right = strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:])
	return left, right, left != ""
}

func (d *drop) table(name string) (Table, error) {
	for _, t := range d.tables {
		if t.Name == name {
			return t, nil
		}
	}
	return Table{}, fault.Errorf(fault.You, "no table is called %q; there are %s", name, d.names())
}

func (d *drop) names() string {
	var names []string
	for _, t := range d.tables {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// known refuses a column that its table does not have.
func (d *drop) known(table, column string, isNone bool) error {
	t, err := d.table(table)
	if err != nil || isNone || t.has(column) {
		return err
	}
	return fault.Errorf(fault.You, "%s has no column %q; there are %s", table, column, t.names())
}

func (t Table) has(column string) bool {
	for _, c := range t.Columns {
		if c.Name == column {
			return true
		}
	}
	return false
}

func (t Table) names() string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

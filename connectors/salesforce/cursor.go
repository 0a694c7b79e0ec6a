package salesforce

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
	"merit/connectors/fault"
)

// A position is where a stream's reading stands. As a cursor it is JSON, so that a
// person can read it in the lake.
type position struct {
	Until   time.Time `json:"until,omitzero"`  // everything up to here is read; zero: nothing yet
	Job     *half     `json:"job,omitempty"`   // a Bulk result of which some pages are read
	Whole   time.Time `json:"whole,omitzero"`  // when everything was last read, with its formulas
	Newest  time.Time `json:"newest,omitzero"` // of the records that came, the latest change
	IDs     roll      `json:"ids,omitzero"`    // the last list of all ids
	Version int       `json:"v"`
	Columns string    `json:"columns"` // what was asked for; a column more means reading from the beginning
}

// A half is a Bulk job's result that is read up to a row of a page. Results are kept for 7
// days and locators hold as long (Salesforce's Bulk API 2.0 guide).
type half struct {
	ID      string    `json:"id"`
	Locator string    `json:"locator"`         // of the page
	List    string    `json:"list,omitempty"`  // of the list that names the page
	Skip    int64     `json:"skip,omitzero"`   // rows of that page that are read
	Rows    int64     `json:"rows"`            // read so far
	Until   time.Time `json:"until,omitzero"`  // the job's window ends here
	As      time.Time `json:"as,omitzero"`     // the instant that its rows have; no window then
	First   bool      `json:"first,omitempty"` // it reads from the beginning
}

// positionVersion goes up when an older Merit would misread what is written.
const positionVersion = 1

// positionAt reads a cursor. One whose columns lack any of today's begins again:
// rows read before would be without the new column for ever.
func positionAt(c connectors.Cursor, columns []string) (position, error) {
	begin := position{Version: positionVersion, Columns: strings.Join(columns, " ")}
	if c == "" {
		return begin, nil
	}
	var p position
	if err := fromJSON(c, &p); err != nil {
		return p, err
	}
	if p.Version != positionVersion {
		return p, otherVersion(p.Version)
	}
	known := " " + p.Columns + " "
	for _, name := range columns {
		if !strings.Contains(known, " "+name+" ") {
			begin.IDs = p.IDs
			return begin, nil
		}
	}
	if p.Columns != begin.Columns {
		p.Job = nil // its rows have a column that is gone; the window is asked for anew
		p.Columns = begin.Columns
	}
	return p, nil
}

func (p position) cursor() connectors.Cursor { return connectors.Cursor(jsonText(p)) }

// see notes the newest record of a page.
func (p *position) see(page connectors.Page, table, column string) {
	for _, b := range page.Batches {
		if b.Table != table {
			continue
		}
		for _, i := range b.Records.Schema().FieldIndices(column) {
			stamps, ok := b.Records.Column(i).(*array.Timestamp)
			if !ok {
				continue
			}
			newest := arrow.Timestamp(0)
			for row, at := range stamps.TimestampValues() {
				if at > newest && stamps.IsValid(row) {
					newest = at
				}
			}
			if at := newest.ToTime(arrow.Millisecond); newest > 0 && at.After(p.Newest) {
				p.Newest = at
			}
		}
	}
}

// stands reads a cursor for people. One of another version says nothing.
func stands(c connectors.Cursor) connectors.Standing {
	var p position
	if fromJSON(c, &p) != nil || p.Version != positionVersion {
		return connectors.Standing{}
	}
	return connectors.Standing{Until: p.Until, Newest: p.Newest, Whole: p.Whole,
		IsPartial: p.Until.IsZero() && (p.Job != nil || p.Columns != "")}
}

func fromJSON(c connectors.Cursor, into any) error {
	if err := json.Unmarshal([]byte(c), into); err != nil {
		return fault.Errorf(fault.Us, "cursor %q can't be read: %w", c, err)
	}
	return nil
}

func otherVersion(version int) error {
	return fault.Errorf(fault.You, "the cursor was written by another version of Merit (%d, this one knows %d); use that one, or read --full", version, positionVersion)
}

func jsonText(of any) string {
	text, err := json.Marshal(of)
	if err != nil {
		panic(err) // no field of a cursor can fail
	}
	return string(text)
}

// idled tells whether a cursor has only moved on in time.
func idled(before, after connectors.Cursor) bool {
	var was, is position
	if fromJSON(before, &was) != nil || fromJSON(after, &is) != nil || was.Until.IsZero() || was.Job != nil {
		return false
	}
	passed := is.Until.Sub(was.Until)
	is.Until = was.Until
	return passed >= 0 && passed < connectors.IdleFor && is.cursor() == was.cursor()
}

package salesforce

import (
	"encoding/json"
	"strings"
	"time"

	"merit/connectors"
)

// A position is where a stream's reading stands. As a cursor it is JSON, so that a
// person can read it in the lake.
type position struct {
	Until   time.Time `json:"until,omitzero"` // everything up to here is read; zero: nothing yet
	Job     *half     `json:"job,omitempty"`  // a Bulk result of which some pages are read
	Whole   time.Time `json:"whole,omitzero"` // when everything was last read, with its formulas
	Version int       `json:"v"`
	Columns string    `json:"columns"` // what was asked for; a column more means reading from the beginning
}

// A half is a Bulk job's result that is read up to a row of a page. Results are kept for 7
// days and locators hold as long (Salesforce's Bulk API 2.0 guide).
type half struct {
	ID      string    `json:"id"`
	Locator string    `json:"locator"`        // of the page
	List    string    `json:"list,omitempty"` // of the list that names the page
	Skip    int64     `json:"skip,omitzero"`  // rows of that page that are read
	Rows    int64     `json:"rows"`           // read so far
	Until   time.Time `json:"until"`          // the job's window ends here
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
	if err := json.Unmarshal([]byte(c), &p); err != nil {
		return p, connectors.Faultf(connectors.Us, "cursor %q can't be read: %w", c, err)
	}
	if p.Version != positionVersion {
		return p, connectors.Faultf(connectors.You, "the cursor was written by another version of Merit (%d, this one knows %d); use that one, or read --full", p.Version, positionVersion)
	}
	known := " " + p.Columns + " "
	for _, name := range columns {
		if !strings.Contains(known, " "+name+" ") {
			return begin, nil
		}
	}
	if p.Columns != begin.Columns {
		p.Job = nil // its rows have a column that is gone; the window is asked for anew
		p.Columns = begin.Columns
	}
	return p, nil
}

func (p position) cursor() connectors.Cursor {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // no field of it can fail
	}
	return connectors.Cursor(text)
}

package connectortest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"merit/connectors"
)

// A Recorded is a small CRM made of recorded replies: a file of records for each object,
// {"data": [{"id": 1, …}]}. It pages, filters by the last change, and lets time pass. It is
// for a new connector, which has no sandbox; how it asks and answers is the test's to say.
type Recorded struct {
	Breaker
	Server  *httptest.Server
	Updated string // the member that says when a record last changed
	Deleted string // the member that says that a record is gone; "": nothing does
	Rename  string // the member of a text that changes when time passes

	mu      sync.Mutex
	now     time.Time
	objects map[string][]map[string]any
}

// NewRecorded reads FOLDER/OBJECT.json and serves what answer makes of it.
func NewRecorded(t *testing.T, folder fs.FS, now time.Time, answer func(*Recorded, http.ResponseWriter, *http.Request)) *Recorded {
	t.Helper()
	r := &Recorded{now: now, objects: map[string][]map[string]any{}}
	files, err := fs.Glob(folder, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Data []map[string]any }
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r.objects[strings.TrimSuffix(name, ".json")] = file.Data
	}
	r.inner = http.HandlerFunc(func(w http.ResponseWriter, asked *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		w.Header().Set("Date", r.now.UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		answer(r, w, asked)
	})
	r.Mend()
	r.Server = httptest.NewServer(&r.Breaker)
	t.Cleanup(r.Server.Close)
	return r
}

// Page is so many records of an object from a place on, those that changed since then
// only, and the place after them; -1: there is none.
func (r *Recorded) Page(object string, since time.Time, from, size int) (records []map[string]any, next int) {
	for _, record := range r.objects[object] {
		at, err := time.Parse(time.RFC3339, fmt.Sprint(record[r.Updated]))
		if err != nil || !at.Before(since) {
			records = append(records, record)
		}
	}
	from = min(from, len(records))
	to := min(from+size, len(records))
	if next = to; to == len(records) {
		next = -1
	}
	return records[from:to], next
}

// Has tells whether there are records of an object.
func (r *Recorded) Has(object string) bool { return r.objects[object] != nil }

// Advance lets a day pass: of every object with a date of change one record changes, one is
// deleted, and one is made.
func (r *Recorded) Advance() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(24 * time.Hour)
	at := r.now.Add(-time.Hour).UTC().Format(time.RFC3339)
	for name, records := range r.objects {
		if len(records) < 2 || records[0][r.Updated] == nil {
			continue
		}
		made := maps.Clone(records[0])
		made["id"], made[r.Updated] = float64(1_000_000+len(records)), at
		records[0][r.Updated], records[0][r.Rename] = at, "renamed"
		if r.Deleted != "" {
			records[1][r.Deleted], records[1][r.Updated] = true, at
		}
		r.objects[name] = append(slices.Clone(records), made)
	}
}

// Rows are an object's records as rows: each column is the member of its name, or the one
// that members says.
func (r *Recorded) Rows(object string, columns []string, members map[string]string) Rows {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows := Rows{}
	for _, record := range r.objects[object] {
		row := Row{}
		for _, column := range columns {
			member := column
			if other, isOther := members[column]; isOther {
				member = other
			}
			row[column] = plainText(record[member])
		}
		if r.Deleted != "" {
			row[connectors.DeletedColumn] = strconv.FormatBool(record[r.Deleted] == true)
		}
		rows[plainText(record["id"])] = row
	}
	return rows
}

// Ids are an object's ids.
func (r *Recorded) Ids(object string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for _, record := range r.objects[object] {
		ids = append(ids, plainText(record["id"]))
	}
	return ids
}

// plainText is a JSON value as a row has it.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

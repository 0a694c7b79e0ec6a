package hubspot

import (
	"context"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
)

// A memory keeps what several readings brought as the lake does: the later row of
// a key counts. Nothing of it is the connector's.
type memory struct {
	t      *testing.T
	source connectors.Source
	rows   map[string]map[string]map[string]string // by table and key
	next   map[string]connectors.Cursor
	last   map[string]int // rows that the last reading brought, by table
	told   []connectors.Reject
}

func newMemory(t *testing.T, source connectors.Source) *memory {
	return &memory{t: t, source: source, rows: map[string]map[string]map[string]string{}, next: map[string]connectors.Cursor{}, last: map[string]int{}}
}

// read reads a stream once more, to its end.
func (m *memory) read(stream string) {
	m.t.Helper()
	if err := m.try(stream); err != nil {
		m.t.Fatal(err)
	}
}

// try keeps what came before an error.
func (m *memory) try(stream string) error {
	m.t.Helper()
	streams, err := m.source.Streams(context.Background())
	if err != nil {
		m.t.Fatal(err)
	}
	i := slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == stream })
	got := read(m.t, m.source, stream, m.next[stream])
	for _, table := range streams[i].Tables {
		if m.rows[table.Name] == nil {
			m.rows[table.Name] = map[string]map[string]string{}
		}
		m.last[table.Name] = len(got.tables[table.Name])
		for _, row := range got.tables[table.Name] {
			var key []string
			for _, column := range table.Key {
				key = append(key, row[column])
			}
			m.rows[table.Name][strings.Join(key, "/")] = row
		}
	}
	m.told = append(m.told, got.rejects...)
	if got.next != "" {
		m.next[stream] = got.next
	}
	return got.err
}

// isTrue holds what is kept of the deals against the portal's own model: every
// one that can be read is there, as it is, with its history up to now.
func (m *memory) isTrue(a *acme) {
	m.t.Helper()
	live, archived, err := a.portal.IDs("deals")
	if err != nil {
		m.t.Fatal(err)
	}
	wrong := 0
	complain := func(format string, args ...any) {
		if wrong++; wrong < 6 {
			m.t.Errorf(format, args...)
		}
	}
	o := objects()[0]
	for deleted, ids := range map[string][]string{"false": live, "true": archived} {
		for _, id := range ids {
			row, ok := m.rows["deals"][id]
			if !ok {
				complain("deal %s is missing", id)
				continue
			}
			for column, want := range a.record(m.t, o, id, deleted) {
				if row[column] != want && !isSame([]byte(row[column]), []byte(want)) {
					complain("deal %s has %s %q, the portal has %q", id, column, row[column], want)
				}
			}
		}
	}
	stages := m.latest("dealstage")
	for _, id := range slices.Concat(live, archived) {
		if want, _, _ := a.portal.Value("deals", id, "dealstage"); stages[id] != want {
			complain("the history of deal %s ends with stage %q, the portal has %q", id, stages[id], want)
		}
	}
}

// latest is the newest version of a property of each deal, by its history alone.
func (m *memory) latest(property string) map[string]string {
	type place struct{ at, ordinal string }
	newest, values := map[string]place{}, map[string]string{}
	for _, row := range m.rows["deal_history"] {
		if row["property"] != property {
			continue
		}
		here, ok := newest[row["object_id"]], true
		if _, ok = newest[row["object_id"]]; !ok || row["timestamp"] > here.at || row["timestamp"] == here.at && row["ordinal"] < here.ordinal {
			newest[row["object_id"]] = place{row["timestamp"], row["ordinal"]}
			values[row["object_id"]] = row["value"]
		}
	}
	return values
}

// ids are the portal's live deals.
func (a *acme) ids(t *testing.T, object string) []string {
	t.Helper()
	live, _, err := a.portal.IDs(object)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// do is what happens at the portal, where nothing can go wrong.
func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tables are all rows that are kept, as a warehouse takes them.
func (m *memory) tables() map[string][]map[string]string {
	tables := map[string][]map[string]string{}
	for table, rows := range m.rows {
		for _, row := range rows {
			tables[table] = append(tables[table], row)
		}
	}
	return tables
}

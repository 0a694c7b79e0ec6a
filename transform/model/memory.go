package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"sync"

	"merit/transform/warehouse"
)

// A Memory is what a warehouse knows of its own tables: of what each was made, and
// whether it has kept its header's promises since. What was made of the same before is
// left as it is. A table is forgotten before it is changed and remembered once it is
// whole, so that one that a kill left half way is made again.
//
// A warehouse that can't list its tables remembers nothing: everything is made again.
type Memory struct {
	wh       warehouse.Warehouse
	remember bool
	tables   map[string]madeTable
	there    map[string]bool // tables and views that the warehouse has
	changed  bool            // since it was read or written
	made     map[string]string
}

// A madeTable is a table as the warehouse remembers it.
type madeTable struct {
	fingerprint string
	isChecked   bool
}

// memoryTable lies in a schema of its own: no model and no reader knows it.
var memoryTable = warehouse.Relation{
	Schema: "build", Name: "fingerprints", Comment: "of what each table was made", Grain: "one row a table", Key: []string{"table_name"},
	Columns: []warehouse.Column{
		{Name: "table_name", Type: "varchar", Comment: "schema.name"},
		{Name: "fingerprint", Type: "varchar", Comment: "of its query, the functions and tables it reads, and the program that made it"},
		{Name: "is_checked", Type: "boolean", Comment: "it was held against its header since"},
	},
}

// Recall asks a warehouse what its tables were made of.
func Recall(ctx context.Context, wh warehouse.Warehouse) (*Memory, error) {
	m := Blank(wh)
	inventory, lists := wh.(warehouse.Inventory)
	if !lists {
		return m, nil
	}
	m.remember = true
	var err error
	if m.there, err = inventory.Tables(ctx); err != nil {
		return nil, fmt.Errorf("which tables there are: %w", err)
	}
	if !m.there[memoryTable.String()] {
		return m, nil
	}
	for row, err := range wh.Query(ctx, "select table_name, fingerprint, is_checked from "+memoryTable.String()) {
		if err != nil {
			return nil, fmt.Errorf("what the tables were made of: %w", err)
		}
		m.tables[row.Text("table_name")] = madeTable{row.Text("fingerprint"), row.Bool("is_checked")}
	}
	return m, nil
}

// Blank is a memory that knows nothing and keeps nothing.
func Blank(wh warehouse.Warehouse) *Memory {
	return &Memory{wh: wh, tables: map[string]madeTable{}, made: map[string]string{}}
}

// Clear forgets everything, so that every table is made again.
func (m *Memory) Clear(ctx context.Context) error {
	return m.forget(ctx, slices.Collect(maps.Keys(m.tables))...)
}

// Of is what a table is made of; "" where nobody knows.
func (m *Memory) Of(table string) string {
	if made, known := m.made[table]; known {
		return made
	}
	if !m.there[table] {
		return ""
	}
	return m.tables[table].fingerprint
}

// holds tells whether a table is there and made of this.
func (m *Memory) holds(table, fingerprint string) bool {
	return fingerprint != "" && m.there[table] && m.tables[table].fingerprint == fingerprint
}

// forget is called before tables are changed.
func (m *Memory) forget(ctx context.Context, tables ...string) error {
	var known bool
	for _, table := range tables {
		if _, there := m.tables[table]; there {
			known, m.changed = true, true
			delete(m.tables, table)
		}
	}
	if !known {
		return nil
	}
	return m.write(ctx)
}

// madeOf says that a table is whole; Keep writes it down.
func (m *Memory) madeOf(table, fingerprint string) {
	m.made[table] = fingerprint
	if !m.remember {
		return
	}
	m.there[table] = true
	if fingerprint != "" && !m.holds(table, fingerprint) {
		m.tables[table], m.changed = madeTable{fingerprint: fingerprint}, true
	}
}

// isChecked tells whether a table has kept its promises since it was made.
func (m *Memory) isChecked(table string) bool {
	return m.there[table] && m.tables[table].isChecked
}

func (m *Memory) checked(table string) {
	if made, known := m.tables[table]; known && !made.isChecked {
		made.isChecked = true
		m.tables[table], m.changed = made, true
	}
}

// write replaces what the warehouse remembers, where it is something else now.
func (m *Memory) write(ctx context.Context) error {
	if !m.remember || !m.changed {
		return nil
	}
	var rows [][]any
	for _, table := range slices.Sorted(maps.Keys(m.tables)) {
		rows = append(rows, []any{table, m.tables[table].fingerprint, m.tables[table].isChecked})
	}
	if err := m.wh.Put(ctx, memoryTable, slices.Values(rows)); err != nil {
		return fmt.Errorf("what the tables are made of: %w", err)
	}
	m.there[memoryTable.String()], m.changed = true, false
	return nil
}

// Put replaces tables by rows, but for those that hold the same rows already.
func (m *Memory) Put(ctx context.Context, relations []warehouse.Relation, rowsOf func(warehouse.Relation) [][]any) error {
	var changed []warehouse.Relation
	var names []string
	fingerprints := map[string]string{}
	for _, r := range relations {
		made := fingerprint(madeBy(), described(r), ofRows(r, rowsOf(r)))
		fingerprints[r.String()] = made
		if m.holds(r.String(), made) {
			m.made[r.String()] = made
			continue
		}
		changed, names = append(changed, r), append(names, r.String())
	}
	if len(changed) == 0 {
		return nil
	}
	if err := m.forget(ctx, names...); err != nil {
		return err
	}
	err := sideBySide(ctx, m.wh, changed, func(ctx context.Context, r warehouse.Relation) error {
		if err := m.wh.Put(ctx, r, slices.Values(rowsOf(r))); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range changed {
		m.madeOf(r.String(), fingerprints[r.String()])
	}
	return m.write(ctx)
}

// ofRows is a fingerprint of rows as texts. What can't be a text is refused by the
// warehouse, which says where it stands.
func ofRows(r warehouse.Relation, rows [][]any) string {
	sum := sha256.New()
	for _, row := range rows {
		for i, value := range row {
			if i >= len(r.Columns) {
				break
			}
			cell, _ := warehouse.TextOf(r.Columns[i], value)
			fmt.Fprintf(sum, "%t %d %s\n", cell.IsNull, len(cell.Text), cell.Text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// described is all that a table says of itself.
func described(r warehouse.Relation) string { return r.Description() }

// fingerprint is of texts in their order.
func fingerprint(texts ...string) string {
	sum := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(sum, "%d %s\n", len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:32]
}

// madeBy is the program that makes tables: its file, and what it is built of. Another one may
// make other tables of the same.
var madeBy = sync.OnceValue(func() string {
	var of string
	if build, known := debug.ReadBuildInfo(); known {
		of = build.String()
	}
	if path, err := os.Executable(); err == nil {
		if about, err := os.Stat(path); err == nil {
			of += fmt.Sprintf(" %d %d", about.Size(), about.ModTime().UnixNano())
		}
	}
	return fingerprint(of)
})

package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// Pages passes pages on without what is not wanted.
func (g *Guard) Pages(pages iter.Seq2[connectors.Page, error]) iter.Seq2[connectors.Page, error] {
	if len(g.rules) == 0 {
		return pages
	}
	return func(yield func(connectors.Page, error) bool) {
		for page, err := range pages {
			for i, batch := range page.Batches {
				page.Batches[i].Records = g.records(batch.Table, batch.Records)
			}
			for i, reject := range page.Rejects {
				if g.isPrivate(reject.Table, reject.Column) {
					page.Rejects[i].Value = ""
				}
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// isPrivate tells of a reject, which does not say of which property a value is.
func (g *Guard) isPrivate(table, column string) bool {
	return slices.ContainsFunc(g.rules[table], func(r rule) bool { return r.column == column })
}

// records takes the place of the records that it is given.
func (g *Guard) records(table string, records arrow.RecordBatch) arrow.RecordBatch {
	if len(g.rules[table]) == 0 {
		return records
	}
	columns := slices.Clone(records.Columns())
	g.withhold(table, records.Schema().Fields(), records.Columns(), false, func(at int, changed map[int]*string) {
		before := columns[at]
		columns[at] = lake.WithValues(before, changed)
		if before != records.Column(at) {
			before.Release()
		}
	})
	guarded := array.NewRecordBatch(records.Schema(), columns, records.NumRows())
	for at := range columns {
		if columns[at] != records.Column(at) {
			columns[at].Release()
		}
	}
	records.Release()
	return guarded
}

// withhold tells which values of some rows are to be others; nil is none. Of rows that lie
// in the lake some were guarded as they came: what has the form of a hash is one.
func (g *Guard) withhold(table string, fields []arrow.Field, columns []arrow.Array, isStored bool, put func(at int, changed map[int]*string)) {
	if isStored && strings.HasSuffix(table, lake.RejectsTable("")) {
		g.withholdRejects(fields, columns, put)
	}
	for _, r := range g.rules[table] {
		var by *array.String
		at := -1
		for i, field := range fields {
			switch {
			case columns[i] == nil:
			case field.Name == r.column:
				at = i
			case field.Name == r.by:
				by, _ = columns[i].(*array.String)
			}
		}
		if at < 0 || r.by != "" && by == nil {
			continue
		}
		changed := map[int]*string{}
		for row := range columns[at].Len() {
			if columns[at].IsNull(row) || by != nil && (by.IsNull(row) || !slices.Contains(r.of, by.Value(row))) {
				continue
			}
			texts, isText := columns[at].(*array.String)
			if !isText {
				changed[row] = nil
				continue
			}
			if text, isOther := g.guarded(r, texts.Value(row), isStored); isOther {
				changed[row] = text
			}
		}
		if len(changed) > 0 {
			put(at, changed)
		}
	}
}

// withholdRejects empties what rejects tell of columns that are private.
func (g *Guard) withholdRejects(fields []arrow.Field, columns []arrow.Array, put func(at int, changed map[int]*string)) {
	texts := map[string]*array.String{}
	valueAt := -1
	for i, field := range fields {
		texts[field.Name], _ = columns[i].(*array.String)
		if field.Name == "value" {
			valueAt = i
		}
	}
	tables, names, values := texts["table_name"], texts["column_name"], texts["value"]
	if tables == nil || names == nil || values == nil {
		return
	}
	changed, nothing := map[int]*string{}, ""
	for row := range values.Len() {
		if values.Value(row) != "" && g.isPrivate(tables.Value(row), names.Value(row)) {
			changed[row] = &nothing
		}
	}
	if len(changed) > 0 {
		put(valueAt, changed)
	}
}

var aHash = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (g *Guard) guarded(r rule, value string, isStored bool) (*string, bool) {
	switch {
	case len(r.member) > 0:
		return g.guardedObject(r, value, isStored)
	case r.notIDs && lake.MeansOneRecord(value):
		return nil, false
	case r.policy == project.Drop:
		return nil, true
	case isStored && aHash.MatchString(value):
		return nil, false
	}
	hash := hashOf(g.key, value)
	return &hash, true
}

// guardedObject takes members out of a JSON object. What can't be read goes as a whole.
func (g *Guard) guardedObject(r rule, value string, isStored bool) (*string, bool) {
	var members map[string]any
	if json.Unmarshal([]byte(value), &members) != nil {
		return nil, true
	}
	isOther := false
	for _, name := range r.member {
		held, there := members[name]
		if !there || held == nil {
			continue
		}
		text, changes := g.guarded(rule{policy: r.policy}, fmt.Sprint(held), isStored)
		switch {
		case !changes:
		case text == nil:
			delete(members, name)
			isOther = true
		default:
			members[name], isOther = *text, true
		}
	}
	if !isOther {
		return nil, false
	}
	written, err := json.Marshal(members)
	if err != nil {
		return nil, true
	}
	text := string(written)
	return &text, true
}

// hashOf keeps 128 bits of a value's HMAC-SHA256.
func hashOf(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// HashesOf are what stands for an address where the project hashes addresses: as it was
// given, and in small letters. None when the project has never hashed anything.
func HashesOf(p *project.Project, address string) ([]string, error) {
	key, err := os.ReadFile(p.Path(keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Errorf(fault.You, "the key of hashed addresses: %w", err)
	}
	return []string{hashOf(key, address), hashOf(key, strings.ToLower(address))}, nil
}

package lake

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
)

// An erasure is what becomes of some rows when people are forgotten. Rows stay: what
// somebody owned, was told or took part in still counts, for a person without identity.
// Only rejects that tell of the person leave.
type erasure struct {
	keep    []bool
	own     []bool                  // rows that are a person's own record
	texts   map[int]map[int]*string // by column and row: what takes the value's place; nil: nothing
	numbers map[int]map[int]int64
}

func (e erasure) isNothing() bool {
	return len(e.texts) == 0 && len(e.numbers) == 0 && !slices.Contains(e.keep, false)
}

func (e erasure) put(at, row int, text *string) {
	if e.texts[at] == nil {
		e.texts[at] = map[int]*string{}
	}
	e.texts[at][row] = text
}

// count adds up what is replaced: rows that are a person's own or leave, and cells.
func (e erasure) count(done *Erased) {
	for i, keep := range e.keep {
		if e.own[i] || !keep {
			done.Rows++
		}
	}
	for _, column := range e.texts {
		done.Cells += len(column)
	}
	for _, column := range e.numbers {
		done.Cells += len(column)
	}
}

// erasureOf judges rows that lie as the lake has them (nil columns are passed over).
func (s *tableWriter) erasureOf(columns []arrow.Array, rows int) erasure {
	e := erasure{
		keep: slices.Repeat([]bool{true}, rows), own: make([]bool, rows),
		texts: map[int]map[int]*string{}, numbers: map[int]map[int]int64{},
	}
	if s.spec.Name == RejectsTable(s.dataset.stream) {
		if !s.dataset.lake.forgotten.isEmpty(s.dataset.source) {
			s.eraseRejects(columns, &e)
		}
		s.withhold(columns, &e)
		return e
	}
	if s.dataset.lake.forgotten.isEmpty(s.dataset.source) {
		s.withhold(columns, &e)
		return e
	}
	for i := range rows {
		e.own[i] = s.isOwn(columns, i)
	}
	fields := s.shape.arrow.Fields()
	for at, field := range fields {
		switch column := columns[at].(type) {
		case *array.String:
			says := s.saying(columns, field.Name)
			for i := range rows {
				if column.IsNull(i) {
					continue
				}
				if text, isOther := s.erasedText(column.Value(i), says(i), e.own[i]); isOther {
					e.put(at, i, text)
				}
			}
		case *array.Int64:
			s.eraseNumbers(column, s.declared().of(s.spec.Name, field.Name), at, &e)
		}
	}
	s.withhold(columns, &e)
	return e
}

func (s *tableWriter) declared() declared { return s.dataset.lake.people[s.dataset.source] }

// saying gives what each row of a column tells of people.
func (s *tableWriter) saying(columns []arrow.Array, column string) func(row int) connectors.Personal {
	d := s.declared()
	changes, isChanges := d.changes[s.spec.Name]
	one := d.of(s.spec.Name, column)
	switch {
	case isChanges && slices.Contains(changes.Values, column):
		properties := s.textColumn(columns, changes.Column)
		return func(row int) connectors.Personal {
			if properties == nil || properties.IsNull(row) {
				return connectors.Personal{}
			}
			return d.ofValue(changes, properties.Value(row))
		}
	case one.KindColumn != "":
		kinds := s.textColumn(columns, one.KindColumn)
		return func(row int) connectors.Personal {
			if kinds == nil || kinds.IsNull(row) || one.Kinds[kinds.Value(row)] == "" {
				return connectors.Personal{Says: connectors.SaysNothing}
			}
			said := one
			said.Kind = one.Kinds[kinds.Value(row)]
			return said
		}
	case one.Says == connectors.SaysText && (slices.Contains(s.spec.Key, column) || s.spec.Version == column):
		one.Says = connectors.SaysNothing // a key's number is that of its own row
	}
	return func(int) connectors.Personal { return one }
}

// isOwn tells whether a row is the record of somebody on the list.
func (s *tableWriter) isOwn(columns []arrow.Array, row int) bool {
	for _, who := range s.ownIdentities(columns, row) {
		if s.dataset.lake.forgotten.Has(who) {
			return true
		}
	}
	return false
}

// ownIdentities are the ids and addresses that a row gives to one person.
func (s *tableWriter) ownIdentities(columns []arrow.Array, row int) []Identity {
	var found []Identity
	for at, field := range s.shape.arrow.Fields() {
		one := s.declared().of(s.spec.Name, field.Name)
		if !one.Own || columns[at] == nil || columns[at].IsNull(row) {
			continue
		}
		switch value := textOf(columns[at], row); one.Says {
		case connectors.SaysAddress:
			found = append(found, Identity{Source: s.dataset.source, Value: value})
		case connectors.SaysID:
			for _, id := range idsIn(value) {
				found = append(found, Identity{Source: s.dataset.source, Stream: one.Kind, Value: strings.TrimPrefix(id, one.Before)})
			}
		}
	}
	return found
}

// idsIn are the ids of a cell that may have several.
func idsIn(value string) []string {
	return strings.FieldsFunc(value, func(c rune) bool { return c == ';' || c == ',' })
}

func textOf(column arrow.Array, row int) string {
	switch c := column.(type) {
	case *array.String:
		return c.Value(row)
	case *array.Int64:
		return strconv.FormatInt(c.Value(row), 10)
	}
	return ""
}

// erasedText gives what takes a value's place, and whether it is another one.
func (s *tableWriter) erasedText(value string, one connectors.Personal, own bool) (*string, bool) {
	list, source := s.dataset.lake.forgotten, s.dataset.source
	if one.Says == connectors.SaysID && one.Kind != "" {
		if text, isOther := s.erasedIDs(value, one); isOther {
			return &text, true
		}
	}
	isRecord := s.declared().records[s.spec.Name]
	switch {
	case one.Says == connectors.SaysAddress && list.has(source, "", value): // as it is, or the hash that stands for it
		stone := list.Tombstone(Identity{Source: source, Value: value})
		return &stone, true
	case own && one.Says == connectors.SaysName:
		return nil, true
	case own && isRecord && one.Says == connectors.SaysText && !isCased(value):
		return nil, true
	case own && isRecord && one.Says == connectors.SaysNothing && strings.Contains(value, "/"): // its page
		return nil, true
	case own && one.Own && one.Says == connectors.SaysAddress && !list.has(source, "", value):
		return nil, true
	case one.Says == connectors.SaysName:
		return nil, false // a namesake's
	}
	text, isOther := list.redacted(source, value, sought{numbers: one.Says == connectors.SaysText, names: true})
	return &text, isOther
}

// erasedIDs puts tombstones in the place of ids on the list.
func (s *tableWriter) erasedIDs(value string, one connectors.Personal) (string, bool) {
	list, isOther := s.dataset.lake.forgotten, false
	if !strings.HasPrefix(value, one.Before) {
		return value, false
	}
	for _, id := range idsIn(strings.TrimPrefix(value, one.Before)) {
		who := Identity{Source: s.dataset.source, Stream: one.Kind, Value: id}
		if list.Has(who) {
			value, isOther = strings.ReplaceAll(value, id, list.Tombstone(who)), true
		}
	}
	return value, isOther
}

func (s *tableWriter) eraseNumbers(column *array.Int64, one connectors.Personal, at int, e *erasure) {
	if one.Says != connectors.SaysID || one.Kind == "" {
		return
	}
	list := s.dataset.lake.forgotten
	for i := range column.Len() {
		if column.IsNull(i) {
			continue
		}
		who := Identity{Source: s.dataset.source, Stream: one.Kind, Value: strconv.FormatInt(column.Value(i), 10)}
		if !list.Has(who) {
			continue
		}
		number, err := strconv.ParseInt(list.Tombstone(who), 10, 64)
		if err != nil {
			continue // it was below zero, so it is a tombstone
		}
		if e.numbers[at] == nil {
			e.numbers[at] = map[int]int64{}
		}
		e.numbers[at][i] = number
	}
}

// eraseRejects lets values go that a person's record had, or that mention somebody.
func (s *tableWriter) eraseRejects(columns []arrow.Array, e *erasure) {
	list, source, d := s.dataset.lake.forgotten, s.dataset.source, s.declared()
	tables, keys, values := s.textColumn(columns, "table_name"), s.textColumn(columns, "record_key"), s.textColumn(columns, "value")
	names := s.textColumn(columns, "column_name")
	for i := range e.keep {
		key, value := keys.Value(i), values.Value(i)
		kinds := []string{s.dataset.stream, ""}
		for name, one := range d.columns {
			if one.Own && one.Says == connectors.SaysID && name[0] == tables.Value(i) {
				kinds = append(kinds, one.Kind)
			}
		}
		for _, kind := range kinds {
			if list.has(source, kind, key) {
				e.keep[i] = false
			}
		}
		if one := d.of(tables.Value(i), names.Value(i)); one.Says == connectors.SaysID && list.has(source, one.Kind, strings.TrimPrefix(value, one.Before)) {
			e.keep[i] = false
		}
		for _, text := range []string{key, value} {
			if list.mentions(source, text, sought{numbers: true, names: true}) {
				e.keep[i] = false
			}
		}
	}
}

func (s *tableWriter) textColumn(columns []arrow.Array, name string) *array.String {
	at := s.shape.arrow.FieldIndices(name)
	if len(at) == 0 {
		return nil
	}
	texts, _ := columns[at[0]].(*array.String)
	return texts
}

// erase gives the columns with what takes the erased values' place, and how many rows
// are left. It releases those that it was given.
func (e erasure) erase(ctx context.Context, columns []arrow.Array) ([]arrow.Array, int, error) {
	for at, changed := range e.texts {
		whole := columns[at]
		columns[at] = WithValues(whole, changed)
		whole.Release()
	}
	for at, changed := range e.numbers {
		whole := columns[at].(*array.Int64)
		columns[at] = withNumbers(whole, changed)
		whole.Release()
	}
	left := 0
	for _, keep := range e.keep {
		if keep {
			left++
		}
	}
	if left == len(e.keep) {
		return columns, left, nil
	}
	kept, err := filter(ctx, columns, e.keep)
	releaseAll(columns)
	return kept, left, err
}

func withTexts(texts *array.String, changed map[int]*string) arrow.Array {
	built := array.NewStringBuilder(memory.DefaultAllocator)
	defer built.Release()
	for i := range texts.Len() {
		switch text, isOther := changed[i]; {
		case isOther && text != nil:
			built.Append(*text)
		case isOther || texts.IsNull(i):
			built.AppendNull()
		default:
			built.Append(texts.Value(i))
		}
	}
	return built.NewArray()
}

func withNumbers(numbers *array.Int64, changed map[int]int64) arrow.Array {
	built := array.NewInt64Builder(memory.DefaultAllocator)
	defer built.Release()
	for i := range numbers.Len() {
		switch number, isOther := changed[i]; {
		case isOther:
			built.Append(number)
		case numbers.IsNull(i):
			built.AppendNull()
		default:
			built.Append(numbers.Value(i))
		}
	}
	return built.NewArray()
}

// withoutForgotten takes people who were erased out of rows that a CRM still tells.
func (s *tableWriter) withoutForgotten(ctx context.Context, columns []arrow.Array, rows int) ([]arrow.Array, int, error) {
	if s.dataset.lake.forgotten.isEmpty(s.dataset.source) {
		return columns, rows, nil
	}
	e := s.erasureOf(columns, rows)
	if e.isNothing() {
		return columns, rows, nil
	}
	return e.erase(ctx, columns)
}

package lake

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// An erasure is what is to be taken out of some rows: whole rows that are a person's
// own record or a link to it, and cells of others that mention the person.
type erasure struct {
	keep  []bool
	blank map[int][]bool // by column
}

func (e erasure) isNothing() bool { return len(e.blank) == 0 && !slices.Contains(e.keep, false) }

// erasureOf judges rows that lie as the lake has them (nil columns are passed over).
func (s *store) erasureOf(columns []arrow.Array, rows int) erasure {
	list, source, stream := s.dataset.lake.forgotten, s.dataset.source, s.dataset.stream
	e := erasure{keep: slices.Repeat([]bool{true}, rows), blank: map[int][]bool{}}
	toType, toID := s.textColumn(columns, "to_type"), s.textColumn(columns, "to_id")
	for at, field := range s.shape.arrow.Fields() {
		texts, isText := columns[at].(*array.String)
		if !isText {
			continue
		}
		isKey, isAddress := slices.Contains(s.spec.Key, field.Name), strings.EqualFold(field.Name, "email")
		for i := range rows {
			if texts.IsNull(i) || !e.keep[i] {
				continue
			}
			value := texts.Value(i)
			switch {
			case len(s.spec.Key) > 0 && field.Name == s.spec.Key[0] && list.has(source, stream, value):
				e.keep[i] = false
			case toType != nil && texts == toID && toType.IsValid(i) && list.has(source, toType.Value(i), value):
				e.keep[i] = false
			case !list.mentions(source, value):
			case isKey || isAddress:
				e.keep[i] = false
			default:
				if e.blank[at] == nil {
					e.blank[at] = make([]bool, rows)
				}
				e.blank[at][i] = true
			}
		}
	}
	return e
}

func (s *store) textColumn(columns []arrow.Array, name string) *array.String {
	at := s.shape.arrow.FieldIndices(name)
	if len(at) == 0 {
		return nil
	}
	texts, _ := columns[at[0]].(*array.String)
	return texts
}

// erase gives the columns without what is to be taken out, and how many rows are
// left. It releases those that it was given.
func (e erasure) erase(ctx context.Context, columns []arrow.Array) ([]arrow.Array, int, error) {
	for at, blank := range e.blank {
		whole := columns[at].(*array.String)
		columns[at] = blanked(whole, blank)
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

func blanked(texts *array.String, blank []bool) arrow.Array {
	built := array.NewStringBuilder(memory.DefaultAllocator)
	defer built.Release()
	for i := range texts.Len() {
		if blank[i] || texts.IsNull(i) {
			built.AppendNull()
			continue
		}
		built.Append(texts.Value(i))
	}
	return built.NewArray()
}

// withoutForgotten takes people who were erased out of rows that a CRM still tells.
func (s *store) withoutForgotten(ctx context.Context, columns []arrow.Array, rows int) ([]arrow.Array, int, error) {
	if s.dataset.lake.forgotten.isEmpty() {
		return columns, rows, nil
	}
	e := s.erasureOf(columns, rows)
	if e.isNothing() {
		return columns, rows, nil
	}
	return e.erase(ctx, columns)
}

package incremental

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// A FieldChange is what became of a field since the reading before.
type FieldChange struct {
	Object, Field string
	Kind          ChangeKind
	Before, After string // its type; "" where there was, or is, none
}

// A ChangeKind is one of those below.
type ChangeKind int

const (
	FieldAdded   ChangeKind = iota
	FieldRemoved            // removed, renamed or hidden: an API does not tell these apart
	FieldRetyped
)

// Drift compares what the fields were with what they are, each by OBJECT.FIELD, in the order
// of their names. An object that is shown for the first time has no changes: nobody knows
// how it was before.
func Drift(before, after map[string]string) iter.Seq[FieldChange] {
	return func(yield func(FieldChange) bool) {
		wasShown, all := ObjectsOf(before), maps.Clone(before)
		if all == nil {
			return
		}
		maps.Copy(all, after)
		for _, place := range slices.Sorted(maps.Keys(all)) {
			was, wasThere := before[place]
			is, isThere := after[place]
			object, field, _ := strings.Cut(place, ".")
			if was == is && wasThere == isThere || !wasShown[object] {
				continue
			}
			kind := FieldRetyped
			if !wasThere {
				kind = FieldAdded
			} else if !isThere {
				kind = FieldRemoved
			}
			if !yield(FieldChange{object, field, kind, was, is}) {
				return
			}
		}
	}
}

// ObjectsOf are the objects of fields by OBJECT.FIELD.
func ObjectsOf(fields map[string]string) map[string]bool {
	all := map[string]bool{}
	for place := range fields {
		object, _, _ := strings.Cut(place, ".")
		all[object] = true
	}
	return all
}

// KeepHidden are today's fields, and the last known ones of objects that are not shown
// today: what may not be seen is not gone.
func KeepHidden(last, today map[string]string) map[string]string {
	isShown, all := ObjectsOf(today), maps.Clone(today)
	for place, kind := range last {
		if object, _, _ := strings.Cut(place, "."); !isShown[object] {
			all[place] = kind
		}
	}
	return all
}

package sfserver

import (
	"iter"
)

// Objects names all objects of the org.
func (a *API) Objects() []string {
	names := make([]string, len(a.objects))
	for i := range a.objects {
		names[i] = a.objects[i].name
	}
	return names
}

// Count says how many rows an object has now, deleted and archived ones too, as
// queryAll would find them.
func (a *API) Count(object string) int {
	count := 0
	for range a.Rows(object) {
		count++
	}
	return count
}

// Rows gives every row of an object as it is now, deleted and archived ones too, as
// the text of each column, "" for null, instants as Bulk API 2.0 writes them. It goes
// from the story to the rows without query, page or protocol, so that a reader can be
// held against it. The slice is reused.
func (a *API) Rows(name string, columns ...string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		object := a.object(name)
		if object == nil {
			return
		}
		var fields []*field
		for _, column := range columns {
			if f := object.field(column); f != nil {
				fields = append(fields, f)
			}
		}
		v := a.look()
		texts := make([]string, len(fields))
		var rows []record
		for part := range object.size(a.story) {
			rows = object.load(v, part, rows[:0])
			for i := range rows {
				for j, f := range fields {
					texts[j] = string(f.get(v, &rows[i]).appendText(nil, bulkZone))
				}
				if !yield(texts) {
					return
				}
			}
		}
	}
}

// Columns names the columns of an object that a reader may see and Bulk API 2.0 can give.
func (a *API) Columns(name string) []string {
	var columns []string
	if object := a.object(name); object != nil {
		for _, f := range object.fields {
			if f.kind != "address" && !a.isHidden(object.name, f.name) {
				columns = append(columns, f.name)
			}
		}
	}
	return columns
}

// IDs gives the ids of an object's rows as they are now, deleted ones too.
func (a *API) IDs(object string) []string {
	var ids []string
	for row := range a.Rows(object, "Id") {
		ids = append(ids, row[0])
	}
	return ids
}

// Counts says how many rows each object has now, as Count does.
func (a *API) Counts() map[string]int {
	counts := map[string]int{}
	for _, name := range a.Objects() {
		counts[name] = a.Count(name)
	}
	return counts
}

package hubspot

import (
	"strconv"

	"merit/connectors"
	"merit/connectors/decode"

	"github.com/apache/arrow-go/v18/arrow"
)

// everything stands where an id does in the row that says when a list of all ids
// was last complete.
const everything = connectors.AllIDs

// idTable has when each record was last in a full list of its object, and in row
// "*" when such a list was last complete. HubSpot tells nobody of a record that
// was purged: but one that has not changed since a complete list, and was not in
// it, is gone.
func idTable(name string) connectors.Table {
	return connectors.Table{
		Name:   name,
		Key:    []string{connectors.RecordIDColumn},
		Schema: arrow.NewSchema([]arrow.Field{text(connectors.RecordIDColumn), instant(connectors.ListedAtColumn)}, nil),
	}
}

// sightings turns the ids of lists into rows of an id table.
type sightings struct {
	builder *decode.Builder
	id, at  int
	scratch []byte
}

func newSightings(t connectors.Table) *sightings {
	b := decode.NewBuilder(t)
	return &sightings{builder: b, id: b.Column(connectors.RecordIDColumn), at: b.Column(connectors.ListedAtColumn)}
}

// saw writes that these records were in the list begun at an instant, epoch ms.
func (s *sightings) saw(ids []int64, at int64) {
	for _, id := range ids {
		s.scratch = strconv.AppendInt(s.scratch[:0], id, 10)
		s.write(s.scratch, at)
	}
}

// sawAll writes that the list begun at an instant is complete.
func (s *sightings) sawAll(at int64) { s.write([]byte(everything), at) }

func (s *sightings) write(id []byte, at int64) {
	s.builder.Set(s.id, id)
	s.builder.Set(s.at, strconv.AppendInt(nil, at, 10))
	s.builder.EndRow()
}

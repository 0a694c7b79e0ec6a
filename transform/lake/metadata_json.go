package lake

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// snapshotJSON keep the JSON of snapshots, which never change: of a thousand of them
// a commit brings one, and to encode the others again is most of a commit's work.
type snapshotJSON struct {
	mutex sync.Mutex
	texts map[int64]snapshotEntry
}

// A snapshotEntry is the JSON of a snapshot, and by what it is known to be that one:
// when somebody is forgotten, a snapshot gets another list.
type snapshotEntry struct {
	list string
	at   int64
	json []byte
}

func (s *snapshotJSON) clear() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.texts = nil
}

// of gives all snapshots as a JSON list.
func (s *snapshotJSON) of(snapshots []table.Snapshot) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.texts == nil {
		s.texts = map[int64]snapshotEntry{}
	}
	list := make([]byte, 1, len(snapshots)*1100) // a snapshot takes some 1,000 bytes
	list[0] = '['
	for i := range snapshots {
		one := &snapshots[i]
		text, known := s.texts[one.SnapshotID]
		if !known || text.list != one.ManifestList || text.at != one.TimestampMs {
			written, err := one.MarshalJSON()
			if err != nil {
				return nil, err
			}
			text = snapshotEntry{list: one.ManifestList, at: one.TimestampMs, json: written}
			s.texts[one.SnapshotID] = text
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, text.json...)
	}
	return append(list, ']'), nil
}

// metadataText has all that Iceberg's format 2 knows of a table.
type metadataText struct {
	Format              int                             `json:"format-version"`
	UUID                uuid.UUID                       `json:"table-uuid"`
	Location            string                          `json:"location"`
	LastSequence        int64                           `json:"last-sequence-number"`
	LastUpdated         int64                           `json:"last-updated-ms"`
	LastColumn          int                             `json:"last-column-id"`
	Schemas             []*iceberg.Schema               `json:"schemas"`
	CurrentSchema       int                             `json:"current-schema-id"`
	Specs               []iceberg.PartitionSpec         `json:"partition-specs"`
	DefaultSpec         int                             `json:"default-spec-id"`
	LastPartition       *int                            `json:"last-partition-id,omitempty"`
	Properties          iceberg.Properties              `json:"properties,omitempty"`
	Snapshots           json.RawMessage                 `json:"snapshots,omitempty"`
	Current             *int64                          `json:"current-snapshot-id,omitempty"`
	SnapshotLog         []table.SnapshotLogEntry        `json:"snapshot-log,omitempty"`
	MetadataLog         []table.MetadataLogEntry        `json:"metadata-log,omitempty"`
	SortOrders          []table.SortOrder               `json:"sort-orders"`
	DefaultOrder        int                             `json:"default-sort-order-id"`
	Refs                map[string]table.SnapshotRef    `json:"refs,omitempty"`
	Statistics          []table.StatisticsFile          `json:"statistics,omitempty"` // of other engines
	PartitionStatistics []table.PartitionStatisticsFile `json:"partition-statistics,omitempty"`
}

// allSnapshots is where the list of snapshots is put in afterwards: encoding/json
// would read all of it once more.
const allSnapshots = `"here are the snapshots"`

// encode writes a version of a table's metadata as the library writes it, and tells
// how many snapshots it has: the library copies all of them for whoever asks. location
// is where the table really lies.
func (s *snapshotJSON) encode(m table.Metadata, location string) (content []byte, count int, err error) {
	snapshots := m.Snapshots()
	if m.Version() != 2 || len(snapshots) == 0 {
		if m, err = located(m, location); err == nil {
			content, err = json.Marshal(m)
		}
		return content, len(snapshots), err
	}
	list, err := s.of(snapshots)
	if err != nil {
		return nil, 0, err
	}
	text := metadataText{
		Format: m.Version(), UUID: m.TableUUID(), Location: location, LastSequence: m.LastSequenceNumber(),
		LastUpdated: m.LastUpdatedMillis(), LastColumn: m.LastColumnID(), Schemas: m.Schemas(), CurrentSchema: m.CurrentSchema().ID,
		Specs: m.PartitionSpecs(), DefaultSpec: m.DefaultPartitionSpec(), LastPartition: m.LastPartitionSpecID(),
		Properties: m.Properties(), Snapshots: json.RawMessage(allSnapshots),
		SnapshotLog: slices.Collect(m.SnapshotLogs()), MetadataLog: slices.Collect(m.PreviousFiles()),
		SortOrders: m.SortOrders(), DefaultOrder: m.DefaultSortOrder(), Refs: maps.Collect(m.Refs()),
		Statistics: slices.Collect(m.Statistics()), PartitionStatistics: slices.Collect(m.PartitionStatistics()),
	}
	if current := m.CurrentSnapshot(); current != nil {
		text.Current = &current.SnapshotID
	}
	written, err := json.Marshal(text)
	if err != nil {
		return nil, 0, err
	}
	before, after, _ := bytes.Cut(written, []byte(`"snapshots":`+allSnapshots))
	return slices.Concat(before, []byte(`"snapshots":`), list, after), len(snapshots), nil
}

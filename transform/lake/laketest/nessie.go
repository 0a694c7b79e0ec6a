package laketest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/apache/iceberg-go/table"
)

// asNessie refuses what Nessie 0.99 does not do; "" when it does.
func asNessie(updates []map[string]json.RawMessage) string {
	for _, update := range updates {
		switch string(update["action"]) {
		case `"remove-snapshots"`:
			return "Nessie Catalog does not allow external snapshot management"
		case `"add-schema"`:
			if update["last-column-id"] == nil {
				return "Cannot build AddSchema, some of required attributes are not set [lastColumnId]"
			}
		}
	}
	return ""
}

// newestOnly is a table's metadata as a catalog shows it that keeps versions itself.
func newestOnly(metadata table.Metadata) (table.Metadata, error) {
	content, err := json.Marshal(metadata)
	if err != nil {
		return nil, err
	}
	var whole map[string]any
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // ids of snapshots have more digits than a float
	if err := decoder.Decode(&whole); err != nil {
		return nil, err
	}
	delete(whole, "snapshot-log")
	whole["properties"].(map[string]any)["gc.enabled"] = "false"
	if head := metadata.CurrentSnapshot(); head != nil {
		whole["snapshots"] = slices.DeleteFunc(whole["snapshots"].([]any), func(s any) bool {
			snapshot := s.(map[string]any)
			delete(snapshot, "parent-snapshot-id")
			return snapshot["snapshot-id"] != json.Number(strconv.FormatInt(head.SnapshotID, 10))
		})
	}
	if content, err = json.Marshal(whole); err != nil {
		return nil, err
	}
	return table.ParseMetadataBytes(content)
}

package lake

import (
	"encoding/json"
	"slices"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// A schemaUpdate adds a schema and says the highest id of a column, which Iceberg's
// OpenAPI document calls deprecated, iceberg-go leaves out, and Nessie 0.99 insists on.
type schemaUpdate struct {
	table.Update
	schema *iceberg.Schema
	last   int
}

// MarshalJSON is the update as the catalog gets it.
func (u schemaUpdate) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"action": table.UpdateAddSchema, "schema": u.schema, "last-column-id": u.last})
}

// withLastColumns gives updates of a table in which new schemas say the highest id.
func withLastColumns(updates []table.Update, before table.Metadata) ([]table.Update, error) {
	said := slices.Clone(updates)
	for i, update := range updates {
		if update.Action() != table.UpdateAddSchema {
			continue
		}
		text, err := json.Marshal(update)
		if err != nil {
			return nil, err
		}
		var added struct {
			Schema *iceberg.Schema `json:"schema"`
		}
		if err := json.Unmarshal(text, &added); err != nil {
			return nil, err
		}
		said[i] = schemaUpdate{Update: update, schema: added.Schema, last: max(before.LastColumnID(), added.Schema.HighestFieldID())}
	}
	return said, nil
}

package lake

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// adoptedProperty marks a snapshot of another engine that counts as a checkpoint.
const adoptedProperty = "merit.adopted"

// isOurs tells Merit's own snapshots, and those that count as such: each says its _order.
func isOurs(snapshot *table.Snapshot) bool { return summaryOf(snapshot)[orderProperty] != "" }

func isReplace(snapshot *table.Snapshot) bool {
	return snapshot.Summary != nil && snapshot.Summary.Operation == table.OpReplace
}

// adopt lets snapshots that another engine made for maintenance count as the checkpoint
// that they follow: by Iceberg's specification a snapshot of the operation "replace" has
// the same rows in other files. They get what Merit says of the snapshot before. Those of
// other operations may have changed rows and stay as they are: notOurs refuses them.
func adopt(metadata table.Metadata) (table.Metadata, error) {
	more := map[int64]map[string]string{}
	var aside map[int64]bool
	for _, snapshot := range metadata.Snapshots() {
		if isOurs(&snapshot) {
			continue
		}
		if aside == nil {
			aside = onOtherBranches(metadata)
		}
		if aside[snapshot.SnapshotID] {
			continue
		}
		before := &snapshot
		for before != nil && !isOurs(before) {
			if !isReplace(before) || before.ParentSnapshotID == nil {
				before = nil
				break
			}
			before = metadata.SnapshotByID(*before.ParentSnapshotID)
		}
		if before == nil {
			continue
		}
		said := map[string]string{adoptedProperty: "true"}
		for name, value := range summaryOf(before) {
			if strings.HasPrefix(name, "merit.") {
				said[name] = value
			}
		}
		at := committedAt(before).Add(time.Microsecond)
		if its := time.UnixMilli(snapshot.TimestampMs).UTC(); its.After(at) {
			at = its
		}
		said[atProperty] = at.Format(time.RFC3339Nano)
		more[snapshot.SnapshotID] = said
	}
	if len(more) == 0 {
		return metadata, nil
	}
	return withSummaries(metadata, more)
}

// withSummaries says more in the summaries of some snapshots; all else stays.
func withSummaries(metadata table.Metadata, more map[int64]map[string]string) (table.Metadata, error) {
	content, err := json.Marshal(metadata)
	if err != nil {
		return nil, err
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(content, &whole); err != nil {
		return nil, err
	}
	var snapshots []map[string]json.RawMessage
	if err := json.Unmarshal(whole["snapshots"], &snapshots); err != nil {
		return nil, err
	}
	for _, snapshot := range snapshots {
		var id int64
		if err := json.Unmarshal(snapshot["snapshot-id"], &id); err != nil {
			return nil, err
		}
		if more[id] == nil {
			continue
		}
		var summary map[string]string
		if err := json.Unmarshal(snapshot["summary"], &summary); err != nil {
			return nil, err
		}
		maps.Copy(summary, more[id])
		if snapshot["summary"], err = json.Marshal(summary); err != nil {
			return nil, err
		}
	}
	if whole["snapshots"], err = json.Marshal(snapshots); err != nil {
		return nil, err
	}
	if content, err = json.Marshal(whole); err != nil {
		return nil, err
	}
	return table.ParseMetadataBytes(content)
}

// notOurs refuses a snapshot without Merit's marks: it says what happened and what to do.
func notOurs(snapshot *table.Snapshot) error {
	if isOurs(snapshot) {
		return nil
	}
	operation, engine := "an operation that is not told", "another engine"
	if snapshot.Summary != nil {
		operation = string(snapshot.Summary.Operation)
		if name := summaryOf(snapshot)["engine-name"]; name != "" {
			engine = name
		}
	}
	before := "the snapshot before"
	if snapshot.ParentSnapshotID != nil {
		before = "snapshot " + strconv.FormatInt(*snapshot.ParentSnapshotID, 10)
	}
	return fault.Errorf(fault.You, "snapshot %d was made by %s (%s) and may have changed rows; roll the table back to %s "+
		"(Spark: call system.rollback_to_snapshot), and make a table of your own for what you change", snapshot.SnapshotID, engine, operation, before)
}

package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// writeWithout rewrites a data file without people who are to be forgotten. Rows
// keep their order; those of which a cell went get the hash that they would have if
// the CRM had told them so, as it will be taken to have from now on.
func (s *tableWriter) writeWithout(ctx context.Context, f iceberg.DataFile, done *Erased) (replacement, error) {
	read, err := s.readFile(ctx, f.FilePath())
	if err != nil {
		return replacement{}, err
	}
	defer func() {
		for _, records := range read {
			records.Release()
		}
	}()
	columns, err := s.concatenate(read)
	if err != nil {
		return replacement{}, err
	}
	defer func() { releaseAll(columns) }()
	e := s.erasureOf(columns, columns[0].Len())
	if e.isNothing() {
		return replacement{}, nil
	}
	e.count(done)
	left := 0
	if columns, left, err = e.erase(ctx, columns); err != nil {
		return replacement{}, err
	}
	done.Files++
	if left == 0 {
		return replacement{changed: true}, nil
	}
	written, err := s.writeAnew(ctx, columns, left)
	return replacement{changed: true, file: written}, err
}

// writeAnew writes rows that have their _order, in the order in which they lie.
func (s *tableWriter) writeAnew(ctx context.Context, columns []arrow.Array, rows int) (iceberg.DataFile, error) {
	orderAt, hashAt := s.shape.arrow.FieldIndices(OrderColumn)[0], s.shape.arrow.FieldIndices(HashColumn)[0]
	orders := columns[orderAt].(*array.Int64).Int64Values()
	values := append([]arrow.Array{}, columns...)
	values[orderAt], values[hashAt] = nil, nil
	hashes, err := hashRows(s.shape.arrow.Fields(), values, rows)
	if err != nil {
		return nil, err
	}
	sums := make([]int64, rows)
	for i, hash := range hashes {
		sums[i] = int64(hash)
	}
	made, err := newFileWriter(s.dataset.lake.disk, s.dataset.lake.joined(s.table.Location(), "data"), s.shape, orders[0], columns)
	if err != nil {
		return nil, err
	}
	if err := made.writeNumbered(columns, orders, sums); err != nil {
		made.abandon()
		return nil, err
	}
	if err := made.finish(); err != nil {
		return nil, err
	}
	return table.FileToDataFile(ctx, s.dataset.lake.disk, made.path, s.table.Schema(), unpartitioned(s.table), 0, s.table.Properties())
}

// editSnapshots puts other lists of manifests into a version of the metadata, and
// takes out what its text says of earlier versions.
func editSnapshots(content []byte, lists map[int64]string, edit func(snapshot map[string]json.RawMessage) error) ([]byte, error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(content, &whole); err != nil {
		return nil, err
	}
	var snapshots []map[string]json.RawMessage
	if of := whole["snapshots"]; of != nil { // none: nothing was read into the table yet
		if err := json.Unmarshal(of, &snapshots); err != nil {
			return nil, err
		}
	}
	for _, snapshot := range snapshots {
		id, err := strconv.ParseInt(string(snapshot["snapshot-id"]), 10, 64)
		if err != nil {
			return nil, err
		}
		list, changed := lists[id]
		if !changed {
			continue
		}
		if snapshot["manifest-list"], err = json.Marshal(list); err != nil {
			return nil, err
		}
		if err := edit(snapshot); err != nil {
			return nil, err
		}
	}
	var err error
	if whole["snapshots"], err = json.Marshal(snapshots); err != nil {
		return nil, err
	}
	whole["metadata-log"] = json.RawMessage("[]")
	return json.Marshal(whole)
}

// withoutFigures takes out of a snapshot's summary what counts rows and files, which
// would be wrong once some are gone.
func withoutFigures(snapshot map[string]json.RawMessage) error {
	var summary map[string]string
	if err := json.Unmarshal(snapshot["summary"], &summary); err != nil {
		return err
	}
	for name := range summary {
		if name != "operation" && !strings.HasPrefix(name, "merit.") {
			delete(summary, name)
		}
	}
	var err error
	snapshot["summary"], err = json.Marshal(summary)
	return err
}

// removeVersions removes the versions of a table up to a number.
func (c *folderCatalog) removeVersions(ident table.Identifier, upTo int) error {
	for n := upTo; n > 0; n-- {
		err := c.disk.Remove(filepath.Join(c.folder(ident), "metadata", fmt.Sprintf("v%d.metadata.json", n)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

package lake

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/compute"
)

// Laid rows lie as the lake has them, with what is needed to know them again.
type hashedBatch struct {
	columns  []arrow.Array // nil for _order and _hash
	hashes   []uint64
	keys     []uint64         // hashes of the key alone
	key      func(i int) rank // of the first key column
	version  func(i int) rank
	occupies int64 // bytes
}

func (r hashedBatch) release() { releaseAll(r.columns) }

func (s *tableWriter) newHashedBatch(columns []arrow.Array, rows int) (hashedBatch, error) {
	fields := s.shape.arrow.Fields()
	hashes, err := hashRows(fields, columns, rows)
	if err != nil || !s.dedupes {
		return hashedBatch{columns: columns, hashes: hashes}, err
	}
	r := hashedBatch{columns: columns, hashes: hashes}
	var keyFields []arrow.Field
	var keyColumns []arrow.Array
	for _, name := range s.spec.Key {
		at := s.shape.arrow.FieldIndices(name)[0]
		keyFields, keyColumns = append(keyFields, fields[at]), append(keyColumns, columns[at])
	}
	if r.keys, err = hashRows(keyFields, keyColumns, rows); err != nil {
		return hashedBatch{}, err
	}
	if r.key, err = ranks(keyColumns[0]); err != nil { // bounds of such a key help nobody
		r.key = func(int) rank { return rank{} }
	}
	var version arrow.Array
	if s.spec.Version != "" {
		version = columns[s.shape.arrow.FieldIndices(s.spec.Version)[0]]
	}
	if r.version, err = ranks(version); err != nil {
		return hashedBatch{}, fmt.Errorf("version %s: %w", s.spec.Version, err)
	}
	for _, column := range columns {
		if column != nil {
			r.occupies += int64(column.Data().SizeInBytes())
		}
	}
	return r, nil
}

// isChunk tells whether enough rows wait to look them up in one go.
func (s *tableWriter) isChunk() bool {
	var rows int
	var bytes int64
	for _, r := range s.waiting {
		rows, bytes = rows+len(r.hashes), bytes+r.occupies
	}
	return rows >= s.dataset.lake.limits.chunkRows || bytes >= s.dataset.lake.limits.chunkBytes
}

// dedupe writes the waiting rows, less those that say nothing new: a row equal to
// the latest one of its key, in the lake or before it in reading order. The file
// is complete after it, so that the next chunk finds these rows too.
func (s *tableWriter) dedupe(ctx context.Context) error {
	if len(s.waiting) == 0 {
		return nil
	}
	if err := s.indexFiles(ctx); err != nil {
		return err
	}
	latestByKey := map[uint64]latest{}
	var keys, versions span
	first := true
	for _, r := range s.waiting {
		for i, key := range r.keys {
			latestByKey[key] = latest{}
			keys.widen(r.key(i), first)
			versions.widen(r.version(i), first)
			first = false
		}
	}
	if err := s.lookUpLatest(ctx, latestByKey, keys, versions); err != nil {
		return err
	}
	for _, r := range s.waiting {
		if err := s.writeChanged(ctx, r, latestByKey); err != nil {
			return err
		}
	}
	for _, r := range s.waiting {
		r.release()
	}
	s.waiting = nil
	return s.complete(ctx)
}

// writeChanged writes the rows of r that latestByKey does not have, and notes them there.
func (s *tableWriter) writeChanged(ctx context.Context, r hashedBatch, latestByKey map[uint64]latest) error {
	news := make([]bool, len(r.hashes))
	var hashes []uint64
	for i, key := range r.keys {
		current := latestByKey[key]
		if current.order != 0 && current.hash == r.hashes[i] {
			continue
		}
		news[i] = true
		hashes = append(hashes, r.hashes[i])
		row := latest{version: r.version(i), order: s.order + int64(len(hashes)), hash: r.hashes[i]}
		if current.order == 0 || current.before(row) {
			latestByKey[key] = row
		}
	}
	switch len(hashes) {
	case 0:
		return nil
	case len(news):
		return s.write(r.columns, hashes)
	}
	kept, err := filter(ctx, r.columns, news)
	if err != nil {
		return fmt.Errorf("table %s: %w", s.spec.Name, err)
	}
	defer releaseAll(kept)
	return s.write(kept, hashes)
}

// filter keeps some of the rows. By their numbers: of the arrow library's two ways the
// other one, by a mask, loses and mixes up the values of boolean columns (v18.8).
func filter(ctx context.Context, columns []arrow.Array, keep []bool) ([]arrow.Array, error) {
	var rows []int64
	for i, kept := range keep {
		if kept {
			rows = append(rows, int64(i))
		}
	}
	index := numbers(rows)
	defer index.Release()
	kept := make([]arrow.Array, len(columns))
	for i, column := range columns {
		if column == nil {
			continue
		}
		one, err := compute.TakeArray(ctx, column, index)
		if err != nil {
			releaseAll(kept)
			return nil, err
		}
		kept[i] = one
	}
	return kept, nil
}

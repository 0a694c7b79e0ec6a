package pipelines

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/project"
)

// privacyKey keys the hashes that stand for values in the lake.
const privacyKey = "keys/privacy.key"

// A guard keeps columns out of the lake that merit.yml does not want there: dropped
// ones are null in every row, hashed ones hold a keyed hash, by which equal values
// are still known to be equal.
type guard struct {
	policies map[string]map[string]string // by table and column: drop, hash
	key      []byte
}

// guardOf reads what merit.yml says of a source's columns, and refuses a column that
// no stream has, or without which rows could not be told apart.
func (j *Job) guardOf(source string, streams []connectors.Stream) (*guard, error) {
	g := &guard{policies: map[string]map[string]string{}}
	columns := j.Project.Settings.Privacy.Columns
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		parts := strings.Split(name, ".")
		if len(parts) != 3 || parts[0] != source || columns[name] == project.Keep {
			continue
		}
		table := tableNamed(streams, parts[1])
		if table == nil || !table.Schema.HasField(parts[2]) {
			return nil, fault.Errorf(fault.You, "%s: privacy: %s is no column that is read", project.FileName, name)
		}
		if slices.Contains(table.Key, parts[2]) || table.Version == parts[2] {
			return nil, fault.Errorf(fault.You, "%s: privacy: %s is part of the table's key or version and has to stay", project.FileName, name)
		}
		kind := table.Schema.Field(table.Schema.FieldIndices(parts[2])[0]).Type
		if columns[name] == project.Hash && kind.ID() != arrow.STRING {
			return nil, fault.Errorf(fault.You, "%s: privacy: %s is no text, so it can be dropped but not hashed", project.FileName, name)
		}
		if g.policies[parts[1]] == nil {
			g.policies[parts[1]] = map[string]string{}
		}
		g.policies[parts[1]][parts[2]] = columns[name]
	}
	if len(g.policies) == 0 {
		return g, nil
	}
	var err error
	g.key, err = projectKey(j.Project, privacyKey)
	return g, err
}

func tableNamed(streams []connectors.Stream, name string) *connectors.Table {
	for _, stream := range streams {
		for i := range stream.Tables {
			if stream.Tables[i].Name == name {
				return &stream.Tables[i]
			}
		}
	}
	return nil
}

// pages passes pages on without what is not wanted.
func (g *guard) pages(pages iter.Seq2[connectors.Page, error]) iter.Seq2[connectors.Page, error] {
	if len(g.policies) == 0 {
		return pages
	}
	return func(yield func(connectors.Page, error) bool) {
		for page, err := range pages {
			for i, batch := range page.Batches {
				page.Batches[i].Records = g.records(batch.Records, g.policies[batch.Table])
			}
			for i, reject := range page.Rejects {
				if g.policies[reject.Table][reject.Column] != "" {
					page.Rejects[i].Value = ""
				}
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// records takes the place of the records that it is given.
func (g *guard) records(records arrow.RecordBatch, policies map[string]string) arrow.RecordBatch {
	if len(policies) == 0 {
		return records
	}
	columns := slices.Clone(records.Columns())
	for i, field := range records.Schema().Fields() {
		switch policies[field.Name] {
		case project.Drop:
			columns[i] = array.MakeArrayOfNull(memory.DefaultAllocator, field.Type, int(records.NumRows()))
			defer columns[i].Release()
		case project.Hash:
			columns[i] = g.hashed(columns[i].(*array.String))
			defer columns[i].Release()
		}
	}
	guarded := array.NewRecordBatch(records.Schema(), columns, records.NumRows())
	records.Release()
	return guarded
}

// hashed keeps 128 bits of each value's HMAC-SHA256.
func (g *guard) hashed(texts *array.String) arrow.Array {
	built := array.NewStringBuilder(memory.DefaultAllocator)
	defer built.Release()
	for i := range texts.Len() {
		if texts.IsNull(i) {
			built.AppendNull()
			continue
		}
		built.Append(privateHash(g.key, texts.Value(i)))
	}
	return built.NewArray()
}

func privateHash(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

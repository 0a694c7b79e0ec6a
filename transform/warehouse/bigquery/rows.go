package bigquery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"merit/connectors/fault"
	"merit/transform/lake"
)

// rowsBeside is added to a raw table's name: every row of every file of it.
const rowsBeside = "__rows"

// mostURIs is how many files one load job may name ("Quotas and limits": load jobs).
const mostURIs = 10_000

// loadRows has a table hold exactly the files' rows. It knows by its description which
// files it has, so that only new ones are loaded; when one of those is gone, by compaction
// or an erasure, or columns are others, it is filled from the beginning.
//
// A job's id is made of the table's own birth and the file: what an earlier process loaded
// and could not write down is found by it, and no file is added twice.
func (w *Warehouse) loadRows(ctx context.Context, rows *bq.Table, fields bq.Schema, files []lake.File) error {
	held, birth, err := w.rowsTable(ctx, rows, fields, files)
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(slices.Clone(files), func(file lake.File) bool { return slices.Contains(held, fileMark(file)) })
	inBucket, onDisk, err := placed(files)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(inBucket, mostURIs) {
		source := bq.NewGCSReference(some...)
		source.SourceFormat, source.Schema = bq.Parquet, fields
		if err := w.loadOne(ctx, rows, birth, strings.Join(some, " "), 0, func() (bq.LoadSource, func(), error) { return source, func() {}, nil }); err != nil {
			return err
		}
	}
	for _, file := range onDisk {
		if err := w.loadOne(ctx, rows, birth, file.Path, file.Bytes, func() (bq.LoadSource, func(), error) { return opened(file.Path, fields) }); err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
	}
	for _, file := range files {
		held = append(held, fileMark(file))
	}
	return w.attempt(ctx, func(ctx context.Context, _ int) error {
		_, err := rows.Update(ctx, bq.TableMetadataToUpdate{Description: rowsOf(fields, held)}, "")
		return told(err)
	})
}

// rowsTable is the table as it is to be added to: the files whose rows it has, and its birth.
func (w *Warehouse) rowsTable(ctx context.Context, rows *bq.Table, fields bq.Schema, files []lake.File) (held []string, birth string, err error) {
	about, err := w.about(ctx, rows)
	if err != nil && !hasStatus(err, http.StatusNotFound) {
		return nil, "", err
	}
	if err == nil {
		var isKnown bool
		if held, isKnown = heldBy(about.Description, fields); isKnown && !hasOthers(held, files) {
			return held, birthOf(rows, about), nil
		}
		if err := w.attempt(ctx, func(ctx context.Context, _ int) error { return rows.Delete(ctx) }); err != nil && !hasStatus(err, http.StatusNotFound) {
			return nil, "", told(err)
		}
	}
	err = w.attempt(ctx, func(ctx context.Context, _ int) error {
		err := rows.Create(ctx, &bq.TableMetadata{Schema: fields, Labels: labels(), Description: rowsOf(fields, nil)})
		if hasStatus(err, http.StatusConflict) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, "", told(err)
	}
	about, err = w.about(ctx, rows)
	if err != nil {
		return nil, "", err
	}
	return nil, birthOf(rows, about), nil
}

func birthOf(rows *bq.Table, about *bq.TableMetadata) string {
	return fmt.Sprint(rows.FullyQualifiedName(), " ", about.CreationTime.UnixMilli())
}

// hasOthers tells whether a table has rows of files that are no more.
func hasOthers(held []string, files []lake.File) bool {
	marks := make([]string, len(files))
	for i, file := range files {
		marks[i] = fileMark(file)
	}
	return slices.ContainsFunc(held, func(mark string) bool { return !slices.Contains(marks, mark) })
}

// fileMark tells files apart: those of the lake never change.
func fileMark(file lake.File) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d", file.Path, file.Bytes, file.Rows))
	return hex.EncodeToString(sum[:6])
}

// rowsOf is the description of a table with the rows of some files. A list that is too long
// for a description is left out, and the table is filled from the beginning next time.
func rowsOf(fields bq.Schema, held []string) string {
	text := "Every row of the lake's files, for Merit alone. " + fieldsMark(fields) + " " + strings.Join(held, " ")
	if len(text) > longestOfTables {
		return "Every row of the lake's files, for Merit alone."
	}
	return strings.TrimSpace(text)
}

// heldBy reads such a description: unknown when the columns were others.
func heldBy(description string, fields bq.Schema) (held []string, isKnown bool) {
	_, list, isSaid := strings.Cut(description, "for Merit alone. "+fieldsMark(fields))
	return strings.Fields(list), isSaid
}

func fieldsMark(fields bq.Schema) string {
	sum := sha256.New()
	for _, field := range fields {
		fmt.Fprintf(sum, "%q %s %d %d\n", field.Name, field.Type, field.Precision, field.Scale)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// placed parts files in a Google bucket, which BigQuery reads itself, from files
// here, which are uploaded.
func placed(files []lake.File) (inBucket []string, onDisk []lake.File, err error) {
	for _, file := range files {
		path := strings.TrimPrefix(file.Path, "file://")
		switch {
		case strings.HasPrefix(path, "gs://"):
			inBucket = append(inBucket, path)
		case strings.Contains(file.Here(), "://"):
			return nil, nil, fault.Errorf(fault.You, "%s: BigQuery loads from gs:// or from this machine; keep the lake in one of them", path)
		default:
			onDisk = append(onDisk, lake.File{Path: strings.TrimPrefix(file.Here(), "file://"), Bytes: file.Bytes})
		}
	}
	return inBucket, onDisk, nil
}

func opened(path string, fields bq.Schema) (bq.LoadSource, func(), error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	source := bq.NewReaderSource(file)
	source.SourceFormat, source.Schema = bq.Parquet, fields
	return source, func() { file.Close() }, nil
}

// loadOne adds one file, or many of a bucket's, by one job.
func (w *Warehouse) loadOne(ctx context.Context, rows *bq.Table, birth, from string, bytes int64, open func() (bq.LoadSource, func(), error)) error {
	sum := sha256.Sum256([]byte(birth + " " + from))
	_, err := w.run(ctx, "merit_load_"+hex.EncodeToString(sum[:16]), jobStart{bytes: bytes, start: func(ctx context.Context, id bq.JobIDConfig) (*bq.Job, error) {
		source, closeIt, err := open()
		if err != nil {
			return nil, err
		}
		defer closeIt()
		load := rows.LoaderFrom(source)
		load.JobIDConfig = id
		load.WriteDisposition = bq.WriteAppend
		load.Labels = labels()
		// Unsaid, every decimal of a Parquet file is NUMERIC, and one that does not fit there
		// is refused (API: decimalTargetTypes).
		load.DecimalTargetTypes = []bq.DecimalTargetType{bq.NumericTargetType, bq.BigNumericTargetType}
		return load.Run(ctx)
	}})
	return err
}

package lake

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
)

// wideTable has 25 columns as an opportunity has: an id, 8 texts of their own, 6
// of few values, 3 amounts, 4 instants, a date, a flag and a count.
func wideTable() connectors.Table {
	fields := []arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}}
	add := func(count int, name string, kind arrow.DataType) {
		for i := range count {
			fields = append(fields, arrow.Field{Name: fmt.Sprintf("%s_%d", name, i), Type: kind, Nullable: true})
		}
	}
	add(8, "text", arrow.BinaryTypes.String)
	add(6, "choice", arrow.BinaryTypes.String)
	add(3, "amount", &arrow.Decimal128Type{Precision: 18, Scale: 2})
	add(4, "at", arrow.FixedWidthTypes.Timestamp_ms)
	add(1, "on", arrow.FixedWidthTypes.Date32)
	add(1, "flag", arrow.FixedWidthTypes.Boolean)
	add(1, "count", arrow.PrimitiveTypes.Int64)
	return connectors.Table{Name: "wide", Key: []string{"id"}, Version: "at_0", Schema: arrow.NewSchema(fields, nil)}
}

// wideRows builds rows first, first+1 … of the wide table.
func wideRows(t connectors.Table, first, count int) arrow.RecordBatch {
	built := array.NewRecordBuilder(memory.DefaultAllocator, t.Schema)
	defer built.Release()
	for row := first; row < first+count; row++ {
		mixed := uint64(row) * 0x9E3779B97F4A7C15
		for i, field := range built.Fields() {
			switch column := field.(type) {
			case *array.StringBuilder:
				switch {
				case i == 0:
					column.Append(fmt.Sprintf("006%015d", row))
				case i <= 8:
					column.Append(fmt.Sprintf("value %x", mixed>>(i*3)&0xffffffffff))
				default:
					column.Append(fmt.Sprintf("choice %d", (mixed>>(i*2))%9))
				}
			case *array.Decimal128Builder:
				column.Append(decimal128.FromI64(int64(mixed % 100_000_000)))
			case *array.TimestampBuilder:
				column.Append(arrow.Timestamp(1_700_000_000_000 + int64(row)*1000))
			case *array.Date32Builder:
				column.Append(arrow.Date32(19_000 + mixed%2000))
			case *array.BooleanBuilder:
				column.Append(mixed%2 == 0)
			case *array.Int64Builder:
				column.Append(int64(mixed % 1000))
			}
		}
	}
	return built.NewRecordBatch()
}

// BenchmarkAppend prints how fast batches that are there already become Parquet
// files of the lake, and how much memory that takes beyond the batches.
func BenchmarkAppend(b *testing.B) {
	const batch, batches = 10_000, 100
	wide := wideTable()
	var made []arrow.RecordBatch
	for i := range 10 {
		made = append(made, wideRows(wide, i*batch, batch))
	}
	s := connectors.Stream{Name: "wide", Tables: []connectors.Table{wide}}
	runtime.GC()
	for b.Loop() {
		l, err := Open(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		var peak, start runtime.MemStats
		runtime.ReadMemStats(&start)
		began := time.Now()
		_, err = l.Dataset("crm", "wide").Append(context.Background(), s, repeated(made, batches, func() {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.HeapInuse = max(peak.HeapInuse, now.HeapInuse)
		}), nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(batch*batches/time.Since(began).Seconds(), "rows/s")
		b.ReportMetric(float64(peak.HeapInuse-start.HeapInuse)/(1<<20), "MiB")
	}
}

func repeated(made []arrow.RecordBatch, count int, each func()) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		for i := range count {
			records := made[i%len(made)]
			records.Retain()
			if i%10 == 0 {
				each()
			}
			p := connectors.Page{Batches: []connectors.Batch{{Table: "wide", Records: records}}, Next: connectors.Cursor(fmt.Sprint(i + 1))}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// BenchmarkOverlap prints how fast rows are known again that the lake has.
func BenchmarkOverlap(b *testing.B) {
	const batch, batches = 10_000, 100
	wide := wideTable()
	s := connectors.Stream{Name: "wide", Tables: []connectors.Table{wide}}
	l, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	pages := func(cursor string) iter.Seq2[connectors.Page, error] {
		return func(yield func(connectors.Page, error) bool) {
			for i := range batches {
				p := connectors.Page{Batches: []connectors.Batch{{Table: "wide", Records: wideRows(wide, i*batch, batch)}}, Next: connectors.Cursor(fmt.Sprint(cursor, i))}
				if !yield(p, nil) {
					return
				}
			}
		}
	}
	d := l.Dataset("crm", "wide")
	if _, err := d.Append(context.Background(), s, pages("first"), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var came Progress
		began := time.Now()
		if _, err := d.Append(context.Background(), s, pages(fmt.Sprint(began)), func(p Progress) { came = p }); err != nil {
			b.Fatal(err)
		}
		if came.New != 0 {
			b.Fatalf("%d of %d rows were taken for new", came.New, came.Read)
		}
		b.ReportMetric(float64(came.Read)/time.Since(began).Seconds(), "rows/s")
	}
}

// BenchmarkCommit prints what a small increment costs: a page of one row for a
// main table and its companion, after as many increments before it.
func BenchmarkCommit(b *testing.B) {
	for _, before := range []int{0, 100, 300} {
		b.Run(fmt.Sprintf("after %d", before), func(b *testing.B) {
			l, err := Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			d := l.Dataset("crm", "deals")
			n := 0
			one := func() {
				n++
				_, err := d.Append(context.Background(), dealsStream(), reads(nil, page(fmt.Sprint(n),
					deals(fmt.Sprintf("d%d|A|1|%d|", n, n)), history(fmt.Sprintf("d%d|new", n)))), nil)
				if err != nil {
					b.Fatal(err)
				}
			}
			for range before {
				one()
			}
			for b.Loop() {
				one()
			}
			began := time.Now()
			for range 10 {
				if _, err := d.Head(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(time.Since(began).Microseconds())/10_000, "ms/head")
		})
	}
}

package lake

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"merit/connectors"
)

// BenchmarkThousandIncrements prints what a commit costs when there are a thousand
// before it, and how long it takes to read what they brought: as it lies, compacted,
// and of a lake that got all rows at once. Reading is of all values, by parquet-go.
func BenchmarkThousandIncrements(b *testing.B) {
	folder := b.TempDir()
	if shared := os.Getenv("MERIT_BENCH_DIR"); shared != "" {
		folder = shared
	}
	const count, each = 1000, 200
	wide := wideTable()
	s := connectors.Stream{Name: "wide", Tables: []connectors.Table{wide}}
	ctx := context.Background()
	for b.Loop() {
		many, err := Open(folder + "/many")
		if err != nil {
			b.Fatal(err)
		}
		one, err := Open(folder + "/one")
		if err != nil {
			b.Fatal(err)
		}
		appendRows := func(l *Lake, k, rows int) time.Duration {
			began := time.Now()
			p := page(fmt.Sprint(k), connectors.Batch{Table: "wide", Records: wideRows(wide, k, rows)})
			if _, err := l.Dataset("crm", "wide").Append(ctx, s, reads(nil, p), nil); err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
		for k := range count {
			appendRows(many, k*each, each)
		}
		// Of a commit after a thousand the median and the quickest of 21, since others
		// use the machine too; and what it took of the processor.
		var costs []time.Duration
		before := cpuTime(b)
		for k := range 21 {
			costs = append(costs, appendRows(many, (count+k)*each, each))
		}
		b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/21_000, "cpu-ms/commit")
		b.ReportMetric(median(costs), "ms/commit") // which sorts them
		b.ReportMetric(float64(costs[0].Microseconds())/1000, "ms/quickest")
		appendRows(one, 0, (count+21)*each)
		d := many.Dataset("crm", "wide")
		scattered := readingTime(b, d)
		began := time.Now()
		if _, err := d.Compact(ctx); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/compaction")
		together, whole := readingTime(b, d), readingTime(b, one.Dataset("crm", "wide"))
		b.ReportMetric(scattered/whole, "×one-file/before")
		b.ReportMetric(together/whole, "×one-file/after")
	}
}

func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// readValues decodes every value of a file.
func readValues(b *testing.B, path string) {
	opened, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer opened.Close()
	state, err := opened.Stat()
	if err != nil {
		b.Fatal(err)
	}
	file, err := parquet.OpenFile(opened, state.Size())
	if err != nil {
		b.Fatal(err)
	}
	for _, group := range file.RowGroups() {
		for _, chunk := range group.ColumnChunks() {
			if err := eachValue(chunk, func(int, parquet.Value) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func median(of []time.Duration) float64 {
	for i := range of {
		for k := i; k > 0 && of[k] < of[k-1]; k-- {
			of[k], of[k-1] = of[k-1], of[k]
		}
	}
	return float64(of[len(of)/2].Microseconds()) / 1000
}

// readingTime is the median of five readings of all values, in milliseconds.
func readingTime(b *testing.B, d *Dataset) float64 {
	var took []time.Duration
	for range 5 {
		began := time.Now()
		c, err := d.Head(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range c.Tables[0].Files {
			readValues(b, f.Path)
		}
		took = append(took, time.Since(began))
	}
	return median(took)
}

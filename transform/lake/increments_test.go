package lake

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

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
		// Of a commit after a thousand the median of 21, since a disk has its moods.
		var costs []time.Duration
		for k := range 21 {
			costs = append(costs, appendRows(many, (count+k)*each, each))
		}
		b.ReportMetric(median(costs), "ms/commit")
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
			parquetRows(b, f.Path)
		}
		took = append(took, time.Since(began))
	}
	return median(took)
}

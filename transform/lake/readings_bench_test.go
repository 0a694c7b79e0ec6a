package lake

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"merit/connectors"
)

// BenchmarkThousandReadings holds a lake that was read a thousand times, each time a
// little, against one that has the same rows of one reading: what `merit status` and
// `merit check` ask of it, and one more reading. Processor time, each as a new process.
// And a thousand readings that bring nothing, which must write nothing.
func BenchmarkThousandReadings(b *testing.B) {
	ctx := context.Background()
	for b.Loop() {
		often, once := benchLake(b), benchLake(b)
		var all []string
		kept := map[int]int64{}
		for k := range 1000 {
			all = append(all, fmt.Sprintf("d%d|A|1|%d|", k, 1000+k))
			readDeals(b, often, fmt.Sprint(k), all[k])
			if k == 499 || k == 999 {
				kept[k] = bytesOf(b, often, "metadata")
			}
		}
		readDeals(b, once, "999", all...)
		b.ReportMetric(float64(kept[999])/float64(kept[499]), "metadata_1000_over_500")
		if _, err := often.Dataset("crm", "deals").Compact(ctx); err != nil {
			b.Fatal(err)
		}
		often.SetIdled(map[string]func(before, after connectors.Cursor) bool{"crm": func(before, after connectors.Cursor) bool { return true }})
		before := len(benchFiles(b, often))
		for k := range 1000 {
			readDeals(b, often, fmt.Sprint("idle ", k), all[999])
		}
		if now := len(benchFiles(b, often)); now != before {
			b.Errorf("a thousand readings of nothing wrote %d files", now-before)
		}
		for what, do := range map[string]func(l *Lake){
			"status": func(l *Lake) {
				datasets, err := l.Datasets(ctx)
				if err != nil {
					b.Fatal(err)
				}
				for _, d := range datasets {
					if _, err := d.Head(ctx); err != nil {
						b.Fatal(err)
					}
				}
			},
			"check": func(l *Lake) {
				if err := l.Check(ctx); err != nil {
					b.Fatal(err)
				}
			},
			"read": func(l *Lake) { readDeals(b, l, fmt.Sprint(time.Now().UnixNano()), "d1|B|2|9999|") },
		} {
			b.ReportMetric(msOf(b, often, do), what+"_ms")
			b.ReportMetric(msOf(b, often, do)/msOf(b, once, do), what+"_ratio")
		}
	}
}

func benchLake(b *testing.B) *Lake {
	b.Helper()
	folder, err := os.MkdirTemp(quickFolder(), "readings")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(folder) })
	l, err := Open(folder)
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func readDeals(b *testing.B, l *Lake, cursor string, lines ...string) {
	b.Helper()
	if _, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page(cursor, deals(lines...))), nil); err != nil {
		b.Fatal(err)
	}
}

func benchFiles(b *testing.B, l *Lake) []string {
	b.Helper()
	var files []string
	err := filepath.WalkDir(l.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return files
}

// bytesOf are those of files in folders of a name.
func bytesOf(b *testing.B, l *Lake, folder string) (bytes int64) {
	b.Helper()
	for _, path := range benchFiles(b, l) {
		if filepath.Base(filepath.Dir(path)) != folder {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		bytes += info.Size()
	}
	return bytes
}

// msOf is the processor time of an act on a lake that was just opened, at its quickest of five.
func msOf(b *testing.B, l *Lake, do func(*Lake)) float64 {
	b.Helper()
	quickest := time.Hour
	for range 5 {
		opened, err := Open(l.root)
		if err != nil {
			b.Fatal(err)
		}
		began := cpuTime(b)
		do(opened)
		quickest = min(quickest, cpuTime(b)-began)
	}
	return float64(quickest.Microseconds()) / 1000
}

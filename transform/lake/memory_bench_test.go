package lake

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
)

// memoryWork is what is done to a lake of many rows, each in a process of its own,
// since a process does not give its peak back.
func memoryWork() map[string]func(l *Lake, rows int) error {
	ctx := context.Background()
	return map[string]func(l *Lake, rows int) error{
		"append": func(l *Lake, rows int) error {
			_, err := l.Dataset("crm", "people").Append(ctx, streamOf(peopleTable()), manyPeople(0, rows, 10_000), nil)
			return err
		},
		"increments": func(l *Lake, rows int) error { // what compaction is for
			const each = 50_000
			for from := 0; from < rows; from += each {
				_, err := l.Dataset("crm", "people").Append(ctx, streamOf(peopleTable()), manyPeople(from, each, 10_000), nil)
				if err != nil {
					return err
				}
			}
			return nil
		},
		"compaction": func(l *Lake, _ int) error {
			_, err := l.Dataset("crm", "people").Compact(ctx)
			return err
		},
		"verify": func(l *Lake, rows int) error {
			v, err := l.Verify(ctx, nil)
			if err == nil && (len(v.Damages) > 0 || v.Rows < int64(rows)) {
				err = fmt.Errorf("%d rows of %d, %v", v.Rows, rows, v.Damages)
			}
			return err
		},
		"forget": func(l *Lake, _ int) error {
			list, err := ParseErasureList([]byte("a key of sixteen and more bytes"), nil)
			if err != nil {
				return err
			}
			l.Knowing(map[string]connectors.People{"crm": {Records: []string{"people"}, Columns: []connectors.Personal{
				{Table: "people", Column: "email", Says: connectors.SaysAddress, Own: true},
			}}})
			who := Identity{Source: "crm", Value: "person77@acme.example"}
			list.Add(who)
			if _, err := l.Resolve(ctx, "crm", list, []Identity{who}); err != nil {
				return err
			}
			done, err := l.Erase(ctx, "crm")
			if err == nil && done.Rows != 1 {
				err = fmt.Errorf("%d rows were erased", done.Rows)
			}
			if err != nil {
				return err
			}
			found, err := l.Search(ctx, "crm", AnyOf([]string{who.Value}))
			if err == nil && len(found.Found) > 0 {
				err = fmt.Errorf("found in %v", found.Found)
			}
			return err
		},
	}
}

func peopleTable() connectors.Table {
	return connectors.Table{Name: "people", Key: []string{"id"}, Version: "modified_at", Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "email", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "note", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "stage", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}, Nullable: true},
		{Name: "modified_at", Type: arrow.FixedWidthTypes.Timestamp_ms, Nullable: true},
		{Name: "merit_deleted", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	}, nil)}
}

// manyPeople yields pages of people first, first+1 …, built when they are asked for.
func manyPeople(first, count, each int) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		for from := first; from < first+count; from += each {
			built := array.NewRecordBuilder(memory.DefaultAllocator, peopleTable().Schema)
			for row := from; row < min(from+each, first+count); row++ {
				mixed := uint64(row) * 0x9E3779B97F4A7C15
				number := strconv.Itoa(row)
				built.Field(0).(*array.StringBuilder).Append("003" + strings.Repeat("0", 15-len(number)) + number)
				built.Field(1).(*array.StringBuilder).Append("person" + number + "@acme.example")
				built.Field(2).(*array.StringBuilder).Append("note " + strconv.FormatUint(mixed, 36) + " of the day")
				built.Field(3).(*array.StringBuilder).Append("stage " + strconv.Itoa(int(mixed%9)))
				built.Field(4).(*array.Decimal128Builder).Append(decimal128.FromU64(mixed % 100_000_000))
				built.Field(5).(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000 + int64(row)*1000))
				built.Field(6).(*array.BooleanBuilder).Append(mixed%50 == 0)
			}
			p := connectors.Page{Batches: []connectors.Batch{{Table: "people", Records: built.NewRecordBatch()}}, Next: connectors.Cursor(strconv.Itoa(from + each))}
			built.Release()
			if !yield(p, nil) {
				return
			}
		}
	}
}

// memoryVariable tells a process of this test binary to do one work and end.
const memoryVariable = "MERIT_LAKE_MEMORY" // work, rows, folder

// TestOneWorkForItsMemory is the process in which BenchmarkMemory has a work done.
func TestOneWorkForItsMemory(t *testing.T) {
	work, rest, asked := strings.Cut(os.Getenv(memoryVariable), " ")
	if !asked {
		t.Skip("BenchmarkMemory asks for it")
	}
	count, folder, _ := strings.Cut(rest, " ")
	rows, err := strconv.Atoi(count)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := memoryWork()[work](l, rows); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkMemory prints the most memory that each work holds at 0.5 million and at
// 5 million rows. It must not grow with them: files and groups are bounded, and all
// is done file by file.
func BenchmarkMemory(b *testing.B) {
	const small, large, most = 500_000, 5_000_000, 1.6
	for b.Loop() {
		peaks := map[string]float64{}
		for _, rows := range []int{small, large} {
			folder := b.TempDir()
			for _, step := range []struct{ work, in string }{
				{"append", "whole"}, {"verify", "whole"}, {"forget", "whole"}, {"increments", "parts"}, {"compaction", "parts"},
			} {
				mib := peakOf(b, step.work, rows, filepath.Join(folder, step.in))
				b.ReportMetric(mib, fmt.Sprintf("MiB/%s/%.1fM", step.work, float64(rows)/1e6))
				before, known := peaks[step.work]
				if known && mib > before*most {
					b.Errorf("%s holds %.0f MiB at %d rows and %.0f MiB at %d", step.work, before, small, mib, rows)
				}
				peaks[step.work] = mib
			}
		}
	}
}

// peakOf has a work done in another process and gives its peak in MiB.
func peakOf(b *testing.B, work string, rows int, folder string) float64 {
	b.Helper()
	command := exec.Command(os.Args[0], "-test.run", "^TestOneWorkForItsMemory$")
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", memoryVariable, work, rows, folder))
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", work, err, out)
	}
	used, known := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !known {
		b.Skip("this system does not tell the peak of a process")
	}
	return float64(used.Maxrss) / 1024
}

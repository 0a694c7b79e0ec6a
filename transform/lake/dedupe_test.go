package lake

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// keptTypes are all types that a table of the lake may have, with a text for a number.
func keptTypes() map[arrow.DataType]func(n int) string {
	return map[arrow.DataType]func(n int) string{
		arrow.FixedWidthTypes.Boolean:                  func(n int) string { return fmt.Sprint(n%2 == 0) },
		arrow.BinaryTypes.String:                       func(n int) string { return fmt.Sprint("text ", n) },
		arrow.PrimitiveTypes.Int32:                     func(n int) string { return fmt.Sprint(n) },
		arrow.PrimitiveTypes.Int64:                     func(n int) string { return fmt.Sprint(n) },
		arrow.PrimitiveTypes.Float64:                   func(n int) string { return fmt.Sprint(n) },
		&arrow.Decimal128Type{Precision: 18, Scale: 2}: func(n int) string { return fmt.Sprint(n) },
		&arrow.Decimal128Type{Precision: 38, Scale: 9}: func(n int) string { return fmt.Sprint(n) },
		arrow.FixedWidthTypes.Timestamp_us:             func(n int) string { return fmt.Sprintf("2026-01-%02dT00:00:00Z", 1+n%28) },
		arrow.FixedWidthTypes.Date32:                   func(n int) string { return fmt.Sprintf("2026-01-%02d", 1+n%28) },
		arrow.FixedWidthTypes.Time64us:                 func(n int) string { return fmt.Sprintf("%02d:00:00", n%24) },
	}
}

// Of a page that overlaps what the lake has some rows are kept: with their own values,
// of whatever type, wherever in a longer column they stand.
func TestRowsThatAreKeptAreWhole(t *testing.T) {
	seed := seedOf(t)
	for kind, text := range keptTypes() {
		for round := range 100 {
			dice := rand.New(rand.NewPCG(seed, uint64(round)))
			built := array.NewBuilder(memory.DefaultAllocator, kind)
			nulls := []float64{0, 0.3, 0.9}[dice.IntN(3)]
			rows := 2 + dice.IntN(200)
			for range rows {
				if dice.Float64() < nulls {
					built.AppendNull()
				} else if err := built.AppendValueFromString(text(dice.IntN(1000))); err != nil {
					t.Fatal(err)
				}
			}
			column := array.NewSlice(built.NewArray(), int64(dice.IntN(rows)), int64(rows))
			keep := make([]bool, column.Len())
			var want []string
			for i := range keep {
				if keep[i] = dice.IntN(3) > 0; keep[i] {
					want = append(want, column.ValueStr(i))
				}
			}
			kept, err := filter(t.Context(), []arrow.Array{column}, keep)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range kept[0].Len() {
				got = append(got, kept[0].ValueStr(i))
			}
			same(t, kind.String(), got, want)
		}
	}
}

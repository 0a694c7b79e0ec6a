package decode_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
)

const benchRows = 20_000

// opportunities is a table like Salesforce's, 25 columns wide, with as many rows
// as CSV: all fields quoted, some with line ends and doubled quotes inside.
func opportunities() (connectors.Table, []byte) {
	kinds := []arrow.DataType{
		text, text, text, text, text, text, text, text, text, text, text, text, text, text, text,
		money, money, float, date, date, millis, millis, millis, boolean, boolean,
	}
	fields := make([]arrow.Field, len(kinds))
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = fmt.Sprintf("Column%02d", i)
		fields[i] = arrow.Field{Name: names[i], Type: kind, Nullable: true}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	row := func(values []string) {
		for i, v := range values {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(`"` + strings.ReplaceAll(v, `"`, `""`) + `"`)
		}
		out.WriteByte('\n')
	}
	row(names)
	notes := []string{"", "Negotiation/Review", "They said \"next quarter\",\r\nagain", "Größere Änderung – später", strings.Repeat("a long note ", 20)}
	for range benchRows {
		values := make([]string, len(kinds))
		for i, kind := range kinds {
			switch kind {
			case text:
				values[i] = fmt.Sprintf("006Hs00000%08d", rnd.IntN(1e8))
				if i > 8 {
					values[i] = notes[rnd.IntN(len(notes))]
				}
			case money:
				values[i] = fmt.Sprintf("%d.%02d", rnd.IntN(1e6), rnd.IntN(100))
			case float:
				values[i] = fmt.Sprint(rnd.Float64() * 100)
			case date:
				values[i] = fmt.Sprintf("2024-%02d-%02d", 1+rnd.IntN(12), 1+rnd.IntN(28))
			case millis:
				values[i] = fmt.Sprintf("2024-%02d-%02dT%02d:03:04.000Z", 1+rnd.IntN(12), 1+rnd.IntN(28), rnd.IntN(24))
			case boolean:
				values[i] = fmt.Sprint(rnd.IntN(2) == 0)
			}
		}
		row(values)
	}
	t := connectors.Table{Name: "Opportunity", Key: []string{"Column00"}, Schema: arrow.NewSchema(fields, nil)}
	return t, out.Bytes()
}

func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// against reports how many times own goes into other, by the fastest round of
// each, taken in turns: ratios hold where machines differ and others work too.
func against(b *testing.B, unit string, own, other func()) {
	const enough = 2 * time.Second
	fastest := [2]time.Duration{time.Hour, time.Hour}
	for began := time.Now(); time.Since(began) < enough; {
		for i, work := range []func(){own, other} {
			start := time.Now()
			work()
			fastest[i] = min(fastest[i], time.Since(start))
		}
	}
	b.ReportMetric(float64(fastest[1])/float64(fastest[0]), unit)
}

// The scanner alone, and beside it encoding/csv on the same bytes: "x" says how
// many times faster ours is.
func BenchmarkCSVScanner(b *testing.B) {
	_, input := opportunities()
	ours := func() {
		c := decode.NewCSV(bytes.NewReader(input), ',')
		rows := 0
		for c.Next() {
			rows++
		}
		if rows != benchRows+1 || c.Err() != nil {
			b.Fatal(rows, c.Err())
		}
	}
	theirs := func() {
		r := csv.NewReader(bytes.NewReader(input))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err == io.EOF {
				return
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(input)))
		b.ReportAllocs()
		for b.Loop() {
			ours()
		}
		perSecond(b, benchRows)
		against(b, "x", ours, theirs)
	})
	b.Run("encoding-csv", func(b *testing.B) {
		b.SetBytes(int64(len(input)))
		for b.Loop() {
			theirs()
		}
		perSecond(b, benchRows)
	})
}

// From CSV to Arrow batches of 8,192 rows; "share" is the share of the scanner's
// own speed that is left.
func BenchmarkCSVToArrow(b *testing.B) {
	table, input := opportunities()
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	builder := decode.NewBuilder(table)
	ours := func() {
		c := decode.NewCSV(bytes.NewReader(input), ',')
		c.Next()
		for c.Next() {
			for i, field := range c.Fields() {
				builder.Set(i, field)
			}
			builder.EndRow()
			if builder.Len() == 8192 {
				flush(b, builder)
			}
		}
		flush(b, builder)
	}
	for b.Loop() {
		ours()
	}
	perSecond(b, benchRows)
	against(b, "share", ours, func() {
		c := decode.NewCSV(bytes.NewReader(input), ',')
		for c.Next() {
		}
	})
}

func flush(b *testing.B, builder *decode.Builder) {
	batch, rejects := builder.Flush()
	if len(rejects) > 0 {
		b.Fatal(rejects[0])
	}
	batch.Records.Release()
}

// Pages of 100 deals with 24 properties and 7 versions of history each, into two
// tables; "x" says how many times faster that is than encoding/json into structs
// alone.
func BenchmarkJSONToArrow(b *testing.B) {
	input, main, history := dealsWithHistory()
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	deals, versions := decode.NewBuilder(main), decode.NewBuilder(history)
	ours := func() {
		if err := readDeals(input, deals, versions); err != nil {
			b.Fatal(err)
		}
		if deals.Len() != 100 || versions.Len() != 700 {
			b.Fatal(deals.Len(), versions.Len())
		}
		flush(b, deals)
		flush(b, versions)
	}
	for b.Loop() {
		ours()
	}
	perSecond(b, 100)
	against(b, "x", ours, func() {
		var page struct {
			Results []struct {
				ID         string
				Properties map[string]*string
				History    map[string][]struct{ Value, Timestamp, SourceType string } `json:"propertiesWithHistory"`
			}
		}
		if err := json.Unmarshal(input, &page); err != nil {
			b.Fatal(err)
		}
	})
}

func dealsWithHistory() (page []byte, main, history connectors.Table) {
	pairs := []any{}
	var out strings.Builder
	out.WriteString(`{"results":[`)
	for i := range 24 {
		pairs = append(pairs, fmt.Sprintf("property_%02d", i), []arrow.DataType{text, money, millis, boolean}[i%4])
	}
	for d := range 100 {
		if d > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"id":"%d","properties":{`, 90000+d)
		for i := range 24 {
			value := []string{"appointmentscheduled", "12500.50", "2024-09-24T03:26:07.123Z", "true"}[i%4]
			fmt.Fprintf(&out, `"property_%02d":"%s",`, i, value)
		}
		out.WriteString(`"hs_object_id":null},"propertiesWithHistory":{"dealstage":[`)
		for v := range 7 {
			if v > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(&out, `{"value":"stage %d","timestamp":"2024-09-%02dT03:26:07.123Z","sourceType":"CRM_UI","sourceId":"userId:%d"}`, v, 10+v, v)
		}
		out.WriteString(`]},"createdAt":"2024-01-01T00:00:00Z","updatedAt":"2024-09-24T03:26:07.123Z","archived":false}`)
	}
	out.WriteString(`]}`)
	return []byte(out.String()), table(pairs...), table("value", text, "timestamp", millis, "sourceType", text)
}

// readDeals walks one page as a connector does.
func readDeals(page []byte, deals, versions *decode.Builder) error {
	d := decode.NewJSON(bytes.NewReader(page))
	var id, buf []byte
	set := func(to *decode.Builder, name []byte) error {
		column := to.Column(string(name))
		text, _, err := decode.Text(d, buf)
		to.Set(column, text)
		buf = text
		return err
	}
	deal := func(name []byte) (err error) {
		switch string(name) {
		case "id":
			id, _, err = decode.Text(d, id)
			deals.Set(0, id)
			return err
		case "properties":
			return decode.Members(d, func(name []byte) error { return set(deals, name) })
		case "propertiesWithHistory":
			return decode.Members(d, func([]byte) error {
				return decode.Array(d, func() error {
					err := decode.Members(d, func(name []byte) error { return set(versions, name) })
					versions.Set(0, id)
					versions.EndRow()
					return err
				})
			})
		}
		return decode.Skip(d)
	}
	return decode.Members(d, func(name []byte) error {
		if string(name) != "results" {
			return decode.Skip(d)
		}
		return decode.Array(d, func() error {
			err := decode.Members(d, deal)
			deals.EndRow()
			return err
		})
	})
}

package decode_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
	"merit/connectors/decode"
)

var (
	money   = &arrow.Decimal128Type{Precision: 18, Scale: 2}
	yen     = &arrow.Decimal128Type{Precision: 18, Scale: 0}
	finest  = &arrow.Decimal128Type{Precision: 38, Scale: 18}
	widest  = &arrow.Decimal128Type{Precision: 38, Scale: 9}
	millis  = arrow.FixedWidthTypes.Timestamp_ms
	micros  = arrow.FixedWidthTypes.Timestamp_us
	date    = arrow.FixedWidthTypes.Date32
	whole   = arrow.PrimitiveTypes.Int64
	float   = arrow.PrimitiveTypes.Float64
	text    = arrow.BinaryTypes.String
	boolean = arrow.FixedWidthTypes.Boolean
	clock   = arrow.FixedWidthTypes.Time64us
)

// table has a text column id, which is the key, and the columns given in pairs of
// name and type.
func table(pairs ...any) connectors.Table {
	fields := []arrow.Field{{Name: "id", Type: text, Nullable: true}}
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, arrow.Field{Name: pairs[i].(string), Type: pairs[i+1].(arrow.DataType), Nullable: true})
	}
	return connectors.Table{Name: "deals", Key: []string{"id"}, Schema: arrow.NewSchema(fields, nil)}
}

// read gives what one text becomes in a column of this type, as Arrow prints it,
// and the reason for which it was rejected.
func read(t *testing.T, kind arrow.DataType, value string) (got, reason string) {
	t.Helper()
	b := decode.NewBuilder(table("value", kind))
	defer b.Release()
	b.Set(0, []byte("1"))
	b.Set(1, []byte(value))
	b.EndRow()
	batch, rejects := b.Flush()
	defer batch.Records.Release()
	if len(rejects) > 1 || batch.Records.NumRows() != 1 {
		t.Fatalf("%q gave %d rows and %d rejects", value, batch.Records.NumRows(), len(rejects))
	}
	if len(rejects) == 1 {
		if !batch.Records.Column(1).IsNull(0) {
			t.Fatalf("%q was rejected and is in the batch all the same", value)
		}
		return "", rejects[0].Reason
	}
	column := batch.Records.Column(1)
	if column.IsNull(0) {
		return "null", ""
	}
	if d, ok := column.(*array.Decimal128); ok {
		return d.Value(0).ToString(kind.(*arrow.Decimal128Type).Scale), ""
	}
	if s, ok := column.(*array.String); ok {
		return s.Value(0), ""
	}
	return column.ValueStr(0), ""
}

func TestTextsBecomeValues(t *testing.T) {
	for _, c := range []struct {
		kind        arrow.DataType
		value, want string
	}{
		{text, "", "null"},
		{text, "NA", "NA"},
		{text, "null", "null"},
		{text, " ", " "},
		{text, "two\r\nlines", "two\r\nlines"},
		{text, "Grüße, 東京 😀", "Grüße, 東京 😀"},
		{text, "N\x00UL", "NUL"},
		{text, "\x00", "null"},

		{boolean, "true", "true"},
		{boolean, "FALSE", "false"},
		{boolean, "Yes", "true"},
		{boolean, "no", "false"},
		{boolean, "1", "true"},
		{boolean, "0", "false"},
		{boolean, "1.0", "true"},
		{boolean, "T", "true"},
		{boolean, " n ", "false"},
		{boolean, "", "null"},

		{whole, "0", "0"},
		{whole, "-0", "0"},
		{whole, "007", "7"},
		{whole, "9007199254740993", "9007199254740993"}, // one more than float64 counts to
		{whole, "9223372036854775807", "9223372036854775807"},
		{whole, "-9223372036854775808", "-9223372036854775808"},
		{whole, "12.0", "12"},
		{whole, "1.2E7", "12000000"},
		{whole, "1200e-2", "12"},
		{whole, "1\x002", "12"},

		{money, "1234.5", "1234.50"},
		{money, "-0.01", "-0.01"},
		{money, "+3", "3.00"},
		{money, ".5", "0.50"},
		{money, "5.", "5.00"},
		{money, "1.2E7", "12000000.00"},
		{money, "1.2345678E7", "12345678.00"},
		{money, "12.500000", "12.50"},
		{money, "1e-2", "0.01"},
		{money, "0e999999999999", "0.00"},
		{money, " 12 ", "12.00"},
		{money, "0.001", "0.00"}, // what is finer than the column is rounded half away from zero
		{money, "0.005", "0.01"},
		{money, "-0.005", "-0.01"},
		{money, "-1.00499999999999999999999999999999999999999999999", "-1.00"},
		{money, "1e-999999999", "0.00"},
		{money, "52840.120000000003", "52840.12"},
		{money, "9999999999999999.99", "9999999999999999.99"},
		{money, "90071992547409.93", "90071992547409.93"},
		{yen, "1200000", "1200000"},
		{yen, "1200000.00", "1200000"},
		{yen, "1.5", "2"},
		{finest, "52840.120000000003", "52840.120000000003000000"},
		{finest, "0.1000000000000000055511151231257827", "0.100000000000000006"},
		{finest, "99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"},
		{widest, "12345678901234567890123456789.123456789", "12345678901234567890123456789.123456789"},
		{widest, "-99999999999999999999999999999.999999999", "-99999999999999999999999999999.999999999"},
		{widest, "1.0000000000000000000000000000000000000000000000000", "1.000000000"},

		{float, "1.2E7", "1.2e+07"},
		{float, "0.1", "0.1"},
		{float, "1e-400", "0"},

		{date, "2024-02-29", "2024-02-29"},
		{date, "0001-01-01", "0001-01-01"},
		{date, "1969-12-31", "1969-12-31"},
		{date, "1709164800000", "2024-02-29"},
		{date, "-1", "1969-12-31"},
		{date, "2024-09-24T23:30:00-02:00", "2024-09-25"}, // the date in UTC
		{date, "2024-09-24T00:30:00.000+0100", "2024-09-23"},

		{millis, "2024-09-24T03:26:07.000Z", "2024-09-24T03:26:07Z"},
		{millis, "2024-09-24T03:26:07.000+0000", "2024-09-24T03:26:07Z"},
		{millis, "2024-09-24T03:26:07+05:30", "2024-09-23T21:56:07Z"},
		{millis, "2024-09-24T03:26:07.1234567-08", "2024-09-24T11:26:07.123Z"},
		{millis, "2024-09-24 03:26Z", "2024-09-24T03:26:00Z"},
		{millis, "1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
		{millis, "1706745600123", "2024-02-01T00:00:00.123Z"},
		{millis, "1706745600123.0", "2024-02-01T00:00:00.123Z"},
		{millis, "1.7067456E12", "2024-02-01T00:00:00Z"},
		{millis, "0", "1970-01-01T00:00:00Z"},
		{millis, "-1", "1969-12-31T23:59:59.999Z"},
		{micros, "2024-09-24T03:26:07.123456Z", "2024-09-24T03:26:07.123456Z"},
		{micros, "1706745600123.456", "2024-02-01T00:00:00.123456Z"},
		{micros, "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},

		{clock, "10:12:00.000Z", "10:12:00.000000"},
		{clock, "23:59:59.999999", "23:59:59.999999"},
	} {
		got, reason := read(t, c.kind, c.value)
		if got != c.want || reason != "" {
			t.Errorf("%q as %s gives %q %s, not %q", c.value, c.kind, got, reason, c.want)
		}
	}
}

func TestTextsThatDoNotFitAreRejected(t *testing.T) {
	for _, c := range []struct {
		kind          arrow.DataType
		value, reason string
	}{
		{text, "caf\xe9", "is not valid UTF-8"}, // Latin-1
		{boolean, "2", "is neither true nor false"},
		{boolean, "maybe", "is neither true nor false"},
		{whole, "12.5", "is not a whole number of 64 bits"},
		{whole, "9223372036854775808", "is not a whole number of 64 bits"},
		{whole, "-9223372036854775809", "is not a whole number of 64 bits"},
		{whole, "1e400", "is not a whole number of 64 bits"},
		{whole, "3092727991;3881228353", "is not a number"}, // what HubSpot leaves in a number after a merge
		{whole, "0x1F", "is not a number"},
		{whole, "NA", "is not a number"},
		{money, "10000000000000000", "is larger than decimal(18, 2)"},
		{money, "1e16", "is larger than decimal(18, 2)"},
		{money, "1e999999999999", "is larger than decimal(18, 2)"},
		{money, "1,234.50", "is not a number"},
		{money, "1.2.3", "is not a number"},
		{money, "1 2", "is not a number"},
		{money, "1e", "is not a number"},
		{money, "e5", "is not a number"},
		{money, ".", "is not a number"},
		{money, "-", "is not a number"},
		{money, "USD 5", "is not a number"},
		{money, "9999999999999999.995", "is larger than decimal(18, 2)"},
		{widest, "123456789012345678901234567890", "is larger than decimal(38, 9)"},
		{widest, "340282366920938463463374607431768211456", "is larger than decimal(38, 9)"}, // 2¹²⁸
		{float, "NaN", "is not a number"},
		{float, "Infinity", "is not a number"},
		{float, "1e400", "is larger than a float64 holds"},
		{date, "2023-02-29", "is not a date: neither 2024-09-24 nor an instant"},
		{date, "24/09/2024", "is not a date: neither 2024-09-24 nor an instant"},
		{date, "2024-09-24T10:00:00", "is an instant without its time zone"},
		{millis, "2024-09-24T03:26:07", "is an instant without its time zone"},
		{millis, "2024-09-24T24:00:00Z", "is not an instant: neither 2024-09-24T03:26:07.000Z nor epoch milliseconds"},
		{millis, "2024-13-01T00:00:00Z", "is not an instant: neither 2024-09-24T03:26:07.000Z nor epoch milliseconds"},
		{millis, "2024-09-24T03:26:07.Z", "is not an instant: neither 2024-09-24T03:26:07.000Z nor epoch milliseconds"},
		{millis, "yesterday", "is not an instant: neither 2024-09-24T03:26:07.000Z nor epoch milliseconds"},
		{millis, "253402300800000", "is not between the years 1 and 9999"},
		{millis, "0001-01-01T00:00:00+01:00", "is not between the years 1 and 9999"},
		{clock, "25:00:00", "is not a time of day such as 10:12:00.000Z"},
	} {
		got, reason := read(t, c.kind, c.value)
		if reason != c.reason {
			t.Errorf("%q as %s gives %q and the reason %q, not %q", c.value, c.kind, got, reason, c.reason)
		}
	}
}

func TestARejectNamesItsRecordAndKeepsTheValue(t *testing.T) {
	b := decode.NewBuilder(table("amount", money, "name", text))
	for _, r := range []struct{ id, amount, name string }{{"A", "1.00", "fine"}, {"B", "lots", "caf\xe9"}, {"C", "2.00", ""}} {
		b.Set(b.Column("amount"), []byte(r.amount)) // before the key: order is the CRM's
		b.Set(b.Column("name"), []byte(r.name))
		b.Set(b.Column("id"), []byte(r.id))
		b.EndRow()
	}
	batch, rejects := b.Flush()
	defer batch.Records.Release()
	want := []connectors.Reject{
		{Table: "deals", Key: "B", Column: "amount", Value: "lots", Reason: "is not a number"},
		{Table: "deals", Key: "B", Column: "name", Value: `caf\xe9`, Reason: "is not valid UTF-8"},
	}
	if len(rejects) != 2 || rejects[0] != want[0] || rejects[1] != want[1] {
		t.Errorf("rejects are %+v", rejects)
	}
	if batch.Records.NumRows() != 3 || batch.Records.Column(1).NullN() != 1 {
		t.Errorf("the rows are not all kept: %v", batch.Records)
	}
	if _, more := b.Flush(); len(more) != 0 {
		t.Errorf("rejects come twice: %+v", more)
	}
}

func TestColumnsThatWereNotSetAreNull(t *testing.T) {
	b := decode.NewBuilder(table("amount", money, "won", boolean))
	b.Set(0, []byte("1"))
	b.EndRow()
	b.Set(2, []byte("true"))
	b.Set(-1, []byte("a column that the table lacks"))
	b.EndRow()
	b.EndRow()
	batch, _ := b.Flush()
	defer batch.Records.Release()
	for i, want := range []int{2, 3, 2} {
		if got := batch.Records.Column(i).NullN(); got != want {
			t.Errorf("column %d has %d nulls, not %d", i, got, want)
		}
	}
}

func TestOfTwoTextsForOneColumnTheLaterCounts(t *testing.T) {
	b := decode.NewBuilder(table("amount", money, "won", boolean, "name", text))
	for range 9 { // past the edge of a byte of the validity bitmap
		b.Set(0, []byte("1"))
		b.Set(1, []byte("junk"))
		b.Set(1, []byte("5"))
		b.Set(2, []byte("true"))
		b.Set(2, []byte("false"))
		b.Set(3, []byte("first, and longer"))
		b.Set(3, []byte("second"))
		b.Set(3, nil)
		b.Set(3, []byte("third"))
		b.EndRow()
	}
	batch, rejects := b.Flush()
	defer batch.Records.Release()
	if len(rejects) != 0 {
		t.Errorf("the text that was replaced is still rejected: %+v", rejects)
	}
	for i := range 9 {
		row := []string{batch.Records.Column(1).ValueStr(i), batch.Records.Column(2).ValueStr(i), batch.Records.Column(3).ValueStr(i)}
		if got := strings.Join(row, " "); got != "5.00 false third" && got != "5 false third" {
			t.Errorf("row %d is %s", i, got)
		}
	}
}

func TestBatchesShareNoMemory(t *testing.T) {
	b := decode.NewBuilder(table("name", text, "amount", money))
	fill := func(name, amount string) connectors.Batch {
		for range 100 {
			b.Set(0, []byte(name))
			b.Set(1, []byte(name))
			b.Set(2, []byte(amount))
			b.EndRow()
		}
		batch, _ := b.Flush()
		return batch
	}
	first := fill("first", "1.11")
	second := fill("other", "2.22")
	defer first.Records.Release()
	defer second.Records.Release()
	for i := range 100 {
		if first.Records.Column(1).ValueStr(i) != "first" || second.Records.Column(1).ValueStr(i) != "other" {
			t.Fatalf("row %d of a batch was overwritten by the next one", i)
		}
	}
	if b.Len() != 0 || b.Size() > 100 {
		t.Errorf("after a flush %d rows and %d bytes remain", b.Len(), b.Size())
	}
}

func TestARowThatWasNotEndedIsNotInTheBatch(t *testing.T) {
	b := decode.NewBuilder(table("amount", money))
	b.Set(0, []byte("1"))
	b.EndRow()
	b.Set(0, []byte("2"))
	b.Set(1, []byte("junk"))
	batch, rejects := b.Flush()
	defer batch.Records.Release()
	if batch.Records.NumRows() != 1 || len(rejects) != 0 {
		t.Errorf("%d rows, rejects %+v", batch.Records.NumRows(), rejects)
	}
	b.EndRow()
	next, _ := b.Flush()
	defer next.Records.Release()
	if next.Records.NumRows() != 1 || !next.Records.Column(0).IsNull(0) {
		t.Errorf("the forgotten row came back: %v", next.Records)
	}
}

func TestColumnsAreFoundByNameAndThenByCase(t *testing.T) {
	b := decode.NewBuilder(table("Amount", money, "AMOUNT", money, "StageName", text))
	for name, want := range map[string]int{"AMOUNT": 2, "Amount": 1, "amount": 1, "stagename": 3, "Stage": -1} {
		if got := b.Column(name); got != want {
			t.Errorf("column %s is at %d, not %d", name, got, want)
		}
	}
}

func TestNULBytesAreCounted(t *testing.T) {
	b := decode.NewBuilder(table("name", text))
	b.Set(0, []byte("1"))
	b.Set(1, []byte("\x00a\x00b"))
	b.EndRow()
	if b.NULs() != 2 {
		t.Errorf("counted %d NUL bytes, not 2", b.NULs())
	}
}

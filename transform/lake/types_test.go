package lake

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/iceberg-go/catalog/hadoop"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
)

// everyType has a column of each type that a connector may hand over.
func everyType() connectors.Table {
	field := func(name string, kind arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: kind, Nullable: true}
	}
	return connectors.Table{Name: "things", Key: []string{"number"}, Version: "at_ms", Schema: arrow.NewSchema([]arrow.Field{
		field("number", arrow.PrimitiveTypes.Int64),
		field("text", arrow.BinaryTypes.String),
		field("flag", arrow.FixedWidthTypes.Boolean),
		field("small", arrow.PrimitiveTypes.Int32),
		field("real", arrow.PrimitiveTypes.Float64),
		field("money", &arrow.Decimal128Type{Precision: 18, Scale: 2}),
		field("share", &arrow.Decimal128Type{Precision: 38, Scale: 9}),
		field("day", arrow.FixedWidthTypes.Date32),
		field("at_ms", arrow.FixedWidthTypes.Timestamp_ms),
		field("at_us", arrow.FixedWidthTypes.Timestamp_us),
		field("hour", arrow.FixedWidthTypes.Time64us),
	}, nil)}
}

func TestEveryTypeComesBackFromASecondLibrary(t *testing.T) {
	l := openLake(t)
	things := everyType()
	s := connectors.Stream{Name: "things", Tables: []connectors.Table{things}}
	var names []string
	for _, f := range things.Schema.Fields() {
		names = append(names, f.Name)
	}
	full := "9007199254740993|Zoë's \"deal\",\r\nsecond line|true|-7|0.1|-12345|1|20000|1700000000123|1700000000123456|3600000000"
	c, _ := appendTo(t, l.Dataset("crm", "things"), s, page("1", rows(things, full, "2")))
	got := lines(t, pinned(t, c, "things"), append([]string{}, names[:6]...)...)
	same(t, "first columns", got, []string{"9007199254740993|Zoë's \"deal\",\r\nsecond line|true|-7|0.1|-12345", "2|||||"})
	got = lines(t, pinned(t, c, "things"), "day", "at_ms", "at_us", "hour")
	same(t, "instants in microseconds", got, []string{"20000|1700000000123000|1700000000123456|3600000000", "|||"})

	_, seen := appendTo(t, l.Dataset("crm", "things"), s, page("2", rows(things, full, "2")))
	same(t, "rows that are new when they come again", seen["things"].New, int64(0))
}

func TestTheLakeIsAnIcebergWarehouseToOthers(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	appendDeals(t, l, page("2", deals("d2|B|2|2000|", "d3|C||3000|true")))

	foreign, err := hadoop.NewCatalog("theirs", l.root, nil)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := foreign.LoadTable(context.Background(), table.Identifier{"crm", "deals"})
	if err != nil {
		t.Fatal(err)
	}
	if v := opened.Metadata().Version(); v != 2 {
		t.Errorf("format version %d", v)
	}
	all, err := opened.Scan().ToArrowTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer all.Release()
	var ids []string
	for _, chunk := range all.Column(all.Schema().FieldIndices("id")[0]).Data().Chunks() {
		for i := range chunk.Len() {
			ids = append(ids, chunk.(*array.String).Value(i))
		}
	}
	slices.Sort(ids) // files are scanned side by side
	same(t, "ids", ids, []string{"d1", "d2", "d3"})
}

func TestWhatDoesNotFitIsAnErrorNotAnotherValue(t *testing.T) {
	l := openLake(t)
	things := connectors.Table{Name: "things", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "at", Type: arrow.FixedWidthTypes.Timestamp_ms},
	}, nil)}
	s := connectors.Stream{Name: "things", Tables: []connectors.Table{things}}
	d := l.Dataset("crm", "things")
	_, err := d.Append(context.Background(), s, reads(nil, page("1", rows(things, "a|9223372036854775807"))), nil)
	if err == nil {
		t.Error("an instant of the year 292,000,000 was taken")
	}
	if c := head(t, d); !c.IsZero() {
		t.Errorf("and the checkpoint is %+v", c)
	}

	things.Schema = arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Millisecond}}}, nil)
	s.Tables[0] = things
	if _, err := d.Append(context.Background(), s, reads(nil), nil); err == nil {
		t.Error("an instant without a zone was taken")
	}
}

func TestABatchOfOtherColumnsIsRefused(t *testing.T) {
	l := openLake(t)
	wide := dealsTable(arrow.Field{Name: "extra", Type: arrow.BinaryTypes.String})
	for name, batch := range map[string]connectors.Batch{
		"a column more":   rows(wide, "d1|A|1|1000||x"),
		"another table's": {Table: "nobody", Records: deals("d1|A|1|1000|").Records},
	} {
		_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("1", batch)), nil)
		if err == nil || fault.WhoMends(err) != fault.Us {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLargeReadsMakeFilesOfManyRowGroups(t *testing.T) {
	wide := wideTable()
	s := connectors.Stream{Name: "wide", Tables: []connectors.Table{wide}}
	l := openLake(t)
	l.limits.rows = 60_000
	var pages []connectors.Page
	for i := range 10 {
		pages = append(pages, page(string(rune('a'+i)), connectors.Batch{Table: "wide", Records: wideRows(wide, i*15_000, 15_000)}))
	}
	c, seen := appendTo(t, l.Dataset("crm", "wide"), s, pages...)
	same(t, "progress", seen["wide"], Progress{Table: "wide", Read: 150_000, New: 150_000})
	same(t, "rows", pinned(t, c, "wide").Rows, int64(150_000))
	same(t, "files", len(pinned(t, c, "wide").Files), 3)
}

// Lakes of older versions keep money with the digits after the point that the CRM
// described; a connector hands over more of them now.
func TestADecimalKeepsTheDigitsThatItsTableBeganWith(t *testing.T) {
	l := openLake(t)
	with := func(precision, scale int32) connectors.Stream {
		return connectors.Stream{Name: "things", Tables: []connectors.Table{{Name: "things", Key: []string{"number"}, Schema: arrow.NewSchema([]arrow.Field{
			{Name: "number", Type: arrow.PrimitiveTypes.Int64},
			{Name: "money", Type: &arrow.Decimal128Type{Precision: precision, Scale: scale}, Nullable: true},
		}, nil)}}}
	}
	older, newer := with(18, 2), with(38, 18)
	appendTo(t, l.Dataset("crm", "things"), older, page("1", rows(older.Tables[0], "1|123", "2|-5", "3|")))
	// In units of 10^-18: 1.23 as it was, -0.055, 0.005.
	c, seen := appendTo(t, l.Dataset("crm", "things"), newer, page("2", rows(newer.Tables[0], "1|1230000000000000000", "2|-55000000000000000", "4|5000000000000000", "5|")))
	got := lines(t, pinned(t, c, "things"), "number", "money")
	minusSix, one := strings.Repeat("\xff", 15)+"\xfa", strings.Repeat("\x00", 15)+"\x01" // the bytes of decimal(38, 2)
	same(t, "money to the cent, half away from zero", got, []string{"1|123", "2|-5", "3|", "2|" + minusSix, "4|" + one, "5|"})
	same(t, "rows that are new: what is alike to the cent is not", seen["things"].New, int64(3))
}

package salesforce

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
)

// ofAll is a table with a column of each type that a field may have.
func ofAll() target {
	field := func(name string, kind arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: kind, Nullable: true, Metadata: selecting(name)}
	}
	fields := []arrow.Field{
		field("Id", arrow.BinaryTypes.String), field("Amount", &arrow.Decimal128Type{Precision: 18, Scale: 2}), field("IsWon", arrow.FixedWidthTypes.Boolean),
		field("CloseDate", arrow.FixedWidthTypes.Date32), field("SystemModstamp", &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}), field("Count", arrow.PrimitiveTypes.Int64),
	}
	return target{Table: connectors.Table{Name: "Opportunity", Key: []string{"Id"}, Schema: arrow.NewSchema(fields, nil)}}
}

// A page of REST is read whole or refused.
func FuzzJSONRows(f *testing.F) {
	for _, seed := range []string{
		`{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Opportunity","url":"/x"},"Id":"006000000000001","Amount":12.50,"IsWon":false,"CloseDate":"2026-01-31","SystemModstamp":"2026-01-02T03:04:05.678+0000","Count":3}]}`,
		`{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v64.0/query/01g-2000","records":[{"Id":null}]}`,
		`{"records":[{"Id":"1","Amount":1e400}]}`, `{"records":[{"Id":"1","CloseDate":"2026-02-30"}]}`, `{"records":[{"Owner":{"Name":"x"}}]}`, `{"records":{}}`, `[{"message":"m","errorCode":"MALFORMED_QUERY"}]`, `{}`, ``, `{"records":[null]}`,
	} {
		f.Add([]byte(seed))
	}
	t := ofAll()
	f.Fuzz(func(_ *testing.T, text []byte) {
		result, err := jsonPage(bytes.NewReader(text), t)
		if err == nil {
			releasePage(result.Page)
		}
	})
}

// A page of Bulk is read whole or refused.
func FuzzCSVRows(f *testing.F) {
	for _, seed := range []string{
		"\"Id\",\"Amount\",\"IsWon\",\"CloseDate\",\"SystemModstamp\",\"Count\"\n\"006000000000001\",\"12.50\",\"true\",\"2026-01-31\",\"2026-01-02T03:04:05.678Z\",\"3\"\n",
		"Id\n\n\n", "Id,Id\n1,2\n", "Nothing\n1\n", "Id,Amount\n1\n", "Id,Amount\n1,NaN\n", "\"Id\"\n\"a\nb\"\n", "\"Id\n", "", "Id\r\n1\r\n", "\xef\xbb\xbfId\n1\n", "Id\n\x00\n",
	} {
		f.Add([]byte(seed))
	}
	t := ofAll()
	f.Fuzz(func(_ *testing.T, text []byte) {
		page, err := csvPage(bytes.NewReader(text), t, 0, 1000, nil)
		if err == nil {
			releasePage(page.Page)
		}
	})
}

func releasePage(p connectors.Page) {
	for _, b := range p.Batches {
		b.Records.Release()
	}
}

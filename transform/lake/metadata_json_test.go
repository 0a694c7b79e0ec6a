package lake

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
)

// What the lake writes of a table is what the library would write, whatever has
// happened to the table: but for the seal, which the lake fills in.
func TestMetadataIsWrittenAsTheLibraryWritesIt(t *testing.T) {
	l := openLakeInMemory(t)
	l.now = (&clock{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}).now
	check := func(what string) {
		t.Helper()
		for _, name := range []string{"deals", "deal_history"} {
			head, err := l.catalog.(*folderCatalog).head(table.Identifier{"crm", name})
			if err != nil {
				t.Fatal(err)
			}
			ours, _, err := l.catalog.(*folderCatalog).texts.encode(head.metadata, head.metadata.Location())
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := json.Marshal(head.metadata)
			if err != nil {
				t.Fatal(err)
			}
			var a, b any
			if err := json.Unmarshal(ours, &a); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if err := json.Unmarshal(theirs, &b); err != nil {
				t.Fatal(err)
			}
			same(t, what+", "+name, a, b)
		}
	}
	d := l.Dataset("crm", "deals")
	appendDeals(t, l)
	check("without a row")
	for n := range 12 {
		appendDeals(t, l, page(string(rune('a'+n))+` "quoted" <&>`, deals("d1|A|1|1000|"), history("d1|new")))
	}
	check("after some commits")
	wider := connectors.Stream{Name: "deals", Tables: []connectors.Table{
		dealsTable(arrow.Field{Name: "later", Type: arrow.BinaryTypes.String, Nullable: true}), historyTable(),
	}}
	appendTo(t, d, wider, page("wider", rows(wider.Tables[0], "d2|B|1|1000|false|more")))
	check("with another column")
	if _, err := d.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("compacted")
	if gone, err := d.Expire(t.Context(), History{Keep: 3 * time.Second}); err != nil || gone == 0 {
		t.Fatalf("%d expired, %v", gone, err)
	}
	check("expired")
}

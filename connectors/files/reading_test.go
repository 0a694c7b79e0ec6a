package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/fault"
)

// deals is a small contract of its own, so that all of it is in sight.
var deals = []Table{{Name: "deals", Key: []string{"source", "deal_id"}, Columns: []Column{
	{Name: "deal_id", Type: "varchar"},
	{Name: "amount", Type: "numeric(18, 2)", Nullable: true},
	{Name: "created_at", Type: "timestamp with time zone", Nullable: true},
	{Name: "is_deleted", Type: "boolean"},
	{Name: "ordinal", Type: "bigint"},
}}}

// readAll drops files (name, text), reads them all, and gives each row as one line.
func readAll(t *testing.T, v connectors.Values, files ...string) (rows []string, rejects []connectors.Reject, err error) {
	t.Helper()
	return readTables(t, deals, v, files...)
}

func readTables(t *testing.T, contract []Table, v connectors.Values, files ...string) (rows []string, rejects []connectors.Reject, err error) {
	t.Helper()
	folder := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(folder, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	v["folder"] = []string{"drops"}
	d, err := open(os.DirFS(folder), contract, v)
	if err != nil {
		return nil, nil, err
	}
	streams, err := d.Streams(t.Context())
	if err != nil {
		return nil, nil, err
	}
	for page, err := range d.Read(t.Context(), streams[0], "") {
		if err != nil {
			return rows, rejects, err
		}
		rejects = append(rejects, page.Rejects...)
		for _, b := range page.Batches {
			if b.Table == "deals" {
				rows = append(rows, linesOfBatch(b.Records)...)
			}
			b.Records.Release()
		}
	}
	return rows, rejects, nil
}

func linesOfBatch(records arrow.RecordBatch) []string {
	var lines []string
	for i := range int(records.NumRows()) {
		var cells []string
		for c, field := range records.Schema().Fields() {
			if field.Name != contentColumn {
				cells = append(cells, records.Column(c).ValueStr(i))
			}
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return lines
}

func TestFilesAreRead(t *testing.T) {
	zone := connectors.Values{"time_zone": {"America/New_York"}}
	for what, test := range map[string]struct {
		settings connectors.Values
		files    []string
		want     string
	}{
		"what goes without saying is filled in":    {connectors.Values{}, []string{"deals.csv", "deal_id,amount\nd1,1.5\n"}, "deals.csv 2 d1 1.5 (null) false 2"},
		"what the settings say goes before that":   {connectors.Values{"values": {"deals.is_deleted = true"}}, []string{"deals.csv", "deal_id\nd1\n"}, "deals.csv 2 d1 (null) (null) true 2"},
		"an instant without a zone is the zone's":  {zone, []string{"deals.csv", "deal_id,created_at\nd1,2026-07-01 08:00\n"}, "deals.csv 2 d1 (null) 2026-07-01T12:00:00Z false 2"},
		"a day is its midnight":                    {zone, []string{"deals.csv", "deal_id,created_at\nd1,2026-01-01\n"}, "deals.csv 2 d1 (null) 2026-01-01T05:00:00Z false 2"},
		"an instant with a zone keeps it":          {zone, []string{"deals.csv", "deal_id,created_at\nd1,2026-07-01T08:00:00Z\n"}, "deals.csv 2 d1 (null) 2026-07-01T08:00:00Z false 2"},
		"the hour that comes twice is the first":   {zone, []string{"deals.csv", "deal_id,created_at\nd1,2026-11-01T01:30:00\n"}, "deals.csv 2 d1 (null) 2026-11-01T05:30:00Z false 2"},
		"another delimiter":                        {connectors.Values{"delimiter": {";"}}, []string{"deals.csv", "deal_id;amount\nd1;2\n"}, "deals.csv 2 d1 2 (null) false 2"},
		"tabs":                                     {connectors.Values{}, []string{"deals.tsv", "deal_id\tamount\nd1\t2\n"}, "deals.tsv 2 d1 2 (null) false 2"},
		"a mark before the first column":           {connectors.Values{}, []string{"deals.csv", "\uFEFFdeal_id\r\nd1\r\n"}, "deals.csv 2 d1 (null) (null) false 2"},
		"names differ by case and spaces":          {connectors.Values{}, []string{"deals.csv", "Deal_ID , AMOUNT\nd1,3\n"}, "deals.csv 2 d1 3 (null) false 2"},
		"JSON, one object behind the other":        {connectors.Values{}, []string{"deals.jsonl", "{\"deal_id\": 7}\n\n{\"deal_id\": \"d\\u0038\", \"amount\": 1e2}"}, "deals.jsonl 1 7 (null) (null) false 1\ndeals.jsonl 3 d8 100 (null) false 3"},
		"JSON, a list over several lines":          {connectors.Values{}, []string{"deals.json", "[\n {\n  \"deal_id\": \"d1\"\n },\n {\"deal_id\": \"d2\", \"is_deleted\": null}]"}, "deals.json 2 d1 (null) (null) false 2\ndeals.json 5 d2 (null) (null) false 5"},
		"by the folder's name, and a part's":       {connectors.Values{}, []string{"deals/x.csv", "deal_id\nd1\n", "deals-2026.csv", "deal_id\nd2\n"}, "deals-2026.csv 2 d2 (null) (null) false 2\ndeals/x.csv 2 d1 (null) (null) false 2"},
		"notes and half copied files are left out": {connectors.Values{}, []string{"README.md", "#", ".deals.csv", "x", "_tmp/deals.csv", "x", "deals.csv", "deal_id\nd1\n"}, "deals.csv 2 d1 (null) (null) false 2"},
		"a column left out":                        {connectors.Values{"columns": {"deals.Notes = -", "deals.Id = deal_id"}}, []string{"deals.csv", "Id,Notes\nd1,hm\n"}, "deals.csv 2 d1 (null) (null) false 2"},
		"a header and no rows":                     {connectors.Values{}, []string{"deals.csv", "deal_id\n"}, ""},
	} {
		t.Run(what, func(t *testing.T) {
			rows, rejects, err := readAll(t, test.settings, test.files...)
			if err != nil || len(rejects) > 0 {
				t.Fatal(err, rejects)
			}
			if got := strings.Join(rows, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestWhatIsWrongIsNamedByFileLineAndColumn(t *testing.T) {
	for what, test := range map[string]struct {
		settings connectors.Values
		files    []string
		want     string
	}{
		"a value that must be there":        {connectors.Values{}, []string{"deals.csv", "deal_id,is_deleted\nd1,false\nd2,maybe\n"}, `drops/deals.csv line 3, column is_deleted: "maybe" is neither true nor false`},
		"an empty one":                      {connectors.Values{}, []string{"deals.csv", "deal_id,amount\n,1\n"}, `drops/deals.csv line 2: column deal_id is empty, and every row of deals needs it`},
		"a column that is missing":          {connectors.Values{}, []string{"deals.csv", "amount\n1\n"}, `drops/deals.csv line 2: there is no column deal_id`},
		"a column that nobody knows":        {connectors.Values{}, []string{"deals.csv", "deal_id,Stage\nd1,x\n"}, `drops/deals.csv line 1: column "Stage" is none of deals: there are deal_id, amount, created_at, is_deleted, ordinal`},
		"a name that nobody knows, in JSON": {connectors.Values{}, []string{"deals.json", "[{\"deal_id\": 1},\n{\"deal_id\": 2,\n\"stage\": 3}]"}, `drops/deals.json line 3: column "stage" is none of deals`},
		"two columns for one":               {connectors.Values{}, []string{"deals.csv", "deal_id,Deal_ID\nd1,d1\n"}, `the file has another column for deal_id`},
		"two columns of one name":           {connectors.Values{}, []string{"deals.csv", "deal_id,amount,amount\nd1,1,2\n"}, `drops/deals.csv line 1: two columns are called "amount"`},
		"a row of another width":            {connectors.Values{}, []string{"deals.csv", "deal_id,amount\nd1,1\nd2\n"}, `drops/deals.csv: CSV line 3 has 1 fields, the first row has 2`},
		"broken JSON":                       {connectors.Values{}, []string{"deals.jsonl", "{\"deal_id\": 1}\n{\"deal_id\": }"}, `drops/deals.jsonl line 2: `},
		"JSON that is no object":            {connectors.Values{}, []string{"deals.json", "\"deal\""}, `is neither an object nor a list of objects`},
		"no Parquet":                        {connectors.Values{}, []string{"deals.parquet", "PAR1 but not really PAR1"}, `drops/deals.parquet: `},
		"an empty file":                     {connectors.Values{}, []string{"deals.csv", ""}, `drops/deals.csv line 1: the file is empty`},
		"a kind that nobody reads":          {connectors.Values{}, []string{"deals.xlsx", "x"}, `drops/deals.xlsx is neither CSV`},
		"a table that there is not":         {connectors.Values{}, []string{"opportunities.csv", "x"}, `its name says no table`},
		"a setting for a table":             {connectors.Values{"tables": {"x*.csv = deal"}}, nil, `no table is called "deal"; there are deals`},
		"a setting for a column":            {connectors.Values{"columns": {"deals.Id = id"}}, nil, `deals has no column "id"; there are deal_id`},
		"a zone":                            {connectors.Values{"time_zone": {"Arizona"}}, nil, `time_zone "Arizona" is not a zone`},
	} {
		t.Run(what, func(t *testing.T) {
			_, _, err := readAll(t, test.settings, test.files...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("the error is\n%v\nand not\n%s", err, test.want)
			}
			if fault.WhoMends(err) != fault.You {
				t.Errorf("%d is to mend it", fault.WhoMends(err))
			}
		})
	}
}

func TestAValueThatDoesNotFitIsRejectedAndTheRowStays(t *testing.T) {
	rows, rejects, err := readAll(t, connectors.Values{}, "deals.csv", "deal_id,amount\nd1,12 or so\nd2,1\n")
	if err != nil || len(rows) != 2 || len(rejects) != 1 {
		t.Fatal(rows, rejects, err)
	}
	if r := rejects[0]; r.Column != "amount" || r.Value != "12 or so" || !strings.HasSuffix(r.Reason, "(deals.csv line 2)") {
		t.Errorf("%+v", r)
	}
}

func TestADayIsTheCompanysAndNoBareNumber(t *testing.T) {
	dated := []Table{{Name: "deals", Key: []string{"source", "deal_id"}, Columns: []Column{{Name: "deal_id", Type: "varchar"}, {Name: "close_on", Type: "date", Nullable: true}}}}
	rows, rejects, err := readTables(t, dated, connectors.Values{"time_zone": {"America/New_York"}}, "deals.csv", strings.Join([]string{
		"deal_id,close_on",
		"d1,2026-03-31",
		"d2,2026-03-31T21:30:00-04:00", // 1 April in UTC
		"d3,2026-04-01T02:30:00Z",
		"d4,2026-03-31 23:59:59",
		"d5,46112",      // a spreadsheet's 2026-03-31
		"d6,1774990800", // and a computer's
		"d7,20260331",
		"d8,2026-02-30",
	}, "\n")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[:4] {
		if !strings.Contains(row, "2026-03-31") {
			t.Errorf("%s is not of 2026-03-31", row)
		}
	}
	var got []string
	for _, r := range rejects {
		got = append(got, r.Value+" "+r.Reason)
	}
	said := strings.Join(got, "\n")
	for _, want := range []string{"46112 is not a date: a bare number, as a spreadsheet", "1774990800 is not a date: a bare number, as a computer", "20260331 is not a date", "2026-02-30 is not a date"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not among\n%s", want, said)
		}
	}
}

package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors/fault"
	"merit/transform/lake"
	"merit/transform/warehouse"
)

// pinned is a table of the lake in some files.
func pinned(paths ...string) lake.Pinned {
	table := lake.Pinned{Table: "Deal", Key: []string{"Id"}, Version: "At", Schema: arrow.NewSchema([]arrow.Field{
		{Name: "Id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "At", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, Nullable: true},
		{Name: "Amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}, Nullable: true},
		{Name: "_order", Type: arrow.PrimitiveTypes.Int64}, {Name: "_hash", Type: arrow.PrimitiveTypes.Int64},
	}, nil)}
	for _, path := range paths {
		table.Files = append(table.Files, lake.File{Path: path, Bytes: 4, Rows: 1})
	}
	return table
}

func fileIn(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ids are those of the jobs that load files.
func (s *service) ids() []string {
	return slices.DeleteFunc(slices.Clone(s.inserted), func(id string) bool { return len(id) != len("merit_load_")+32 })
}

func TestFilesAreLoadedBesideAndTheLatestRowsReplaceTheTable(t *testing.T) {
	s := &service{tables: map[string]string{}}
	if err := against(t, s).Load(context.Background(), "raw_crm", []lake.Pinned{pinned(fileIn(t, "a.parquet"))}); err != nil {
		t.Fatal(err)
	}
	upload, all := s.bodies[0], s.statements()
	for _, want := range []string{`"WRITE_APPEND"`, `"PARQUET"`, `"NUMERIC"`, `"precision":"18"`, `"scale":"2"`, `"product":"merit"`, `"location":"EU"`, "PAR1"} {
		if !strings.Contains(upload, want) {
			t.Errorf("%s is not in the upload %s", want, upload)
		}
	}
	latest := all[len(all)-1]
	for _, want := range []string{
		"create or replace table `merit_raw_crm`.`Deal` (\n    `Id` string,\n    `At` timestamp,\n    `Amount` numeric(18, 2)\n)\ncluster by `Id`\n",
		"('pinned', '", "qualify row_number() over (partition by `Id` order by `At` desc, `_order` desc) = 1",
	} {
		if !strings.Contains(latest, want) {
			t.Errorf("%q is not in %s", want, latest)
		}
	}
	if last := s.changes[len(s.changes)-1]; !strings.HasPrefix(last, "PATCH merit_raw_crm.Deal__rows ") {
		t.Errorf("it is not written down which files are in: %q", s.changes)
	}
}

// loads are the load jobs of each table that the double took, since the last call.
func (s *strict) loadsSince() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	loads := s.loads
	s.loads = map[string]int{}
	delete(loads, "merit_plan.quotas")
	return loads
}

func TestOnlyNewFilesAreLoadedUntilOneIsGone(t *testing.T) {
	s := newStrict(t)
	a, b, c := fileIn(t, "a.parquet"), fileIn(t, "b.parquet"), fileIn(t, "c.parquet")
	for _, step := range []struct {
		says  string
		files []string
		jobs  int
	}{
		{"the first time", []string{a, b}, 2},
		{"nothing is new", []string{a, b}, 0},
		{"one is new", []string{a, b, c}, 1},
		{"two became one", []string{a, c}, 2},
		{"and another came back", []string{a, b, c}, 1},
	} {
		if err := day(t, s.at("EU"), step.files, deals, scores); err != nil {
			t.Fatalf("%s: %v", step.says, err)
		}
		if loads := s.loadsSince(); loads["merit_raw_crm.Deal__rows"] != step.jobs {
			t.Errorf("%s: loaded were %v, not %d", step.says, loads, step.jobs)
		}
	}
	wider := pinned(a, b, c)
	wider.Schema = arrow.NewSchema(append(wider.Schema.Fields(), arrow.Field{Name: "New", Type: arrow.BinaryTypes.String, Nullable: true}), nil)
	if err := s.at("EU").Load(t.Context(), "raw_crm", []lake.Pinned{wider}); err != nil {
		t.Fatal(err)
	}
	if loads := s.loadsSince(); loads["merit_raw_crm.Deal__rows"] != 3 {
		t.Errorf("with another column loaded were %v", loads)
	}
}

func TestMoreFilesThanADescriptionHoldsAreLoadedAgain(t *testing.T) {
	fields := bq.Schema{{Name: "a", Type: bq.StringFieldType}}
	for _, n := range []int{0, 1, 1000, 3000} {
		marks := slices.Repeat([]string{"0123456789ab"}, n)
		held, isKnown := heldBy(rowsOf(fields, marks), fields)
		if isFit := n < 3000; isKnown != isFit || isFit && len(held) != n {
			t.Errorf("of %d files %d are known: %t", n, len(held), isKnown)
		}
	}
	if _, isKnown := heldBy(rowsOf(fields, nil), bq.Schema{{Name: "a", Type: bq.IntegerFieldType}}); isKnown {
		t.Error("other columns are taken for the same")
	}
}

// The second process finds the rows' table and the job of the file that is in.
func TestALoadThatWasStoppedGoesOnAndAddsNoFileTwice(t *testing.T) {
	one, two := fileIn(t, "a.parquet"), fileIn(t, "b.parquet")
	s := &service{tables: map[string]string{}, end: func(n int) string {
		if n == 1 {
			return "invalid"
		}
		return ""
	}}
	if err := against(t, s).Load(context.Background(), "raw_crm", []lake.Pinned{pinned(one, two)}); err == nil {
		t.Fatal("the second file was refused")
	}
	before, done := s.ids(), s.jobs
	again := &service{tables: s.tables}
	w := against(t, again)
	again.jobs = map[string]string{before[0]: done[before[0]]} // what BigQuery knows by now
	if err := w.Load(context.Background(), "raw_crm", []lake.Pinned{pinned(one, two)}); err != nil {
		t.Fatal(err)
	}
	if after := again.ids(); !slices.Equal(before, after) {
		t.Errorf("the same files got the jobs %q, then %q", before, after)
	}
}

func TestWhatWasMadeOfTheSameFilesIsLeftAlone(t *testing.T) {
	table := pinned(fileIn(t, "a.parquet"))
	fields, err := lakeFields(table.Schema)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{tables: map[string]string{"merit_raw_crm.Deal": `{"labels": {"pinned": "` + markOf(table, fields) + `"}}`}}
	if err := against(t, s).Load(context.Background(), "raw_crm", []lake.Pinned{table}); err != nil || len(s.inserted)+len(s.changes) > 0 {
		t.Errorf("%v; it did %q and %q", err, s.inserted, s.changes)
	}
	other := pinned(fileIn(t, "b.parquet"))
	if markOf(other, fields) == markOf(table, fields) {
		t.Error("other files have the same mark")
	}
}

func TestAnUploadOfAFileWhoseAnswerWasLostIsNotDoneTwice(t *testing.T) {
	s := &service{tables: map[string]string{}, refuse: func(n int) (int, string) {
		if n == 0 {
			return http.StatusServiceUnavailable, "backendError"
		}
		return 0, ""
	}}
	if err := against(t, s).Load(context.Background(), "raw_crm", []lake.Pinned{pinned(fileIn(t, "a.parquet"))}); err != nil {
		t.Fatal(err)
	}
	ids := s.ids()
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("%q", ids)
	}
}

func TestABucketsFilesAreReadByBigQueryItself(t *testing.T) {
	s := &service{tables: map[string]string{}}
	w := against(t, s)
	if err := w.Load(context.Background(), "raw_crm", []lake.Pinned{pinned("gs://lake/a.parquet", "gs://lake/b.parquet")}); err != nil {
		t.Fatal(err)
	}
	if len(s.ids()) != 1 || !strings.Contains(s.bodies[0], `"sourceUris":["gs://lake/a.parquet","gs://lake/b.parquet"]`) {
		t.Errorf("%q", s.bodies[0])
	}
	err := w.Load(context.Background(), "raw_crm", []lake.Pinned{pinned("abfss://lake/a.parquet")})
	if err == nil || fault.WhoMends(err) != fault.You {
		t.Errorf("%v", err)
	}
}

func TestTablesAreClusteredByTheirKeyAndHaveNoPartitions(t *testing.T) {
	r := warehouse.Relation{Schema: "core", Name: "stays", Key: []string{"source", "deal_id", "share", "a", "b", "c"}, Columns: []warehouse.Column{
		{Name: "source", Type: "varchar"}, {Name: "deal_id", Type: "varchar"}, {Name: "share", Type: "double"}, {Name: "a", Type: "bigint"},
		{Name: "b", Type: "bigint"}, {Name: "c", Type: "bigint"}, {Name: "entered_at", Type: "timestamp with time zone"},
	}}
	d := definition{name: "x", key: r.Key}
	for _, c := range r.Columns {
		d.columns = append(d.columns, warehouse.Column{Name: c.Name, Type: warehouse.TypeIn("bigquery", c.Type)})
	}
	if sql := d.create(); !strings.Contains(sql, ")\ncluster by `source`, `deal_id`, `a`, `b`\n") || strings.Contains(sql, "partition") {
		t.Error(sql)
	}
}

func TestMoreFilesThanAJobMayNameAreReadByMore(t *testing.T) {
	var paths []string
	for n := range mostURIs + 1 {
		paths = append(paths, fmt.Sprintf("gs://lake/%d.parquet", n))
	}
	s := &service{tables: map[string]string{}}
	if err := against(t, s).Load(context.Background(), "raw_crm", []lake.Pinned{pinned(paths...)}); err != nil || len(s.ids()) != 2 {
		t.Errorf("%d jobs: %v", len(s.ids()), err)
	}
}

// Both of Parquet's wide decimals are loaded, and one without a digit before its point.
func TestDecimalsOfAnyWidthAreLoaded(t *testing.T) {
	table := pinned(fileIn(t, "a.parquet"))
	fields := table.Schema.Fields()
	for _, d := range [][2]int32{{38, 18}, {38, 2}, {38, 0}, {2, 2}, {6, 6}} {
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("d%d_%d", d[0], d[1]), Type: &arrow.Decimal128Type{Precision: d[0], Scale: d[1]}, Nullable: true})
	}
	table.Schema = arrow.NewSchema(fields, nil)
	s := &service{tables: map[string]string{}}
	if err := against(t, s).Load(context.Background(), "raw_crm", []lake.Pinned{table}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.bodies[0], `"decimalTargetTypes":["NUMERIC","BIGNUMERIC"]`) {
		t.Error(s.bodies[0])
	}
	all := s.statements()
	for _, want := range []string{"`d38_18` bignumeric(38, 18)", "`d38_2` bignumeric(38, 2)", "`d2_2` numeric(3, 2)", "`d6_6` numeric(7, 6)"} {
		if !strings.Contains(all[len(all)-1], want) {
			t.Errorf("%s is not in %s", want, all[len(all)-1])
		}
	}
}

func TestAKeyFileThatIsNotThereIsForYouToMend(t *testing.T) {
	_, err := Open(context.Background(), Settings{Project: "merit-test", Dataset: "merit", Credentials: filepath.Join(t.TempDir(), "key.json")})
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "key.json") {
		t.Errorf("%v", err)
	}
}

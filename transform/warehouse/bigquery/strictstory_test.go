package bigquery

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	gax "github.com/googleapis/gax-go/v2"

	"merit/connectors/fault"
	"merit/transform/lake"
	"merit/transform/warehouse"
)

// at opens a warehouse at the strict double.
func (s *strict) at(location string) *Warehouse { return s.behind(s, location) }

// behind opens a warehouse at a handler before the double.
func (s *strict) behind(handler http.Handler, location string) *Warehouse {
	s.t.Helper()
	server := httptest.NewServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of requests that were cut on purpose
	s.t.Cleanup(server.Close)
	w, err := Open(context.Background(), Settings{Project: "merit-test", Dataset: "merit", Location: location, Endpoint: server.URL, MaxBytesBilled: leastCap})
	if err != nil {
		s.t.Fatal(err)
	}
	w.backoff = gax.Backoff{Initial: time.Millisecond, Max: 10 * time.Millisecond, Multiplier: 2}
	s.t.Cleanup(func() { w.Close() })
	return w
}

var (
	quotas = warehouse.Relation{Schema: "plan", Name: "quotas", Columns: []warehouse.Column{{Name: "a", Type: "varchar"}}}
	deals  = warehouse.Relation{Schema: "core", Name: "deals", Key: []string{"a"}, Columns: []warehouse.Column{{Name: "a", Type: "varchar"}}}
	scores = warehouse.Relation{Schema: "marts", Name: "scores", Key: []string{"a"}, Columns: []warehouse.Column{{Name: "a", Type: "varchar", Comment: "who"}}}
)

// day is what a run does, as of one version of the models.
func day(t *testing.T, w *Warehouse, files []string, models ...warehouse.Relation) error {
	return dayWith(t.Context(), w, files, models...)
}

func dayWith(ctx context.Context, w *Warehouse, files []string, models ...warehouse.Relation) error {
	if err := w.Load(ctx, "raw_crm", []lake.Pinned{pinned(files...)}); err != nil {
		return err
	}
	if err := w.Put(ctx, quotas, slices.Values([][]any{{"x"}})); err != nil {
		return err
	}
	for _, r := range models {
		if err := w.Build(ctx, r, "select a from raw_crm.Deal"); err != nil {
			return err
		}
	}
	return w.Publish(ctx, models[len(models)-1:], "")
}

func TestTheStrictServiceTakesARunAndTheNext(t *testing.T) {
	for _, location := range []string{"EU", "europe-west3", ""} {
		s := newStrict(t)
		for n := range 2 {
			file := fileIn(t, fmt.Sprintf("%d.parquet", n))
			if err := day(t, s.at(location), []string{file}, deals, scores); err != nil {
				t.Fatalf("in %q, day %d: %v", location, n, err)
			}
		}
		for name, set := range s.datasets {
			for _, access := range set.Access {
				if access.SpecialGroup == "projectReaders" || access.SpecialGroup == "projectWriters" {
					t.Errorf("everybody reads %s", name)
				}
			}
		}
		if len(slices.DeleteFunc(s.refused, func(one string) bool { return strings.HasPrefix(one, "Not found") })) > 0 {
			t.Errorf("refused was %q", s.refused)
		}
		// A run of two models, one raw table, one plan table and one mart: what it bills at
		// least is part of what Merit promises.
		if most := int64(2 * 12 * leastBilled); s.billed > most {
			t.Errorf("%d MiB were billed in %d queries, more than %d", s.billed>>20, s.queries, most>>20)
		}
	}
}

// A release gives a model another key, and an earlier one had given it partitions.
func TestATableWithAnotherKeyIsBuiltAgain(t *testing.T) {
	s := newStrict(t)
	w := s.at("EU")
	if err := day(t, w, []string{fileIn(t, "a.parquet")}, deals, scores); err != nil {
		t.Fatal(err)
	}
	wider := deals
	wider.Key = nil
	if err := day(t, w, []string{fileIn(t, "a.parquet")}, wider, scores); err != nil {
		t.Fatal(err)
	}
	if got := specOf(s.tables["merit_core.deals"]); got != "none" {
		t.Errorf("it is still clustered: %s", got)
	}
}

func TestANewColumnKeepsTheRowPolicy(t *testing.T) {
	s := newStrict(t)
	w := s.at("EU")
	if err := day(t, w, []string{fileIn(t, "a.parquet")}, deals, scores); err != nil {
		t.Fatal(err)
	}
	s.policies["merit.scores"] = true // and Merit's account has one with TRUE
	s.tables["merit.scores"].Schema.Fields = nil
	if err := day(t, w, []string{fileIn(t, "b.parquet")}, deals, scores); err != nil {
		t.Fatal(err)
	}
	if _, isThere := s.policies["merit.scores"]; !isThere || len(s.tables["merit.scores"].Schema.Fields) != 1 {
		t.Errorf("policies are %v, columns %v", s.policies, s.tables["merit.scores"].Schema.Fields)
	}
	s.policies["merit.scores"] = false
	err := day(t, w, []string{fileIn(t, "c.parquet")}, deals, scores)
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "filter using (true)") {
		t.Errorf("%v", err)
	}
}

// What readers have already is not written again, whoever was the last to write it.
func TestOnlyWhatChangedIsPublished(t *testing.T) {
	ctx := t.Context()
	s := newStrict(t)
	if err := day(t, s.at("EU"), []string{fileIn(t, "a.parquet")}, deals, scores); err != nil {
		t.Fatal(err)
	}
	reps := warehouse.Relation{Schema: "core", Name: "deals", Key: []string{"a"}, Columns: []warehouse.Column{{Name: "a", Type: "varchar"}}, MadeOf: "deals"}
	changing := scores
	changing.MadeOf = "scores"
	both := []warehouse.Relation{changing, reps}
	publish := func() int {
		t.Helper()
		before := s.changes
		if err := s.at("EU").Publish(ctx, both, ""); err != nil {
			t.Fatal(err)
		}
		return int(s.changes - before)
	}
	publish()
	queries := s.queries
	if changed := publish(); changed > 0 || s.queries > queries+1 {
		t.Errorf("nothing changed, and %d tables were written in %d queries", changed, s.queries-queries)
	}
	both[0].MadeOf = "other scores"
	touched := s.tables["merit.deals"].LastModifiedTime
	if publish(); s.tables["merit.deals"].LastModifiedTime != touched {
		t.Error("a table that had not changed was written beside one that had")
	}
	s.touch("merit.deals") // by an analyst's statement
	touched = s.tables["merit.deals"].LastModifiedTime
	if publish(); s.tables["merit.deals"].LastModifiedTime == touched {
		t.Error("a table that somebody else changed was left so")
	}
	if changed := publish(); changed > 0 {
		t.Errorf("nothing changed, and %d tables were written", changed)
	}
}

// dying passes so many requests on. Then the process is killed: nothing that it sends
// arrives any more, a clean-up neither.
type dying struct {
	next  http.Handler
	left  atomic.Int64
	after func()
}

func (d *dying) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.left.Add(-1) < 0 {
		d.after()
		panic(http.ErrAbortHandler)
	}
	d.next.ServeHTTP(w, r)
}

func TestARunKilledAtAnyRequestIsFollowedByAWholeOne(t *testing.T) {
	isOver := false
	for moment := int64(0); !isOver; moment++ {
		s := newStrict(t)
		file, later := fileIn(t, "a.parquet"), fileIn(t, "b.parquet")
		if err := day(t, s.at("EU"), []string{file}, deals, scores); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		d := &dying{next: s, after: stop}
		d.left.Store(moment)
		w := s.behind(d, "EU")
		isOver = dayWith(ctx, w, []string{file, later}, deals, scores) == nil
		stop()
		s.policies["merit.scores"] = true // which a replaced table would lose
		if err := day(t, s.at("EU"), []string{file, later}, deals, scores); err != nil {
			t.Fatalf("killed at request %d, the next run: %v", moment, err)
		}
		if _, isThere := s.policies["merit.scores"]; !isThere || s.tables["merit_raw_crm.Deal"] == nil || s.tables["merit_core.deals"] == nil {
			t.Errorf("killed at request %d, it left %v", moment, slices.Sorted(maps.Keys(s.tables)))
		}
	}
}

// What Merit must never send is refused by the double: a rule that catches nothing would
// vouch for nothing.
func TestTheStrictServiceCatchesWhatMeritMustNotSend(t *testing.T) {
	ctx := context.Background()
	wide := bq.Schema{{Name: "d", Type: bq.BigNumericFieldType, Precision: 38, Scale: 18}}
	narrow := bq.Schema{{Name: "d", Type: bq.NumericFieldType, Precision: 2, Scale: 2}}
	loading := func(w *Warehouse, l func(*bq.Loader), source bq.LoadSource) error {
		_, err := w.run(ctx, newID("mutant"), jobStart{start: func(ctx context.Context, id bq.JobIDConfig) (*bq.Job, error) {
			load := w.table("core", "x").LoaderFrom(source)
			load.JobIDConfig = id
			l(load)
			return load.Run(ctx)
		}})
		return err
	}
	from := func(fields bq.Schema, uris ...string) bq.LoadSource {
		source := bq.NewGCSReference(uris...)
		source.SourceFormat, source.Schema = bq.Parquet, fields
		return source
	}
	empty := func() bq.LoadSource {
		source := bq.NewReaderSource(strings.NewReader(""))
		source.SourceFormat, source.Schema = bq.JSON, narrow[:0]
		return source
	}
	for want, send := range map[string]func(*strict, *Warehouse) error{
		"different partitioning spec": func(_ *strict, w *Warehouse) error {
			_, err := w.query(ctx, "mutant", "create or replace table `merit_core`.`deals` (\n    `a` string\n)\ncluster by `a`, `b`\noptions()", nil)
			return err
		},
		"different partitioning spec. Instead": func(_ *strict, w *Warehouse) error {
			_, err := w.query(ctx, "mutant", "create or replace table `merit_core`.`deals` (\n    `a` string\n)\npartition by timestamp_trunc(`at`, month)\noptions()", nil)
			return err
		},
		"DDL statements are not supported": func(_ *strict, w *Warehouse) error {
			_, err := w.query(ctx, "mutant", "begin transaction;\ncreate or replace table `merit`.`scores` (\n    `a` string\n);\ncommit transaction", nil)
			return err
		},
		"at most 100 tables": func(s *strict, w *Warehouse) error {
			sql := "begin transaction;\n"
			w.maxBill = 0
			for n := range 101 {
				s.tables[fmt.Sprintf("merit.t%d", n)] = s.tables["merit.scores"]
				sql += fmt.Sprintf("truncate table `merit`.`t%d`;\n", n)
			}
			_, err := w.query(ctx, "mutant", sql+"commit transaction", nil)
			return err
		},
		"was not found in location US": func(_ *strict, w *Warehouse) error {
			w.place = "US"
			_, err := w.query(ctx, "mutant", "select * from `merit_core`.`deals`", nil)
			return err
		},
		"Not found: Table merit.SCORES": func(_ *strict, w *Warehouse) error {
			_, err := w.query(ctx, "mutant", "begin transaction;\ntruncate table `merit`.`SCORES`;\ncommit transaction", nil)
			return err
		},
		"exceeded limit for bytes billed": func(_ *strict, w *Warehouse) error {
			w.maxBill = 500
			_, err := w.query(ctx, "mutant", "select * from `merit_core`.`deals`", nil)
			return err
		},
		"from NUMERIC to BIGNUMERIC": func(_ *strict, w *Warehouse) error { return loading(w, func(*bq.Loader) {}, from(wide, "gs://a/b")) },
		"1 <= precision - scale":     func(_ *strict, w *Warehouse) error { return loading(w, func(*bq.Loader) {}, from(narrow, "gs://a/b")) },
		"at most 10,000 URIs": func(_ *strict, w *Warehouse) error {
			return loading(w, func(*bq.Loader) {}, from(nil, slices.Repeat([]string{"gs://a/b"}, 10_001)...))
		},
		"an upload of no bytes": func(_ *strict, w *Warehouse) error { return loading(w, func(*bq.Loader) {}, empty()) },
		"1,500 times a day": func(s *strict, w *Warehouse) error {
			s.loads["merit_core.x"] = 1500
			return loading(w, func(*bq.Loader) {}, from(nil, "gs://a/b"))
		},
		"default time zone": func(_ *strict, w *Warehouse) error {
			_, err := w.run(ctx, newID("mutant"), jobStart{start: func(ctx context.Context, id bq.JobIDConfig) (*bq.Job, error) {
				q := w.client.Query("select 1")
				q.JobIDConfig = id
				return q.Run(ctx)
			}})
			return err
		},
	} {
		s := newStrict(t)
		w := s.at("EU")
		if err := day(t, w, []string{fileIn(t, "a.parquet")}, deals, scores); err != nil {
			t.Fatal(err)
		}
		if err := send(s, w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	s := newStrict(t)
	w := s.at("EU")
	if err := w.client.Dataset("open").Create(ctx, &bq.DatasetMetadata{}); err != nil || s.datasets["open"].Access[0].SpecialGroup != "projectReaders" {
		t.Errorf("a dataset without access is open to the project's readers: %v", err)
	}
}

package bigquery

import (
	"regexp"
	"strings"
	"testing"

	"merit/models"
	"merit/sql"
	"merit/transform/model"
	"merit/transform/warehouse"
)

// What a run may ask of BigQuery at most for each model, beside the loads of new files:
// each table that a query reads bills 10 MiB, and each job takes a second or two.
const (
	mostReferences  = 5.7
	mostQueries     = 1.7
	mostWhenNothing = 10 // in all
)

// modelTitle is the first line of a model's file, which its query keeps.
var modelTitle = regexp.MustCompile(`(?m)^-- \w+: .*$`)

// A whole build of all models, its checks and its publishing stay within their budget; so
// does one in which nothing changed.
func TestABuildStaysWithinItsBudget(t *testing.T) {
	ctx := t.Context()
	contract, err := model.Contract(sql.Files)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := model.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	s := newStrict(t)
	w := s.at("EU")
	s.columnsOf = columnsOf(t, w, graph)
	var plan, marts []warehouse.Relation
	for _, r := range contract {
		if r.Schema == "plan" {
			plan = append(plan, r)
		}
	}
	run := func() (queries, references int) {
		t.Helper()
		queries, references = s.queries, s.references
		memory, err := model.Recall(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		err = memory.Put(ctx, plan, func(r warehouse.Relation) [][]any {
			if r.Name == "as_of" {
				return [][]any{{"2026-03-31T00:00:00Z", "2026-03-31", "UTC", "USD"}}
			}
			return nil
		})
		if err == nil {
			err = model.Stage(ctx, memory, contract, nil)
		}
		if err == nil {
			err = graph.BuildChanged(ctx, memory, names(graph), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := graph.Check(ctx, w); err != nil {
			t.Fatal(err)
		}
		if memory, err = model.Recall(ctx, w); err != nil {
			t.Fatal(err)
		}
		marts = nil
		for _, m := range graph.Models() {
			if r := m.Relation(); r.Schema == "marts" {
				r.MadeOf = memory.Of(r.String())
				marts = append(marts, r)
			}
		}
		if err := w.Publish(ctx, marts, ""); err != nil {
			t.Fatal(err)
		}
		return s.queries - queries, s.references - references
	}
	queries, references := run()
	t.Logf("%d models: %d queries that read %d tables", len(graph.Models()), queries, references)
	if n := float64(len(graph.Models())); float64(queries) > mostQueries*n || float64(references) > mostReferences*n {
		t.Errorf("a run is %d queries that read %d tables; at most %g and %g for each of %g models are promised", queries, references, mostQueries, mostReferences, n)
	}
	changes := s.changes
	queries, references = run()
	t.Logf("nothing changed: %d queries that read %d tables, %d tables written", queries, references, s.changes-changes)
	if queries > mostWhenNothing || s.changes > changes {
		t.Errorf("nothing changed: %d queries, at most %d are promised; %d tables were written", queries, mostWhenNothing, s.changes-changes)
	}
}

func names(graph *model.Graph) (all []string) {
	for _, m := range graph.Models() {
		all = append(all, m.Name)
	}
	return all
}

// columnsOf tells the columns of the models' queries.
func columnsOf(t *testing.T, w *Warehouse, graph *model.Graph) func(string) []string {
	byTitle, byQuery := map[string][]string{}, map[string][]string{}
	for _, m := range graph.Models() {
		var columns []string
		for _, c := range m.Relation().Columns {
			columns = append(columns, c.Name)
		}
		query, err := m.Compile("bigquery")
		if err == nil {
			query, err = w.names.Localise(query)
		}
		if err != nil {
			t.Fatal(err)
		}
		byQuery[query] = columns
		if title := modelTitle.FindString(query); title != "" {
			byTitle[title] = columns
		}
	}
	empty := regexp.MustCompile(`^select ([a-z0-9_, ]+) from \(select `) // a staging table that no source fills
	return func(sql string) []string {
		if columns := byQuery[sql]; columns != nil {
			return columns
		}
		if columns := byTitle[modelTitle.FindString(sql)]; columns != nil {
			return columns
		}
		if m := empty.FindStringSubmatch(sql); m != nil {
			return strings.Split(m[1], ", ")
		}
		return nil
	}
}

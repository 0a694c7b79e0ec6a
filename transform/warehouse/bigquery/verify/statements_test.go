package verify

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	bqapi "google.golang.org/api/bigquery/v2"
)

var besideRows = regexp.MustCompile("`(merit_raw_\\w+)`\\.`(\\w+)(__rows_[0-9a-f]+)`")

// analyseSent has the analyzer resolve every statement that the client sent, over
// the tables that there are by now: loads, staging, models, checks, publishing, and
// all that the pipelines ask. What makes functions is analysed by everything.
func analyseSent(t *testing.T, url string, jobs []bqapi.Job) {
	t.Helper()
	c, err := newAnalyzer()
	if err != nil {
		t.Fatal(err)
	}
	c.declare(t)
	tables := tablesAt(t, url)
	for _, job := range jobs {
		for _, m := range besideRows.FindAllStringSubmatch(job.Configuration.Query.Query, -1) {
			// They are gone by now, and have the table's columns and the lake's own.
			rows := table{m[1], m[2] + m[3], append([]column{{"_order", "int64"}, {"_hash", "int64"}}, tables[m[1]+"."+m[2]].Columns...)}
			tables[rows.Dataset+"."+rows.Name] = rows
		}
	}
	for _, made := range tables {
		if err := c.addTable(made); err != nil {
			t.Fatal(err)
		}
	}
	seen, kinds := map[string]bool{}, map[string]int{}
	for _, job := range jobs {
		script := job.Configuration.Query.Query
		if strings.Contains(script, "create or replace function") {
			continue
		}
		for _, statement := range strings.Split(strings.TrimSuffix(strings.TrimSpace(script), ";"), ";\n") {
			if seen[statement] {
				continue
			}
			seen[statement] = true
			_, kind, err := c.analyze(statement)
			if err != nil {
				t.Errorf("%v\n%.600s", err, statement)
			}
			kinds[kind]++
		}
	}
	t.Logf("%d statements were analysed: %v", len(seen), kinds)
	if len(seen) < 300 {
		t.Errorf("only %d statements were sent", len(seen))
	}
}

// tablesAt are all tables of the service.
func tablesAt(t *testing.T, url string) map[string]table {
	t.Helper()
	get := func(path string, into any) {
		t.Helper()
		answer, err := http.Get(url + "/bigquery/v2/projects/" + project + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]table{}
	var sets bqapi.DatasetList
	get("/datasets", &sets)
	for _, set := range sets.Datasets {
		id := set.DatasetReference.DatasetId
		var list bqapi.TableList
		get("/datasets/"+id+"/tables?maxResults=1000", &list)
		for _, one := range list.Tables {
			var about bqapi.Table
			get("/datasets/"+id+"/tables/"+one.TableReference.TableId, &about)
			made := table{Dataset: id, Name: one.TableReference.TableId}
			for _, field := range about.Schema.Fields {
				kind := strings.ToLower(field.Type)
				if long := map[string]string{"integer": "int64", "float": "float64", "boolean": "bool"}[kind]; long != "" {
					kind = long
				}
				made.Columns = append(made.Columns, column{field.Name, kind})
			}
			all[id+"."+made.Name] = made
		}
	}
	return all
}

package bigquery

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// datasets is a service that has some, and is told of others.
type datasets struct {
	service
	there map[string]string // metadata beside its name
	made  []string
}

func (d *datasets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, isOne := strings.Cut(r.URL.Path, "/datasets/")
	switch {
	case strings.HasSuffix(r.URL.Path, "/datasets") && r.Method == http.MethodGet:
		var all []any
		for _, name := range slices.Sorted(maps.Keys(d.there)) {
			all = append(all, map[string]any{"datasetReference": map[string]string{"projectId": "p", "datasetId": name}})
		}
		answer(w, map[string]any{"datasets": all})
	case strings.HasSuffix(r.URL.Path, "/datasets") && r.Method == http.MethodPost:
		text, _ := io.ReadAll(r.Body)
		d.made = append(d.made, string(text))
		_, name, _ = strings.Cut(string(text), `"datasetId":"`)
		name, _, _ = strings.Cut(name, `"`)
		d.there[name] = `"location": "EU"`
		answer(w, map[string]any{})
	case isOne && !strings.Contains(name, "/"):
		about, isThere := d.there[name]
		if !isThere {
			refuse(w, http.StatusNotFound, "notFound")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"datasetReference": {"projectId": "p", "datasetId": %q}, %s}`, name, about)
	case strings.Contains(r.URL.Path, "/queries/"):
		answer(w, map[string]any{"jobComplete": true, "totalRows": "1", "rows": []any{map[string]any{"f": []any{map[string]string{"v": "merit@acme.example"}}}},
			"schema": map[string]any{"fields": []any{map[string]string{"name": "f0_", "type": "STRING"}}}})
	default:
		d.service.ServeHTTP(w, r)
	}
}

var noRows = slices.Values([][]any{})

func TestADatasetThatMeritMakesLetsNobodyIn(t *testing.T) {
	d := &datasets{there: map[string]string{}}
	w := serving(t, d, &d.service, Settings{Location: "EU", KMSKey: "projects/p/locations/eu/keyRings/r/cryptoKeys/k"})
	r := warehouse.Relation{Schema: "raw_crm", Name: "t", Columns: []warehouse.Column{{Name: "a", Type: "varchar"}}}
	if err := w.Put(context.Background(), r, noRows); err != nil {
		t.Fatal(err)
	}
	if len(d.made) != 1 {
		t.Fatalf("it made %q", d.made)
	}
	for _, want := range []string{`"specialGroup":"projectOwners"`, `"userByEmail":"merit@acme.example"`, `"maxTimeTravelHours":"48"`, `"location":"EU"`, `"kmsKeyName":"projects/p/locations/eu/keyRings/r/cryptoKeys/k"`} {
		if !strings.Contains(d.made[0], want) {
			t.Errorf("%s is not in %s", want, d.made[0])
		}
	}
	if strings.Contains(d.made[0], "projectReaders") || strings.Contains(d.made[0], "projectWriters") {
		t.Errorf("everybody is let in: %s", d.made[0])
	}
}

func TestADatasetInWhichMeritWouldBeWrongIsRefused(t *testing.T) {
	for want, about := range map[string]string{
		"lies in US, and Merit works in EU":         `"location": "US"`,
		"drops its tables after 60 days":            `"location": "EU", "defaultTableExpirationMs": "5184000000"`,
		"drops rows that are older than 60 days":    `"location": "EU", "defaultPartitionExpirationMs": "5184000000"`,
		"default_partition_expiration_days = null)": `"location": "EU", "defaultPartitionExpirationMs": "5184000000"`,
	} {
		d := &datasets{there: map[string]string{"merit_plan": about}}
		w := serving(t, d, &d.service, Settings{Location: "EU"})
		r := warehouse.Relation{Schema: "plan", Name: "t", Columns: []warehouse.Column{{Name: "a", Type: "varchar"}}}
		err := w.Put(context.Background(), r, noRows)
		if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), want) || len(d.inserted) > 0 {
			t.Errorf("%s: %v after %q", want, err, d.inserted)
		}
	}
}

// Somebody made the published dataset in Frankfurt, and merit.yml names no location.
func TestWithoutALocationAllLiesWhereThePublishedDatasetLies(t *testing.T) {
	d := &datasets{there: map[string]string{"merit": `"location": "europe-west3"`}}
	w := serving(t, d, &d.service, Settings{})
	r := warehouse.Relation{Schema: "plan", Name: "t", Columns: []warehouse.Column{{Name: "a", Type: "varchar"}}}
	if err := w.work(context.Background(), r.Schema); err == nil { // the double makes it in the EU
		t.Error("a dataset in another place was taken")
	}
	if len(d.made) != 1 || !strings.Contains(d.made[0], `"location":"europe-west3"`) {
		t.Errorf("it made %q", d.made)
	}
}

func TestALookAtTheWarehouseSaysWhatARunWillMeet(t *testing.T) {
	open := `"location": "EU", "access": [{"role": "READER", "specialGroup": "projectReaders"}, {"role": "OWNER", "userByEmail": "merit@acme.example"}]`
	d := &datasets{there: map[string]string{
		"merit": open, "merit_raw_crm": open, "merit_core": `"location": "EU", "defaultPartitionExpirationMs": "5184000000"`, "meritorious": open, "other": open,
	}}
	findings, err := serving(t, d, &d.service, Settings{}).Examine(context.Background())
	said := strings.Join(findings, "\n")
	for _, want := range []string{"as merit@acme.example", "dataset merit_raw_crm holds what only Merit should see, and is open to projectReaders"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in %s", want, said)
		}
	}
	if len(findings) != 2 || err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "dataset merit_core drops rows that are older than 60 days") {
		t.Errorf("%v; %s", err, said)
	}
	d = &datasets{there: map[string]string{}}
	if findings, err := serving(t, d, &d.service, Settings{}).Examine(context.Background()); err != nil || !strings.Contains(findings[1], "the first run makes them") || len(d.made) > 0 {
		t.Errorf("%v; %q; it made %q", err, findings, d.made)
	}
}

func TestATableOfNoRowsIsMadeWithoutAnUpload(t *testing.T) {
	s := &service{}
	r := warehouse.Relation{Schema: "plan", Name: "exclusions", Comment: "what does not count", Columns: []warehouse.Column{
		{Name: "deal_id", Type: "varchar"}, {Name: "amount", Type: "numeric(18, 2)", Nullable: true},
	}}
	if err := against(t, s).Put(context.Background(), r, noRows); err != nil {
		t.Fatal(err)
	}
	want := "create or replace table `merit_plan`.`exclusions` (\n    `deal_id` string not null,\n    `amount` numeric(18, 2)\n)\noptions(description = 'what does not count'"
	if got := s.statements(); len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("it ran %q", got)
	}
}

package hubspot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors/rest"
)

// Replies that others recorded are not ours to be part of this repository; where they
// lie beside it they are read, and everywhere else those in testdata/recorded, which we
// wrote after their shape.
const recorded, written = "../../../shared/data/fixtures/hubspot", "testdata/recorded"

// fixture is one of those replies.
func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recorded, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = os.ReadFile(filepath.Join(written, filepath.FromSlash(name)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRecordedDealsAreRead(t *testing.T) {
	pages := []string{fixture(t, "monday_pipeline_brief/deals-page1.json"), fixture(t, "monday_pipeline_brief/deals-page2.json"), fixture(t, "monday_pipeline_brief/deals-real-shape.json")}
	r := newRows(objects()[0], declared(t)[0])
	var ids []string
	for _, page := range pages {
		found, err := skim([]byte(page), false)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.page(bodyOf(page)); err != nil {
			t.Fatal(err)
		}
		if len(missing(found.ids, r.seen)) > 0 {
			t.Errorf("skimmed %v, read %v", found.ids, r.seen)
		}
		ids = append(ids, found.after)
	}
	if got := strings.Join(ids, ","); got != "5002,," {
		t.Errorf("the pages go on at %q", got)
	}
	page := r.flush()
	defer release(page)
	if n := page.Batches[0].Records.NumRows(); n != 10 || len(page.Rejects) > 0 {
		t.Errorf("%d deals, rejects %v", n, page.Rejects)
	}
	amounts := page.Batches[0].Records.Column(r.columns["amount"].column)
	if got := amounts.ValueStr(1) + " " + amounts.ValueStr(3); got != "24000.5 (null)" {
		t.Errorf("amounts %s", got)
	}
}

func TestRecordedAssociationsAreRead(t *testing.T) {
	found, more, err := readLinks(bodyOf(fixture(t, "amp_labs/search/contacts/contacts-to-companies.json")), nil)
	if err != nil || len(more) > 0 || len(found) != 2 {
		t.Fatalf("%v, more %v, error %v", found, more, err)
	}
	if want := (link{501, 29022297485, 1, "HUBSPOT_DEFINED", "Primary"}); found[0] != want {
		t.Errorf("got %v", found[0])
	}
	if _, _, err := readLinks(bodyOf(fixture(t, "amp_labs/internal_associations/err-contact-to-contact.json")), nil); err == nil {
		t.Error("a reply of errors was taken for no associations")
	}
}

func TestRecordedPipelinesAndOwnersAreRead(t *testing.T) {
	f := &fake{routes: map[string]route{
		"GET /crm/pipelines/deals": func(request) any { return fixture(t, "monday_pipeline_brief/pipelines.json") },
		"GET /crm/owners": func(asked request) any {
			if asked.Query.Get("archived") == "true" {
				return fixture(t, "monday_pipeline_brief/owners-archived.json")
			}
			return fixture(t, "monday_pipeline_brief/owners.json")
		},
	}}
	source := f.open(t, nil)
	if got := read(t, source, "pipelines", ""); got.err != nil || len(got.tables["pipeline_stages"]) != 10 || len(got.rejects) > 0 {
		t.Errorf("%d stages, error %v, rejects %v", len(got.tables["pipeline_stages"]), got.err, got.rejects)
	}
	if got := read(t, source, "owners", ""); got.err != nil || strings.Join(got.column("owners", "id"), " ") != "199 101 102 103" || len(got.rejects) > 0 {
		t.Errorf("owners %v, error %v, rejects %v", got.column("owners", "id"), got.err, got.rejects)
	}
}

func TestRecordedHistoryHasEverySourceOfAVersion(t *testing.T) {
	text := fixture(t, "dlt_mock_data/mock_contacts_with_history.json")
	o := object{name: "contacts", singular: "contact", texts: []string{"city", "email", "firstname", "lifecyclestage", "company_size"},
		tracked: []string{"city", "email", "firstname", "lifecyclestage", "company_size"}, versions: versionsKept}
	known := map[string]property{}
	for _, name := range o.texts {
		known[name] = property{Name: name}
	}
	s, err := o.stream(known)
	if err != nil {
		t.Fatal(err)
	}
	r := newRows(o, s)
	if err := r.page(bodyOf(text)); err != nil {
		t.Fatal(err)
	}
	page := r.flush()
	defer release(page)
	if len(page.Batches) != 2 || page.Batches[1].Records.NumRows() == 0 || len(page.Rejects) > 0 {
		t.Errorf("%d tables, rejects %v", len(page.Batches), page.Rejects)
	}
}

func TestRecordedRefusalsAreUnderstood(t *testing.T) {
	for name, status := range map[string]int{"401": 401, "403": 403, "429": 429} {
		v := judge(rest.Failure{Status: status, Body: []byte(fixture(t, "monday_pipeline_brief/error-"+name+".json"))})
		want := map[string]string{"401": "refuses the token", "403": "crm.objects.owners.read", "429": "in a second"}[name]
		if v.Err == nil || !strings.Contains(v.Err.Error(), want) {
			t.Errorf("%s: %v", name, v.Err)
		}
	}
	v := judge(rest.Failure{Status: 403, Body: []byte(fixture(t, "amp_labs/metadata-err-schemas-scope.json"))})
	if !strings.Contains(v.Err.Error(), "custom-object-read") {
		t.Errorf("schemas: %v", v.Err)
	}
}

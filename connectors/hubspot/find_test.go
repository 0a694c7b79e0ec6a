package hubspot

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

const (
	listDeals     = "GET /crm/objects/deals"
	searchDeals   = "POST /crm/objects/deals/search"
	batchDeals    = "POST /crm/objects/deals/batch/read"
	listCompanies = "GET /crm/objects/companies"
)

func TestAListGoesOnBehindShortAndEmptyPages(t *testing.T) {
	pages := map[string]string{
		"":  records([]int64{1, 2, 3}, `, "paging": {"next": {"after": "a", "link": "https://elsewhere.example/x"}}`),
		"a": records(nil, `, "paging": {"next": {"after": "b"}}`),
		"b": records([]int64{9}, ``),
	}
	f := &fake{routes: map[string]route{listCompanies: func(asked request) any {
		if asked.Query.Get("archived") == "true" {
			return `{"results": []}`
		}
		return pages[asked.Query.Get("after")]
	}}}
	got := read(t, f.open(t, nil), "companies", "")
	if ids := got.column("companies", idColumn); got.err != nil || !slices.Equal(ids, []string{"1", "2", "3", "9"}) {
		t.Errorf("got %v, error %v", ids, got.err)
	}
}

func TestAListThatGoesInACircleIsTheirFault(t *testing.T) {
	turn := 0
	f := &fake{routes: map[string]route{listCompanies: func(request) any {
		turn++
		return records(nil, fmt.Sprintf(`, "paging": {"next": {"after": "%d"}}`, turn%7))
	}}}
	got := read(t, f.open(t, nil), "companies", "")
	if got.err == nil || fault.WhoMends(got.err) != fault.Them || !strings.Contains(got.err.Error(), "circle") {
		t.Errorf("error %v", got.err)
	}
}

func TestAReplyWithoutResultsIsNotAnEmptyPortal(t *testing.T) {
	for _, body := range []string{`{}`, `{"status": "error", "message": "try later"}`, `{"results": null}`, ``, `[]`, `{"results": [{"properties": {}}]}`} {
		f := &fake{routes: map[string]route{listCompanies: func(request) any { return body }}}
		got := read(t, f.open(t, nil), "companies", "")
		if got.err == nil || fault.WhoMends(got.err) != fault.Them {
			t.Errorf("%s: error %v", body, got.err)
		}
	}
}

// flood answers searches as HubSpot would: by id above the last one, at most 200,
// with the count of all that match.
func flood(ids []int64) route {
	return func(asked request) any {
		from, _ := slices.BinarySearch(ids, asked.above()+1)
		left := ids[from:]
		page := left[:min(len(left), asked.Body.Limit)]
		rest := fmt.Sprintf(`, "total": %d`, len(left))
		if len(page) < len(left) {
			rest += `, "paging": {"next": {"after": "200"}}`
		}
		return records(page, rest)
	}
}

func TestTwentyFiveThousandChangesOfOneMillisecondAreReadByIdWithoutAWall(t *testing.T) {
	ids := make([]int64, 25_000)
	for i := range ids {
		ids[i] = int64(i)*7 + 1
	}
	// By text 8 comes after 15, by number before it.
	f := &fake{routes: map[string]route{batchDeals: asRecords}}
	f.routes[searchDeals] = func(asked request) any {
		if asked.Body.After != "0" || asked.Body.Sorts[0] != (sorting{idColumn, "ASCENDING"}) {
			t.Errorf("searched behind %q, sorted by %v", asked.Body.After, asked.Body.Sorts)
		}
		return flood(ids)(asked)
	}
	source := f.open(t, nil)
	got := read(t, source, "deals", f.rest(t, source, "deals"))
	if got.err != nil || len(got.tables["deals"]) != len(ids) {
		t.Fatalf("%d of %d deals, error %v", len(got.tables["deals"]), len(ids), got.err)
	}
	found := map[string]bool{}
	for _, id := range got.column("deals", idColumn) {
		found[id] = true
	}
	if len(found) != len(ids) {
		t.Errorf("%d different deals of %d", len(found), len(ids))
	}
	if searches := f.count(searchDeals); searches != len(ids)/searchedAtOnce {
		t.Errorf("%d searches for %d records", searches, len(ids))
	}
}

func TestASearchAsksForTheWindowAndOverlapsTheLast(t *testing.T) {
	f := &fake{}
	var groups []filters
	f.routes = map[string]route{"POST /crm/objects/contacts/search": func(asked request) any {
		groups = asked.Body.Groups
		return `{"total": 0, "results": []}`
	}}
	source := f.open(t, nil)
	got := read(t, source, "contacts", f.rest(t, source, "contacts"))
	if got.err != nil {
		t.Fatal(got.err)
	}
	want := []filter{
		{"lastmodifieddate", "GTE", "1774996400000"}, // an hour before the last pass began
		{"lastmodifieddate", "LTE", "1775044800999"}, // HubSpot's clock, to the end of its second
		{idColumn, "GT", "0"},
	}
	if len(groups) != 1 || !slices.Equal(groups[0].Filters, want) {
		t.Errorf("filters %v", groups)
	}
}

func TestASearchIsOverWhenItsCountSaysSoAndNotByThePageLength(t *testing.T) {
	// The first page is short and has no next link, though more match.
	f := &fake{routes: map[string]route{batchDeals: asRecords, searchDeals: func(asked request) any {
		switch asked.above() {
		case 0:
			return records([]int64{5}, `, "total": 3`)
		case 5:
			return records([]int64{6, 7}, `, "total": 2, "paging": {"next": {"after": "2"}}`)
		}
		return `{"total": 0, "results": []}`
	}}}
	source := f.open(t, nil)
	got := read(t, source, "deals", f.rest(t, source, "deals"))
	if ids := got.column("deals", idColumn); got.err != nil || !slices.Equal(ids, []string{"5", "6", "7"}) {
		t.Errorf("got %v, error %v", ids, got.err)
	}
}

func TestASearchThatCountsMoreThanItShowsIsAnErrorAndNoEnd(t *testing.T) {
	f := &fake{routes: map[string]route{searchDeals: func(request) any { return `{"total": 12, "results": []}` }}}
	source := f.open(t, nil)
	got := read(t, source, "deals", f.rest(t, source, "deals"))
	if got.err == nil || fault.WhoMends(got.err) != fault.Them || !strings.Contains(got.err.Error(), "12 more") {
		t.Errorf("error %v", got.err)
	}
}

func TestASearchThatIsNotInOrderIsLeftForTheList(t *testing.T) {
	f := &fake{routes: map[string]route{
		batchDeals:  asRecords,
		searchDeals: func(request) any { return records([]int64{10, 9}, `, "total": 5`) },
		listDeals: func(asked request) any {
			if asked.Query.Get("archived") == "true" {
				return `{"results": []}`
			}
			return `{"results": [
				{"id": "8", "updatedAt": "2020-01-01T00:00:00Z"},
				{"id": "9", "updatedAt": "2026-04-01T11:00:00Z"}, {"id": "10", "updatedAt": "2026-04-01T11:00:00.123Z"}, {"id": "11"}]}`
		},
	}}
	source := f.open(t, nil)
	got := read(t, source, "deals", f.rest(t, source, "deals"))
	// 8 has not changed since the last pass; of 11 nothing is known.
	if ids := got.column("deals", idColumn); got.err != nil || !slices.Equal(ids, []string{"9", "10", "11"}) {
		t.Errorf("got %v, error %v", ids, got.err)
	}
}

func TestOnlyWhatWasArchivedSinceIsReadAgainFromTheRecycleBin(t *testing.T) {
	f := &fake{routes: map[string]route{
		searchDeals: func(request) any { return `{"total": 0, "results": []}` },
		listDeals: func(request) any {
			return `{"results": [{"id": "1", "archivedAt": "2026-01-01T00:00:00Z"}, {"id": "2", "archivedAt": "2026-04-01T00:00:00Z"}]}`
		},
		batchDeals: func(asked request) any {
			if asked.Query.Get("archived") != "true" || len(asked.Body.Inputs) != 1 {
				t.Errorf("asked for %v, archived=%s", asked.Body.Inputs, asked.Query.Get("archived"))
			}
			return `{"results": [{"id": "2", "properties": {"amount": "5"}, "propertiesWithHistory": {"amount": [{"value": "5", "timestamp": "2026-01-01T00:00:00Z"}]}, "archived": true, "archivedAt": "2026-04-01T00:00:00Z"}]}`
		},
	}}
	source := f.open(t, nil)
	got := read(t, source, "deals", f.rest(t, source, "deals"))
	if got.err != nil || len(got.tables["deals"]) != 1 || got.tables["deals"][0][connectors.DeletedColumn] != "true" {
		t.Errorf("got %v, error %v", got.tables["deals"], got.err)
	}
}

func TestAWideListOfPropertiesNeverComesIntoAURL(t *testing.T) {
	var wide []string
	for i := range 300 {
		wide = append(wide, fmt.Sprintf("companies.quite_a_long_name_of_a_property_%d", i))
	}
	f := &fake{routes: map[string]route{
		listCompanies: func(asked request) any {
			if asked.Query.Get("properties") != idColumn {
				t.Errorf("the URL names %d characters of properties", len(asked.Query.Get("properties")))
			}
			if asked.Query.Get("archived") == "true" {
				return `{"results": []}`
			}
			return records([]int64{1, 2}, "")
		},
		"POST /crm/objects/companies/batch/read": func(asked request) any {
			if len(asked.Body.Properties) < 300 {
				t.Errorf("the batch asks for %d properties", len(asked.Body.Properties))
			}
			return asRecords(asked)
		},
	}}
	got := read(t, f.open(t, connectors.Values{"properties": wide}), "companies", "")
	if got.err != nil || len(got.tables["companies"]) != 2 {
		t.Errorf("got %v, error %v", got.tables, got.err)
	}
}

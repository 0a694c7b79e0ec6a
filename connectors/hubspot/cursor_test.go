package hubspot

import (
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestTheFirstIncrementBeginsWhereTheBackfillBegan(t *testing.T) {
	var since string
	f := twoDeals(asRecords)
	f.routes[searchDeals] = func(asked request) any {
		since = asked.Body.Groups[0].Filters[0].Value
		return `{"total": 0, "results": []}`
	}
	f.date = "Wed, 01 Apr 2026 00:00:00 GMT"
	source := f.open(t, nil)
	first := read(t, source, "deals", "")
	f.date = "Thu, 02 Apr 2026 00:00:00 GMT"
	if second := read(t, source, "deals", first.next); first.err != nil || second.err != nil {
		t.Fatal(first.err, second.err)
	}
	if since != "1774998000000" { // 31 March, 23:00: an hour before the backfill began
		t.Errorf("searched since %s", since)
	}
}

func TestAPropertyAddedToTheSettingsIsReadForAllRecords(t *testing.T) {
	f := twoDeals(asRecords)
	f.routes[searchDeals] = func(request) any { return `{"total": 0, "results": []}` }
	before := read(t, f.open(t, nil), "deals", "")
	same := read(t, f.open(t, nil), "deals", before.next)
	more := read(t, f.open(t, connectors.Values{"properties": {"deals.seats"}}), "deals", before.next)
	if len(same.tables["deals"]) != 0 || len(more.tables["deals"]) != 2 || more.err != nil {
		t.Errorf("%d deals with the same settings, %d with one property more, error %v", len(same.tables["deals"]), len(more.tables["deals"]), more.err)
	}
}

func TestACursorThatIsNoneOfOursIsRefused(t *testing.T) {
	f := twoDeals(asRecords)
	source := f.open(t, nil)
	for _, stream := range []string{"deals", "pipelines"} {
		for _, since := range []connectors.Cursor{"2026-01-01", `{"v": 99}`} {
			got := read(t, source, stream, since)
			if got.err == nil || fault.WhoMends(got.err) != fault.You || !strings.Contains(got.err.Error(), "--full") {
				t.Errorf("%s since %s: %v", stream, since, got.err)
			}
		}
	}
}

func TestAStageThatWasRemovedIsTold(t *testing.T) {
	layout := `{"results": [{"id": "default", "label": "Sales", "displayOrder": 0, "stages": [
		{"id": "a", "label": "A", "displayOrder": 0, "metadata": {"probability": "0.2"}},
		{"id": "b", "label": "B", "displayOrder": 1, "metadata": {"probability": "1.0"}}]}]}`
	f := &fake{routes: map[string]route{"GET /crm/pipelines/deals": func(request) any { return layout }}}
	source := f.open(t, nil)
	first := read(t, source, "pipelines", "")
	// isClosed is not promised; a probability of 1 says it too.
	if closed := first.column("pipeline_stages", "isClosed"); strings.Join(closed, " ") != "false true" {
		t.Errorf("closed: %v", closed)
	}
	layout = strings.Replace(layout, `{"id": "a", "label": "A", "displayOrder": 0, "metadata": {"probability": "0.2"}},`, "", 1)
	second := read(t, source, "pipelines", first.next)
	var gone []string
	for _, row := range second.tables["pipeline_stages"] {
		if row[connectors.DeletedColumn] == "true" {
			gone = append(gone, row["stage_id"])
		}
	}
	if strings.Join(gone, " ") != "a" || second.err != nil {
		t.Errorf("gone: %v, error %v", gone, second.err)
	}
}

func TestOwnersWhoLeftAreRead(t *testing.T) {
	f := &fake{routes: map[string]route{"GET /crm/owners": func(asked request) any {
		switch {
		case asked.Query.Get("archived") == "true":
			return `{"results": [{"id": "3", "userIdIncludingInactive": 93, "archived": true, "teams": [{"name": "A", "primary": false}, {"name": "B", "primary": true}]}]}`
		case asked.Query.Get("after") == "":
			return `{"results": [{"id": "1", "userId": 91, "archived": false}], "paging": {"next": {"after": "1"}}}`
		}
		return `{"results": [{"id": "2", "type": "QUEUE", "teams": [{"name": "C"}], "archived": false}]}`
	}}}
	got := read(t, f.open(t, nil), "owners", "")
	var rows []string
	for _, r := range got.tables["owners"] {
		rows = append(rows, strings.Join([]string{r["id"], r["userId"], r["userIdIncludingInactive"], r["team"], r[connectors.DeletedColumn]}, "|"))
	}
	if want := "3||93|B|true 1|91|||false 2|||C|false"; got.err != nil || strings.Join(rows, " ") != want {
		t.Errorf("got %v, error %v", rows, got.err)
	}
}

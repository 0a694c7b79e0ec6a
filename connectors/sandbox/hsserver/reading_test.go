package hsserver_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func TestAListIsReadByItsTokensAlone(t *testing.T) {
	c := open(t, crowd(257), hsserver.ShortPages(3))
	first := c.get(deals + "?limit=100")
	after := dig(first, "paging", "next", "after").(string)
	if url.QueryEscape(after) == after {
		t.Errorf("%q can be pasted into a URL: a client that forgets to escape would go unnoticed", after)
	}
	must(t, dig(first, "paging", "next", "link"), "https://api.hubapi.com/crm/objects/2026-09/deals?after=")
	got := ids(c.all(deals + "?limit=100"))
	if len(got) != 257 || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(a, b) }) {
		t.Errorf("%d deals, want 257 in order", len(got))
	}
	equal(t, "default limit", len(results(open(t, crowd(30)).get(deals+"?properties=amount"))), 10)
}

func TestWhatAListRefuses(t *testing.T) {
	c := open(t, small())
	for path, message := range map[string]string{
		deals + "?limit=101":                             "100",
		deals + "?limit=51&propertiesWithHistory=amount": "50",
		deals + "?after=90000000000":                     "Invalid paging token",
		deals + "?archived=yes":                          "archived",
		deals + "?associations=deals":                    "No association types",
		"/crm/objects/2026-09/butterflies":               "Unable to infer object type from: butterflies",
	} {
		response, reply := c.send(http.MethodGet, path, nil)
		equal(t, path, response.StatusCode, http.StatusBadRequest)
		must(t, reply["message"], message)
		equal(t, "status", reply["status"], any("error"))
	}
	for _, path := range []string{"/crm/v3/objects/deals", "/crm/objects/v3/deals", "/crm/objects/2025-09/deals"} {
		response, _ := c.send(http.MethodGet, path, nil)
		equal(t, path, response.StatusCode, http.StatusNotFound)
	}
	response, _ := c.send(http.MethodGet, deals+"?properties="+strings.Repeat("amount,", 2500), nil)
	equal(t, "a long URL", response.StatusCode, http.StatusRequestURITooLong)
}

func TestABatchGivesWhatThereIsAndNamesTheRest(t *testing.T) {
	c := open(t, crowd(60))
	ask := object{"inputs": inputs("90000000014", "1", "90000000007", "90000000007"), "properties": []string{"dealname"}, "propertiesWithHistory": []string{}}
	reply := c.post(deals+"/batch/read", ask, http.StatusMultiStatus)
	if got := ids(results(reply)); !reflect.DeepEqual(got, []string{"90000000007", "90000000014"}) {
		t.Errorf("got %v", got)
	}
	equal(t, "numErrors", reply["numErrors"], any(1.))
	equal(t, "category", dig(reply, "errors", 0, "category"), any("OBJECT_NOT_FOUND"))
	equal(t, "unknown id", dig(reply, "errors", 0, "context", "ids", 0), any("1"))

	var many []string
	for i := range 51 {
		many = append(many, hsserver.DealID(crowd(60), i))
	}
	ask = object{"inputs": inputs(many...), "properties": []string{}, "propertiesWithHistory": []string{"amount"}}
	must(t, c.post(deals+"/batch/read", ask, http.StatusBadRequest)["message"], "property histories is 50")
	ask["propertiesWithHistory"] = []string{}
	equal(t, "51 without history", len(results(c.post(deals+"/batch/read", ask, http.StatusOK))), 51)
	delete(ask, "propertiesWithHistory")
	must(t, c.post(deals+"/batch/read", ask, http.StatusBadRequest)["message"], "required fields were not set: [propertiesWithHistory]")
	ask = object{"inputs": inputs("90000000007", "x7"), "properties": []string{}, "propertiesWithHistory": []string{}}
	must(t, c.post(deals+"/batch/read", ask, http.StatusBadRequest)["message"], "x7 is not a valid ID")
}

// find is a search's body; filters are in one group.
func find(limit int, after string, filters ...object) object {
	return object{
		"filterGroups": []object{{"filters": filters}}, "limit": limit, "after": after,
		"properties": []string{}, "sorts": []object{{"propertyName": "hs_object_id", "direction": "ASCENDING"}},
	}
}

func where(name, operator string, value any) object {
	return object{"propertyName": name, "operator": operator, "value": value}
}

func TestASearchGoesNoFurtherThanTenThousand(t *testing.T) {
	c := open(t, crowd(10_050))
	changed := where("hs_lastmodifieddate", "GTE", "2026-03-30T09:00:00Z")
	reply := c.post(deals+"/search", find(200, "9800", changed), http.StatusOK)
	equal(t, "total", reply["total"], any(10_050.))
	equal(t, "next", dig(reply, "paging", "next", "after"), any("10000"))
	must(t, c.post(deals+"/search", find(200, "10000", changed), http.StatusBadRequest)["message"], "10000")

	// By key it goes to the end, though all of them changed in one millisecond.
	seen, last := 0, "0"
	for {
		page := results(c.post(deals+"/search", find(200, "0", changed, where("hs_object_id", "GT", last)), http.StatusOK))
		if len(page) == 0 {
			break
		}
		seen, last = seen+len(page), page[len(page)-1]["id"].(string)
	}
	equal(t, "found by key", seen, 10_050)
}

func TestASearchComparesByTheTypeOfTheProperty(t *testing.T) {
	story := company.Acme(5, 300)
	c := open(t, story)
	now := company.At(story.Now)
	count := func(keep func(i int, s company.State) bool) float64 {
		n := 0.
		for i := range story.Deals {
			if s := story.Deals[i].At(now); story.Deals[i].ExistsAt(now) && !s.Deleted && keep(i, s) {
				n++
			}
		}
		return n
	}
	amount := func(s company.State) float64 { x, _ := strconv.ParseFloat(s.Amount, 64); return x }
	edge := company.At(story.Now.AddDate(0, -3, 0))
	open0, open1 := hsserver.StageID(story, 0), hsserver.StageID(story, 1)
	for _, test := range []struct {
		name   string
		filter object
		want   float64
	}{
		{"EQ", where("dealstage", "EQ", open0), count(func(_ int, s company.State) bool { return s.Stage == story.Stages[0].Name })},
		{"NEQ", where("dealstage", "NEQ", open0), count(func(_ int, s company.State) bool { return s.Stage != story.Stages[0].Name })},
		{"IN", object{"propertyName": "dealstage", "operator": "IN", "values": []string{open0, open1}},
			count(func(_ int, s company.State) bool {
				return s.Stage == story.Stages[0].Name || s.Stage == story.Stages[1].Name
			})},
		{"GT amount", where("amount", "GT", "9000"), count(func(_ int, s company.State) bool { return amount(s) > 9000 })},
		{"LTE amount", where("amount", "LTE", 9000), count(func(_ int, s company.State) bool { return s.Amount != "" && amount(s) <= 9000 })},
		{"BETWEEN", object{"propertyName": "amount", "operator": "BETWEEN", "value": "5000", "highValue": "20000"},
			count(func(_ int, s company.State) bool { return s.Amount != "" && amount(s) >= 5000 && amount(s) <= 20000 })},
		{"HAS_PROPERTY", object{"propertyName": "amount", "operator": "HAS_PROPERTY"}, count(func(_ int, s company.State) bool { return s.Amount != "" })},
		{"GTE in milliseconds", where("hs_lastmodifieddate", "GTE", decimal(int64(edge))), count(func(_ int, s company.State) bool { return s.ModifiedAt >= edge })},
		{"LT in ISO", where("hs_lastmodifieddate", "LT", edge.Time().Format(time.RFC3339Nano)), count(func(_ int, s company.State) bool { return s.ModifiedAt < edge })},
	} {
		got := c.post(deals+"/search", find(1, "0", test.filter), http.StatusOK)["total"]
		equal(t, test.name, got, any(test.want))
		if test.want == 0 || test.want == count(func(int, company.State) bool { return true }) {
			t.Logf("%s finds %v, which proves little", test.name, test.want)
		}
	}
}

func TestASearchSortsByOneProperty(t *testing.T) {
	c := open(t, company.Acme(5, 300))
	ask := find(200, "0")
	ask["filterGroups"] = []object{}
	ask["sorts"] = []object{{"propertyName": "hs_lastmodifieddate", "direction": "DESCENDING"}}
	stamps := []company.Instant{}
	for _, r := range results(c.post(deals+"/search", ask, http.StatusOK)) {
		at, err := time.Parse(time.RFC3339, property(r, "hs_lastmodifieddate").(string))
		if err != nil {
			t.Fatal(err)
		}
		stamps = append(stamps, company.At(at))
	}
	if !slices.IsSortedFunc(stamps, func(a, b company.Instant) int { return int(b - a) }) || len(stamps) != 200 {
		t.Errorf("%d deals, not from the latest to the first", len(stamps))
	}
}

func TestASearchSeesWhatItsIndexKnows(t *testing.T) {
	c := open(t, small(), hsserver.IndexLag(time.Hour))
	anything := where("hs_object_id", "GT", "0")
	c.clock.move(24*time.Hour + time.Minute) // the third deal is a minute old
	equal(t, "listed", len(c.all(deals+"?limit=10")), 2)
	equal(t, "found", c.post(deals+"/search", find(10, "0", anything), http.StatusOK)["total"], any(1.))
	c.clock.move(time.Hour)
	equal(t, "found an hour later", c.post(deals+"/search", find(10, "0", anything), http.StatusOK)["total"], any(2.))
}

func TestWhatASearchRefuses(t *testing.T) {
	c := open(t, small())
	fine := where("amount", "GT", "1")
	seven := slices.Repeat([]object{fine}, 7)
	two := find(10, "0", fine)
	two["sorts"] = []string{"amount", "dealname"}
	history := find(10, "0", fine)
	history["propertiesWithHistory"] = []string{"amount"}
	bare := find(10, "0", fine)
	delete(bare, "after")
	six := find(10, "0")
	six["filterGroups"] = slices.Repeat([]object{{"filters": []object{fine}}}, 6)
	nineteen := find(10, "0")
	nineteen["filterGroups"] = slices.Repeat([]object{{"filters": seven[:5]}}, 4)
	for name, ask := range map[string]object{
		"limit 201": find(201, "0", fine), "7 filters": find(10, "0", seven...), "6 groups": six, "20 filters": nineteen,
		"two sorts": two, "history": history, "no after": bare, "an offset that is none": find(10, "MTI=", fine),
		"unknown property": find(10, "0", where("colour", "EQ", "red")), "unknown operator": find(10, "0", where("amount", "ABOUT", "1")),
		"no number": find(10, "0", where("amount", "GT", "a lot")),
	} {
		if response, reply := c.send(http.MethodPost, deals+"/search", ask); response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, response.StatusCode, reply)
		}
	}
	c.post(deals+"/search", find(10, "0", where("hs_lastmodifieddate", "GTE", "0")), http.StatusInternalServerError)
}

func TestContactsHaveTheirLastChangeElsewhere(t *testing.T) {
	c := open(t, small())
	total := func(name string) any {
		return c.post("/crm/objects/2026-09/contacts/search", find(10, "0", where(name, "GT", "1")), http.StatusOK)["total"]
	}
	story := small()
	equal(t, "by hs_lastmodifieddate", total("hs_lastmodifieddate"), any(0.))
	equal(t, "by lastmodifieddate", total("lastmodifieddate"), any(0.)) // both at millisecond 1
	story.Contacts[0].CreatedAt = 5
	c = open(t, story)
	equal(t, "by hs_lastmodifieddate", total("hs_lastmodifieddate"), any(0.))
	equal(t, "by lastmodifieddate", total("lastmodifieddate"), any(1.))
}

package hubspot

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"merit/connectors"
)

// oneDeal is a portal whose one deal is told like this.
func oneDeal(record string) *fake {
	return &fake{routes: map[string]route{
		listDeals: func(asked request) any {
			if asked.Query.Get("archived") == "true" {
				return `{"results": []}`
			}
			return records([]int64{1}, "")
		},
		batchDeals: func(request) any { return `{"results": [` + record + `]}` },
	}}
}

func TestEachVersionOfATrackedPropertyIsARow(t *testing.T) {
	f := oneDeal(`{"propertiesWithHistory": {
		"amount": [
			{"value": "1999.98999999999978", "timestamp": "2026-03-02T00:00:00Z", "sourceType": "API", "sourceId": "77", "updatedByUserId": 9007199254740993},
			{"value": "", "timestamp": "2026-03-01T00:00:00.500Z", "sourceType": "CRM_UI"}],
		"closedate": [
			{"value": "2026-05-01T17:00:00Z", "timestamp": "2026-03-01T00:00:00Z"},
			{"value": "1775026740000", "timestamp": "2026-02-01T00:00:00Z"},
			{"value": "1.77502674E12", "timestamp": "2026-01-01T00:00:00Z"}],
		"untracked": [{"value": "x", "timestamp": "2026-03-01T00:00:00Z"}],
		"dealstage": []},
		"properties": {"amount": "1999.98999999999978"}, "id": "1"}`)
	got := read(t, f.open(t, nil), "deals", "")
	if got.err != nil || len(got.rejects) > 0 {
		t.Fatalf("error %v, rejects %v", got.err, got.rejects)
	}
	var rows []string
	for _, r := range got.tables["deal_history"] {
		rows = append(rows, strings.Join([]string{r["object_id"], r["property"], r["timestamp"], r["value"], r["number"], r["instant"], r["source_type"], r["source_id"], r["updated_by_user_id"]}, "|"))
	}
	want := []string{
		"1|amount|2026-03-02T00:00:00Z|1999.98999999999978|1999.98999999999978||API|77|9007199254740993",
		"1|amount|2026-03-01T00:00:00.5Z||||CRM_UI|none|",
		"1|closedate|2026-03-01T00:00:00Z|2026-05-01T17:00:00Z||2026-05-01T17:00:00Z||none|",
		"1|closedate|2026-02-01T00:00:00Z|1775026740000||2026-04-01T06:59:00Z||none|",
		"1|closedate|2026-01-01T00:00:00Z|1.77502674E12||2026-04-01T06:59:00Z||none|",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

func TestVersionsOfOneMillisecondKeepTheirOrderWhateverFallsOut(t *testing.T) {
	const one, other = "2026-03-01T00:00:00.001Z", "2026-03-01T00:00:00.002Z"
	versions := func(list ...string) string {
		var all []string
		for _, v := range list {
			value, at, _ := strings.Cut(v, "@")
			all = append(all, fmt.Sprintf(`{"value": %q, "timestamp": %q}`, value, at))
		}
		return `{"id": "1", "propertiesWithHistory": {"dealstage": [` + strings.Join(all, ",") + `]}}`
	}
	ordinals := func(record string) map[string]string {
		got := read(t, oneDeal(record).open(t, nil), "deals", "")
		all := map[string]string{}
		for _, r := range got.tables["deal_history"] {
			all[r["value"]] = r["ordinal"]
		}
		return all
	}
	whole := ordinals(versions("d@"+other, "c@"+one, "b@"+one, "a@"+one))
	if fmt.Sprint(whole) != "map[a:2 b:1 c:0 d:0]" {
		t.Errorf("ordinals %v", whole)
	}
	if later := ordinals(versions("d@"+other, "c@"+one, "b@"+one)); later["b"] != whole["b"] || later["c"] != whole["c"] {
		t.Errorf("without the oldest the ordinals are %v", later)
	}
}

func TestTheOldestOfTwentyVersionsIsTruncatedAndOfNineteenIsNot(t *testing.T) {
	for n, want := range map[int]int{versionsKept - 1: 0, versionsKept: 1} {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"value": "%d", "timestamp": "2026-03-01T00:00:%02dZ"}`, i, 59-i))
		}
		got := read(t, oneDeal(`{"id": "1", "properties": {"amount": "0"}, "propertiesWithHistory": {"amount": [`+strings.Join(list, ",")+`]}}`).open(t, nil), "deals", "")
		var truncated []string
		for _, r := range got.tables["deal_history"] {
			if r["is_truncated"] == "true" {
				truncated = append(truncated, r["value"])
			}
		}
		if len(truncated) != want || want == 1 && truncated[0] != fmt.Sprint(n-1) {
			t.Errorf("of %d versions truncated are %v", n, truncated)
		}
	}
}

func TestHistoryIsAskedForTheTrackedPropertiesAndThoseThatTheSettingsName(t *testing.T) {
	f := oneDeal(`{"id": "1", "propertiesWithHistory": {"renewal_date": [{"value": "2026-05-01", "timestamp": "2026-03-01T00:00:00Z"}]}, "properties": {"renewal_date": "2026-05-01"}}`)
	inner := f.routes[batchDeals]
	f.routes[batchDeals] = func(asked request) any {
		want := []string{"dealstage", "pipeline", "amount", "closedate", "hubspot_owner_id", "hs_next_step", "hs_manual_forecast_category", "renewal_date"}
		if !slices.Equal(asked.Body.History, want) {
			t.Errorf("history asked for %v", asked.Body.History)
		}
		return inner(asked)
	}
	got := read(t, f.open(t, connectors.Values{"history": {"deals.renewal_date"}}), "deals", "")
	if got.err != nil || len(got.tables["deal_history"]) != 1 || got.tables["deals"][0]["renewal_date"] != "2026-05-01" {
		t.Errorf("got %v, error %v", got.tables, got.err)
	}
}

func TestOtherPropertiesHaveTheTypeOfTheCatalogueAndWhatDoesNotFitIsRejected(t *testing.T) {
	f := oneDeal(`{"id": "1", "properties": {"renewal_date": "1775001600000", "seats": "3092727991;3881228353", "partner_id": "9007199254740993",
		"is_key": "Yes", "seen": "1775026740000.0", "account": "12", "amount": "1.2E7", "closedate": "soon", "dealname": "", "hs_next_step": null},
		"propertiesWithHistory": {"amount": [{"value": "12000000", "timestamp": "2026-03-01T00:00:00Z"}], "closedate": [{"value": "soon", "timestamp": "2026-03-01T00:00:00Z"}]}}`)
	got := read(t, f.open(t, connectors.Values{"properties": {"deals.renewal_date", "deals.seats", "deals.partner_id", "deals.is_key", "deals.seen", "deals.account"}}), "deals", "")
	if got.err != nil {
		t.Fatal(got.err)
	}
	row := got.tables["deals"][0]
	for column, want := range map[string]string{
		"renewal_date": "2026-04-01", "seats": "", "partner_id": "9007199254740993", "is_key": "true", "seen": "2026-04-01T06:59:00Z",
		"account": "12", "amount": "12000000", "closedate": "", "dealname": "", "hs_next_step": "",
	} {
		if row[column] != want {
			t.Errorf("%s is %q, not %q", column, row[column], want)
		}
	}
	var rejected []string
	for _, r := range got.rejects {
		rejected = append(rejected, r.Key+" "+r.Column+" "+r.Value)
	}
	slices.Sort(rejected)
	// In the deals and in their history, which has the date as an instant too.
	want := []string{"1 closedate soon", "1 seats 3092727991;3881228353", "1/closedate/2026-03-01T00:00:00Z/none/0/false instant soon"}
	if !slices.Equal(rejected, want) {
		t.Errorf("rejects %q", rejected)
	}
}

func TestPropertiesThatAPlanNamesAreRowsOfTheirOwn(t *testing.T) {
	f := &fake{routes: map[string]route{
		"GET /crm/objects/deals": lists(2),
		"POST /crm/objects/deals/batch/read": func(request) any {
			return `{"results": [{"properties": {"seats": "1.25E2", "renewal_date": "1767225600000", "seen": "2026-01-01T02:00:00+02:00", "is_key": "true"}, "id": "1"},
				{"id": "2", "properties": {"seats": "0.10000000000000009", "renewal_date": "2026-02-01", "seen": "", "is_key": null}}]}`
		},
	}}
	source := f.open(t, connectors.Values{"properties": {"deals.seats", "deals.renewal_date", "deals.seen", "deals.is_key"}})
	got := read(t, source, "deals", "")
	var rows []string
	for _, row := range got.tables["deal_fields"] {
		if !strings.HasPrefix(row["field"], "quite_a_long") {
			rows = append(rows, row["deal_id"]+" "+row["field"]+" "+row["value"])
		}
	}
	slices.Sort(rows)
	want := []string{"1 is_key true", "1 renewal_date 2026-01-01", "1 seats 125", "1 seen 2026-01-01T00:00:00Z", "2 is_key ", "2 renewal_date 2026-02-01", "2 seats 0.10000000000000009", "2 seen "}
	if diff := cmp.Diff(want, rows); got.err != nil || diff != "" {
		t.Errorf("error %v, (-want +got)\n%s", got.err, diff)
	}
}

package hubspot

import (
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

// twoDeals lists deals 1 and 2; everything else is the test's.
func twoDeals(batch route) *fake {
	return &fake{routes: map[string]route{batchDeals: batch, listDeals: func(asked request) any {
		if asked.Query.Get("archived") == "true" {
			return `{"results": []}`
		}
		return records([]int64{1, 2}, "")
	}}}
}

const oneIsMissing = `, "numErrors": 1, "errors": [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["2"]}}]`

func TestARecordArchivedSinceItWasListedIsReadFromTheRecycleBin(t *testing.T) {
	f := twoDeals(func(asked request) any {
		if asked.Query.Get("archived") == "true" {
			return `{"results": [{"id": "2", "properties": {"dealname": "Two"}, "archived": true}]}`
		}
		return answer{207, records([]int64{1}, oneIsMissing)}
	})
	got := read(t, f.open(t, nil), "deals", "")
	if got.err != nil || !slices.Equal(got.column("deals", connectors.DeletedColumn), []string{"false", "true"}) ||
		got.tables["deals"][1]["dealname"] != "Two" {
		t.Errorf("got %v, error %v", got.tables["deals"], got.err)
	}
}

func TestARecordThatIsNowhereIsToldToBeGone(t *testing.T) {
	f := twoDeals(func(asked request) any {
		if asked.Query.Get("archived") == "true" {
			return answer{207, `{"results": []` + oneIsMissing + `}`}
		}
		return answer{207, records([]int64{1}, oneIsMissing)}
	})
	got := read(t, f.open(t, nil), "deals", "")
	if got.err != nil || !slices.Equal(got.column("deals", idColumn), []string{"1", "2"}) ||
		!slices.Equal(got.column("deals", connectors.DeletedColumn), []string{"false", "true"}) {
		t.Errorf("got %v, error %v", got.tables["deals"], got.err)
	}
}

func TestAPartOfABatchIsAskedForAgainUntilItIsWhole(t *testing.T) {
	calls := 0
	f := twoDeals(func(asked request) any {
		if calls++; calls < 3 {
			return answer{207, records([]int64{1}, `, "numErrors": 1, "errors": [{"category": "INTERNAL_ERROR", "message": "timed out"}]`)}
		}
		return asRecords(asked)
	})
	got := read(t, f.open(t, nil), "deals", "")
	if ids := got.column("deals", idColumn); got.err != nil || !slices.Contains(ids, "2") || got.tables["deals"][len(ids)-1][connectors.DeletedColumn] != "false" {
		t.Errorf("got %v, error %v", got.tables["deals"], got.err)
	}
}

func TestAPartOfABatchIsNeverTakenForTheWhole(t *testing.T) {
	for name, errors := range map[string]string{
		"because: timed out": `, "errors": [{"category": "INTERNAL_ERROR", "message": "timed out"}]`,
		"without saying why": ``,
	} {
		f := twoDeals(func(asked request) any { return records([]int64{1}, errors) })
		got := read(t, f.open(t, nil), "deals", "")
		if got.err == nil || fault.WhoMends(got.err) != fault.Them || !strings.Contains(got.err.Error(), name) {
			t.Errorf("%s: error %v", name, got.err)
		}
		if got.pages > 0 {
			t.Errorf("%s: a page came all the same", name)
		}
	}
}

func TestAssociationsAreReadToTheEndOfEachRecordsList(t *testing.T) {
	f := twoDeals(asRecords)
	f.routes["POST /crm/associations/deals/contacts/batch/read"] = func(asked request) any {
		if asked.Body.Inputs[0].After != "" {
			if len(asked.Body.Inputs) != 1 || asked.Body.Inputs[0] != (input{ID: "1", After: "x"}) {
				t.Errorf("the next page is asked for as %v", asked.Body.Inputs)
			}
			return `{"results": [{"to": [{"toObjectId": "53", "associationTypes": [{"category": "USER_DEFINED", "typeId": 3, "label": "Champion"}]}], "from": {"id": "1"}}]}`
		}
		return answer{207, `{"results": [{"from": {"id": "1"}, "to": [
				{"toObjectId": 52, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": null}]},
				{"toObjectId": 51, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 9, "label": "Primary"}]}],
			"paging": {"next": {"after": "x"}}}],
			"numErrors": 1, "errors": [{"category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "message": "none"}]}`}
	}
	got := read(t, f.open(t, nil), "deals", "")
	if got.err != nil {
		t.Fatal(got.err)
	}
	var lists []string
	for _, row := range got.tables["deal_links"] {
		if row["to_type"] == "contact" {
			lists = append(lists, strings.Join([]string{row["from_id"], row["ordinal"], row["links"], row["to_id"], row["label"]}, " "))
		}
	}
	// The primary one first, then by id; a deal without contacts has a row that says so.
	if want := []string{"1 0 3 51 Primary", "1 1 3 52 ", "1 2 3 53 Champion", "2 0 0  "}; !slices.Equal(lists, want) {
		t.Errorf("got %q", lists)
	}
}

func TestAssociationsThatAreNotGivenEndTheReading(t *testing.T) {
	for _, refusal := range []any{
		answer{207, `{"results": [], "errors": [{"category": "VALIDATION_ERROR", "subCategory": "crm.associations.INVALID_IDENTIFIER", "message": "no such id"}]}`},
		answer{403, `{"category": "MISSING_SCOPES", "message": "no", "errors": [{"context": {"requiredGranularScopes": ["crm.objects.contacts.read"]}}]}`},
		`{"status": "COMPLETE"}`,
	} {
		f := twoDeals(asRecords)
		f.routes["POST /crm/associations/deals/contacts/batch/read"] = func(request) any { return refusal }
		if got := read(t, f.open(t, nil), "deals", ""); got.err == nil || got.pages > 0 {
			t.Errorf("%v: %d pages, error %v", refusal, got.pages, got.err)
		}
	}
}

func TestWhoWasSwallowedIsTold(t *testing.T) {
	f := twoDeals(func(request) any {
		return `{"results": [{"id": "1", "properties": {"hs_merged_object_ids": "7;8"}}, {"id": "2", "properties": {"hs_merged_object_ids": ""}}]}`
	})
	got := read(t, f.open(t, nil), "deals", "")
	var losers []string
	for _, row := range got.tables["deal_links"] {
		if row["to_type"] == "merged_deal" {
			losers = append(losers, row["from_id"]+" swallowed "+row["to_id"])
		}
	}
	if want := []string{"1 swallowed 7", "1 swallowed 8"}; got.err != nil || !slices.Equal(losers, want) {
		t.Errorf("got %q, error %v", losers, got.err)
	}
}

func TestAssociationsOfWhomNobodyAskedForDoNotHideTheOthers(t *testing.T) {
	l := newLinks(linkTable("deal_links"))
	l.all([]int64{5, 9}, "contact", []link{{from: 9, to: 90}, {from: 7, to: 70}, {from: 1, to: 10}, {from: 5, to: 50}})
	batch, _ := l.builder.Flush()
	defer batch.Records.Release()
	to := batch.Records.Column(l.to)
	if to.Len() != 2 || to.ValueStr(0) != "50" || to.ValueStr(1) != "90" {
		t.Errorf("got %v", to)
	}
}

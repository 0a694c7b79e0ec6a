package hubspot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/fault"
)

func TestACallThatIsTooLargeIsMadeSmaller(t *testing.T) {
	most := 0
	f := &fake{routes: map[string]route{
		"GET /crm/objects/calls": lists(250),
		"POST /crm/associations/calls/deals/batch/read": func(asked request) any {
			if len(asked.Body.Inputs) > linkedCarefully {
				return answer{400, `{"category": "VALIDATION_ERROR", "message": "The maximum number of inputs supported in a batch request is 100"}`}
			}
			most = max(most, len(asked.Body.Inputs))
			var list []string
			for _, in := range asked.Body.Inputs {
				list = append(list, fmt.Sprintf(`{"from": {"id": "%s"}, "to": [{"toObjectId": "7", "associationTypes": []}]}`, in.ID))
			}
			return `{"results": [` + strings.Join(list, ",") + `]}`
		},
	}}
	got := read(t, f.open(t, nil), "calls", "")
	linked := slices.DeleteFunc(got.tables["call_links"], func(row map[string]string) bool { return row["to_type"] != "deal" || row["to_id"] != "7" })
	if got.err != nil || len(linked) != 250 || most != linkedCarefully {
		t.Errorf("%d of 250 calls are linked, at most %d at once, error %v", len(linked), most, got.err)
	}
}

// lists gives so many live records, and an empty recycle bin.
func lists(n int64) route {
	return func(asked request) any {
		if asked.Query.Get("archived") == "true" {
			return records(nil, "")
		}
		var ids []int64
		for id := int64(1); id <= n; id++ {
			ids = append(ids, id)
		}
		return records(ids, "")
	}
}

func TestOneIdThatRejectsItsBatchDoesNotKeepTheOthersFromBeingRead(t *testing.T) {
	broken := true
	f := &fake{routes: map[string]route{
		"GET /crm/objects/deals": lists(40),
		"POST /crm/objects/deals/batch/read": func(asked request) any {
			if broken && len(asked.Body.Inputs) > 3 && slices.ContainsFunc(asked.Body.Inputs, func(in input) bool { return in.ID == "17" }) {
				return answer{400, `{"category": "VALIDATION_ERROR", "message": "17 is not a valid ID"}`}
			}
			return asRecords(asked)
		},
	}}
	if got := read(t, f.open(t, nil), "deals", ""); got.err != nil || len(got.tables["deals"]) != 40 {
		t.Errorf("%d of 40 deals, error %v", len(got.tables["deals"]), got.err)
	}
	f.routes["POST /crm/objects/deals/batch/read"] = func(request) any { return answer{400, `{"message": "no"}`} }
	before := len(f.calls)
	if got := read(t, f.open(t, nil), "deals", ""); fault.WhoMends(got.err) != fault.Us || len(f.calls)-before > 40 {
		t.Errorf("what is always rejected: error %v after %d calls", got.err, len(f.calls)-before)
	}
}

func TestAListThatEndsEarlyTakesNothingForGone(t *testing.T) {
	for counted, isComplete := range map[int]bool{40: true, 45: true, 90: false} {
		f := &fake{routes: map[string]route{
			"GET /crm/objects/companies":         lists(40),
			"POST /crm/objects/companies/search": func(request) any { return records(nil, fmt.Sprintf(`, "total": %d`, counted)) },
		}}
		got := read(t, f.open(t, nil), "companies", "")
		said := slices.Contains(got.column("company_ids", "record_id"), everything)
		if got.err != nil || said != isComplete || len(got.rejects) > 0 == isComplete {
			t.Errorf("of %d, 40 were listed: complete %t, rejects %v, error %v", counted, said, got.rejects, got.err)
		}
	}
}

func TestWhoeverReadsLaterThanTheRecycleBinKeepsReadsAll(t *testing.T) {
	a := newAcme(t, 60)
	m := newMemory(t, a.open(t, nil))
	m.read("companies")
	id := a.ids(t, "companies")[0]
	a.clock.now = a.clock.now.Add(24 * time.Hour)
	do(t, a.portal.Archive("companies", id))
	a.clock.now = a.clock.now.Add(recycled + 24*time.Hour)
	m.read("companies")
	if got := m.viewed(a, "accounts", "is_deleted", "account_id", id); !slices.Equal(got, []string{"true"}) {
		t.Errorf("a company that was archived 91 days ago is deleted: %v", got)
	}
}

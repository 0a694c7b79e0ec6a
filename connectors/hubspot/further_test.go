package hubspot

import (
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/sandbox/hsserver"
)

func TestWhatAnAccountMayDoWithoutIsLeftOutLoudlyAndTheRestIsRead(t *testing.T) {
	a := newAcme(t, 50, hsserver.Without("crm.objects.leads.read"))
	source := a.open(t, nil)
	got := read(t, source, "leads", "")
	if got.err != nil || len(got.tables["leads"]) != 0 || len(got.rejects) != 1 || !strings.Contains(got.rejects[0].Reason, "crm.objects.leads.read") {
		t.Errorf("leads: error %v, rejects %v", got.err, got.rejects)
	}
	if again := read(t, source, "leads", got.next); len(again.rejects) != 1 {
		t.Error("the second time nothing is said")
	}
	if got := read(t, source, "line_items", ""); got.err != nil || len(got.tables["line_items"]) == 0 || len(got.rejects) > 0 {
		t.Errorf("line items: error %v, %d rows", got.err, len(got.tables["line_items"]))
	}
}

func TestWhoeverNamesAnObjectWantsIt(t *testing.T) {
	a := newAcme(t, 50, hsserver.Without("crm.objects.leads.read"))
	for _, name := range []string{"leads", "p123_machine"} {
		source := a.open(t, connectors.Values{"objects": {name}})
		if _, err := source.Streams(t.Context()); fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", name, err)
		}
	}
	a = newAcme(t, 50)
	source := a.open(t, connectors.Values{"objects": {"product"}, "properties": {"product.hs_sku"}})
	if got := read(t, source, "product", ""); got.err != nil || len(got.tables["product"]) != len(a.ids(t, "products")) || got.tables["product"][0]["hs_sku"] == "" {
		t.Errorf("another object: %v, error %v", got.tables["product"], got.err)
	}
}

func TestSplitsThatAreSwitchedOffAreSaidToBe(t *testing.T) {
	a := newAcme(t, 120, hsserver.Without("deal-splits"))
	got := read(t, a.open(t, nil), "deal_splits", "")
	if got.err != nil || len(got.tables["deal_splits"]) > 0 || len(got.rejects) != 1 || !strings.Contains(got.rejects[0].Reason, "can't be read") {
		t.Errorf("refused: error %v, rejects %v", got.err, got.rejects)
	}
	for _, status := range []int{402, 403, 404, 405} {
		f := &fake{routes: map[string]route{
			"GET /crm/objects/deals":       lists(3),
			"POST /deal-splits/batch/read": func(request) any { return answer{status, `{"message": "deal splits are off"}`} },
		}}
		got := read(t, f.open(t, nil), "deal_splits", "")
		if got.err != nil || len(got.tables["deal_splits"]) > 0 || len(got.rejects) != 1 || !strings.Contains(got.rejects[0].Reason, "splits are off") {
			t.Errorf("%d: error %v, rejects %v", status, got.err, got.rejects)
		}
	}
	f := &fake{routes: map[string]route{
		"GET /crm/objects/deals":       lists(3),
		"POST /deal-splits/batch/read": func(request) any { return answer{401, `{}`} },
	}}
	if got := read(t, f.open(t, nil), "deal_splits", ""); fault.WhoMends(got.err) != fault.You {
		t.Errorf("a token that is refused: %v", got.err)
	}
	f.routes["POST /deal-splits/batch/read"] = func(request) any { return answer{400, `{}`} }
	if got := read(t, f.open(t, nil), "deal_splits", ""); fault.WhoMends(got.err) != fault.Us {
		t.Errorf("a call that is not understood: %v", got.err)
	}
}

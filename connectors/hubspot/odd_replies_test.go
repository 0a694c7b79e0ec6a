package hubspot

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/fault"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// Each odd reply comes to right rows or to an error that says who can mend it; never to
// fewer rows without a word.
func TestOddRepliesLoseNothing(t *testing.T) {
	story := company.Acme(7, 150)
	box := hsserver.New(story, &clock{now: story.Now}, hsserver.ShortPages(20), hsserver.AssociationPage(3))
	open := func(t *testing.T, over http.RoundTripper, properties ...string) *portal {
		p, err := openOver(over, connectors.Values{
			"token": {hsserver.Token}, "endpoint": {"https://api.hubapi.com"}, "api_version": {"2026-09"}, "tier": {"professional"},
			"lookback": {"60m"}, "daily_share": {"100%"}, "sweep": {"24h"}, "properties": properties,
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	connectortest.OddReplies(t, box, func(t *testing.T, over http.RoundTripper) connectors.Source {
		return open(t, over)
	}, slices.Concat(
		connectortest.At("deals", `^GET /crm/objects/2026-09/deals\?.*limit=50`, connectortest.PagesOf("results")),
		connectortest.At("owners", `^GET /crm/owners`, connectortest.PagesOf("results")[:24]),
		oddRecords(), oddPaging(), oddRefusals(), oddSettings(),
	))
	// Where the names are too many for a URL, the list finds and batches read; and from far
	// away, searches find.
	wideBox, wide := wideDeals(box)
	connectortest.OddReplies(t, wideBox, func(t *testing.T, over http.RoundTripper) connectors.Source {
		return open(t, distant{over}, wide...)
	}, slices.Concat(
		connectortest.At("deals", `^POST /crm/objects/2026-09/deals/batch/read`, connectortest.PagesOf("results")[:24]),
		connectortest.At("deals", `^POST /crm/objects/2026-09/deals/search`, connectortest.PagesOf("results")[:24]),
		oddBatches(), oddSearches(),
	))
}

// wideDeals are as many properties of deals as no URL takes, and a portal that has them.
func wideDeals(box http.Handler) (http.Handler, []string) {
	var names []string
	var list strings.Builder
	for i := range 60 {
		name := fmt.Sprintf("quite_a_long_name_of_a_property_%d", i)
		names = append(names, "deals."+name)
		fmt.Fprintf(&list, `{"name":%q,"type":"string"},`, name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told := httptest.NewRecorder()
		box.ServeHTTP(told, r)
		body := told.Body.String()
		if strings.HasPrefix(r.URL.Path, "/crm/properties/") {
			body = strings.Replace(body, `"results":[`, `"results":[`+list.String(), 1)
		}
		maps.Copy(w.Header(), told.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(told.Code)
		io.WriteString(w, body)
	}), names
}

// A distant account is half a second away.
type distant struct{ http.RoundTripper }

func (d distant) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(500 * time.Millisecond) // simulated
	return d.RoundTripper.RoundTrip(r)
}

const (
	dealPages    = `^GET /crm/objects/2026-09/deals\?.*limit=50`
	dealLinks    = `^POST /crm/associations/2026-09/deals/contacts`
	propertyList = `^GET /crm/properties/2026-09/deals`
	stageLadder  = `^GET /crm/pipelines/2026-09/deals( |\?)`
)

func onDeals(name, call string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
	return connectortest.OddReply{Name: "deals: " + name, Stream: "deals", Call: call, Alter: alter, Want: want}
}

// first changes the first record of each page.
func first(change func(record map[string]any)) func(*connectortest.Answer) {
	return connectortest.Edit(func(root map[string]any) {
		if record := connectortest.First(root, "results"); len(record) > 0 {
			change(record)
		}
	})
}

func withProperty(name string, value any) func(*connectortest.Answer) {
	return first(func(record map[string]any) { record["properties"].(map[string]any)[name] = value })
}

var (
	rightRows = connectortest.Outcome{}
	theirs    = connectortest.Outcome{Who: fault.Them}
	setAside  = connectortest.Outcome{Rejected: true}
)

// oddRecords are records that say less or other things than they should.
func oddRecords() []connectortest.OddReply {
	history := func(change func(versions map[string]any)) func(*connectortest.Answer) {
		return first(func(record map[string]any) { change(record["propertiesWithHistory"].(map[string]any)) })
	}
	return []connectortest.OddReply{
		onDeals("a record without an id", dealPages, first(func(r map[string]any) { delete(r, "id") }), theirs),
		onDeals("an id that is null", dealPages, first(func(r map[string]any) { r["id"] = nil }), theirs),
		onDeals("an id that is a word", dealPages, first(func(r map[string]any) { r["id"] = "first" }), theirs),
		onDeals("an id that is a list", dealPages, first(func(r map[string]any) { r["id"] = []any{} }), theirs),
		onDeals("ids that are numbers", dealPages, first(func(r map[string]any) { r["id"] = jsonNumber(r["id"]) }), rightRows),
		onDeals("no properties at all", dealPages, first(func(r map[string]any) { delete(r, "properties") }), rightRows),
		onDeals("properties that are null", dealPages, first(func(r map[string]any) { r["properties"] = nil }), rightRows),
		onDeals("properties that are a list", dealPages, first(func(r map[string]any) { r["properties"] = []any{} }), theirs),
		onDeals("an amount that is no number", dealPages, withProperty("amount", "a lot"), setAside),
		onDeals("an amount that is a JSON number", dealPages, first(func(r map[string]any) {
			p := r["properties"].(map[string]any)
			if p["amount"] != nil {
				p["amount"] = jsonNumber(p["amount"])
			}
		}), rightRows),
		onDeals("an amount beyond every decimal", dealPages, withProperty("amount", "1e400"), setAside),
		onDeals("a date that is none", dealPages, withProperty("createdate", "soon"), setAside),
		onDeals("text that is no UTF-8", dealPages, connectortest.Replace(`"dealname":"`, "\"dealname\":\"\xff\xfe", 1), setAside),
		onDeals("an object where a text should be", dealPages, withProperty("hs_next_step", map[string]any{"a": 1}), rightRows),
		onDeals("no history at all", dealPages, first(func(r map[string]any) { delete(r, "propertiesWithHistory") }), rightRows),
		onDeals("a history that is null", dealPages, history(func(h map[string]any) { h["dealstage"] = nil }), rightRows),
		onDeals("a history that is an object", dealPages, history(func(h map[string]any) { h["dealstage"] = map[string]any{} }), theirs),
		onDeals("a history that ends otherwise", dealPages, history(func(h map[string]any) {
			h["dealstage"].([]any)[0].(map[string]any)["value"] = "nowhere"
		}), rightRows),
	}
}

// oddPaging are pages that lead somewhere else than on.
func oddPaging() []connectortest.OddReply {
	next := func(change func(paging, next map[string]any)) func(*connectortest.Answer) {
		return connectortest.Edit(func(root map[string]any) {
			if paging, hasNext := root["paging"].(map[string]any); hasNext {
				change(paging, paging["next"].(map[string]any))
			}
		})
	}
	return []connectortest.OddReply{
		onDeals("a next page without a mark", dealPages, next(func(_, n map[string]any) { delete(n, "after") }), theirs),
		onDeals("a mark that is empty", dealPages, next(func(_, n map[string]any) { n["after"] = "" }), theirs),
		onDeals("a mark that is null", dealPages, next(func(_, n map[string]any) { n["after"] = nil }), theirs),
		onDeals("a mark that leads back", dealPages, next(func(_, n map[string]any) { n["after"] = "1" }), connectortest.Outcome{Who: fault.Us, Says: "paging token"}),
		onDeals("a link to somebody else beside it", dealPages, next(func(_, n map[string]any) { n["link"] = "https://evil.example/" }), rightRows),
		onDeals("paging that is a text", dealPages, next(func(p, _ map[string]any) { p["next"] = "2" }), theirs),
		onDeals("associations that lead back", dealLinks, connectortest.Edit(func(root map[string]any) {
			connectortest.First(root, "results")["paging"] = map[string]any{"next": map[string]any{"after": "1"}}
		}), connectortest.Outcome{Who: fault.Us, Says: "paging token"}),
		onDeals("associations that go on nowhere", dealLinks, connectortest.Edit(func(root map[string]any) {
			connectortest.First(root, "results")["paging"] = map[string]any{"next": map[string]any{}}
		}), theirs),
		onDeals("associations without from", dealLinks, first(func(r map[string]any) { delete(r, "from") }), theirs),
		onDeals("associations with a record without an id", dealLinks, first(func(r map[string]any) {
			delete(r["to"].([]any)[0].(map[string]any), "toObjectId")
		}), theirs),
		onDeals("associations without types", dealLinks, first(func(r map[string]any) {
			for _, to := range r["to"].([]any) {
				delete(to.(map[string]any), "associationTypes")
			}
		}), theirs),
		onDeals("associations that came in part", dealLinks, connectortest.Edit(func(root map[string]any) {
			root["errors"] = []any{map[string]any{"category": "INTERNAL", "message": "a shard was down"}}
		}), connectortest.Outcome{Who: fault.Them, Says: "a shard was down"}),
		onDeals("associations of nobody, who has some", dealLinks, connectortest.Body(`{"status":"COMPLETE"}`), theirs),
	}
}

// oddRefusals are refusals in other clothes than usual.
func oddRefusals() []connectortest.OddReply {
	status := connectortest.Status
	return []connectortest.OddReply{
		onDeals("a refusal under 200", dealPages, connectortest.Body(`{"status":"error","message":"no scope","category":"MISSING_SCOPES"}`),
			connectortest.Outcome{Who: fault.You, Says: "no scope"}),
		onDeals("a refusal under 200 that passes", dealPages, connectortest.Body(`{"status":"error","message":"Internal error","correlationId":"x","category":"INTERNAL_ERROR"}`),
			connectortest.Outcome{Who: fault.Them, Says: "Internal error"}),
		onDeals("401", dealPages, status(401, `{"message":"expired"}`), connectortest.Outcome{Who: fault.You, Says: "token"}),
		onDeals("403 as a web page", dealPages, status(403, "<html>no</html>"), connectortest.Outcome{Who: fault.You}),
		onDeals("404 without a body", dealPages, status(404, ""), connectortest.Outcome{Who: fault.You}),
		onDeals("414", dealPages, status(414, ""), connectortest.Outcome{Who: fault.Us}),
		onDeals("a token that can't be one", dealPages, status(530, ""), connectortest.Outcome{Who: fault.You}),
		onDeals("the day's calls are used", dealPages, status(429, `{"policyName":"DAILY","message":"You have reached your daily limit."}`), connectortest.Outcome{Who: fault.Them, Says: "today"}),
		onDeals("a property that went away", dealPages, status(400, `{"message":"Property 'amount' does not exist"}`), connectortest.Outcome{Who: fault.Them, Says: "went away"}),
		onDeals("no properties in the catalogue", propertyList, connectortest.Body(`{"results":[]}`), connectortest.Outcome{Who: fault.You, Says: "deals.dealname"}),
		onDeals("a catalogue without a list", propertyList, connectortest.Body(`{}`), theirs),
		onDeals("a catalogue that is null", propertyList, connectortest.Body(`{"results":null}`), theirs),
		onDeals("a catalogue whose names are numbers", propertyList, connectortest.Body(`{"results":[{"name":1}]}`), theirs),
		{Name: "quotes: 403 for want of an edition", Stream: "quotes", Call: `^GET /crm/properties/2026-09/quotes`, Alter: status(403, `{"category":"MISSING_SCOPES","message":"edition"}`), Want: connectortest.Outcome{LeftOut: true, Says: "edition"}},
		{Name: "quotes: 402", Stream: "quotes", Call: `^GET /crm/objects/2026-09/quotes`, Alter: status(402, ``), Want: connectortest.Outcome{LeftOut: true}},
	}
}

// oddBatches are batches that bring other records than were asked for.
func oddBatches() []connectortest.OddReply {
	on := func(name string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return connectortest.OddReply{Name: "batches: " + name, Stream: "deals", Call: `^POST /crm/objects/2026-09/deals/batch/read `, Alter: alter, Want: want}
	}
	drop := func(root map[string]any) {
		if all, isList := root["results"].([]any); isList && len(all) > 0 {
			root["results"] = all[1:]
		}
	}
	return []connectortest.OddReply{
		on("one is left out", connectortest.Edit(drop), theirs),
		on("one is left out with a reason", connectortest.Edit(func(root map[string]any) {
			drop(root)
			root["errors"] = []any{map[string]any{"category": "INTERNAL", "message": "a shard was down"}}
		}), connectortest.Outcome{Who: fault.Them, Says: "a shard was down"}),
		on("all are left out", connectortest.Body(`{"status":"COMPLETE","results":[]}`), theirs),
		on("no results", connectortest.Body(`{"status":"PENDING"}`), theirs),
		on("errors that are a text", connectortest.Edit(func(root map[string]any) { root["errors"] = "some" }), theirs),
		on("a record twice", connectortest.Edit(func(root map[string]any) {
			if all, isList := root["results"].([]any); isList && len(all) > 0 {
				root["results"] = append(all, all[0])
			}
		}), rightRows),
		on("in another order", connectortest.Edit(func(root map[string]any) {
			if all, isList := root["results"].([]any); isList && len(all) > 1 {
				slices.Reverse(all)
			}
		}), rightRows),
	}
}

// oddSearches are searches that count or order otherwise than they find.
func oddSearches() []connectortest.OddReply {
	on := func(name string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return connectortest.OddReply{Name: "searches: " + name, Stream: "deals", Call: `^POST /crm/objects/2026-09/deals/search`, Alter: alter, Want: want}
	}
	return []connectortest.OddReply{
		on("a total that is a text", connectortest.Edit(func(root map[string]any) { root["total"] = textOf(root["total"]) }), rightRows),
		on("no total", connectortest.Edit(func(root map[string]any) { delete(root, "total") }), rightRows),
		on("a total of nothing", connectortest.Edit(func(root map[string]any) { root["total"] = 0 }), rightRows),
		on("a total that is too large", connectortest.Edit(func(root map[string]any) { root["total"] = 1_000_000 }), rightRows),
		on("a total that is a word", connectortest.Edit(func(root map[string]any) { root["total"] = "many" }), rightRows),
		on("ids out of order", connectortest.Edit(func(root map[string]any) {
			if all, isList := root["results"].([]any); isList {
				slices.Reverse(all)
			}
		}), rightRows),
		on("nothing found of what is counted", connectortest.Edit(func(root map[string]any) { root["results"] = []any{} }), rightRows),
	}
}

// oddSettings are settings in other shapes.
func oddSettings() []connectortest.OddReply {
	on := func(stream, name, call string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return connectortest.OddReply{Name: stream + ": " + name, Stream: stream, Call: call, Alter: alter, Want: want}
	}
	stages := func(change func(stage map[string]any)) func(*connectortest.Answer) {
		return connectortest.Edit(func(root map[string]any) {
			for _, s := range connectortest.First(root, "results")["stages"].([]any) {
				change(s.(map[string]any))
			}
		})
	}
	metadata := func(name string, to func(any) any) func(*connectortest.Answer) {
		return stages(func(s map[string]any) {
			m := s["metadata"].(map[string]any)
			m[name] = to(m[name])
		})
	}
	const owners, teams, account, forecasts, submissions = `^GET /crm/owners`, `^GET /settings/`, `^GET /account-info/2026-09/details`, `^GET /forecast-settings`, `^GET /forecast-submissions`
	return []connectortest.OddReply{
		on("pipelines", "metadata as JSON booleans", stageLadder, metadata("isClosed", func(v any) any { return v == "true" }), rightRows),
		on("pipelines", "probabilities as numbers", stageLadder, metadata("probability", func(v any) any { return jsonNumber(v) }), rightRows),
		on("pipelines", "metadata that is an object within", stageLadder, metadata("isClosed", func(any) any { return map[string]any{} }), theirs),
		on("pipelines", "stages that are null", stageLadder, connectortest.Edit(func(root map[string]any) { connectortest.First(root, "results")["stages"] = nil }), theirs),
		on("pipelines", "a stage without an id", stageLadder, stages(func(s map[string]any) { delete(s, "id") }), theirs),
		on("pipelines", "an order that is a text", stageLadder, stages(func(s map[string]any) { s["displayOrder"] = textOf(s["displayOrder"]) }), rightRows),
		on("pipelines", "no list", stageLadder, connectortest.Body(`{}`), theirs),
		on("pipelines", "a web page", stageLadder, connectortest.Header("Content-Type", "text/html"), theirs),
		on("account", "a list", account, connectortest.Body(`[]`), theirs),
		on("account", "nothing", account, connectortest.Body(`{}`), theirs),
		on("owners", "an owner without an id", owners, first(func(r map[string]any) { delete(r, "id") }), theirs),
		on("owners", "a user id that is a text", owners, first(func(r map[string]any) { r["userId"] = textOf(r["userId"]) }), rightRows),
		on("teams", "422", teams, connectortest.Status(422, `{"message":"no"}`), connectortest.Outcome{Who: fault.Us, Says: "422"}),
		on("teams", "a team without an id", teams, first(func(r map[string]any) { delete(r, "id") }), theirs),
		on("forecast_types", "as one object", forecasts, func(a *connectortest.Answer) {
			a.Edit(func(root map[string]any) { root["aaa"] = 1 })
		}, rightRows),
		on("forecast_submissions", "400 for a bound", submissions, connectortest.Status(400, `{"message":"occurredBefore must be a long"}`), connectortest.Outcome{Who: fault.Us, Says: "must be a long"}),
		on("pipeline_audit", "a rawObject that is a JSON object", `/audit`, connectortest.Edit(func(root map[string]any) {
			for _, v := range root["results"].([]any) {
				one := v.(map[string]any)
				if text, isText := one["rawObject"].(string); isText {
					one["rawObject"] = jsonOf(text)
				} else {
					one["rawObject"] = textOf(one["rawObject"])
				}
			}
		}), rightRows),
		on("pipeline_audit", "a rawObject that is cut off", `/audit`, first(func(r map[string]any) { r["rawObject"] = `{"id":"default","stages":[{"id"` }), theirs),
	}
}

func jsonNumber(v any) any {
	if text, isText := v.(string); isText {
		return json.Number(text)
	}
	return v
}

func textOf(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		return v
	}
	return string(text)
}

func jsonOf(text string) (v any) {
	_ = json.Unmarshal([]byte(text), &v) // of the sandbox's own making
	return v
}

package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/fault"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

// Each odd reply comes to right rows or to an error that says who can mend it; never to
// fewer rows without a word.
func TestOddRepliesLoseNothing(t *testing.T) {
	box := sandbox.New(company.Acme(7, 60))
	connectortest.OddReplies(t, box, func(t *testing.T, over http.RoundTripper) connectors.Source {
		a, err := openOver(over, boxSettings("http://127.0.0.1:1"))
		if err != nil {
			t.Fatal(err)
		}
		a.pace.pageRows, a.pace.partRows = 25, 10
		return a
	}, slices.Concat(
		connectortest.At("Contract", contractPages, connectortest.PagesOf("records")),
		oddPages(), oddResults(), oddJobs(), oddDescribes(), oddAnswers(),
	))
}

const (
	contractPages = `queryAll.*FROM\+Contract\+WHERE`
	resultPages   = `^GET .*/results\?`
)

var (
	rightRows = connectortest.Outcome{}
	theirs    = connectortest.Outcome{Who: fault.Them}
	ours      = connectortest.Outcome{Who: fault.You}
	setAside  = connectortest.Outcome{Rejected: true}
)

func odd(stream, name, call string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
	return connectortest.OddReply{Name: stream + ": " + name, Stream: stream, Call: call, Alter: alter, Want: want}
}

func once(o connectortest.OddReply) connectortest.OddReply {
	o.Times = 1
	return o
}

func edit(change func(root map[string]any)) func(*connectortest.Answer) {
	return connectortest.Edit(change)
}

// record changes the first record of a page.
func record(name string, to func(any) any) func(*connectortest.Answer) {
	return edit(func(root map[string]any) {
		r := connectortest.First(root, "records")
		if r[name] = to(r[name]); r[name] == gone {
			delete(r, name)
		}
	})
}

// gone stands for a member that is taken away.
const gone = "\x00gone"

func always(v any) func(any) any { return func(any) any { return v } }

func asText(v any) any { return fmt.Sprint(v) }

// oddPages are pages of a REST query that count, name or go on otherwise.
func oddPages() []connectortest.OddReply {
	on := func(name string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return odd("Contract", name, contractPages, alter, want)
	}
	total := func(v any) func(*connectortest.Answer) {
		return edit(func(root map[string]any) { root["totalSize"] = v })
	}
	return []connectortest.OddReply{
		on("a total that is a text", edit(func(root map[string]any) { root["totalSize"] = asText(root["totalSize"]) }), rightRows),
		on("no total", edit(func(root map[string]any) { delete(root, "totalSize") }), theirs),
		on("a total that is null", total(nil), theirs),
		on("a total that is a word", total("many"), theirs),
		on("a total that is too large", total(1_000_000), rightRows), // so many go by Bulk
		on("a total that is one too large", edit(func(root map[string]any) { root["totalSize"] = len(root["records"].([]any)) + 1 }), theirs),
		on("a total that is too small", total(1), theirs),
		on("a total below nothing", total(-1), theirs),
		on("not done, and no next page", edit(func(root map[string]any) { root["done"] = false }), theirs),
		on("no word on whether it is done", edit(func(root map[string]any) { delete(root, "done") }), theirs),
		on("done as a text", edit(func(root map[string]any) { root["done"] = "true" }), rightRows),
		on("a next page at somebody else's", edit(func(root map[string]any) { root["done"], root["nextRecordsUrl"] = false, "https://evil.example/x" }), theirs),
		on("a next page that is the same", edit(func(root map[string]any) {
			root["done"], root["nextRecordsUrl"] = false, "/services/data/v67.0/query/01gXXXXXXXXXXXXXXX-2000"
		}), theirs),
		on("a record fewer than counted", edit(func(root map[string]any) { root["records"] = root["records"].([]any)[1:] }), theirs),
		on("a record twice", edit(func(root map[string]any) {
			all := root["records"].([]any)
			root["records"] = append(all, all[0])
		}), theirs),
		on("a record twice instead of another", edit(func(root map[string]any) {
			all := root["records"].([]any)
			all[1] = all[0]
		}), theirs),
		on("a record without its Id", record("Id", always(gone)), theirs),
		on("an Id that is null", record("Id", always(nil)), theirs),
		on("an Id that is an object", record("Id", always(map[string]any{})), theirs),
		on("names in other letters", func(a *connectortest.Answer) {
			a.Body = bytes.ReplaceAll(a.Body, []byte(`"Status":`), []byte(`"STATUS":`))
		}, rightRows),
		on("no attributes", record("attributes", always(gone)), rightRows),
		on("a date that is none", record("StartDate", always("soon")), setAside),
		on("a number that is none", record("ContractTerm", always("a year")), setAside),
		on("an instant without a zone", record("CreatedDate", always("2026-02-30T99:00:00")), setAside),
		on("text that is no UTF-8", connectortest.Replace(`"ContractNumber":"`, "\"ContractNumber\":\"\xff\xfe", 1), setAside),
	}
}

// oddResults are pages of a Bulk result.
func oddResults() []connectortest.OddReply {
	on := func(name string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return odd("Opportunity", "results: "+name, resultPages, alter, want)
	}
	text := func(change func(string) string) func(*connectortest.Answer) {
		return func(a *connectortest.Answer) { a.Body = []byte(change(string(a.Body))) }
	}
	head := func(change func(string) string) func(*connectortest.Answer) {
		return text(func(all string) string {
			first, rest, _ := strings.Cut(all, "\n")
			return change(first) + "\n" + rest
		})
	}
	return []connectortest.OddReply{
		on("nothing at all", connectortest.Body(""), theirs),
		on("the header alone", text(func(all string) string { first, _, _ := strings.Cut(all, "\n"); return first + "\n" }), theirs),
		on("JSON instead of CSV", connectortest.Body(`{"records":[]}`), theirs),
		on("a refusal instead of CSV", connectortest.Body(`[{"errorCode":"INVALID_SESSION_ID","message":"gone"}]`), theirs),
		on("a web page instead of CSV", connectortest.Body("<html>sign in</html>"), theirs),
		on("lines that end in CR LF", text(func(all string) string { return strings.ReplaceAll(all, "\"\n", "\"\r\n") }), connectortest.Outcome{}),
		on("no end of the last line", text(func(all string) string { return strings.TrimSuffix(all, "\n") }), rightRows),
		on("an empty line at its end", text(func(all string) string { return all + "\n" }), rightRows),
		on("a byte order mark", text(func(all string) string { return "\xef\xbb\xbf" + all }), rightRows),
		on("cut off within a line", text(func(all string) string { return all[:len(all)-40] }), theirs),
		on("cut off after a line", text(func(all string) string { return all[:strings.LastIndex(strings.TrimSuffix(all, "\n"), "\n")+1] }), theirs),
		on("a line twice", text(func(all string) string { return all + all[strings.LastIndex(strings.TrimSuffix(all, "\n"), "\n")+1:] }), theirs),
		on("a column fewer", head(func(h string) string { return strings.Replace(h, `"StageName"`, `"Stage"`, 1) }), theirs),
		on("a header in other letters", head(strings.ToUpper), rightRows),
		on("a column twice", head(func(h string) string { return strings.Replace(h, `"StageName"`, `"Name"`, 1) }), theirs),
		on("semicolons", text(func(all string) string { return strings.ReplaceAll(all, `","`, `";"`) }), theirs),
		on("a count of its rows that is too large", connectortest.Header("Sforce-Numberofrecords", "100000"), theirs),
		on("a count of its rows that is too small", connectortest.Header("Sforce-Numberofrecords", "1"), theirs),
		on("a count of its rows that is a word", connectortest.Header("Sforce-Numberofrecords", "many"), theirs),
		on("no count of its rows", connectortest.Header("Sforce-Numberofrecords", ""), rightRows),
		on("no locator", connectortest.Header("Sforce-Locator", ""), rightRows),
		on("a locator that is no locator", connectortest.Header("Sforce-Locator", "../../evil"), theirs),
		on("packed", connectortest.PagesOf("records")[27].Alter, rightRows),
		once(on("a lost locator", connectortest.Status(400, `[{"errorCode":"INVALID_QUERY_LOCATOR","message":"gone"}]`), theirs)),
		once(on("a session that ended", connectortest.Status(401, `[{"errorCode":"INVALID_SESSION_ID","message":"gone"}]`), rightRows)),
	}
}

// oddJobs are jobs that say of themselves what they should not.
func oddJobs() []connectortest.OddReply {
	const create, look, lists = `^POST .*/jobs/query`, `^GET .*/jobs/query/[A-Za-z0-9]+ `, `/resultPages`
	job := func(name string, value any) func(*connectortest.Answer) {
		return edit(func(root map[string]any) {
			if root[name] = value; value == gone {
				delete(root, name)
			}
		})
	}
	on := func(name, call string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return odd("Opportunity", "job: "+name, call, alter, want)
	}
	return []connectortest.OddReply{
		on("no id", create, job("id", gone), theirs),
		on("an id that is a path", create, job("id", "../../evil"), theirs),
		on("a refusal under 200", create, connectortest.Body(`[{"errorCode":"INSUFFICIENT_ACCESS","message":"no Bulk"}]`), connectortest.Outcome{Who: fault.You, Says: "no Bulk"}),
		on("503, once", create, connectortest.Status(503, ""), theirs),
		once(on("503, once", create, connectortest.Status(503, ""), rightRows)),
		on("not for Bulk", create, connectortest.Status(400, `[{"errorCode":"INVALIDENTITY","message":"Entity 'Opportunity' is not supported by the Bulk API."}]`), rightRows),
		once(on("a state that nobody knows", look, job("state", "Dreaming"), rightRows)),
		on("a state that nobody knows for ever", look, job("state", "Dreaming"), connectortest.Outcome{Who: fault.Them, Says: "without progress"}),
		on("no state", look, job("state", gone), theirs),
		on("failed without a reason", look, edit(func(root map[string]any) { root["state"], root["errorMessage"] = "Failed", nil }), theirs),
		on("aborted", look, job("state", "Aborted"), theirs),
		on("a count that is too large", look, job("numberRecordsProcessed", 1_000_000), theirs),
		on("a count that is too small", look, job("numberRecordsProcessed", 1), theirs),
		on("a count that is a text", look, edit(func(root map[string]any) { root["numberRecordsProcessed"] = asText(root["numberRecordsProcessed"]) }), rightRows),
		on("no count", look, job("numberRecordsProcessed", gone), rightRows),
		on("pages that are listed nowhere", lists, connectortest.Body(`{"resultPages":[],"done":true}`), rightRows),
		on("pages at somebody else's", lists, connectortest.Replace("/jobs/query/", "/jobs/evil/", -1), theirs),
		on("a list that is refused", lists, connectortest.Status(404, ""), rightRows),
		on("a list that is no JSON", lists, connectortest.Body("no"), theirs),
	}
}

// oddDescribes are describes that say less or other things.
func oddDescribes() []connectortest.OddReply {
	const describe = `^GET .*/sobjects/Contract/describe|^POST .*/composite`
	on := func(name string, alter func(root map[string]any), want connectortest.Outcome) connectortest.OddReply {
		return odd("Contract", "describe: "+name, describe, func(a *connectortest.Answer) {
			a.Edit(func(root map[string]any) {
				if parts, isComposite := root["compositeResponse"].([]any); isComposite {
					root = parts[0].(map[string]any)["body"].(map[string]any)
				}
				alter(root)
			})
		}, want)
	}
	fields := func(change func(f map[string]any)) func(map[string]any) {
		return func(root map[string]any) {
			for _, f := range root["fields"].([]any) {
				change(f.(map[string]any))
			}
		}
	}
	return []connectortest.OddReply{
		on("no fields", func(root map[string]any) { delete(root, "fields") }, theirs),
		on("fields that are null", func(root map[string]any) { root["fields"] = nil }, theirs),
		on("fields that are an object", func(root map[string]any) { root["fields"] = map[string]any{} }, theirs),
		on("a field without a name", fields(func(f map[string]any) { delete(f, "name") }), theirs),
		on("a field with a name that is none", fields(func(f map[string]any) { f["name"] = "Sta tus; drop" }), theirs),
		on("precision as a text", fields(func(f map[string]any) { f["precision"] = asText(f["precision"]) }), rightRows),
		on("no precision", fields(func(f map[string]any) { delete(f, "precision"); delete(f, "scale") }), rightRows),
		on("calculated as a text", fields(func(f map[string]any) { f["calculated"] = asText(f["calculated"]) }), rightRows),
		on("queryable as a text", func(root map[string]any) { root["queryable"] = asText(root["queryable"]) }, rightRows),
		on("not queryable", func(root map[string]any) { root["queryable"] = false }, connectortest.Outcome{LeftOut: true}),
		on("a type that nobody knows", fields(func(f map[string]any) {
			if f["name"] == "Status" {
				f["type"] = "hologram"
			}
		}), rightRows),
	}
}

// oddAnswers are what else an org answers.
func oddAnswers() []connectortest.OddReply {
	const versions, limits, token = `^GET /services/data `, `/limits`, `^POST /services/oauth2/token`
	on := func(name, call string, alter func(*connectortest.Answer), want connectortest.Outcome) connectortest.OddReply {
		return odd("Contract", name, call, alter, want)
	}
	refused := func(code string) func(*connectortest.Answer) {
		return connectortest.Status(400, `[{"errorCode":"`+code+`","message":"no"}]`)
	}
	under200 := func(code string) func(*connectortest.Answer) {
		return connectortest.Body(`[{"message":"no","errorCode":"` + code + `"}]`)
	}
	return []connectortest.OddReply{
		on("versions: none", versions, connectortest.Body("[]"), ours),
		on("versions: an object", versions, connectortest.Body("{}"), theirs),
		on("versions: a web page", versions, connectortest.Status(404, "<html>nothing here</html>"), connectortest.Outcome{Who: fault.You, Says: "My Domain"}),
		on("limits: nonsense", limits, connectortest.Body(`{"DailyApiRequests":"many"}`), rightRows),
		on("limits: refused", limits, connectortest.Status(403, ""), rightRows),
		on("sign-in: no token", token, connectortest.Body(`{}`), theirs),
		on("sign-in: a token for somebody else", token, edit(func(root map[string]any) { root["instance_url"] = "https://evil.example" }), connectortest.Outcome{Who: fault.You, Says: "evil.example"}),
		on("sign-in: a refusal under 200", token, connectortest.Body(`{"error":"invalid_client","error_description":"bad"}`), theirs),
		on("200 with a code of permissions", contractPages, under200("INSUFFICIENT_ACCESS"), connectortest.Outcome{LeftOut: true, Says: "INSUFFICIENT_ACCESS"}),
		on("200 with a code of a session", contractPages, under200("INVALID_SESSION_ID"), connectortest.Outcome{Who: fault.You, Says: "INVALID_SESSION_ID"}),
		on("200 with a code of ours", contractPages, under200("MALFORMED_QUERY"), connectortest.Outcome{Who: fault.Us, Says: "MALFORMED_QUERY"}),
		once(on("200 with a code that passes", contractPages, under200("SERVER_UNAVAILABLE"), rightRows)),
		on("200 with a code that nobody knows", contractPages, under200("SOMETHING_NEW"), connectortest.Outcome{Who: fault.Them, Says: "SOMETHING_NEW"}),
		on("a big object", contractPages, refused("INVALID_QUERY_FILTER_OPERATOR"), connectortest.Outcome{Who: fault.You, Says: "big object"}),
		on("My Domain", contractPages, refused("URL_NOT_RESET"), connectortest.Outcome{Who: fault.You, Says: "My Domain"}),
		once(on("a query that took too long", contractPages, refused("QUERY_TIMEOUT"), rightRows)),
		on("an unknown code", contractPages, refused("SOMETHING_NEW"), connectortest.Outcome{Who: fault.Them, Says: "SOMETHING_NEW"}),
		on("a composite that answers 404", `^POST .*/composite`, connectortest.Status(404, ""), rightRows),
		on("a composite whose parts are all 404", `^POST .*/composite`, edit(func(root map[string]any) {
			for _, p := range root["compositeResponse"].([]any) {
				part := p.(map[string]any)
				part["httpStatusCode"], part["body"] = json.Number("404"), []any{}
			}
		}), rightRows),
	}
}

package connectortest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"unicode/utf16"

	"merit/connectors/fault"
)

// An Alteration is an odd reply of whatever CRM: what befalls a page of records, and what
// must come of it.
type Alteration struct {
	Name  string
	Times int
	Alter func(*Answer)
	Want  Outcome
}

// At puts alterations on the calls of a stream that match.
func At(stream, call string, all []Alteration) []OddReply {
	var kinds []OddReply
	for _, a := range all {
		kinds = append(kinds, OddReply{Name: stream + ": " + a.Name, Stream: stream, Call: call, Times: a.Times, Alter: a.Alter, Want: a.Want})
	}
	return kinds
}

// Body replaces the reply's text.
func Body(text string) func(*Answer) { return func(a *Answer) { a.Body = []byte(text) } }

// Replace replaces a text within the reply, everywhere or so many times.
func Replace(old, text string, times int) func(*Answer) {
	return func(a *Answer) { a.Body = bytes.Replace(a.Body, []byte(old), []byte(text), times) }
}

// Header sets a header, or takes it away when the value is "".
func Header(name, value string) func(*Answer) {
	return func(a *Answer) {
		a.Header.Set(name, value)
		if value == "" {
			a.Header.Del(name)
		}
	}
}

// Status answers with a status and a text.
func Status(status int, text string) func(*Answer) {
	return func(a *Answer) { a.Status, a.Body = status, []byte(text) }
}

// Edit changes the reply's JSON.
func Edit(change func(root map[string]any)) func(*Answer) {
	return func(a *Answer) { a.Edit(change) }
}

// First gives the first record of a list in a reply, an empty one where there is none.
func First(root map[string]any, list string) map[string]any {
	if all, isList := root[list].([]any); isList && len(all) > 0 {
		if record, isRecord := all[0].(map[string]any); isRecord {
			return record
		}
	}
	return map[string]any{}
}

// PagesOf are the alterations of a JSON page whose records stand in a list: whatever text
// comes, in whatever wrapping, the rows are right or the reading ends with a sentence.
func PagesOf(list string) []Alteration {
	right, theirs := Outcome{}, Outcome{Who: fault.Them}
	return []Alteration{
		{"an empty body", 0, Body(""), theirs},
		{"null", 0, Body("null"), theirs},
		{"an empty object", 0, Body("{}"), theirs},
		{"an empty list instead of an object", 0, Body("[]"), theirs},
		{"a text instead of an object", 0, Body(`"ok"`), theirs},
		{"a number instead of an object", 0, Body("42"), theirs},
		{"a web page under JSON's name", 0, Body("<html><body>Please sign in</body></html>"), theirs},
		{"JSON that ends in the middle", 0, func(a *Answer) { a.Body = a.Body[:len(a.Body)/2] }, theirs},
		{"JSON without its last brace", 0, func(a *Answer) { a.Body = bytes.TrimRight(a.Body, "}\n ") }, theirs},
		{"JSON with more behind it", 0, func(a *Answer) { a.Body = append(a.Body, `{"status":"error"}`...) }, theirs},
		{"the page twice in one body", 0, func(a *Answer) { a.Body = append(a.Body, a.Body...) }, theirs},
		{"blanks and lines around it", 0, func(a *Answer) { a.Body = append(append([]byte(" \r\n\t"), a.Body...), " \n\n"...) }, right},
		{"a byte order mark before it", 0, func(a *Answer) { a.Body = append([]byte("\xef\xbb\xbf"), a.Body...) }, theirs},
		{"UTF-16", 0, func(a *Answer) { a.Body = inUTF16(a.Body) }, theirs},
		{"members in another order, indented", 0, indented, right},
		{"members that nobody knows", 0, Edit(func(root map[string]any) {
			root["aaa"], root["zzz"] = map[string]any{"deep": []any{1, "x", nil}}, nil
			First(root, list)["unheardOf"] = []any{map[string]any{}}
		}), right},
		{"no list of records", 0, Edit(func(root map[string]any) { delete(root, list) }), theirs},
		{"a list that is null", 0, Edit(func(root map[string]any) { root[list] = nil }), theirs},
		{"a list that is an object", 0, Edit(func(root map[string]any) { root[list] = map[string]any{} }), theirs},
		{"a list that is a text", 0, Edit(func(root map[string]any) { root[list] = "none" }), theirs},
		{"a record that is null", 0, Edit(func(root map[string]any) {
			if all, isList := root[list].([]any); isList && len(all) > 0 {
				all[0] = nil
			}
		}), theirs},
		{"a record that is a text", 0, Edit(func(root map[string]any) {
			if all, isList := root[list].([]any); isList && len(all) > 0 {
				all[0] = "gone"
			}
		}), theirs},
		{"a member twice", 0, func(a *Answer) { a.Body = bytes.Replace(a.Body, []byte("{"), []byte(`{"`+list+`":[],`), 1) }, theirs},
		{"nested too deeply", 0, func(a *Answer) {
			deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
			a.Body = bytes.Replace(a.Body, []byte("{"), []byte(`{"deep":`+deep+`,`), 1)
		}, theirs},
		{"another content type", 0, Header("Content-Type", "text/plain"), right},
		{"a content type of a web page", 0, Header("Content-Type", "text/html; charset=utf-8"), theirs},
		{"no content type", 0, Header("Content-Type", ""), right},
		{"packed by gzip", 0, packed, right},
		{"called gzip and not packed", 0, Header("Content-Encoding", "gzip"), theirs},
		{"packed, and cut off", 0, func(a *Answer) { packed(a); a.Body = a.Body[:len(a.Body)/2] }, theirs},
		{"503 once", 1, Status(503, "busy"), right},
		{"502 with a web page, three times", 3, Status(502, "<html>bad gateway</html>"), right},
		{"503 for ever", 0, Status(503, "busy"), theirs},
		{"429 without a word, once", 1, Status(429, ""), right},
		{"204 without a body", 0, Status(204, ""), theirs},
		{"206, and half of it", 0, func(a *Answer) { a.Status, a.Body = 206, a.Body[:len(a.Body)/2] }, theirs},
		{"501", 0, Status(501, ""), theirs},
		{"a redirect to somebody else", 0, func(a *Answer) { a.Status = 302; a.Header.Set("Location", "https://evil.example/") }, theirs},
		{"no Date", 0, Header("Date", ""), Outcome{}},
	}
}

func packed(a *Answer) {
	var to bytes.Buffer
	zip := gzip.NewWriter(&to)
	_, _ = zip.Write(a.Body) // to memory
	_ = zip.Close()
	a.Body = to.Bytes()
	a.Header.Set("Content-Encoding", "gzip")
}

func indented(a *Answer) {
	a.Edit(func(map[string]any) {}) // sorts the members
	var to bytes.Buffer
	if json.Indent(&to, a.Body, "", "   ") == nil {
		a.Body = to.Bytes()
	}
}

func inUTF16(text []byte) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(string(text))) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

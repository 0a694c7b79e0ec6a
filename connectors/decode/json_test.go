package decode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors/decode"
	"merit/connectors/fault"
)

// A page of HubSpot's, in small.
const deals = `{"results":[
	{"id":"1","properties":{"amount":"1.2E7","dealname":"Say \"hi\"\r\n","closedate":null,"pipeline":""},"archived":false},
	{"id":2,"properties":null,"extra":{"deep":[1,{"a":2}]},"archived":true}
],"paging":{"next":{"after":"9007199254740993"}}}`

func TestAPageIsWalkedTokenByToken(t *testing.T) {
	d := decode.NewJSON(strings.NewReader(deals))
	var buf []byte
	var seen []string
	text := func(what string) error {
		value, present, err := decode.Text(d, buf)
		seen = append(seen, fmt.Sprintf("%s %v %q", what, present, value))
		buf = value
		return err
	}
	err := decode.Object(d, func(name string) error {
		switch name {
		case "results":
			return decode.Array(d, func() error {
				return decode.Members(d, func(name []byte) error {
					if string(name) == "properties" {
						return decode.Object(d, text)
					}
					return text(string(name))
				})
			})
		case "paging":
			return text(name)
		}
		return decode.Skip(d)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`id true "1"`, `amount true "1.2E7"`, `dealname true "Say \"hi\"\r\n"`, `closedate false ""`, `pipeline true ""`, `archived true "false"`,
		`id true "2"`, `extra true "{\"deep\":[1,{\"a\":2}]}"`, `archived true "true"`,
		`paging true "{\"next\":{\"after\":\"9007199254740993\"}}"`,
	}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("the walk saw\n%s", strings.Join(seen, "\n"))
	}
}

func TestJSONTexts(t *testing.T) {
	for raw, want := range map[string]string{
		`9007199254740993`:      "9007199254740993",
		`1.2345678E7`:           "1.2345678E7",
		`1e400`:                 "1e400",
		`"\u0000x"`:             "\x00x",
		`"\ud83d\ude00"`:        "😀",
		`"cut emoji \ud83d"`:    "cut emoji \ufffd", // a preview that HubSpot cut in the middle of a pair
		"\"caf\xe9\"":           "caf\xe9",          // as it came, so that the Builder can reject it
		`[1, 2]`:                "[1, 2]",
		`true`:                  "true",
		`""`:                    "",
		`"a\/b"`:                "a/b",
		`"\\"`:                  `\`,
		`"line\u2028separator"`: "line\u2028separator",
	} {
		got, present, err := decode.Text(decode.NewJSON(strings.NewReader(raw)), []byte("left over"))
		if err != nil || !present || string(got) != want {
			t.Errorf("%s gives %q, %v, %v", raw, got, present, err)
		}
	}
}

func TestBrokenJSONIsAFaultOfTheSender(t *testing.T) {
	for _, text := range []string{
		`{"results":[{"id":"1"},{"id":`, // cut off
		`{"results":[{"id":"1","id":"2"}]}`,
		`{"results":{"id":"1"}}`,
		`{"results":"none"}`,
		`[]`,
		`<html>maintenance</html>`,
		`{"results":[1 2]}`,
		`{"results":[,]}`,
		``,
	} {
		err := walk(strings.NewReader(text))
		if err == nil || fault.WhoMends(err) != fault.Them || !strings.HasPrefix(err.Error(), "JSON at ") {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

// walk reads results as an array of objects.
func walk(r io.Reader) error {
	d := decode.NewJSON(r)
	return decode.Object(d, func(name string) error {
		return decode.Array(d, func() error {
			return decode.Object(d, func(string) error { return decode.Skip(d) })
		})
	})
}

func TestTheReadersOwnErrorIsKept(t *testing.T) {
	cut := errors.New("cut off")
	for at := range len(deals) {
		err := walk(io.MultiReader(strings.NewReader(deals[:at]), iotest.ErrReader(cut)))
		if err == nil {
			t.Fatalf("JSON that breaks off at %d is read as whole", at)
		}
		if at < len(`{"results":[`) && !errors.Is(err, cut) {
			t.Fatalf("JSON that breaks off at %d gives %v", at, err)
		}
	}
}

func TestTheCallersErrorsAreNotChanged(t *testing.T) {
	mine := errors.New("mine")
	d := decode.NewJSON(strings.NewReader(`{"a":[1]}`))
	err := decode.Object(d, func(string) error { return decode.Array(d, func() error { return mine }) })
	if !errors.Is(err, mine) || err.Error() != "mine" {
		t.Errorf("got %v", err)
	}
}

// tree builds what encoding/json would, out of our functions.
func tree(d *jsontext.Decoder) (any, error) {
	switch d.PeekKind() {
	case '{':
		out := map[string]any{}
		err := decode.Object(d, func(name string) error {
			value, err := tree(d)
			out[name] = value
			return err
		})
		return out, err
	case '[':
		out := []any{}
		err := decode.Array(d, func() error {
			value, err := tree(d)
			out = append(out, value)
			return err
		})
		return out, err
	}
	kind := d.PeekKind()
	text, present, err := decode.Text(d, nil)
	switch {
	case err != nil || !present:
		return nil, err
	case kind == 't', kind == 'f':
		return kind == 't', nil
	case kind == '0':
		return json.Number(text), nil
	}
	return string(text), nil
}

// bothTrees reads JSON with our functions and with encoding/json.
func bothTrees(text []byte) (ours any, ourErr error, theirs any, theirErr error) {
	d := decode.NewJSON(bytes.NewReader(text))
	ours, ourErr = tree(d)
	std := json.NewDecoder(bytes.NewReader(text))
	std.UseNumber()
	theirErr = std.Decode(&theirs)
	return
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{deals, `{"a":1,"a":2}`, `[[[]]]`, `"\ud800"`, `1e400`, `{"":null}`, "\"\xff\"", `{`, `nul`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ours, ourErr, theirs, theirErr := bothTrees(text)
		if ourErr != nil {
			// Ours refuses more: a name that is there twice. It never accepts less
			// than a whole value, so nothing else needs comparing.
			if theirErr == nil && !strings.Contains(ourErr.Error(), "duplicate") {
				t.Fatalf("ours: %v; encoding/json reads %q", ourErr, text)
			}
			return
		}
		if theirErr != nil {
			t.Fatalf("encoding/json: %v; ours reads %q as %v", theirErr, text, ours)
		}
		if utf8.Valid(text) && !reflect.DeepEqual(ours, theirs) {
			t.Fatalf("%q: ours %#v, encoding/json %#v", text, ours, theirs)
		}
	})
}

func TestRealFilesReadAsEncodingJSONReadsThem(t *testing.T) {
	files := 0
	err := filepath.WalkDir(realData(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		ours, ourErr, theirs, theirErr := bothTrees(text)
		if (ourErr == nil) != (theirErr == nil) || ourErr == nil && !reflect.DeepEqual(ours, theirs) {
			t.Errorf("%s: ours %v, encoding/json %v", d.Name(), ourErr, theirErr)
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
}

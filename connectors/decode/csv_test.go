package decode_test

import (
	"bytes"
	"encoding/csv"
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

	"merit/connectors/decode"
	"merit/connectors/fault"
)

// rows reads all of a CSV; the rows before an error too.
func rows(r io.Reader, delimiter byte) ([][]string, error) {
	c := decode.NewCSV(r, delimiter)
	var out [][]string
	for c.Next() {
		row := make([]string, len(c.Fields()))
		for i, field := range c.Fields() {
			row[i] = string(field)
		}
		out = append(out, row)
	}
	return out, c.Err()
}

func TestCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want [][]string
	}{
		"plain":                              {"a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}},
		"no line end at the end":             {"a,b\n1,2", [][]string{{"a", "b"}, {"1", "2"}}},
		"CR LF":                              {"a,b\r\n1,2\r\n", [][]string{{"a", "b"}, {"1", "2"}}},
		"quoted, as Salesforce writes":       {"\"a\",\"b\"\n\"1\",\"2\"\n", [][]string{{"a", "b"}, {"1", "2"}}},
		"quoted, CR LF":                      {"\"a\"\r\n\"1\"\r\n", [][]string{{"a"}, {"1"}}},
		"empty is empty, quoted or not":      {"a,b,c\n,\"\",\n", [][]string{{"a", "b", "c"}, {"", "", ""}}},
		"CR LF inside quotes stays":          {"a\n\"x\r\ny\"\n", [][]string{{"a"}, {"x\r\ny"}}},
		"delimiter and doubled quotes":       {"a\n\"say \"\"hi\"\", twice\"\n", [][]string{{"a"}, {`say "hi", twice`}}},
		"nothing but doubled quotes":         {"a\n\"\"\"\"\"\"\n", [][]string{{"a"}, {`""`}}},
		"NA and NUL":                         {"a,b\nNA,x\x00y\n", [][]string{{"a", "b"}, {"NA", "x\x00y"}}},
		"byte order mark":                    {"\ufeff\"a\",b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}},
		"blank lines":                        {"\n\r\na\n\n1\n\r\n", [][]string{{"a"}, {"1"}}},
		"CR inside a plain field":            {"a,b\nx\ry,2\r\n", [][]string{{"a", "b"}, {"x\ry", "2"}}},
		"the last field is empty at the end": {"a,b\n1,", [][]string{{"a", "b"}, {"1", ""}}},
		"nothing":                            {"", nil},
		"a mark and nothing":                 {"\ufeff", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rows(strings.NewReader(c.text), ',')
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%q gives %q, %v", c.text, got, err)
			}
			slowly, err := rows(iotest.OneByteReader(strings.NewReader(c.text)), ',')
			if err != nil || !reflect.DeepEqual(slowly, c.want) {
				t.Errorf("byte by byte %q gives %q, %v", c.text, slowly, err)
			}
		})
	}
}

func TestBrokenCSVIsAnErrorThatNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"a,b\n1\n":                     "CSV line 2 has 1 fields, the first row has 2",
		"a,b\n\"x\n\ny\",2\n1,2,3\n":   "CSV line 5 has 3 fields, the first row has 2",
		"a\n1\n\"open":                 "CSV line 3 begins a quoted field that does not end",
		"a\n\"1\"x\n":                  "CSV line 2 has text behind a closing quote",
		"a\n\"1\"\rx\n":                "CSV line 2 has text behind a closing quote",
		"a\nx\"y\n":                    "CSV line 2 has a quote inside a field that is not quoted",
		"a,b\n1,2\n3,4\n\n\n\"5\",6\"": "CSV line 6 has a quote inside a field that is not quoted",
	} {
		_, err := rows(strings.NewReader(text), ',')
		if err == nil || err.Error() != want || fault.WhoMends(err) != fault.Them {
			t.Errorf("%q gives %v, not %q", text, err, want)
		}
	}
}

func TestAReadersErrorEndsTheCSVAfterItsWholeRows(t *testing.T) {
	cut := errors.New("cut off")
	for _, text := range []string{"a,b\n1,2\n", "a,b\n1,2\n3,4", "a,b\n1,2\n\"3"} {
		got, err := rows(io.MultiReader(strings.NewReader(text), iotest.ErrReader(cut)), ',')
		if !errors.Is(err, cut) || len(got) != 2 {
			t.Errorf("%q gives %q and %v", text, got, err)
		}
		// With the error beside the last bytes, as io.Reader allows.
		got, err = rows(&together{text: text, err: cut}, ',')
		if !errors.Is(err, cut) || len(got) != 2 {
			t.Errorf("%q, error beside the text, gives %q and %v", text, got, err)
		}
	}
}

// together gives its text and its error in one Read, and then pretends an end.
type together struct {
	text string
	err  error
}

func (r *together) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.text = ""
	err := r.err
	r.err = io.EOF
	return n, err
}

func TestRowsLongerThanTheBuffer(t *testing.T) {
	long := strings.Repeat("0123456789\"\"\r\n", 100_000) // 1.4 MB in one field
	text := "a,b\n1,\"" + long + "\"\n2,x\n"
	got, err := rows(strings.NewReader(text), ',')
	want := [][]string{{"a", "b"}, {"1", strings.ReplaceAll(long, `""`, `"`)}, {"2", "x"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("a long field is not read as it is: %d rows, %v", len(got), err)
	}
}

func TestOneRowMayNotClaimAllMemory(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("a\n\""), forever{})
	_, err := rows(endless, ',')
	if err == nil || !strings.Contains(err.Error(), "CSV line 2 is longer than 64 MiB") {
		t.Errorf("an endless field gives %v", err)
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// The real files among the fixtures are read as encoding/csv reads them. MERIT_DATA
// names their folder when it is not beside the repository.
func TestRealFilesReadAsEncodingCSVReadsThem(t *testing.T) {
	folder := realData(t)
	delimiters := map[string]byte{"semicolon": ';', "tab": '\t', "caret": '^', "pipe": '|', "backquote": '`'}
	files := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".csv" {
			return err
		}
		delimiter := byte(',')
		for name, b := range delimiters {
			if strings.Contains(d.Name(), name) {
				delimiter = b
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		t.Run(d.Name(), func(t *testing.T) { agree(t, text, delimiter) })
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
}

// realData is the folder of files that real CRMs wrote.
func realData(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("MERIT_DATA"); folder != "" {
		return folder
	}
	for _, up := range []string{"../../../shared/data", "../../../../shared/data", "../../shared/data"} {
		if _, err := os.Stat(up); err == nil {
			return up
		}
	}
	t.Skip("no folder of real files; MERIT_DATA may name one")
	return ""
}

// agree holds our reading against encoding/csv's. Where the two are meant to
// differ, encoding/csv's is brought to ours: it rewrites CR LF inside quotes.
func agree(t *testing.T, text []byte, delimiter byte) {
	t.Helper()
	theirs := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	theirs.Comma = rune(delimiter)
	want, wantErr := theirs.ReadAll()
	got, err := rows(bytes.NewReader(text), delimiter)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("ours ends with %v, encoding/csv with %v, on %q", err, wantErr, brief(text))
	}
	if err != nil {
		return
	}
	if len(got) != len(want) {
		t.Fatalf("ours has %d rows, encoding/csv %d, on %q", len(got), len(want), brief(text))
	}
	for i := range got {
		for j := range got[i] {
			got[i][j] = strings.ReplaceAll(got[i][j], "\r\n", "\n")
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("row %d is %q, encoding/csv has %q", i, got[i], want[i])
		}
	}
}

func brief(text []byte) string {
	const enough = 200
	if len(text) > enough {
		return fmt.Sprintf("%s… (%d bytes)", text[:enough], len(text))
	}
	return string(text)
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\"a\"\"b\",\"c\r\nd\"\r\n,\n", "a\n\n\"\"\n", "\"x\"y", "a\"b", "a,b\n1\n", "\r\r\n", "a\r", "\"a\"\r", "a,\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.HasPrefix(text, []byte("\ufeff")) {
			return // encoding/csv takes the mark for text; what follows one is fuzzed without
		}
		agree(t, text, ',')
		// However the bytes arrive, the rows are the same.
		whole, err := rows(bytes.NewReader(text), ',')
		slowly, slowErr := rows(iotest.OneByteReader(bytes.NewReader(text)), ',')
		if !reflect.DeepEqual(whole, slowly) || fmt.Sprint(err) != fmt.Sprint(slowErr) {
			t.Fatalf("byte by byte: %q, %v; at once: %q, %v", slowly, slowErr, whole, err)
		}
	})
}

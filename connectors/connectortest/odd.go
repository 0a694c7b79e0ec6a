package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"merit/connectors"
	"merit/connectors/fault"
)

// An Answer is a reply of a CRM on its way to the reader.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Edit changes the JSON of the reply; numbers keep their digits.
func (a *Answer) Edit(change func(root map[string]any)) {
	var root map[string]any
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.UseNumber()
	if d.Decode(&root) != nil || root == nil {
		return
	}
	change(root)
	a.Body, _ = json.Marshal(root) // it was JSON
}

// An OddReply is one way in which a reply may be other than the reader expects, and what
// must come of it.
type OddReply struct {
	Name   string
	Stream string // that is read
	Call   string // a regular expression of "METHOD path?query body" that the calls it befalls match
	Times  int    // so many calls; 0: each
	Alter  func(*Answer)
	Want   Outcome
}

// An Outcome is right rows, or an error by its party and words. Never are rows missing
// without one.
type Outcome struct {
	Who      fault.Party // 0: the rows are right
	Says     string      // words of the error or of the rejects
	Rejected bool        // single values are set aside, which is said; every row is there
	LeftOut  bool        // the stream says that the account has nothing of it
}

// OddReplies reads a CRM once in peace, and then with each odd reply between it and the
// source. open opens the account over a transport. Time is simulated, so that no retry is
// waited for.
func OddReplies(t *testing.T, crm http.Handler, open func(t *testing.T, over http.RoundTripper) connectors.Source, kinds []OddReply) {
	peace := map[string]oddRead{}
	for _, kind := range kinds {
		if _, isRead := peace[kind.Stream]; !isRead {
			peace[kind.Stream] = readOdd(t, crm, open, OddReply{Stream: kind.Stream, Call: `^no such call`})
			if peace[kind.Stream].err != nil {
				t.Fatalf("%s in peace: %v", kind.Stream, peace[kind.Stream].err)
			}
		}
	}
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			got := readOdd(t, crm, open, kind)
			if got.befallen == 0 {
				t.Fatal("it befell no call")
			}
			kind.Want.judge(t, got, peace[kind.Stream])
		})
	}
}

// An oddRead is what one reading of a stream came to.
type oddRead struct {
	rows     map[string]string // by table and key
	rejects  []string
	leftOut  error
	err      error
	befallen int64
}

func readOdd(t *testing.T, crm http.Handler, open func(*testing.T, http.RoundTripper) connectors.Source, kind OddReply) oddRead {
	t.Helper()
	between := &oddProxy{crm: crm, call: regexp.MustCompile(kind.Call), kind: kind}
	got := oddRead{rows: map[string]string{}}
	synctest.Test(t, func(t *testing.T) {
		got.err = got.read(t.Context(), open(t, between), kind.Stream)
	})
	got.befallen = between.befallen.Load()
	return got
}

func (r *oddRead) read(ctx context.Context, source connectors.Source, stream string) error {
	if chooser, canChoose := source.(connectors.Chooser); canChoose {
		chooser.Choose([]string{stream}, nil)
	}
	streams, err := source.Streams(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == stream })
	if at < 0 {
		return fmt.Errorf("no stream %s", stream)
	}
	for page, err := range source.Read(ctx, streams[at], "") {
		if err != nil {
			return err
		}
		if page.LeftOut != nil {
			r.leftOut = page.LeftOut
		}
		for _, reject := range page.Rejects {
			r.rejects = append(r.rejects, fmt.Sprintf("%s %s %s %s %s", reject.Table, reject.Key, reject.Column, reject.Value, reject.Reason))
		}
		r.take(page, streams[at].Tables)
	}
	return nil
}

// take keeps a page's rows as text by their key, the later one of a key. Lists of ids are
// made or not by the way that a reading takes.
func (r *oddRead) take(page connectors.Page, tables []connectors.Table) {
	for _, b := range page.Batches {
		if b.Records.Schema().HasField(connectors.ListedAtColumn) {
			b.Records.Release()
			continue
		}
		i := slices.IndexFunc(tables, func(t connectors.Table) bool { return t.Name == b.Table })
		for row := range int(b.Records.NumRows()) {
			var key, all []string
			for c, f := range b.Records.Schema().Fields() {
				text := ""
				if b.Records.Column(c).IsValid(row) {
					text = b.Records.Column(c).ValueStr(row)
				}
				if slices.Contains(tables[i].Key, f.Name) {
					key = append(key, text)
				}
				all = append(all, f.Name+"="+text)
			}
			r.rows[b.Table+" "+strings.Join(key, "/")] = strings.Join(all, " ")
		}
		b.Records.Release()
	}
}

// judge holds a reading against the peaceful one and what is wanted of it.
func (o Outcome) judge(t *testing.T, got, peace oddRead) {
	t.Helper()
	said := strings.Join(got.rejects, "\n")
	switch {
	case got.err != nil:
		said = got.err.Error()
		if o.Who == 0 || fault.WhoMends(got.err) != o.Who {
			t.Errorf("it ended with %d: %v; wanted is %d", fault.WhoMends(got.err), got.err, o.Who)
		}
		if foreign := goWords.FindString(said); foreign != "" {
			t.Errorf("%q is a word of Go's: %s", foreign, said)
		}
	case got.leftOut != nil:
		said = got.leftOut.Error()
		if !o.LeftOut {
			t.Errorf("it was left out: %v", got.leftOut)
		}
	case o.Who != 0 || o.LeftOut:
		t.Errorf("nothing was said, and %d of %d rows came", len(got.rows), len(peace.rows))
	default:
		compareOdd(t, got, peace, o.Rejected)
	}
	if !strings.Contains(strings.ToLower(said), strings.ToLower(o.Says)) {
		t.Errorf("not said is %q, but %q", o.Says, said)
	}
}

// goWords are how Go's own errors speak of types.
var goWords = regexp.MustCompile(`cannot unmarshal|invalid character|interface \{|strconv\.|\bint64\b|\bstruct\b|goroutine`)

func compareOdd(t *testing.T, got, peace oddRead, mayReject bool) {
	t.Helper()
	missing, other := 0, 0
	example := ""
	for key := range maps.Keys(peace.rows) {
		row, isThere := got.rows[key]
		switch {
		case !isThere:
			missing++
			example = key
		case row != peace.rows[key]:
			other++
			example = row + "\nnot\n" + peace.rows[key]
		}
	}
	more := len(got.rows) + missing - len(peace.rows)
	if missing > 0 || more > 0 || other > 0 && !mayReject {
		t.Errorf("of %d rows %d are missing, %d are others, %d are too many, and nothing was said: %s", len(peace.rows), missing, other, more, example)
	}
	if mayReject && len(got.rejects) == len(peace.rejects) {
		t.Error("no value was set aside")
	}
}

// An oddProxy stands between a CRM and its reader.
type oddProxy struct {
	crm      http.Handler
	call     *regexp.Regexp
	kind     OddReply
	befallen atomic.Int64
}

// RoundTrip answers a request as the CRM does, or otherwise.
func (p *oddProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, context.Cause(r.Context())
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	asked := httptest.NewRequest(r.Method, r.URL.RequestURI(), bytes.NewReader(body))
	asked.Host, asked.Header = r.URL.Host, r.Header.Clone()
	asked.Header.Del("Accept-Encoding")
	recorded := httptest.NewRecorder()
	p.crm.ServeHTTP(recorded, asked)
	a := &Answer{Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}
	a.Header.Del("Content-Length")
	if p.call.MatchString(r.Method + " " + r.URL.RequestURI() + " " + string(body)) {
		before, status, header := bytes.Clone(a.Body), a.Status, a.Header.Clone()
		if p.kind.Times == 0 || p.befallen.Load() < int64(p.kind.Times) {
			p.kind.Alter(a)
			if a.Status != status || !bytes.Equal(before, a.Body) || !maps.EqualFunc(header, a.Header, slices.Equal) {
				p.befallen.Add(1)
			}
		}
	}
	return &http.Response{
		StatusCode: a.Status, Status: http.StatusText(a.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r,
	}, nil
}

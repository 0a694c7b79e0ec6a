package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
	"merit/connectors/fault"
)

// An org is a Salesforce org of a few lines, whose replies a test writes out. It is
// reached without a network, so that waiting takes no time in synctest's bubble.
type org struct {
	t       *testing.T
	date    time.Time
	replies map[string][]http.HandlerFunc // by method and path; the last one stays
	hold    func(http.Header)             // before the first byte of a body is given; may be nil

	mu    sync.Mutex
	calls []call
}

// A call is one request that the org got.
type call struct {
	place string // method and path
	query url.Values
	body  string
	host  string
	token string
}

const day = "2026-03-31T12:00:00Z"

// newOrg is an org in which signing in works, every object has the fields we keep,
// and no rows are.
func newOrg(t *testing.T) *org {
	t.Helper()
	date, err := time.Parse(time.RFC3339, day)
	if err != nil {
		t.Fatal(err)
	}
	o := &org{t: t, date: date, replies: map[string][]http.HandlerFunc{}}
	o.on("POST /services/oauth2/token", gives(`{"access_token":"00Dtoken","instance_url":"https://acme.my.salesforce.com","token_type":"Bearer"}`))
	o.on("GET /services/data", gives(`[{"version":"66.0"},{"version":"67.0"},{"version":"68.0"}]`))
	for _, object := range objects() {
		o.describes(object.name, fieldsOf(object)...)
	}
	o.on("GET /services/data/v67.0/queryAll", gives(`{"totalSize":0,"done":true,"records":[]}`))
	return o
}

// on says what the org answers at a place: to the first call the first reply, to
// the second the second, and to all further ones the last.
func (o *org) on(place string, replies ...http.HandlerFunc) { o.replies[place] = replies }

func (o *org) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	place := r.Method + " " + r.URL.Path
	c := call{place: place, query: r.URL.Query(), host: r.URL.Host, token: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	if r.Body != nil {
		text := new(strings.Builder)
		buffer := make([]byte, 4096)
		for {
			n, err := r.Body.Read(buffer)
			text.Write(buffer[:n])
			if err != nil {
				break
			}
		}
		c.body = text.String()
	}
	o.mu.Lock()
	o.calls = append(o.calls, c)
	replies := o.replies[place]
	reply := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuses(404, "NOT_FOUND", "The requested resource does not exist")(w, r)
	})
	if len(replies) > 0 {
		reply = replies[0]
	}
	if len(replies) > 1 {
		o.replies[place] = replies[1:]
	}
	o.mu.Unlock()
	w := httptest.NewRecorder()
	w.Header().Set("Date", o.date.Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	reply(w, r)
	response := w.Result()
	if at := response.Header.Get(breaksOff); at != "" {
		bytes, err := strconv.Atoi(at)
		if err != nil {
			return nil, err
		}
		response.Body = io.NopCloser(io.MultiReader(io.LimitReader(response.Body, int64(bytes)), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	if o.hold != nil {
		response.Body = &held{ReadCloser: response.Body, until: func() { o.hold(response.Header) }}
	}
	return response, nil
}

// A held body waits before its first byte.
type held struct {
	io.ReadCloser
	until func()
}

func (h *held) Read(p []byte) (int, error) {
	if h.until != nil {
		h.until()
		h.until = nil
	}
	return h.ReadCloser.Read(p)
}

// breaksOff is a header by which a reply says after how many bytes its body ends in
// an error.
const breaksOff = "X-Breaks-Off"

// to are the calls that the org got at a place.
func (o *org) to(place string) []call {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.calls), func(c call) bool { return c.place != place })
}

// gives answers with a body, and headers as name, value, name, value.
func gives(body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		fmt.Fprint(w, body)
	}
}

// refuses answers as Salesforce does when it does not do what was asked for.
func refuses(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode([]map[string]string{{"message": message, "errorCode": code}})
	}
}

// describes lets an object have these fields, each as "Name type".
func (o *org) describes(object string, fields ...string) {
	d := describe{Name: object}
	for _, f := range fields {
		name, kind, _ := strings.Cut(f, " ")
		d.Fields = append(d.Fields, field{Name: name, Type: kind, Precision: 18, Scale: 2})
	}
	body, err := json.Marshal(d)
	if err != nil {
		o.t.Fatal(err)
	}
	o.on("GET /services/data/v67.0/sobjects/"+object+"/describe", gives(string(body)))
}

// fieldsOf is an object's fields with the types that Salesforce gives them.
func fieldsOf(o object) []string {
	var fields []string
	for _, name := range strings.Fields(o.keeps + " " + o.optional) {
		fields = append(fields, name+" "+kindOf(name))
	}
	return fields
}

func kindOf(name string) string {
	switch name {
	case "Amount", "TotalPrice", "UnitPrice", "Price", "GrandTotal", "SplitAmount", "ForecastAmount", "OwnerOnlyAmount", "QuotaAmount", "TotalAmount",
		"AdjustedAmount", "AmountWithoutAdjustments", "AmountWithoutManagerAdjustment", "AmountWithoutOwnerAdjustment",
		"ForecastQuantity", "QuotaQuantity", "AdjustedQuantity", "Quantity", "SplitPercentage":
		return "currency"
	case "DefaultProbability", "Discount":
		return "percent"
	case "ConversionRate":
		return "rate"
	case "SortOrder", "FiscalYearStartMonth", "CallDurationInSeconds", "DurationInMinutes", "Number", "ContractTerm", "DecimalPlaces":
		return "int"
	case "CreatedDate", "LastModifiedDate", "SystemModstamp", "LoginTime", "MessageDate", "ActivatedDate", "DeactivatedDate", "RespondedDate", "listed_at", "taken_at":
		return "datetime"
	case "taken_on":
		return "date"
	case "Incoming", "IsUpToDate", "CanUseRevenueSchedule", "HasRevenueSchedule", "HasAdjustment", "HasOwnerAdjustment", "merit_deleted":
		return "boolean"
	case "OldValue", "NewValue":
		return "anyType"
	case "IsoCode":
		return "string"
	}
	switch {
	case strings.HasSuffix(name, "DateTime"):
		return "datetime"
	case strings.HasSuffix(name, "Date"):
		return "date"
	case strings.HasPrefix(name, "Is"):
		return "boolean"
	}
	return "string"
}

// settings sign in by client credentials; more are name, value, name, value.
func settings(more ...string) connectors.Values {
	v := connectors.Values{
		"endpoint":      {"https://acme.my.salesforce.com"},
		"client_id":     {"consumer-key"},
		"client_secret": {"hunter2"},
	}
	for i := 0; i < len(more); i += 2 {
		v[more[i]] = append(slices.Clone(v[more[i]]), more[i+1])
	}
	return v
}

func (o *org) open(more ...string) *account {
	o.t.Helper()
	a, err := openOver(o, settings(more...))
	if err != nil {
		o.t.Fatal(err)
	}
	a.pace.pollFrom, a.pace.pollTo = time.Microsecond, time.Microsecond
	return a
}

// stream is a stream as the org describes it today.
func (o *org) stream(a *account, name string) connectors.Stream {
	o.t.Helper()
	streams, err := a.Streams(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	i := slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == name })
	if i < 0 {
		o.t.Fatalf("no stream %s", name)
	}
	return streams[i]
}

// A taken page is what a test looks at: its rows as text, and where it leads.
type taken struct {
	leftOut error
	rows    []map[string]string
	rejects []connectors.Reject
	next    connectors.Cursor
}

// take reads a stream from a cursor on.
func take(a *account, s connectors.Stream, since connectors.Cursor) ([]taken, error) {
	var pages []taken
	for p, err := range a.Read(context.Background(), s, since) {
		if err != nil {
			return pages, err
		}
		pages = append(pages, open1(p))
	}
	return pages, nil
}

func open1(p connectors.Page) taken {
	t := taken{rejects: p.Rejects, next: p.Next, leftOut: p.LeftOut}
	for _, b := range p.Batches {
		t.rows = append(t.rows, texts(b.Records)...)
		b.Records.Release()
	}
	return t
}

func texts(r arrow.RecordBatch) []map[string]string {
	rows := make([]map[string]string, r.NumRows())
	for i := range rows {
		rows[i] = map[string]string{}
		for c, f := range r.Schema().Fields() {
			column := r.Column(c)
			if column.IsNull(i) {
				continue
			}
			rows[i][f.Name] = column.ValueStr(i)
			if d, ok := column.(*array.Decimal128); ok {
				rows[i][f.Name] = strings.TrimSuffix(strings.TrimRight(d.Value(i).ToString(d.DataType().(*arrow.Decimal128Type).Scale), "0"), ".")
			}
		}
	}
	return rows
}

// ids are the Ids of all rows, in order.
func ids(pages []taken) []string {
	var all []string
	for _, p := range pages {
		for _, r := range p.rows {
			all = append(all, r["Id"])
		}
	}
	return all
}

// last is where the last page leads.
func last(pages []taken) connectors.Cursor { return pages[len(pages)-1].next }

// csv is a Bulk page of a table with these rows, each a map by field.
func csvOf(s connectors.Stream, rows ...map[string]string) string {
	fields := selected(s.Tables[0])
	var out strings.Builder
	quote := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
		out.WriteByte('\n')
	}
	quote(fields)
	for _, r := range rows {
		cells := make([]string, len(fields))
		for i, f := range fields {
			cells[i] = r[f]
		}
		quote(cells)
	}
	return out.String()
}

// row is a row of any table: an Id and values as field, value, field, value.
func row(id string, values ...string) map[string]string {
	r := map[string]string{"Id": id, "SystemModstamp": "2026-03-01T08:00:00.000Z"}
	for i := 0; i < len(values); i += 2 {
		r[values[i]] = values[i+1]
	}
	return r
}

// jsonOf are records as REST has them.
func jsonOf(rows ...map[string]string) string {
	var records []map[string]any
	for _, r := range rows {
		record := map[string]any{"attributes": map[string]string{"type": "X", "url": "/services/data/v67.0/sobjects/X/" + r["Id"]}}
		for k, v := range maps.All(r) {
			record[k] = v
		}
		records = append(records, record)
	}
	text, err := json.Marshal(records)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// mends asserts who can mend an error and words that a person needs in it.
func mends(t *testing.T, err error, who fault.Party, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, but one with %q is expected", words)
	}
	if got := fault.WhoMends(err); got != who {
		t.Errorf("party %d must mend it, not %d: %v", got, who, err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
}

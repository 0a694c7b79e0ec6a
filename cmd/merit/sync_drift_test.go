package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors/sandbox/company"
	"merit/transform/lake"
)

// A drift is something that an administrator does to the fields of a CRM while it is read.
type drift struct {
	name  string
	field func(d *drifting) string                // to which it is done
	hides bool                                    // the field can't be seen any more
	edits func(d *drifting, field map[string]any) // what its description is from then on; nil: as it was
}

func amountOf(d *drifting) string {
	return map[string]string{"salesforce": "Amount", "hubspot": "amount"}[d.c.connector.Name]
}
func stepOf(d *drifting) string {
	return map[string]string{"salesforce": "NextStep", "hubspot": "hs_next_step"}[d.c.connector.Name]
}

func drifts() []drift {
	return []drift{
		{name: "field-level security hides the amount", field: amountOf, hides: true},
		{name: "a field is dropped", field: stepOf, hides: true},
		{name: "the amount becomes a text", field: amountOf, edits: func(d *drifting, f map[string]any) { f["type"] = "string" }},
		{name: "the amount is renamed", field: amountOf, edits: func(_ *drifting, f map[string]any) { f["name"] = "amount_of_old" }},
		{name: "a field is new", field: amountOf, edits: func(*drifting, map[string]any) {}},
	}
}

// A drifting CRM drifts at its n-th call.
type drifting struct {
	c     *crm
	drift drift
	at    int

	mutex sync.Mutex
	calls int
}

func (d *drifting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mutex.Lock()
	d.calls++
	now := d.calls >= d.at
	if d.calls == d.at && d.drift.hides {
		object := map[string]string{"salesforce": "Opportunity", "hubspot": "deals"}[d.c.connector.Name]
		d.c.box.Hide(object, d.drift.field(d))
	}
	d.mutex.Unlock()
	describes := strings.Contains(r.URL.Path, "/properties/") || strings.Contains(r.URL.Path, "describe") || strings.Contains(r.URL.Path, "composite")
	if !now || d.drift.edits == nil || !describes {
		d.c.box.ServeHTTP(w, r)
		return
	}
	r.Header.Del("Accept-Encoding")
	recorded := httptest.NewRecorder()
	d.c.box.ServeHTTP(recorded, r)
	right := &reply{code: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}
	right.header.Del("Content-Length")
	var described any
	decoder := json.NewDecoder(bytes.NewReader(right.body))
	decoder.UseNumber()
	if decoder.Decode(&described) == nil {
		d.edit(described)
		if changed, err := json.Marshal(described); err == nil {
			right.body = changed
		}
	}
	right.send(w)
}

// edit goes through a description and does to the field what has been done to it.
func (d *drifting) edit(described any) {
	switch v := described.(type) {
	case []any:
		for _, one := range v {
			d.edit(one)
		}
	case map[string]any:
		if v["name"] == d.drift.field(d) && v["type"] != nil {
			d.drift.edits(d, v)
		}
		for _, one := range v {
			d.edit(one)
		}
	}
}

// try reads while a field drifts, and once more when all is as it was.
func (d *drifting) try(t *testing.T, day *day) (broken []string) {
	l, stream := newLake(t), map[string]string{"salesforce": "Opportunity", "hubspot": "deals"}[d.c.connector.Name]
	day.before.only(stream).retain().mustKeep(t, l)
	d.c.answers = d
	r := d.c.sync(t, l, stream)
	got, field := contentOf(t, l, stream), d.drift.field(d)
	if r.failed != nil {
		// The column may be told as what the field is to people: the message names it.
		if d.calls >= d.at && !strings.Contains(r.failed.Error(), field) && !strings.Contains(r.failed.Error(), stream) {
			broken = append(broken, fmt.Sprintf("the error names no field: %v", r.failed))
		}
	} else {
		told := r.rejects()
		for _, w := range got.without(told).differences(day.wanted(stream).without(told)) {
			broken = append(broken, "it ended well, and "+w)
		}
	}
	broken = append(broken, moneyStays(t, l, stream, amountOf(d))...)
	after := day.open(t)
	return append(broken, day.inTheEnd(t, after, l, r.rejects(), stream)...)
}

// moneyStays: a column of money is a decimal in the lake, whatever it is called elsewhere.
func moneyStays(t *testing.T, l *lake.Lake, stream, column string) (broken []string) {
	head, err := l.Dataset("crm", stream).Head(t.Context())
	if err != nil {
		return []string{err.Error()}
	}
	for _, p := range head.Tables {
		if fields, there := p.Schema.FieldsByName(column); there && fields[0].Type.ID() != arrow.DECIMAL128 {
			broken = append(broken, fmt.Sprintf("%s.%s has become %s", p.Table, column, fields[0].Type))
		}
	}
	return broken
}

func TestFieldsThatDriftWhileTheyAreReadAreTold(t *testing.T) {
	var days []*day
	for _, kind := range []string{"salesforce", "hubspot"} {
		days = append(days, twoDays(t, kind, company.Acme(43, 12))...)
	}
	all := seeds(faultDice(t), times(10, 50))
	var tried tally
	sideBySide(t, len(all), func(t *testing.T, i int) {
		dice := rand.New(rand.NewPCG(all[i], 9))
		day := days[i%len(days)]
		d := &drifting{c: day.open(t), drift: drifts()[i/len(days)%len(drifts())]}
		if d.drift.edits != nil { // of another type than before: there must have been a day before
			day = days[i%len(days)|1]
			d.c = day.open(t)
		}
		stream := map[string]string{"salesforce": "Opportunity", "hubspot": "deals"}[day.kind]
		d.at = 1 + dice.IntN(day.inPeace(stream))
		tried.add(t, fmt.Sprintf("seed %d: at call %d of %s after %s %s", all[i], d.at, day.kind, day.later, d.drift.name), d.try(t, day))
	})
	tried.print(t, "F9", "fields go, are hidden, change type or name, come up while they are read", "told, never a silent null, money never retyped")
}

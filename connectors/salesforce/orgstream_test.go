package salesforce

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/incremental"
)

// drifted reads the org's stream and gives what changed.
func drifted(t *testing.T, a *account, since connectors.Cursor) ([]string, connectors.Cursor) {
	t.Helper()
	streams, err := a.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for p, err := range a.Read(t.Context(), streams[len(streams)-1], since) {
		if err != nil {
			t.Fatal(err)
		}
		since = p.Next
		for _, b := range p.Batches {
			if b.Table == "schema_drift" {
				for _, r := range texts(b.Records) {
					rows = append(rows, strings.TrimSpace(fmt.Sprint(r["object_name"], ".", r["field_name"], " ", r["change"], " ", r["type_before"], " ", r["type_after"])))
				}
			}
		}
		release(p)
	}
	return rows, since
}

func TestWhatChangedAboutFields(t *testing.T) {
	opportunity, _ := objectNamed("Opportunity")
	with := func(more ...string) []string {
		fields := slices.DeleteFunc(fieldsOf(opportunity), func(f string) bool { return strings.HasPrefix(f, "CurrencyIsoCode ") })
		return append(fields, more...)
	}
	o := newOrg(t)
	o.describes("Opportunity", with("CurrencyIsoCode picklist")...)
	_, c := drifted(t, o.open(), "")

	t.Run("nothing did", func(t *testing.T) {
		a := o.open()
		if rows, _ := drifted(t, a, c); len(rows) != 0 || len(a.Warnings()) != 0 {
			t.Errorf("%v, said was %v", rows, a.Warnings())
		}
	})

	t.Run("14. what is gone, new or another type is a row, and said", func(t *testing.T) {
		fields := with()
		at := slices.Index(fields, "Amount currency")
		fields[at] = "Amount double"
		o.describes("Opportunity", fields...)
		a := o.open()
		rows, next := drifted(t, a, c)
		if want := []string{"Opportunity.Amount retyped currency(18,2) double(18,2)", "Opportunity.CurrencyIsoCode gone picklist"}; !slices.Equal(rows, want) {
			t.Errorf("changed are %q", rows)
		}
		for _, words := range []string{"Opportunity.Amount is a double(18,2) now and was a currency(18,2)", "Opportunity.CurrencyIsoCode is not shown any more"} {
			if !strings.Contains(strings.Join(a.Warnings(), "\n"), words) {
				t.Errorf("said was %q", a.Warnings())
			}
		}
		if rows, _ := drifted(t, o.open(), next); len(rows) != 0 {
			t.Errorf("said again: %q", rows)
		}
		o.describes("Opportunity", with("CurrencyIsoCode picklist")...)
		rows, _ = drifted(t, o.open(), next)
		if want := []string{"Opportunity.Amount retyped double(18,2) currency(18,2)", "Opportunity.CurrencyIsoCode added  picklist"}; !slices.Equal(rows, want) {
			t.Errorf("changed are %q", rows)
		}
	})
}

// Objects come and go as permissions do, and a describe may fail once.
func TestAnObjectThatIsHiddenForAWhileOrShownForTheFirstTimeHasNotChanged(t *testing.T) {
	o := newOrg(t)
	o.describes("Opportunity", "Amount currency")
	before := map[string]string{"Opportunity.Amount": "currency(18,2)", "Contact.Email": "email"}
	hidden := incremental.KeepHidden(before, map[string]string{"Opportunity.Amount": "currency(18,2)", "Lead.Email": "email"})
	want := map[string]string{"Opportunity.Amount": "currency(18,2)", "Contact.Email": "email", "Lead.Email": "email"}
	if !maps.Equal(hidden, want) {
		t.Errorf("known are %v", hidden)
	}
	a := o.open()
	b := decode.NewBuilder(orgStream().Tables[0])
	defer b.Release()
	a.drift(b, before, hidden, time.Unix(0, 0))
	if b.Len() != 0 || len(a.Warnings()) != 0 {
		t.Errorf("%d changes, said was %q", b.Len(), a.Warnings())
	}
	a.drift(b, hidden, map[string]string{"Opportunity.Amount": "currency(18,2)", "Contact.Email": "string", "Lead.Email": "email"}, time.Unix(0, 0))
	if b.Len() != 1 {
		t.Errorf("an object that came back otherwise: %d changes, said was %q", b.Len(), a.Warnings())
	}
}

func TestSalesforceCountsItsRecordsOnceADay(t *testing.T) {
	p := inPain(t, "Opportunity", acme())
	p.mustRead()
	p.describe(orgName)
	counts := map[string]string{}
	read := func(since connectors.Cursor) connectors.Cursor {
		for page, err := range p.a.Read(t.Context(), p.s, since) {
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page.Batches {
				for _, r := range texts(b.Records) {
					if b.Table == "record_counts" {
						counts[r["object_name"]+" "+r["counted_on"]] = r["records"]
					}
				}
			}
			release(page)
			since = page.Next
		}
		return since
	}
	c := read("")
	today := p.box.Clock().Now().Format(time.DateOnly)
	if got := counts["Opportunity "+today]; got != fmt.Sprint(len(p.rows)) {
		t.Errorf("counted were %q of %d: %v", got, len(p.rows), counts)
	}
	used := p.a.Usage().Used
	read(c)
	if p.a.Usage().Used > used+1 {
		t.Errorf("%d calls were made to count again", p.a.Usage().Used-used)
	}
	p.box.Clock().Advance(24 * time.Hour)
	before := len(counts)
	read(c)
	if len(counts) != 2*before {
		t.Errorf("the next day %v", counts)
	}
}

// A count that an object does not allow is left out; any other error is one.
func TestWhatCannotBeCounted(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		isOver bool
	}{{400, "MALFORMED_QUERY", false}, {403, "INSUFFICIENT_ACCESS", false}, {400, "QUERY_TIMEOUT", false}, {400, "", true}, {401, "INVALID_SESSION_ID", true}} {
		o := newOrg(t)
		a := o.open()
		s := o.stream(a, orgName)
		o.on("GET /services/data/v67.0/queryAll", refuses(c.status, c.code, "no"))
		_, err := take(a, s, "")
		if (err != nil) != c.isOver {
			t.Errorf("%d %s: %v", c.status, c.code, err)
		}
	}
}

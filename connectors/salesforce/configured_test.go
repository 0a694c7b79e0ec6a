package salesforce

import (
	"slices"
	"testing"
	"time"

	"merit/connectors/fault"
)

func TestConfiguredObjects(t *testing.T) {
	// notes asserts that every note was read, with all that it shows.
	notes := func(p *pained) {
		p.t.Helper()
		columns := slices.DeleteFunc(p.box.Salesforce().Columns("Note"), func(c string) bool { return c == "IsDeleted" })
		want := 0
		for cells := range p.box.Salesforce().Rows("Note", columns...) {
			want++
			row := p.rows[cells[slices.Index(columns, "Id")]]
			for i, name := range columns {
				kind := kindOf(name)
				if got := row[name]; got != plain(kind, cells[i]) && kind != "boolean" {
					p.t.Fatalf("%s is %q, and was read as %q", name, cells[i], got)
				}
			}
		}
		if want == 0 || len(p.rows) != want {
			p.t.Fatalf("%d notes of %d", len(p.rows), want)
		}
	}

	t.Run("are read with all their fields, and go on", func(t *testing.T) {
		p := inPain(t, "Note", acme(), "objects", "Note")
		p.mustRead()
		notes(p)
		p.once()
		p.later(60 * 24 * time.Hour)
		notes(p)
	})

	t.Run("14. a field that is new is filled in all rows", func(t *testing.T) {
		p := inPain(t, "Note", acme(), "objects", "Note")
		p.box.Hide("Note", "Title")
		p.describe("Note")
		p.mustRead()
		notes(p)
		p.box.Salesforce().Show("Note", "Title")
		p.describe("Note")
		p.mustRead()
		notes(p)
		if !slices.Contains(p.box.Salesforce().Columns("Note"), "Title") {
			t.Error("notes have no title, so this shows nothing")
		}
	})

	t.Run("may be missing only where merit.yml says so", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme(), "objects", "OpportunityLineItemSplit?", "objects", "Note")
		streams, err := p.a.Streams(t.Context())
		if err != nil || len(streams) != len(objects())+2 { // the notes, and what is of the org
			t.Errorf("%d streams, %v", len(streams), err)
		}
		p.v["objects"] = []string{"OpportunityLineItemSplit"}
		p.reopen()
		_, err = p.a.Streams(t.Context())
		mends(t, err, fault.You, "OpportunityLineItemSplit can't be read by this account", "Read access")
	})

	t.Run("are refused when they are twice there, or no names", func(t *testing.T) {
		for _, list := range [][]string{{"Case", "case?"}, {"Case; DROP"}} {
			_, err := configured(list)
			mends(t, err, fault.You, "objects has")
		}
	})

	t.Run("go by the best cursor they have", func(t *testing.T) {
		for want, fields := range map[string][]field{
			"SystemModstamp": {{Name: "CreatedDate", Type: "datetime"}, {Name: "SystemModstamp", Type: "datetime"}},
			"LoginTime":      {{Name: "Id", Type: "id"}, {Name: "LoginTime", Type: "datetime"}},
		} {
			o, err := object{name: "X"}.asDescribed(describe{Name: "X", Fields: fields})
			if err != nil || o.cursor != want || (o.kind == history) != (want == "LoginTime") {
				t.Errorf("%+v, %v", o, err)
			}
		}
		_, err := object{name: "X"}.asDescribed(describe{Name: "X", Fields: []field{{Name: "Id", Type: "id"}}})
		mends(t, err, fault.You, "X has none of the fields")
	})
}

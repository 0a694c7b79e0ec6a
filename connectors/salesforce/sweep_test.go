package salesforce

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

// goneAfter are the ids of records whose deletion was never seen and that, as the views
// read the lists of all ids, are gone.
func (p *pained) goneAfter() []string {
	p.t.Helper()
	var gone []string
	complete := p.listed[everything]
	for id, row := range p.rows {
		if row[connectors.DeletedColumn] != "true" && row["SystemModstamp"] < complete && p.listed[id] < complete {
			gone = append(gone, id)
		}
	}
	return gone
}

const week = 7 * 24 * time.Hour

func TestListsOfAllIDs(t *testing.T) {
	// before a sweep is due, five accounts are deleted and purged between two readings
	purged := func(t *testing.T, more ...string) *pained {
		story := acme()
		for i := range 5 {
			story.Accounts[i].DeletedAt = company.At(story.Now.Add(time.Hour))
		}
		p := inPain(t, "Account", story, more...)
		p.mustRead()
		p.box.Salesforce().Purge(time.Hour)
		return p
	}

	t.Run("18. find what was purged before its deletion was seen, and nothing else", func(t *testing.T) {
		p := purged(t)
		p.later(6 * 24 * time.Hour)
		if gone := p.goneAfter(); len(gone) != 0 || p.listed[everything] != "" {
			t.Fatalf("%v are gone before any list was due", gone)
		}
		p.later(25 * time.Hour)
		if gone := p.goneAfter(); len(gone) != 5 {
			t.Fatalf("gone are %v", gone)
		}
		for id := range truthOf(p.box)["Account"] {
			if p.listed[id] < p.listed[everything] {
				t.Errorf("%s is there and not in the list", id)
			}
		}
	})

	t.Run("are made by REST where they are short, and by Bulk where they are long", func(t *testing.T) {
		for _, bulkFrom := range []int64{1 << 40, 10} {
			p := purged(t)
			p.a.pace.bulkFrom = bulkFrom
			before := p.jobs()
			p.later(8 * 24 * time.Hour)
			if len(p.goneAfter()) != 5 {
				t.Errorf("gone are %v", p.goneAfter())
			}
			if byBulk := p.jobs() > before; byBulk != (bulkFrom == 10) {
				t.Errorf("%d jobs and then %d", before, p.jobs())
			}
		}
	})

	t.Run("that break off are no lists, and the next run goes on with them", func(t *testing.T) {
		p := purged(t)
		p.a.pace.bulkFrom, p.a.pace.pageRows = 10, 20
		p.box.Clock().Advance(8 * 24 * time.Hour)
		p.troubles(sfserver.Trouble{SmallSets: 20})
		pages, jobs := 0, 0
		for page, err := range p.a.Read(t.Context(), p.s, p.since) {
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page.Batches {
				for _, row := range texts(b.Records) {
					if b.Table == p.s.Name {
						p.keep(b.Records.Schema(), row)
					} else {
						p.listed[row["record_id"]] = row["listed_at"]
						pages++
					}
				}
			}
			release(page)
			p.since = page.Next
			if pages > 30 {
				jobs = p.jobs()
				break
			}
		}
		if p.listed[everything] != "" || len(p.goneAfter()) != 0 || jobs == 0 {
			t.Fatalf("the list is held for complete, or no job was made: %d ids, %d jobs", pages, jobs)
		}
		p.reopen()
		p.mustRead()
		if len(p.goneAfter()) != 5 || p.jobs() != jobs {
			t.Errorf("gone are %v, after %d jobs and then %d", p.goneAfter(), jobs, p.jobs())
		}
	})

	t.Run("that are suddenly short are not believed before a day has passed", func(t *testing.T) {
		story := acme()
		for i := range story.Accounts {
			if i%5 != 0 {
				story.Accounts[i].DeletedAt = company.At(story.Now.Add(time.Hour))
			}
		}
		p := inPain(t, "Account", story)
		p.mustRead()
		p.box.Salesforce().Purge(time.Hour)
		p.later(8 * 24 * time.Hour)
		if gone := p.goneAfter(); len(gone) != 0 || !strings.Contains(fmt.Sprint(p.a.Warnings()), "nothing is taken for deleted before another list") {
			t.Fatalf("%d of %d are gone at once; said was %v", len(gone), len(p.rows), p.a.Warnings())
		}
		p.later(time.Hour)
		if gone := p.goneAfter(); len(gone) != 0 {
			t.Fatalf("%d of %d are gone an hour later", len(gone), len(p.rows))
		}
		p.later(24 * time.Hour)
		if gone := p.goneAfter(); len(gone) < len(p.rows)/2 {
			t.Errorf("%d of %d are gone after a day of short lists", len(gone), len(p.rows))
		}
	})

	t.Run("that were short by mistake are made again at the next run", func(t *testing.T) {
		at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		last := roll{At: at.Add(-week), Count: 100}
		if !last.doubted(0, at).Equal(at) || !last.doubted(60, at).IsZero() {
			t.Error("of a hundred none is believed, or sixty are not")
		}
		last = roll{At: at, Count: 100, Doubt: at}
		r := reading{account: &account{sweep: week}, ids: &connectors.Table{}, at: position{IDs: last}}
		if soon := at.Add(time.Minute); !r.isRollDue(soon) || !last.doubted(99, soon).IsZero() || !last.doubted(0, soon).Equal(at) {
			t.Error("a minute later no list is made, a whole one is doubted or an empty one believed")
		}
	})

	t.Run("are made never where merit.yml says so", func(t *testing.T) {
		p := purged(t, "sweep", "0")
		p.later(100 * 24 * time.Hour)
		if len(p.listed) != 0 {
			t.Errorf("%d ids were listed", len(p.listed))
		}
	})

	t.Run("take no history away", func(t *testing.T) {
		p := inPain(t, "OpportunityHistory", acme())
		if len(p.s.Tables) != 1 {
			t.Errorf("there are %d tables", len(p.s.Tables))
		}
	})
}

// Each view takes for deleted what is not in the last complete list of all ids and has
// not changed since.
func TestWhatIsNotInTheListIsGone(t *testing.T) {
	for _, c := range []struct{ object, view, id string }{
		{"Account", "accounts", "account_id"},
		{"Contact", "contacts", "contact_id"},
		{"Opportunity", "deals", "deal_id"},
		{"Task", "activities", "activity_id"},
		{"Event", "activities", "activity_id"},
	} {
		t.Run(c.object, func(t *testing.T) {
			v := newViewTest(t)
			v.given(c.object, `
				Id | SystemModstamp       | merit_deleted
				X1 | 2026-03-01T00:00:00Z | false
				X2 | 2026-03-01T00:00:00Z | false
				X3 | 2026-03-01T00:00:00Z | false
				X4 | 2026-03-20T00:00:00Z | false
				X5 | 2026-03-01T00:00:00Z | true`)
			before := "id | is_deleted\nX1 | false\nX2 | false\nX3 | false\nX4 | false\nX5 | true"
			v.gives(c.view, strings.Replace(before, "id ", c.id+" ", 1))
			v.given(c.object+"_ids", `
				record_id | listed_at
				X1        | 2026-03-15T00:00:00Z
				X2        | 2026-03-08T00:00:00Z`)
			v.gives(c.view, strings.Replace(before, "id ", c.id+" ", 1)) // the list never came to its end
			v.given(c.object+"_ids", `
				record_id | listed_at
				*         | 2026-03-15T00:00:00Z`)
			v.gives(c.view, c.id+` | is_deleted
				X1 | false
				X2 | true
				X3 | true
				X4 | false
				X5 | true`)
		})
	}
	t.Run("OpportunityContactRole", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityContactRole", `
			Id | OpportunityId | ContactId | SystemModstamp
			X1 | 006A          | 003A      | 2026-03-01T00:00:00Z
			X2 | 006B          | 003B      | 2026-03-01T00:00:00Z`)
		v.given("OpportunityContactRole_ids", `
			record_id | listed_at
			X1        | 2026-03-15T00:00:00Z
			*         | 2026-03-15T00:00:00Z`)
		v.gives("deal_contacts", `
			deal_id | contact_id
			006A    | 003A`)
	})
}

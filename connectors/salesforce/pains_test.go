package salesforce

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/connectors/fault"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

func TestPains(t *testing.T) {
	t.Run("1. rows become visible minutes after they changed", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme())
		p.troubles(sfserver.Trouble{Late: 4 * time.Minute}) // up to lag and overlap together
		for range 40 {
			p.later(7 * time.Hour)
			p.later(time.Minute)
		}
		p.later(time.Hour)
		p.same()
	})

	t.Run("2. thousands of rows share one instant", func(t *testing.T) {
		story := acme()
		at := company.At(story.Now.Add(-time.Hour))
		for range 5000 { // more than two pages of REST and ten of ours by Bulk
			story.Accounts = append(story.Accounts, company.Account{Name: "Import", CreatedAt: at})
		}
		p := inPain(t, "Account", story)
		p.mustRead()
		p.same()
		p.once()
		p.since = afterBackfill(p.s, at.Time().Add(-time.Minute).Format(time.RFC3339)) // the same flood by REST
		p.rows = connectortest.Rows{}
		p.a.pace.bulkFrom = 1 << 40
		p.mustRead()
		if len(p.rows) != 5000 {
			t.Errorf("%d rows of 5000", len(p.rows))
		}
	})

	t.Run("3. an error is an error, and moves no cursor", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme())
		p.troubles(sfserver.Trouble{SlowFrom: 1}) // however narrow the window
		mends(t, p.read(), fault.Them, "took too long")
		if len(p.rows) != 0 {
			t.Errorf("%d rows came", len(p.rows))
		}
		p.troubles(sfserver.Trouble{})
		p.mustRead()
		p.same()
	})

	t.Run("4. a job that stands still is not done", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme())
		p.a.pace.stalled = 20 * time.Millisecond
		p.troubles(sfserver.Trouble{Frozen: true})
		mends(t, p.read(), fault.Them, "without progress")
		p.troubles(sfserver.Trouble{})
		p.mustRead()
		p.same()
	})

	t.Run("5 and 6. results break off, and pages are short", func(t *testing.T) {
		p := inPain(t, "OpportunityHistory", acme())
		p.troubles(sfserver.Trouble{Cut: 1})
		p.mustRead()
		p.same()
		p.once()

		p = inPain(t, "OpportunityHistory", acme())
		p.troubles(sfserver.Trouble{Short: 1})
		mends(t, p.read(), fault.Them, "a page said")
		p.mustRead()
		p.same()

		p = inPain(t, "OpportunityHistory", acme())
		p.troubles(sfserver.Trouble{Disagreeing: true})
		mends(t, p.read(), fault.Them, "were processed")
		p.troubles(sfserver.Trouble{})
		p.mustRead()
		p.same()
	})

	t.Run("7 and 8. pages are smaller than asked for, lists and last locators missing", func(t *testing.T) {
		for _, trouble := range []sfserver.Trouble{{SmallSets: 61}, {SmallSets: 61, NoLists: true}, {NoLists: true, NoLocator: true}, {NoLocator: true}} {
			p := inPain(t, "OpportunityHistory", acme())
			p.troubles(trouble)
			p.mustRead()
			p.same()
			p.once()
			p.later(40 * 24 * time.Hour) // by REST
			p.same()
		}
	})

	t.Run("10 to 13. NUL, quotes, line breaks, other alphabets and the text NA", func(t *testing.T) {
		story := acme()
		for i, name := range []string{"N\x00UL", "a \"quoted\" one", "two\r\nlines", "one\nmore", "\rreturn", "Ünïcödé — 東京 🚀", "NA", "null", "N/A", "NaN", "a,b;c\td", `back\slash`, "'", "=1+1"} {
			story.Deals[i].Name = name
		}
		p := inPain(t, "Opportunity", story)
		p.mustRead()
		p.same()
		if said := p.a.Warnings(); !slices.Contains(said, "Opportunity: 1 NUL bytes were taken out of texts") {
			t.Errorf("said was %q", said)
		}
		p.rows, p.since, p.a.pace.bulkFrom = connectortest.Rows{}, afterBackfill(p.s, "2000-01-01T00:00:00Z"), 1<<40
		p.mustRead() // all of it again by REST
		p.same()
	})

	t.Run("15. a formula changes and no stamp tells", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme(), "fields", "Opportunity.Age__c")
		p.mustRead()
		p.formulas()
		jobs := p.jobs()
		p.later(2 * time.Hour)
		if p.jobs() != jobs {
			t.Error("everything was read again within the day")
		}
		before := stands(p.since).Whole
		p.later(23 * time.Hour)
		p.formulas()
		p.same()
		if now := stands(p.since).Whole; now.Sub(before) != 25*time.Hour || !now.Equal(p.box.Clock().Now()) {
			t.Errorf("the formulas are of %s and were of %s", now, before)
		}
	})

	t.Run("16. an object that Bulk does not know comes by REST, once", func(t *testing.T) {
		p := inPain(t, "OpportunityContactRole", acme())
		p.troubles(sfserver.Trouble{NoBulk: "opportunitycontactrole", SmallSets: 200})
		p.mustRead()
		p.same()
		p.once()
	})

	t.Run("18. what is deleted is marked, what is merged names where it went, and what is purged stays", func(t *testing.T) {
		story := acme()
		gone := company.At(story.Now.Add(24 * time.Hour))
		story.Accounts[3].DeletedAt = gone
		story.Accounts[3].Extra = map[string]string{"MasterRecordId": sfserver.ID(story, "Account", 4)}
		p := inPain(t, "Account", story)
		p.mustRead()
		p.later(48 * time.Hour)
		p.same()
		id := sfserver.ID(story, "Account", 3)
		if row := p.rows[id]; row[connectors.DeletedColumn] != "true" || row["MasterRecordId"] != sfserver.ID(story, "Account", 4) {
			t.Errorf("the merged account is %v", row)
		}
		p.box.Salesforce().Purge(time.Hour)
		p.later(24 * time.Hour)
		if p.rows[id][connectors.DeletedColumn] != "true" {
			t.Errorf("the purged account is %v", p.rows[id])
		}
	})

	t.Run("18. a deleted deal takes no history away from us", func(t *testing.T) {
		story := acme()
		for i := range story.Deals[:20] {
			story.Deals[i].DeletedAt = company.At(story.Now.Add(24 * time.Hour))
		}
		p := inPain(t, "OpportunityHistory", story)
		p.mustRead()
		before := len(p.rows)
		p.box.Salesforce().Purge(time.Hour)
		p.later(72 * time.Hour)
		if now := p.box.Salesforce().Count("OpportunityHistory"); now >= before || len(p.rows) < before {
			t.Errorf("%d rows of which Salesforce has %d, and we %d", before, now, len(p.rows))
		}
	})

	t.Run("19. the day's calls end in the midst of a job, and the next day goes on", func(t *testing.T) {
		p := inPain(t, "OpportunityHistory", acme())
		p.troubles(sfserver.Trouble{Daily: p.a.Usage().Used + 4, SmallSets: 100})
		mends(t, p.read(), fault.Them, "API calls of the last 24 hours are used")
		p.box.Clock().Advance(24 * time.Hour)
		p.troubles(sfserver.Trouble{})
		p.reopen()
		p.mustRead()
		p.same()
	})

	t.Run("19. reading stops at its share of the day, and goes on the next", func(t *testing.T) {
		p := inPain(t, "OpportunityHistory", acme(), "daily_share", "50")
		used := p.a.Usage().Used
		p.troubles(sfserver.Trouble{Daily: 2 * (used + 8), SmallSets: 100})
		mends(t, p.read(), fault.Them, "daily_share of 50 %", "run again later")
		if u := p.a.Usage(); u.Used > used+8+pagesAtOnce {
			t.Errorf("%d calls of %d were made", u.Used, u.Limit)
		}
		p.box.Clock().Advance(24 * time.Hour)
		p.troubles(sfserver.Trouble{})
		p.reopen()
		p.mustRead()
		p.same()
	})

	t.Run("19. too many calls at once are waited for", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme())
		p.troubles(sfserver.Trouble{Busy: 1})
		p.mustRead()
		p.same()
		p.once()
	})

	t.Run("20. sessions end again and again", func(t *testing.T) {
		p := inPain(t, "OpportunityHistory", acme())
		for page, err := range p.a.Read(t.Context(), p.s, "") {
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range page.Batches {
				for _, row := range texts(b.Records) {
					p.keep(b.Records.Schema(), row)
				}
			}
			release(page)
			p.box.Salesforce().Expire()
		}
		p.same()
		p.once()
	})

	t.Run("22. windows that take too long are halved until they pass", func(t *testing.T) {
		p := inPain(t, "OpportunityHistory", acme())
		p.troubles(sfserver.Trouble{SlowFrom: 150})
		p.mustRead()
		p.same()
	})

	t.Run("23. a field hidden on the way is named, and back again nothing is missing", func(t *testing.T) {
		p := inPain(t, "Opportunity", acme())
		p.box.Hide("Opportunity", "Amount")
		mends(t, p.read(), fault.You, "Opportunity.Amount")
		if len(p.rows) != 0 {
			t.Errorf("%d rows without it", len(p.rows))
		}
	})

	t.Run("24. an object of more fields than an address holds", func(t *testing.T) {
		story := acme()
		story.Deals[0].Extra = map[string]string{}
		var wide []string
		for i := range 400 {
			name := "A_field_with_a_rather_long_name_" + strings.Repeat("x", i%7) + string(rune('A'+i%26)) + string(rune('A'+i/26)) + "__c"
			story.Deals[0].Extra[name] = "v" + name
			wide = append(wide, "fields", "Opportunity."+name)
		}
		p := inPain(t, "Opportunity", story, wide...)
		p.mustRead()
		p.same()
		p.later(30 * 24 * time.Hour)
		p.same()
		first := p.rows[sfserver.ID(story, "Opportunity", 0)]
		for name, text := range maps.All(story.Deals[0].Extra) {
			if first[name] != text {
				t.Fatalf("%s is %q", name, first[name])
			}
		}
	})

	t.Run("25 and 26. money keeps its digits, dates their day", func(t *testing.T) {
		story := acme()
		for i, amount := range []string{"9007199254740993", "9007199254740993.07", "0.1", "12500000", "-3.10"} {
			story.Deals[i].Changes = slices.Clone(story.Deals[i].Changes)
			for j, c := range story.Deals[i].Changes {
				if c.Field == company.Amount {
					story.Deals[i].Changes[j].Value = amount
				}
			}
		}
		story.TimeZone = "Pacific/Auckland" // a day ahead of UTC half of the time
		p := inPain(t, "Opportunity", story)
		p.mustRead()
		p.same()
		p.rows, p.since, p.a.pace.bulkFrom = connectortest.Rows{}, afterBackfill(p.s, "2000-01-01T00:00:00Z"), 1<<40
		p.mustRead()
		p.same()
	})
}

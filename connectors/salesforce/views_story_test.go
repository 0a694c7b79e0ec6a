package salesforce

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/connectortest"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

// A storyTest holds what the views make of a sandbox's rows against the story itself,
// which knows of no object, query or view.
type storyTest struct {
	viewTest
	story *company.Company
	now   company.Instant
}

// newStoryTest fills the raw tables with all that the sandbox has at the story's end.
func newStoryTest(t *testing.T) storyTest {
	t.Helper()
	story := company.Acme(5, 200)
	box := sandbox.New(story)
	box.Clock().Advance(8 * 7 * 24 * time.Hour)
	now := box.Clock().Now()
	s := storyTest{newViewTest(t), story, company.At(now)}
	s.exec(fmt.Sprintf("update plan.as_of set as_of_at = cast('%s' as timestamptz), today_on = date '%s'", now.Format(time.RFC3339), now.Format(time.DateOnly)))
	for _, o := range objects() {
		has := box.Salesforce().Columns(o.name)
		columns := slices.DeleteFunc(strings.Fields(o.keeps+" "+o.optional), func(name string) bool { return !slices.Contains(has, name) })
		var rows []string
		for cells := range box.Salesforce().Rows(o.name, columns...) {
			var values []string
			for _, c := range cells {
				if c == "" {
					values = append(values, "null")
				} else {
					values = append(values, "'"+strings.ReplaceAll(c, "'", "''")+"'")
				}
			}
			if o.kind == snapshot {
				values = append(values, "'"+now.Format(time.DateOnly)+"'", "'"+now.Format(time.RFC3339)+"'")
			}
			rows = append(rows, "("+strings.Join(values, ", ")+")")
		}
		if len(rows) > 0 {
			if o.kind == snapshot {
				columns = append(columns, "taken_on", "taken_at")
			}
			into := strings.ReplaceAll(`"`+strings.Join(columns, `", "`)+`"`, "IsDeleted", "merit_deleted")
			if _, err := s.db.Exec(fmt.Sprintf(`insert into raw."%s" (%s) values %s`, o.name, into, strings.Join(rows, ", "))); err != nil {
				message := err.Error()
				t.Fatalf("%s, the first row %s: %s", o.name, rows[0], message[:min(200, len(message))])
			}
		}
	}
	return s
}

// id is the id of a record of the story at Salesforce; "" of none.
func (s storyTest) id(object string, index int) string {
	if index == company.None {
		return ""
	}
	return sfserver.ID(s.story, object, index)
}

// at is an instant as DuckDB writes it; "" of never and of what is still to come.
func (s storyTest) at(at company.Instant) string {
	if at == 0 || at > s.now {
		return ""
	}
	return strings.TrimSuffix(strings.TrimRight(at.Time().Format("2006-01-02 15:04:05.000"), "0"), ".") + "+00"
}

// tells holds a view's rows against those that the story gives, in any order.
func (s storyTest) tells(view, columns string, rows []string) {
	s.t.Helper()
	if len(rows) == 0 {
		s.t.Errorf("the story has nothing for %s", view)
	}
	s.gives(view, columns+"\n"+strings.Join(rows, "\n"))
}

func told(cells ...any) string {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = fmt.Sprint(c)
	}
	return strings.Join(texts, " | ")
}

// digits writes a plain decimal with so many digits behind the point; "" stays.
func digits(text string, scale int) string {
	if text == "" {
		return ""
	}
	whole, fraction, _ := strings.Cut(text, ".")
	return whole + "." + (fraction + strings.Repeat("0", scale))[:scale]
}

// visible calls with each deal that has come up by now.
func (s storyTest) visible(with func(i int, d *company.Deal)) {
	for i := range s.story.Deals {
		if d := &s.story.Deals[i]; d.ExistsAt(s.now) {
			with(i, d)
		}
	}
}

func TestViewsTellTheStory(t *testing.T) {
	s := newStoryTest(t)
	gone := func(at company.Instant) bool { return company.DeletedBy(at, s.now) }
	contractOf := map[int]company.Contract{}
	for _, k := range s.story.Contracts {
		if k.CreatedAt <= s.now {
			contractOf[k.Deal] = k
		}
	}
	var deals, credits, lines []string
	s.visible(func(i int, d *company.Deal) {
		is := d.At(s.now)
		from, to := "", ""
		if _, ok := contractOf[i]; ok {
			from, to = d.TermAt(s.now)
		} else if len(d.Lines) > 0 {
			from, _ = d.TermAt(s.now)
			if gone(d.DeletedAt) {
				from = ""
			}
		}
		deals = append(deals, told(s.id("Opportunity", i), is.Stage, digits(is.Amount, 2), is.CloseOn, s.id("User", is.Owner), from, to, is.Deleted))
		for j := range d.Lines {
			if l := d.LineAt(j, s.now); d.Lines[j].CreatedAt <= s.now {
				lines = append(lines, told(s.id("Opportunity", i), d.Lines[j].Product, l.Amount, d.Lines[j].Months > 0, gone(d.DeletedAt)))
			}
		}
		for _, c := range d.Credits {
			kind := []string{company.Share: "split", company.Overlay: "team", company.Member: "team"}[c.Kind]
			if c.CreatedAt <= s.now {
				credits = append(credits, told(s.id("Opportunity", i), s.id("User", c.User), kind, digits(c.PercentAt(s.now), 6), s.at(c.CreatedAt), gone(c.DeletedAt) || gone(d.DeletedAt)))
			}
		}
	})
	s.tells("deals", "deal_id | stage_id | amount | close_on | owner_id | term_starts_on | term_ends_on | is_deleted", deals)
	s.tells("deal_lines", "deal_id | product | amount | is_recurring | is_deleted", lines)
	s.creditsTell(credits)
	s.papersTell(contractOf)
	s.targetsTell()
	s.everydayTells()
}

// creditsTell leaves out the owners that the view adds where a team lacks them.
func (s storyTest) creditsTell(credits []string) {
	s.t.Helper()
	s.givesOf("deal_credits", "select * from ("+s.view("deal_credits")+") as credits where credit_id not like '%:owner'",
		"deal_id | user_id | kind | weight | created_at | is_deleted\n"+strings.Join(credits, "\n"))
}

func (s storyTest) papersTell(contractOf map[int]company.Contract) {
	s.t.Helper()
	var papers, renewals []string
	for _, d := range s.story.Documents {
		if d.CreatedAt <= s.now {
			papers = append(papers, told("quote", s.id("Opportunity", d.Deal), s.id("User", d.Owner), s.at(d.SentAt), s.at(d.SignedAt)))
		}
	}
	for _, k := range contractOf {
		deal := s.id("Opportunity", k.Deal)
		if company.DeletedBy(s.story.Deals[k.Deal].DeletedAt, s.now) {
			deal = ""
		}
		papers = append(papers, told("contract", deal, s.id("User", k.Owner), "a day", s.at(k.SignedAt)))
		if k.ActivatedAt != 0 && k.ActivatedAt <= s.now {
			_, due := s.story.Deals[k.Deal].TermAt(s.now)
			renewals = append(renewals, told(deal, due))
		}
	}
	// A contract's sending has a day alone: it is looked at in the examples.
	s.givesOf("documents", "select *, case when kind = 'contract' then 'a day' else cast(sent_at as varchar) end as sent from ("+s.view("documents")+") as documents",
		"kind | deal_id | owner_id | sent | signed_at\n"+strings.Join(papers, "\n"))
	s.tells("renewals", "deal_id | due_on", renewals)
}

func (s storyTest) targetsTell() {
	s.t.Helper()
	var quotas, forecasts []string
	for _, q := range s.story.Quotas {
		if q.CreatedAt <= s.now {
			quotas = append(quotas, told(s.id("User", q.User), q.StartsOn, q.EndsOn, digits(q.AmountAt(s.now), 2)))
		}
	}
	for _, f := range s.story.Forecasts {
		if f.At <= s.now {
			forecasts = append(forecasts, told(s.id("User", f.User), f.StartsOn, f.EndsOn, strings.ToLower(f.Category), f.Amount, s.at(f.At)))
		}
	}
	s.tells("quotas", "user_key | starts_on | ends_on | quota", quotas)
	s.givesOf("forecasts", "select * from ("+s.view("forecasts")+") as forecasts where forecast_id like '0F3%'",
		"user_key | starts_on | ends_on | category | amount | taken_at\n"+strings.Join(forecasts, "\n"))
}

func (s storyTest) everydayTells() {
	s.t.Helper()
	var logins, rates, merges []string
	for _, l := range s.story.Logins {
		if l.At <= s.now {
			logins = append(logins, told(s.id("User", int(l.User)), s.at(l.At), []string{"browser", "mobile"}[l.Through], !l.Failed))
		}
	}
	for _, c := range s.story.Currencies {
		for i, r := range c.Rates {
			last := ""
			if i+1 < len(c.Rates) {
				next, err := time.Parse(time.DateOnly, c.Rates[i+1].From)
				if err != nil {
					s.t.Fatal(err)
				}
				last = next.AddDate(0, 0, -1).Format(time.DateOnly)
			}
			rates = append(rates, told(c.Code, r.From, last, digits(r.Units, 9)))
		}
	}
	for _, m := range s.story.Merges {
		object := map[company.MergeOf]string{company.OfAccounts: "Account", company.OfContacts: "Contact"}[m.Of]
		if m.At <= s.now {
			merges = append(merges, told(strings.ToLower(object), s.id(object, m.From), s.id(object, m.Into), s.at(m.At)))
		}
	}
	s.tells("logins", "user_key | logged_in_at | through | is_successful", logins)
	s.tells("rates", "currency | valid_from | valid_to | units", rates)
	s.tells("merges", "record_type | record_id | into_id | merged_at", merges)
	s.givesOf("fiscal_periods", "select * from ("+s.view("fiscal_periods")+") as periods where kind = 'quarter' and fiscal_year = 2026", `
		kind    | fiscal_year | number | label      | starts_on  | ends_on
		quarter | 2026        | 1      | Q1 FY 2026 | 2026-01-01 | 2026-03-31
		quarter | 2026        | 2      | Q2 FY 2026 | 2026-04-01 | 2026-06-30
		quarter | 2026        | 3      | Q3 FY 2026 | 2026-07-01 | 2026-09-30
		quarter | 2026        | 4      | Q4 FY 2026 | 2026-10-01 | 2026-12-31`)
}

// A stage that is set up otherwise brings a second row of it; as the lake keeps both,
// how it was is still known.
func TestAStageLeavesItsOldSelf(t *testing.T) {
	story := acme()
	until := story.Now.Add(3 * 24 * time.Hour)
	was := company.StageSetup{Until: company.At(until)}
	for _, s := range story.Stages {
		was.Probabilities = append(was.Probabilities, s.Probability)
	}
	was.Probabilities[3] = 45
	story.StageSetups = append(story.StageSetups, was)
	p := inPain(t, "OpportunityStage", story)
	v := newViewTest(t)
	keep := func() {
		for _, r := range p.rows {
			v.given("OpportunityStage", "Id | ApiName | DefaultProbability | SortOrder | SystemModstamp\n"+
				told(r["Id"], r["ApiName"], r["DefaultProbability"], r["SortOrder"], r["SystemModstamp"]))
		}
		p.rows = connectortest.Rows{}
	}
	p.mustRead()
	keep()
	v.gives("stage_history", "stage_id")
	p.later(7 * 24 * time.Hour)
	keep()
	changed := story.Stages[3].Name
	v.givesOf("stage_history", "select * from ("+v.view("stage_history")+") as stages where stage_id = '"+changed+"'", `
		stage_id | probability | valid_to
		`+told(changed, "0.4500", until.UTC().Format("2006-01-02 15:04:05+00"))+`
		`+told(changed, "0.5000", ""))
	if key := p.s.Tables[0].Key; !slices.Equal(key, []string{"Id", "SystemModstamp"}) {
		t.Errorf("by the key %v the lake keeps the latest only", key)
	}
}

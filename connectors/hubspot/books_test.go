package hubspot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"merit/connectors/connectortest"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// What is sold, offered, planned and foretold, who signed in and what money was
// worth: read over HTTP and viewed, it is what the story tells.
func TestTheBooksOfTheStoryAreViewedAsTheyAre(t *testing.T) {
	a := newAcme(t, 500)
	m := newMemory(t, a.open(t, nil))
	for _, stream := range []string{"deals", "line_items", "quotes", "goal_targets", "forecasts", "logins", "exchange_rates", "owners", "account", "pipelines", "calls", "emails", "meetings", "tasks", "notes"} {
		m.read(stream)
	}
	if len(m.told) > 0 {
		t.Errorf("rejects: %v", m.told)
	}
	w := newWarehouse(t)
	w.exec(`update plan.as_of set as_of_at = '` + a.clock.now.Format(time.RFC3339) + `', today_on = '` + a.clock.now.Format(time.DateOnly) + `', time_zone = '` + a.story.TimeZone + `'`)
	w.keep(m.tables())
	for view, c := range map[string]struct {
		columns string
		want    []string
	}{
		"deal_lines":     {"deal_id, product, quantity, amount, is_recurring, term_starts_on, term_ends_on, is_deleted", a.lines()},
		"documents":      {"kind, deal_id, account_id, owner_id, amount, currency, epoch_ms(created_at), epoch_ms(sent_at), epoch_ms(signed_at)", a.papers()},
		"quotas":         {"user_key, starts_on, ends_on, quota", a.targets()},
		"forecasts":      {"user_key, starts_on, ends_on, category, amount, is_adjusted, epoch_ms(taken_at)", a.foretold()},
		"logins":         {"user_key, through, is_successful, epoch_ms(logged_in_at)", a.signedIn()},
		"rates":          {"currency, valid_from, units, worth", a.worths(t)},
		"activity_links": {"activity_id, record_type, record_id", a.linkedTo(t)},
	} {
		got := w.rows(view, c.columns, "1")
		slices.Sort(got)
		slices.Sort(c.want)
		if len(c.want) < 9 {
			t.Errorf("%s: the story tells only %d", view, len(c.want))
		}
		if diff := cmp.Diff(connectortest.PlainRows(c.want), connectortest.PlainRows(got)); diff != "" {
			t.Errorf("%s: (-story +view)\n%s", view, diff[:min(len(diff), 1500)])
		}
	}
}

func orNull(at company.Instant, now company.Instant) string {
	if at == 0 || at > now {
		return "-"
	}
	return strconv.FormatInt(int64(at), 10)
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// cents writes a plain decimal with two digits.
func cents(text string) string {
	if text == "" {
		return "-"
	}
	whole, fraction, _ := strings.Cut(text, ".")
	return whole + "." + (fraction + "00")[:2]
}

func (a *acme) lines() []string {
	now := company.At(a.clock.now)
	var all []string
	for i := range a.story.Deals {
		d := &a.story.Deals[i]
		for k, l := range d.Lines {
			// The links to a deal that was archived are gone before anybody reads them.
			if l.CreatedAt > now || !d.ExistsAt(now) || company.DeletedBy(d.DeletedAt, now) || company.DeletedBy(l.DeletedAt, now) {
				continue
			}
			s := d.LineAt(k, now)
			all = append(all, fmt.Sprintf("%s | %s | %d.000000 | %s | %t | %s | %s | false",
				hsserver.DealID(a.story, i), l.Product, l.Quantity, cents(s.Amount), l.Months > 0, dash(s.StartsOn), dash(s.EndsOn)))
		}
	}
	return all
}

func (a *acme) papers() []string {
	now := company.At(a.clock.now)
	var all []string
	for _, p := range a.story.Documents {
		if p.CreatedAt > now {
			continue
		}
		d := &a.story.Deals[p.Deal]
		deal, account := hsserver.DealID(a.story, p.Deal), hsserver.CompanyID(a.story, d.Account)
		if company.DeletedBy(d.DeletedAt, now) {
			deal = "-"
		}
		if company.DeletedBy(a.story.Accounts[d.Account].DeletedAt, now) {
			account = "-"
		}
		all = append(all, fmt.Sprintf("quote | %s | %s | %s | %s | USD | %d | %s | %s", deal, account,
			hsserver.OwnerID(a.story, p.Owner), cents(p.Amount), p.CreatedAt, orNull(p.SentAt, now), orNull(p.SignedAt, now)))
	}
	return all
}

func (a *acme) targets() []string {
	now := company.At(a.clock.now)
	var all []string
	for _, q := range a.story.Quotas {
		if q.CreatedAt <= now {
			all = append(all, strings.Join([]string{hsserver.OwnerID(a.story, q.User), q.StartsOn, q.EndsOn, cents(q.AmountAt(now))}, " | "))
		}
	}
	return all
}

func (a *acme) foretold() []string {
	var all []string
	for _, f := range a.story.Forecasts {
		if f.Category == "Commit" && f.At <= company.At(a.clock.now) {
			all = append(all, fmt.Sprintf("%s | %s | %s | commit | %s | false | %d", hsserver.OwnerID(a.story, f.User), f.StartsOn, f.EndsOn, cents(f.Amount), f.At))
		}
	}
	return all
}

func (a *acme) signedIn() []string {
	var all []string
	for _, l := range a.story.Logins {
		if l.At <= company.At(a.clock.now) {
			through := [...]string{company.ByBrowser: "browser", company.ByMobile: "mobile"}[l.Through]
			all = append(all, fmt.Sprintf("%s | %s | %t | %d", hsserver.OwnerID(a.story, int(l.User)), through, !l.Failed, l.At))
		}
	}
	return all
}

func (a *acme) worths(t *testing.T) []string {
	var all []string
	for _, c := range a.story.Currencies {
		for _, r := range c.Rates {
			from, err := time.ParseInLocation(time.DateOnly, r.From, a.zone(t))
			units, errUnits := strconv.ParseFloat(r.Units, 64)
			if err != nil || errUnits != nil {
				t.Fatal(err, errUnits)
			}
			if !from.After(a.clock.now) {
				all = append(all, fmt.Sprintf("%s | %s | 1.000000000 | %.6f000", c.Code, r.From, 1/units))
			}
		}
	}
	return all
}

func (a *acme) linkedTo(t *testing.T) []string {
	deals, companies, contacts := a.live(t, "deals"), a.live(t, "companies"), a.live(t, "contacts")
	var all []string
	for i, act := range a.story.Activities {
		id := hsserver.ActivityID(a.story, i)
		if !a.live(t, hsserver.ActivityObject(act.Kind))[id] {
			continue
		}
		add := func(kind, to string, isLive bool) {
			if isLive {
				all = append(all, id+" | "+kind+" | "+to)
			}
		}
		if act.Deal != company.None {
			to := hsserver.DealID(a.story, act.Deal)
			add("deal", to, deals[to])
		}
		if act.Account != company.None {
			to := hsserver.CompanyID(a.story, act.Account)
			add("account", to, companies[to])
		}
		if act.Contact != company.None {
			to := hsserver.ContactID(a.story, act.Contact)
			add("contact", to, contacts[to])
		}
	}
	return all
}

// live are the ids that can be listed now.
func (a *acme) live(t *testing.T, object string) map[string]bool {
	t.Helper()
	if a.lists[object] == nil {
		if a.lists == nil {
			a.lists = map[string]map[string]bool{}
		}
		a.lists[object] = map[string]bool{}
		for _, id := range a.ids(t, object) {
			a.lists[object][id] = true
		}
	}
	return a.lists[object]
}

// Which of them are won, and what renews them, says core.renewals.
func TestADealWithRecurringLinesIsAContract(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.exec(`insert into raw.deals (hs_object_id, merit_deleted, pipeline, dealstage, dealtype, amount, createdate, closedate) values
		('1', false, 'default', 'closedwon', 'newbusiness', 100, '2025-01-01T12:00:00Z', '2025-01-10T12:00:00Z'),
		('2', false, 'default', 'closedwon', 'newbusiness', 200, '2025-01-01T12:00:00Z', '2025-01-10T12:00:00Z'),
		('3', false, 'default', 'closedwon', 'newbusiness', 300, '2025-01-01T12:00:00Z', '2025-01-10T12:00:00Z'),
		('4', false, 'default', 'closedlost', 'newbusiness', 400, '2025-01-01T12:00:00Z', '2025-01-10T12:00:00Z'),
		('11', false, 'default', 'closedwon', 'renewal', 90, '2025-11-01T12:00:00Z', '2026-01-05T12:00:00Z'),
		('12', false, 'default', 'closedwon', 'renewal', 80, '2025-11-01T12:00:00Z', '2025-12-01T12:00:00Z'),
		('21', false, 'default', 'closedlost', 'renewal', 190, '2025-11-01T12:00:00Z', '2026-02-01T12:00:00Z'),
		('22', false, 'default', 'first', 'renewal', 190, '2024-11-01T12:00:00Z', '2026-01-09T12:00:00Z')`)
	w.exec(`insert into raw.deal_links (from_id, to_type, ordinal, links, to_id) values
		('1', 'company', 0, 1, '70'), ('2', 'company', 0, 1, '71'), ('3', 'company', 0, 1, '72'), ('4', 'company', 0, 1, '72'),
		('11', 'company', 0, 1, '70'), ('12', 'company', 0, 1, '70'), ('21', 'company', 0, 1, '71'), ('22', 'company', 0, 1, '71')`)
	w.exec(`insert into raw.line_items (hs_object_id, merit_deleted, amount, hs_tcv, recurringbillingfrequency, hs_recurring_billing_start_date, hs_recurring_billing_end_date) values
		('51', false, 12, 60, 'monthly', '2025-01-10', '2026-01-09'), ('52', false, 40, null, null, null, null),
		('53', false, 200, 200, 'annually', '2025-01-10', '2026-01-09'), ('54', false, 300, 300, 'annually', '2025-01-10', '2025-12-09'),
		('55', false, 400, 400, 'annually', '2025-01-10', '2026-01-09'), ('56', true, 999, 999, 'annually', '2025-01-10', '2027-01-09')`)
	w.exec(`insert into raw.line_item_links (from_id, to_type, ordinal, links, to_id) values
		('51', 'deal', 0, 1, '1'), ('52', 'deal', 0, 1, '1'), ('53', 'deal', 0, 1, '2'), ('54', 'deal', 0, 1, '3'), ('55', 'deal', 0, 1, '4'), ('56', 'deal', 0, 1, '1')`)
	w.wants("renewals", "renewal_id, account_id, deal_id, term_starts_on, due_on, outcome, is_deleted", "renewal_id",
		"1-2026-01-09 | 70 | 1 | 2025-01-10 | 2026-01-09 | - | false",
		"2-2026-01-09 | 71 | 2 | 2025-01-10 | 2026-01-09 | - | false",
		"3-2025-12-09 | 72 | 3 | 2025-01-10 | 2025-12-09 | - | false",
		"4-2026-01-09 | 72 | 4 | 2025-01-10 | 2026-01-09 | - | false")
}

// A goal may be one of calls; of those in money a person's sales quotas come first.
func TestAGoalOfCallsIsNoQuota(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.exec(`insert into raw.goal_targets (hs_object_id, merit_deleted, hs_assignee_user_id, hs_target_amount, hs_start_datetime, hs_end_datetime, hs_goal_type, hs_kpi_unit_type, hs_goal_target_currency_code) values
		('1', false, '901', 5000, '2026-01-01T00:00:00Z', '2026-03-31T23:59:59.999Z', 'sales_quota', 'currency', 'EUR'),
		('2', false, '901', 150, '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z', 'calls_made', 'number', null),
		('3', false, '901', 90000, '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z', 'custom', 'currency', 'EUR'),
		('4', false, '902', 7000, '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z', 'custom', 'CURRENCY', null),
		('5', false, '902', 30, '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z', 'sales_quota', 'number', null),
		('6', false, '903', 8000, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', null, null, null),
		('7', true, '903', 9000, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', 'sales_quota', 'currency', null)`)
	w.wants("quotas", "quota_id, user_key, starts_on, ends_on, quota, currency", "1",
		"1 | user-901 | 2026-01-01 | 2026-03-31 | 5000.00 | EUR",
		"4 | user-902 | 2026-01-01 | 2026-03-31 | 7000.00 | -",
		"6 | user-903 | 2026-01-01 | 2026-01-31 | 8000.00 | -")
}

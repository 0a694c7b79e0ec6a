package hubspot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"merit/connectors/connectortest"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// keep puts rows that were read into the raw tables.
func (w warehouse) keep(tables map[string][]map[string]string) {
	w.t.Helper()
	for table, rows := range tables {
		for some := range slices.Chunk(rows, 500) {
			var values []string
			columns := columnsOf(rows)
			for _, row := range some {
				texts := make([]string, len(columns))
				for i, column := range columns {
					if text, ok := row[column]; ok {
						texts[i] = "'" + strings.ReplaceAll(text, "'", "''") + "'"
					} else {
						texts[i] = "null"
					}
				}
				values = append(values, "("+strings.Join(texts, ", ")+")")
			}
			w.exec(fmt.Sprintf("insert into raw.%s (%s) values %s", table, strings.Join(columns, ", "), strings.Join(values, ", ")))
		}
	}
}

func columnsOf(rows []map[string]string) []string {
	seen := map[string]bool{}
	for _, row := range rows {
		for column := range row {
			seen[column] = true
		}
	}
	var columns []string
	for column := range seen {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	return columns
}

// told are the lines of a story about what the reader can know, sorted.
func (a *acme) told(t *testing.T, tell func(i int, id string, deal company.Deal) []string) []string {
	kept := a.known(t, "deals")
	var lines []string
	for i, deal := range a.story.Deals {
		if id := hsserver.DealID(a.story, i); kept[id] {
			lines = append(lines, tell(i, id, deal)...)
		}
	}
	slices.Sort(lines)
	return lines
}

// The views of what was read over HTTP tell the story that the sandbox was given:
// nothing in between is taken from our own code.
func TestReadAndViewedTheStoryIsTheSame(t *testing.T) {
	a := newAcme(t, 400)
	w := newWarehouse(t)
	w.exec(`update plan.as_of set as_of_at = '` + a.story.Now.Format(time.RFC3339) + `', time_zone = '` + a.story.TimeZone + `'`)
	source := a.open(t, nil)
	for _, stream := range []string{"deals", "companies", "contacts", "calls", "emails", "meetings", "tasks", "notes", "owners", "pipelines"} {
		got := read(t, source, stream, "")
		if got.err != nil || len(got.rejects) > 0 {
			t.Fatalf("%s: error %v, rejects %v", stream, got.err, got.rejects)
		}
		w.keep(got.tables)
	}
	t.Run("deals as they are now", func(t *testing.T) { dealsAreTold(t, a, w) })
	t.Run("every change that HubSpot still knows", func(t *testing.T) { changesAreTold(t, a, w) })
	t.Run("who takes part in which role", func(t *testing.T) { rolesAreTold(t, a, w) })
	t.Run("activities, done or not", func(t *testing.T) { activitiesAreTold(t, a, w) })
}

func dealsAreTold(t *testing.T, a *acme, w warehouse) {
	now := company.At(a.clock.now)
	want := a.told(t, func(_ int, id string, deal company.Deal) []string {
		return []string{strings.Join([]string{
			id, deal.Name, orNone(a.latest(deal, company.StageName)), orNone(asAmount(a.latest(deal, company.Amount))),
			orNone(a.latest(deal, company.CloseOn)), orNone(a.owner(a.latest(deal, company.Owner))), hsserver.CompanyID(a.story, deal.Account),
			fmt.Sprint(deal.DeletedAt != 0 && deal.DeletedAt <= now),
		}, " | ")}
	})
	stages := file(t, "views/stages.sql")
	query := `(select deals.*, stages.label from (` + file(t, "views/deals.sql") + `) as deals left join (` + stages + `) as stages on stages.stage_id = deals.stage_id)`
	got := w.query("select deal_id, name, label, amount, close_on, owner_id, account_id, is_deleted from " + query)
	// Of an archived deal HubSpot tells no associations any more.
	for i, line := range want {
		if strings.HasSuffix(line, "true") {
			parts := strings.Split(line, " | ")
			parts[6] = "-"
			want[i] = strings.Join(parts, " | ")
		}
	}
	same(t, want, got)
}

func changesAreTold(t *testing.T, a *acme, w warehouse) {
	now := company.At(a.clock.now)
	want := a.told(t, func(_ int, id string, deal company.Deal) []string {
		var lines []string
		for _, change := range deal.Changes {
			if change.Field == company.Amount && change.At <= now {
				lines = append(lines, fmt.Sprintf("%s | %d | %s", id, change.At, orNone(asAmount(change.Value))))
			}
		}
		first := slices.IndexFunc(lines, func(line string) bool { return !strings.HasSuffix(line, "-") })
		if first < 0 {
			return nil // never had an amount
		}
		lines = lines[first:]
		return lines[max(0, len(lines)-versionsKept):]
	})
	same(t, want, w.query(`select deal_id, epoch_ms(changed_at), new_value from (`+file(t, "views/deal_changes.sql")+`) where field = 'amount'`))
}

func rolesAreTold(t *testing.T, a *acme, w warehouse) {
	now := company.At(a.clock.now)
	want := a.told(t, func(i int, id string, deal company.Deal) []string {
		var lines []string
		for _, role := range deal.Contacts {
			contact := a.story.Contacts[role.Contact]
			isThere := contact.CreatedAt <= now && (contact.DeletedAt == 0 || contact.DeletedAt > now)
			if isThere && (deal.DeletedAt == 0 || deal.DeletedAt > now) {
				lines = append(lines, strings.Join([]string{id, hsserver.ContactID(a.story, role.Contact), orNone(role.Name)}, " | "))
			}
		}
		return lines
	})
	same(t, want, w.query(`select deal_id, contact_id, role from (`+file(t, "views/deal_contacts.sql")+`)`))
}

func activitiesAreTold(t *testing.T, a *acme, w warehouse) {
	now := company.At(a.clock.now)
	var want []string
	for i, activity := range a.story.Activities {
		isGone := activity.DeletedAt != 0 && activity.DeletedAt <= now
		if activity.CreatedAt > now || isGone {
			continue
		}
		kind := [...]string{"call", "email", "meeting", "task", "note"}[activity.Kind]
		isDone := activity.CompletedAt != 0 && activity.CompletedAt <= now || activity.Kind == company.Note
		want = append(want, fmt.Sprintf("%s | %s | %d | %v", hsserver.ActivityID(a.story, i), kind, activity.OccurredAt, isDone))
	}
	slices.Sort(want)
	same(t, want, w.query(`select activity_id, kind, epoch_ms(occurred_at), is_completed from (`+file(t, "views/activities.sql")+`) where not is_deleted`))
}

func same(t *testing.T, want, got []string) {
	t.Helper()
	if len(want) == 0 {
		t.Error("the story tells nothing of it, so this shows nothing")
	}
	if diff := cmp.Diff(connectortest.PlainRows(want), connectortest.PlainRows(got)); diff != "" {
		t.Errorf("(-story +views)\n%.3000s", diff)
	}
}

// latest is the value that a field of a deal has now.
func (a *acme) latest(deal company.Deal, field company.Field) string {
	value := ""
	for _, change := range deal.Changes {
		if change.Field == field && change.At <= company.At(a.clock.now) {
			value = change.Value
		}
	}
	return value
}

func (a *acme) owner(index string) string {
	var i int
	if _, err := fmt.Sscan(index, &i); err != nil || i < 0 {
		return ""
	}
	return hsserver.OwnerID(a.story, i)
}

func asAmount(text string) string {
	if text == "" {
		return ""
	}
	whole, cents, _ := strings.Cut(text, ".")
	return whole + "." + (cents + "00")[:2]
}

func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

package hubspot

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"

	"merit/connectors"
	"merit/connectors/connectortest"
)

// declared are the streams of a portal that has just what the views need.
func declared(t *testing.T) []connectors.Stream {
	var streams []connectors.Stream
	for _, o := range objects() {
		known := map[string]property{}
		for _, name := range o.properties() {
			known[name] = property{Name: name, Type: "string"}
		}
		s, err := o.stream(known)
		if err != nil {
			t.Fatal(err)
		}
		streams = append(streams, s)
	}
	streams = append(streams, ownerStream(), pipelineStream())
	for _, s := range (&portal{}).smalls() {
		streams = append(streams, connectors.Stream{Name: s.name, Tables: s.tables})
	}
	return streams
}

// A warehouse is DuckDB with the raw tables that our streams declare, and nothing
// in them.
type warehouse struct {
	t  *testing.T
	db *sql.DB
}

func newWarehouse(t *testing.T) warehouse {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	w := warehouse{t, db}
	w.exec(`set timezone = 'UTC'; create schema raw; create schema plan; create schema staging`)
	w.exec(file(t, "../../sql/plan/as_of.sql"))
	w.exec(`insert into plan.as_of values ('2026-04-01T00:00:00Z', '2026-03-31', 'America/Phoenix', 'USD')`)
	w.exec(file(t, "../../sql/duckdb.sql"))
	for _, s := range declared(t) {
		for _, table := range s.Tables {
			var columns []string
			for _, f := range table.Schema.Fields() {
				columns = append(columns, fmt.Sprintf("%q %s", f.Name, sqlType(t, f.Type)))
			}
			w.exec(fmt.Sprintf("create table raw.%s (%s)", table.Name, strings.Join(columns, ", ")))
		}
	}
	return w
}

func sqlType(t *testing.T, of arrow.DataType) string {
	switch of := of.(type) {
	case *arrow.StringType:
		return "varchar"
	case *arrow.BooleanType:
		return "boolean"
	case *arrow.Int64Type:
		return "bigint"
	case *arrow.Date32Type:
		return "date"
	case *arrow.TimestampType:
		return "timestamp with time zone"
	case *arrow.Decimal128Type:
		return fmt.Sprintf("numeric(%d, %d)", of.Precision, of.Scale)
	}
	t.Fatalf("no table has a column of %s", of)
	return ""
}

func file(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (w warehouse) exec(statements string) {
	w.t.Helper()
	if _, err := w.db.ExecContext(context.Background(), statements); err != nil {
		const enough = 400
		text := []rune(err.Error() + "\nin " + statements)
		w.t.Fatalf("%s", string(text[:min(len(text), enough)]))
	}
}

// rows gives the view's rows as text, in the order of the columns asked for.
func (w warehouse) rows(view, columns, order string) []string {
	w.t.Helper()
	return w.texts(fmt.Sprintf("select %s from (%s) as viewed order by %s", columns, file(w.t, "views/"+view+".sql"), order))
}

// query gives a query's rows as text, sorted.
func (w warehouse) query(text string) []string {
	w.t.Helper()
	rows := w.texts(text)
	slices.Sort(rows)
	return rows
}

func (w warehouse) texts(query string) []string {
	w.t.Helper()
	found, err := w.db.QueryContext(context.Background(), "select cast(columns(*) as varchar) from ("+query+")")
	if err != nil {
		w.t.Fatal(err)
	}
	defer found.Close()
	names, _ := found.Columns()
	var all []string
	for found.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			if texts[i] = "-"; v.Valid {
				texts[i] = v.String
			}
		}
		all = append(all, strings.Join(texts, " | "))
	}
	return all
}

func (w warehouse) wants(view, columns, order string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(connectortest.PlainRows(want), connectortest.PlainRows(w.rows(view, columns, order))); diff != "" {
		w.t.Errorf("%s: (-want +got)\n%s", view, diff)
	}
}

// stagingColumn is a column's line in a file of sql/staging.
var stagingColumn = regexp.MustCompile(`(?m)^    ([a-z_]+) ([a-z][a-z0-9(), ]*?)(?: not null)?,? --`)

// unfilled are the staging tables that HubSpot has no source for, and why.
func unfilled() map[string]string {
	return map[string]string{
		"calendar_events":  "HubSpot has the meetings that were logged, and nobody's own calendar",
		"coaching":         "coaching playlists have no API",
		"coaching_actions": "coaching playlists have no API",
		"contributions":    "social posts belong to accounts of the company, not to a person's work beside the CRM",
		"deal_scores":      "a score is a property that each portal makes for itself; `history` brings its versions into raw.deal_history, under its own name",
		"employees":        "a portal has users, no personnel",
		"external_ids":     "an integration keeps the other system's id in a property of its own, under a name of its own",
		"fiscal_periods":   "the account's fiscal year has no API",
		"rejects":          "the lake keeps them, and staging finds more",
		"holidays":         "a portal has none",
		"kudos":            "thanks between colleagues are given in tools for that",
		"learning":         "HubSpot Academy has no API",
		"surveys":          "feedback is about tickets and contacts; who of the reps it is about is not in it",
	}
}

func TestEveryViewReadsOnlyWhatIsDeclaredAndGivesTheStagingContract(t *testing.T) {
	w := newWarehouse(t)
	contracts, err := filepath.Glob("../../sql/staging/*.sql")
	if err != nil || len(contracts) == 0 {
		t.Fatalf("no staging contract: %v", err)
	}
	unfilled := unfilled()
	for _, path := range contracts {
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		view, err := fs.ReadFile(Connector().Views, name+".sql")
		why, isUnfilled := unfilled[name]
		delete(unfilled, name)
		switch {
		case err != nil && why == "":
			t.Errorf("nothing fills staging.%s, and no reason is given: %v", name, err)
			continue
		case err == nil && isUnfilled:
			t.Errorf("a view fills staging.%s, and is said not to, because %s", name, why)
		case err != nil:
			continue
		}
		var want []string
		for _, column := range stagingColumn.FindAllStringSubmatch(file(t, path), -1) {
			if column[1] != "source" {
				want = append(want, column[1]+" "+column[2])
			}
		}
		rows, err := w.db.Query(string(view)) // a column that no table has is an error
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		types, _ := rows.ColumnTypes()
		var got []string
		for i, c := range types {
			_, declared, _ := strings.Cut(want[min(i, len(want)-1)], " ")
			got = append(got, c.Name()+" "+asDeclared(c.DatabaseTypeName(), declared))
		}
		rows.Close()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-contract +view)\n%s", name, diff)
		}
	}
	for name := range unfilled {
		t.Errorf("staging has no table %s, which is said to be left unfilled", name)
	}
}

// asDeclared is DuckDB's name of a type in the contract's words.
func asDeclared(duck, declared string) string {
	same := map[string]string{"VARCHAR": "varchar", "BIGINT": "bigint", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMPTZ": "timestamp with time zone"}
	if name, ok := same[duck]; ok {
		return name
	}
	if strings.HasPrefix(duck, "DECIMAL") && strings.HasPrefix(declared, "numeric") {
		return declared // staging rounds it to the contract's digits
	}
	return duck
}

const phoenix = `insert into raw.pipeline_stages (pipeline_id, stage_id, merit_deleted, label, displayOrder, probability, isClosed) values
	('default', 'closedlost', false, 'Lost', 0, 0, true), ('default', 'closedwon', false, 'Won', 1, 1, true),
	('default', 'first', false, 'First', 5, 0.1, false), ('default', 'second', false, 'Second', 7, 0.5, false),
	('default', 'scrapped', true, null, null, null, null);
insert into raw.owners (id, merit_deleted, email, firstName, lastName, userId, userIdIncludingInactive, team) values
	('11', false, 'Ann@Example.com', 'Ann', 'Lee', 9001, 9001, 'West'),
	('12', true, 'bob@example.com', 'Bob', '', null, 9002, null),
	('13', false, null, null, null, 9002, 9002, null)`

func TestAPersonIsOneUserByOwnerAndStrangersAreListed(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.exec(`insert into raw.deal_history (object_id, property, timestamp, source_id, ordinal, updated_by_user_id) values
		('1', 'amount', '2026-01-01T00:00:00Z', 'x', 0, 9001), ('1', 'amount', '2026-01-02T00:00:00Z', 'x', 0, 7777)`)
	w.wants("users", "user_id, name, email, team, is_active", "user_id",
		"11 | Ann Lee | ann@example.com | West | true",
		"12 | Bob | bob@example.com | - | false",
		"13 | - | - | - | true",
		"user-7777 | - | - | - | true")
	// 9002 was an owner twice: the one who is there still is meant.
	w.exec(`update raw.deal_history set updated_by_user_id = 9002 where updated_by_user_id = 9001`)
	w.wants("deal_changes", "changed_by", "changed_at", "13", "user-7777")
}

// Where the closed ones stand on the way of a deal says core.pipeline_version_stages.
func TestStagesStandAsOnScreen(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.wants("stages", "stage_id, position, probability, is_closed, is_won", "position",
		"closedlost | 0 | 0.0000 | true | false",
		"closedwon | 1 | 1.0000 | true | true",
		"first | 5 | 0.1000 | false | false",
		"second | 7 | 0.5000 | false | false")
}

func TestADealIsClosedSinceItIsWonOrLostAndDatedInTheReportingZone(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.exec(`insert into raw.deals (hs_object_id, merit_deleted, dealname, pipeline, dealstage, amount, closedate, createdate, hs_created_by_user_id) values
		('1', false, 'Lost, then won', 'default', 'closedwon', 100.005, '2026-04-01T06:59:00Z', '2026-01-01T00:00:00Z', '9001'),
		('2', false, 'Open again', 'default', 'first', null, null, '2026-01-01T00:00:00Z', '5'),
		('3', false, 'Swallowed by 1', null, 'first', 1, null, '2026-01-01T00:00:00Z', null),
		('4', true, 'Archived', 'default', 'first', 1, null, '2026-01-01T00:00:00Z', null),
		('5', true, null, null, null, null, null, null, null)`)
	w.exec(`insert into raw.deal_history (object_id, property, value, timestamp, source_id, ordinal, is_truncated) values
		('1', 'dealstage', 'first', '2025-12-31T00:00:00Z', 'x', 0, false),
		('1', 'dealstage', 'closedlost', '2026-02-01T00:00:00Z', 'x', 0, false),
		('1', 'dealstage', 'closedwon', '2026-03-01T00:00:00Z', 'x', 0, false),
		('1', 'dealstage', 'closedwon', '2026-03-05T00:00:00Z', 'x', 0, false), -- set again to what it was
		('2', 'dealstage', 'closedlost', '2026-02-01T00:00:00Z', 'x', 0, false),
		('2', 'dealstage', 'first', '2026-02-02T00:00:00Z', 'x', 0, false)`)
	w.exec(`insert into raw.deal_links (from_id, to_type, ordinal, links, to_id, label) values
		('1', 'company', 0, 2, '77', 'Primary'), ('1', 'company', 1, 2, '78', null), ('2', 'company', 0, 0, null, null),
		('1', 'merged_deal', 0, 1, '3', null)`)
	w.wants("deals", "deal_id, account_id, pipeline_id, amount, close_on, epoch_ms(seen_at), created_by, is_deleted", "deal_id",
		"1 | 77 | default | 100.005 | 2026-03-31 | 1767139200000 | 11 | false",
		"2 | - | default | - | - | 1769904000000 | user-5 | false",
		"3 | - | default | 1.00 | - | - | - | true",
		"4 | - | default | 1.00 | - | - | - | true")
}

func TestAChangeSaysWhatWhenByWhomAndThroughWhat(t *testing.T) {
	w := newWarehouse(t)
	w.exec(phoenix)
	w.exec(`insert into raw.deal_history (object_id, property, value, number, instant, timestamp, source_id, ordinal, source_type, updated_by_user_id, is_truncated) values
		('1', 'dealstage', 'first', null, null, '2026-01-01T00:00:00Z', 'userId:9001', 1, 'CRM_UI', 9001, false),
		('1', 'dealstage', 'second', null, null, '2026-01-01T00:00:00Z', 'userId:9001', 0, 'CRM_UI', 9001, false),
		('1', 'amount', '1.2E3', 1200, null, '2026-01-02T00:00:00Z', 'none', 0, 'IMPORT', null, false),
		('1', 'amount', null, null, null, '2026-01-03T00:00:00Z', 'none', 0, 'API', null, false),
		('1', 'closedate', '1775026740000', null, '2026-04-01T06:59:00Z', '2026-01-04T00:00:00Z', 'close-date-automation', 0, 'INTERNAL_PROCESSING', null, false),
		('1', 'hubspot_owner_id', '12', null, null, '2026-01-05T00:00:00Z', 'w', 0, 'WORKFLOWS', null, false),
		('1', 'hs_next_step', 'call', null, null, '2026-01-06T00:00:00Z', 'm', 0, 'MERGE_OBJECTS', null, false),
		('1', 'hs_manual_forecast_category', 'COMMIT', null, null, '2026-01-07T00:00:00Z', 'i', 0, 'INTEGRATION', null, true),
		('1', 'hs_manual_forecast_category', 'COMMIT', null, null, '2026-01-07T00:00:00Z', 'i', 0, 'INTEGRATION', null, false),
		('1', 'hs_manual_forecast_category', 'BEST', null, null, '2026-01-08T00:00:00Z', 'i', 0, 'NOVEL', null, true),
		('1', 'pipeline', 'default', null, null, '2026-01-09T00:00:00Z', 'i', 0, 'CRM_UI', null, false),
		('1', 'deal_currency_code', 'JPY', null, null, '2026-01-10T00:00:00Z', 'i', 0, 'CRM_UI', null, false)`)
	w.wants("deal_changes", "field, new_value, ordinal, changed_by, changed_through, is_truncated", "changed_at, ordinal",
		"stage | first | -1 | 11 | user | false",
		"stage | second | 0 | 11 | user | false",
		"amount | 1200.00 | 0 | - | import | false",
		"amount | - | 0 | - | integration | false",
		"close_on | 2026-03-31 | 0 | - | automation | false",
		"owner | 12 | 0 | - | automation | false",
		"next_step | call | 0 | - | merge | false",
		"forecast_category | COMMIT | 0 | - | integration | false", // once read with the one before it
		"forecast_category | BEST | 0 | - | - | true",
		"pipeline | default | 0 | - | user | false",
		"currency | JPY | 0 | - | user | false")
	if ids := w.rows("deal_changes", "count(*), count(distinct change_id)", "1"); ids[0] != "11 | 11" {
		t.Errorf("changes and their ids: %s", ids[0])
	}
}

func TestALinkThatIsNoLongerInTheListIsNoContact(t *testing.T) {
	w := newWarehouse(t)
	// The list had three rows once, and then two: the third was left behind.
	w.exec(`insert into raw.deal_links (from_id, to_type, ordinal, links, to_id, label) values
		('1', 'contact', 0, 2, '501', null), ('1', 'contact', 1, 2, '501', 'Decision Maker'), ('1', 'contact', 2, 3, '502', null),
		('2', 'contact', 0, 0, null, null), ('2', 'contact', 1, 2, '503', null),
		('3', 'company', 0, 1, '700', 'Primary')`)
	w.wants("deal_contacts", "deal_id, contact_id, role, is_primary", "deal_id", "1 | 501 | Decision Maker | false")
}

func TestAnActivityIsDoneWhenItsKindSaysSo(t *testing.T) {
	w := newWarehouse(t)
	w.exec(`insert into raw.calls (hs_object_id, merit_deleted, hs_timestamp, hs_call_status, hs_call_duration, hs_activity_type) values
			('1', false, '2026-01-01T00:00:00Z', 'COMPLETED', 61999, 'Demo'), ('2', false, '2026-01-01T00:00:00Z', 'NO_ANSWER', null, null);
		insert into raw.emails (hs_object_id, merit_deleted, hs_timestamp, hs_email_status) values ('3', false, '2026-01-01T00:00:00Z', 'SENT'), ('4', true, '2026-01-01T00:00:00Z', null);
		insert into raw.meetings (hs_object_id, merit_deleted, hs_meeting_start_time, hs_meeting_end_time, hs_meeting_outcome) values
			('5', false, '2026-01-01T10:00:00Z', '2026-01-01T10:45:00Z', 'COMPLETED'), ('6', false, '2026-01-01T10:00:00Z', null, 'NO_SHOW'),
			('7', false, '2026-03-31T23:00:00Z', null, null), ('8', false, '2026-04-01T01:00:00Z', null, null);
		insert into raw.tasks (hs_object_id, merit_deleted, hs_timestamp, hs_task_status, hs_task_completion_date) values
			('9', false, '2026-01-01T00:00:00Z', 'COMPLETED', '2026-01-02T00:00:00Z'), ('10', false, '2026-01-01T00:00:00Z', 'WAITING', '2026-01-02T00:00:00Z');
		insert into raw.notes (hs_object_id, merit_deleted, hs_timestamp) values ('11', false, '2026-01-01T00:00:00Z');
		insert into raw.call_links (from_id, to_type, ordinal, links, to_id) values ('1', 'deal', 0, 1, '90'), ('1', 'company', 0, 1, '70'), ('1', 'contact', 0, 2, '50'), ('1', 'contact', 1, 2, '51')`)
	w.wants("activities", "activity_id, kind, subtype, is_completed, epoch_ms(completed_at), duration_seconds, deal_id, account_id, contact_id, is_deleted", "cast(activity_id as int)",
		"1 | call | Demo | true | - | 61 | 90 | 70 | 50 | false",
		"2 | call | - | false | - | - | - | - | - | false",
		"3 | email | - | true | - | - | - | - | - | false",
		"4 | email | - | false | - | - | - | - | - | true",
		"5 | meeting | - | true | - | 2700 | - | - | - | false",
		"6 | meeting | - | false | - | - | - | - | - | false",
		"7 | meeting | - | - | - | - | - | - | - | false",
		"8 | meeting | - | - | - | - | - | - | - | false",
		"9 | task | - | true | 1767312000000 | - | - | - | - | false",
		"10 | task | - | false | - | - | - | - | - | false",
		"11 | note | - | true | - | - | - | - | - | false")
}

func TestWhoWasMergedIntoAnotherIsDeleted(t *testing.T) {
	w := newWarehouse(t)
	w.exec(`insert into raw.companies (hs_object_id, merit_deleted, name) values ('1', false, 'Winner'), ('2', false, 'Loser'), ('3', true, 'Archived');
		insert into raw.company_links (from_id, to_type, ordinal, links, to_id) values ('1', 'merged_company', 0, 1, '2');
		insert into raw.contacts (hs_object_id, merit_deleted, associatedcompanyid) values ('8', false, '1'), ('9', false, null);
		insert into raw.contact_links (from_id, to_type, ordinal, links, to_id) values ('8', 'merged_contact', 0, 1, '9')`)
	w.wants("accounts", "account_id, name, is_deleted", "account_id", "1 | Winner | false", "2 | Loser | true", "3 | Archived | true")
	w.wants("contacts", "contact_id, account_id, is_deleted", "contact_id", "8 | 1 | false", "9 | - | true")
}

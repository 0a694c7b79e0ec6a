package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/transform/lake"
	"merit/transform/warehouse/duckdb"
)

// The canary is a colleague, who owns deals and activities, and whom texts of every kind
// name; nobody on the roster. None of these words stands anywhere else.
const (
	canaryName    = "Zebulon Quorndon"
	canaryAddress = "zebulon.quorndon@canary.example"
	canaryText    = "ask " + canaryName + " <" + canaryAddress + ">"
)

func withCanary(story *company.Company) *company.Company {
	story.Users[0].Name, story.Users[0].Email = canaryName, canaryAddress
	for i := range story.Deals {
		d := &story.Deals[i]
		if i%3 == 0 {
			d.Name, d.CreatedBy = fmt.Sprintf("deal %d, %s", i, canaryText), 0
		}
		for c := range d.Changes {
			switch change := &d.Changes[c]; {
			case change.Field == company.NextStep && change.Value != "":
				change.Value = fmt.Sprintf("%d: %s", c, canaryText)
			case change.Field == company.Owner && i%7 == 0:
				change.Value = "0"
			}
			if i%5 == 0 {
				d.Changes[c].By = 0
			}
		}
	}
	for i := range story.Activities {
		a := &story.Activities[i]
		a.Subject = fmt.Sprintf("%d: %s", i, canaryText)
		if i%9 == 0 {
			a.Owner = 0
		}
	}
	for i := range story.Contacts {
		if i%4 == 0 {
			story.Contacts[i].FirstName, story.Contacts[i].LastName, story.Contacts[i].Owner = "Zebulon", "Quorndon", 0
		}
	}
	return story
}

// canaryPolicies name each property once: where else it lies is Merit's to know.
var canaryPolicies = map[string]map[string]string{
	"salesforce": {
		"Opportunity.Name": "drop", "Opportunity.NextStep": "drop", "Task.Subject": "drop", "Event.Subject": "hash", "EmailMessage.Subject": "drop",
		"Quote.Name": "drop", "QuoteDocument.Name": "drop", "User.Name": "drop", "User.Email": "hash", "Contact.Name": "drop",
	},
	"hubspot": {
		"deals.dealname": "drop", "deals.hs_next_step": "hash", "calls.hs_call_title": "drop", "emails.hs_email_subject": "drop",
		"meetings.hs_meeting_title": "drop", "tasks.hs_task_subject": "hash", "quotes.hs_title": "drop",
		"owners.firstName": "drop", "owners.lastName": "drop", "owners.email": "hash", "contacts.firstname": "drop", "contacts.lastname": "drop",
	},
}

// more is what is read beside what Merit needs: the names of customers.
var canaryMore = map[string]string{
	"salesforce": "    fields: [Contact.Name]\n",
	"hubspot":    "    properties: [contacts.firstname, contacts.lastname]\n",
}

func canaryProject(t *testing.T, connector string) string {
	t.Helper()
	story := withCanary(company.Acme(29, 45))
	server := httptest.NewServer(sandbox.New(story))
	t.Cleanup(server.Close)
	dir := filepath.Join(t.TempDir(), connector)
	if err := writeStoryProject(dir, story, []storySource{{connector, server.URL}}); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(dir, "merit.yml"), canaryMore[connector])
	return dir
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNothingOfAPrivatePropertyIsFoundInAnyByte(t *testing.T) {
	for connector, policies := range canaryPolicies {
		t.Run(connector, func(t *testing.T) {
			dir := canaryProject(t, connector)
			merit(t, dir, "run")
			if len(everywhere(t, dir, "zebulon")) < 10 {
				t.Fatal("the search finds nobody before, so it shows nothing")
			}
			text := "privacy:\n  columns:\n"
			for column, policy := range policies {
				text += fmt.Sprintf("    %s.%s: %s\n", connector, column, policy)
			}
			appendTo(t, filepath.Join(dir, "merit.yml"), text)
			said := merit(t, dir, "check")
			for _, place := range map[string][]string{
				"salesforce": {"OpportunityFieldHistory.NewValue where Field is NextStep", "OpportunityFieldHistory.OldValue where Field is Owner"},
				"hubspot":    {"deal_history.value where property is hs_next_step", "logins.email", "users.hs_email"},
			}[connector] {
				if !strings.Contains(said, place) {
					t.Errorf("check does not name %s:\n%s", place, said)
				}
			}
			merit(t, dir, "run")
			merit(t, dir, "payout", "draft", "2026-Q1")
			merit(t, dir, "verify")
			found := everywhere(t, dir, "zebulon", "quorndon", "canary")
			if len(found) > 0 {
				t.Errorf("found in %s", strings.Join(found, "\n"))
			}
		})
	}
}

func TestNothingOfAnErasedPersonIsFoundInAnyByte(t *testing.T) {
	for connector, column := range map[string]string{"salesforce": `"User".Id`, "hubspot": "owners.id"} {
		t.Run(connector, func(t *testing.T) {
			dir := canaryProject(t, connector)
			merit(t, dir, "run")
			merit(t, dir, "payout", "draft", "2026-Q1")
			table, _, _ := strings.Cut(column, ".")
			ids := warehouseLines(t, dir, fmt.Sprintf("select %s as id from raw_%s.%s where lower(email) = '%s'", column, connector, table, canaryAddress))
			if len(ids) != 1 {
				t.Fatalf("the canary's ids are %v", ids)
			}
			merit(t, dir, "forget", connector, canaryAddress)
			merit(t, dir, "run")
			merit(t, dir, "payout", "draft", "2026-Q1")
			texts := []string{canaryName, canaryAddress}
			if connector == "salesforce" {
				texts = append(texts, ids[0]) // a number stands for other things too
			}
			for _, place := range everywhere(t, dir, texts...) {
				// Customers of the same name are other people.
				if !strings.Contains(place, "/contacts/") && !strings.Contains(place, "/Contact/") && !strings.Contains(place, ".contacts") && !strings.Contains(place, ".Contact.") {
					t.Errorf("found in %s", place)
				}
			}
			for _, query := range []string{
				`select owner_id as id from staging.deals union select owner_id from staging.activities union select user_id from staging.users`,
				`select user_key as id from staging.quotas union select user_key from staging.logins union select changed_by from staging.deal_changes`,
				`select new_value as id from staging.deal_changes where field = 'owner' union select created_by from staging.deals`,
			} {
				if slices.Contains(warehouseLines(t, dir, query), ids[0]) {
					t.Errorf("the id is still in %s", query)
				}
			}
		})
	}
}

// everywhere is where any byte of a project, any value of a Parquet file, a workbook or a
// database has one of the texts.
func everywhere(t *testing.T, dir string, texts ...string) []string {
	t.Helper()
	matches := lake.AnyOf(texts)
	searched, err := lake.Search(t.Context(), dir, matches)
	if err != nil {
		t.Fatal(err)
	}
	found := searched.Found
	for _, database := range []string{"warehouse.duckdb", "published/merit.duckdb"} {
		path := filepath.Join(t.TempDir(), filepath.Base(database)) // readers of the published one may not write
		content, err := os.ReadFile(filepath.Join(dir, database))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		found = append(found, inDatabase(t, path, matches)...)
	}
	return found
}

func inDatabase(t *testing.T, path string, matches lake.Match) []string {
	t.Helper()
	db, err := duckdb.Open(path, "1GB")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var columns [][3]string
	for row, err := range db.Query(context.Background(), `select table_schema, table_name, column_name from information_schema.columns
		where data_type = 'VARCHAR' and table_schema not in ('information_schema', 'pg_catalog')`) {
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, [3]string{row.Text("table_schema"), row.Text("table_name"), row.Text("column_name")})
	}
	var found []string
	for _, c := range columns {
		for row, err := range db.Query(context.Background(), fmt.Sprintf(`select distinct "%s" as text from "%s"."%s" where "%s" is not null`, c[2], c[0], c[1], c[2])) {
			if err != nil {
				t.Fatal(err)
			}
			if matches(row.Text("text")) {
				found = append(found, filepath.Base(path)+": "+strings.Join(c[:], "."))
				break
			}
		}
	}
	return found
}

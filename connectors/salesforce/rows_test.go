package salesforce

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/fault"
)

// both reads one record by Bulk and by REST, as each API writes it.
func both(t *testing.T, csv, rest map[string]string) (byBulk, byREST taken) {
	t.Helper()
	o := newOrg(t)
	a := o.open()
	s := o.stream(a, "Opportunity")
	page, err := csvPage(strings.NewReader(csvOf(s, csv)), target{Table: s.Tables[0]}, 0, 10, nil)
	if err != nil || page.rows != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	record := map[string]any{"attributes": map[string]any{"type": "Opportunity", "url": "/x"}}
	for k, v := range rest {
		record[k] = json.RawMessage(v)
	}
	text, err := json.Marshal(map[string]any{"records": []any{record}, "totalSize": 1, "done": true})
	if err != nil {
		t.Fatal(err)
	}
	result, err := jsonPage(strings.NewReader(string(text)), target{Table: s.Tables[0]})
	if err != nil || result.rows != 1 || !result.done || result.total != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	return open1(page.Page), open1(result.Page)
}

func TestValuesAreTheSameByBothAPIs(t *testing.T) {
	byBulk, byREST := both(t,
		map[string]string{
			"Id": "006000000000001AAA", "Name": "Line one\r\nline \"two\", and more", "Type": "NA", "LeadSource": "null", "NextStep": "",
			"Amount": "1.25E7", "CloseDate": "2026-03-31", "IsClosed": "true", "IsDeleted": "false",
			"CreatedDate": "2024-09-24T03:26:07.000Z", "SystemModstamp": "2024-09-24T03:26:07.000Z",
		},
		map[string]string{
			"Id": `"006000000000001AAA"`, "Name": `"Line one\r\nline \"two\", and more"`, "Type": `"NA"`, "LeadSource": `"null"`, "NextStep": `null`,
			"Amount": `12500000.0`, "CloseDate": `"2026-03-31"`, "IsClosed": `true`, "IsDeleted": `false`,
			"CreatedDate": `"2024-09-24T03:26:07.000+0000"`, "SystemModstamp": `"2024-09-24T05:26:07.000+0200"`,
		})
	if !maps.Equal(byBulk.rows[0], byREST.rows[0]) {
		t.Errorf("by Bulk\n%v\nby REST\n%v", byBulk.rows[0], byREST.rows[0])
	}
	row := byBulk.rows[0]
	for column, want := range map[string]string{
		"Name": "Line one\r\nline \"two\", and more", "Type": "NA", "LeadSource": "null", "Amount": "12500000", "merit_deleted": "false",
		"SystemModstamp": "2024-09-24T03:26:07Z",
	} {
		if row[column] != want {
			t.Errorf("%s is %q, not %q", column, row[column], want)
		}
	}
	if _, has := row["NextStep"]; has {
		t.Errorf("an empty field is %q and not null", row["NextStep"])
	}
}

func TestValuesThatDoNotFit(t *testing.T) {
	byBulk, byREST := both(t,
		map[string]string{"Id": "006000000000001AAA", "Amount": "about ten", "Name": "A\x00cme"},
		map[string]string{"Id": `"006000000000001AAA"`, "Amount": `"about ten"`, "Name": `"A\u0000cme"`})
	for _, got := range []taken{byBulk, byREST} {
		if got.rows[0]["Name"] != "Acme" {
			t.Errorf("the name is %q", got.rows[0]["Name"])
		}
		if len(got.rejects) != 1 || got.rejects[0].Column != "Amount" || got.rejects[0].Value != "about ten" || got.rejects[0].Key != "006000000000001AAA" {
			t.Errorf("rejects: %+v", got.rejects)
		}
	}
}

func TestNoDigitIsLost(t *testing.T) {
	o := newOrg(t)
	opportunity, _ := objectNamed("Opportunity")
	o.describes("Opportunity", append(fieldsOf(opportunity), "Ledger__c int")...)
	a := o.open("fields", "Opportunity.Ledger__c")
	s := o.stream(a, "Opportunity")
	result, err := jsonPage(strings.NewReader(`{"totalSize":1,"done":true,"records":[{"Id":"006000000000001","Ledger__c":9007199254740993,"Amount":9007199254740993.01}]}`), target{Table: s.Tables[0]})
	if err != nil {
		t.Fatal(err)
	}
	got := open1(result.Page).rows[0]
	if got["Ledger__c"] != "9007199254740993" || got["Amount"] != "9007199254740993.01" {
		t.Errorf("came %v", got)
	}
}

// A file of the CSV that jsforce, another client, sends and reads: names in upper
// case, and addresses of several lines.
func TestCSVOfAnotherClient(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "fixtures", "salesforce", "jsforce", "Account_bulk2_test.csv"))
	if err != nil {
		t.Skip("recorded CSV is not here")
	}
	defer f.Close()
	fields := []arrow.Field{}
	for _, name := range []string{"Name", "BillingStreet", "Description"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true, Metadata: selecting(name)})
	}
	page, err := csvPage(f, target{Table: connectors.Table{Name: "Account", Key: []string{"Name"}, Schema: arrow.NewSchema(fields, nil)}}, 0, 1000, nil)
	if err != nil || page.rows != 100 {
		t.Fatalf("%+v, %v", page, err)
	}
	for _, row := range open1(page.Page).rows {
		if row["Name"] == "" {
			t.Errorf("a row without a name: %v", row)
		}
	}
}

func TestPositions(t *testing.T) {
	columns := []string{"Id", "Name", "Amount"}
	at, err := positionAt("", columns)
	if err != nil || !at.Until.IsZero() {
		t.Fatalf("%+v, %v", at, err)
	}

	t.Run("come back as they were written", func(t *testing.T) {
		at := at
		at.Job = &half{ID: "750000000000001", Locator: "x", Rows: 7}
		again, err := positionAt(at.cursor(), columns)
		if err != nil || *again.Job != *at.Job {
			t.Errorf("%+v, %v", again, err)
		}
	})

	t.Run("of a job whose columns are not today's ask anew", func(t *testing.T) {
		at := at
		at.Job = &half{ID: "750000000000001", Locator: "x", Rows: 7}
		again, err := positionAt(at.cursor(), columns[:2])
		if err != nil || again.Job != nil {
			t.Errorf("%+v, %v", again, err)
		}
	})

	t.Run("of another version are not guessed at", func(t *testing.T) {
		_, err := positionAt(`{"v":2,"columns":"Id"}`, columns)
		mends(t, err, fault.You, "another version", "--full")
		_, err = positionAt(`gibberish`, columns)
		mends(t, err, fault.Us, "gibberish")
	})
}

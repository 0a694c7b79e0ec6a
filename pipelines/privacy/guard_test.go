package privacy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/pipelines/project"
)

func privateProject(t *testing.T, columns string) *project.Project {
	t.Helper()
	dir := t.TempDir()
	settings := "sources:\n  crm:\n    connector: any\nprivacy:\n  columns:\n" + columns
	if err := os.WriteFile(filepath.Join(dir, project.FileName), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func contacts() connectors.Stream {
	return connectors.Stream{Name: "contacts", Tables: []connectors.Table{{Name: "contacts", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "email", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "phone", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "age", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil)}}}
}

func contactRows(emails ...string) connectors.Page {
	built := array.NewRecordBuilder(memory.DefaultAllocator, contacts().Tables[0].Schema)
	defer built.Release()
	for _, email := range emails {
		built.Field(0).(*array.StringBuilder).Append("id of " + email)
		built.Field(1).(*array.StringBuilder).Append(email)
		built.Field(2).(*array.StringBuilder).Append("555")
		built.Field(3).(*array.Int64Builder).Append(7)
	}
	return connectors.Page{
		Batches: []connectors.Batch{{Table: "contacts", Records: built.NewRecordBatch()}},
		Rejects: []connectors.Reject{{Table: "contacts", Column: "phone", Value: "555 as well"}},
	}
}

func TestDroppedColumnsAreEmptyAndHashedOnesHoldAKeyedHash(t *testing.T) {
	p := privateProject(t, "    crm.contacts.email: hash\n    crm.contacts.phone: drop\n    crm.contacts.age: keep\n")
	guarded := func() connectors.Page {
		g, err := New(p, project.Source{Name: "crm"}, []connectors.Stream{contacts()})
		if err == nil {
			err = project.KeepKey(p, keyFile, g.key)
		}
		if err != nil {
			t.Fatal(err)
		}
		for page := range g.Pages(func(yield func(connectors.Page, error) bool) {
			yield(contactRows("ann@acme.example", "bob@acme.example", "ann@acme.example"), nil)
		}) {
			return page
		}
		t.Fatal("no page came")
		return connectors.Page{}
	}
	page := guarded()
	rows := page.Batches[0].Records
	email, phone := rows.Column(1).(*array.String), rows.Column(2)
	if email.Value(0) != email.Value(2) || email.Value(0) == email.Value(1) || len(email.Value(0)) != 32 || strings.Contains(email.Value(0), "ann") {
		t.Errorf("hashes are %s", email)
	}
	if phone.NullN() != 3 || page.Rejects[0].Value != "" {
		t.Errorf("dropped values are %s, and a reject has %q", phone, page.Rejects[0].Value)
	}
	if rows.Column(3).NullN() != 0 || rows.Column(0).NullN() != 0 {
		t.Error("other columns changed")
	}
	if again := guarded().Batches[0].Records.Column(1).(*array.String); again.Value(0) != email.Value(0) {
		t.Error("the next reading hashes otherwise")
	}
}

func TestWhatCannotBeKeptPrivateIsRefused(t *testing.T) {
	for columns, want := range map[string]string{
		"    crm.contacts.id: drop\n":     "key",
		"    crm.contacts.age: hash\n":    "no text",
		"    crm.contacts.salary: drop\n": "no column that is read",
	} {
		_, err := New(privateProject(t, columns), project.Source{Name: "crm"}, []connectors.Stream{contacts()})
		if err == nil || !strings.Contains(err.Error(), want) || fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", columns, err)
		}
	}
}

package pipelines

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
	"merit/transform/lake"
)

func privateJob(t *testing.T, columns string) *Job {
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
	return &Job{Project: p}
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
	j := privateJob(t, "    crm.contacts.email: hash\n    crm.contacts.phone: drop\n    crm.contacts.age: keep\n")
	guarded := func() connectors.Page {
		g, err := j.guardOf(project.Source{Name: "crm"}, []connectors.Stream{contacts()})
		if err == nil {
			err = keepKey(j.Project, privacyKey, g.key)
		}
		if err != nil {
			t.Fatal(err)
		}
		for page := range g.pages(func(yield func(connectors.Page, error) bool) {
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

func TestWhoseAddressIsHashedIsForgottenByTheAddress(t *testing.T) {
	j := privateJob(t, "    crm.contacts.email: hash\n")
	j.Sources = []project.Source{{Name: "crm", Connector: connectors.Connector{People: connectors.People{
		Records: []string{"contacts"},
		Columns: []connectors.Personal{
			{Table: "contacts", Column: "id", Says: connectors.SaysID, Kind: "contacts", Own: true},
			{Table: "contacts", Column: "email", Says: connectors.SaysAddress, Own: true},
		},
	}}}}
	var err error
	if j.Lake, err = lake.Open(j.Project.Path("lake")); err != nil {
		t.Fatal(err)
	}
	j.Lake.Knowing(j.people())
	g, err := j.guardOf(project.Source{Name: "crm"}, []connectors.Stream{contacts()})
	if err == nil {
		err = keepKey(j.Project, privacyKey, g.key)
	}
	if err != nil {
		t.Fatal(err)
	}
	dataset := j.Lake.Dataset("crm", "contacts")
	pages := g.pages(func(yield func(connectors.Page, error) bool) {
		page := contactRows("Ann", "bob@acme.example", "ann@acme.example")
		page.Rejects = nil
		yield(page, nil)
	})
	if _, err := dataset.Append(t.Context(), contacts(), pages, nil); err != nil {
		t.Fatal(err)
	}
	done, err := j.Forget(t.Context(), "crm", []string{"ANN@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	head, err := dataset.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if done.Erased.Rows != 1 || head.Tables[0].Rows != 3 {
		t.Errorf("%d rows were erased, %d are left", done.Erased.Rows, head.Tables[0].Rows)
	}
}

func TestWhatCannotBeKeptPrivateIsRefused(t *testing.T) {
	for columns, want := range map[string]string{
		"    crm.contacts.id: drop\n":     "key",
		"    crm.contacts.age: hash\n":    "no text",
		"    crm.contacts.salary: drop\n": "no column that is read",
	} {
		_, err := privateJob(t, columns).guardOf(project.Source{Name: "crm"}, []connectors.Stream{contacts()})
		if err == nil || !strings.Contains(err.Error(), want) || fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", columns, err)
		}
	}
}

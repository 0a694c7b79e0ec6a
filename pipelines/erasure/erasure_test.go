package erasure

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"merit/connectors"
	"merit/pipelines/privacy"
	"merit/pipelines/project"
	"merit/transform/lake"
)

var contacts = connectors.Stream{Name: "contacts", Tables: []connectors.Table{{Name: "contacts", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
	{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "email", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)}}}

func contactRows(emails ...string) connectors.Page {
	built := array.NewRecordBuilder(memory.DefaultAllocator, contacts.Tables[0].Schema)
	defer built.Release()
	for _, email := range emails {
		built.Field(0).(*array.StringBuilder).Append("id of " + email)
		built.Field(1).(*array.StringBuilder).Append(email)
	}
	return connectors.Page{Batches: []connectors.Batch{{Table: "contacts", Records: built.NewRecordBatch()}}}
}

// noTables is a project in which nothing was built yet.
type noTables struct{}

func (noTables) RemoveAll() error                                         { return nil }
func (noTables) RebuildPublished(context.Context) (bool, error)           { return false, nil }
func (noTables) Search(context.Context, lake.Match, *lake.Searched) error { return nil }

func TestWhoseAddressIsHashedIsErasedByTheAddress(t *testing.T) {
	dir := t.TempDir()
	settings := "sources:\n  crm:\n    connector: any\nprivacy:\n  columns:\n    crm.contacts.email: hash\n"
	if err := os.WriteFile(filepath.Join(dir, project.FileName), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(p.Path("lake"))
	if err != nil {
		t.Fatal(err)
	}
	crm := project.Source{Name: "crm", Connector: connectors.Connector{People: connectors.People{
		Records: []string{"contacts"},
		Columns: []connectors.Personal{
			{Table: "contacts", Column: "id", Says: connectors.SaysID, Kind: "contacts", Own: true},
			{Table: "contacts", Column: "email", Says: connectors.SaysAddress, Own: true},
		},
	}}}
	l.Knowing(map[string]connectors.People{"crm": crm.Connector.People})
	guard, err := privacy.New(p, crm, []connectors.Stream{contacts})
	if err == nil {
		_, err = guard.ApplyToOlder(t.Context(), l, noTables{}.RemoveAll)
	}
	if err != nil {
		t.Fatal(err)
	}
	dataset := l.Dataset("crm", "contacts")
	pages := guard.Pages(func(yield func(connectors.Page, error) bool) {
		yield(contactRows("Ann", "bob@acme.example", "ann@acme.example"), nil)
	})
	if _, err := dataset.Append(t.Context(), contacts, pages, nil); err != nil {
		t.Fatal(err)
	}
	eraser := Eraser{Project: p, Sources: []project.Source{crm}, Lake: l, Tables: noTables{}, Listed: l.SetErasureList}
	done, err := eraser.Forget(t.Context(), "crm", []string{"ANN@acme.example"})
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

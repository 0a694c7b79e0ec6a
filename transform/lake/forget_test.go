package lake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
)

func textTable(name string, key []string, columns ...string) connectors.Table {
	var fields []arrow.Field
	for _, column := range columns {
		fields = append(fields, arrow.Field{Name: column, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	return connectors.Table{Name: name, Key: key, Schema: arrow.NewSchema(fields, nil)}
}

// The people of these stories: contacts with their history and links, and tasks
// that mention them.
func contactsStream() connectors.Stream {
	return connectors.Stream{Name: "contacts", Tables: []connectors.Table{
		textTable("contacts", []string{"id"}, "id", "email", "name"),
		textTable("contact_history", []string{"id", "value"}, "id", "property", "value"),
	}}
}

func tasksStream() connectors.Stream {
	return connectors.Stream{Name: "tasks", Tables: []connectors.Table{
		textTable("tasks", []string{"id"}, "id", "subject", "who", "owner"),
		textTable("task_links", []string{"from_id", "to_type", "to_id"}, "from_id", "to_type", "to_id"),
	}}
}

// peopleOfStories declares what of these tables tells of persons.
func peopleOfStories() map[string]connectors.People {
	return map[string]connectors.People{"crm": {
		Records: []string{"contacts"},
		Columns: []connectors.Personal{
			{Table: "contacts", Column: "id", Says: connectors.SaysID, Kind: "contacts", Own: true},
			{Table: "contacts", Column: "email", Says: connectors.SaysAddress, Own: true},
			{Table: "contacts", Column: "name", Says: connectors.SaysName, Own: true},
			{Table: "contact_history", Column: "id", Says: connectors.SaysID, Kind: "contacts", Own: true},
			{Table: "task_links", Column: "to_id", Says: connectors.SaysID, KindColumn: "to_type", Kinds: map[string]string{"contacts": "contacts"}},
			{Table: "tasks", Column: "who", Says: connectors.SaysID, Kind: "contacts"},
		},
		Changes: []connectors.Changes{{Table: "contact_history", Of: "contacts", Column: "property", Values: []string{"value"}}},
	}}
}

const jane = "0035g00000AbCdEAAV" // an id as Salesforce has them

func contactPage(next string) connectors.Page {
	t := contactsStream().Tables
	return page(next,
		rows(t[0], "101|Jane@Acme.example|Jane Doe "+next, "102|joe@acme.example|Joe", jane+"|jane@acme.example|Jane D."),
		rows(t[1], "101|email|old "+next, "102|email|o"))
}

func taskPage(next string) connectors.Page {
	t := tasksStream().Tables
	return page(next,
		rows(t[0], "101|a task with a contact's number|x|r1", "7|mail to <JANE@acme.example>, "+next+"|"+jane+"|r1", "8|call Joe|102|r1"),
		rows(t[1], "7|contacts|101", "8|contacts|102", "9|deals|101"))
}

func peopleLake(t *testing.T) *Lake {
	l := openLakeInMemory(t)
	fillWithPeople(t, l, 9)
	return l
}

func fillWithPeople(t *testing.T, l *Lake, pages int) {
	l.Knowing(peopleOfStories())
	for k := range pages {
		appendTo(t, l.Dataset("crm", "contacts"), contactsStream(), contactPage(fmt.Sprint(k)))
		appendTo(t, l.Dataset("crm", "tasks"), tasksStream(), taskPage(fmt.Sprint(k)))
		appendTo(t, l.Dataset("other", "contacts"), contactsStream(), contactPage(fmt.Sprint(k)))
	}
	if _, err := l.Dataset("crm", "contacts").Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// distinct leaves out lines that stood before.
func distinct(lines []string) []string {
	var left []string
	for _, line := range lines {
		if !slices.Contains(left, line) {
			left = append(left, line)
		}
	}
	return left
}

func forgetJane(t *testing.T, l *Lake) (*ErasureList, []Identity) {
	t.Helper()
	list, err := ParseErasureList([]byte("a key of sixteen and more bytes"), nil)
	if err != nil {
		t.Fatal(err)
	}
	who := Identity{Source: "crm", Value: "jane@acme.example"}
	list.Add(who)
	found, err := l.Resolve(context.Background(), "crm", list, []Identity{who})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Erase(context.Background(), "crm"); err != nil {
		t.Fatal(err)
	}
	return list, found
}

func TestAForgottenPersonIsInNoSnapshotAndTheOthersAre(t *testing.T) {
	l := peopleLake(t)
	contacts, tasks := l.Dataset("crm", "contacts"), l.Dataset("crm", "tasks")
	first := head(t, tasks)
	list, found := forgetJane(t, l)
	var known []string
	for _, who := range found {
		known = append(known, who.Stream+":"+who.Value)
	}
	slices.Sort(known)
	if !slices.Contains(known, "*name:jane doe 0") {
		t.Errorf("her name is not among %v", known)
	}
	known = slices.DeleteFunc(known, func(one string) bool { return strings.HasPrefix(one, nameKind) })
	same(t, "what she is known by", known, []string{":" + jane, ":jane@acme.example", "contacts:" + jane, "contacts:101"})
	stone := func(kind, value string) string {
		return list.Tombstone(Identity{Source: "crm", Stream: kind, Value: value})
	}
	small, long, address := stone("contacts", "101"), stone("contacts", jane), stone("", "jane@acme.example")

	c, k := head(t, contacts), head(t, tasks)
	same(t, "cursor", c.Cursor, connectors.Cursor("8"))
	same(t, "contacts", latestLines(t, pinned(t, c, "contacts"), "email", "name"), map[string]string{
		"102": "joe@acme.example|Joe", small: address + "|", long: address + "|"})
	same(t, "their history", distinct(lines(t, pinned(t, c, "contact_history"), "id", "property", "value")), []string{
		small + "|email|", "102|email|o"})
	same(t, "tasks", latestLines(t, pinned(t, k, "tasks"), "subject", "who", "owner"), map[string]string{
		"101": "a task with a contact's number|x|r1", "7": "mail to <" + address + ">, 8|" + long + "|r1", "8": "call Joe|102|r1"})
	same(t, "links", lines(t, pinned(t, k, "task_links"), "from_id", "to_type", "to_id"), []string{
		"7|contacts|" + small, "8|contacts|102", "9|deals|101"})
	then, err := tasks.At(context.Background(), first.At)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "an older checkpoint's cursor", then.Cursor, first.Cursor)
	if v := verified(t, l); len(v.Damages) > 0 {
		t.Errorf("%v", v.Damages)
	}
	same(t, "the other source's", len(lines(t, pinned(t, head(t, l.Dataset("other", "contacts")), "contacts"), "id")), 11)
}

func TestNothingOfAForgottenPersonIsFoundInAnyByte(t *testing.T) {
	l := peopleLake(t)
	texts := []string{"jane@acme.example", jane, jane[:15], "Jane D"}
	before, err := l.Search(context.Background(), "crm", AnyOf(texts))
	if err != nil || len(before.Found) == 0 {
		t.Fatalf("the search finds nobody, so it shows nothing: %v", err)
	}
	list, _ := forgetJane(t, l)
	after, err := l.Search(context.Background(), "crm", AnyOf(texts))
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Found) > 0 || after.Values == 0 {
		t.Errorf("%d values looked at, found in %v", after.Values, after.Found)
	}
	if strings.Contains(string(list.Text()), "jane") || strings.Contains(string(list.Text()), "101") {
		t.Errorf("the list tells who it is of: %s", list.Text())
	}
}

func TestAForgottenPersonStaysGoneWhenTheCRMTellsAgain(t *testing.T) {
	l := peopleLake(t)
	list, _ := forgetJane(t, l)
	next := reopen(t, l)
	again, err := ParseErasureList([]byte("a key of sixteen and more bytes"), list.Text())
	if err != nil {
		t.Fatal(err)
	}
	next.SetErasureList(again)
	next.Knowing(peopleOfStories())
	contacts := contactPage("9")
	contacts.Batches[0] = rows(contactsStream().Tables[0], "101|new@address.example|Jane Doe", "102|joe@acme.example|Joe", "103|Ann@acme.example|Ann")
	c, seen := appendTo(t, next.Dataset("crm", "contacts"), contactsStream(), contacts)
	same(t, "contacts that are new: a version of hers without the new address, and Ann", seen["contacts"], Progress{Table: "contacts", Read: 3, New: 2})
	same(t, "contacts", latestLines(t, pinned(t, c, "contacts"), "email", "name"), map[string]string{
		"102": "joe@acme.example|Joe", "103": "Ann@acme.example|Ann",
		list.Tombstone(Identity{Source: "crm", Stream: "contacts", Value: "101"}): "|",
		list.Tombstone(Identity{Source: "crm", Value: jane}):                      list.Tombstone(Identity{Source: "crm", Value: "jane@acme.example"}) + "|",
	})
	_, seen = appendTo(t, next.Dataset("crm", "tasks"), tasksStream(), taskPage("8"))
	same(t, "tasks: all there, without her", seen["tasks"], Progress{Table: "tasks", Read: 3, New: 0})
	found, err := l.Search(context.Background(), "crm", AnyOf([]string{"jane@acme.example", jane}))
	if err != nil || len(found.Found) > 0 {
		t.Errorf("found in %v: %v", found.Found, err)
	}
}

func TestForgettingMayBreakOffAnywhereAndIsDoneAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	for n := 0; ; n += times(61, 5) {
		l := peopleLake(t)
		list, err := ParseErasureList([]byte("a key of sixteen and more bytes"), nil)
		if err != nil {
			t.Fatal(err)
		}
		list.Add(Identity{Source: "crm", Value: "jane@acme.example"})
		if _, err := l.Resolve(context.Background(), "crm", list, nil); err != nil {
			t.Fatal(err)
		}
		finished := false
		during(l, dyingAt(n), func() {
			_, err := l.Erase(context.Background(), "crm")
			finished = err == nil
		})
		next, err := Open(l.root)
		if err != nil {
			t.Fatal(err)
		}
		if v := verified(t, next); len(v.Damages) > 0 {
			t.Fatalf("death at change %d: %v", n, v.Damages)
		}
		next.SetErasureList(list)
		next.Knowing(peopleOfStories())
		if _, err := next.Erase(context.Background(), "crm"); err != nil {
			t.Fatalf("again after death at change %d: %v", n, err)
		}
		found, err := l.Search(context.Background(), "crm", AnyOf([]string{"jane@acme.example", jane}))
		if err != nil || len(found.Found) > 0 {
			t.Fatalf("death at change %d: found in %v: %v", n, found.Found, err)
		}
		if finished {
			return
		}
	}
}

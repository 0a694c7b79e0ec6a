package sfserver

import (
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// peopleObjects are who sells and who is sold to.
func peopleObjects() []object { return []object{accounts(), contacts(), users()} }

func accounts() object {
	of := func(get func(*company.Account) value) func(*view, *record) value {
		return func(v *view, r *record) value { return get(&v.story.Accounts[r.index]) }
	}
	fields := []field{
		id(), deletion(),
		reference("MasterRecordId", "Account", func(v *view, r *record) value { return v.account(v.master(company.OfAccounts, r)) }),
		text("Name", 255, of(func(a *company.Account) value { return textOf(a.Name) })),
		picklist("Industry", of(func(a *company.Account) value { return textOf(a.Industry) })),
		reference("OwnerId", "User", func(v *view, r *record) value { return v.user(v.story.Accounts[r.index].Owner) }),
	}
	fields = append(append(fields, address("BillingAddress")...), audit()...)
	return object{
		name: "Account", label: "Account", prefix: prefixAccount, ordered: true, fields: fields,
		size: func(c *company.Company) int { return len(c.Accounts) },
		load: func(v *view, index int, rows []record) []record {
			a := &v.story.Accounts[index]
			r := v.simple(identityOf(a.ID, prefixAccount, int64(index)), index, a.Owner, a.CreatedAt, a.DeletedAt)
			r.extra = a.Extra
			return v.visible(rows, r, a.DeletedAt)
		},
	}
}

// master is the record into which one was merged.
func (v *view) master(of company.MergeOf, r *record) int {
	if !r.deleted {
		return company.None
	}
	return v.story.MergedInto(of, r.index, v.now)
}

// simple is a record that was made, perhaps deleted, and never changed in between.
func (v *view) simple(id value, index, owner int, created, deleted company.Instant) record {
	r := record{id: id, index: index, created: created, modified: created, by: owner, editor: owner}
	if company.DeletedBy(deleted, v.now) {
		r.deleted, r.modified = true, deleted
	}
	return r
}

func (v *view) visible(rows []record, r record, deleted company.Instant) []record {
	if r.created > v.now || v.gone(deleted) {
		return rows
	}
	return append(rows, r)
}

func contacts() object {
	of := func(get func(*company.Contact) value) func(*view, *record) value {
		return func(v *view, r *record) value { return get(&v.story.Contacts[r.index]) }
	}
	fields := []field{
		id(), deletion(),
		reference("MasterRecordId", "Contact", func(v *view, r *record) value { return v.contact(v.master(company.OfContacts, r)) }),
		reference("AccountId", "Account", func(v *view, r *record) value { return v.account(v.story.Contacts[r.index].Account) }),
		text("LastName", 80, of(func(c *company.Contact) value { return textOf(c.LastName) })).in("Name"),
		text("FirstName", 40, of(func(c *company.Contact) value { return textOf(c.FirstName) })).in("Name"),
		text("Name", 121, of(func(c *company.Contact) value { return textOf(strings.TrimSpace(c.FirstName + " " + c.LastName)) })),
		typed("email", "Email", func(_ *view, r *record) value { return textOf("contact" + strconv.Itoa(r.index) + "@customer.example") }),
		text("Title", 128, of(func(c *company.Contact) value { return textOf(c.Title) })),
		reference("OwnerId", "User", func(v *view, r *record) value { return v.user(v.story.Contacts[r.index].Owner) }),
	}
	fields = append(append(fields, address("MailingAddress")...), audit()...)
	return object{
		name: "Contact", label: "Contact", prefix: prefixContact, ordered: true, fields: fields,
		size: func(c *company.Company) int { return len(c.Contacts) },
		load: func(v *view, index int, rows []record) []record {
			c := &v.story.Contacts[index]
			r := v.simple(identityOf(c.ID, prefixContact, int64(index)), index, c.Owner, c.CreatedAt, c.DeletedAt)
			r.extra = c.Extra
			return v.visible(rows, r, c.DeletedAt)
		},
	}
}

func users() object {
	of := func(get func(*company.User) value) func(*view, *record) value {
		return func(v *view, r *record) value { return get(&v.story.Users[r.index]) }
	}
	first := func(name string) string { return name[:max(0, strings.IndexByte(name, ' '))] }
	fields := []field{
		id(),
		text("Username", 80, of(func(u *company.User) value { return textOf(u.Email) })),
		text("LastName", 80, of(func(u *company.User) value { return textOf(strings.TrimSpace(u.Name[len(first(u.Name)):])) })).in("Name"),
		text("FirstName", 40, of(func(u *company.User) value { return textOf(first(u.Name)) })).in("Name"),
		text("Name", 121, of(func(u *company.User) value { return textOf(u.Name) })),
		text("Division", 80, of(func(u *company.User) value { return textOf(u.Region) })),
		text("Department", 80, of(func(u *company.User) value { return textOf(u.Team) })),
		text("Title", 80, of(func(u *company.User) value { return textOf(u.Role) })),
		typed("email", "Email", of(func(u *company.User) value { return textOf(u.Email) })),
		typed("boolean", "IsActive", func(v *view, r *record) value {
			return booleanOf(!company.DeletedBy(v.story.Users[r.index].LeftAt, v.now))
		}),
		picklist("UserType", func(*view, *record) value { return textOf("Standard") }),
		picklist("TimeZoneSidKey", func(v *view, _ *record) value { return textOf(v.story.TimeZone) }),
	}
	return object{
		name: "User", label: "User", prefix: prefixUser, ordered: true, fields: append(fields, audit()...),
		size: func(c *company.Company) int { return len(c.Users) },
		load: func(v *view, index int, rows []record) []record {
			u := &v.story.Users[index]
			r := v.simple(identityOf(u.ID, prefixUser, int64(index)), index, index, u.CreatedAt, u.LeftAt)
			r.deleted, r.extra = false, u.Extra // a user is deactivated, never deleted
			return v.visible(rows, r, 0)
		},
	}
}

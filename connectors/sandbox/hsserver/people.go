package hsserver

import (
	"strings"

	"merit/connectors/sandbox/company"
)

func (p *portal) companyState(r *record) {
	a := &p.story.Accounts[r.index]
	r.account, r.born, r.stamped, r.created, r.modified, r.deleted = a, a.CreatedAt, a.CreatedAt, a.CreatedAt, a.CreatedAt, a.DeletedAt
}

func (p *portal) contactState(r *record) {
	c := &p.story.Contacts[r.index]
	r.contact, r.born, r.stamped, r.created, r.modified, r.deleted = c, c.CreatedAt, c.CreatedAt, c.CreatedAt, c.CreatedAt, c.DeletedAt
}

func (p *portal) companyProperties() []*property {
	var industries []option
	seen := map[string]bool{"": true}
	for _, a := range p.story.Accounts {
		if !seen[a.Industry] {
			seen[a.Industry] = true
			industries = append(industries, option{shout(a.Industry), a.Industry})
		}
	}
	created := func(r *record) company.Instant { return r.created }
	return []*property{
		idOf(p.companies),
		instantOf("createdate", "Create Date", created),
		instantOf("hs_createdate", "Object create date/time", created),
		instantOf("hs_lastmodifieddate", "Last Modified Date", func(r *record) company.Instant { return r.modified }),
		textOf("name", "Company name", func(r *record) string { return r.account.Name }),
		textOf("domain", "Company Domain Name", func(*record) string { return "" }),
		choiceOf("industry", "Industry", industries, func(r *record) string { return shout(r.account.Industry) }),
		p.ownerOf(func(r *record) int { return r.account.Owner }),
		choiceOf("hs_merged_object_ids", "Merged Company IDs", nil, func(r *record) string { return r.merged }),
	}
}

// contactProperties have the last change in lastmodifieddate. A portal also has
// hs_lastmodifieddate for contacts, and nothing in it.
func (p *portal) contactProperties() []*property {
	return []*property{
		idOf(p.contacts),
		instantOf("createdate", "Create Date", func(r *record) company.Instant { return r.created }),
		instantOf("lastmodifieddate", "Last Modified Date", func(r *record) company.Instant { return r.modified }),
		instantOf("hs_lastmodifieddate", "Object last modified date/time", func(*record) company.Instant { return 0 }),
		textOf("firstname", "First Name", func(r *record) string { return r.contact.FirstName }),
		textOf("lastname", "Last Name", func(r *record) string { return r.contact.LastName }),
		textOf("jobtitle", "Job Title", func(r *record) string { return r.contact.Title }),
		textOf("email", "Email", func(r *record) string {
			name := strings.ToLower(r.contact.FirstName + "." + r.contact.LastName)
			return strings.ReplaceAll(name, " ", "") + "." + text(int64(r.index)) + "@example.com"
		}),
		numberOf("associatedcompanyid", "Primary Associated Company ID", func(r *record) int64 {
			if i := r.contact.Account; i >= 0 && i < len(p.companies.ids) {
				return p.companies.ids[i]
			}
			return -1
		}),
		p.ownerOf(func(r *record) int { return r.contact.Owner }),
		choiceOf("hs_merged_object_ids", "Merged record IDs", nil, func(r *record) string { return r.merged }),
	}
}

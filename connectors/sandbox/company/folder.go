package company

import (
	"strings"
	"time"

	"merit/connectors/fault"
)

// FromFolder reads a company from CSV files: an export in Salesforce's own names, or
// the layout of the public CRM sales opportunities data set. Its Now is the day after
// the last instant in the data: nothing lies in its future.
func FromFolder(dir string) (*Company, error) {
	opportunities, err := readTable(dir, "Opportunity.csv")
	if err != nil {
		return nil, err
	}
	if opportunities != nil {
		return fromOrg(dir, opportunities)
	}
	pipeline, err := readTable(dir, "sales_pipeline.csv")
	if err != nil {
		return nil, err
	}
	if pipeline != nil {
		return fromPipeline(dir, pipeline)
	}
	return nil, fault.Errorf(fault.You, "%s holds no company: there should be Opportunity.csv (with OpportunityHistory.csv, Account.csv, "+
		"Contact.csv, User.csv, Task.csv and Event.csv where there are such) or sales_pipeline.csv (with accounts.csv, products.csv and sales_teams.csv)", dir)
}

// An importer gathers a story from tables; whom a record names is found by id or name.
type importer struct {
	company  *Company
	users    map[string]int
	accounts map[string]int
	contacts map[string]int
	deals    map[string]int
	listed   bool // accounts have a file of their own
	first    Instant
	last     Instant
}

func newImporter(name string) *importer {
	return &importer{
		company: &Company{Name: name, Currency: "USD", TimeZone: "UTC"},
		users:   map[string]int{}, accounts: map[string]int{}, contacts: map[string]int{}, deals: map[string]int{},
	}
}

// saw notes an instant of the data.
func (im *importer) saw(instants ...Instant) {
	for _, at := range instants {
		if at != 0 && (im.first == 0 || at < im.first) {
			im.first = at
		}
		im.last = max(im.last, at)
	}
}

// span sets Begin and Now, and gives what has no instant of its own the first one.
func (im *importer) span() {
	c := im.company
	c.Begin = im.first.Time().Truncate(24 * time.Hour)
	c.Now = im.last.Time().Truncate(24*time.Hour).AddDate(0, 0, 1)
	begin := At(c.Begin)
	if len(c.Users) == 0 {
		// Changes are somebody's.
		c.Users = append(c.Users, User{Name: "Import User", Email: mailAddress("Import User")})
	}
	for i := range c.Users {
		c.Users[i].CreatedAt = orBegin(c.Users[i].CreatedAt, begin)
	}
	for i := range c.Accounts {
		c.Accounts[i].CreatedAt = orBegin(c.Accounts[i].CreatedAt, begin)
	}
	for i := range c.Contacts {
		c.Contacts[i].CreatedAt = orBegin(c.Contacts[i].CreatedAt, begin)
	}
	for i := range c.Activities {
		c.Activities[i].CreatedAt = orBegin(c.Activities[i].CreatedAt, begin)
	}
}

func orBegin(at, begin Instant) Instant {
	if at == 0 {
		return begin
	}
	return at
}

// index finds a record by the id or name that others name it by.
func index(known map[string]int, id string) int {
	if at, ok := known[id]; ok {
		return at
	}
	return None
}

// mailAddress invents an address for a person without one.
func mailAddress(name string) string {
	return mailbox(strings.ReplaceAll(name, " ", ".")) + "@imported.example"
}

// account finds an account by the name or id it goes by, or adds one.
func (im *importer) account(key string, a Account) int {
	if at, ok := im.accounts[key]; ok {
		return at
	}
	im.accounts[key] = len(im.company.Accounts)
	im.company.Accounts = append(im.company.Accounts, a)
	return im.accounts[key]
}

package company

import (
	"slices"
	"strconv"
	"strings"

	"merit/connectors/fault"
)

// fromOrg reads an export in Salesforce's own names. Every row in is a row served, and
// every column too: what the story has no word for stays as it is.
func fromOrg(dir string, opportunities *table) (*Company, error) {
	im := newImporter("Imported org")
	if err := im.readUsers(dir); err != nil {
		return nil, err
	}
	if err := im.readAccounts(dir); err != nil {
		return nil, err
	}
	if err := im.readContacts(dir); err != nil {
		return nil, err
	}
	histories, err := readTable(dir, "OpportunityHistory.csv", "Opportunity History.csv")
	if err != nil {
		return nil, err
	}
	if err := im.readLadder(opportunities, histories); err != nil {
		return nil, err
	}
	if err := im.readOpportunities(opportunities); err != nil {
		return nil, err
	}
	if err := im.readHistory(histories); err != nil {
		return nil, err
	}
	for row := range opportunities.rows {
		if err := im.addUp(opportunities, row, histories != nil); err != nil {
			return nil, err
		}
	}
	if err := im.readActivities(dir); err != nil {
		return nil, err
	}
	if im.last == 0 {
		return nil, fault.Errorf(fault.You, "%s has no row with a date", opportunities.file)
	}
	im.span()
	return im.company, nil
}

// rest gives a row's columns but those named, as they are.
func (t *table) rest(row int, but ...string) map[string]string {
	extra := map[string]string{}
	for column, header := range t.header {
		if !slices.ContainsFunc(but, func(b string) bool { return strings.EqualFold(b, header) }) {
			extra[header] = t.rows[row][column]
		}
	}
	return extra
}

// isTrue reads a checkbox.
func isTrue(text string) bool { return strings.EqualFold(text, "true") || text == "1" }

// standardStages is the pipeline a new org has, for what a stage is worth.
func standardStages() []Stage {
	return []Stage{
		{Name: "Prospecting", Probability: 10, Forecast: "Pipeline", SortOrder: 1},
		{Name: "Qualification", Probability: 10, Forecast: "Pipeline", SortOrder: 2},
		{Name: "Needs Analysis", Probability: 20, Forecast: "Pipeline", SortOrder: 3},
		{Name: "Value Proposition", Probability: 50, Forecast: "Pipeline", SortOrder: 4},
		{Name: "Id. Decision Makers", Probability: 60, Forecast: "Pipeline", SortOrder: 5},
		{Name: "Perception Analysis", Probability: 70, Forecast: "Pipeline", SortOrder: 6},
		{Name: "Proposal/Price Quote", Probability: 75, Forecast: "Pipeline", SortOrder: 7},
		{Name: "Negotiation/Review", Probability: 90, Forecast: "Pipeline", SortOrder: 8},
		{Name: "Closed Won", Probability: 100, Forecast: "Closed", IsClosed: true, IsWon: true, SortOrder: 9},
		{Name: "Closed Lost", Forecast: "Omitted", IsClosed: true, SortOrder: 10},
	}
}

// readLadder finds the stages in the data. Their order is SortOrder's where the history
// has that column, else the order of a new org's pipeline, else that of first appearance.
func (im *importer) readLadder(opportunities, histories *table) error {
	known := map[string]Stage{}
	for _, stage := range standardStages() {
		known[stage.Name] = stage
	}
	found := map[string]Stage{}
	placed := map[string]int{} // by the data itself
	for _, t := range []*table{histories, opportunities} {
		if t == nil {
			continue
		}
		name, err := t.need("StageName")
		if err != nil {
			return err
		}
		order := t.column("SortOrder")
		for row := range t.rows {
			stage, seen := found[t.text(row, name)]
			if !seen {
				stage = known[t.text(row, name)]
				stage.Name = t.text(row, name)
				if stage.SortOrder == 0 {
					stage.SortOrder, stage.Forecast, stage.Probability = 100+len(found), "Pipeline", 50
				}
			}
			if text := t.text(row, order); text != "" {
				position, err := strconv.Atoi(text)
				if before, ok := placed[stage.Name]; err != nil || ok && before != position {
					return t.wrong(row, order, "is not the one place of stage %s in the pipeline", stage.Name)
				}
				stage.SortOrder, placed[stage.Name] = position, position
			}
			found[stage.Name] = stage
		}
	}
	for _, stage := range found {
		im.company.Stages = append(im.company.Stages, stage)
	}
	slices.SortFunc(im.company.Stages, func(a, b Stage) int {
		if order := a.SortOrder - b.SortOrder; order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
	return nil
}

// person finds a user by id or makes one of the id alone.
func (im *importer) person(id, role string) int {
	if id == "" {
		return None
	}
	if at, ok := im.users[id]; ok {
		if im.company.Users[at].Role == "" {
			im.company.Users[at].Role = role
		}
		return at
	}
	im.users[id] = len(im.company.Users)
	im.company.Users = append(im.company.Users, User{ID: id, Name: "User " + id, Email: mailbox("u."+id) + "@imported.example", Role: role})
	return im.users[id]
}

func (im *importer) readUsers(dir string) error {
	t, err := readTable(dir, "User.csv")
	if t == nil || err != nil {
		return err
	}
	id, err := t.need("Id")
	if err != nil {
		return err
	}
	name, first, last := t.column("Name"), t.column("FirstName"), t.column("LastName")
	for row := range t.rows {
		u := User{
			ID: t.text(row, id), Name: t.text(row, name), Email: strings.ToLower(t.text(row, t.column("Email"))),
			Team: t.text(row, t.column("Department")), Region: t.text(row, t.column("Division")), Extra: t.rest(row, "Id"),
		}
		if u.Name == "" {
			u.Name = strings.TrimSpace(t.text(row, first) + " " + t.text(row, last))
		}
		if u.CreatedAt, err = im.when(t, row, "CreatedDate"); err != nil {
			return err
		}
		im.users[u.ID] = len(im.company.Users)
		im.company.Users = append(im.company.Users, u)
	}
	return nil
}

// when reads an instant and notes it.
func (im *importer) when(t *table, row int, columns ...string) (Instant, error) {
	at, err := t.instant(row, t.column(columns...))
	im.saw(at)
	return at, err
}

// deletedAt says when a row that is marked deleted was.
func (im *importer) deletedAt(t *table, row int, created Instant) (Instant, error) {
	if !isTrue(t.text(row, t.column("IsDeleted"))) {
		return 0, nil
	}
	at, err := im.when(t, row, "SystemModstamp", "LastModifiedDate")
	return max(at, created, 1), err
}

func (im *importer) readAccounts(dir string) error {
	t, err := readTable(dir, "Account.csv")
	if t == nil || err != nil {
		return err
	}
	id, err := t.need("Id")
	if err != nil {
		return err
	}
	for row := range t.rows {
		a := Account{
			ID: t.text(row, id), Name: t.text(row, t.column("Name")), Industry: t.text(row, t.column("Industry")),
			Owner: im.person(t.text(row, t.column("OwnerId")), ""), Extra: t.rest(row, "Id", "IsDeleted"),
		}
		if a.CreatedAt, err = im.when(t, row, "CreatedDate"); err != nil {
			return err
		}
		if a.DeletedAt, err = im.deletedAt(t, row, a.CreatedAt); err != nil {
			return err
		}
		im.account(a.ID, a)
	}
	return nil
}

func (im *importer) readContacts(dir string) error {
	t, err := readTable(dir, "Contact.csv")
	if t == nil || err != nil {
		return err
	}
	id, err := t.need("Id")
	if err != nil {
		return err
	}
	for row := range t.rows {
		c := Contact{
			ID: t.text(row, id), FirstName: t.text(row, t.column("FirstName")), LastName: t.text(row, t.column("LastName")),
			Title: t.text(row, t.column("Title")), Account: index(im.accounts, t.text(row, t.column("AccountId"))),
			Owner: im.person(t.text(row, t.column("OwnerId")), ""), Extra: t.rest(row, "Id", "IsDeleted"),
		}
		if c.CreatedAt, err = im.when(t, row, "CreatedDate"); err != nil {
			return err
		}
		if c.DeletedAt, err = im.deletedAt(t, row, c.CreatedAt); err != nil {
			return err
		}
		im.contacts[c.ID] = len(im.company.Contacts)
		im.company.Contacts = append(im.company.Contacts, c)
	}
	return nil
}

package company

import (
	"strconv"
	"strings"
	"time"

	"merit/connectors/fault"
)

// A pipeline row's columns.
type pipelineColumns struct{ id, agent, product, account, stage, engaged, closed, value int }

// fromPipeline reads the layout of the CRM sales opportunities data set. Its deals are
// created on their engage date; those still in Prospecting have none and are taken to
// have come up on the data's last day.
func fromPipeline(dir string, pipeline *table) (*Company, error) {
	im := newImporter("Imported sales pipeline")
	im.company.Stages = []Stage{
		{Name: "Prospecting", Probability: 10, Forecast: "Pipeline", SortOrder: 1},
		{Name: "Engaging", Probability: 40, Forecast: "Pipeline", SortOrder: 2},
		{Name: "Won", Probability: 100, Forecast: "Closed", IsClosed: true, IsWon: true, SortOrder: 3},
		{Name: "Lost", Forecast: "Omitted", IsClosed: true, SortOrder: 4},
	}
	if err := im.readTeams(dir); err != nil {
		return nil, err
	}
	if err := im.readCustomers(dir); err != nil {
		return nil, err
	}
	products, err := readProducts(dir)
	if err != nil {
		return nil, err
	}
	columns, err := pipelineHeader(pipeline)
	if err != nil {
		return nil, err
	}
	for row := range pipeline.rows {
		if err := im.readPipelineRow(pipeline, row, columns, products); err != nil {
			return nil, err
		}
	}
	if im.last == 0 {
		return nil, fault.Errorf(fault.You, "%s has no deal with a date", pipeline.file)
	}
	for i := range im.company.Deals {
		if deal := &im.company.Deals[i]; deal.CreatedAt == 0 {
			deal.CreatedAt = im.last
			for j := range deal.Changes {
				deal.Changes[j].At = im.last
			}
		}
	}
	im.span()
	return im.company, nil
}

func pipelineHeader(t *table) (c pipelineColumns, err error) {
	for name, into := range map[string]*int{
		"opportunity_id": &c.id, "sales_agent": &c.agent, "product": &c.product, "account": &c.account,
		"deal_stage": &c.stage, "engage_date": &c.engaged, "close_date": &c.closed, "close_value": &c.value,
	} {
		if *into, err = t.need(name); err != nil {
			return c, err
		}
	}
	return c, nil
}

// readTeams reads who sells where for whom: agents and their managers.
func (im *importer) readTeams(dir string) error {
	t, err := readTable(dir, "sales_teams.csv")
	if t == nil || err != nil {
		return err
	}
	agent, err := t.need("sales_agent")
	if err != nil {
		return err
	}
	manager, office := t.column("manager"), t.column("regional_office")
	for row := range t.rows {
		boss, region := t.text(row, manager), t.text(row, office)
		if boss != "" {
			im.user(boss, User{Role: "manager", Team: boss, Region: region})
		}
		im.user(t.text(row, agent), User{Role: "ae", Team: boss, Region: region})
	}
	return nil
}

// user finds a person by name or adds one.
func (im *importer) user(name string, u User) int {
	if at, ok := im.users[name]; ok {
		return at
	}
	u.Name, u.Email = name, mailAddress(name)
	im.users[name] = len(im.company.Users)
	im.company.Users = append(im.company.Users, u)
	return im.users[name]
}

func (im *importer) readCustomers(dir string) error {
	t, err := readTable(dir, "accounts.csv")
	if t == nil || err != nil {
		return err
	}
	name, err := t.need("account")
	if err != nil {
		return err
	}
	im.listed = true
	sector := t.column("sector")
	for row := range t.rows {
		im.account(t.text(row, name), Account{
			Name: t.text(row, name), Industry: t.text(row, sector), Owner: None, Extra: t.custom(row, name, sector),
		})
	}
	return nil
}

// custom gives a row's other columns, named as a CRM names custom fields.
func (t *table) custom(row int, but ...int) map[string]string {
	extra := map[string]string{}
	for column, header := range t.header {
		known := false
		for _, b := range but {
			known = known || b == column
		}
		if !known {
			extra[header+"__c"] = t.rows[row][column]
		}
	}
	return extra
}

// readProducts reads the product list, by names without blanks: the data set writes
// GTXPro in one file and GTX Pro in the other.
func readProducts(dir string) (map[string]string, error) {
	t, err := readTable(dir, "products.csv")
	if t == nil || err != nil {
		return nil, err
	}
	name, err := t.need("product")
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for row := range t.rows {
		names[withoutBlanks(t.text(row, name))] = t.text(row, name)
	}
	return names, nil
}

func withoutBlanks(name string) string { return strings.ReplaceAll(name, " ", "") }

func (im *importer) readPipelineRow(t *table, row int, c pipelineColumns, products map[string]string) error {
	engaged, err := t.instant(row, c.engaged)
	if err != nil {
		return err
	}
	closed, err := t.instant(row, c.closed)
	if err != nil {
		return err
	}
	value, err := t.amount(row, c.value)
	if err != nil {
		return err
	}
	product, err := t.product(row, c.product, products)
	if err != nil {
		return err
	}
	stage, ok := im.company.Stage(t.text(row, c.stage))
	if !ok {
		return t.wrong(row, c.stage, "is no stage: there are Prospecting, Engaging, Won and Lost")
	}
	account, err := im.customer(t, row, c.account)
	if err != nil {
		return err
	}
	owner := im.user(t.text(row, c.agent), User{Role: "ae"})
	if account != None && im.company.Accounts[account].Owner == None {
		im.company.Accounts[account].Owner = owner
	}
	im.saw(engaged, closed)
	deal := Deal{
		Name: product + " " + t.text(row, c.id), Account: account, CreatedBy: owner, CreatedAt: engaged,
		Extra: t.custom(row, c.agent, c.account, c.stage, c.engaged, c.closed, c.value),
	}
	if stage.IsClosed && closed == 0 {
		return t.wrong(row, c.closed, "is no date, and the deal is %s", stage.Name)
	}
	deal.take(engaged, owner, Owner, strconv.Itoa(owner))
	last := engaged
	if stage.IsClosed {
		deal.take(engaged, owner, StageName, "Engaging")
		deal.take(engaged, owner, Forecast, "Pipeline")
		last = max(closed, engaged)
		deal.take(last, owner, CloseOn, closed.Time().Format(time.DateOnly))
	}
	deal.take(last, owner, StageName, stage.Name)
	deal.take(last, owner, Forecast, stage.Forecast)
	deal.take(last, owner, Amount, value)
	im.company.Deals = append(im.company.Deals, deal)
	return nil
}

// product reads a product's name as products.csv writes it.
func (t *table) product(row, column int, names map[string]string) (string, error) {
	name := t.text(row, column)
	if known, ok := names[withoutBlanks(name)]; ok {
		return known, nil
	}
	if names != nil {
		return "", t.wrong(row, column, "is not in products.csv")
	}
	return name, nil
}

// take appends a change; an empty value was never taken.
func (d *Deal) take(at Instant, by int, field Field, value string) {
	if value != "" {
		d.Changes = append(d.Changes, Change{At: at, By: int32(by), Field: field, Value: value})
	}
}

// customer finds the account of a deal, which may have none.
func (im *importer) customer(t *table, row, column int) (int, error) {
	name := t.text(row, column)
	if name == "" {
		return None, nil
	}
	if account := index(im.accounts, name); account != None {
		return account, nil
	}
	if im.listed {
		return None, t.wrong(row, column, "is not in accounts.csv")
	}
	return im.account(name, Account{Name: name, Owner: None}), nil
}

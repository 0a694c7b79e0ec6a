package company

import (
	"cmp"
	"slices"
	"strconv"
)

// told are the columns of Opportunity that the story has words for.
func told() []string {
	return []string{
		"Id", "Name", "AccountId", "Type", "LeadSource", "CreatedById", "CreatedDate", "OwnerId", "Amount", "CloseDate", "StageName",
		"NextStep", "ForecastCategoryName", "IsDeleted",
	}
}

// readOpportunities reads what of a deal never changes.
func (im *importer) readOpportunities(t *table) error {
	id, err := t.need("Id")
	if err != nil {
		return err
	}
	for row := range t.rows {
		deal := Deal{
			ID: t.text(row, id), Name: t.text(row, t.column("Name")), Account: None, Type: t.text(row, t.column("Type")),
			LeadSource: t.text(row, t.column("LeadSource")), Extra: t.rest(row, told()...),
		}
		if _, twice := im.deals[deal.ID]; twice || deal.ID == "" {
			return t.wrong(row, id, "is no id of its own")
		}
		if account := t.text(row, t.column("AccountId")); account != "" {
			deal.Account = im.account(account, Account{ID: account, Name: "Account " + account, Owner: im.person(t.text(row, t.column("OwnerId")), "ae")})
		}
		deal.CreatedBy = im.person(t.text(row, t.column("CreatedById", "OwnerId")), "")
		if deal.CreatedAt, err = im.when(t, row, "CreatedDate"); err != nil {
			return err
		}
		if _, err = im.when(t, row, "SystemModstamp", "LastModifiedDate"); err != nil {
			return err
		}
		im.deals[deal.ID] = len(im.company.Deals)
		im.company.Deals = append(im.company.Deals, deal)
	}
	return nil
}

// readHistory keeps each row of the stage history with its deal.
func (im *importer) readHistory(t *table) error {
	if t == nil {
		return nil
	}
	of, err := t.need("OpportunityId", "OppID")
	if err != nil {
		return err
	}
	created, err := t.need("CreatedDate")
	if err != nil {
		return err
	}
	for row := range t.rows {
		deal := index(im.deals, t.text(row, of))
		if deal == None {
			return t.wrong(row, of, "is the id of no row in Opportunity.csv")
		}
		h := HistoryRow{
			ID: t.text(row, t.column("Id")), Stage: t.text(row, t.column("StageName")),
			By:    im.company.Deals[deal].CreatedBy,
			Extra: t.rest(row, "Id", "OpportunityId", "OppID", "CreatedDate", "StageName", "Amount", "CloseDate", "SortOrder"),
		}
		if by := im.person(t.text(row, t.column("CreatedById")), ""); by != None {
			h.By = by
		}
		if h.At, err = im.when(t, row, "CreatedDate"); err != nil {
			return err
		}
		if h.At == 0 {
			return t.wrong(row, created, "is no instant, and history needs one")
		}
		if h.Amount, err = t.amount(row, t.column("Amount")); err != nil {
			return err
		}
		if h.CloseOn, err = t.date(row, t.column("CloseDate")); err != nil {
			return err
		}
		im.company.Deals[deal].History = append(im.company.Deals[deal].History, h)
	}
	for i := range im.company.Deals {
		slices.SortStableFunc(im.company.Deals[i].History, func(a, b HistoryRow) int { return cmp.Compare(a.At, b.At) })
	}
	return nil
}

// addUp makes the deal's changes: what its history says and then, where that ends
// elsewhere, what the record itself says.
//
// What the history doesn't tell is taken to have been so from the beginning.
func (im *importer) addUp(t *table, row int, hasHistory bool) error {
	deal := &im.company.Deals[row]
	now := map[Field]string{}
	put := func(at Instant, by int, field Field, value string) {
		if value != "" && value != now[field] {
			deal.take(at, by, field, value)
			now[field] = value
		}
	}
	first := im.began(deal)
	if deal.CreatedAt == 0 {
		deal.CreatedAt = first
	}
	by := max(deal.CreatedBy, 0)
	if owner := im.person(t.text(row, t.column("OwnerId")), "ae"); owner != None {
		put(first, by, Owner, strconv.Itoa(owner))
	}
	is, err := im.today(t, row)
	if err != nil {
		return err
	}
	put(first, by, NextStep, is.NextStep)
	put(first, by, Forecast, is.Forecast)
	if !tells(deal, func(h HistoryRow) string { return h.Amount }) {
		put(first, by, Amount, is.Amount)
	}
	if !tells(deal, func(h HistoryRow) string { return h.CloseOn }) {
		put(first, by, CloseOn, is.CloseOn)
	}
	last := first
	for _, h := range deal.History {
		put(h.At, max(h.By, 0), StageName, h.Stage)
		put(h.At, max(h.By, 0), Amount, h.Amount)
		put(h.At, max(h.By, 0), CloseOn, h.CloseOn)
		last = h.At
	}
	put(last, by, StageName, is.Stage)
	put(last, by, Amount, is.Amount)
	put(last, by, CloseOn, is.CloseOn)
	if hasHistory && deal.History == nil {
		deal.History = []HistoryRow{} // it has none: nothing is made up
	}
	deal.DeletedAt, err = im.deletedAt(t, row, last)
	return err
}

// began is the first instant that is known of a deal, or that of the whole folder.
func (im *importer) began(deal *Deal) Instant {
	if len(deal.History) > 0 {
		return cmp.Or(deal.History[0].At, im.first)
	}
	return cmp.Or(deal.CreatedAt, im.first)
}

// today reads the values that a row says its deal has.
func (im *importer) today(t *table, row int) (is State, err error) {
	if is.Amount, err = t.amount(row, t.column("Amount")); err != nil {
		return is, err
	}
	if is.CloseOn, err = t.date(row, t.column("CloseDate")); err != nil {
		return is, err
	}
	stage, _ := im.company.Stage(t.text(row, t.column("StageName")))
	is.Stage, is.NextStep, is.Forecast = stage.Name, t.text(row, t.column("NextStep")), t.text(row, t.column("ForecastCategoryName"))
	if is.Forecast == "" {
		is.Forecast = stage.Forecast
	}
	return is, nil
}

// tells says whether a deal's history has any value of a column.
func tells(deal *Deal, column func(HistoryRow) string) bool {
	return slices.ContainsFunc(deal.History, func(h HistoryRow) bool { return column(h) != "" })
}

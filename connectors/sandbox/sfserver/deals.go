package sfserver

import (
	"strconv"

	"merit/connectors/sandbox/company"
)

// dealObjects are the opportunity and what hangs on it.
func dealObjects(b *books) []object {
	return []object{opportunities(b), histories(), fieldHistories(), contactRoles()}
}

func countDeals(c *company.Company) int { return len(c.Deals) }

func opportunities(b *books) object {
	fields := []field{
		id(), deletion(),
		reference("AccountId", "Account", func(v *view, r *record) value { return v.account(r.deal.Account) }),
		text("Name", 120, func(_ *view, r *record) value { return textOf(r.deal.Name) }),
		picklist("StageName", func(_ *view, r *record) value { return textOf(r.state.Stage) }),
		typed("currency", "Amount", func(_ *view, r *record) value { return decimalOf(r.state.Amount) }),
		typed("percent", "Probability", func(v *view, r *record) value { return integerAsDouble(v.probability(r.state.Stage)) }),
		typed("currency", "ExpectedRevenue", func(v *view, r *record) value {
			return decimalOf(expected(r.state.Amount, v.probability(r.state.Stage)))
		}),
		typed("date", "CloseDate", func(_ *view, r *record) value { return textOf(r.state.CloseOn) }),
		picklist("Type", func(_ *view, r *record) value { return textOf(r.deal.Type) }),
		text("NextStep", 255, func(_ *view, r *record) value { return textOf(r.state.NextStep) }),
		picklist("LeadSource", func(_ *view, r *record) value { return textOf(r.deal.LeadSource) }),
		typed("boolean", "IsClosed", func(v *view, r *record) value { return booleanOf(v.stage(r.state.Stage).IsClosed) }),
		typed("boolean", "IsWon", func(v *view, r *record) value { return booleanOf(v.stage(r.state.Stage).IsWon) }),
		picklist("ForecastCategory", func(_ *view, r *record) value { return textOf(categoryCode(r.state.Forecast)) }),
		picklist("ForecastCategoryName", func(_ *view, r *record) value { return textOf(r.state.Forecast) }),
		reference("OwnerId", "User", func(v *view, r *record) value { return v.user(r.state.Owner) }),
		typed("int", "PushCount", pushes),
		typed("datetime", "LastStageChangeDate", func(_ *view, r *record) value {
			if r.state.StagedAt == r.deal.SeenAt() {
				return value{}
			}
			return instantOf(r.state.StagedAt)
		}),
		typed("int", "FiscalQuarter", func(_ *view, r *record) value { return fiscalQuarter(r.state.CloseOn) }),
		age(),
		typed("int", "FiscalYear", func(_ *view, r *record) value { return fiscalYear(r.state.CloseOn) }),
	}
	fields = append(fields, b.ofOpportunities()...)
	return object{
		name: "Opportunity", label: "Opportunity", prefix: prefixOpportunity, ordered: true,
		fields: append(fields, audit()...), size: countDeals, load: loadOpportunity,
	}
}

// age is a formula: each day it is another, and no stamp tells.
func age() field {
	f := typed("int", "Age__c", func(v *view, r *record) value { return integerOf(int((v.now - r.created) / (24 * 60 * 60 * 1000))) })
	f.formula = true
	return f
}

func loadOpportunity(v *view, index int, rows []record) []record {
	deal := &v.story.Deals[index]
	if !deal.ExistsAt(v.now) || v.gone(deal.DeletedAt) {
		return rows
	}
	rows = append(rows, record{
		id: identityOf(deal.ID, prefixOpportunity, int64(index)), index: index, deal: deal,
		created: deal.CreatedAt, by: deal.CreatedBy, extra: deal.Extra,
	})
	r := &rows[len(rows)-1]
	r.state = deal.At(v.now)
	r.modified, r.editor, r.deleted = r.state.ModifiedAt, r.state.ModifiedBy, r.state.Deleted
	return rows
}

// ofOpportunities are the fields that come with features.
func (b *books) ofOpportunities() []field {
	var fields []field
	if len(b.currencies) > 0 {
		fields = append(fields, field{name: "CurrencyIsoCode", kind: "picklist", length: 3, get: func(v *view, r *record) value { return v.currency(r.index) }})
	}
	if len(b.story.Contracts) > 0 {
		fields = append(fields, reference("ContractId", "Contract", func(v *view, r *record) value {
			if index, at := v.contract(r.index); at != 0 {
				return identityOf("", prefixContract, int64(index))
			}
			return value{}
		}))
	}
	if len(b.teams) > 0 {
		fields = append(fields, reference("RecordTypeId", "RecordType", func(*view, *record) value { return identityOf("", prefixRecordType, 0) }))
	}
	return fields
}

func (v *view) stage(name string) *company.Stage {
	if stage, ok := v.stages[name]; ok {
		return stage
	}
	return &company.Stage{}
}

func (v *view) probability(stage string) int { return v.stage(stage).Probability }

func integerAsDouble(n int) value { return value{kind: decimal, text: strconv.Itoa(n)} }

// categoryCode is a forecast category as the API's ForecastCategory has it, without blanks.
func categoryCode(category string) string {
	switch category {
	case "Best Case":
		return "BestCase"
	case "Commit":
		return "Forecast"
	}
	return category
}

// pushes counts how often the close date went to a later month.
func pushes(v *view, r *record) value {
	was, count := "", 0
	for i := range r.deal.Changes {
		change := &r.deal.Changes[i]
		if change.At > v.now {
			break
		}
		if change.Field != company.CloseOn || len(change.Value) < 7 {
			continue
		}
		if month := change.Value[:7]; was != "" && month > was {
			count++
		}
		was = change.Value[:7]
	}
	return integerOf(count)
}

func fiscalYear(date string) value {
	year, err := strconv.Atoi(date[:min(4, len(date))])
	if err != nil {
		return value{}
	}
	return integerOf(year)
}

func fiscalQuarter(date string) value {
	if len(date) < 7 {
		return value{}
	}
	month, err := strconv.Atoi(date[5:7])
	if err != nil {
		return value{}
	}
	return integerOf((month + 2) / 3)
}

func histories() object {
	fields := []field{
		id(),
		reference("OpportunityId", "Opportunity", func(v *view, r *record) value { return v.opportunity(r.index) }),
		createdBy(), createdDate(),
		picklist("StageName", func(_ *view, r *record) value { return textOf(r.moment.stage) }),
		typed("currency", "Amount", func(_ *view, r *record) value { return decimalOf(r.moment.amount) }),
		typed("currency", "ExpectedRevenue", func(v *view, r *record) value {
			return decimalOf(expected(r.moment.amount, v.probability(r.moment.stage)))
		}),
		typed("date", "CloseDate", func(_ *view, r *record) value { return textOf(r.moment.closeOn) }),
		typed("percent", "Probability", func(v *view, r *record) value { return integerAsDouble(v.probability(r.moment.stage)) }),
		picklist("ForecastCategory", func(_ *view, r *record) value { return textOf(categoryCode(r.moment.forecast)) }),
		typed("currency", "PrevAmount", func(_ *view, r *record) value { return decimalOf(r.moment.lastAmount) }),
		typed("date", "PrevCloseDate", func(_ *view, r *record) value { return textOf(r.moment.lastClose) }),
		modstamp(), deletion(),
	}
	return object{
		name: "OpportunityHistory", label: "Opportunity: Stage History", prefix: prefixHistory, ordered: true,
		fields: fields, size: countDeals, load: loadHistory,
	}
}

// loadHistory gives an imported history as it was, any other as it follows from the
// changes. It is deleted together with the deal.
func loadHistory(v *view, index int, rows []record) []record {
	deal := &v.story.Deals[index]
	if !deal.ExistsAt(v.now) || v.gone(deal.DeletedAt) {
		return rows
	}
	deleted := company.DeletedBy(deal.DeletedAt, v.now)
	number := int64(index) * historiesADeal
	for i, row := range deal.History {
		if row.At <= v.now {
			rows = append(rows, record{
				id: identityOf(row.ID, prefixHistory, number+int64(i)), index: index, deal: deal, deleted: deleted,
				created: row.At, modified: row.At, by: row.By, editor: row.By, extra: row.Extra,
				moment: moment{at: row.At, stage: row.Stage, amount: row.Amount, closeOn: row.CloseOn},
			})
		}
	}
	if deal.History != nil {
		return rows
	}
	moments(deal, v.now, func(m moment) {
		rows = append(rows, record{
			id: identityOf("", prefixHistory, number), index: index, deal: deal, deleted: deleted,
			created: m.at, modified: m.at, by: m.by, editor: m.by, moment: m,
		})
		number++
	})
	return rows
}

func fieldHistories() object {
	fields := []field{
		id(), deletion(),
		reference("OpportunityId", "Opportunity", func(v *view, r *record) value { return v.opportunity(r.index) }),
		createdBy(), createdDate(),
		picklist("Field", func(_ *view, r *record) value { return textOf(r.change.field) }),
		picklist("DataType", func(_ *view, r *record) value { return textOf(r.change.kind) }),
		typed("anyType", "OldValue", func(_ *view, r *record) value { return r.change.was }),
		typed("anyType", "NewValue", func(_ *view, r *record) value { return r.change.is }),
	}
	return object{
		name: "OpportunityFieldHistory", label: "Opportunity Field History", prefix: prefixFieldHistory, ordered: true,
		fields: fields, size: countDeals, load: loadFieldHistory,
	}
}

// loadFieldHistory gives a row "created", then one for each later change of a
// tracked field; values at creation have none. An owner has two: names, then ids.
func loadFieldHistory(v *view, index int, rows []record) []record {
	deal := &v.story.Deals[index]
	if deal.History != nil || !deal.ExistsAt(v.now) || v.gone(deal.DeletedAt) {
		return rows
	}
	number := int64(index) * changesADeal
	deleted := company.DeletedBy(deal.DeletedAt, v.now)
	add := func(at company.Instant, by int, c change) {
		rows = append(rows, record{
			id: identityOf("", prefixFieldHistory, number), index: index, deal: deal, deleted: deleted,
			created: at, modified: at, by: by, editor: by, change: c,
		})
		number++
	}
	add(deal.CreatedAt, deal.CreatedBy, change{field: "created", kind: "Text"})
	var last [company.Forecast + 1]string
	for i := range deal.Changes {
		c := &deal.Changes[i]
		if c.At > v.now {
			break
		}
		was := last[c.Field]
		last[c.Field] = c.Value
		if c.At == deal.CreatedAt || was == c.Value {
			continue
		}
		name, kind := tracked(c.Field)
		switch c.Field {
		case company.Owner:
			before, after := company.UserIndex(was), company.UserIndex(c.Value)
			add(c.At, int(c.By), change{name, "Text", v.userName(before), v.userName(after)})
			add(c.At, int(c.By), change{name, kind, v.user(before), v.user(after)})
		case company.Amount:
			add(c.At, int(c.By), change{name, kind, decimalOf(was), decimalOf(c.Value)})
		default:
			add(c.At, int(c.By), change{name, kind, textOf(was), textOf(c.Value)})
		}
	}
	return rows
}

func (v *view) userName(index int) value {
	if index < 0 || index >= len(v.story.Users) {
		return value{}
	}
	return textOf(v.story.Users[index].Name)
}

func contactRoles() object {
	fields := []field{
		id(),
		reference("OpportunityId", "Opportunity", func(v *view, r *record) value { return v.opportunity(r.index) }),
		reference("ContactId", "Contact", func(v *view, r *record) value { return v.contact(r.role.Contact) }),
		picklist("Role", func(_ *view, r *record) value { return textOf(r.role.Name) }),
		typed("boolean", "IsPrimary", func(_ *view, r *record) value { return booleanOf(r.role.Primary) }),
		deletion(),
	}
	return object{
		name: "OpportunityContactRole", label: "Opportunity Contact Role", prefix: prefixRole, ordered: true,
		fields: append(fields, audit()...), size: countDeals, load: loadContactRoles,
	}
}

func loadContactRoles(v *view, index int, rows []record) []record {
	deal := &v.story.Deals[index]
	if !deal.ExistsAt(v.now) || v.gone(deal.DeletedAt) {
		return rows
	}
	deleted, modified := company.DeletedBy(deal.DeletedAt, v.now), deal.CreatedAt
	if deleted {
		modified = deal.DeletedAt
	}
	for i := range deal.Contacts {
		rows = append(rows, record{
			id: identityOf("", prefixRole, int64(index)*rolesADeal+int64(i)), index: index, deal: deal, deleted: deleted,
			created: deal.CreatedAt, modified: modified, by: deal.CreatedBy, editor: deal.CreatedBy, role: &deal.Contacts[i],
		})
	}
	return rows
}

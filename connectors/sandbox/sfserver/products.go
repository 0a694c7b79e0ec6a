package sfserver

import (
	"strconv"

	"merit/connectors/sandbox/company"
)

// soldObjects are what deals consist of and who shares in them, where products and
// opportunity splits are switched on.
func soldObjects(b *books) []object {
	var all []object
	if len(b.lines) > 0 {
		all = append(all, products(b), lineItems(b))
	}
	if len(b.credits) > 0 {
		all = append(all, splitTypes(b), splits(b), teamMembers(b))
	}
	return all
}

func products(b *books) object {
	return listed(object{name: "Product2", label: "Product", prefix: prefixProduct, fields: withDeletion()},
		b.products, inTurn, func(v *view, _ *product) span { return b.begin(v) },
		of(named("Name", 255), func(_ *view, p *product) value { return textOf(p.name) }),
		of(named("ProductCode", 255), func(_ *view, p *product) value { return textOf("P-" + developerName(p.name)) }),
		of(flag("IsActive"), func(*view, *product) value { return booleanOf(true) }),
		of(flag("CanUseRevenueSchedule"), func(_ *view, p *product) value { return booleanOf(p.isRecurring) }),
	)
}

func (b *books) product(name string) value {
	for i := range b.products {
		if b.products[i].name == name {
			return identityOf("", prefixProduct, int64(i))
		}
	}
	return value{}
}

type line = ofADeal[company.Line]

func lineItems(b *books) object {
	is := func(v *view, l *line) company.LineState { return v.story.Deals[l.deal].LineAt(l.place, v.now) }
	columns := []column[line]{
		of(refer("OpportunityId", "Opportunity"), func(v *view, l *line) value { return v.opportunity(l.deal) }),
		of(refer("Product2Id", "Product2"), func(_ *view, l *line) value { return b.product(l.is.Product) }),
		of(named("Name", 376), func(v *view, l *line) value { return textOf(v.story.Deals[l.deal].Name + " " + l.is.Product) }),
		of(field{name: "Quantity", kind: "double"}, func(_ *view, l *line) value { return decimalOf(strconv.Itoa(l.is.Quantity)) }),
		of(money("TotalPrice"), func(v *view, l *line) value { return decimalOf(is(v, l).Amount) }),
		of(day("ServiceDate"), func(v *view, l *line) value { return textOf(is(v, l).StartsOn) }),
		of(flag("HasRevenueSchedule"), func(_ *view, l *line) value { return booleanOf(l.is.Months > 0) }),
		of(flag("CanUseRevenueSchedule"), func(_ *view, l *line) value { return booleanOf(l.is.Months > 0) }),
	}
	if len(b.currencies) > 0 {
		columns = append(columns, of(isoCode(), func(v *view, l *line) value { return v.currency(l.deal) }))
	}
	return listed(object{name: "OpportunityLineItem", label: "Opportunity Product", prefix: prefixLine, fields: withDeletion()},
		b.lines, partNumber, func(v *view, l *line) span {
			return v.ofDeal(l.deal, span{created: l.is.CreatedAt, modified: is(v, l).ModifiedAt, deleted: l.is.DeletedAt, by: v.story.Deals[l.deal].CreatedBy})
		}, columns...)
}

// The two types that an org has from the beginning, by index.
const (
	revenueSplit = iota
	overlaySplit
)

func splitTypes(b *books) object {
	type splitType struct {
		label       string
		isValidated bool
	}
	return listed(object{name: "OpportunitySplitType", label: "Opportunity Split Type", prefix: prefixSplitType, fields: audit()},
		[]splitType{revenueSplit: {"Revenue", true}, overlaySplit: {"Overlay", false}}, inTurn, func(v *view, _ *splitType) span { return b.begin(v) },
		of(named("DeveloperName", 80), func(_ *view, t *splitType) value { return textOf(t.label) }),
		of(named("MasterLabel", 80), func(_ *view, t *splitType) value { return textOf(t.label) }),
		of(flag("IsActive"), func(*view, *splitType) value { return booleanOf(true) }),
		of(flag("IsTotalValidated"), func(_ *view, t *splitType) value { return booleanOf(t.isValidated) }),
		of(chosen("SplitEntity"), func(*view, *splitType) value { return textOf("Opportunity") }),
		of(chosen("SplitField"), func(*view, *splitType) value { return textOf("Amount") }),
	)
}

type credit = ofADeal[company.Credit]

func splits(b *books) object {
	columns := []column[credit]{
		of(refer("OpportunityId", "Opportunity"), func(v *view, c *credit) value { return v.opportunity(c.deal) }),
		of(refer("SplitOwnerId", "User"), func(v *view, c *credit) value { return v.user(c.is.User) }),
		of(refer("SplitTypeId", "OpportunitySplitType"), func(_ *view, c *credit) value {
			if c.is.Kind == company.Overlay {
				return identityOf("", prefixSplitType, overlaySplit)
			}
			return identityOf("", prefixSplitType, revenueSplit)
		}),
		of(field{name: "SplitPercentage", kind: "percent", scale: 2}, func(v *view, c *credit) value { return decimalOf(c.is.PercentAt(v.now)) }),
		of(named("SplitNote", 255), func(*view, *credit) value { return value{} }),
	}
	if len(b.currencies) > 0 {
		columns = append(columns, of(isoCode(), func(v *view, c *credit) value { return v.currency(c.deal) }))
	}
	return listed(object{name: "OpportunitySplit", label: "Opportunity Split", prefix: prefixSplit, fields: withDeletion()},
		b.credits, partNumber, func(v *view, c *credit) span {
			if c.is.Kind == company.Member {
				return span{}
			}
			return v.credited(c)
		}, columns...)
}

func (v *view) credited(c *credit) span {
	return v.ofDeal(c.deal, span{created: c.is.CreatedAt, modified: c.is.ModifiedAt(v.now), deleted: c.is.DeletedAt, by: c.is.User})
}

func teamMembers(b *books) object {
	return listed(object{name: "OpportunityTeamMember", label: "Opportunity Team Member", prefix: prefixTeamMember, fields: withDeletion()},
		b.credits, partNumber, func(v *view, c *credit) span {
			if c.is.Kind != company.Member {
				return span{}
			}
			return v.credited(c)
		},
		of(refer("OpportunityId", "Opportunity"), func(v *view, c *credit) value { return v.opportunity(c.deal) }),
		of(refer("UserId", "User"), func(v *view, c *credit) value { return v.user(c.is.User) }),
		of(chosen("TeamMemberRole"), func(_ *view, c *credit) value { return textOf(c.is.Role) }),
		of(chosen("OpportunityAccessLevel"), func(*view, *credit) value { return textOf("Edit") }),
	)
}

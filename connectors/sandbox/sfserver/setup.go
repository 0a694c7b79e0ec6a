package sfserver

import (
	"strconv"
	"strings"
	"time"

	"merit/connectors/sandbox/company"
)

// orgObjects are how the org is set up beside its stages: calendar, roles, currencies,
// territories.
func orgObjects(b *books) []object {
	all := []object{fiscalYears(b), periods(b)}
	if len(b.story.Currencies) > 0 {
		all = append(all, currencyTypes(b), datedRates(b))
	}
	if len(b.teams) > 0 {
		all = append(all, roles(b), recordTypes(b))
	}
	if len(b.regions) > 0 {
		all = append(all, territoryModels(b), territories(b), territoryUsers(b), territoryAccounts(b))
	}
	return all
}

func fiscalYears(b *books) object {
	year := func(p *fiscalPeriod) string { return strconv.Itoa(p.number) }
	return listed(object{name: "FiscalYearSettings", label: "Fiscal Year Settings", prefix: prefixFiscalYear, fields: []field{modstamp()}},
		b.years, inTurn, func(v *view, _ *fiscalPeriod) span { return b.begin(v) },
		of(named("Name", 80), func(_ *view, p *fiscalPeriod) value { return textOf(year(p)) }),
		of(flag("IsStandardYear"), func(*view, *fiscalPeriod) value { return booleanOf(true) }),
		of(chosen("YearType"), func(*view, *fiscalPeriod) value { return textOf("Standard") }),
		of(day("StartDate"), func(_ *view, p *fiscalPeriod) value { return textOf(p.startsOn) }),
		of(day("EndDate"), func(_ *view, p *fiscalPeriod) value { return textOf(p.endsOn) }),
	)
}

func periods(b *books) object {
	label := func(_ *view, p *fiscalPeriod) value {
		year := b.years[p.year].number
		switch p.kind {
		case "Year":
			return textOf("FY " + strconv.Itoa(year))
		case "Quarter":
			return textOf("Q" + strconv.Itoa(p.number) + " FY " + strconv.Itoa(year))
		}
		return textOf(p.label + " FY " + strconv.Itoa(year))
	}
	return listed(object{name: "Period", label: "Period", prefix: prefixPeriod, fields: []field{modstamp()}},
		b.periods, inTurn, func(v *view, _ *fiscalPeriod) span { return b.begin(v) },
		of(refer("FiscalYearSettingsId", "FiscalYearSettings"), func(_ *view, p *fiscalPeriod) value {
			return identityOf("", prefixFiscalYear, int64(p.year))
		}),
		of(chosen("Type"), func(_ *view, p *fiscalPeriod) value { return textOf(p.kind) }),
		of(day("StartDate"), func(_ *view, p *fiscalPeriod) value { return textOf(p.startsOn) }),
		of(day("EndDate"), func(_ *view, p *fiscalPeriod) value { return textOf(p.endsOn) }),
		of(field{name: "Number", kind: "int"}, func(_ *view, p *fiscalPeriod) value {
			if p.kind == "Year" {
				return value{}
			}
			return integerOf(p.number)
		}),
		of(flag("IsForecastPeriod"), func(_ *view, p *fiscalPeriod) value { return booleanOf(p.kind == "Quarter") }),
		of(named("FullyQualifiedLabel", 80), label),
	)
}

// rateAt is a currency's rate on the view's day, and the day since when.
func (c *currencyType) rateAt(v *view) (units string, since company.Instant) {
	units, since = "1", company.At(v.story.Begin)
	today := v.now.Time().In(v.zone).Format(time.DateOnly)
	for _, r := range c.rates {
		if r.From <= today {
			units, since = r.Units, max(since, v.midnight(r.From))
		}
	}
	return units, since
}

// midnight is when a date begins where the company is.
func (v *view) midnight(date string) company.Instant {
	at, err := time.ParseInLocation(time.DateOnly, date, v.zone)
	if err != nil {
		return 0
	}
	return company.At(at)
}

func rateField() field { return field{name: "ConversionRate", kind: "double", scale: 6} }

func currencyTypes(b *books) object {
	return listed(object{name: "CurrencyType", label: "Currency Type", prefix: prefixCurrency, fields: audit()},
		b.currencies, inTurn, func(v *view, c *currencyType) span {
			_, since := c.rateAt(v)
			return span{created: company.At(v.story.Begin), modified: since}
		},
		of(chosen("IsoCode"), func(_ *view, c *currencyType) value { return textOf(c.code) }),
		of(rateField(), func(v *view, c *currencyType) value {
			units, _ := c.rateAt(v)
			return decimalOf(units)
		}),
		of(field{name: "DecimalPlaces", kind: "int"}, func(_ *view, c *currencyType) value { return integerOf(c.decimals) }),
		of(flag("IsActive"), func(*view, *currencyType) value { return booleanOf(true) }),
		of(flag("IsCorporate"), func(_ *view, c *currencyType) value { return booleanOf(c.isCorporate) }),
	)
}

// datedRates come up on their first day; the one before learns then when it ends.
func datedRates(b *books) object {
	until := func(v *view, r *datedRate) string {
		if r.until == endOfTime || v.midnight(r.until) > v.now {
			return endOfTime
		}
		return r.until
	}
	return listed(object{name: "DatedConversionRate", label: "Dated Conversion Rate", prefix: prefixRate, fields: audit()},
		b.rates, inTurn, func(v *view, r *datedRate) span {
			s := span{created: max(v.midnight(r.rate.From), company.At(v.story.Begin))}
			if next := until(v, r); next != endOfTime {
				s.modified = v.midnight(next)
			}
			return s
		},
		of(chosen("IsoCode"), func(_ *view, r *datedRate) value { return textOf(r.code) }),
		of(rateField(), func(_ *view, r *datedRate) value { return decimalOf(r.rate.Units) }),
		of(day("StartDate"), func(_ *view, r *datedRate) value { return textOf(r.rate.From) }),
		of(day("NextStartDate"), func(v *view, r *datedRate) value { return textOf(until(v, r)) }),
	)
}

func developerName(label string) string { return strings.ReplaceAll(label, " ", "_") }

func roles(b *books) object {
	return listed(object{name: "UserRole", label: "Role", prefix: prefixUserRole, fields: []field{modstamp()}},
		b.teams, inTurn, func(v *view, _ *team) span { return b.begin(v) },
		of(named("Name", 80), func(_ *view, t *team) value { return textOf(t.name) }),
		of(named("DeveloperName", 80), func(_ *view, t *team) value { return textOf(developerName(t.name)) }),
		of(refer("ParentRoleId", "UserRole"), func(_ *view, t *team) value {
			if t.parent == company.None {
				return value{}
			}
			return identityOf("", prefixUserRole, int64(t.parent))
		}),
	)
}

func recordTypes(b *books) object {
	type recordType struct{}
	return listed(object{name: "RecordType", label: "Record Type", prefix: prefixRecordType, fields: audit()},
		[]recordType{{}}, inTurn, func(v *view, _ *recordType) span { return b.begin(v) },
		of(named("Name", 80), func(*view, *recordType) value { return textOf("Standard") }),
		of(named("DeveloperName", 80), func(*view, *recordType) value { return textOf("Standard") }),
		of(chosen("SobjectType"), func(*view, *recordType) value { return textOf("Opportunity") }),
		of(flag("IsActive"), func(*view, *recordType) value { return booleanOf(true) }),
	)
}

func territoryModels(b *books) object {
	type model struct{}
	return listed(object{name: "Territory2Model", label: "Territory Model", prefix: prefixTerritoryModel, fields: audit()},
		[]model{{}}, inTurn, func(v *view, _ *model) span { return b.begin(v) },
		of(named("Name", 80), func(*view, *model) value { return textOf("Regions") }),
		of(named("DeveloperName", 80), func(*view, *model) value { return textOf("Regions") }),
		of(chosen("State"), func(*view, *model) value { return textOf("Active") }),
		of(instantField("ActivatedDate"), func(v *view, _ *model) value { return instantOf(company.At(v.story.Begin)) }),
	)
}

func territories(b *books) object {
	return listed(object{name: "Territory2", label: "Territory", prefix: prefixTerritory, fields: audit()},
		b.regions, inTurn, func(v *view, _ *string) span { return b.begin(v) },
		of(named("Name", 80), func(_ *view, region *string) value { return textOf(*region) }),
		of(named("DeveloperName", 80), func(_ *view, region *string) value { return textOf(developerName(*region)) }),
		of(refer("Territory2ModelId", "Territory2Model"), func(*view, *string) value { return identityOf("", prefixTerritoryModel, 0) }),
		of(refer("ParentTerritory2Id", "Territory2"), func(*view, *string) value { return value{} }),
	)
}

func (b *books) territory(region string) value {
	for i := range b.regions {
		if b.regions[i] == region {
			return identityOf("", prefixTerritory, int64(i))
		}
	}
	return value{}
}

func territoryUsers(b *books) object {
	return listed(object{name: "UserTerritory2Association", label: "User Territory Association", prefix: prefixTerritoryUser, fields: []field{modstamp()}},
		b.story.Users, inTurn, func(v *view, u *company.User) span {
			if u.Region == "" {
				return span{}
			}
			return span{created: u.CreatedAt, modified: v.until(u.LeftAt)}
		},
		of(refer("UserId", "User"), func(v *view, u *company.User) value { return v.user(b.userIndex(u)) }),
		of(refer("Territory2Id", "Territory2"), func(_ *view, u *company.User) value { return b.territory(u.Region) }),
		of(flag("IsActive"), func(v *view, u *company.User) value { return booleanOf(!company.DeletedBy(u.LeftAt, v.now)) }),
		of(named("RoleInTerritory2", 80), func(_ *view, u *company.User) value { return textOf(u.Role) }),
	)
}

func (b *books) userIndex(of *company.User) int {
	for i := range b.story.Users {
		if &b.story.Users[i] == of {
			return i
		}
	}
	return company.None
}

// territoryAccounts puts each account where its owner works.
func territoryAccounts(b *books) object {
	type place struct{ account int }
	places := make([]place, len(b.story.Accounts))
	for i := range places {
		places[i].account = i
	}
	region := func(p *place) string {
		if owner := b.story.Accounts[p.account].Owner; owner != company.None {
			return b.story.Users[owner].Region
		}
		return ""
	}
	return listed(object{name: "ObjectTerritory2Association", label: "Object Territory Association", prefix: prefixTerritoryObject, fields: []field{modstamp()}},
		places, inTurn, func(v *view, p *place) span {
			if region(p) == "" {
				return span{}
			}
			a := &v.story.Accounts[p.account]
			return span{created: a.CreatedAt, deleted: v.until(a.DeletedAt)}
		},
		of(refer("ObjectId", "Account"), func(v *view, p *place) value { return v.account(p.account) }),
		of(refer("Territory2Id", "Territory2"), func(_ *view, p *place) value { return b.territory(region(p)) }),
		of(chosen("AssociationCause"), func(*view, *place) value { return textOf("Territory2Manual") }),
		of(chosen("SobjectType"), func(*view, *place) value { return textOf("Account") }),
	)
}

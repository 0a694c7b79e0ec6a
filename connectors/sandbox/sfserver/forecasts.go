package sfserver

import (
	"merit/connectors/sandbox/company"
)

// A forecastItem is what a user's forecast of a quarter in a category is at the
// moment: the newest of what was said. What it was before, Salesforce doesn't tell.
type forecastItem struct {
	user     int
	startsOn string
	category string
	said     []*company.Submission // in order of At
}

// A submission is a forecast that somebody handed in, with its categories.
type submission struct{ items []*company.Submission }

func (b *books) keepForecasts() {
	type key struct {
		user               int
		startsOn, category string
	}
	items := map[key]int{}
	for i := range b.story.Forecasts {
		f := &b.story.Forecasts[i]
		k := key{f.User, f.StartsOn, f.Category}
		if _, known := items[k]; !known {
			items[k] = len(b.forecasts)
			b.forecasts = append(b.forecasts, forecastItem{user: f.User, startsOn: f.StartsOn, category: f.Category})
		}
		item := &b.forecasts[items[k]]
		item.said = append(item.said, f)
		last := len(b.said) - 1
		if last >= 0 && b.said[last].items[0].User == f.User && b.said[last].items[0].At == f.At && b.said[last].items[0].StartsOn == f.StartsOn {
			b.said[last].items = append(b.said[last].items, f)
			continue
		}
		b.said = append(b.said, submission{[]*company.Submission{f}})
	}
}

// now is the newest of what was said by then; nil: nothing yet.
func (f *forecastItem) now(v *view) *company.Submission {
	var last *company.Submission
	for _, s := range f.said {
		if s.At <= v.now {
			last = s
		}
	}
	return last
}

// rollup is the category as the API writes it where categories add up: a commit
// forecast has what is closed in it.
func rollup(category string) string {
	switch category {
	case "Commit":
		return "CommitForecast"
	case "Best Case":
		return "BestCaseForecast"
	}
	return "ClosedOnly"
}

// forecastObjects are what there is where forecasts and quotas are switched on.
func forecastObjects(b *books) []object {
	if len(b.story.Forecasts) == 0 && len(b.story.Quotas) == 0 {
		return nil
	}
	return []object{forecastingType(b), forecastingItems(b), forecastingQuotas(b), forecastingSubmissions(b), forecastingSubmissionItems(b)}
}

func (b *books) begin(*view) span { return span{created: company.At(b.story.Begin)} }

func forecastingType(b *books) object {
	type theType struct{}
	return listed(object{name: "ForecastingType", label: "Forecasting Type", prefix: prefixForecastingType, fields: audit()},
		[]theType{{}}, inTurn, func(v *view, _ *theType) span { return b.begin(v) },
		of(named("DeveloperName", 80), func(*view, *theType) value { return textOf("OpportunityRevenue") }),
		of(named("MasterLabel", 80), func(*view, *theType) value { return textOf("Opportunity Revenue") }),
		of(flag("IsActive"), func(*view, *theType) value { return booleanOf(true) }),
		of(flag("IsAmount"), func(*view, *theType) value { return booleanOf(true) }),
		of(flag("IsQuantity"), func(*view, *theType) value { return booleanOf(false) }),
		of(chosen("DateType"), func(*view, *theType) value { return textOf("OpportunityCloseDate") }),
	)
}

func theForecastingType() value { return identityOf("", prefixForecastingType, 0) }

func (b *books) period(startsOn string) value {
	if at, known := b.periodOf[startsOn]; known {
		return identityOf("", prefixPeriod, int64(at))
	}
	return value{}
}

func forecastingItems(b *books) object {
	amount := func(v *view, f *forecastItem) value { return decimalOf(f.now(v).Amount) }
	columns := []column[forecastItem]{
		of(field{name: "OwnerId", kind: "reference", length: 18, to: []string{"User"}}, func(v *view, f *forecastItem) value { return v.user(f.user) }),
		of(refer("PeriodId", "Period"), func(_ *view, f *forecastItem) value { return b.period(f.startsOn) }),
		of(refer("ForecastingTypeId", "ForecastingType"), func(*view, *forecastItem) value { return theForecastingType() }),
		of(refer("ParentForecastingItemId", "ForecastingItem"), func(*view, *forecastItem) value { return value{} }),
		of(chosen("ForecastCategoryName"), func(_ *view, f *forecastItem) value { return textOf(f.category) }),
		of(chosen("ForecastingItemCategory"), func(_ *view, f *forecastItem) value { return textOf(rollup(f.category)) }),
		of(flag("HasAdjustment"), func(*view, *forecastItem) value { return booleanOf(false) }),
		of(flag("HasOwnerAdjustment"), func(*view, *forecastItem) value { return booleanOf(true) }),
		of(flag("IsUpToDate"), func(*view, *forecastItem) value { return booleanOf(true) }),
	}
	for _, name := range []string{"ForecastAmount", "AmountWithoutManagerAdjustment", "AmountWithoutOwnerAdjustment", "AmountWithoutAdjustments", "OwnerOnlyAmount"} {
		columns = append(columns, of(money(name), amount))
	}
	columns = append(columns, corporate[forecastItem](b)...)
	return listed(object{name: "ForecastingItem", label: "Forecasting Item", prefix: prefixForecastingItem, fields: []field{modstamp()}},
		b.forecasts, inTurn, func(v *view, f *forecastItem) span {
			last := f.now(v)
			if last == nil {
				return span{}
			}
			return span{created: f.said[0].At, modified: last.At, by: f.user}
		}, columns...)
}

// corporate is the company's own currency, where an org has several.
func corporate[T any](b *books) []column[T] {
	if len(b.currencies) == 0 {
		return nil
	}
	return []column[T]{of(isoCode(), func(v *view, _ *T) value { return textOf(v.story.Currency) })}
}

func refer(name, to string) field {
	return field{name: name, kind: "reference", length: 18, to: []string{to}}
}

func forecastingQuotas(b *books) object {
	columns := append([]column[company.Quota]{
		of(refer("QuotaOwnerId", "User"), func(v *view, q *company.Quota) value { return v.user(q.User) }),
		of(money("QuotaAmount"), func(v *view, q *company.Quota) value { return decimalOf(q.AmountAt(v.now)) }),
		of(day("StartDate"), func(_ *view, q *company.Quota) value { return textOf(q.StartsOn) }),
		of(refer("PeriodId", "Period"), func(_ *view, q *company.Quota) value { return b.period(q.StartsOn) }),
		of(refer("ForecastingTypeId", "ForecastingType"), func(*view, *company.Quota) value { return theForecastingType() }),
		of(flag("IsAmount"), func(*view, *company.Quota) value { return booleanOf(true) }),
		of(flag("IsQuantity"), func(*view, *company.Quota) value { return booleanOf(false) }),
	}, corporate[company.Quota](b)...)
	return listed(object{name: "ForecastingQuota", label: "Forecasting Quota", prefix: prefixForecastingQuota, fields: audit()},
		b.story.Quotas, inTurn, func(v *view, q *company.Quota) span {
			return span{created: q.CreatedAt, modified: v.until(q.ChangedAt)}
		}, columns...)
}

func forecastingSubmissions(b *books) object {
	columns := append([]column[submission]{
		of(refer("ForecastOwnerId", "User"), func(v *view, s *submission) value { return v.user(s.items[0].User) }),
		of(refer("ForecastingTypeId", "ForecastingType"), func(*view, *submission) value { return theForecastingType() }),
		of(refer("PeriodId", "Period"), func(_ *view, s *submission) value { return b.period(s.items[0].StartsOn) }),
		of(day("PeriodStartDate"), func(_ *view, s *submission) value { return textOf(s.items[0].StartsOn) }),
		of(instantField("SubmissionDateTime"), func(_ *view, s *submission) value { return instantOf(s.items[0].At) }),
	}, corporate[submission](b)...)
	return listed(object{name: "ForecastingSubmission", label: "Forecasting Submission", prefix: prefixSubmission, fields: withDeletion()},
		b.said, inTurn, func(_ *view, s *submission) span { return span{created: s.items[0].At, by: s.items[0].User} }, columns...)
}

// A submitted is one category of a submission.
type submitted struct {
	of int
	*company.Submission
}

func forecastingSubmissionItems(b *books) object {
	var items []submitted
	for i := range b.said {
		for _, s := range b.said[i].items {
			items = append(items, submitted{i, s})
		}
	}
	columns := append([]column[submitted]{
		of(refer("ForecastingSubmissionId", "ForecastingSubmission"), func(_ *view, s *submitted) value {
			return identityOf("", prefixSubmission, int64(s.of))
		}),
		of(chosen("ForecastingItemCategory"), func(_ *view, s *submitted) value { return textOf(rollup(s.Category)) }),
		of(money("Amount"), func(_ *view, s *submitted) value { return decimalOf(s.Amount) }),
	}, corporate[submitted](b)...)
	return listed(object{name: "ForecastingSubmissionItem", label: "Forecasting Submission Item", prefix: prefixSubmissionItem, fields: withDeletion()},
		items, inTurn, func(_ *view, s *submitted) span { return span{created: s.At, by: s.User} }, columns...)
}

package sfserver

import (
	"strconv"
	"time"

	"merit/connectors/sandbox/company"
)

// paperObjects are quotes and contracts.
func paperObjects(b *books) []object {
	var all []object
	if len(b.story.Documents) > 0 {
		all = append(all, quotes(b), quoteDocuments(b))
	}
	if len(b.story.Contracts) > 0 {
		all = append(all, contracts(b))
	}
	return all
}

// contract is the contract that a deal led to by now.
func (v *view) contract(deal int) (index int, at company.Instant) {
	index, known := v.books.contractOf[deal]
	if !known || v.story.Contracts[index].CreatedAt > v.now {
		return company.None, 0
	}
	return index, v.story.Contracts[index].CreatedAt
}

func contracts(b *books) object {
	dates := func(v *view, k *company.Contract) (string, string) { return v.story.Deals[k.Deal].TermAt(v.now) }
	return listed(object{name: "Contract", label: "Contract", prefix: prefixContract, fields: withDeletion()},
		b.story.Contracts, inTurn, func(v *view, k *company.Contract) span {
			s := span{created: k.CreatedAt, by: k.Owner, modified: max(v.until(k.SentAt), v.until(k.SignedAt), v.until(k.ActivatedAt))}
			for _, c := range v.story.Deals[k.Deal].Changes {
				if c.Field == company.CloseOn && c.At <= v.now {
					s.modified = max(s.modified, c.At) // its days move with the deal's
				}
			}
			s = v.ofDeal(k.Deal, s)
			s.deleted = 0 // a contract outlives its deal
			return s
		},
		of(refer("AccountId", "Account"), func(v *view, k *company.Contract) value { return v.account(v.story.Deals[k.Deal].Account) }),
		of(refer("OwnerId", "User"), func(v *view, k *company.Contract) value { return v.user(k.Owner) }),
		of(named("ContractNumber", 30), func(v *view, k *company.Contract) value { return textOf(contractNumber(v.books.contractOf[k.Deal])) }),
		of(chosen("Status"), func(v *view, k *company.Contract) value { return textOf(contractStatus(v, k)) }),
		of(chosen("StatusCode"), func(v *view, k *company.Contract) value {
			if v.until(k.ActivatedAt) != 0 {
				return textOf("Activated")
			}
			return textOf("Draft")
		}),
		of(day("StartDate"), func(v *view, k *company.Contract) value {
			from, _ := dates(v, k)
			return textOf(from)
		}),
		of(day("EndDate"), func(v *view, k *company.Contract) value {
			_, to := dates(v, k)
			return textOf(to)
		}),
		of(field{name: "ContractTerm", kind: "int"}, func(v *view, k *company.Contract) value {
			for _, l := range v.story.Deals[k.Deal].Lines {
				if l.Months > 0 {
					return integerOf(l.Months)
				}
			}
			return value{}
		}),
		of(day("CompanySignedDate"), func(v *view, k *company.Contract) value { return v.date(v.until(k.SentAt)) }),
		of(day("CustomerSignedDate"), func(v *view, k *company.Contract) value { return v.date(v.until(k.SignedAt)) }),
		of(instantField("ActivatedDate"), func(v *view, k *company.Contract) value { return instantOf(v.until(k.ActivatedAt)) }),
	)
}

func contractNumber(index int) string { return strconv.Itoa(100_000_000 + index)[1:] }

// contractStatus moves on with the calendar: a contract ends and no stamp tells.
func contractStatus(v *view, k *company.Contract) string {
	_, endsOn := v.story.Deals[k.Deal].TermAt(v.now)
	switch {
	case v.until(k.ActivatedAt) != 0 && endsOn < v.now.Time().In(v.zone).Format(time.DateOnly):
		return "Expired"
	case v.until(k.ActivatedAt) != 0:
		return "Activated"
	case v.until(k.SentAt) != 0:
		return "In Approval Process"
	}
	return "Draft"
}

func quoteStatus(v *view, d *company.Document) string {
	switch {
	case v.until(d.SignedAt) != 0:
		return "Accepted"
	case v.until(d.SentAt) != 0:
		return "Presented"
	}
	return "Draft"
}

func (v *view) paper(d *company.Document) span {
	return v.ofDeal(d.Deal, span{created: d.CreatedAt, modified: max(v.until(d.SentAt), v.until(d.SignedAt)), deleted: d.DeletedAt, by: d.Owner})
}

func quotes(b *books) object {
	columns := []column[company.Document]{
		of(refer("OpportunityId", "Opportunity"), func(v *view, d *company.Document) value { return v.opportunity(d.Deal) }),
		of(refer("AccountId", "Account"), func(v *view, d *company.Document) value { return v.account(v.story.Deals[d.Deal].Account) }),
		of(refer("OwnerId", "User"), func(v *view, d *company.Document) value { return v.user(d.Owner) }),
		of(named("Name", 255), func(v *view, d *company.Document) value {
			if d.Kind == company.Proposal {
				return textOf("Proposal for " + v.story.Deals[d.Deal].Name)
			}
			return textOf("Quote for " + v.story.Deals[d.Deal].Name)
		}),
		of(chosen("Status"), func(v *view, d *company.Document) value { return textOf(quoteStatus(v, d)) }),
		of(flag("IsSyncing"), func(*view, *company.Document) value { return booleanOf(false) }),
		of(money("GrandTotal"), func(_ *view, d *company.Document) value { return decimalOf(d.Amount) }),
		of(money("TotalPrice"), func(_ *view, d *company.Document) value { return decimalOf(d.Amount) }),
		of(day("ExpirationDate"), func(v *view, d *company.Document) value { return v.date(d.CreatedAt + 30*dayInMilliseconds) }),
	}
	if len(b.currencies) > 0 {
		columns = append(columns, of(isoCode(), func(v *view, d *company.Document) value { return v.currency(d.Deal) }))
	}
	return listed(object{name: "Quote", label: "Quote", prefix: prefixQuote, fields: withDeletion()},
		b.story.Documents, inTurn, (*view).paper, columns...)
}

// quoteDocuments are the papers made of quotes when they went out.
func quoteDocuments(b *books) object {
	type sent struct {
		quote int
		*company.Document
	}
	var all []sent
	for i := range b.story.Documents {
		if b.story.Documents[i].SentAt != 0 {
			all = append(all, sent{i, &b.story.Documents[i]})
		}
	}
	return listed(object{name: "QuoteDocument", label: "Quote Document", prefix: prefixQuoteDocument, fields: withDeletion()},
		all, func(_ int, s *sent) int64 { return int64(s.quote) }, func(v *view, s *sent) span {
			life := v.paper(s.Document)
			if life.created != 0 {
				life.created, life.modified = s.SentAt, 0
			}
			return life
		},
		of(refer("QuoteId", "Quote"), func(_ *view, s *sent) value { return identityOf("", prefixQuote, int64(s.quote)) }),
		of(named("Name", 255), func(_ *view, s *sent) value { return textOf("Q-" + strconv.Itoa(s.quote) + "_V1") }),
	)
}

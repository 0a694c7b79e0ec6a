package reference

import (
	"slices"
	"time"
)

// usualNames are the types by which CRMs and companies commonly say what kind of
// sale a deal is.
var usualNames = map[string]string{
	"newbusiness": "new", "newcustomer": "new", "newlogo": "new", "netnew": "new", "new": "new",
	"existingbusiness": "expansion", "existingcustomerupgrade": "expansion", "expansion": "expansion", "upsell": "expansion",
	"crosssell": "expansion", "upgrade": "expansion", "addon": "expansion", "addonbusiness": "expansion",
	"renewal": "renewal", "renewals": "renewal", "existingcustomerrenewal": "renewal",
	"existingcustomerreplacement": "other", "existingcustomerdowngrade": "other",
}

// class is what kind of sale a deal is: what merit.yml says of its type, else what the
// type's name usually says; without a type a renewal where a contract says so, and new
// before its customer has bought anything. Anything else is other, and not known.
func (f *Facts) class(d Deal) (class string, isKnown bool) {
	kind := word(d.Type)
	if class, there := f.Classes[Ref{d.Source, kind}]; there {
		return class, true
	}
	if class, there := usualNames[kind]; there {
		return class, true
	}
	switch {
	case kind != "":
		return "other", false
	case slices.ContainsFunc(f.Renewals, func(r Renewal) bool {
		return !r.IsDeleted && r.Source == d.Source && r.RenewalDeal != nil && *r.RenewalDeal == d.ID
	}):
		return "renewal", true
	case f.isCustomer(d.Source, f.resolved("account", d.Source, d.Account), d.CreatedAt):
		return "other", false
	}
	return "new", true
}

// isCustomer tells whether the account had bought anything by then.
func (f *Facts) isCustomer(source string, account *string, at time.Time) bool {
	return account != nil && slices.ContainsFunc(f.Deals, func(d Deal) bool {
		if d.Source != source || d.IsDeleted || d.Stage == nil || !same(f.resolved("account", source, d.Account), account) {
			return false
		}
		stage, known := f.stage(d, *d.Stage)
		return known && stage.IsWon && !f.closedAt(d).After(at)
	})
}

// isOfClass tells whether a metric's settings count deals of this class; without any
// class they count all.
func (f *Facts) isOfClass(metric string, class string, otherwise ...string) bool {
	classes := f.allOf(metric, "deal_class", otherwise...)
	return len(classes) == 0 || isNamed(classes, class)
}

// rated is from when a rate, a cycle or a size counts a closed deal, and whether it
// does at all.
func (f *Facts) rated(metric string, d Deal, closed time.Time) (begun time.Time, isTruncated, counts bool) {
	class, _ := f.class(d)
	isZero := d.Amount != nil && ratOf(*d.Amount).Sign() == 0
	if !f.isOfClass(metric, class, "new", "expansion", "other") || isZero && f.setting(metric, "no_zero_amount", "false") == "true" {
		return begun, false, false
	}
	named := f.allOf(metric, "from_stage")
	if len(named) == 0 {
		return d.CreatedAt, false, true
	}
	entry := f.entered(d, named)
	if entry == nil || entry.EnteredAt.After(closed) {
		return begun, false, false
	}
	return entry.EnteredAt, entry.IsTruncated, true
}

// entered is the deal's first visit to a named stage, or beyond it.
func (f *Facts) entered(d Deal, named []string) *Visit {
	for _, v := range f.Visits(d) {
		if goal := lowest(f.stagesAt(d.Source, d.Pipeline, v.EnteredAt), called(named)); goal > 0 && v.position >= goal {
			return &v
		}
	}
	return nil
}

package reference

import (
	"slices"
	"strings"
	"time"
)

// touches: a call or email of the rep that was completed; 1 when something came of
// it within two days.
func (f *Facts) touches() []Evidence {
	within := time.Duration(f.count("qualified_touch_rate", "within_days", 2)) * 24 * time.Hour
	seen := map[string]bool{}
	var rows []Evidence
	for _, a := range f.inOrder() {
		at := a.when()
		if a.IsDeleted || !a.IsCompleted || a.Kind != "call" && a.Kind != "email" || a.Kind == "email" && lower(a.Direction) == "inbound" || at == nil || a.Owner == nil {
			continue
		}
		rep := f.repAt(a.Source, a.Owner, *at)
		if rep == "" {
			continue
		}
		isRepeated := f.isRepeated(a, rep, seen)
		if at.Add(within).After(f.AsOf) {
			continue
		}
		isEmpty := a.Kind == "call" && a.Seconds != nil && *a.Seconds == 0
		rows = append(rows, Evidence{
			Metric: "qualified_touch_rate", Source: a.Source, Rep: rep, At: *at, RecordType: "activity", RecordID: a.ID,
			Numerator: truth(!isRepeated && !isEmpty && f.isFollowed(a, within)), Denominator: one(),
		})
	}
	return rows
}

// inOrder are the activities as they happened.
func (f *Facts) inOrder() []Activity {
	ordered := slices.DeleteFunc(slices.Clone(f.Activities), func(a Activity) bool { return a.when() == nil })
	slices.SortStableFunc(ordered, func(a, b Activity) int {
		if order := a.when().Compare(*b.when()); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return ordered
}

// isRepeated tells whether the same person got the same text from the same rep on
// that day already; where no text is known its subject stands for it, and where no
// person is named, the deal or account.
func (f *Facts) isRepeated(a Activity, rep string, seen map[string]bool) bool {
	text := "text " + lower(a.TextHash)
	switch {
	case a.TextHash != nil:
	case a.Subject != nil:
		text = "subject " + lower(a.Subject)
	default:
		return false
	}
	whom := ""
	for _, one := range []*string{f.resolved("account", a.Source, a.Account), f.resolved("deal", a.Source, a.Deal), f.resolved("contact", a.Source, a.Contact)} {
		if one != nil {
			whom = *one
		}
	}
	key := strings.Join([]string{a.Source, rep, whom, f.day(*a.when()), text}, "\x00")
	repeated := seen[key]
	seen[key] = true
	return repeated
}

// isFollowed: a task, a booked meeting or a next step for the same deal, account
// or contact.
func (f *Facts) isFollowed(a Activity, within time.Duration) bool {
	at, about := *a.when(), f.about(a)
	inTime := func(then time.Time) bool {
		return !then.Before(at) && !then.After(at.Add(within)) && !then.After(f.AsOf)
	}
	for _, b := range f.Activities {
		if b.Source != a.Source || b.IsDeleted || b.CreatedAt == nil || !inTime(*b.CreatedAt) {
			continue
		}
		isBooked := b.Kind == "meeting" && b.OccurredAt != nil && !b.OccurredAt.Before(*b.CreatedAt)
		if (b.Kind == "task" || isBooked) && meet(about, f.about(b)) {
			return true
		}
	}
	for _, d := range f.Deals {
		if d.Source != a.Source || d.IsDeleted || !meet(about, f.concerned(d)) {
			continue
		}
		var before *string
		for _, c := range f.history(d.Ref, "next_step") {
			if inTime(c.At) && isFilled(c.Value) && !same(before, c.Value) {
				return true
			}
			before = c.Value
		}
	}
	return false
}

// concerned are the deal, its account and the people who take part in it.
func (f *Facts) concerned(d Deal) map[string][]string {
	concerned := map[string][]string{"deal": {d.ID}}
	if account := f.resolved("account", d.Source, d.Account); account != nil {
		concerned["account"] = []string{*account}
	}
	for _, c := range f.Contacts {
		if c.Deal.Source == d.Source && *f.resolved("deal", d.Source, &c.Deal.ID) == d.ID {
			concerned["contact"] = append(concerned["contact"], *f.resolved("contact", d.Source, &c.Contact))
		}
	}
	return concerned
}

// meet tells whether both name a record of one kind.
func meet(a, b map[string][]string) bool {
	for kind, ids := range a {
		if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(b[kind], id) }) {
			return true
		}
	}
	return false
}

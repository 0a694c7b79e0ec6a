package reference

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// touches: a completed call or email; 1 when something came of it within two days.
func (f *Facts) touches() []Evidence {
	days, err := strconv.Atoi(f.setting("qualified_touch_rate", "within_days", "2"))
	if err != nil {
		panic(err)
	}
	within := time.Duration(days) * 24 * time.Hour
	seen := map[string]bool{}
	var rows []Evidence
	for _, a := range f.inOrder() {
		if a.IsDeleted || !a.IsCompleted || a.Kind != "call" && a.Kind != "email" || a.OccurredAt == nil {
			continue
		}
		isRepeated := f.isRepeated(a, seen)
		rep := f.repAt(a.Source, a.Owner, *a.OccurredAt)
		if rep == "" || a.OccurredAt.Add(within).After(f.AsOf) {
			continue
		}
		numerator := new(big.Rat)
		isEmpty := a.Kind == "call" && a.Seconds != nil && *a.Seconds == 0
		if !isRepeated && !isEmpty && f.isFollowed(a, within) {
			numerator = big.NewRat(1, 1)
		}
		rows = append(rows, Evidence{
			Metric: "qualified_touch_rate", Source: a.Source, Rep: rep, At: *a.OccurredAt, RecordType: "activity", RecordID: a.ID,
			Numerator: numerator, Denominator: big.NewRat(1, 1),
		})
	}
	return rows
}

// inOrder are the activities as they happened.
func (f *Facts) inOrder() []Activity {
	ordered := slices.Clone(f.Activities)
	slices.SortStableFunc(ordered, func(a, b Activity) int {
		switch {
		case a.OccurredAt == nil || b.OccurredAt == nil:
			return 0
		case !a.OccurredAt.Equal(*b.OccurredAt):
			return a.OccurredAt.Compare(*b.OccurredAt)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return ordered
}

// isRepeated tells whether the same person got the same text from the same user
// on that day already; where no person is named, the deal or account stands for
// one.
func (f *Facts) isRepeated(a Activity, seen map[string]bool) bool {
	if a.Subject == nil || a.Owner == nil {
		return false
	}
	whom := ""
	for _, one := range []*string{a.Account, a.Deal, a.Contact} {
		if one != nil {
			whom = *one
		}
	}
	text := strings.ToLower(strings.TrimSpace(*a.Subject))
	key := strings.Join([]string{a.Source, *a.Owner, whom, f.day(*a.OccurredAt), text}, "\x00")
	repeated := seen[key]
	seen[key] = true
	return repeated
}

// isFollowed: a task, a booked meeting or a next step for the same deal, account
// or contact.
func (f *Facts) isFollowed(a Activity, within time.Duration) bool {
	inTime := func(at time.Time) bool { return !at.Before(*a.OccurredAt) && !at.After(a.OccurredAt.Add(within)) }
	for _, b := range f.Activities {
		if b.Source != a.Source || b.IsDeleted || b.CreatedAt == nil || !inTime(*b.CreatedAt) {
			continue
		}
		isBooked := b.Kind == "meeting" && b.OccurredAt != nil && !b.OccurredAt.Before(*b.CreatedAt)
		if (b.Kind == "task" || isBooked) && (meet(a.Deal, b.Deal) || meet(a.Account, b.Account) || meet(a.Contact, b.Contact)) {
			return true
		}
	}
	for _, d := range f.Deals {
		if d.Source != a.Source || d.IsDeleted || !f.isAbout(a, d) {
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

func (f *Facts) isAbout(a Activity, d Deal) bool {
	if a.Deal != nil && *a.Deal == d.ID || meet(a.Account, d.Account) {
		return true
	}
	for _, c := range f.Contacts {
		if c.Deal == d.Ref && a.Contact != nil && c.Contact == *a.Contact {
			return true
		}
	}
	return false
}

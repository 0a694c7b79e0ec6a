// Package reference computes metrics a second time, slowly and in plain Go, from
// what their definitions say in words: whether the models say the same in SQL is
// then no matter of opinion. Nothing but tests uses it.
//
// Each function goes over all records and keeps nothing; it is right before it is
// fast.
package reference

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// Facts are a company's records and its plan, as staging and plan tables have
// them. Texts that may be null are pointers.
type Facts struct {
	AsOf     time.Time
	Zone     *time.Location
	Currency string
	Periods  []Period
	Settings map[string]map[string][]string // by metric and name
	Reps     []Rep
	Users    map[Ref]string // the rep that a user is

	Stages     []Stage
	Deals      []Deal
	Changes    map[Ref][]Change // by deal
	Activities []Activity
	Contacts   []DealContact
}

// A Ref is a record of one source.
type Ref struct{ Source, ID string }

// A Period is [StartsAt, EndsAt).
type Period struct {
	Name             string
	StartsAt, EndsAt time.Time
}

// A Rep is one row of the roster; To "" is open.
type Rep struct{ ID, Role, From, To string }

// A Stage is one step of a pipeline.
type Stage struct {
	Source, Pipeline, ID, Label string
	Position                    int
	IsClosed, IsWon             bool
}

// A Deal is one deal as it is now.
type Deal struct {
	Ref
	Account, Owner, Stage, Amount, Currency *string
	CloseOn, NextStep, Forecast             *string
	TermStarts, TermEnds                    *string
	Pipeline                                string
	CreatedAt                               time.Time
	ClosedAt                                *time.Time
	IsDeleted                               bool
}

// A Change is a value that a field took.
type Change struct {
	ID, Field   string
	Value       *string
	At          time.Time
	Ordinal     int
	IsTruncated bool
}

// An Activity is a call, email, meeting, task or note.
type Activity struct {
	Ref
	Kind                                   string
	Owner, Deal, Account, Contact, Subject *string
	OccurredAt, CreatedAt                  *time.Time
	Seconds                                *int
	IsCompleted, IsDeleted                 bool
}

// A DealContact is somebody's part in a deal.
type DealContact struct {
	Deal    Ref
	Contact string
	Role    *string
}

// Evidence is one row of a metric.
type Evidence struct {
	Metric                 string
	Source, Rep            string
	At                     time.Time
	RecordType, RecordID   string
	Numerator, Denominator *big.Rat
	IsTruncated            bool
}

// history are a deal's changes of one field up to the as-of, in their order.
func (f *Facts) history(deal Ref, field string) []Change {
	var changes []Change
	for _, c := range f.Changes[deal] {
		if c.Field == field && !c.At.After(f.AsOf) {
			changes = append(changes, c)
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		if a.Ordinal != b.Ordinal {
			return a.Ordinal - b.Ordinal
		}
		return strings.Compare(a.ID, b.ID)
	})
	return changes
}

// OwnerAt is the user who owned the deal at an instant, nil for nobody: the one
// whom the last change up to then names. What lies before the first change that
// is known belongs to the first owner; without any change, today's always was it.
func (f *Facts) OwnerAt(d Deal, at time.Time) *string {
	changes := f.history(d.Ref, "owner")
	if len(changes) == 0 {
		return d.Owner
	}
	owner := changes[0].Value
	for _, c := range changes {
		if !c.At.After(at) {
			owner = c.Value
		}
	}
	return owner
}

// ownerIsTruncated tells whether the CRM had forgotten who owned it at that time:
// that is so before the oldest owner that it knows.
func (f *Facts) ownerIsTruncated(d Deal, at time.Time) bool {
	changes := f.history(d.Ref, "owner")
	return len(changes) > 0 && changes[0].IsTruncated && at.Before(changes[0].At)
}

// repAt is the rep who is a user and was on the roster on that day; "" is nobody.
func (f *Facts) repAt(source string, user *string, at time.Time) string {
	if user == nil || f.periodAt(at) == "" {
		return ""
	}
	rep := f.Users[Ref{source, *user}]
	if f.RoleAt(rep, at) == "" {
		return ""
	}
	return rep
}

// RoleAt is the role that a rep held on the day of an instant.
func (f *Facts) RoleAt(rep string, at time.Time) string {
	day := f.day(at)
	for _, r := range f.Reps {
		if r.ID == rep && r.From <= day && (r.To == "" || day <= r.To) {
			return r.Role
		}
	}
	return ""
}

func (f *Facts) periodAt(at time.Time) string {
	for _, p := range f.Periods {
		if !at.Before(p.StartsAt) && at.Before(p.EndsAt) {
			return p.Name
		}
	}
	return ""
}

// day is the calendar date in the reporting zone.
func (f *Facts) day(at time.Time) string { return at.In(f.Zone).Format(time.DateOnly) }

func (f *Facts) setting(metric, name, otherwise string) string {
	if values := f.Settings[metric][name]; len(values) > 0 {
		return values[0]
	}
	return otherwise
}

func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// meet tells whether both name the same record.
func meet(a, b *string) bool { return a != nil && b != nil && *a == *b }

func isFilled(text *string) bool { return text != nil && *text != "" }

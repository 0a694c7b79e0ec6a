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
	"strconv"
	"strings"
	"time"
)

// Facts are a company's records and its plan, as staging and plan tables have
// them. Texts that may be null are pointers.
type Facts struct {
	AsOf       time.Time
	Zone       *time.Location
	Currency   string
	Periods    []Period
	Settings   map[string]map[string][]string // by metric and name
	Reps       []Rep
	Users      map[Ref]string // the rep that a user is
	Emails     map[Ref]string // of users
	Sources    []string       // as merit.yml names them
	Exclusions map[Record]string
	Quotas     map[[2]string]Quota // quotas.csv, by rep and period
	Classes    map[Ref]string      // merit.yml's classes of deals, by source and word of the type

	Stages       []Stage
	StageHistory []Stage // how a pipeline was set up earlier, where the CRM tells
	Deals        []Deal
	Changes      map[Ref][]Change          // by deal
	Fields       map[Ref]map[string]string // by deal: further fields
	Lines        []Line
	Credits      []Credit
	Scores       []Score
	Copies       []ExternalID
	Merges       map[Record]string // the record's id that it lives on in
	Activities   []Activity
	Links        []Link
	Contacts     []DealContact
	People       []Person
	Beside

	counts []Deal // those that count, once they are known
	visits map[Ref][]Visit
}

// Beside are the records that are neither deals nor activities.
type Beside struct {
	Rates         []Rate
	Forecasts     []Forecast
	Targets       []Target
	Renewals      []Renewal
	Documents     []Document
	Logins        []Login
	Events        []Event
	Learning      []Learning
	Sessions      []Session
	Actions       []Action
	Contributions []Contribution
	Holidays      [][2]string       // region and day
	Hired         map[string]string // by rep
}

// A Ref is a record of one source.
type Ref struct{ Source, ID string }

// A Record is a record of one source and its kind: deal, account …
type Record struct{ Source, Kind, ID string }

// A Period is [StartsAt, EndsAt).
type Period struct {
	Name             string
	StartsAt, EndsAt time.Time
}

// A Rep is one row of the roster; To "" is open. A row of leave is all leave.
type Rep struct {
	ID, Role, Region, From, To string
	IsLeave                    bool
}

// A Stage is one step of a pipeline; From and To bound one of an earlier version.
type Stage struct {
	Source, Pipeline, ID, Label string
	Position                    int
	IsClosed, IsWon             bool
	From                        time.Time
	To                          *time.Time
}

// A Deal is one deal as it is now.
type Deal struct {
	Ref
	Account, Owner, Stage, Amount, Currency *string
	CloseOn, NextStep, Forecast             *string
	TermStarts, TermEnds, Type, LeadSource  *string
	CreatedBy                               *string
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
	By, Through *string
	IsTruncated bool
}

// A Line is what is sold in a deal.
type Line struct {
	Deal                 Ref
	ID                   string
	Amount, Starts, Ends *string
	IsRecurring          *bool
	IsDeleted            bool
}

// A Credit is somebody's written share in a deal; Weight nil is an equal share.
type Credit struct {
	Deal                 Ref
	ID, User, Kind       string
	Weight               *string
	CreatedAt, ChangedAt *time.Time
	IsDeleted            bool
}

// A Score holds until the deal's next one.
type Score struct {
	Deal    Ref
	ID      string
	At      time.Time
	Ordinal int
	Score   *string
}

// An ExternalID is what a deal is called in another system.
type ExternalID struct {
	Deal       Ref
	System, ID string
}

// An Activity is a call, email, meeting, task or note.
type Activity struct {
	Ref
	Kind                                   string
	Owner, Deal, Account, Contact, Subject *string
	Subtype, Direction, TextHash           *string
	OccurredAt, CompletedAt, CreatedAt     *time.Time
	Seconds                                *int
	IsCompleted, IsDeleted                 bool
}

// A Link is a further record that an activity is about.
type Link struct {
	Activity Ref
	Kind, ID string
}

// A DealContact is somebody's part in a deal.
type DealContact struct {
	Deal    Ref
	Contact string
	Role    *string
}

// A Person is a contact.
type Person struct {
	Ref
	Account   *string
	IsDeleted bool
}

// Evidence is one row of a metric.
type Evidence struct {
	Metric                 string
	Source, Rep            string
	At                     time.Time
	RecordType, RecordID   string
	Numerator, Denominator *big.Rat
	IsTruncated            bool
	IsUnknown              bool // it counts, and nobody knows for how much
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
	if user == nil {
		return ""
	}
	return f.onRoster(f.Users[Ref{source, *user}], at)
}

// onRoster is the rep, where the day lies in a period that is scored and the rep
// was on the roster on it; else "".
func (f *Facts) onRoster(rep string, at time.Time) string {
	if f.periodAt(at) == "" || f.RoleAt(rep, at) == "" {
		return ""
	}
	return rep
}

// personOf is the rep whom a key of any kind names: a user's id, the company's own
// id of the person, or the e-mail of a user of any source.
func (f *Facts) personOf(source, key string) string {
	if rep := f.Users[Ref{source, key}]; rep != "" {
		return rep
	}
	for _, r := range f.Reps {
		if r.ID == key {
			return key
		}
	}
	for user, email := range f.Emails {
		if strings.EqualFold(email, key) {
			return f.Users[user]
		}
	}
	return ""
}

// resolved is the record that a merged one lives on in.
func (f *Facts) resolved(kind, source string, id *string) *string {
	for id != nil {
		into, merged := f.Merges[Record{source, kind, *id}]
		if !merged {
			break
		}
		id = &into
	}
	return id
}

// isCopy tells whether a source that merit.yml names earlier holds the same deal:
// one of the two names the other's id, both name one id in a third system, or both
// are the same as a third deal.
func (f *Facts) isCopy(d Deal) bool {
	for _, e := range f.Deals {
		if e.Source == d.Source || f.place(e.Source) >= f.place(d.Source) {
			continue
		}
		if f.areOne(d.Ref, e.Ref) {
			return true
		}
		for _, between := range f.Deals {
			if f.areOne(d.Ref, between.Ref) && f.areOne(between.Ref, e.Ref) {
				return true
			}
		}
	}
	return false
}

func (f *Facts) place(source string) int { return slices.Index(f.Sources, source) }

func (f *Facts) areOne(a, b Ref) bool {
	if a.Source == b.Source {
		return false
	}
	for _, x := range f.Copies {
		if x.Deal == a && x.System == b.Source && x.ID == b.ID || x.Deal == b && x.System == a.Source && x.ID == a.ID {
			return true
		}
		for _, y := range f.Copies {
			if x.Deal == a && y.Deal == b && x.System == y.System && x.ID == y.ID {
				return true
			}
		}
	}
	return false
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

// midnight is when a date begins in the reporting zone, so many days later.
func (f *Facts) midnight(date string, daysLater int) time.Time {
	d := dateOf(date)
	return time.Date(d.Year(), d.Month(), d.Day()+daysLater, 0, 0, 0, 0, f.Zone)
}

func (f *Facts) today() string { return f.day(f.AsOf) }

// allOf are a list's items, or the words' own.
func (f *Facts) allOf(metric, name string, otherwise ...string) []string {
	if values := f.Settings[metric][name]; len(values) > 0 {
		return values
	}
	return otherwise
}

func (f *Facts) count(metric, name string, otherwise int) int {
	number, err := strconv.Atoi(f.setting(metric, name, strconv.Itoa(otherwise)))
	if err != nil {
		panic(err)
	}
	return number
}

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

func isFilled(text *string) bool { return text != nil && *text != "" }

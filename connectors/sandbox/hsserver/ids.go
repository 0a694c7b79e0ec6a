package hsserver

import (
	"cmp"
	"slices"
	"strconv"

	"merit/connectors/sandbox/company"
)

// Ids are numbers, made of the index where the story has no numeric id of its
// own. Each kind of record has a range of its own, and none counts by one.
const (
	companiesFrom, companiesStep   = 20_000_000_000, 5
	contactsFrom, contactsStep     = 30_000_000_000, 3
	activitiesFrom, activitiesStep = 50_000_000_000, 3
	dealsFrom, dealsStep           = 90_000_000_000, 7
	ownersFrom, ownersStep         = 600_000_000, 11
	usersFrom, usersStep           = 40_000_000, 3
)

// DealID is the id of the story's deal at index i.
func DealID(story *company.Company, i int) string {
	return text(number(story.Deals[i].ID, i, dealsFrom, dealsStep))
}

// CompanyID is the id of the story's account at index i.
func CompanyID(story *company.Company, i int) string {
	return text(number(story.Accounts[i].ID, i, companiesFrom, companiesStep))
}

// ContactID is the id of the story's contact at index i.
func ContactID(story *company.Company, i int) string {
	return text(number(story.Contacts[i].ID, i, contactsFrom, contactsStep))
}

// ActivityID is the id of the story's activity at index i, whatever its kind:
// calls, emails, meetings, tasks and notes share one range.
func ActivityID(story *company.Company, i int) string {
	return text(number(story.Activities[i].ID, i, activitiesFrom, activitiesStep))
}

// OwnerID is what records name the story's user at index i by.
func OwnerID(story *company.Company, i int) string {
	return text(number(story.Users[i].ID, i, ownersFrom, ownersStep))
}

// UserID is what histories name the story's user at index i by: another number
// than the owner id, only the owners' list tells which belong together.
func UserID(_ *company.Company, i int) string {
	return text(userNumber(i))
}

func userNumber(i int) int64 { return usersFrom + int64(i)*usersStep }

// ActivityObject is the object type of a kind of activity.
func ActivityObject(kind company.Kind) string {
	return [...]string{"calls", "emails", "meetings", "tasks", "notes"}[kind]
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

func number(own string, i int, from, step int64) int64 {
	if id, ok := ownNumber(own); ok {
		return id
	}
	return from + int64(i)*step
}

func ownNumber(own string) (int64, bool) {
	if own == "" || own[0] == '0' || own[0] == '+' {
		return 0, false
	}
	id, err := strconv.ParseInt(own, 10, 64)
	return id, err == nil && id > 0
}

// A numbering knows the ids of one kind of record, both ways.
type numbering struct {
	from, step int64
	ids        []int64         // by index
	own        map[int64]int32 // of those with an id of their own
}

func numberAll(n int, own func(i int) string, from, step int64) *numbering {
	ns := &numbering{from: from, step: step, ids: make([]int64, n), own: map[int64]int32{}}
	for i := range ns.ids {
		ns.ids[i] = number(own(i), i, from, step)
		if ns.ids[i] != from+int64(i)*step {
			ns.own[ns.ids[i]] = int32(i)
		}
	}
	return ns
}

// index finds the record with this id.
func (n *numbering) index(id int64) (int32, bool) {
	if i, ok := n.own[id]; ok {
		return i, true
	}
	i := (id - n.from) / n.step
	if id < n.from || i >= int64(len(n.ids)) || n.ids[i] != id {
		return 0, false
	}
	return int32(i), true
}

// sorted orders indices by their ids.
func (n *numbering) sorted(indices []int32) []int32 {
	if len(n.own) > 0 {
		slices.SortFunc(indices, func(a, b int32) int { return cmp.Compare(n.ids[a], n.ids[b]) })
	}
	return indices
}

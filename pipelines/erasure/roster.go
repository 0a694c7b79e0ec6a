package erasure

import (
	"slices"

	"merit/connectors"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/transform/lake"
)

// Roster is the roster as a build may see it. Who was erased at a source is known
// there by a tombstone, and the roster has to name the same one: what was theirs counts as
// before, for a person without name and address. The file itself is its keeper's.
func Roster(roster []plan.Rep, sources []project.Source, erased *lake.ErasureList) []plan.Rep {
	if erased == nil {
		return roster
	}
	roster = slices.Clone(roster)
	for i, rep := range roster {
		var users []plan.UserKey
		for _, user := range rep.Users {
			users = append(users, tombstones(user, sources, erased)...)
		}
		if slices.Equal(users, rep.Users) {
			continue
		}
		roster[i].Users, roster[i].Email = users, ""
		for _, user := range users {
			if !slices.Contains(rep.Users, user) && user.Key != rep.Email {
				roster[i].Name = user.Key // two of them are two people
			}
		}
	}
	return roster
}

// tombstones are what a roster's key of a user is at each source that erased somebody by it.
func tombstones(user plan.UserKey, sources []project.Source, erased *lake.ErasureList) []plan.UserKey {
	var keys []plan.UserKey
	isErased := false
	for _, s := range sources {
		if user.Source != "" && user.Source != s.Name {
			continue
		}
		key := user.Key
		for _, kind := range append([]string{""}, ownKinds(s.Connector.People)...) {
			if who := (lake.Identity{Source: s.Name, Stream: kind, Value: user.Key}); erased.Has(who) {
				key, isErased = erased.Tombstone(who), true
				break
			}
		}
		keys = append(keys, plan.UserKey{Source: s.Name, Key: key})
	}
	if !isErased {
		return []plan.UserKey{user}
	}
	return keys
}

// ownKinds are the kinds of ids that a source gives to people.
func ownKinds(people connectors.People) []string {
	var kinds []string
	for _, one := range people.Columns {
		if one.Own && one.Says == connectors.SaysID && !slices.Contains(kinds, one.Kind) {
			kinds = append(kinds, one.Kind)
		}
	}
	return kinds
}

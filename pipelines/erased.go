package pipelines

import (
	"slices"

	"merit/connectors"
	"merit/pipelines/plan"
	"merit/transform/lake"
)

// people is what each source declares of where personal data lies.
func (j *Job) people() map[string]connectors.People {
	all := map[string]connectors.People{}
	for _, s := range j.Sources {
		all[s.Name] = s.Connector.People
	}
	return all
}

// withoutErased is the roster as a build may see it. Who was erased at a source is known
// there by a tombstone, and the roster has to name the same one: what was theirs counts as
// before, for a person without name and address. The file itself is its keeper's.
func (j *Job) withoutErased(roster []plan.Rep) []plan.Rep {
	if j.erased == nil {
		return roster
	}
	roster = slices.Clone(roster)
	for i, rep := range roster {
		var users []plan.UserKey
		for _, user := range rep.Users {
			users = append(users, j.tombstones(user)...)
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
func (j *Job) tombstones(user plan.UserKey) []plan.UserKey {
	var keys []plan.UserKey
	isErased := false
	for _, s := range j.Sources {
		if user.Source != "" && user.Source != s.Name {
			continue
		}
		key := user.Key
		for _, kind := range append([]string{""}, ownKinds(s.Connector.People)...) {
			if who := (lake.Identity{Source: s.Name, Stream: kind, Value: user.Key}); j.erased.Has(who) {
				key, isErased = j.erased.Tombstone(who), true
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

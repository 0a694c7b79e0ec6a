package company

import (
	"slices"
	"testing"
)

func TestTheFullStoryIsInOrder(t *testing.T) {
	for _, plot := range []Plot{{Seed: 1, Size: 600, CRMs: 2}, {Seed: 2, Size: 3600}, {Seed: 3, Size: 30}} {
		for _, c := range AcmeInFull(plot) {
			// The last office hours of the west are three hours after those of the company.
			end := At(c.Now.AddDate(0, 0, 7*weeksPast)) + 6*hourLong
			for i := range c.Deals {
				if !slices.ContainsFunc(c.Truth, func(truth Truth) bool { return slices.Contains(truth.Deals, i) }) {
					checkDeal(t, c, i, end)
				}
			}
			for i := range c.Activities {
				if !slices.ContainsFunc(c.Truth, func(truth Truth) bool { return slices.Contains(truth.Calls, i) }) {
					checkActivity(t, c, i, end)
				}
			}
		}
	}
}

func TestTheFullStoryHasWhatASellerBelieves(t *testing.T) {
	c := AcmeInFull(Plot{Seed: 1, Size: 3600})[0]
	executives, calls, days := 0, 0, map[string]bool{}
	for _, u := range c.Users {
		if u.Role == "ae" {
			executives++
		}
	}
	if executives < 40 {
		t.Errorf("%d account executives", executives)
	}
	development := slices.IndexFunc(c.Users, func(u User) bool { return u.Role == "sdr" })
	for _, a := range c.Activities {
		if a.Owner == development && a.Kind == Call && a.OccurredAt > At(c.Now)-20*dayLong && a.OccurredAt < At(c.Now) {
			calls++
			days[a.OccurredAt.Time().Format("2006-01-02")] = true
		}
	}
	if perDay := calls / len(days); perDay < 38 || perDay > 54 {
		t.Errorf("%d calls a day", perDay)
	}
	least, most := 1<<30, 0
	for user, p := range c.Roster {
		if c.Users[user].Role == "ae" {
			least, most = min(least, p.Potential), max(most, p.Potential)
		}
	}
	if most < 3*least-3 {
		t.Errorf("territories from %d to %d differ by less than three to one", least, most)
	}
	for _, table := range []string{"calendar_events", "coaching", "coaching_actions", "contributions", "employees", "holidays", "kudos", "learning", "surveys"} {
		if len(c.Files[table]) < 10 {
			t.Errorf("%s has %d rows", table, len(c.Files[table]))
		}
	}
}

func TestEveryCheatAndEveryLookAlikeFindsSomebody(t *testing.T) {
	missing := map[string]int{}
	const seeds = 8
	for seed := range uint64(seeds) {
		c := AcmeInFull(Plot{Seed: seed, Size: 3600, Cheats: []string{"all"}})[0]
		people := map[int]bool{}
		for _, truth := range c.Truth {
			if people[truth.User] {
				t.Errorf("seed %d: user %d stands for two things", seed, truth.User)
			}
			people[truth.User] = true
		}
		for _, p := range planters() {
			if !slices.ContainsFunc(c.Truth, func(truth Truth) bool { return truth.Rule == p.rule && truth.Story == p.story }) {
				missing[p.rule+": "+p.story]++
			}
		}
	}
	for story, count := range missing {
		if count > seeds/3 {
			t.Errorf("%s finds nobody in %d of %d companies", story, count, seeds)
		}
	}
}

func TestWithoutCheatsThereAreOnlyLookAlikes(t *testing.T) {
	for _, truth := range AcmeInFull(Plot{Seed: 1, Size: 3600, Cheats: []string{"none"}})[0].Truth {
		if truth.IsCheat {
			t.Errorf("user %d: %s", truth.User, truth.Story)
		}
	}
}

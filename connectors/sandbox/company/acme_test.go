package company

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
)

// fingerprint is a hash over all that a story tells.
func fingerprint(c *Company) string {
	h := sha256.New()
	for _, user := range c.Users {
		fmt.Fprintln(h, user.Name, user.Email, user.Role, user.Team, user.Region, user.CreatedAt, user.LeftAt)
	}
	for _, a := range c.Accounts {
		fmt.Fprintln(h, a.Name, a.Industry, a.Owner, a.CreatedAt, a.DeletedAt)
	}
	for _, p := range c.Contacts {
		fmt.Fprintln(h, p.Account, p.FirstName, p.LastName, p.Title, p.Owner, p.CreatedAt, p.DeletedAt)
	}
	for _, d := range c.Deals {
		fmt.Fprintln(h, d.Name, d.Account, d.Type, d.LeadSource, d.CreatedBy, d.CreatedAt, d.Changes, d.Contacts, d.DeletedAt)
	}
	for _, a := range c.Activities {
		fmt.Fprintln(h, a.Kind, a.Subtype, a.Subject, a.Owner, a.Deal, a.Account, a.Contact, a.CreatedAt, a.OccurredAt, a.CompletedAt, a.Seconds, a.DeletedAt)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func TestTheSameSeedTellsTheSameStory(t *testing.T) {
	const want = "99de018e3290ec4a"
	if got := fingerprint(Acme(1, 300)); got != want {
		t.Errorf("Acme(1, 300) tells the story %s, not %s: say why in the commit and pin the new one", got, want)
	}
	if fingerprint(Acme(2, 300)) == fingerprint(Acme(1, 300)) {
		t.Error("two seeds tell one story")
	}
}

func TestAStoryIsInOrder(t *testing.T) {
	for _, size := range []int{0, 1, 17, 1200} {
		c := Acme(7, size)
		end := At(c.Now.AddDate(0, 0, 7*weeksPast))
		for i := range c.Deals {
			checkDeal(t, c, i, end)
		}
		for i := range c.Activities {
			checkActivity(t, c, i, end)
		}
		for i, account := range c.Accounts {
			if !c.hasUser(account.Owner) || account.CreatedAt < At(c.Begin) || account.DeletedAt != 0 && account.DeletedAt <= account.CreatedAt {
				t.Errorf("size %d: account %d is out of order: %+v", size, i, account)
			}
		}
	}
}

func (c *Company) hasUser(index int) bool { return index >= 0 && index < len(c.Users) }

func checkDeal(t *testing.T, c *Company, i int, end Instant) {
	t.Helper()
	deal := &c.Deals[i]
	if deal.Account >= len(c.Accounts) || c.Accounts[deal.Account].CreatedAt > deal.CreatedAt || c.Accounts[deal.Account].DeletedAt != 0 {
		t.Errorf("deal %d has an account that isn't there: %+v", i, c.Accounts[deal.Account])
	}
	for _, role := range deal.Contacts {
		if contact := c.Contacts[role.Contact]; contact.Account != deal.Account || contact.CreatedAt > deal.CreatedAt {
			t.Errorf("deal %d has a contact who isn't there: %+v", i, contact)
		}
	}
	if len(deal.Changes) == 0 || deal.Changes[0].At != deal.CreatedAt {
		t.Fatalf("deal %d has no first values", i)
	}
	last := deal.CreatedAt
	now := map[Field]string{}
	for _, change := range deal.Changes {
		if change.At < last || change.At > end || deal.DeletedAt != 0 && change.At > deal.DeletedAt {
			t.Errorf("deal %d changes at a wrong time: %+v", i, change)
		}
		if change.Field == StageName {
			if _, known := c.Stage(change.Value); !known || change.Value == now[StageName] {
				t.Errorf("deal %d moves from %q to %q", i, now[StageName], change.Value)
			}
		}
		if change.Field == Owner {
			if owner := UserIndex(change.Value); !c.hasUser(owner) || c.Users[owner].CreatedAt > change.At {
				t.Errorf("deal %d goes to user %q, who isn't there", i, change.Value)
			}
		}
		if !c.hasUser(int(change.By)) {
			t.Errorf("deal %d was changed by nobody: %+v", i, change)
		}
		now[change.Field], last = change.Value, change.At
	}
	for _, field := range []Field{StageName, CloseOn, Owner, Forecast} {
		if now[field] == "" {
			t.Errorf("deal %d has no value of field %d", i, field)
		}
	}
}

func checkActivity(t *testing.T, c *Company, i int, end Instant) {
	t.Helper()
	a := &c.Activities[i]
	if a.CreatedAt > end || a.CompletedAt > end+86400_000 || a.DeletedAt != 0 && a.DeletedAt < a.CreatedAt {
		t.Errorf("activity %d is at a wrong time: %+v", i, a)
	}
	if a.Deal != None && (c.Deals[a.Deal].CreatedAt > a.CreatedAt || c.Deals[a.Deal].Account != a.Account) {
		t.Errorf("activity %d is about a deal that isn't there: %+v", i, a)
	}
	if a.Contact != None && (c.Contacts[a.Contact].Account != a.Account || c.Contacts[a.Contact].CreatedAt > a.CreatedAt) {
		t.Errorf("activity %d is with a contact who isn't there: %+v", i, a)
	}
	if left := c.Users[a.Owner].LeftAt; left != 0 && a.CreatedAt >= left+1000 {
		t.Errorf("activity %d is by somebody who has left: %+v", i, a)
	}
}

// What metrics must cope with has to happen in the demo's story.
func TestTheStoryHasWhatMetricsMustCopeWith(t *testing.T) {
	c := Acme(1, 1200)
	seen, deals := map[string]int{}, map[int]int{}
	bursts := map[[2]int64]int{} // stage moves by user and five minutes
	for i := range c.Deals {
		deal := &c.Deals[i]
		seen["deleted"] += count(deal.DeletedAt != 0)
		noteChanges(c, deal, seen, bursts)
		if !deal.ExistsAt(At(c.Now)) {
			continue
		}
		state := deal.At(At(c.Now))
		stage, _ := c.Stage(state.Stage)
		seen["deals by Now"]++
		seen["open"] += count(!stage.IsClosed && !state.Deleted)
		deals[state.Owner]++
	}
	for _, moves := range bursts {
		seen["bulk moves"] += count(moves >= 10)
	}
	for i, user := range c.Users {
		seen["reps without deals"] += count(user.Role == "ae" && deals[i] == 0)
		seen["reps who left"] += count(user.LeftAt != 0)
	}
	if seen["deals by Now"] != 1200 {
		t.Errorf("%d deals come up by Now, not 1200", seen["deals by Now"])
	}
	for _, what := range []string{
		"open", "deleted", "handed over", "pushed", "amount changed", "reopened", "backward", "skipped", "entered again",
		"bulk moves", "reps without deals", "reps who left",
	} {
		if seen[what] == 0 {
			t.Errorf("nothing in the story is %q", what)
		}
	}
}

// noteChanges counts what happens to one deal.
func noteChanges(c *Company, deal *Deal, seen map[string]int, bursts map[[2]int64]int) {
	was, visited := Stage{}, map[string]bool{}
	for _, change := range deal.Changes {
		if change.At > deal.CreatedAt {
			seen["handed over"] += count(change.Field == Owner)
			seen["pushed"] += count(change.Field == CloseOn)
			seen["amount changed"] += count(change.Field == Amount)
		}
		if change.Field != StageName {
			continue
		}
		is, _ := c.Stage(change.Value)
		if was.Name != "" {
			seen["reopened"] += count(was.IsClosed)
			seen["backward"] += count(is.SortOrder < was.SortOrder && !was.IsClosed)
			seen["skipped"] += count(is.SortOrder > was.SortOrder+1 && !is.IsClosed)
			seen["entered again"] += count(visited[is.Name])
			bursts[[2]int64{int64(change.By), int64(change.At) / 300_000}]++
		}
		was, visited[is.Name] = is, true
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func TestAStateIsWhatTheChangesAddUpTo(t *testing.T) {
	deal := Deal{CreatedAt: 100, CreatedBy: 3, DeletedAt: 900, Changes: []Change{
		{At: 100, By: 3, Field: StageName, Value: "Prospecting"},
		{At: 100, By: 3, Field: Owner, Value: "3"},
		{At: 200, By: 3, Field: Amount, Value: "10"},
		{At: 300, By: 4, Field: StageName, Value: "Prospecting"},
		{At: 400, By: 4, Field: Amount, Value: ""},
		{At: 500, By: 4, Field: Owner, Value: "4"},
	}}
	for now, want := range map[Instant]State{
		99:  {Owner: None, ModifiedAt: 100, ModifiedBy: 3},
		250: {Stage: "Prospecting", Amount: "10", Owner: 3, ModifiedAt: 200, ModifiedBy: 3, StagedAt: 100},
		300: {Stage: "Prospecting", Amount: "10", Owner: 3, ModifiedAt: 300, ModifiedBy: 4, StagedAt: 100},
		900: {Stage: "Prospecting", Owner: 4, ModifiedAt: 900, ModifiedBy: 4, StagedAt: 100, Deleted: true},
	} {
		if got := deal.At(now); got != want {
			t.Errorf("at %d the deal is %+v, not %+v", now, got, want)
		}
	}
}

package company

import (
	"cmp"
	"slices"
	"strconv"
)

// A Truth is what a story knows of one person and one flag rule: somebody cheated, or
// did something honest that looks like it.
type Truth struct {
	Rule    string // the rule's name
	Story   string // what happened, in a few words
	IsCheat bool
	User    int    // index
	Quarter string // its first day, YYYY-MM-DD
	Deals   []int  // indexes of the records that tell it
	Calls   []int  // likewise, of activities
}

// A planter makes one person give cause to one rule.
type planter struct {
	rule, story string
	isCheat     bool
	role        string // whose doing it is; "": an account executive's
	plant       func(p *planting) bool
}

// planters are in the order in which people are drawn for them.
func planters() []planter {
	return []planter{
		{"bulk_stage_update", "moves the open deals in two minutes", true, "", (*planting).bulk},
		{"bulk_stage_update", "an integration imports the moves of several people", false, "", (*planting).imported},
		{"bulk_stage_update", "deals are reorganised among owners", false, "", (*planting).reorganised},
		{"bulk_stage_update", "an automation moves one person's deals", false, "", (*planting).automated},
		{"quarter_end_rush", "advances what is open in the quarter's last days", true, "", (*planting).rush},
		{"quarter_end_rush", "a good quarter that ends well", false, "", (*planting).goodEnd},
		{"backdated_activity", "writes down calls weeks later", true, "", (*planting).backdate},
		{"backdated_activity", "catches up after leave", false, "", (*planting).catchUp},
		{"backdated_activity", "a migrated system's calls", false, "", (*planting).migrate},
		{"duplicate_activity", "logs the same call again and again", true, "", (*planting).duplicate},
		{"duplicate_activity", "an automation writes to many people", false, "", (*planting).mailing},
		{"overlapping_calls", "logs calls that overlap", true, "", (*planting).overlap},
		{"overlapping_calls", "calls one after the other", false, "", (*planting).backToBack},
		{"instant_win", "writes deals down when they are won", true, "", (*planting).instantWins},
		{"instant_win", "an integration imports orders that were won", false, "", (*planting).importedOrders},
		{"timestamp_manipulation", "says that deals are older than they are", true, "", (*planting).predate},
		{"timestamp_manipulation", "a migrated system's deals", false, "", (*planting).migratedDeals},
		{"empty_calls", "dials and hangs up", true, "", (*planting).hangUp},
		{"empty_calls", "nobody answers", false, "", (*planting).noAnswer},
		{"stage_ping_pong", "moves deals to and fro", true, "", (*planting).toAndFro},
		{"stage_ping_pong", "puts deals back once", false, "", (*planting).putBack},
		{"split_anomaly", "shares are rewritten after the close", true, "", (*planting).lateShares},
		{"split_anomaly", "shares are agreed before the close", false, "", (*planting).earlyShares},
		{"outlier", "twice as many advances as anybody", true, "", (*planting).manyAdvances},
		{"outlier", "a real good quarter", false, "", (*planting).goodQuarter},
		{"volume_without_quality", "many more calls that lead nowhere", true, "", (*planting).emptyVolume},
		{"volume_without_quality", "many more calls, as good as before", false, "", (*planting).goodVolume},
		{"impossible_hours", "a script writes calls at night", true, "csm", (*planting).atNight},
		{"impossible_hours", "works some evenings after leave", false, "csm", (*planting).someEvenings},
	}
}

// Rules are the names of the rules that a story can give cause to.
func Rules() []string {
	var names []string
	for _, p := range planters() {
		if p.isCheat {
			names = append(names, p.rule)
		}
	}
	return names
}

// wants tells whether a rule is to be given cause to.
func wants(cheats []string, rule string) bool {
	return slices.Contains(cheats, "all") || slices.Contains(cheats, rule)
}

// A planting is one planter at work on one person's quarter.
type planting struct {
	*generator
	who         int
	quarter     quarter
	first, past int // working days of the quarter
	truth       Truth
}

// machine is the role of the user by which other systems write.
const machine = "integration"

// plant makes people cheat as it is asked for, and beside them others who only look
// like it. Nobody stands for two things. A company that is too small for all of them
// has the first ones.
func (g *generator) plant(cheats []string) {
	c := g.company
	g.turn(40, 0)
	quarters := g.quarters()
	free := map[string][]int{}
	for user := range c.Users {
		h := &g.people[user]
		if h.hiredAt == 0 && h.leftAt == 0 && !h.sandbags && h.care > 300 {
			free[c.Users[user].Role] = append(free[c.Users[user].Role], user)
		}
	}
	for _, role := range []string{"ae", "csm"} {
		list := free[role]
		g.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	for i, p := range planters() {
		if p.isCheat && !wants(cheats, p.rule) {
			continue
		}
		role := p.role
		if role == "" {
			role = "ae"
		}
		for at, user := range free[role] {
			g.turn(41+i, user)
			one := g.planting(user, quarters)
			one.truth = Truth{Rule: p.rule, Story: p.story, IsCheat: p.isCheat, User: user, Quarter: one.quarter.startsOn}
			if p.plant(one) {
				c.Truth = append(c.Truth, one.truth)
				free[role] = slices.Delete(free[role], at, at+1)
				break
			}
		}
	}
}

// planting takes one of the last two quarters that are over.
func (g *generator) planting(user int, quarters []quarter) *planting {
	var over []quarter
	for _, q := range quarters {
		if q.next <= At(g.company.Now) {
			over = append(over, q)
		}
	}
	p := &planting{generator: g, who: user, quarter: over[len(over)-1-g.dice.IntN(2)]}
	for day, opens := range g.dates.opens {
		if opens < p.quarter.starts {
			p.first = day + 1
		}
		if opens < p.quarter.next {
			p.past = day + 1
		}
	}
	return p
}

// shift is how the person's office hours lie against the company's.
func (p *planting) shift() Instant { return p.people[p.who].shift }

// at is an instant of a working day, in the person's hours.
func (p *planting) at(day, second int) Instant {
	return p.dates.at(day*workday+min(second, workday-1)) + p.shift()
}

// day is a working day of the quarter on which the person works, so many before its end.
func (p *planting) day(beforeEnd int) int {
	h, day := &p.people[p.who], 0
	for range 100 {
		day = p.first + p.dice.IntN(p.past-p.first-beforeEnd)
		if h.backAt(day*workday) == day*workday {
			break
		}
	}
	return day
}

// owned are the person's open deals at an instant.
func (p *planting) owned(at Instant) []int {
	var list []int
	for i := range p.company.Deals {
		d := &p.company.Deals[i]
		if d.CreatedAt >= at || d.isGoneBy(p.end) {
			continue
		}
		if s := d.At(at); s.Owner == p.who && s.StagedAt < at-2*dayLong {
			if stage, _ := p.company.Stage(s.Stage); !stage.IsClosed {
				list = append(list, i)
			}
		}
	}
	return list
}

// nextAdvance is the index of a deal's first move forward after an instant that its
// then owner makes and that closes nothing; None: there is none.
func (p *planting) nextAdvance(deal int, after Instant) int {
	d := &p.company.Deals[deal]
	order := p.order(d.At(after).Stage)
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.At <= after {
			continue
		}
		if c.Field == Owner {
			return None
		}
		if c.Field == StageName {
			if to := p.order(c.Value); to > order && to <= negotiation+1 {
				return i
			}
			return None
		}
	}
	return None
}

func (p *planting) order(stage string) int {
	s, _ := p.company.Stage(stage)
	return s.SortOrder
}

// pull lets a deal's next advance happen at an earlier instant, with what goes with it.
func (p *planting) pull(deal, change int, at Instant, by int, through Through) {
	d := &p.company.Deals[deal]
	was := d.Changes[change].At
	d.Changes = slices.Clone(d.Changes)
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.At == was && (c.Field == StageName && i == change || c.Field == Forecast) {
			c.At, c.By = at, int32(by)
			if c.Field == StageName {
				c.Through = through
			}
		}
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int { return cmp.Compare(a.At, b.At) })
}

// pullable are the person's deals that move on after an instant.
func (p *planting) pullable(at Instant) []int {
	return slices.DeleteFunc(p.owned(at), func(deal int) bool { return p.nextAdvance(deal, at) == None })
}

// integration is the user of machines, the last one.
func (p *planting) integration() int { return len(p.company.Users) - 1 }

// done are the person's activities of the quarter of the given kinds that took place.
func (p *planting) done(kinds ...Kind) []int {
	var list []int
	for i := range p.company.Activities {
		a := &p.company.Activities[i]
		if a.Owner == p.who && slices.Contains(kinds, a.Kind) && a.OccurredAt >= p.quarter.starts && a.OccurredAt < p.quarter.next-25*dayLong && a.CompletedAt != 0 && a.DeletedAt == 0 {
			list = append(list, i)
		}
	}
	return list
}

// log adds an activity of the person's and remembers it.
func (p *planting) logged(a Activity) {
	a.Owner = p.who
	if a.Account == 0 && a.Contact == 0 {
		a.Contact = p.somebody()
		a.Account = p.company.Contacts[a.Contact].Account
		a.Deal = None
	}
	p.truth.Calls = append(p.truth.Calls, len(p.company.Activities))
	p.company.Activities = append(p.company.Activities, a)
}

// somebody is a contact who has been known since before the quarter.
func (p *planting) somebody() int {
	known := p.contactsOf[p.accountsBy((p.first-2)*workday)-1].to
	contact := 1
	for range 100 {
		if contact = 1 + p.dice.IntN(known-1); p.company.Contacts[contact].DeletedAt == 0 {
			break
		}
	}
	return contact
}

// call is a call that was logged when it had ended.
func (p *planting) call(at Instant, seconds int, subject string) Activity {
	ended := at + Instant(seconds+20)*1000
	return Activity{Kind: Call, Subtype: "Call", Subject: subject, OccurredAt: at, CompletedAt: ended, CreatedAt: ended, Seconds: seconds}
}

// TruthCSV is the truth of stories as a file: a row for each record, with the id that
// each CRM shows it by. ids names a record: its object and index.
func TruthCSV(stories []*Company, ids func(story *Company, isDeal bool, index int) (salesforce, hubspot string)) [][]string {
	rows := [][]string{{"crm", "rule", "is_cheat", "story", "rep_id", "role", "quarter_starts_on", "record_type", "salesforce_id", "hubspot_id"}}
	for crm, story := range stories {
		for _, t := range story.Truth {
			u := &story.Users[t.User]
			head := []string{strconv.Itoa(crm + 1), t.Rule, strconv.FormatBool(t.IsCheat), t.Story, u.Key(t.User, story), u.Role, t.Quarter}
			add := func(kind string, isDeal bool, index int) {
				salesforce, hubspot := ids(story, isDeal, index)
				rows = append(rows, append(slices.Clone(head), kind, salesforce, hubspot))
			}
			for _, i := range t.Deals {
				add("deal", true, i)
			}
			for _, i := range t.Calls {
				add("activity", false, i)
			}
		}
	}
	return rows
}

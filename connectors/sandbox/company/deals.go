package company

import "strconv"

// sell lets every deal live: size of them come up by Now, the rest afterwards.
func (g *generator) sell(size int) {
	c := g.company
	late := size / 13
	c.Deals = make([]Deal, 0, size+late)
	c.Activities = make([]Activity, 0, (size+late)*6)
	s := &life{generator: g, burstAt: map[[2]int]int{}}
	past, future := g.dates.now-workday, g.dates.horizon-g.dates.now
	for i := range size {
		s.live(workday + scale(past, i, size))
	}
	for i := range late {
		s.live(g.dates.now + scale(future, i, late))
	}
}

// scale gives how far the i-th of n is along a length.
func scale(length, i, n int) int { return i * (length / 64) / n * 64 }

// A life is one deal on its way, and reused for the next one.
type life struct {
	*generator
	deal    int // index
	account int
	second  int // the working second it has come to
	by      int32
	owner   int
	next    int // who takes over at the handover; None: nobody
	handsAt int
	stage   int
	closes  int // calendar day of the close date
	amount  int // index into amountText
	step    int
	shown   string // forecast category
	goneAt  int    // deleted then; 0: not
	reopens int
	kind    string
	given   *later // what an earlier deal led to; nil: a deal of its own
	changes []Change
	burstAt map[[2]int]int // by rep and quarter's last day: where the next bulk move goes
}

// live tells one deal's life from its creation to its end or the story's.
func (s *life) live(second int) {
	g, c := s.generator, s.company
	s.deal = len(c.Deals)
	g.turn(3, s.deal)
	created := second
	s.begin(second)
	deal := Deal{
		Account:    s.account,
		LeadSource: pick(g, leadSources[:]),
		CreatedBy:  int(s.by),
		CreatedAt:  g.dates.at(created) + g.people[s.owner].shift,
	}
	s.kind = s.kindOfDeal()
	deal.Type = s.kind
	if g.roleOf(s.owner) == "partner" {
		deal.LeadSource = "Partner Referral"
	}
	deal.Name = c.Accounts[s.account].Name + " - " + pick(g, products[:]) + " " + strconv.Itoa(s.deal+1)
	deal.Contacts = s.involve(created)
	s.create()
	instant := g.chance(5)
	for s.stage < won && s.second < g.dates.horizon {
		s.visit(instant)
	}
	if s.stage < won {
		s.sleep(g.dates.horizon - s.second)
	}
	deal.Changes = g.keep(s.changes)
	if s.goneAt != 0 && s.goneAt < g.dates.horizon {
		deal.DeletedAt = max(g.dates.at(s.goneAt), deal.CreatedAt)
		if n := len(deal.Changes); n > 0 {
			deal.DeletedAt = max(deal.DeletedAt, deal.Changes[n-1].At)
		}
	}
	c.Deals = append(c.Deals, deal)
}

func (s *life) begin(second int) {
	g := s.generator
	s.second, s.changes, s.reopens, s.goneAt = second, s.changes[:0], 0, 0
	s.account = s.anAccount()
	s.owner, s.next = s.firstOwner(), None
	s.by = int32(s.owner)
	if g.roleOf(s.owner) == "sdr" {
		s.next, s.handsAt = g.executive(second), second+g.wait(12*workday)
	} else if g.chance(25) {
		s.next, s.handsAt = g.anybody(second), second+g.wait(40*workday)
	}
	if leaves := g.people[s.owner].leftAt; leaves != 0 {
		s.next, s.handsAt = g.executive(leaves+workday), leaves+workday
	}
	if s.next == s.owner {
		s.next = None
	}
	s.handsAt = max(s.handsAt, second+workday)
	if g.chance(15) {
		s.goneAt = second + workday + g.dice.IntN(70*workday)
	}
	s.amount = g.dice.IntN(plainAmounts) * (1 + g.dice.IntN(8)) / 8
	if g.market != nil {
		s.amount = s.worthOf(s.owner)
	}
	if g.chance(2) && g.market == nil {
		s.amount = plainAmounts + g.dice.IntN(len(g.amountText)-plainAmounts)
	}
}

// firstOwner is who begins a deal: whoever keeps the customer, where there is one.
func (s *life) firstOwner() int {
	if s.given != nil {
		return s.keeper(s.account, s.second)
	}
	return s.anybody(s.second)
}

// anAccount draws one that is there and is sold to.
func (s *life) anAccount() int {
	if s.given != nil {
		return s.given.account
	}
	account := s.dice.IntN(s.accountsBy(s.second - workday))
	if account%s.idle == s.idle-1 {
		account--
	}
	return account
}

func (s *life) kindOfDeal() string {
	if s.given != nil {
		return s.given.kind
	}
	if s.roleOf(s.owner) == "csm" {
		return pick(s.generator, []string{"Renewal", "Renewal", "Expansion"})
	}
	if s.chance(120) {
		return "Expansion"
	}
	return "New Business"
}

// involve links people of the account, with a role where the owner takes care.
func (s *life) involve(created int) []Role {
	people := s.contactsOf[s.account]
	if !s.chance(400 + s.people[s.owner].care/2) {
		return nil
	}
	count := s.between(1, people.to-people.from)
	roles := make([]Role, count)
	for i := range roles {
		roles[i] = Role{Contact: people.from + i, Primary: i == 0}
		if s.chance(s.people[s.owner].care) {
			roles[i].Name = pick(s.generator, contactRoles[:])
		}
	}
	return roles
}

// create writes the first values.
func (s *life) create() {
	s.stage = prospecting
	if s.chance(150) {
		s.stage = qualification
	}
	s.put(StageName, s.company.Stages[s.stage].Name, ByHand)
	if s.chance(900) {
		s.put(Amount, s.amountText[s.lowered()], ByHand)
	}
	s.closes = s.dates.on(s.second) + s.between(40, 140)
	if s.given != nil && s.given.closes != 0 {
		s.closes = s.given.closes
	}
	s.put(CloseOn, s.dates.dateOf(s.closes), ByHand)
	s.put(Owner, s.userText[s.owner], ByHand)
	s.shown = s.category()
	s.put(Forecast, s.shown, ByAutomation)
	s.step = None
	if s.chance(s.people[s.owner].care) {
		s.nextStep()
	}
}

// lowered is the amount that the owner lets others see.
func (s *life) lowered() int {
	if s.people[s.owner].sandbags && s.amount < plainAmounts {
		return s.amount / 2
	}
	return s.amount
}

// category is the forecast category that goes with the stage, or less.
func (s *life) category() string {
	stage := s.company.Stages[s.stage]
	if s.people[s.owner].sandbags && !stage.IsClosed {
		return "Pipeline"
	}
	return stage.Forecast
}

func (s *life) nextStep() {
	step := s.dice.IntN(len(nextSteps))
	if step == s.step {
		step = (step + 1) % len(nextSteps)
	}
	s.step = step
	s.put(NextStep, nextSteps[step], ByHand)
}

// put writes down a change, unless the deal is gone or the story is over.
func (s *life) put(field Field, value string, through Through) {
	if s.second >= s.dates.horizon || s.goneAt != 0 && s.second >= s.goneAt {
		return
	}
	at := s.dates.at(s.second) + s.people[s.owner].shift
	if n := len(s.changes); n > 0 {
		if last := s.changes[n-1].At; at < last {
			at = last + 1000 // a deal that goes to another time zone doesn't go back in time
		}
	}
	s.changes = append(s.changes, Change{At: at, By: s.by, Field: field, Through: through, Value: value})
}

package company

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A market is what people, territories and time do to numbers. Acme has none: tests
// of reading pin its few rows one by one. AcmeInFull has one, told by the same
// generator, so that fairness, goals, flags and pay can be shown on something.
type market struct {
	regions []region
	free    map[string]string // holidays of everybody: date, name
	csms    []int             // users who keep customers
	due     []later           // deals that follow from earlier ones, the next first
	year    [12]int           // how much begins in each month, in percent
	dials   int               // a day of a development rep since the dialler came
	dialler int               // working second at which it came
}

// A region is a team of account executives with its own holidays and clock.
type region struct {
	name, zone string
	shift      Instant           // of its office hours against the company's
	free       map[string]string // its own holidays
}

// later is a deal that an earlier one leads to: the renewal of its contract, or an
// expansion.
type later struct {
	second, account, closes, amount int
	kind                            string
}

const hourLong = dayLong / 24

func fullRegions(executives int) []region {
	all := []region{
		{"East", "America/New_York", 0, map[string]string{"2025-04-21": "Patriots' Day", "2026-04-20": "Patriots' Day"}},
		{"West", "America/Los_Angeles", 3 * hourLong, map[string]string{"2025-03-31": "Cesar Chavez Day", "2026-03-31": "Cesar Chavez Day"}},
		{"North", "Europe/London", -5 * hourLong, map[string]string{"2025-05-05": "Early May bank holiday", "2025-08-25": "Summer bank holiday", "2026-05-04": "Early May bank holiday"}},
		{"South", "America/Chicago", hourLong, map[string]string{"2025-06-19": "Juneteenth", "2026-06-19": "Juneteenth"}},
	}
	return all[:min(len(all), max(2, executives/8))]
}

func fullHolidays() map[string]string {
	return map[string]string{
		"2024-07-04": "Independence Day", "2024-11-28": "Thanksgiving", "2024-12-25": "Christmas",
		"2025-01-01": "New Year", "2025-07-04": "Independence Day", "2025-11-27": "Thanksgiving", "2025-12-25": "Christmas",
		"2026-01-01": "New Year", "2026-07-03": "Independence Day, observed", "2026-11-26": "Thanksgiving", "2026-12-25": "Christmas",
	}
}

// A Plot is which full story is told. Cheats are names of flag rules, or "all".
type Plot struct {
	Seed   uint64
	Size   int // deals that come up by Now, what follows from them not counted
	CRMs   int // over so many the company's deals are spread, the same size in each; 0: one
	Cheats []string
}

// AcmeInFull invents Acme with territories that differ three to one, skill that
// lasts, seasons, new people and leavers, leave, holidays, time zones, contracts that
// come up for renewal, and what no CRM knows. It gives a story for each CRM: the
// same people, other deals. With 3,600 deals there are 40 account executives.
func AcmeInFull(p Plot) []*Company {
	var sides []*generator
	for side := range max(1, p.CRMs) {
		g := newGenerator(p.Seed+1000*uint64(side), fullHolidays())
		executives := min(400, max(12, p.Size*max(1, p.CRMs)/90))
		g.market = &market{
			regions: fullRegions(executives), free: fullHolidays(),
			year:  [12]int{92, 105, 115, 95, 100, 108, 82, 74, 112, 105, 108, 78},
			dials: 45, dialler: g.dates.now - 30*workday,
		}
		g.staff(p.Seed, executives)
		g.openAccounts(p.Size)
		g.sellInFull(p.Size)
		if side == 0 {
			g.dial()
		}
		sides = append(sides, g)
	}
	setQuotas(sides)
	var stories []*Company
	for side, g := range sides {
		// What machines do, they do by a user of their own.
		g.employ(machine, "", "", len(g.company.Users), habits{care: 500})
		if side == 0 { // nobody stands for one thing here and for another there
			g.plant(p.Cheats)
		}
		g.keepBooks()
		stories = append(stories, g.company)
	}
	stories[0].Files = sides[0].keepFiles(sides)
	return stories
}

// staff hires the people. They follow from the plot's own seed: each CRM knows the same.
func (g *generator) staff(seed uint64, executives int) {
	was := g.seed
	g.seed = seed
	defer func() { g.seed = was }()
	m := g.market
	for i, name := range regions {
		g.employ("manager", "Sales "+name, name, i, habits{care: 900})
	}
	for i := range executives {
		g.turn(20, i)
		g.employ("ae", "Sales "+m.regions[i%len(m.regions)].name, m.regions[i%len(m.regions)].name, i, g.executiveInFull(i, executives))
	}
	rest := []struct {
		role, team string
		count      int
		habits     habits
	}{
		{"sdr", "Development", max(3, executives/4), habits{weight: 130, pace: 5 * workday, win: 900, care: 760, touches: 4}},
		{"csm", "Customer Success", max(3, executives/5), habits{pace: 4 * workday, win: 984, care: 880, touches: 4}},
		{"partner", "Channel", max(2, executives/6), habits{weight: 60, pace: 9 * workday, win: 850, care: 650, touches: 2}},
	}
	for kind, r := range rest {
		for i := range r.count {
			g.turn(21+kind, i)
			h := r.habits
			h.skill = 850 + g.between(0, 100) + g.between(0, 100) + g.between(0, 100)
			h.win = min(985, h.win+(h.skill-1000)/6)
			h.care = min(980, h.care+(h.skill-1000)/3+g.between(-120, 80))
			h.potential = potentials[(i*4)%len(potentials)]
			if r.role == "csm" {
				m.csms = append(m.csms, len(g.company.Users))
			}
			h.isLate = r.role == "sdr" && i%2 == 1
			g.employ(r.role, r.team, m.regions[i%len(m.regions)].name, i, h)
		}
	}
	for user := range g.company.Users {
		g.takeLeave(user)
	}
	g.owner = newDraw(g.people)
}

// potentials are what territories are worth, in permille: the largest three times
// the smallest. Half of it is how many deals there are, half how large they are.
var (
	potentials = [...]int{577, 662, 760, 872, 1000, 1147, 1316, 1510, 1732}
	rootOf     = map[int]int{577: 760, 662: 814, 760: 872, 872: 934, 1000: 1000, 1147: 1071, 1316: 1147, 1510: 1229, 1732: 1316}
)

// executiveInFull is an account executive: a territory by turns, skill by lot, and a
// few with a story of their own.
func (g *generator) executiveInFull(i, executives int) habits {
	h := habits{
		skill: 850 + g.between(0, 100) + g.between(0, 100) + g.between(0, 100),
		care:  g.between(480, 960), touches: g.between(4, 7), potential: potentials[(i*5)%len(potentials)],
	}
	switch i {
	case 0: // keeps everything in order
		h.skill, h.care, h.touches = 1130, 985, 7
	case 1: // forecasts low, wins early
		h.skill, h.care, h.sandbags = 1060, 700, true
	case 2: // left, the deals go to others
		h.leftAt = g.dates.now * 7 / 10
	case 3: // came in the second year
		h.hiredAt = g.dates.now * 6 / 10
	case 4: // came two quarters ago
		h.hiredAt = g.dates.now*3/4 + workday
	case 5: // lets everything lie
		h.skill, h.care, h.touches = 870, 250, 2
	case executives - 1:
		h.hiredAt = g.dates.now * 3 / 10
	}
	h.weight = rootOf[h.potential] / 10
	h.win = 840 + (h.skill-1000)*2/5
	h.pace = 8 * workday * 1000 / h.skill
	return h
}

// takeLeave gives somebody two or three stretches a year, and the holidays of the
// region. One in forty is away for a quarter.
func (g *generator) takeLeave(user int) {
	h := &g.people[user]
	g.turn(24, user)
	days := g.dates.horizon / workday
	for from := g.between(15, 110); from < days-15; from += g.between(80, 150) {
		length := g.between(3, 10)
		if user%40 == 13 && from > days/2 && from < days/2+150 {
			length = 55
		}
		h.leave = append(h.leave, span{from * workday, min(days, from+length) * workday})
	}
	h.away = slices.Clone(h.leave)
	for _, r := range g.market.regions {
		if r.name != g.company.Users[user].Region {
			continue
		}
		h.shift = r.shift
		for day := range days {
			if _, free := r.free[g.dates.dateOf(g.dates.date[day])]; free {
				h.away = append(h.away, span{day * workday, (day + 1) * workday})
			}
		}
	}
	if h.isLate {
		h.shift += 2 * hourLong
	}
	slices.SortFunc(h.away, func(a, b span) int { return a.from - b.from })
	// Those in the east of the company begin before it opens.
	g.company.Users[user].CreatedAt -= 6 * hourLong
}

// backAt is when somebody who may be away at a working second is back.
func (h *habits) backAt(second int) int {
	for _, s := range h.away {
		if s.from <= second && second < s.to {
			second = s.to + 600 + second*7919%(12*3600) // what waited is done one after the other
		}
	}
	return second
}

// rampUp is how much of a full share of new deals somebody gets, in permille.
func (h *habits) rampUp(second int) int {
	if h.hiredAt == 0 {
		return 1000
	}
	return min(1000, 250+(second-h.hiredAt)*750/(130*workday))
}

// sellInFull lets deals come up by season, and what follows from them at its time.
func (g *generator) sellInFull(size int) {
	late := size / 13
	s := &life{generator: g, burstAt: map[[2]int]int{}}
	starts := append(g.bySeason(workday, g.dates.now, size), g.bySeason(g.dates.now, g.dates.horizon-workday, late)...)
	for _, start := range starts {
		g.followUpTo(s, start)
		s.live(start)
	}
	g.followUpTo(s, g.dates.horizon-2*workday)
}

func (g *generator) followUpTo(s *life, second int) {
	for len(g.market.due) > 0 && g.market.due[0].second < second {
		next := g.market.due[0]
		g.market.due = g.market.due[1:]
		if next.second >= g.dates.horizon-workday {
			continue
		}
		s.given = &next
		s.live(next.second)
		s.given = nil
	}
}

// bySeason spreads so many beginnings over working seconds, more where the season is.
func (g *generator) bySeason(from, to, count int) []int {
	first, last := from/workday, to/workday
	total := 0
	for day := first; day < last; day++ {
		total += g.seasonOf(day)
	}
	starts := make([]int, 0, count)
	day, sum := first, 0
	for i := range count {
		wanted := total * i / count
		for day < last-1 && sum+g.seasonOf(day) <= wanted {
			sum += g.seasonOf(day)
			day++
		}
		starts = append(starts, day*workday+(wanted-sum)*(workday-600)/g.seasonOf(day)/64*64)
	}
	return starts
}

func (g *generator) seasonOf(day int) int {
	month := g.dates.opens[min(day, len(g.dates.opens)-1)].Time().In(g.zone).Month()
	return g.market.year[month-1]
}

// lead puts down what a won deal leads to: its renewal after a year, and in a third
// an expansion before. Two weeks after the close the customer goes to whoever will
// keep it.
func (s *life) lead() {
	g := s.generator
	if g.market == nil || s.goneAt != 0 {
		return
	}
	wonAt, wonOn := s.second, s.dates.on(s.second)
	if s.kind != "Expansion" {
		g.market.add(later{second: wonAt + (261-95)*workday, account: s.account, closes: wonOn + 365, kind: "Renewal", amount: s.amount * s.between(85, 112) / 100})
		if s.chance(350) {
			g.market.add(later{second: wonAt + s.between(40, 130)*workday, account: s.account, kind: "Expansion", amount: s.amount * s.between(10, 60) / 100})
		}
	}
	if s.roleOf(s.owner) == "csm" {
		return
	}
	s.sleep(s.between(8, 14) * workday)
	if s.second < s.dates.horizon {
		s.by = int32(s.managerOf(s.owner))
		s.put(Owner, s.userText[g.keeper(s.account, s.second)], ByHand)
	}
}

func (m *market) add(l later) {
	at, _ := slices.BinarySearchFunc(m.due, l.second, func(a later, second int) int { return a.second - second })
	m.due = slices.Insert(m.due, at, l)
}

// keeper is who keeps an account's customers at a working second.
func (g *generator) keeper(account, second int) int {
	for i := range g.market.csms {
		if user := g.market.csms[(account+i)%len(g.market.csms)]; g.works(user, g.people[user].backAt(second)) {
			return user
		}
	}
	return g.executive(second)
}

// worthOf is the index of what a deal in somebody's territory is worth: most are
// small, a few large, about 45,000 on average in the middle of the potentials.
func (s *life) worthOf(owner int) int {
	if s.given != nil {
		return max(40, min(plainAmounts-1, s.given.amount))
	}
	h := &s.people[owner]
	root := rootOf[h.potential]
	if root == 0 {
		root = 1000
	}
	base := 940 * waits[s.dice.IntN(len(waits))] / 100 * root / 1000
	if h.skill != 0 {
		base = base * (600 + h.skill*2/5) / 1000
	}
	return min(plainAmounts-1, 40+base+s.dice.IntN(60))
}

func newGenerator(seed uint64, free map[string]string) *generator {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err) // the zones are linked in
	}
	now := time.Date(2026, time.July, 1, 8, 0, 0, 0, time.UTC)
	begin := time.Date(2024, time.July, 1, 0, 0, 0, 0, zone)
	g := &generator{
		seed: seed, dates: newCalendar(zone, begin, now, free), zone: zone, end: At(now.AddDate(0, 0, 7*weeksPast)),
		company: &Company{
			Name: "Acme", Currency: "USD", TimeZone: "America/New_York",
			Begin: begin.UTC(), Now: now, Stages: acmeLadder(),
		},
	}
	g.source = rand.NewPCG(seed, 0)
	g.dice = rand.New(g.source)
	g.amountText = amountTexts()
	return g
}

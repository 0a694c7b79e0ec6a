package company

import (
	"sort"
	"strconv"
	"strings"
)

// Habits are what makes two reps with the same deals score differently.
type habits struct {
	weight    int // share of new deals
	pace      int // mean working seconds in a stage
	win       int // per mille that a deal goes on from a stage
	care      int // per mille that next step, contacts and close date are kept up
	touches   int // activities in a stage
	sandbags  bool
	bursts    bool // moves its stages together, on a quarter's last day
	duplicate bool // logs the same call several times
	hiredAt   int  // working second
	leftAt    int  // working second; 0: still there

	// In the full story only.
	skill     int     // permille, and lasting
	potential int     // of the territory, permille
	shift     Instant // of the office hours against the company's
	isLate    bool    // works the late shift
	leave     []span  // working seconds, whole days
	away      []span  // leave, and the region's holidays
}

// The first account executives are the characters of the story; the others lie in between.
var characters = [...]habits{
	{weight: 100, pace: 6 * workday, win: 880, care: 985, touches: 3},                         // keeps everything in order
	{weight: 100, pace: 9 * workday, win: 900, care: 700, touches: 2, sandbags: true},         // forecasts low, wins early
	{weight: 110, pace: 8 * workday, win: 830, care: 450, touches: 2, bursts: true},           // updates once a quarter
	{weight: 6, pace: 10 * workday, win: 850, care: 600, touches: 1},                          // hardly any deals
	{weight: 100, pace: 9 * workday, win: 800, care: 500, touches: 2, leftAt: 1},              // left, the deals go to others
	{weight: 0, pace: 9 * workday, win: 800, care: 500, touches: 0},                           // has none
	{weight: 100, pace: 8 * workday, win: 820, care: 300, touches: 4, duplicate: true},        // much activity, little quality
	{weight: 100, pace: 14 * workday, win: 790, care: 250, touches: 1},                        // lets everything lie
	{weight: 140, pace: 7 * workday, win: 860, care: 800, touches: 2, hiredAt: workday},       // the steady one
	{weight: 90, pace: 10 * workday, win: 830, care: 650, touches: 2, hiredAt: 190 * workday}, // came in the first year
}

var regions = [...]string{"East", "West", "North", "South"}

// hire makes the staff: four managers, then the reps of each role in turn.
func (g *generator) hire(size int) {
	g.turn(1, 0)
	for i, region := range regions {
		g.employ("manager", "Sales "+region, region, i, habits{})
	}
	executives := min(400, len(characters)+size/150)
	for i := range executives {
		h := habits{weight: 100, pace: g.between(6, 13) * workday, win: g.between(780, 890), care: g.between(350, 950), touches: g.between(1, 3)}
		if i < len(characters) {
			h = characters[i]
		}
		if h.leftAt != 0 {
			h.leftAt = g.dates.now * 7 / 10
		}
		g.employ("ae", "Sales "+regions[i%len(regions)], regions[i%len(regions)], i, h)
	}
	for i := range max(3, executives/3) {
		g.employ("sdr", "Development", regions[i%len(regions)], i, habits{weight: 40, pace: 5 * workday, win: 850, care: 700, touches: 4})
	}
	for i := range max(3, executives/4) {
		g.employ("csm", "Customer Success", regions[i%len(regions)], i, habits{weight: 60, pace: 7 * workday, win: 930, care: 850, touches: 2})
	}
	for i := range max(2, executives/6) {
		g.employ("partner", "Channel", regions[i%len(regions)], i, habits{weight: 50, pace: 11 * workday, win: 840, care: 550, touches: 1})
	}
	g.owner = newDraw(g.people)
}

func (g *generator) employ(role, team, region string, number int, h habits) {
	index := len(g.company.Users)
	first := firstNames[(index*11+number)%len(firstNames)]
	last := lastNames[(index*5+index/len(lastNames))%len(lastNames)]
	user := User{
		Name:      first + " " + last,
		Email:     mailbox(first+"."+last) + strconv.Itoa(index) + "@acme.example",
		Role:      role,
		Team:      team,
		Region:    region,
		CreatedAt: g.dates.at(h.hiredAt) + Instant(index)*1000,
	}
	if h.leftAt != 0 {
		user.LeftAt = g.dates.at(h.leftAt)
	}
	g.company.Users = append(g.company.Users, user)
	g.people = append(g.people, h)
	g.userText = append(g.userText, strconv.Itoa(index))
}

// mailbox keeps what is plain in a name or id.
func mailbox(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// works tells whether somebody is on the staff at a working second.
func (g *generator) works(user, second int) bool {
	h := g.people[user]
	for _, s := range h.away {
		if s.from <= second && second < s.to {
			return false
		}
	}
	return h.hiredAt <= second && (h.leftAt == 0 || second < h.leftAt)
}

// roleOf gives a user's role.
func (g *generator) roleOf(user int) string { return g.company.Users[user].Role }

// managerOf gives the manager of a user's region.
func (g *generator) managerOf(user int) int {
	for i, region := range regions {
		if g.company.Users[user].Region == region {
			return i
		}
	}
	return 0
}

// A draw picks an index by weight.
type draw struct{ sums []int }

func newDraw(people []habits) draw {
	d := draw{sums: make([]int, len(people))}
	total := 0
	for i, h := range people {
		total += h.weight
		d.sums[i] = total
	}
	return d
}

// anybody draws who of the staff at a working second gets a new deal.
func (g *generator) anybody(second int) int {
	sums := g.owner.sums
	for {
		ticket := g.dice.IntN(sums[len(sums)-1])
		user := sort.SearchInts(sums, ticket+1)
		if g.works(user, second) && (g.market == nil || g.chance(g.people[user].rampUp(second))) {
			return user
		}
	}
}

// executive draws an account executive who is there and has deals.
func (g *generator) executive(second int) int {
	for {
		if user := g.anybody(second); g.roleOf(user) == "ae" {
			return user
		}
	}
}

package hsserver

import (
	"strconv"
	"strings"
	"time"

	"merit/connectors/sandbox/company"
)

// PortalID is the sandbox's account number at HubSpot.
const PortalID = 12345678

// A portal is the story as one HubSpot account keeps it: ids given out, stages
// and people under HubSpot's names. It never changes once made.
type portal struct {
	story *company.Company
	isOwn bool // the story's deals are ours to change
	ties  *ties
	books books
	zone  *time.Location

	deals, companies, contacts, activities, owners *numbering

	stages    []stage
	stageByID map[string]int // also of stages that only changes name
	stageID   map[string]string
	dealTypes []option
	roles     []string // of contacts in deals, as association labels
	roleID    map[string]uint16
	teams     map[string]int // their ids
}

// A stage is a step of the one pipeline.
type stage struct {
	id, label   string
	exact       string // probability of deals: a binary fraction, written out
	closed, won bool
}

func newPortal(story *company.Company) *portal {
	zone, err := time.LoadLocation(story.TimeZone)
	if err != nil || story.TimeZone == "" {
		zone = time.UTC
	}
	p := &portal{story: story, zone: zone}
	p.deals = numberAll(len(story.Deals), func(i int) string { return story.Deals[i].ID }, dealsFrom, dealsStep)
	p.companies = numberAll(len(story.Accounts), func(i int) string { return story.Accounts[i].ID }, companiesFrom, companiesStep)
	p.contacts = numberAll(len(story.Contacts), func(i int) string { return story.Contacts[i].ID }, contactsFrom, contactsStep)
	p.activities = numberAll(len(story.Activities), func(i int) string { return story.Activities[i].ID }, activitiesFrom, activitiesStep)
	p.owners = numberAll(len(story.Users), func(i int) string { return story.Users[i].ID }, ownersFrom, ownersStep)
	p.nameStages()
	p.nameTypesAndRoles()
	return p
}

// customStagesFrom numbers the stages that somebody added to the pipeline.
const customStagesFrom = 998_877_600

// StageID is the id of the story's stage at index i. As in a portal with a past,
// the first open stages and the closed ones keep the ids HubSpot ships with,
// whatever they are called today, and the others have a number.
func StageID(story *company.Company, i int) string {
	shipped := []string{"appointmentscheduled", "qualifiedtobuy", "presentationscheduled"}
	rank := 0 // among the stages of its sort
	for _, s := range story.Stages[:i] {
		if s.IsClosed == story.Stages[i].IsClosed && s.IsWon == story.Stages[i].IsWon {
			rank++
		}
	}
	switch s := story.Stages[i]; {
	case s.IsWon && rank == 0:
		return "closedwon"
	case s.IsClosed && !s.IsWon && rank == 0:
		return "closedlost"
	case !s.IsClosed && !s.IsWon && rank < len(shipped):
		return shipped[rank]
	}
	return strconv.Itoa(customStagesFrom + i*13)
}

func (p *portal) nameStages() {
	p.stageByID, p.stageID = map[string]int{}, map[string]string{}
	for i, s := range p.story.Stages {
		share := float64(s.Probability) / 100
		const digits = 60 // more than a double's fraction needs
		exact := strings.TrimRight(strconv.FormatFloat(share, 'f', digits, 64), "0")
		id := StageID(p.story, i)
		p.stages = append(p.stages, stage{
			id: id, label: s.Name, exact: strings.TrimSuffix(exact, "."),
			closed: s.IsClosed || s.IsWon, won: s.IsWon,
		})
		p.stageID[s.Name], p.stageByID[id] = id, i
	}
}

// probabilityText is a stage's probability in the pipeline's settings: "0.2", "1.0".
func probabilityText(percent int) string {
	text := strconv.FormatFloat(float64(percent)/100, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// teamsFrom numbers the teams in the order in which the story names them.
const teamsFrom = 3_100_000

func (p *portal) nameTypesAndRoles() {
	p.teams = map[string]int{}
	for _, u := range p.story.Users {
		if _, ok := p.teams[u.Team]; !ok {
			p.teams[u.Team] = teamsFrom + 17*len(p.teams)
		}
	}
	p.roleID = map[string]uint16{"": 0}
	p.roles = []string{""}
	seen := map[string]bool{"": true}
	for i := range p.story.Deals {
		deal := &p.story.Deals[i]
		if !seen[deal.Type] {
			seen[deal.Type] = true
			p.dealTypes = append(p.dealTypes, option{value: slug(deal.Type), label: deal.Type})
		}
		for _, role := range deal.Contacts {
			if _, ok := p.roleID[role.Name]; !ok {
				p.roleID[role.Name] = uint16(len(p.roles))
				p.roles = append(p.roles, role.Name)
			}
		}
	}
}

// slug is how HubSpot writes an option that people read as label: "New
// Business" is newbusiness.
func slug(label string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return r
	}, label))
}

// shout is how HubSpot writes the industries it ships with: COMPUTER_SOFTWARE.
func shout(label string) string {
	return strings.ToUpper(strings.ReplaceAll(label, " ", "_"))
}

// dealStage gives the stage id for a stage's name in the story, which may be one
// that the pipeline has no more.
func (p *portal) dealStage(name string) string {
	if id, ok := p.stageID[name]; ok {
		return id
	}
	return slug(name)
}

// ownerID gives the owner for a change's value, which is an index into users.
func (p *portal) ownerID(value string) (int64, bool) {
	i, err := strconv.Atoi(value)
	if err != nil || i < 0 || i >= len(p.owners.ids) {
		return 0, false
	}
	return p.owners.ids[i], true
}

// offset is how far the portal's zone is ahead of UTC, in milliseconds.
func (p *portal) offset(ms int64) int64 {
	_, seconds := time.UnixMilli(ms).In(p.zone).Zone()
	return int64(seconds) * msASecond
}

// clickTime gives the instant that HubSpot keeps for a date somebody picked: the
// picked day at the portal's time of day of the click. Read in UTC it may be the
// day before or after.
func (p *portal) clickTime(day string, clicked company.Instant) (company.Instant, bool) {
	days, ok := dayNumber(day)
	if !ok {
		return 0, false
	}
	_, timeOfDay := split(int64(clicked) + p.offset(int64(clicked)))
	local := days*msADay + timeOfDay
	at := local - p.offset(local-p.offset(local))
	if back, _ := split(at + p.offset(at)); back != days { // the clock jumped over that time
		at = days*msADay + msADay/2 - p.offset(days*msADay+msADay/2)
	}
	return company.Instant(at), true
}

// dayNumber reads YYYY-MM-DD as days since 1970.
func dayNumber(day string) (int64, bool) {
	if len(day) < 10 || day[4] != '-' || day[7] != '-' {
		return 0, false
	}
	var n [3]int64
	for i, part := range [...]string{day[:4], day[5:7], day[8:10]} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return 0, false
			}
			n[i] = n[i]*10 + int64(c-'0')
		}
	}
	year, month := n[0], n[1]
	if month < 3 {
		month, year = month+12, year-1
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + n[2] - 1 - 719468, true
}

package company

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A Person is what the roster says of a user beside the CRM.
type Person struct {
	Territory, Shift, TimeZone string
	Manager                    int      // index of the user; None: nobody
	Leave                      []string // 2026-02-02..2026-02-13
	Potential                  int      // of the territory, permille of a middling one
}

// A gathering is a table of a file, row by row.
type gathering struct {
	generator *generator
	rows      map[string][][]string
}

// keepFiles tells what no CRM knows: the calendars, coaching, learning, what people
// gave beside the CRM, surveys, the personnel office and the holidays. Meetings of
// all CRMs are in one calendar.
func (g *generator) keepFiles(sides []*generator) map[string][][]string {
	o := &gathering{generator: g, rows: map[string][][]string{
		"holidays":         {{"region", "day_on", "name"}},
		"employees":        {{"employee_id", "email", "name", "role", "team", "region", "manager_id", "hired_on", "left_on", "valid_from", "valid_to"}},
		"calendar_events":  {{"event_id", "user_key", "subject", "starts_at", "ends_at", "created_at", "has_customer", "is_cancelled"}},
		"coaching":         {{"session_id", "user_key", "coach_key", "topic", "metric", "planned_at", "held_at", "duration_seconds"}},
		"coaching_actions": {{"action_id", "session_id", "user_key", "action", "agreed_at", "due_on", "done_at"}},
		"learning":         {{"learning_id", "user_key", "module", "topic", "assigned_at", "due_on", "completed_at", "score", "is_required"}},
		"contributions":    {{"contribution_id", "kind", "user_key", "occurred_at", "title", "quantity"}},
		"kudos":            {{"kudos_id", "user_key", "from_key", "kind", "text", "points", "given_at"}},
		"surveys":          {{"answer_id", "survey", "question", "user_key", "is_by_customer", "answered_at", "score", "scale_max"}},
	}}
	g.company.Roster = g.roster()
	o.holidays()
	for side, s := range sides {
		o.calendar(side, s.company)
	}
	for user := range g.company.Users {
		if g.roleOf(user) == machine {
			continue
		}
		o.employee(user)
		if g.roleOf(user) == "manager" {
			continue
		}
		g.turn(30, user)
		for _, q := range g.quarters() {
			if u := &g.company.Users[user]; u.isThereIn(q) && q.starts < At(g.company.Now) {
				o.coach(user, q)
				o.learn(user, q)
				o.contribute(user, q)
				o.survey(user, q)
				o.thank(user, q)
			}
		}
	}
	return o.rows
}

func (g *generator) roster() map[int]Person {
	people := map[int]Person{}
	for user := range g.company.Users {
		h, u := &g.people[user], &g.company.Users[user]
		p := Person{Territory: fmt.Sprintf("%s %d", u.Region, user), Shift: "early", Manager: None, Potential: h.potential, TimeZone: g.company.TimeZone}
		for _, r := range g.market.regions {
			if r.name == u.Region {
				p.TimeZone = r.zone
			}
		}
		if h.isLate {
			p.Shift = "late"
		}
		if u.Role != "manager" {
			p.Manager = g.managerOf(user)
		}
		for _, s := range h.leave {
			from, to := g.dates.dateOf(g.dates.on(s.from)), g.dates.dateOf(g.dates.on(s.to-1))
			if s.from >= h.hiredAt && (h.leftAt == 0 || s.to < h.leftAt) {
				p.Leave = append(p.Leave, from+".."+to)
			}
		}
		people[user] = p
	}
	return people
}

func (o *gathering) add(table string, cells ...string) { o.rows[table] = append(o.rows[table], cells) }

// next is an id of the table's next row.
func (o *gathering) next(table, letter string) string {
	return letter + strconv.Itoa(len(o.rows[table]))
}

func (o *gathering) mail(user int) string { return o.generator.company.Users[user].Email }

// told is an instant that has come; "" for one that lies ahead.
func (o *gathering) told(at Instant) string {
	if at == 0 || at > At(o.generator.company.Now) {
		return ""
	}
	return at.Time().Format(time.RFC3339)
}

func (o *gathering) holidays() {
	add := func(region string, days map[string]string) {
		for day, name := range days {
			o.add("holidays", region, day, name)
		}
	}
	add("all", o.generator.market.free)
	for _, r := range o.generator.market.regions {
		add(r.name, r.free)
	}
	slices.SortFunc(o.rows["holidays"][1:], slices.Compare)
}

func (o *gathering) employee(user int) {
	g, u := o.generator, &o.generator.company.Users[user]
	left := ""
	if u.LeftAt != 0 {
		left = u.LeftAt.Time().Format(time.DateOnly)
	}
	manager := ""
	if u.Role != "manager" {
		manager = u.Key(g.managerOf(user), g.company)
	}
	hired := u.CreatedAt
	if g.people[user].hiredAt == 0 {
		hired -= Instant(200+user*53%900) * dayLong // those who were there when the CRM came
	}
	o.add("employees", u.Key(user, g.company), u.Email, u.Name, u.Role, u.Team, u.Region, manager,
		hired.Time().Format(time.DateOnly), left, hired.Time().Format(time.DateOnly), left)
}

// Key is the company's own id of a user.
func (*User) Key(user int, c *Company) string {
	mail := c.Users[user].Email
	for i := range mail {
		if mail[i] == '@' {
			return mail[:i]
		}
	}
	return mail
}

// calendar holds the meetings that were logged, and one in eleven that nobody logged.
func (o *gathering) calendar(side int, c *Company) {
	g := o.generator
	for i := range c.Activities {
		a := &c.Activities[i]
		if a.Kind != Meeting || a.CreatedAt > At(c.Now) {
			continue
		}
		g.turn(31+side, i)
		add := func(starts Instant, subject string, isCancelled bool) {
			o.add("calendar_events", o.next("calendar_events", "event-"), o.mail(a.Owner), subject, starts.Time().Format(time.RFC3339),
				(starts + Instant(a.Seconds)*1000).Time().Format(time.RFC3339), a.CreatedAt.Time().Format(time.RFC3339), "true", strconv.FormatBool(isCancelled))
		}
		add(a.OccurredAt, a.Subject, a.CompletedAt == 0 && a.OccurredAt < At(c.Now))
		if unlogged := a.OccurredAt + 2*hourLong + Instant(a.Seconds)*1000; g.chance(90+(1000-g.people[a.Owner].care)/4) && unlogged < At(c.Now) {
			add(unlogged, "Catch-up with the customer", false)
		}
		if g.chance(200) {
			o.add("calendar_events", o.next("calendar_events", "event-"), o.mail(a.Owner), "Team meeting", (a.OccurredAt - 3*hourLong).Time().Format(time.RFC3339),
				(a.OccurredAt - 2*hourLong).Time().Format(time.RFC3339), a.CreatedAt.Time().Format(time.RFC3339), "false", "false")
		}
	}
}

// topics of coaching, each with the metric that it is to better.
var topics = [...][3]string{
	{"discovery", "stage_advances", "Ask every new deal for its deciding date"},
	{"follow-up", "qualified_touch_rate", "Write the next step before hanging up"},
	{"forecasting", "forecast_error", "Move what won't close out of commit"},
	{"renewals", "renewal_rate_influenced", "Call each customer 90 days before the term ends"},
	{"hygiene", "hygiene_score", "Clear past close dates every Friday"},
}

// days gives an instant so many days into a quarter, at a quarter hour of office hours.
func (g *generator) dayIn(user int, q quarter, day int) Instant {
	at := q.starts + Instant(day)*dayLong
	for at.Time().Weekday() == time.Saturday || at.Time().Weekday() == time.Sunday {
		at += dayLong
	}
	return at + 9*hourLong + Instant(g.dice.IntN(28))*15*60_000 + g.people[user].shift
}

// coach plans a session every other week; four in five take place, and in most
// something is agreed.
func (o *gathering) coach(user int, q quarter) {
	g := o.generator
	for day := g.between(2, 8); day < 88; day += 14 {
		planned, topic := g.dayIn(user, q, day), topics[g.dice.IntN(len(topics))]
		isHeld, agrees, isDone := g.chance(820), g.chance(700), g.chance(560+g.people[user].care/4)
		if planned > g.end || !g.isOn(user, planned) {
			continue
		}
		held := ""
		if isHeld {
			held = o.told(planned + 5*60_000)
		}
		id := o.next("coaching", "session-")
		o.add("coaching", id, o.mail(user), o.mail(g.managerOf(user)), topic[0], topic[1], planned.Time().Format(time.RFC3339), held, "1800")
		if held == "" || !agrees {
			continue
		}
		done := ""
		if isDone {
			done = o.told(planned + Instant(g.between(1, 7))*dayLong)
		}
		o.add("coaching_actions", o.next("coaching_actions", "action-"), id, o.mail(user), topic[2], held, (planned + 7*dayLong).Time().Format(time.DateOnly), done)
	}
}

// isOn tells whether somebody is on the staff at an instant.
func (g *generator) isOn(user int, at Instant) bool {
	u := &g.company.Users[user]
	return at >= u.CreatedAt && (u.LeftAt == 0 || at < u.LeftAt)
}

// learn gives two modules a quarter that have to be learned, and to some one of their
// own accord.
func (o *gathering) learn(user int, q quarter) {
	g := o.generator
	for i := range 3 {
		assigned := g.dayIn(user, q, 4+i*21)
		isRequired, isDone, score := i < 2, g.chance(700+g.people[user].care/5), g.between(62, 99)
		takes := Instant(g.between(2, 24)) * dayLong
		if !isRequired && !g.chance(300) || assigned > At(g.company.Now) || !g.isOn(user, assigned) {
			continue
		}
		completed, points := "", ""
		if isDone {
			if completed = o.told(assigned + takes); completed != "" {
				points = "0." + strconv.Itoa(score)
			}
		}
		topic := topics[(user+i+q.starts.Time().Day())%len(topics)][0]
		o.add("learning", o.next("learning", "lesson-"), o.mail(user), "LMS-"+strconv.Itoa(200+i)+" "+topic, topic, assigned.Time().Format(time.RFC3339),
			(assigned + 21*dayLong).Time().Format(time.DateOnly), completed, points, strconv.FormatBool(isRequired))
	}
}

// contribute is what somebody gives beside the CRM.
func (o *gathering) contribute(user int, q quarter) {
	g := o.generator
	kinds := [...]struct {
		kind, title string
		most        int
	}{
		{"social_post", "What a customer taught us", g.people[user].care / 120},
		{"content_lead", "Buyer's checklist", 2},
		{"presentation", "Lunch and learn with marketing", 1},
	}
	for _, k := range kinds {
		for range g.dice.IntN(k.most + 1) {
			at := g.dayIn(user, q, g.between(1, 86))
			if o.told(at) != "" && g.isOn(user, at) {
				o.add("contributions", o.next("contributions", "given-"), k.kind, o.mail(user), o.told(at), k.title, "1")
			}
		}
	}
}

// survey asks customers about the people they deal with, and each quarter the people
// about the programme.
func (o *gathering) survey(user int, q quarter) {
	g := o.generator
	for range g.between(1, 3) {
		at := g.dayIn(user, q, g.between(5, 85))
		score := min(10, g.between(5, 9)+g.people[user].care/500)
		if o.told(at) != "" && g.isOn(user, at) {
			o.add("surveys", o.next("surveys", "answer-"), "customers", "How satisfied are you with the people you deal with?", o.mail(user), "true", o.told(at), strconv.Itoa(score), "10")
		}
	}
	at := g.dayIn(user, q, 80)
	if o.told(at) != "" && g.isOn(user, at) && g.chance(850) {
		o.add("surveys", o.next("surveys", "answer-"), "programme", "I know what to do differently this week", o.mail(user), "false", o.told(at), strconv.Itoa(g.between(2, 5)), "5")
	}
}

// thank is what colleagues thank somebody for, and now and then an award by the
// manager.
func (o *gathering) thank(user int, q quarter) {
	g := o.generator
	reasons := [...]string{"Helped me with a security questionnaire", "Joined my demo at short notice", "Wrote down what the customer said", "Found the right person to call"}
	for range g.dice.IntN(2 + g.people[user].care/300) {
		at, from, why := g.dayIn(user, q, g.between(3, 86)), g.dice.IntN(len(g.company.Users)), pick(g, reasons[:])
		if from != user && g.roleOf(from) != machine && g.isOn(from, at) && g.isOn(user, at) && o.told(at) != "" {
			o.add("kudos", o.next("kudos", "thanks-"), o.mail(user), o.mail(from), "kudos", why, "", o.told(at))
		}
	}
	if at := g.dayIn(user, q, 70); g.chance(120) && g.isOn(user, at) && o.told(at) != "" {
		o.add("kudos", o.next("kudos", "thanks-"), o.mail(user), o.mail(g.managerOf(user)), "spot", "Kept a customer that was about to leave", "50", o.told(at))
	}
}

package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"merit/pipelines/report/chart"
)

// A recognitionView is what a person sees beside the score of the running quarter.
type recognitionView struct {
	Missions []missionView
	Goals    []goalView
	GoalsOn  string // the week, in a sentence
	Streaks  []streakView
	Boards   []boardView
	Topics   []topicView
	Warnings []warningView
	Thanks   []string
	Badges   []badgeView
	Points   string
	Contests []contestView
}

type missionView struct{ Do, Gain, Why, Link, State string }

type goalView struct {
	Name, Value, Goal, Percent, Expected, Why string
	Bar                                       template.HTML
}

type streakView struct{ Name, Days, Best string }

type boardView struct {
	Name, Said string
	Lines      []boardLine
}

type boardLine struct {
	Rank, Name, Percent string
	IsHere              bool
}

type topicView struct{ Topic, Why, Module, Play string }

type warningView struct{ Deal, Link, Why string }

type badgeView struct{ Name, When, Why string }

type contestView struct{ Name, Who, Said string }

// recent is how far back the pages tell of what went well.
const recent = 14 * 24 * time.Hour

func (p *press) recognition(one person) recognitionView {
	r := &p.facts.recognised
	view := recognitionView{}
	for _, m := range r.missions[one.id] {
		view.Missions = append(view.Missions, p.missionView(m))
	}
	for _, g := range r.week[one.id] {
		view.Goals = append(view.Goals, p.goalView(g))
		view.GoalsOn = fmt.Sprintf("%s of %s working days of the week from %s are over.", p.Words.Digits(fmt.Sprint(g.daysOver)), p.Words.Digits(fmt.Sprint(g.workingDays)), p.Words.ShortDay(g.starts))
	}
	for _, s := range r.streaks[one.id] {
		view.Streaks = append(view.Streaks, streakView{s.name, p.Words.count(int(s.days), "working day", "working days") + " in a row", p.Words.Digits(fmt.Sprint(s.best))})
	}
	view.Boards = p.boardViews(r.neighbours[one.id])
	for _, t := range r.topics[one.id] {
		view.Topics = append(view.Topics, topicView{Sentence(t.topic), Sentence(t.why), t.module, safeLink(t.play)})
	}
	view.Warnings = warningViews(r.warnings[one.id])
	p.addAwards(&view, r.awards[one.id])
	view.Thanks = p.said(func(f feedItem) bool { return f.who == one.id && (f.kind == "kudos" || f.kind == "spot") })
	for _, c := range r.challenges {
		if c.state != "coming" && (c.entrant == one.id || c.isTeam && len(one.cards) > 0 && c.entrant == one.cards[len(one.cards)-1].team) {
			view.Contests = append(view.Contests, p.contestView(c))
		}
	}
	return view
}

// Any tells whether there is something to show.
func (v recognitionView) Any() bool {
	return len(v.Missions)+len(v.Goals)+len(v.Streaks)+len(v.Boards)+len(v.Topics)+len(v.Badges)+len(v.Thanks)+len(v.Contests) > 0
}

var actionNames = map[string]string{"mend_deal": "Put in order", "move_deal": "Bring forward", "clear_follow_up": "Catch up on"}

func (p *press) missionView(m mission) missionView {
	view := missionView{Do: m.name, Why: Sentence(m.why), Link: safeLink(m.url)}
	if m.kind == "record" {
		view.Do = actionNames[m.name] + " " + m.record
		if m.gain.Known && m.gain.Of >= .005 {
			view.Gain = "+" + p.Words.Number(m.gain.Of, 2) + " points"
		}
	} else if m.target.Known {
		view.Do = fmt.Sprintf("%s: %s", m.name, p.Words.Plain(m.target.Of))
	}
	if m.isDone {
		view.State = "done"
	}
	return view
}

func (p *press) goalView(g weekGoal) goalView {
	w := p.Words
	view := goalView{Name: Label(g.metric), Value: w.Value(g.unit, g.value), Goal: w.Value(g.unit, g.goal), Why: Sentence(g.why)}
	if g.expected.Known && g.value.Known {
		view.Expected = w.Value(g.unit, g.expected)
	}
	if g.percent.Known {
		view.Percent = w.Number(g.percent.Of, 0) + thin + "%"
		view.Bar = chart.Share(min(g.percent.Of, 200)/200, 0, .5, fmt.Sprintf("%s of the goal", view.Percent))
	}
	return view
}

// boardViews are the newest closed board of each name; neighbours come board by board.
func (p *press) boardViews(all []neighbour) []boardView {
	var views []boardView
	for _, n := range all {
		if len(views) == 0 || views[len(views)-1].Name != n.board {
			views = append(views, boardView{Name: n.board, Said: fmt.Sprintf("%s in the week from %s, by percent of the own goal; %s of %s are ranked and you see your neighbours.",
				Label(n.metric), p.Words.ShortDay(n.starts), p.Words.count(int(n.people), "person", "people"), n.cohort)})
		}
		v := &views[len(views)-1]
		v.Lines = append(v.Lines, boardLine{p.Words.Digits(fmt.Sprint(n.rank)), n.name, p.Words.Number(n.percent, 0) + thin + "%", n.isViewer})
	}
	return views
}

// warningViews has a line for each deal, with all that is to be said of it.
func warningViews(all []dealWarning) []warningView {
	var views []warningView
	last := ""
	for _, w := range all {
		if key := w.source + " " + w.deal; key != last {
			last = key
			views = append(views, warningView{Deal: w.name, Link: safeLink(w.url), Why: Sentence(w.why)})
			continue
		}
		views[len(views)-1].Why += "; " + w.why
	}
	slices.SortStableFunc(views, func(a, b warningView) int { return strings.Count(b.Why, ";") - strings.Count(a.Why, ";") })
	return views[:min(len(views), mostTodos)]
}

func (p *press) addAwards(view *recognitionView, all []award) {
	var points int64
	for _, a := range all {
		points += a.points
		switch {
		case a.isWithdrawn && a.kind == "badge" && p.facts.asOf.Sub(a.earnedAt) < 8*recent:
			view.Badges = append(view.Badges, badgeView{a.name + ", withdrawn", p.Words.ShortDay(dayOf(a.earnedAt, p.Words.Zone)), Sentence(a.reason)})
		case !a.isWithdrawn && a.kind == "badge" && p.facts.asOf.Sub(a.earnedAt) < recent:
			view.Badges = append(view.Badges, badgeView{a.name, p.Words.ShortDay(dayOf(a.earnedAt, p.Words.Zone)), Sentence(a.why)})
		}
	}
	if points > 0 {
		view.Points = p.Words.Digits(fmt.Sprint(points))
	}
}

func (p *press) contestView(c contest) contestView {
	w := p.Words
	said := fmt.Sprintf("%s %s", w.Plain(c.value.Of), Label(c.metric))
	if c.goal.Known && c.percent.Known {
		said = fmt.Sprintf("%s: %s of %s, %s%s%%", Label(c.metric), w.Plain(c.value.Of), w.Plain(c.goal.Of), w.Number(c.percent.Of, 0), thin)
	}
	if c.rank.Known {
		said += fmt.Sprintf(", place %s", w.Plain(c.rank.Of))
	}
	if c.isJudged {
		said += map[bool]string{true: "; four weeks later more is done than before", false: "; four weeks later no more is done than before"}[c.hasLasted]
	}
	return contestView{c.name, c.entrantName, said + ". " + Sentence(c.state) + ", " + w.ShortDay(c.starts) + " to " + w.ShortDay(c.ends) + "."}
}

// said are the sentences of the last days that somebody may read.
func (p *press) said(mayRead func(feedItem) bool) []string {
	var all []string
	for _, f := range p.facts.recognised.feed {
		if p.facts.asOf.Sub(f.at) < recent && mayRead(f) && len(all) < mostSaid {
			all = append(all, p.Words.ShortDay(dayOf(f.at, p.Words.Zone))+": "+f.text)
		}
	}
	return all
}

const mostSaid = 12

// A teamRecognition is what a manager sees of it: people in the order of their names.
type teamRecognition struct {
	People   []memberRecognition
	Said     []string
	Contests []contestView
}

type memberRecognition struct{ Name, Missions, Warnings, Topics, Coaching string }

func (p *press) teamRecognition(team string, members []*card) teamRecognition {
	r := &p.facts.recognised
	var view teamRecognition
	seen := map[string]bool{}
	for _, c := range members {
		if seen[c.rep] {
			continue
		}
		seen[c.rep] = true
		m := memberRecognition{Name: c.name, Warnings: p.Words.Digits(fmt.Sprint(len(warningDeals(r.warnings[c.rep]))))}
		done := 0
		for _, mission := range r.missions[c.rep] {
			if mission.isDone {
				done++
			}
		}
		m.Missions = fmt.Sprintf("%d of %d", done, len(r.missions[c.rep]))
		var topics []string
		for _, t := range r.topics[c.rep] {
			topics = append(topics, t.topic)
		}
		m.Topics = strings.Join(topics, ", ")
		if cover, known := r.coverage[personPeriod{c.rep, c.period}]; known {
			m.Coaching = p.coverageSaid(cover)
		}
		view.People = append(view.People, m)
	}
	view.Said = p.said(func(f feedItem) bool {
		return f.audience == "team:"+team || f.audience == "everybody" && seen[f.who] || f.who == team
	})
	for _, c := range r.challenges {
		if c.isTeam && c.state != "coming" && c.entrant == team {
			view.Contests = append(view.Contests, p.contestView(c))
		}
	}
	return view
}

func warningDeals(all []dealWarning) []string {
	var deals []string
	for _, w := range all {
		deals = append(deals, w.source+" "+w.deal)
	}
	return slices.Compact(deals)
}

func (p *press) coverageSaid(c coverage) string {
	if c.sessions == 0 {
		return "no session"
	}
	said := fmt.Sprintf("%s, last on %s", p.Words.count(int(c.sessions), "session", "sessions"), p.Words.ShortDay(c.lastOn))
	if c.agreed > 0 {
		said += fmt.Sprintf("; %d of %d actions done", c.done, c.agreed)
	}
	if c.overdue > 0 {
		said += fmt.Sprintf(", %d overdue", c.overdue)
	}
	return said
}

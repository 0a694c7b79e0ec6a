package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"merit/pipelines/report/chart"
)

// A worksPage is for whoever leads the programme: is it used, and does it do anything. It
// names nobody; what is to be done about somebody stands on a manager's page.
type worksPage struct {
	frame
	Lead     template.HTML
	Teams    []adoptionLine
	Untold   string
	Quiet    string
	Roles    []string
	Coaching []effectLine
	Pilots   []pilotView
	Signs    []diagnosisSign
	Toward   string // what most of the signs point to
	Validity []validRole
}

// A validRole is what goes with outcomes in a role.
type validRole struct {
	Title string
	Lines []fairLine
	Rest  string
}

type adoptionLine struct {
	Team, Share, People, Text string
	Course, Bar               template.HTML
}

type effectLine struct {
	Name, Metric, People, Change, Verdict, Why string
	Bar                                        template.HTML
}

type pilotView struct {
	Name, When string
	Metrics    []effectLine
}

func (p *press) programmeFrame(title, here string) frame {
	f := p.frame(title)
	f.NavName = "Programme"
	for _, one := range []navLink{{"Does it work", "index.html", false}, {"Is it fair", "fairness.html", false}, {"Objectives", "objectives.html", false}} {
		one.IsHere = one.Href == here
		f.Nav = append(f.Nav, one)
	}
	return f
}

func (p *press) programme() error {
	if err := p.out.put("programme/merit.css", Sheet()); err != nil {
		return err
	}
	if err := p.page("programme/index.html", "works", p.worksPage()); err != nil {
		return err
	}
	about := p.facts.lastOver()
	if err := p.page("programme/fairness.html", "fairness", p.fairnessPage(about)); err != nil {
		return err
	}
	return p.page("programme/objectives.html", "objectives", p.objectivesPage(about))
}

func (p *press) worksPage() worksPage {
	page := worksPage{frame: p.programmeFrame("Does it work?", "index.html")}
	var untold []string
	users, people := 0.0, int64(0)
	for _, weeks := range p.facts.led.byTeam() {
		last := weeks[len(weeks)-1]
		if !last.isTold || !last.share.Known {
			untold = append(untold, last.team)
			continue
		}
		users, people = users+last.share.Of*float64(last.people), people+last.people
		page.Teams = append(page.Teams, p.adoptionLine(weeks))
	}
	if len(untold) > 0 {
		page.Untold = "Of " + list(untold) + " nothing is told: fewer than five people."
	}
	p.quiet(&page)
	for _, c := range p.facts.led.coaching {
		line := p.effectLine(c.topic, c.metric, c.change, c.low, c.high)
		line.People, line.Verdict, line.Why = p.Words.count(int(c.people), "person", "people"), c.verdict, c.why
		page.Coaching = append(page.Coaching, line)
	}
	p.pilotViews(&page)
	p.diagnosis(&page)
	p.validity(&page)
	page.Lead = p.worksLead(&page, users, people)
	return page
}

func (p *press) worksLead(page *worksPage, users float64, people int64) template.HTML {
	w := p.Words
	var said []string
	if people > 0 {
		said = append(said, fmt.Sprintf("<strong>%s</strong> of %s people used the CRM on three of five days last week.", w.Digits(fmt.Sprint(int64(math.Round(users)))), w.Digits(fmt.Sprint(people))))
	} else {
		said = append(said, "No team has five people with a full week: whether the programme is used can't be told without telling on somebody.")
	}
	told := 0
	for _, c := range page.Coaching {
		if c.Verdict == "better" || c.Verdict == "worse" {
			told++
		}
	}
	if n := len(page.Coaching); n > 0 {
		shows := w.count(told, "shows", "show")
		if told == 0 {
			shows = "none shows"
		}
		said = append(said, fmt.Sprintf("Of %s of coaching, %s an effect that can be told.", w.count(n, "topic", "topics"), shows))
	}
	if len(page.Pilots) == 0 {
		said = append(said, "No pilot was planned, so nothing here says that the programme itself is the cause.")
	}
	return template.HTML(strings.Join(said, " "))
}

// byTeam are the weeks of each team, in order.
func (l *led) byTeam() [][]teamWeek {
	var all [][]teamWeek
	for _, w := range l.adoption {
		if n := len(all); n == 0 || all[n-1][0].team != w.team {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], w)
	}
	return all
}

// weeksShown are a quarter.
const weeksShown = 13

func (p *press) adoptionLine(weeks []teamWeek) adoptionLine {
	last := weeks[len(weeks)-1]
	var points []chart.Point
	for _, w := range weeks[max(0, len(weeks)-weeksShown):] {
		points = append(points, chart.Point{Period: p.Words.ShortDay(w.week), Value: w.share.Of, Known: w.share.Known})
	}
	line := adoptionLine{Team: last.team, Share: p.Words.Percent(last.share.Of, 0), People: p.Words.Digits(fmt.Sprint(last.people)), Text: last.text}
	line.Course = chart.Spark(points, fmt.Sprintf("%s, %d weeks", last.team, len(points)))
	line.Bar = chart.Interval(last.low.Of, last.share.Of, last.high.Of, last.share.Of, 0, 1,
		fmt.Sprintf("%s: between %s and %s", last.team, p.Words.Percent(last.low.Of, 0), p.Words.Percent(last.high.Of, 0)))
	return line
}

// quiet counts people who have withdrawn, and says where a whole role has.
func (p *press) quiet(page *worksPage) {
	people := map[string]bool{}
	for _, w := range p.facts.led.warnings {
		switch {
		case w.isOfRole && w.isCurrent:
			page.Roles = append(page.Roles, w.text)
		case w.isCurrent:
			people[w.rep] = true
		}
	}
	page.Quiet = "Nobody has withdrawn for two weeks or more."
	if n := len(people); n > 0 {
		page.Quiet = p.Words.count(n, "person has", "people have") + " an early warning that goes on. Their managers' pages say who, and since when."
	}
}

// diagnosis shows the signs that can be told, and counts what they point to.
func (p *press) diagnosis(page *worksPage) {
	counts := map[string]int{}
	for _, s := range p.facts.led.signs {
		counts[s.PointsTo]++
		if s.PointsTo != "cannot be told" {
			page.Signs = append(page.Signs, s)
		}
	}
	w := p.Words
	page.Toward = fmt.Sprintf("%s to the system, %s to motivation, %s to neither", w.count(counts["system"], "sign points", "signs point"), w.Digits(fmt.Sprint(counts["motivation"])), w.Digits(fmt.Sprint(counts["neither"])))
	if n := counts["cannot be told"]; n > 0 {
		page.Toward += fmt.Sprintf("; of %s nothing can be told", w.Digits(fmt.Sprint(n)))
	}
	page.Toward += "."
}

// validity shows what can be told, and counts the rest.
func (p *press) validity(page *worksPage) {
	last := p.facts.lastOver().Name
	rest := 0
	finish := func() {
		if n := len(page.Validity); n > 0 && rest > 0 {
			page.Validity[n-1].Rest = "Of " + p.Words.count(rest, "other pair", "other pairs") + " nothing can be told."
		}
		rest = 0
	}
	for i, v := range p.facts.led.validity {
		if i == 0 || p.facts.led.validity[i-1].role != v.role {
			finish()
			page.Validity = append(page.Validity, validRole{Title: p.titleOf(last, v.role)})
		}
		if v.verdict != "goes with it" && v.verdict != "goes against it" {
			rest++
			continue
		}
		line := fairLine{Name: Label(v.metric) + " and " + strings.ToLower(Label(v.outcome)), Text: v.text, Verdict: v.verdict, IsLook: v.verdict == "goes against it", Value: p.Words.Number(v.spearman.Of, 2)}
		line.Bar = chart.Interval(v.low.Of, v.spearman.Of, v.high.Of, 0, -1, 1, line.Name+": between "+p.Words.Number(v.low.Of, 2)+" and "+p.Words.Number(v.high.Of, 2))
		view := &page.Validity[len(page.Validity)-1]
		view.Lines = append(view.Lines, line)
	}
	finish()
	page.Validity = slices.DeleteFunc(page.Validity, func(r validRole) bool { return len(r.Lines) == 0 && r.Rest == "" })
}

// effectLine is a change and its interval beside none.
func (p *press) effectLine(name, metric string, change, low, high Maybe) effectLine {
	line := effectLine{Name: name, Metric: Label(metric)}
	if !change.Known {
		return line
	}
	line.Change = p.Words.Signed(change.Of, 3)
	if low.Known && high.Known {
		most := math.Max(math.Abs(low.Of), math.Abs(high.Of)) * 1.1
		line.Bar = chart.Interval(low.Of, change.Of, high.Of, 0, -most, most,
			fmt.Sprintf("%s: %s, between %s and %s", name, line.Change, p.Words.Signed(low.Of, 3), p.Words.Signed(high.Of, 3)))
	}
	return line
}

func (p *press) pilotViews(page *worksPage) {
	for _, one := range p.facts.led.pilots {
		if n := len(page.Pilots); n == 0 || page.Pilots[n-1].Name != one.name {
			when := p.Words.Day(one.starts) + " to " + p.Words.Day(one.ends)
			if one.isRunning {
				when += ", not over"
			}
			page.Pilots = append(page.Pilots, pilotView{Name: one.name, When: when})
		}
		line := p.effectLine(Label(one.metric), one.metric, one.did, one.low, one.high)
		line.Verdict, line.Why = one.verdict, one.text
		view := &page.Pilots[len(page.Pilots)-1]
		view.Metrics = append(view.Metrics, line)
	}
}

// A fairnessPage says, role by role, how evenly scores came out and whom they follow.
type fairnessPage struct {
	frame
	Period, Lead string
	Roles        []fairRole
}

type fairRole struct {
	Title    string
	Groups   []fairGroup
	Measures []fairLine
	Quota    []quotaLine
	Top      []string
	Untold   string
}

type fairGroup struct {
	Kind  string
	Lines []fairLine
}

type fairLine struct {
	Name, Value, Text, Verdict string
	IsLook                     bool
	Bar                        template.HTML
}

type quotaLine struct {
	Period, AtQuota, Said string
	Bar                   template.HTML
}

func (p *press) fairnessPage(about period) fairnessPage {
	page := fairnessPage{frame: p.programmeFrame("Is it fair?", "fairness.html"), Period: about.Name}
	looks, told := 0, 0
	for _, role := range p.rolesOf(about.Name) {
		view := fairRole{Title: p.titleOf(about.Name, role)}
		hidden := 0
		for _, m := range p.facts.led.fairness {
			if m.period != about.Name || m.role != role {
				continue
			}
			if !m.value.Known {
				hidden++
				continue
			}
			told++
			if m.verdict == "look" {
				looks++
			}
			view.add(p, m)
		}
		if hidden > 0 {
			view.Untold = p.Words.count(hidden, "figure is", "figures are") + " not told: it would be of fewer than five people, or would tell of them by a difference."
		}
		for _, t := range p.facts.led.persistence {
			if t.period == about.Name && t.role == role && t.verdict != "cannot be told" {
				view.Top = append(view.Top, Sentence(t.about)+": "+t.text)
			}
		}
		view.Quota = p.quotaLines(role, about.Name)
		page.Roles = append(page.Roles, view)
	}
	page.Lead = "No role has the five people that a figure takes."
	if told > 0 {
		page.Lead = fmt.Sprintf("%s of %s ask for a look.", p.Words.count(looks, "figure", "figures"), p.Words.Digits(fmt.Sprint(told)))
		if looks == 0 {
			page.Lead = fmt.Sprintf("None of %s asks for a look.", p.Words.count(told, "figure", "figures"))
		}
	}
	return page
}

// rolesOf are the roles that were scored in a period.
func (p *press) rolesOf(period string) (roles []string) {
	for _, m := range p.facts.led.fairness {
		if m.period == period && !slices.Contains(roles, m.role) {
			roles = append(roles, m.role)
		}
	}
	return roles
}

func (r *fairRole) add(p *press, m fairnessMeasure) {
	line := fairLine{Text: m.text, Verdict: m.verdict, IsLook: m.verdict == "look"}
	if m.kind != "role" {
		line.Name, line.Value = m.segment, p.Words.Percent(m.value.Of, 0)
		line.Bar = chart.Share(m.value.Of, 0, 1, m.segment+": "+line.Value)
		at := slices.IndexFunc(r.Groups, func(g fairGroup) bool { return g.Kind == m.kind })
		if at < 0 {
			at, r.Groups = len(r.Groups), append(r.Groups, fairGroup{Kind: m.kind})
		}
		r.Groups[at].Lines = append(r.Groups[at].Lines, line)
		return
	}
	line.Name, line.Value = cmp.Or(measureTitles[m.measure], Sentence(Label(m.measure))), p.Words.Number(m.value.Of, 2)
	if m.low.Known && m.high.Known {
		line.Bar = chart.Interval(m.low.Of, m.value.Of, m.high.Of, 0, -1, 1, line.Name+": between "+p.Words.Number(m.low.Of, 2)+" and "+p.Words.Number(m.high.Of, 2))
	} else {
		line.Bar = chart.Share(m.value.Of, 0, 1, line.Name+": "+line.Value)
	}
	r.Measures = append(r.Measures, line)
}

// measureTitles say what a measure of fairness asks.
var measureTitles = map[string]string{
	"score_evenness":            "How uneven scores are",
	"bonus_evenness":            "How uneven bonuses are",
	"new_arr_evenness":          "How uneven new ARR is",
	"top_3_share_of_bonus":      "The top three's share of bonuses",
	"top_3_share_of_new_arr":    "The top three's share of new ARR",
	"score_with_quarter_before": "Scores beside the quarter before",
	"score_with_territory":      "Scores beside territories",
}

// quotaLines show, quarter by quarter, where a quarter, half and three quarters of a role
// reached of their quota.
func (p *press) quotaLines(role, until string) (lines []quotaLine) {
	most := 1.5 // one scale for all quarters
	for _, q := range p.facts.led.quotas {
		if q.role == role {
			most = math.Max(most, q.higher.Of)
		}
	}
	for _, q := range p.facts.led.quotas {
		known := q.reps - q.unknown
		if q.role != role || q.period > until || known < fewestOnBoard || !q.median.Known {
			continue
		}
		line := quotaLine{Period: q.period, AtQuota: fmt.Sprintf("%d of %d", q.atQuota, known)}
		line.Said = fmt.Sprintf("half of them at %s or more, a quarter of them at %s at most", p.Words.Percent(q.median.Of, 0), p.Words.Percent(q.lower.Of, 0))
		line.Bar = chart.Interval(q.lower.Of, q.median.Of, q.higher.Of, 1, 0, most, q.period+": "+line.Said)
		lines = append(lines, line)
	}
	return lines[max(0, len(lines)-8):]
}
